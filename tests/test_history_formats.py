"""Histories as hosts write them: each format's exchanges and facts with their dates, bad parts told."""

import gzip
import json
import os
import zipfile
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from memoryos_mcp.domain.errors import InputError
from memoryos_mcp.transfer.history import cursor, read_history

from .histories import JUNE, MAY, at, chatgpt, exchanges, facts, node, texts, written

TREE = {
    "root": {"id": "root", "parent": None, "message": None},
    **node("s", "root", "system", "You are helpful.", metadata={"is_visually_hidden_from_conversation": True}),
    **node("u1", "s", "user", "Where is Oslo?"),
    **node("old", "u1", "assistant", "No idea."),
    **node("tool", "u1", "assistant", 'search("Oslo")', recipient="browser"),
    **node("think", "tool", "assistant", {"content_type": "thoughts", "thoughts": []}),
    **node("a1", "think", "assistant", "In Norway."),
    **node(
        "u2", "a1", "user", {"content_type": "multimodal_text", "parts": [{"asset_pointer": "x"}, "And this?"]}, JUNE
    ),
    **node("a2", "u2", "assistant", "A fjord.", JUNE),
}


def line(role: str, content: object, when: str = MAY, **more: Any) -> dict[str, Any]:
    """Return a line of a Claude Code transcript."""
    line.count = getattr(line, "count", 0) + 1  # type: ignore[attr-defined]
    base = {"type": role, "uuid": f"u{line.count}", "sessionId": "s1", "cwd": "/home/anna/shop", "timestamp": when}  # type: ignore[attr-defined]
    return {**base, "message": {"role": role, "content": content}, **more}


def test_of_chatgpt_the_branch_shown_last_is_taken(tmp_path: Path) -> None:
    """Ours: retries, tools, thoughts, hidden messages and pictures are left out; the oldest comes first."""
    late = {**node("u", None, "user", "Later?", JUNE), **node("a", "u", "assistant", "Yes.", JUNE)}
    path = written(tmp_path, "export.json", [chatgpt("late", late, None), chatgpt("oslo", TREE, "a2")])

    found = exchanges(path)

    assert texts(found) == [("Where is Oslo?", "In Norway."), ("And this?", "A fjord."), ("Later?", "Yes.")]
    assert [item.said_at for item in found] == [at(MAY), at(JUNE), at(JUNE)]
    assert found[0].metadata == {"source": "chatgpt", "conversation": "oslo"}


def test_of_claude_text_blocks_of_the_last_branch_are_taken(tmp_path: Path) -> None:
    """Ours: thoughts and tools are left out, and messages that were edited away too."""
    messages = [
        {"uuid": "1", "sender": "human", "text": "Hi, frist", "created_at": MAY, "parent_message_uuid": "0"},
        {"uuid": "2", "sender": "human", "text": "Hi, first", "created_at": MAY, "parent_message_uuid": "0"},
        {
            "uuid": "3",
            "sender": "assistant",
            "text": "",
            "content": [{"type": "thinking", "thinking": "hm"}, {"type": "text", "text": "Hello!"}],
            "created_at": MAY,
            "parent_message_uuid": "2",
        },
    ]
    path = written(tmp_path, "x.json", [{"uuid": "c", "name": "Greeting", "chat_messages": messages}])

    found = exchanges(path)

    assert texts(found) == [("Hi, first", "Hello!")]
    assert found[0].metadata == {"source": "claude", "conversation": "Greeting"}


def test_of_claude_code_prompts_and_final_answers_are_taken(tmp_path: Path) -> None:
    """Ours: tool noise, sidechains and what the model stored itself are left out; the folder is the project."""
    said = {"user_input": "Remember that I use tabs", "agent_response": "Noted."}
    path = written(
        tmp_path,
        "s1.jsonl",
        {"type": "summary", "summary": "Tests", "leafUuid": "x"},
        line("user", "Fix the tests"),
        line("assistant", [{"type": "text", "text": "Looking."}, {"type": "tool_use", "name": "Bash", "input": {}}]),
        line("user", [{"type": "tool_result", "content": "ok"}]),
        line("user", "subagent", isSidechain=True),
        line("assistant", [{"type": "text", "text": "Fixed."}]),
        line("user", "Remember that I use tabs", JUNE),
        line("assistant", [{"type": "tool_use", "name": "mcp__memoryos__add_memory", "input": said}], JUNE),
        line("assistant", [{"type": "text", "text": "Noted."}], JUNE),
        lines=True,
    )

    with read_history(path) as history:
        found = list(history)

    assert [(*pair, item.project) for pair, item in zip(texts(found), found, strict=True)] == [
        ("Fix the tests", "Fixed.", "shop")
    ]
    assert history.summary.skipped == {"the model stored it itself": 1}
    assert history.summary.examples == {"the model stored it itself": ["s1.jsonl, line 7"]}


def test_of_cursor_transcripts_get_the_date_of_their_file_and_are_known_by_their_texts(tmp_path: Path) -> None:
    """Ours: Cursor dates nothing; subagents' transcripts are not the user's conversation."""
    folder = tmp_path / "agent-transcripts" / "1"
    (folder / "subagents").mkdir(parents=True)
    said = [
        {"role": "user", "message": {"content": [{"type": "text", "text": "<user_query>\nAdd a test\n</user_query>"}]}},
        {"role": "assistant", "message": {"content": [{"type": "text", "text": "Added."}, {"type": "tool_use"}]}},
    ]
    path = written(folder, "1.jsonl", *said, lines=True)
    written(folder / "subagents", "2.jsonl", *said, lines=True)
    os.utime(path, (at(MAY).timestamp(),) * 2)

    found = exchanges(tmp_path)

    assert texts(found) == [("Add a test", "Added.")]
    assert (found[0].said_at, found[0].dated) == (at(MAY), False)


def test_a_chat_exported_by_cursor_has_the_date_of_its_export(tmp_path: Path) -> None:
    """Ours: speakers stand on lines of their own, between rules."""
    path = tmp_path / "chat.md"
    head = "# A test\n_Exported on 5/1/2024 at 12:00:00 GMT+2 from Cursor (0.50.5)_\n\n---\n\n"
    path.write_text(
        f"{head}**User**\n\nAdd a test\n\n---\n\n**Cursor**\n\nAdded.\n\n```\nx\n```\n\n---\n", encoding="utf-8"
    )

    found = exchanges(path)

    assert texts(found) == [("Add a test", "Added.\n\n```\nx\n```")]
    assert (found[0].said_at, found[0].metadata) == (at(MAY), {"source": "cursor", "conversation": "A test"})


@pytest.mark.parametrize(
    ("exported", "said_at"),
    [
        ("5/1/2024 at 12:00:00 GMT+2", "2024-05-01T12:00:00+02:00"),
        ("3/4/2024 at 1:05:09 PM CDT", "2024-03-04T13:05:09-05:00"),
        ("3/4/2024 at 12:05:09 AM PST", "2024-03-04T00:05:09-08:00"),
        ("03/04/2024 at 13:05:09 CEST", "2024-04-03T13:05:09+02:00"),
        ("03/04/2024 at 13:05:09 BST", "2024-04-03T13:05:09+01:00"),
        ("03/04/2024 at 13:05:09 IST", "2024-04-03T13:05:09+05:30"),
        ("3.4.2024 at 13:05:09 MESZ", "2024-04-03T13:05:09+02:00"),
        ("25/12/2023 at 08:00:00 GMT", "2023-12-25T08:00:00+00:00"),
        ("12/25/2023 at 08:00:00 CET", "2023-12-25T08:00:00+01:00"),
        ("5/8/2024 at 08:00:00 GMT+5:30", "2024-05-08T08:00:00+05:30"),
        ("5/8/2024 at 08:00:00 UTC-03:00", "2024-05-08T08:00:00-03:00"),
        ("2024-05-08 at 08:00:00 EST", "2024-05-08T08:00:00-05:00"),
        ("12/11/2026 at 08:00:00 UTC", "2026-11-12T08:00:00+00:00"),
        ("12/11/2025 at 08:00:00 UTC", "2025-12-11T08:00:00+00:00"),
        ("11/10/2999 at 08:00:00 UTC", "2999-11-10T08:00:00+00:00"),
        ("5/8/2024 at 08:00:00 XYZT", "2024-05-08T08:00:00"),
        ("5/8/2024 at 08:00:00", "2024-05-08T08:00:00+00:00"),
        ("5/8/2024 at 1:00:00 PM", "2024-05-08T13:00:00+00:00"),
        ("5/8/2024, 08:00:00 GMT+99", None),
        ("31/31/2024 at 08:00:00 UTC", None),
        ("last Sunday at noon", None),
    ],
)
def test_an_export_of_cursor_is_dated_by_its_machines_way_of_writing(exported: str, said_at: str | None) -> None:
    """Field report: only zones that begin with GMT were read, and 3 April was taken for 4 March."""
    found = cursor._date(exported, datetime(2026, 11, 25, tzinfo=timezone.utc))

    assert (found and found.isoformat()) == said_at


def test_of_claude_code_a_rewound_prompt_is_replaced_by_the_one_after_it(tmp_path: Path) -> None:
    """Field report: both were kept. What only stands beside others, or follows on one line in turn, stays."""

    def chained(id_: str, parent: str | None, kind: str, content: Any, **more: Any) -> dict[str, Any]:
        return line(kind, content, uuid=id_, parentUuid=parent, **more)

    talk = [
        chained("u1", None, "user", "Where is Oslo?"),
        chained("a1", "u1", "assistant", [{"type": "text", "text": "In Norway."}]),
        chained("u2", "a1", "user", "And Bergne?"),
        chained("a2", "u2", "assistant", [{"type": "text", "text": "There is no Bergne."}]),
        chained("u3", "a2", "user", "I mean the town"),
        chained("a3", "u3", "assistant", [{"type": "text", "text": "I know no such town."}]),
        chained("u4", "a1", "user", "And Bergen?"),
        chained("a4", "u4", "assistant", [{"type": "tool_use", "id": "t", "name": "Read", "input": {}}]),
        chained("r1", "a4", "user", [{"type": "tool_result", "tool_use_id": "t", "content": "x"}]),
        chained("r2", "a4", "user", [{"type": "tool_result", "tool_use_id": "t", "content": "y"}]),
        chained("s1", "a4", "user", "a subagent's prompt", isSidechain=True),
        chained("s2", "a4", "user", "another subagent's prompt", isSidechain=True),
        chained("a5", "r2", "assistant", [{"type": "text", "text": "In the west."}]),
        chained("u5", None, "user", "What did we speak of?"),
        chained("a6", "u5", "assistant", [{"type": "text", "text": "Of towns."}]),
    ]
    path = written(tmp_path, "s1.jsonl", *talk, lines=True)

    with read_history(path) as history:
        found = texts(list(history))

    assert found == [
        ("Where is Oslo?", "In Norway."),
        ("And Bergen?", "In the west."),
        ("What did we speak of?", "Of towns."),
    ]
    assert history.summary.skipped == {"replaced by another prompt": 2}


def test_of_the_official_memory_server_observations_and_relations_are_facts(tmp_path: Path) -> None:
    """Ours: a fact names whom it is about."""
    path = written(
        tmp_path,
        "memory.json",
        {
            "type": "entity",
            "name": "Anna_Berg",
            "entityType": "person",
            "observations": ["Likes tea", "Anna Berg rows"],
        },
        {"type": "relation", "from": "Anna_Berg", "to": "Acme", "relationType": "works_at"},
        lines=True,
    )

    assert [text for text, _, _ in facts(path)] == ["Anna Berg: Likes tea", "Anna Berg rows", "Anna Berg works at Acme"]


def test_of_memoryos_pages_knowledge_and_profile_are_taken(tmp_path: Path) -> None:
    """Ours: a page that stands in two files is one; segments and vectors are made anew."""
    page = {"user_input": "I row", "agent_response": "Nice", "timestamp": "2024-05-01 10:00:00"}
    written(tmp_path, "short_term.json", [page])
    written(tmp_path, "mid_term.json", {"sessions": {"s": {"details": [page, {"user_input": "x"}]}}, "access": {}})
    known = [{"knowledge": "User rows", "timestamp": "2024-05-02 10:00:00", "knowledge_embedding": [0.5]}]
    profile = {"anna": {"data": "Openness: high", "last_updated": "2024-05-03 10:00:00"}}
    written(
        tmp_path,
        "long_term_user.json",
        {"user_profiles": profile, "knowledge_base": known, "assistant_knowledge": known},
    )

    with read_history(tmp_path) as history:
        assert {item.said_at for item in history} == {at(MAY)}

    assert history.summary.files == {"memoryos": 2, "plain": 1}
    assert history.summary.skipped == {"user_input or agent_response is missing": 1}
    assert facts(tmp_path) == [
        ("User rows", "user", "2024-05-02"),
        ("User rows", "assistant", "2024-05-02"),
        ("Profile: Openness: high", "user", "2024-05-03"),
    ]


@pytest.mark.parametrize("wrapped", ["array", "results", "memories", "lines"])
def test_of_mem0_and_openmemory_memories_are_facts(tmp_path: Path, wrapped: str) -> None:
    """Ours: whichever way they are wrapped; what was deleted there stays deleted."""
    memories = [
        {"id": "1", "memory": "Rows on Sundays", "created_at": "2024-05-01T03:00:00-07:00"},
        {"id": "2", "content": "Old", "created_at": 1714557600, "state": "deleted"},
    ]
    if wrapped == "lines":
        path = tmp_path / "memories.jsonl.gz"
        path.write_bytes(gzip.compress("\n".join(map(json.dumps, memories)).encode()))
    else:
        path = written(tmp_path, "m.json", memories if wrapped == "array" else {"user": "anna", wrapped: memories})

    assert facts(path) == [("Rows on Sundays", "user", "2024-05-01")]


def test_plain_messages_and_conversations_are_paired(tmp_path: Path) -> None:
    """Ours: messages one by one or as lists; a question without an answer is told."""
    talk = [
        {"role": "system", "content": "x"},
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": "Ho"},
    ]
    one = written(tmp_path, "a.jsonl", *({**message, "timestamp": MAY} for message in talk), lines=True)
    two = written(tmp_path, "b.json", [{"messages": [*talk, {"role": "user", "content": "?"}], "created_at": JUNE}])

    assert texts(exchanges(one)) == texts(exchanges(two)) == [("Hi", "Ho")]
    with read_history(two) as history:
        assert history.summary.skipped == {"question without an answer": 1}


def test_bad_parts_are_counted_with_their_place_and_the_rest_is_taken(tmp_path: Path) -> None:
    """Ours: broken lines, wrong shapes, blank or endless texts never end an import."""
    good = {"user_input": "a", "agent_response": "b", "timestamp": MAY}
    path = written(tmp_path, "x.jsonl", good, lines=True)
    bad = [b"{broken", b"\xff\xfe", b"[1]", b'"text"', json.dumps({**good, "agent_response": " "}).encode()]
    bad += [
        json.dumps({**good, "user_input": "x" * 100_001}).encode(),
        json.dumps({**good, "timestamp": "soon"}).encode(),
    ]
    path.write_bytes(b"\n".join([*bad, path.read_bytes()]))

    with read_history(path) as history:
        assert texts(list(history)) == [("a", "b")]

    assert history.summary.examples == {
        "the line is no JSON": ["x.jsonl, line 1"],
        "the line is not UTF-8": ["x.jsonl, line 2"],
        "neither an exchange nor messages": ["x.jsonl, line 3", "x.jsonl, line 4"],
        "blank, or a value that cannot be stored": ["x.jsonl, line 5"],
        "longer than 100,000 characters": ["x.jsonl, line 6"],
        "the timestamp cannot be read": ["x.jsonl, line 7"],
    }


def test_of_a_file_that_breaks_off_what_was_read_is_kept(tmp_path: Path) -> None:
    """Ours: a download that was cut short."""
    path = written(tmp_path, "x.json", [chatgpt("one", TREE, "a2"), chatgpt("two", TREE, "a2")])
    path.write_bytes(path.read_bytes()[:-50])

    with read_history(path) as history:
        assert len(list(history)) == 2

    assert history.summary.skipped == {"the file breaks off or is no JSON here": 1}


def test_a_member_of_an_archive_may_have_no_date(tmp_path: Path) -> None:
    """Regression: many programs leave it zero, and the whole import ended in a `ValueError`."""
    member = zipfile.ZipInfo("conversations.json", (1980, 0, 0, 0, 0, 0))
    with zipfile.ZipFile(tmp_path / "export.zip", "w") as archive:
        archive.writestr(member, json.dumps([chatgpt("oslo", TREE, "a2")]))

    with read_history(tmp_path / "export.zip") as history:
        assert len(list(history)) == 2


def test_an_archive_is_read_as_it_is(tmp_path: Path) -> None:
    """Ours: of its files those of a known format, the rest is named."""
    with zipfile.ZipFile(tmp_path / "export.zip", "w") as archive:
        archive.writestr("conversations.json", json.dumps([chatgpt("oslo", TREE, "a2")]))
        archive.writestr("user.json", json.dumps({"id": "user-1", "email": "anna@example.org"}))
        archive.writestr("picture.png", b"png")

    with read_history(tmp_path / "export.zip") as history:
        assert len(list(history)) == 2

    assert history.summary.unknown == ["export.zip/user.json"]


@pytest.mark.parametrize(("options", "kept"), [({"since": at(JUNE)}, 1), ({"until": at(MAY)}, 1), ({}, 2)])
def test_dates_limit_what_is_taken(tmp_path: Path, options: dict[str, datetime], kept: int) -> None:
    """Ours: both ends are included."""
    path = written(tmp_path, "x.json", [chatgpt("oslo", TREE, "a2")])

    assert len(exchanges(path, **options)) == kept


def test_what_holds_no_history_is_refused(tmp_path: Path) -> None:
    """Ours: the error names the path and the formats."""
    path = written(tmp_path, "x.json", {"a": 1})

    with pytest.raises(InputError, match=r"nothing in .*x\.json.* any of chatgpt, claude, "):
        exchanges(path)
    with pytest.raises(InputError, match="format 'pdf' is none of"):
        exchanges(path, format="pdf")
    (tmp_path / "y.md").write_text("Hello")
    with pytest.raises(InputError, match="has the format of memory-server"):
        exchanges(tmp_path / "y.md", format="memory-server")
