"""The chat model over real HTTP: the ladder of formats, sending back, parameters, usage, many threads."""

import threading
from typing import Any

import pytest

from memoryos_mcp.domain.errors import AnalyzerFormatError, AnalyzerUnavailableError
from memoryos_mcp.generation.llm import ChatModel, Usage

from .cities import GOOD, KEY, City, ask
from .scripted_endpoint import (
    BEHAVIOURS,
    Asked,
    Outcome,
    ScriptedEndpoint,
    answers,
    fails,
    rejects,
    says,
)


def test_an_answer_comes_in_the_shape_asked_for(chat: ChatModel, cities: ScriptedEndpoint) -> None:
    """Ours: one call, with the schema closed as strict servers demand it."""
    assert ask(chat) == City(city="Oslo")

    (asked,) = cities.asked
    wanted = asked.payload["response_format"]["json_schema"]
    assert (wanted["name"], wanted["strict"]) == ("city", True)
    assert (wanted["schema"]["required"], wanted["schema"]["additionalProperties"]) == (["city"], False)
    assert asked.headers["authorization"] == f"Bearer {KEY}"
    assert (asked.payload["model"], asked.payload["temperature"], asked.payload["max_tokens"]) == ("scripted", 0, 2000)


def test_the_rung_that_worked_is_remembered(chat: ChatModel, cities: ScriptedEndpoint) -> None:
    """Ours: a server that refuses json_schema is asked for it once, not every time."""
    cities.default = lambda asked: rejects("json_schema")(asked) if asked.format == "json_schema" else GOOD(asked)

    ask(chat)
    ask(chat)

    assert [asked.format for asked in cities.asked] == ["json_schema", "json_object", "json_object"]
    assert '{"city": text}' in cities.asked[-1].payload["messages"][0]["content"]
    assert chat.usage.failures == 0


def test_a_server_without_any_format_is_asked_in_words(chat: ChatModel, cities: ScriptedEndpoint) -> None:
    """Ours: llama.cpp and others of old."""
    cities.default = lambda asked: fails(400)(asked) if asked.format else GOOD(asked)

    assert ask(chat).city == "Oslo"
    assert ask(chat).city == "Oslo"

    assert [asked.format for asked in cities.asked] == ["json_schema", "json_object", "", ""]


def test_a_format_that_is_taken_but_not_heeded_is_left(chat: ChatModel, cities: ScriptedEndpoint) -> None:
    """Ours: two questions are sent back, then the shape is told in words from the start."""

    def heedless(asked: Asked) -> Outcome:
        told = '{"city": text}' in str(asked.payload["messages"])
        return GOOD(asked) if told else Outcome("Oslo, of course.")

    cities.default = heedless

    assert [ask(chat).city for _ in range(3)] == ["Oslo"] * 3
    assert [asked.format for asked in cities.asked] == ["json_schema"] * 4 + ["json_object"]


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
    chat: ChatModel, cities: ScriptedEndpoint, text: str
) -> None:
    """Ours: as local and reasoning models write; one call is enough."""
    cities.default = says(text)

    assert ask(chat).city == "Oslo"
    assert cities.calls == 1


@pytest.mark.parametrize("bad", ["empty", "no_json", "wrong_shape", "truncated", "hostile"])
def test_a_bad_answer_is_sent_back_once_and_then_an_error(chat: ChatModel, cities: ScriptedEndpoint, bad: str) -> None:
    """Ours (invariant 3): a failure is an error, never a value."""
    cities.default = BEHAVIOURS[bad]

    with pytest.raises(AnalyzerFormatError) as caught:
        ask(chat)

    assert cities.calls == (1 if bad == "hostile" else 2)
    assert len(caught.value.answer) <= 2_000
    assert chat.usage.failures == 1


def test_what_was_wrong_is_told_when_an_answer_is_sent_back(chat: ChatModel, cities: ScriptedEndpoint) -> None:
    """Ours: the second answer counts."""
    cities.script(says('{"town": "Oslo"}'))

    assert ask(chat).city == "Oslo"

    _system, _user, said, back = cities.asked[1].payload["messages"]
    assert said == {"role": "assistant", "content": '{"town": "Oslo"}'}
    assert "city: Field required" in back["content"]
    assert '{"city": text}' in back["content"]


def test_a_cut_answer_is_not_mended_by_guessing(chat: ChatModel, cities: ScriptedEndpoint) -> None:
    """Ours: an object that happens to be whole in a cut text may still lack what was cut off."""
    cities.script(says('{"city": "Os"} {"cit', finish="length"))

    assert ask(chat).city == "Oslo"
    assert "cut off" in cities.asked[1].payload["messages"][-1]["content"]


def test_a_refusal_is_not_argued_with(chat: ChatModel, cities: ScriptedEndpoint) -> None:
    """Ours: one call, one error."""
    cities.default = BEHAVIOURS["refuses"]

    with pytest.raises(AnalyzerFormatError, match="refused"):
        ask(chat)
    assert cities.calls == 1


def test_content_in_parts_is_joined(chat: ChatModel, cities: ScriptedEndpoint) -> None:
    """Ours: some gateways send it so, and count no tokens."""
    parts = b'[{"type": "text", "text": "{\\"city\\":"}, {"type": "text", "text": " \\"Oslo\\"}"}]'
    cities.default = says("", body=b'{"choices": [{"message": {"content": ' + parts + b'}, "finish_reason": "stop"}]}')

    assert ask(chat).city == "Oslo"
    assert chat.usage.prompt_tokens == -(-len("You know cities.") // 4) + -(-len("Which?") // 4)


def test_parameters_that_a_model_does_not_take_are_left_out_from_then_on(
    chat: ChatModel, cities: ScriptedEndpoint
) -> None:
    """OpenAI's: reasoning models take no temperature, and another name for the limit."""

    def reasoning(asked: Asked) -> Outcome:
        for name in ("temperature", "max_tokens"):
            if name in asked.payload:
                return fails(400, param=name, code="unsupported_parameter")(asked)
        return GOOD(asked)

    cities.default = reasoning

    ask(chat)
    ask(chat)

    assert cities.calls == 4
    assert cities.asked[-1].payload["max_completion_tokens"] == 2_000


def test_a_prompt_that_is_too_long_is_not_tried_in_other_forms(chat: ChatModel, cities: ScriptedEndpoint) -> None:
    """OpenAI's code for it; no form of the request would help."""
    cities.default = fails(400, code="context_length_exceeded")

    with pytest.raises(AnalyzerUnavailableError, match="context_length_exceeded"):
        ask(chat)
    assert cities.calls == 1


def test_usage_is_the_servers_count(chat: ChatModel, cities: ScriptedEndpoint) -> None:
    """Ours: calls and tokens add up over questions."""
    ask(chat)
    ask(chat)

    assert chat.usage == Usage(2, cities.prompt_tokens, 8, 0)


def test_many_threads_may_ask_at_once(chat: ChatModel, cities: ScriptedEndpoint) -> None:
    """Ours: one client, one loop, every answer with its question."""
    cities.default = lambda asked: Outcome(str(asked.payload["messages"][-1]["content"]))
    found: dict[int, str] = {}

    def one(number: int) -> None:
        found[number] = chat.say([{"role": "user", "content": f"number {number}"}])

    threads = [threading.Thread(target=one, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(5)

    assert found == {number: f"number {number}" for number in range(20)}
    assert chat.usage.calls >= 20, "repeated requests count too: a loaded machine may drop a connection"


@pytest.mark.parametrize("bad", ["empty", "refuses", "hostile"])
def test_plain_words_are_checked_too(chat: ChatModel, cities: ScriptedEndpoint, bad: str) -> None:
    """Ours: an empty answer is no answer, thoughts are no words."""
    cities.default = BEHAVIOURS[bad]

    with pytest.raises(AnalyzerFormatError):
        chat.say([{"role": "user", "content": "Hi"}])
    assert chat.usage.failures == 1


def test_a_schema_can_be_checked_by_a_function(chat: ChatModel, cities: ScriptedEndpoint) -> None:
    """Ours: the answer is what the function returns; its ValueError is what is told to the model."""
    schema = {"type": "object", "properties": {"city": {"type": "string"}}}

    def check(answer: dict[str, Any]) -> str:
        if answer["city"] != "Bergen":
            raise ValueError("another city, please")
        return str(answer["city"]).upper()

    cities.script(GOOD, says('{"city": "Bergen"}'))

    assert chat.ask("", "Which?", schema, check=check) == "BERGEN"
    assert "another city, please" in cities.asked[1].payload["messages"][-1]["content"]
    assert chat.ask("", "Which?", schema) == {"city": "Oslo"}


def test_the_scripted_endpoint_streams_and_embeds(cities: ScriptedEndpoint) -> None:
    """Ours: through the official client, so that what it serves is what it claims to be."""
    import openai

    cities.default = answers
    with openai.OpenAI(api_key=KEY, base_url=cities.url, max_retries=0) as client:
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
    assert (len(rows[0].embedding), names, cities.embedded) == (64, ["scripted"], 1)
