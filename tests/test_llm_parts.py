"""The parts of the chat model that need no server: endpoint, schemas, usage, reading."""

import contextlib
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from memoryos_mcp.domain.errors import ConfigError
from memoryos_mcp.domain.settings import load_settings
from memoryos_mcp.generation.llm import ChatModel, Endpoint, Usage, endpoint_of
from memoryos_mcp.generation.llm.reading import MAX_ANSWER_CHARS, UnusableAnswerError, plain_text, read_object
from memoryos_mcp.generation.llm.schemas import outline, schema_of
from memoryos_mcp.generation.llm.transport import Reply

from .scripted_endpoint import ScriptedEndpoint, says


class Inner(BaseModel):
    """A part."""

    level: Literal["high", "low"]
    sure: bool = True


class Outer(BaseModel):
    """A whole with parts."""

    parts: list[Inner]
    count: int | None


def reply(text: str, finish: str = "stop", refusal: str = "") -> Reply:
    """Return a reply."""
    return Reply(text, finish, refusal)


def test_an_endpoint_comes_from_the_settings_alone() -> None:
    """Ours: address, model and key; without an address OpenAI's own."""
    settings = load_settings(
        {"openai_base_url": "http://localhost:11434/v1", "llm_model": "qwen3", "openai_api_key": "k"}, environ={}
    )

    assert endpoint_of(settings) == Endpoint("qwen3", "http://localhost:11434/v1", "k")
    assert endpoint_of(load_settings(environ={})).shown == "https://api.openai.com/v1"


def test_a_local_server_needs_no_key() -> None:
    """FACTS: the SDK raises without one; a dummy goes along and nothing else."""
    endpoint = Endpoint("m", "http://localhost:1234/v1")

    assert (endpoint.key, endpoint.headers) == ("no-key", {})


def test_an_azure_address_is_an_address_like_any_other() -> None:
    """Azure's: the version goes along as it is, and the key in the header that Azure reads."""
    deployment = "/openai/deployments/mini?api-version=2024-10-21"
    with ScriptedEndpoint(says("Hello.")) as served:
        model = ChatModel(Endpoint("mini", served.url.replace("/v1", deployment), "k"))
        model.say([{"role": "user", "content": "Hi"}])
        model.close()

    (asked,) = served.asked
    assert asked.path == "/openai/deployments/mini/chat/completions?api-version=2024-10-21"
    assert asked.headers["api-key"] == "k"
    assert Endpoint("m", "https://x.openai.azure.com/openai/v1", "k").headers == {"api-key": "k"}
    assert Endpoint("m", "https://azure.com.example.org/v1", "k").headers == {}


def test_what_is_shown_of_an_address_holds_no_secret() -> None:
    """Ours: some put a password or a token into it."""
    endpoint = Endpoint("m", "https://anna:secret@example.org:8443/v1/?token=secret", "secret")

    assert endpoint.shown == "https://example.org:8443/v1"
    assert "secret" not in endpoint.shown


@pytest.mark.parametrize("bad", ["localhost:11434", "ftp://host/v1", "https://", "  "])
def test_an_address_that_is_none_is_refused_by_name(bad: str) -> None:
    """Ours: at start-up, not at the first question."""
    with pytest.raises(ConfigError, match="OPENAI_BASE_URL"):
        Endpoint("m", bad)


def test_a_pydantic_schema_is_closed_for_strict_servers() -> None:
    """OpenAI's: every property required, none beside them; no titles and defaults, which cost tokens."""
    schema = schema_of(Outer)

    assert schema["required"] == ["parts", "count"]
    assert schema["$defs"]["Inner"]["required"] == ["level", "sure"]
    assert schema["$defs"]["Inner"]["additionalProperties"] is False
    assert "title" not in str(schema)


def test_a_field_called_title_stays() -> None:
    """Ours: only the schema's own titles go."""
    schema = schema_of({"type": "object", "title": "T", "properties": {"title": {"type": "string", "title": "T"}}})

    assert schema["properties"] == {"title": {"type": "string"}}


def test_a_shape_fits_in_a_line() -> None:
    """Ours: what a server without schemas is told."""
    assert (
        outline(schema_of(Outer))
        == '{"parts": [{"level": "high"|"low", "sure": true|false}], "count": integer or null}'
    )


def test_usage_adds_up_and_survives_a_record() -> None:
    """Ours: totals are kept over restarts; an old or damaged record counts as nothing."""
    one = Usage(1, 20, 3, 0)

    assert one + one - one == one
    assert Usage.from_dict(one.as_dict()) == one
    assert Usage.from_dict({"calls": 2, "prompt_tokens": -5, "completion_tokens": "many"}) == Usage(2)
    assert Usage.from_dict({"calls": 10**30}) == Usage()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('{"a": {"b": [1]}}', {"a": {"b": [1]}}),
        ('{broken {"a": 1}', {"a": 1}),
        ('{"a": "}"} {"a": 2}', {"a": "}"}),
        ('<THINK>no end {"a": 2}', None),
        ("[1, 2]", None),
        ('"{"', None),
    ],
)
def test_the_first_object_that_can_be_read_is_the_answer(text: str, found: dict[str, object] | None) -> None:
    """Ours: whatever stands around it."""
    if found is None:
        with pytest.raises(UnusableAnswerError):
            read_object(reply(text))
    else:
        assert read_object(reply(text)) == found


@pytest.mark.parametrize(
    ("answer", "problem", "final"),
    [
        (reply("", refusal="No."), "refused", True),
        (reply("Some", "content_filter"), "refused", True),
        (reply("x" * (MAX_ANSWER_CHARS + 1)), "60,001 characters", True),
        (reply("<think>hm</think>"), "empty", False),
        (reply("<think>hm", "length"), "cut off", False),
    ],
)
def test_what_cannot_be_used_says_why_and_whether_asking_again_helps(answer: Reply, problem: str, final: bool) -> None:
    """Ours: a refusal and a flood are final."""
    with pytest.raises(UnusableAnswerError, match=problem) as caught:
        plain_text(answer)
    assert caught.value.final is final


@given(st.text(max_size=400))
def test_any_text_is_read_or_refused(text: str) -> None:
    """Ours: nothing else may happen, whatever a model writes."""
    with contextlib.suppress(UnusableAnswerError):
        read_object(reply(text))
