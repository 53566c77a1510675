"""The command line in this process, for tests: what it is given on stdin, and exchanges to add."""

import io
import json
from collections.abc import Callable, Sequence

import pytest

__all__ = ["AT", "OSLO", "Run", "exchange", "lines", "piped"]


Run = Callable[..., int]


OSLO = ("--user-input", "We moved to Oslo last week.", "--agent-response", "Enjoy the fjord!")
AT = ("--timestamp", "2025-03-01 12:00:00")


def piped(monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    """Have stdin hold *content*."""
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content), encoding="utf-8"))


def lines(entries: Sequence[object]) -> bytes:
    """Return *entries* as JSON lines."""
    return "".join(json.dumps(entry) + "\n" for entry in entries).encode()


def exchange(number: int) -> dict[str, object]:
    """Return one exchange as a JSON line would hold it."""
    return {
        "user_input": f"Question {number} about gardening",
        "agent_response": f"Answer {number}",
        "timestamp": f"2025-03-{number:02} 10:00:00",
        "metadata": {"number": number},
    }
