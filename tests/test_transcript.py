"""Transcripts of Claude Code: whose words are whose, however a session went."""

import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from memoryos_mcp.transfer.lines_backwards import lines_backwards
from memoryos_mcp.transfer.transcript import exchanges, last_exchange, session_start

from .transcripts import SESSION, STORED, called, said, transcript


def test_a_transcript_gives_the_words_of_person_and_model_alone() -> None:
    """Ours: tool calls, their results, thinking, subagents and the host's notes are nobody's words."""
    found = list(exchanges(SESSION))

    assert [(item.user_input, item.agent_response) for item in found] == [
        ("Our parrot Zebedee lives in the greenhouse.", "Noted: Zebedee is in the greenhouse."),
        ("How do I water the ferns?", "With rain water, twice a week."),
    ]
    assert found[1].prompt_id == "u2"
    assert not found[1].stored


def test_the_end_of_a_transcript_is_read_though_it_is_half_written(tmp_path: Path) -> None:
    """Ours: the host writes while the hook reads; a session that was compacted has no beginning any more."""
    path = transcript(tmp_path, SESSION, '{"type": "assist')
    found = last_exchange(path)

    assert found is not None
    assert found.agent_response == "With rain water, twice a week."
    assert session_start(path) == "2026-03-01T10:00:00.000Z"
    path.write_text('{"timestamp":"2026-03-01T10:00:00Z"}\n{"isCompactSummary":true}\n', encoding="utf-8")
    assert session_start(path) is None


@pytest.mark.parametrize(
    ("given", "failed"), [(STORED, True), ({"name": "ferns", "episode_body": "About ferns"}, False)]
)
def test_a_call_that_failed_or_went_to_another_memory_stored_nothing_here(given: dict[str, Any], failed: bool) -> None:
    """Regression: a person who refused the model's call, or has another server with such a tool, lost the exchange."""
    assert not list(exchanges([*SESSION, *called(given, failed=failed)]))[-1].stored
    assert list(exchanges([*SESSION, *called(STORED)]))[-1].stored


def test_what_a_command_of_the_host_brings_is_no_answer_to_the_prompt_before(tmp_path: Path) -> None:
    """Regression: a slash command's or a finished task's words replaced the answer of the last exchange."""
    for begun in (
        "<command-message>review</command-message><command-name>/review</command-name>",
        "<task-notification>",
    ):
        lines = [*SESSION[:3], said("user", begun), said("assistant", "Three remarks on your change.")]

        assert last_exchange(transcript(tmp_path, lines)) is None
        assert [item.agent_response for item in exchanges(lines)] == ["Noted: Zebedee is in the greenhouse."]


def test_what_an_editor_puts_before_a_prompt_is_not_the_persons_words() -> None:
    """Regression: the file that is open stood in the prompt that was stored, or hid it."""
    for before in (
        "<ide_opened_file>The user opened a.py</ide_opened_file>",
        "<system-reminder>Be brief.</system-reminder>",
    ):
        (found,) = exchanges([said("user", before, "Which parrot?", uuid="u"), said("assistant", "Zebedee.")])

        assert (found.user_input, found.agent_response) == ("Which parrot?", "Zebedee.")


def test_a_long_turn_is_read_from_its_prompt(tmp_path: Path) -> None:
    """Regression: an agent reads megabytes of files between the question and its answer."""
    read = {"type": "tool_result", "tool_use_id": "t", "content": "x" * 100_000}
    lines = [*SESSION[:2], *[said("user", read)] * 60, said("assistant", "Noted.")]
    path = transcript(tmp_path, lines)
    found = last_exchange(path)

    assert path.stat().st_size > 5_000_000
    assert found is not None
    assert (found.user_input, found.agent_response) == ("Our parrot Zebedee lives in the greenhouse.", "Noted.")


def test_a_transcript_of_any_size_is_read_from_its_end_and_little_of_it_is_kept(tmp_path: Path) -> None:
    """Field report: of a session of 400 MB nothing was stored. Bytes are counted here, not seconds."""
    read = said("user", {"type": "tool_result", "tool_use_id": "t", "content": "x" * 2_000_000})
    use = said("assistant", {"type": "tool_use", "id": "t", "name": "Read", "input": {"file_path": "y" * 10_000}})
    early = [said("user", f"Question {at}?", uuid=str(at)) for at in range(2_000)]
    path = transcript(tmp_path, [*early, *SESSION[:2], *[use, read] * 20, said("assistant", "It is red.")])
    tracemalloc.start()
    found = last_exchange(path)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert found is not None
    assert (found.user_input, found.agent_response) == ("Our parrot Zebedee lives in the greenhouse.", "It is red.")
    assert path.stat().st_size > 40_000_000
    assert most < 20_000_000


def test_the_end_reads_as_the_whole_does(tmp_path: Path) -> None:
    """Ours: whatever a session ends with, reading it backwards gives what reading all of it gives."""
    ends: list[list[dict[str, Any]]] = [
        [],
        called(STORED),
        [*called(STORED), said("assistant", "Stored.")],
        called(STORED, failed=True),
        [said("assistant", "Let me see."), said("assistant", {"type": "tool_use", "id": "r", "name": "Read"})],
        [said("assistant", "One."), said("assistant", "Two.")],
        [said("user", "And the moss?", uuid="u3")],
        [said("user", "And the moss?", uuid="u3"), *called(STORED), said("assistant", "Dry.")],
        [
            said("assistant", {"type": "tool_use", "id": "r", "name": "Read"}),
            said("assistant", "No response requested."),
        ],
        [said("assistant", {"type": "tool_use", "id": "r", "name": "Read"}), queued("And the moss?")],
    ]
    for end in ends:
        lines = [*SESSION, *end]
        assert last_exchange(transcript(tmp_path, lines)) == list(exchanges(lines))[-1], end


@pytest.mark.parametrize("block", [1, 3, 7, 1000])
def test_lines_come_backwards_whatever_the_block(tmp_path: Path, block: int) -> None:
    """Ours: blocks end anywhere, in a line, at its end, or within a character of several bytes."""
    path = tmp_path / "lines"
    path.write_bytes("\none\n\nzw\u00f6lf\nthe last".encode())
    assert list(lines_backwards(path, block)) == [b"the last", "zw\u00f6lf".encode(), b"", b"one", b""]
    assert [len(line) for line in lines_backwards(path, block, longest=5)] == [0, 3, 0]
    path.write_bytes(b"")
    assert list(lines_backwards(path, block)) == []


def test_a_call_that_stores_the_exchange_before_is_not_taken_for_this_one(tmp_path: Path) -> None:
    """Field report: a model that stored the last exchange at the start of a turn kept this one from being stored."""
    earlier = {"user_input": "Our parrot Zebedee lives in the greenhouse.", "agent_response": "Noted."}
    lines = [*SESSION[:6], *called(earlier), said("assistant", "With rain water.")]
    found = last_exchange(transcript(tmp_path, lines))

    assert found is not None
    assert (found.user_input, found.stored) == ("How do I water the ferns?", False)


def test_a_mark_of_compaction_is_found_across_blocks(tmp_path: Path) -> None:
    """Ours: the file is read a block at a time."""
    path = tmp_path / "session.jsonl"
    start = json.dumps({"timestamp": "2026-03-01T10:00:00Z"}) + "\n"
    for before in (0, 999_990, 1_000_000):
        path.write_text(f"{start}{'x' * (before - len(start))}\n{json.dumps({'isCompactSummary': True})}\n")
        assert session_start(path) is None


ASKED = said("user", "Which fern is the tall one?", uuid="p1", timestamp="2026-03-02T08:00:00Z")
ANSWERED = said("assistant", "The tree fern.")
USES = said("assistant", "Let me look.", {"type": "tool_use", "id": "r", "name": "Read", "input": {}})
RESULT = {"type": "tool_result", "tool_use_id": "r", "content": [{"type": "text", "text": "ferns.md"}]}
REFUSAL = (
    "The user doesn't want to proceed with this tool use. The tool use was rejected. "
    "To tell you how to proceed, the user said:\nRead the other file."
)
COMMAND = "<command-message>review</command-message>\n<command-name>/review</command-name>"


def queued(prompt: Any, mode: str = "prompt") -> dict[str, Any]:
    """Return the line of a prompt that came while the model worked."""
    told = {"type": "queued_command", "prompt": prompt, "commandMode": mode}
    return {"type": "attachment", "attachment": told, "uuid": "q", "timestamp": "2026-03-02T08:01:00Z"}


def both(tmp_path: Path, lines: list[dict[str, Any]], *, ends_typed: bool = True) -> list[tuple[str, str]]:
    """Return the exchanges of a session, whose last turn the hook reads likewise, if anybody typed in it."""
    found = list(exchanges(lines))
    last = last_exchange(transcript(tmp_path, lines))
    assert last == (found[-1] if ends_typed else None)
    return [(each.user_input, each.agent_response) for each in found]


@pytest.mark.parametrize(
    ("line", "added"),
    [
        (queued("And is it hardy?"), "And is it hardy?"),
        (queued([{"type": "text", "text": "And is it hardy?"}]), "And is it hardy?"),
        (said("user", RESULT, "Only the ones in pots."), "Only the ones in pots."),
        (said("user", {**RESULT, "is_error": True, "content": REFUSAL}), "Read the other file."),
        (said("user", RESULT, "<system-reminder>Be brief.</system-reminder>"), ""),
        (said("user", RESULT), ""),
        (queued("<task-notification>done</task-notification>", "task-notification"), ""),
        (queued("<task-notification>done</task-notification>"), ""),
        (said("user", {**RESULT, "is_error": True, "content": "No such file."}), ""),
        ({"type": "attachment", "attachment": {"type": "skill_listing", "content": "review"}, "uuid": "s"}, ""),
    ],
)
def test_words_that_came_while_the_model_worked_belong_to_the_prompt(
    tmp_path: Path, line: dict[str, Any], added: str
) -> None:
    """Field report: queued prompts and text beside a tool's result were lost; what the host puts there is nobody's."""
    asked = "Which fern is the tall one?"

    assert both(tmp_path, [ASKED, USES, line, ANSWERED]) == [
        (f"{asked}\n\n{added}" if added else asked, "The tree fern.")
    ]


@pytest.mark.parametrize(
    ("begun", "typed"),
    [
        (f"{COMMAND}\n<command-args>the parser, not its tests</command-args>", "the parser, not its tests"),
        (f"<command-args>the parser</command-args>{COMMAND}", "the parser"),
        (f"{COMMAND}\n<command-args></command-args>", ""),
        (COMMAND, ""),
        ("[Request interrupted by user]", ""),
        ("Show me what <command-args> means in this log.", "Show me what <command-args> means in this log."),
    ],
)
def test_words_after_a_command_are_the_persons(tmp_path: Path, begun: str, typed: str) -> None:
    """Field report: what stood in `<command-args>` was lost."""
    lines = [ASKED, ANSWERED, said("user", begun, uuid="p2"), said("assistant", "Three remarks.")]

    assert both(tmp_path, lines, ends_typed=bool(typed)) == [
        ("Which fern is the tall one?", "The tree fern."),
        *([(typed, "Three remarks.")] if typed else []),
    ]


@pytest.mark.parametrize(
    "note",
    [
        said("user", "This session is being continued from a previous conversation. It was on ferns."),
        said("user", "A summary in words of its own.", isCompactSummary=True),
        said("user", "Caveat: The messages below were generated by the user while running local commands."),
        said("user", "<local-command-stdout>Compacted</local-command-stdout>"),
        said("user", "<system-reminder>The todo list is empty.</system-reminder>"),
    ],
)
def test_a_summary_within_a_turn_is_nobodys_words(tmp_path: Path, note: dict[str, Any]) -> None:
    """Field report: summaries were stored as the user's words; the model goes on with the prompt before them."""
    assert both(tmp_path, [ASKED, USES, note, ANSWERED]) == [("Which fern is the tall one?", "The tree fern.")]


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        (said("assistant", "No response requested."), ""),
        (said("assistant", "You've hit your session limit · resets 3pm (Europe/Oslo)"), ""),
        (said("assistant", "API Error: 529 overloaded, as no table of ours has it", isApiErrorMessage=True), ""),
        (
            said("assistant", "Your API answers 529 when it is overloaded."),
            "Your API answers 529 when it is overloaded.",
        ),
    ],
)
def test_what_stands_for_an_answer_is_none(tmp_path: Path, line: dict[str, Any], answer: str) -> None:
    """Field report: limits and failed requests were stored as answers."""
    assert both(tmp_path, [ASKED, line]) == [("Which fern is the tall one?", answer)]
    assert both(tmp_path, [ASKED, line, ANSWERED])[0][1].endswith("The tree fern.")


def test_a_queued_prompt_may_be_all_that_was_typed(tmp_path: Path) -> None:
    """Ours: after a turn that the host began, what was typed meanwhile is the prompt, with its own time."""
    lines = [said("user", "<task-notification>"), queued("Is it hardy?"), said("assistant", "To -5 degrees.")]

    assert both(tmp_path, lines) == [("Is it hardy?", "To -5 degrees.")]
    assert next(exchanges(lines)).timestamp == "2026-03-02T08:01:00Z"
