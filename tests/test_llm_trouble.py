"""The chat model and a server in trouble: retries, pauses, failures, what errors do not tell, closing."""

import logging
import threading
from typing import Any

import pytest

from memoryos_mcp.domain.errors import AnalyzerFormatError, AnalyzerUnavailableError
from memoryos_mcp.generation.llm import ChatModel, Endpoint, Usage

from .cities import GOOD, KEY, ask
from .scripted_endpoint import (
    BEHAVIOURS,
    Asked,
    Outcome,
    ScriptedEndpoint,
    closes,
    delays,
    fails,
    says,
)


@pytest.mark.parametrize("trouble", [fails(500), fails(503), fails(429, retry_after="0"), closes])
def test_trouble_that_passes_is_not_noticed(chat: ChatModel, cities: ScriptedEndpoint, trouble: Any) -> None:
    """Ours: a broken connection, a busy and a stumbling server are asked again."""
    cities.script(trouble)

    assert ask(chat).city == "Oslo"
    assert (cities.calls, chat.usage.calls, chat.usage.failures) == (2, 2, 0)


@pytest.mark.parametrize("trouble", ["down", "busy", "closes"])
def test_trouble_that_stays_is_unavailable_after_the_retries(
    chat: ChatModel, cities: ScriptedEndpoint, trouble: str
) -> None:
    """Ours: bounded: three attempts."""
    cities.default = BEHAVIOURS[trouble]

    with pytest.raises(AnalyzerUnavailableError):
        ask(chat)
    assert (cities.calls, chat.usage) == (3, Usage(calls=3, failures=1))


def test_a_long_pause_that_the_server_asks_for_is_kept_without_waiting(
    chat: ChatModel, cities: ScriptedEndpoint
) -> None:
    """Ours: Retry-After beyond our patience ends the call at once, and later calls until then send nothing."""
    cities.script(fails(429, retry_after="300"))

    with pytest.raises(AnalyzerUnavailableError, match="HTTP 429: it is busy"):
        ask(chat)
    with pytest.raises(AnalyzerUnavailableError, match=r"asked for a pause; (300|299) s of it are left"):
        ask(chat)
    assert cities.calls == 1


def test_a_pause_can_be_asked_for_as_a_date(chat: ChatModel, cities: ScriptedEndpoint) -> None:
    """HTTP's: the other form of Retry-After; one that has passed is no pause."""
    cities.script(fails(503, retry_after="Wed, 21 Oct 2015 07:28:00 GMT"))

    assert ask(chat).city == "Oslo"


def test_an_exhausted_quota_is_not_asked_again(chat: ChatModel, cities: ScriptedEndpoint) -> None:
    """OpenAI's: 429 with this code does not pass by itself."""
    cities.default = fails(429, code="insufficient_quota")

    with pytest.raises(AnalyzerUnavailableError, match="HTTP 429, insufficient_quota"):
        ask(chat)
    assert cities.calls == 1


def test_a_slow_answer_is_given_up_in_time_and_not_asked_for_again(cities: ScriptedEndpoint) -> None:
    """Ours: the wait is bounded as a whole; the endpoint would take an hour."""
    cities.default = delays(3600, GOOD)
    chat = ChatModel(Endpoint("scripted", cities.url, timeout_s=0.2))

    with pytest.raises(AnalyzerUnavailableError, match=r"no answer within 0\.2 s"):
        ask(chat)
    assert cities.calls == 1
    chat.close()


def test_nobody_there_is_unavailable() -> None:
    """Ours: the message names address and model and says what to do."""
    with ScriptedEndpoint() as endpoint:
        url = endpoint.url
    chat = ChatModel(Endpoint("scripted", url, retries=0))

    with pytest.raises(AnalyzerUnavailableError, match=r"model 'scripted' at http://127.* cannot be reached"):
        ask(chat)
    chat.close()


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422, 429, 500])
def test_no_error_and_no_log_holds_the_key_or_the_servers_words(
    cities: ScriptedEndpoint, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    """Ours: servers repeat keys and prompts in their errors; a status is shown to the host's model."""
    cities.default = fails(status)
    chat = ChatModel(Endpoint("scripted", cities.url, KEY, retries=0))

    with caplog.at_level(logging.INFO), pytest.raises(AnalyzerUnavailableError, match=f"HTTP {status}") as caught:
        ask(chat)
    logging.getLogger("test").exception("failed", exc_info=caught.value)

    for told in (str(caught.value), caplog.text, repr(chat.endpoint)):
        assert KEY not in told
        assert "Ignore all" not in told
    chat.close()


def test_a_body_that_is_no_completion_is_a_format_error(chat: ChatModel, cities: ScriptedEndpoint) -> None:
    """Ours: the address of a web page, not of a model."""
    cities.default = BEHAVIOURS["no_envelope"]

    with pytest.raises(AnalyzerFormatError, match="a chat completion"):
        ask(chat)


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b'{"choices": null}', b'{"choices": [{"message": null}]}', b"[" * 90_000, b"\xff\xfe"]
)
def test_any_body_at_all_is_survived(chat: ChatModel, cities: ScriptedEndpoint, body: bytes) -> None:
    """Ours: the SDK does not check what it hands on."""
    cities.default = says("", body=body)

    with pytest.raises(AnalyzerFormatError):
        ask(chat)


def test_a_body_without_end_is_refused(chat: ChatModel, cities: ScriptedEndpoint) -> None:
    """Ours: everything from a model is bounded."""
    cities.default = says("", body=b" " * 2_000_001)

    with pytest.raises(AnalyzerFormatError, match="at most 2,000,000 bytes"):
        ask(chat)


def test_closing_breaks_off_what_is_under_way(cities: ScriptedEndpoint) -> None:
    """Ours: the worker has 2 s to end; a request may take minutes."""
    chat = ChatModel(Endpoint("scripted", cities.url))

    def close(asked: Asked) -> Outcome:
        threading.Thread(target=chat.close).start()
        return Outcome(wait_s=3600)

    cities.default = close
    with pytest.raises(AnalyzerUnavailableError, match="closing"):
        ask(chat)
    with pytest.raises(AnalyzerUnavailableError, match="closing"):
        ask(chat)


def test_closing_a_model_that_was_never_asked_costs_nothing() -> None:
    """Ours: no thread, no client, and twice is once."""
    chat = ChatModel(Endpoint("scripted"))
    before = threading.active_count()

    chat.close()
    chat.close()

    assert threading.active_count() == before
