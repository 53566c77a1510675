"""Chats that hosts keep as logs: a first line, and changes of it."""

from pathlib import Path

from memoryos_mcp.transfer.history import read_history

from .histories import JUNE, MAY, at, exchanges, texts, written


def test_of_copilot_a_log_is_read_as_the_chat_that_it_makes(tmp_path: Path) -> None:
    """Field report: since VS Code 1.109 a chat is a log; a regenerated answer and a removed request are not kept."""
    asked = {"message": {"text": "Where is Oslo?"}, "timestamp": at(MAY).timestamp() * 1000}
    path = written(
        tmp_path,
        "s.jsonl",
        {"kind": 0, "v": {"version": 3, "sessionId": "s", "creationDate": at(MAY).timestamp() * 1000, "requests": []}},
        {"kind": 2, "k": ["requests"], "v": [asked]},
        {"kind": 2, "k": ["requests", 0, "response"], "v": [{"value": "In "}]},
        {"kind": 2, "k": ["requests", 0, "response"], "v": [{"kind": "thinking", "value": "hm"}, {"value": "Sweden."}]},
        {"kind": 2, "k": ["requests", 0, "response"], "i": 1, "v": [{"value": "Norway."}]},
        {"kind": 1, "k": ["customTitle"], "v": "Towns"},
        {"kind": 2, "k": ["requests"], "v": [{"message": {"text": "And?"}, "response": [{"value": "So."}]}]},
        {"kind": 2, "k": ["requests"], "i": 1, "v": []},
        {"kind": 1, "k": ["requests", 0, "result"], "v": {"metadata": {"promptTokens": 7}}},
        {"kind": 3, "k": ["inputState"]},
        {"kind": 1, "k": ["nowhere", "at", "all"], "v": 1},
        {"kind": 1, "k": ["requests", 10**12], "v": {}},
        lines=True,
    )

    with read_history(path) as history:
        found = list(history)

    assert texts(found) == [("Where is Oslo?", "In Norway.")]
    assert (found[0].said_at, found[0].metadata) == (at(MAY), {"source": "copilot", "conversation": "Towns"})
    assert history.summary.skipped == {"the change fits nothing": 2}


def test_of_gemini_a_log_is_read_as_the_session_that_it_makes(tmp_path: Path) -> None:
    """Field report: newer sessions are logs; messages are told anew under their id, taken back, or all at once."""
    head = {"sessionId": "s", "projectHash": "f00", "startTime": MAY, "lastUpdated": MAY}
    asked = {"id": "1", "type": "user", "content": [{"text": "Where is Oslo?"}], "timestamp": MAY}
    log = [
        head,
        {"$set": {"messages": [asked]}},
        {"id": "2", "type": "gemini", "content": "In Swe", "timestamp": MAY},
        {"id": "2", "type": "gemini", "content": "In Norway.", "timestamp": MAY, "tokens": {"total": 9}},
        {"id": "3", "type": "user", "content": "And Bergne?", "timestamp": MAY},
        {"id": "4", "type": "gemini", "content": "No such town.", "timestamp": MAY},
        {"$rewindTo": "3"},
        {"id": "5", "type": "user", "content": "And Bergen?", "timestamp": JUNE},
        {"id": "6", "type": "info", "content": "Update available", "timestamp": JUNE},
        {"id": "7", "type": "gemini", "content": "In the west.", "timestamp": JUNE},
        {"$rewindTo": "99"},
        {"$set": {"summary": "Towns"}},
    ]
    path = written(tmp_path, "session-1.jsonl", *log, lines=True)
    written(tmp_path, "sub.jsonl", {**head, "kind": "subagent"}, *log[1:], lines=True)

    with read_history(tmp_path) as history:
        found = list(history)

    assert texts(found) == [("Where is Oslo?", "In Norway."), ("And Bergen?", "In the west.")]
    assert [item.said_at for item in found] == [at(MAY), at(JUNE)]
    assert history.summary.skipped == {"what programs said to one another": 1}
    assert exchanges(path)[0].metadata == {"source": "gemini-cli", "session": "s"}
