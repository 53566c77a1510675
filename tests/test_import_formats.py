"""Formats of histories: what each holds is read with its dates, and what nobody said is left out and counted."""

import gzip
import io
import json
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from memoryos_mcp.cli import main
from memoryos_mcp.domain.errors import InputError
from memoryos_mcp.transfer.history import Summary, read_history
from memoryos_mcp.transfer.history.bounds import MAX_DEPTH

from .histories import JUNE, MAY, at, chatgpt, facts, node, texts, written

SAID = [("Where is Oslo?", "In Norway.")]
CHATGPT = chatgpt("oslo", {**node("u", None, "user", SAID[0][0]), **node("a", "u", "assistant", SAID[0][1])}, "a")
CLAUDE: dict[str, Any] = {
    "uuid": "c",
    "name": "oslo",
    "chat_messages": [
        {"sender": "human", "text": SAID[0][0], "created_at": MAY},
        {"sender": "assistant", "text": SAID[0][1], "created_at": MAY},
    ],
}
PLAIN = {"messages": [{"role": "user", "content": SAID[0][0]}, {"role": "assistant", "content": SAID[0][1]}]}
COPILOT = {
    "requesterUsername": "anna",
    "responderUsername": "GitHub Copilot",
    "sessionId": "s",
    "requests": [
        {
            "message": {"text": SAID[0][0], "parts": []},
            "response": [
                {"value": "In "},
                {"kind": "toolInvocationSerialized", "invocationMessage": {"value": "Searching"}},
                {"kind": "thinking", "value": "hm"},
                {"kind": "markdownContent", "content": {"value": "Norway."}},
            ],
            "timestamp": at(MAY).timestamp() * 1000,
        },
        {"message": {"text": "And then?"}, "response": [], "isCanceled": True},
    ],
}
GEMINI = {
    "header": "Gemini Apps",
    "title": "Prompted Where is Oslo?",
    "titleUrl": "https://gemini.google.com/app",
    "time": MAY,
    "products": ["Gemini Apps"],
    "safeHtmlItem": [{"html": "<p>In <b>Norway</b>.</p>"}],
}
NAMED = {
    "header": "Gemini",
    "title": "Used Gemini Apps",
    "time": MAY,
    "details": [{"name": "Request", "value": SAID[0][0]}, {"name": "Response", "value": SAID[0][1]}],
}
GEMINI_CLI = {
    "sessionId": "s",
    "projectHash": "f00",
    "startTime": MAY,
    "messages": [
        {"type": "user", "content": SAID[0][0], "timestamp": MAY},
        {"type": "info", "content": "Update available", "timestamp": MAY},
        {"type": "gemini", "content": "", "toolCalls": [{"name": "search"}], "timestamp": MAY},
        {"type": "gemini", "content": [{"text": SAID[0][1]}], "timestamp": MAY},
    ],
}
SHAREGPT = {
    "id": "x",
    "conversations": [
        {"from": "system", "value": "Be kind."},
        {"from": "human", "value": SAID[0][0]},
        {"from": "gpt", "value": SAID[0][1]},
    ],
}


def read(path: Path, **options: Any) -> tuple[list[tuple[str, str]], Summary]:
    """Return both sides of every exchange, and the counts."""
    with read_history(path, **options) as history:
        return texts(list(history)), history.summary


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("chatgpt", CHATGPT),
        ("claude", CLAUDE),
        ("plain", PLAIN),
        ("copilot", COPILOT),
        ("gemini", GEMINI),
        ("gemini", NAMED),
        ("gemini-cli", GEMINI_CLI),
        ("sharegpt", SHAREGPT),
    ],
)
@pytest.mark.parametrize("shape", ["alone", "indented", "array", "lines", "conversations", "data"])
def test_a_conversation_is_known_whichever_way_it_stands(tmp_path: Path, name: str, value: Any, shape: str) -> None:
    """Ours: alone, in an array, a line each, or in a wrapper; indented or not."""
    shapes = {
        "alone": json.dumps(value),
        "indented": json.dumps(value, indent=2),
        "array": json.dumps([value]),
        "lines": f"{json.dumps(value)}\n{json.dumps(value)}\n",
    }
    path = tmp_path / "x.json"
    path.write_text(shapes.get(shape) or json.dumps({"version": 1, shape: [value]}, indent=2))

    found, summary = read(path)

    assert found == SAID * (2 if shape == "lines" else 1)
    assert summary.files == {name: 1}


def test_a_format_that_is_asked_for_is_forced(tmp_path: Path) -> None:
    """Ours: content decides only when nobody does."""
    memories = [{"content": "Rows on Sundays", "id": 1}]

    with read_history(written(tmp_path, "m.json", memories), "mem0") as history:
        assert [fact.text for fact in history.knowledge()] == ["Rows on Sundays"]


@pytest.mark.parametrize(
    "value",
    [
        {"content": "Fix the parser", "id": "1", "status": "pending", "priority": "high"},
        {"id": 7, "content": "<p>My first post</p>", "title": "Hello", "created_at": MAY},
        {"id": "n", "content": "a cell of a notebook", "cell_type": "markdown"},
        {"id": "t", "content": "Buy milk", "due": MAY},
    ],
)
def test_tasks_posts_and_notes_are_no_memories(tmp_path: Path, value: object) -> None:
    """Regression: any array of objects with content and id was one of mem0's."""
    with pytest.raises(InputError, match="nothing in"):
        read(written(tmp_path, "x.json", [value]))


@pytest.mark.parametrize(
    "start", [b"[" * 300_000, b'{"mapping":' * 100_000, b'{"a":[' * 50_000, b'[{"chat_messages":' + b"[" * 9_000]
)
def test_what_nests_without_end_cannot_be_read(tmp_path: Path, start: bytes) -> None:
    """Regression: 2.2 MB of nesting took 6 GB; now reading ends at the first piece that is too deep."""
    (tmp_path / "x.json").write_bytes(start)

    with pytest.raises(InputError, match=f"deeper than {MAX_DEPTH} levels: cannot be read"):
        read(tmp_path / "x.json")


def test_a_text_without_end_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Regression: a text that goes on is looked through again with every piece, so it is bounded too."""
    monkeypatch.setattr("memoryos_mcp.transfer.history.bounds._MAX_TEXT_BYTES", 200_000)
    told = [{"user_input": "Hi", "agent_response": "Ho"}, {"filler": "x" * 900_000}]

    found, summary = read(written(tmp_path, "x.json", told))

    assert found == [("Hi", "Ho")]
    assert summary.skipped == {"a text longer than 200,000 bytes: cannot be read from there on": 1}


def test_brackets_in_texts_are_no_nesting_wherever_pieces_are_cut(tmp_path: Path) -> None:
    """Ours: quotes and backslashes that fall on the border of two pieces are understood."""
    words = ['\\" [[[ \\\\', "\\" * 70_001, '"[' * 40_000]
    told = [{"user_input": text, "agent_response": "yes"} for text in words]

    found, summary = read(written(tmp_path, "x.json", told))

    assert [asked for asked, _ in found] == [text.strip() for text in words]
    assert not summary.skipped


@pytest.mark.parametrize("name", ["x.json.gz", "x.zip"])
def test_what_unpacks_without_bound_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Regression: an archive may be small and hold anything."""
    monkeypatch.setattr("memoryos_mcp.transfer.history.bounds._MIN_UNPACKED_BYTES", 10_000)
    bomb = json.dumps([{"user_input": "Hi", "agent_response": "Ho"}, {"filler": "x" * 3_000_000}])
    if name.endswith(".gz"):
        (tmp_path / name).write_bytes(gzip.compress(bomb.encode()))
    else:
        with zipfile.ZipFile(tmp_path / name, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("x.json", bomb)

    _, summary = read(tmp_path / name)

    assert any("unpacks to more than" in reason for reason in summary.skipped)


@pytest.mark.parametrize(
    ("content", "more", "asked"),
    [
        ({"content_type": "multimodal_text", "parts": [{"content_type": "image_asset_pointer"}]}, {}, "[picture]"),
        ({"content_type": "multimodal_text", "parts": [{"asset_pointer": "file-1"}, ""]}, {}, "[picture]"),
        ({"content_type": "multimodal_text", "parts": [{"content_type": "audio_asset_pointer"}]}, {}, "[voice]"),
        (
            {
                "content_type": "multimodal_text",
                "parts": [
                    {"content_type": "audio_transcription", "text": "Hello there"},
                    {"content_type": "real_time_user_audio_video_asset_pointer"},
                ],
            },
            {},
            "Hello there",
        ),
        ("", {"metadata": {"attachments": [{"name": "plan.pdf"}]}}, "[file plan.pdf]"),
        ("Why?", {"recipient": None}, "Why?"),
    ],
)
def test_of_chatgpt_a_prompt_without_words_is_an_exchange(tmp_path: Path, content: Any, more: Any, asked: str) -> None:
    """Regression: its answer was glued to the answer before."""
    tree = {
        **node("u1", None, "user", "Where is Oslo?"),
        **node("a1", "u1", "assistant", "In Norway."),
        **node("u2", "a1", "user", content, **more),
        **node("a2", "u2", "assistant", "A fjord\ue200cite\ue202turn0search1\ue201, deep【20†source】."),
    }

    found, _ = read(written(tmp_path, "x.json", [chatgpt("x", tree, "a2")]))

    assert found == [*SAID, (asked, "A fjord, deep.")]


def test_of_chatgpt_the_text_of_a_canvas_belongs_to_the_answer(tmp_path: Path) -> None:
    """Regression: what was written into a canvas was lost."""
    call = json.dumps({"name": "poem", "type": "document", "content": "Roses are red."})
    tree = {
        **node("u", None, "user", "A poem!"),
        **node("c", "u", "assistant", {"content_type": "code", "text": call}, recipient="canmore.create_textdoc"),
        **node("t", "c", "assistant", 'search("roses")', recipient="web"),
        **node("a", "t", "assistant", "Here it is."),
    }

    assert read(written(tmp_path, "x.json", [chatgpt("x", tree, "a")]))[0] == [
        ("A poem!", "Roses are red.\n\nHere it is.")
    ]


@pytest.mark.parametrize(
    ("message", "asked"),
    [
        ({"text": "", "attachments": [{"file_name": "", "extracted_content": "A long poem"}]}, "A long poem"),
        ({"text": " ", "attachments": [{"file_name": "a.txt", "extracted_content": "one"}]}, "one"),
        ({"text": "", "files": [{"file_name": "cat.png"}]}, "[file cat.png]"),
        ({"text": "Read it", "attachments": [{"extracted_content": "A long poem"}]}, "Read it"),
    ],
)
def test_of_claude_a_pasted_text_is_the_prompt_when_there_is_no_other(
    tmp_path: Path, message: dict[str, Any], asked: str
) -> None:
    """Regression: its answer was glued to the answer before; beside words an attachment was read, not said."""
    answer = "```\nThis block is not supported on your current device yet.\n```\n<antThinking>hm</antThinking>Nice."
    said = [*CLAUDE["chat_messages"], {"sender": "human", **message}, {"sender": "assistant", "text": answer}]

    assert read(written(tmp_path, "x.json", [{**CLAUDE, "chat_messages": said}]))[0] == [*SAID, (asked, "Nice.")]


def test_of_codex_what_was_typed_and_answered_is_taken(tmp_path: Path) -> None:
    """Ours: instructions, reasoning and tools are left out; every line has its date, the session its folder."""

    def item(role: str, kind: str, text: str) -> dict[str, Any]:
        payload = {"type": "message", "role": role, "content": [{"type": kind, "text": text}]}
        return {"timestamp": JUNE, "type": "response_item", "payload": payload}

    meta = {"id": "s1", "timestamp": MAY, "cwd": "/home/anna/shop"}
    path = written(
        tmp_path,
        "rollout-2024-06-01.jsonl",
        {"timestamp": MAY, "type": "session_meta", "payload": meta},
        item("developer", "input_text", "<permissions>"),
        item("user", "input_text", "# AGENTS.md instructions for /home/anna/shop\n\nBe brief."),
        item("user", "input_text", "<environment_context><cwd>/home/anna/shop</cwd></environment_context>"),
        item("user", "input_text", SAID[0][0]),
        {"timestamp": JUNE, "type": "event_msg", "payload": {"type": "user_message", "message": SAID[0][0]}},
        {"timestamp": JUNE, "type": "response_item", "payload": {"type": "reasoning", "summary": []}},
        {"timestamp": JUNE, "type": "response_item", "payload": {"type": "function_call", "name": "shell"}},
        item("assistant", "output_text", SAID[0][1]),
        lines=True,
    )

    with read_history(path) as history:
        (found,) = history

    assert (found.user_input, found.agent_response, found.project) == (*SAID[0], "shop")
    assert (found.said_at, found.metadata) == (at(JUNE), {"source": "codex", "session": "s1"})
    assert history.summary.skipped == {"the host's words, nobody's": 2}


def test_of_claude_memories_and_projects_are_facts(tmp_path: Path) -> None:
    """Ours: a statement each, under its heading; projects that nobody made are left out."""
    told = "**Work context**\n\nAnna is a nurse.\n\n## Hobbies\n- Rows on Sundays\n- Reads - a lot"
    written(tmp_path, "memories.json", [{"conversations_memory": told, "project_memories": {"p": "The shop opens."}}])
    projects = [
        {"uuid": "1", "name": "Shop", "prompt_template": "Be brief.", "description": "", "updated_at": MAY},
        {"uuid": "2", "name": "How to", "prompt_template": "", "is_starter_project": True},
    ]
    written(tmp_path, "projects.json", projects)

    assert sorted(text for text, _, _ in facts(tmp_path)) == [
        "Hobbies: Reads - a lot",
        "Hobbies: Rows on Sundays",
        "Project Shop: Be brief.",
        "The shop opens.",
        "Work context: Anna is a nurse.",
    ]


@pytest.mark.parametrize("speaker", ["Assistant", "Assistant (claude-sonnet-4)", "Agent (model gpt-5, mode Agent)"])
def test_of_specstory_speakers_stand_in_lines_of_their_own(tmp_path: Path, speaker: str) -> None:
    """Ours: tools are left out; a date beside a speaker counts, else that of the title."""
    text = (
        "<!-- Generated by SpecStory -->\n\n# Oslo (2024-05-01 10:00Z)\n\n_**User**_\n\nWhere is Oslo?\n\n---\n\n"
        f"_**{speaker}**_\n\n<details><summary>Search</summary>\nfound\n</details>\n\nIn Norway.\n\n---\n"
    )
    (tmp_path / "x.md").write_text(text)

    with read_history(tmp_path / "x.md") as history:
        (found,) = history

    assert (found.user_input, found.agent_response, found.said_at) == (*SAID[0], at(MAY))


def test_the_command_fails_and_says_why_when_nothing_was_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Regression: "0 exchanges" looked like success; a dry run shows samples."""
    monkeypatch.setenv("MEMORYOS_EMBEDDER", "bundled")
    monkeypatch.setenv("MEMORYOS_DATA_DIR", str(tmp_path / "memory"))
    lonely = written(tmp_path, "lonely.json", {"messages": [{"role": "user", "content": "Hello?"}]})

    assert main(["import", str(lonely)]) != 0
    assert "nothing was found to import: question without an answer" in capsys.readouterr().err
    assert main(["import", str(written(tmp_path, "x.json", PLAIN)), "--dry-run"]) == 0
    assert "> Where is Oslo?\n    In Norway." in capsys.readouterr().out


def test_of_cursors_database_a_copy_is_read(tmp_path: Path) -> None:
    """Ours: messages inline or by their ids, also while Cursor holds it open; nothing beside it changes."""
    path = tmp_path / "state.vscdb"
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("CREATE TABLE cursorDiskKV (key TEXT UNIQUE, value BLOB)")
        database.commit()
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        ids = [{"bubbleId": "1", "type": 1}, {"bubbleId": "2", "type": 2}, {"bubbleId": "3", "type": 2}]
        inline = [{"type": 1, "text": "Later?"}, {"type": 2, "text": "Yes."}]
        rows = {
            "composerData:a": {
                "name": "oslo",
                "createdAt": at(MAY).timestamp() * 1000,
                "fullConversationHeadersOnly": ids,
            },
            "bubbleId:a:1": {"type": 1, "text": SAID[0][0]},
            "bubbleId:a:2": {"type": 2, "text": "", "toolFormerData": {"name": "grep"}},
            "bubbleId:a:3": {"type": 2, "text": SAID[0][1]},
            "composerData:b": {"createdAt": at(JUNE).timestamp() * 1000, "conversation": inline},
            "composerData:c": {"fullConversationHeadersOnly": []},
        }
        database.executemany(
            "INSERT INTO cursorDiskKV VALUES (?, ?)", [(key, json.dumps(row)) for key, row in rows.items()]
        )
        database.commit()
        before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}

        with read_history(path) as history:
            found = list(history)

        assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == before

    assert texts(found) == [*SAID, ("Later?", "Yes.")]
    assert [item.said_at for item in found] == [at(MAY), at(JUNE)]
    assert history.summary.skipped == {"conversation without messages": 1}


def test_a_database_that_is_not_cursors_is_no_history(tmp_path: Path) -> None:
    """Ours: other programs of the same family keep files of that name."""
    with closing(sqlite3.connect(tmp_path / "state.vscdb")) as database:
        database.execute("CREATE TABLE ItemTable (key TEXT UNIQUE, value BLOB)")
        database.commit()

    with pytest.raises(InputError, match="nothing in"):
        read(tmp_path / "state.vscdb")


def test_of_gemini_what_subagents_said_is_left_out(tmp_path: Path) -> None:
    """Ours: it is no conversation of the user's."""
    found, summary = read(written(tmp_path, "x.json", {**GEMINI_CLI, "kind": "subagent"}))

    assert (found, summary.skipped) == ([], {"what programs said to one another": 1})


def test_what_all_hosts_keep_is_shown_and_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ours: a dry run and a missing answer store nothing; twice is once."""
    monkeypatch.setenv("MEMORYOS_EMBEDDER", "bundled")
    monkeypatch.setenv("MEMORYOS_DATA_DIR", str(tmp_path / "memory"))
    for name in ("CLAUDE_CONFIG_DIR", "CODEX_HOME", "XDG_CONFIG_HOME", "APPDATA"):
        monkeypatch.delenv(name, raising=False)
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert main(["import", "--all-hosts", "--yes"]) != 0
    chats = tmp_path / ".gemini" / "tmp" / "f00" / "chats"
    chats.mkdir(parents=True)
    written(chats, "session-1.json", GEMINI_CLI)
    monkeypatch.setattr("sys.stdin", io.StringIO(""))

    assert main(["import", "--all-hosts"]) != 0
    assert main(["import", "--all-hosts", "--dry-run"]) == 0
    told = capsys.readouterr().out
    assert main(["import", "--all-hosts", "--yes"]) == 0
    assert main(["import", "--all-hosts", "--yes"]) == 0
    after = capsys.readouterr().out

    assert f"Gemini CLI: {tmp_path / '.gemini' / 'tmp'}" in told
    assert "stored, " not in told
    assert ("1 stored, 0 known already" in after, "0 stored, 1 known already" in after) == (True, True)
    assert main(["import"]) == 2


def test_of_memoryos_on_chroma_the_pages_of_the_metadata_file_are_taken(tmp_path: Path) -> None:
    """Regression: the file was read as profiles alone and its pages were lost without a word."""
    page = {"page_id": "p", "user_input": SAID[0][0], "agent_response": SAID[0][1], "timestamp": MAY}
    metadata = {
        "mid_term_sessions": {"s": {"id": "s", "pages_backup": [page]}, "t": {"id": "t"}},
        "access_frequency": {"s": 0},
        "heap_state": [],
        "short_term_memory": [{"user_input": "Later?", "agent_response": "Yes.", "timestamp": JUNE}],
        "user_profiles": {"anna": {"data": "Openness: high"}},
        "update_times": {},
    }

    found, summary = read(written(tmp_path, "metadata_anna_bot.json", metadata))

    assert found == [*SAID, ("Later?", "Yes.")]
    assert (summary.facts, summary.skipped) == (1, {"session without pages": 1})
