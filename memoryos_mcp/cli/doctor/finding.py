"""What a check found: how bad it is, what it is, and what to do. Plain data."""

from dataclasses import dataclass
from typing import Literal

__all__ = ["Finding", "Level", "error", "ok", "warning"]

Level = Literal["ok", "warning", "error"]


@dataclass(frozen=True, slots=True)
class Finding:
    """
    One line of the examination.

    `check` names the check, `what` says what was found, `remedy` what to do (empty when nothing is to be done).
    """

    check: str
    level: Level
    what: str
    remedy: str = ""


def ok(check: str, what: str) -> Finding:
    """Return a finding that asks for nothing."""
    return Finding(check, "ok", what)


def warning(check: str, what: str, remedy: str) -> Finding:
    """Return a finding that costs something, without breaking anything."""
    return Finding(check, "warning", what, remedy)


def error(check: str, what: str, remedy: str) -> Finding:
    """Return a finding that keeps memory from working as it should; `doctor` then ends with status 1."""
    return Finding(check, "error", what, remedy)
