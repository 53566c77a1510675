"""The chat model over real HTTP: the ladder, sending back, retries, failures, what they cost, what they do not tell."""

import logging
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import BaseModel

from memoryos_mcp.domain.errors import AnalyzerFormatError, AnalyzerUnavailableError
from memoryos_mcp.generation.llm import ChatModel, Endpoint, Usage

from .scripted_endpoint import (
    BEHAVIOURS,
    Asked,
    Outcome,
    ScriptedEndpoint,
    answers,
    closes,
    delays,
    fails,
    rejects,
    says,
)

KEY = "sk-test-0123456789abcdef"


class City(BaseModel):
    """What is asked for in these tests."""

    city: str


GOOD = says('{"city": "Oslo"}')


@pytest.fixture
def served() -> Iterator[ScriptedEndpoint]:
    """Return an endpoint that knows a city."""
    with ScriptedEndpoint(GOOD) as endpoint:
        yield endpoint


@pytest.fixture
def model(served: ScriptedEndpoint) -> Iterator[ChatModel]:
    """Return a model there with little patience."""
    found = ChatModel(Endpoint("scripted", served.url, KEY, timeout_s=5, pause_s=0.01, patience_s=2))
    yield found
    found.close()


def ask(model: ChatModel) -> Any:
    """Ask for a city."""
    return model.ask("You know cities.", "Which?", City, name="city")


def test_an_answer_comes_in_the_shape_asked_for(model: ChatModel, served: ScriptedEndpoint) -> None:
    """Ours: one call, with the schema closed as strict servers demand it."""
    assert ask(model) == City(city="Oslo")

    (asked,) = served.asked
    wanted = asked.payload["response_format"]["json_schema"]
    assert (wanted["name"], wanted["strict"]) == ("city", True)
    assert (wanted["schema"]["required"], wanted["schema"]["additionalProperties"]) == (["city"], False)
    assert asked.headers["authorization"] == f"Bearer {KEY}"
    assert (asked.payload["model"], asked.payload["temperature"], asked.payload["max_tokens"]) == ("scripted", 0, 2000)


def test_the_rung_that_worked_is_remembered(model: ChatModel, served: ScriptedEndpoint) -> None:
    """Ours: a server that refuses json_schema is asked for it once, not every time."""
    served.default = lambda asked: rejects("json_schema")(asked) if asked.format == "json_schema" else GOOD(asked)

    ask(model)
    ask(model)

    assert [asked.format for asked in served.asked] == ["json_schema", "json_object", "json_object"]
    assert '{"city": text}' in served.asked[-1].payload["messages"][0]["content"]
    assert model.usage.failures == 0


def test_a_server_without_any_format_is_asked_in_words(model: ChatModel, served: ScriptedEndpoint) -> None:
    """Ours: llama.cpp and others of old."""
    served.default = lambda asked: fails(400)(asked) if asked.format else GOOD(asked)

    assert ask(model).city == "Oslo"
    assert ask(model).city == "Oslo"

    assert [asked.format for asked in served.asked] == ["json_schema", "json_object", "", ""]


def test_a_format_that_is_taken_but_not_heeded_is_left(model: ChatModel, served: ScriptedEndpoint) -> None:
    """Ours: two questions are sent back, then the shape is told in words from the start."""

    def heedless(asked: Asked) -> Outcome:
        told = '{"city": text}' in str(asked.payload["messages"])
        return GOOD(asked) if told else Outcome("Oslo, of course.")

    served.default = heedless

    assert [ask(model).city for _ in range(3)] == ["Oslo"] * 3
    assert [asked.format for asked in served.asked] == ["json_schema"] * 4 + ["json_object"]


@pytest.mark.parametrize(
    "text",
    [
        '```json\n{"city": "Oslo"}\n```',
        '<think>{"city": "Bergen"}? No.</think>{"city": "Oslo"}',
        'they want {a city}</think>\n\n{"city": "Oslo"}',
        'Here you are: {"city": "Oslo"} - anything else?',
    ],
)
def test_fences_thoughts_and_words_around_the_answer_come_off(
    model: ChatModel, served: ScriptedEndpoint, text: str
) -> None:
    """Ours: as local and reasoning models write; one call is enough."""
    served.default = says(text)

    assert ask(model).city == "Oslo"
    assert served.calls == 1


@pytest.mark.parametrize("bad", ["empty", "no_json", "wrong_shape", "truncated", "hostile"])
def test_a_bad_answer_is_sent_back_once_and_then_an_error(model: ChatModel, served: ScriptedEndpoint, bad: str) -> None:
    """Ours (invariant 3): a failure is an error, never a value."""
    served.default = BEHAVIOURS[bad]

    with pytest.raises(AnalyzerFormatError) as caught:
        ask(model)

    assert served.calls == (1 if bad == "hostile" else 2)
    assert len(caught.value.answer) <= 2_000
    assert model.usage.failures == 1


def test_what_was_wrong_is_told_when_an_answer_is_sent_back(model: ChatModel, served: ScriptedEndpoint) -> None:
    """Ours: the second answer counts."""
    served.script(says('{"town": "Oslo"}'))

    assert ask(model).city == "Oslo"

    _system, _user, said, back = served.asked[1].payload["messages"]
    assert said == {"role": "assistant", "content": '{"town": "Oslo"}'}
    assert "city: Field required" in back["content"]
    assert '{"city": text}' in back["content"]


def test_a_cut_answer_is_not_mended_by_guessing(model: ChatModel, served: ScriptedEndpoint) -> None:
    """Ours: an object that happens to be whole in a cut text may still lack what was cut off."""
    served.script(says('{"city": "Os"} {"cit', finish="length"))

    assert ask(model).city == "Oslo"
    assert "cut off" in served.asked[1].payload["messages"][-1]["content"]


def test_a_refusal_is_not_argued_with(model: ChatModel, served: ScriptedEndpoint) -> None:
    """Ours: one call, one error."""
    served.default = BEHAVIOURS["refuses"]

    with pytest.raises(AnalyzerFormatError, match="refused"):
        ask(model)
    assert served.calls == 1


@pytest.mark.parametrize("trouble", [fails(500), fails(503), fails(429, retry_after="0"), closes])
def test_trouble_that_passes_is_not_noticed(model: ChatModel, served: ScriptedEndpoint, trouble: Any) -> None:
    """Ours: a broken connection, a busy and a stumbling server are asked again."""
    served.script(trouble)

    assert ask(model).city == "Oslo"
    assert (served.calls, model.usage.calls, model.usage.failures) == (2, 2, 0)


@pytest.mark.parametrize("trouble", ["down", "busy", "closes"])
def test_trouble_that_stays_is_unavailable_after_the_retries(
    model: ChatModel, served: ScriptedEndpoint, trouble: str
) -> None:
    """Ours: bounded: three attempts."""
    served.default = BEHAVIOURS[trouble]

    with pytest.raises(AnalyzerUnavailableError):
        ask(model)
    assert (served.calls, model.usage) == (3, Usage(calls=3, failures=1))


def test_a_long_pause_that_the_server_asks_for_is_kept_without_waiting(
    model: ChatModel, served: ScriptedEndpoint
) -> None:
    """Ours: Retry-After beyond our patience ends the call at once, and later calls until then send nothing."""
    served.script(fails(429, retry_after="300"))

    with pytest.raises(AnalyzerUnavailableError, match="HTTP 429: it is busy"):
        ask(model)
    with pytest.raises(AnalyzerUnavailableError, match=r"asked for a pause; (300|299) s of it are left"):
        ask(model)
    assert served.calls == 1


def test_a_pause_can_be_asked_for_as_a_date(model: ChatModel, served: ScriptedEndpoint) -> None:
    """HTTP's: the other form of Retry-After; one that has passed is no pause."""
    served.script(fails(503, retry_after="Wed, 21 Oct 2015 07:28:00 GMT"))

    assert ask(model).city == "Oslo"


def test_an_exhausted_quota_is_not_asked_again(model: ChatModel, served: ScriptedEndpoint) -> None:
    """OpenAI's: 429 with this code does not pass by itself."""
    served.default = fails(429, code="insufficient_quota")

    with pytest.raises(AnalyzerUnavailableError, match="HTTP 429, insufficient_quota"):
        ask(model)
    assert served.calls == 1


def test_a_slow_answer_is_given_up_in_time_and_not_asked_for_again(served: ScriptedEndpoint) -> None:
    """Ours: the wait is bounded as a whole; the endpoint would take an hour."""
    served.default = delays(3600, GOOD)
    model = ChatModel(Endpoint("scripted", served.url, timeout_s=0.2))

    with pytest.raises(AnalyzerUnavailableError, match=r"no answer within 0\.2 s"):
        ask(model)
    assert served.calls == 1
    model.close()


def test_nobody_there_is_unavailable() -> None:
    """Ours: the message names address and model and says what to do."""
    with ScriptedEndpoint() as endpoint:
        url = endpoint.url
    model = ChatModel(Endpoint("scripted", url, retries=0))

    with pytest.raises(AnalyzerUnavailableError, match=r"model 'scripted' at http://127.* cannot be reached"):
        ask(model)
    model.close()


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422, 429, 500])
def test_no_error_and_no_log_holds_the_key_or_the_servers_words(
    served: ScriptedEndpoint, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    """Ours: servers repeat keys and prompts in their errors; a status is shown to the host's model."""
    served.default = fails(status)
    model = ChatModel(Endpoint("scripted", served.url, KEY, retries=0))

    with caplog.at_level(logging.INFO), pytest.raises(AnalyzerUnavailableError, match=f"HTTP {status}") as caught:
        ask(model)
    logging.getLogger("test").exception("failed", exc_info=caught.value)

    for told in (str(caught.value), caplog.text, repr(model.endpoint)):
        assert KEY not in told
        assert "Ignore all" not in told
    model.close()


def test_a_body_that_is_no_completion_is_a_format_error(model: ChatModel, served: ScriptedEndpoint) -> None:
    """Ours: the address of a web page, not of a model."""
    served.default = BEHAVIOURS["no_envelope"]

    with pytest.raises(AnalyzerFormatError, match="a chat completion"):
        ask(model)


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b'{"choices": null}', b'{"choices": [{"message": null}]}', b"[" * 90_000, b"\xff\xfe"]
)
def test_any_body_at_all_is_survived(model: ChatModel, served: ScriptedEndpoint, body: bytes) -> None:
    """Ours: the SDK does not check what it hands on."""
    served.default = says("", body=body)

    with pytest.raises(AnalyzerFormatError):
        ask(model)


def test_a_body_without_end_is_refused(model: ChatModel, served: ScriptedEndpoint) -> None:
    """Ours: everything from a model is bounded."""
    served.default = says("", body=b" " * 2_000_001)

    with pytest.raises(AnalyzerFormatError, match="at most 2,000,000 bytes"):
        ask(model)


def test_content_in_parts_is_joined(model: ChatModel, served: ScriptedEndpoint) -> None:
    """Ours: some gateways send it so, and count no tokens."""
    parts = b'[{"type": "text", "text": "{\\"city\\":"}, {"type": "text", "text": " \\"Oslo\\"}"}]'
    served.default = says("", body=b'{"choices": [{"message": {"content": ' + parts + b'}, "finish_reason": "stop"}]}')

    assert ask(model).city == "Oslo"
    assert model.usage.prompt_tokens == -(-len("You know cities.") // 4) + -(-len("Which?") // 4)


def test_parameters_that_a_model_does_not_take_are_left_out_from_then_on(
    model: ChatModel, served: ScriptedEndpoint
) -> None:
    """OpenAI's: reasoning models take no temperature, and another name for the limit."""

    def reasoning(asked: Asked) -> Outcome:
        for name in ("temperature", "max_tokens"):
            if name in asked.payload:
                return fails(400, param=name, code="unsupported_parameter")(asked)
        return GOOD(asked)

    served.default = reasoning

    ask(model)
    ask(model)

    assert served.calls == 4
    assert served.asked[-1].payload["max_completion_tokens"] == 2_000


def test_a_prompt_that_is_too_long_is_not_tried_in_other_forms(model: ChatModel, served: ScriptedEndpoint) -> None:
    """OpenAI's code for it; no form of the request would help."""
    served.default = fails(400, code="context_length_exceeded")

    with pytest.raises(AnalyzerUnavailableError, match="context_length_exceeded"):
        ask(model)
    assert served.calls == 1


def test_usage_is_the_servers_count(model: ChatModel, served: ScriptedEndpoint) -> None:
    """Ours: calls and tokens add up over questions."""
    ask(model)
    ask(model)

    assert model.usage == Usage(2, served.prompt_tokens, 8, 0)


def test_closing_breaks_off_what_is_under_way(served: ScriptedEndpoint) -> None:
    """Ours: the worker has 2 s to end; a request may take minutes."""
    model = ChatModel(Endpoint("scripted", served.url))

    def close(asked: Asked) -> Outcome:
        threading.Thread(target=model.close).start()
        return Outcome(wait_s=3600)

    served.default = close
    with pytest.raises(AnalyzerUnavailableError, match="closing"):
        ask(model)
    with pytest.raises(AnalyzerUnavailableError, match="closing"):
        ask(model)


def test_closing_a_model_that_was_never_asked_costs_nothing() -> None:
    """Ours: no thread, no client, and twice is once."""
    model = ChatModel(Endpoint("scripted"))
    before = threading.active_count()

    model.close()
    model.close()

    assert threading.active_count() == before


def test_many_threads_may_ask_at_once(model: ChatModel, served: ScriptedEndpoint) -> None:
    """Ours: one client, one loop, every answer with its question."""
    served.default = lambda asked: Outcome(str(asked.payload["messages"][-1]["content"]))
    found: dict[int, str] = {}

    def one(number: int) -> None:
        found[number] = model.say([{"role": "user", "content": f"number {number}"}])

    threads = [threading.Thread(target=one, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(5)

    assert found == {number: f"number {number}" for number in range(20)}
    assert model.usage.calls >= 20, "repeated requests count too: a loaded machine may drop a connection"


@pytest.mark.parametrize("bad", ["empty", "refuses", "hostile"])
def test_plain_words_are_checked_too(model: ChatModel, served: ScriptedEndpoint, bad: str) -> None:
    """Ours: an empty answer is no answer, thoughts are no words."""
    served.default = BEHAVIOURS[bad]

    with pytest.raises(AnalyzerFormatError):
        model.say([{"role": "user", "content": "Hi"}])
    assert model.usage.failures == 1


def test_a_schema_can_be_checked_by_a_function(model: ChatModel, served: ScriptedEndpoint) -> None:
    """Ours: the answer is what the function returns; its ValueError is what is told to the model."""
    schema = {"type": "object", "properties": {"city": {"type": "string"}}}

    def check(answer: dict[str, Any]) -> str:
        if answer["city"] != "Bergen":
            raise ValueError("another city, please")
        return str(answer["city"]).upper()

    served.script(GOOD, says('{"city": "Bergen"}'))

    assert model.ask("", "Which?", schema, check=check) == "BERGEN"
    assert "another city, please" in served.asked[1].payload["messages"][-1]["content"]
    assert model.ask("", "Which?", schema) == {"city": "Oslo"}


def test_the_scripted_endpoint_streams_and_embeds(served: ScriptedEndpoint) -> None:
    """Ours: through the official client, so that what it serves is what it claims to be."""
    import openai

    served.default = answers
    with openai.OpenAI(api_key=KEY, base_url=served.url, max_retries=0) as client:
        chunks = client.chat.completions.create(
            model="scripted",
            messages=[{"role": "user", "content": "It rains in Bergen.\nWhere does it rain?"}],
            stream=True,
        )
        said = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
        rows = client.embeddings.create(model="scripted", input=["rain", "rain", "sun"]).data
        names = [each.id for each in client.models.list()]

    assert said == "It rains in Bergen."
    assert rows[0].embedding == rows[1].embedding != rows[2].embedding
    assert (len(rows[0].embedding), names, served.embedded) == (64, ["scripted"], 1)
