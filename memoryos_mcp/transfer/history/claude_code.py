"""
Transcripts of Claude Code (~/.claude/projects/*/*.jsonl): what was typed and the final answer, as the hook stores.

An exchange that a hook stored has the same texts and time and is known; one in which the model called `add_memory`
is left out for the same reason. A person who rewinds a session types another prompt in the place of one before: what
was replaced, and all that followed on it, is left out.
"""

from collections.abc import Iterable, Iterator
from typing import IO, Any

from ...domain.projects import project_label
from ..transcript import exchanges, is_prompt
from .items import ImportedExchange, Items, Skip, moment
from .json_parts import lines

__all__ = ["is_claude_code", "read_claude_code"]

_TYPES = ("user", "assistant", "summary", "system", "file-history-snapshot", "queue-operation", "progress")


def is_claude_code(value: dict[str, Any]) -> bool:
    """Whether *value* is a line of this format."""
    return value.get("type") in _TYPES and bool({"sessionId", "leafUuid", "snapshot", "uuid"} & set(value))


def read_claude_code(file: IO[bytes]) -> Items:
    """Yield the exchanges of a session."""
    session, rewound = _Session(), _rewound(value for _, value in lines(file) if isinstance(value, dict))
    skipped: list[Skip] = []
    file.seek(0)
    for found in exchanges(session.read(lines(file), skipped)):
        yield from skipped
        skipped.clear()
        where = session.places.pop(found.prompt_id, "")
        if found.prompt_id in rewound:
            yield Skip("replaced by another prompt", where)
        elif found.stored:
            yield Skip("the model stored it itself", where)
        elif not found.agent_response:
            yield Skip("question without an answer", where)
        else:
            yield ImportedExchange(
                found.user_input,
                found.agent_response,
                moment(found.timestamp),
                session.id,
                where,
                {"source": "claude-code", **({"session": session.id} if session.id else {})},
                session.project,
            )
    yield from skipped


def _rewound(parts: Iterable[dict[str, Any]]) -> set[str]:
    """Return the ids of prompts in whose place another was typed, after the same line, and of what follows on them."""
    parents, latest, prompts = dict[str, str](), dict[str, str](), list[str]()
    for line in parts:
        id_, parent = line.get("uuid"), line.get("parentUuid")
        if not isinstance(id_, str) or not isinstance(parent, str) or line.get("isSidechain") or id_ in parents:
            continue
        parents[id_] = parent
        if is_prompt(line):
            latest[parent] = id_
            prompts.append(id_)
    left = {id_ for id_ in prompts if latest[parents[id_]] != id_}
    if left:
        for id_, parent in parents.items():  # a line stands behind the one that it follows on
            if parent in left:
                left.add(id_)
    return left


class _Session:
    """What the lines tell besides: session, folder, and where each prompt stands."""

    def __init__(self) -> None:
        self.id = self.project = ""
        self.places: dict[str, str] = {}

    def read(self, parts: Iterator[tuple[str, Any]], skipped: list[Skip]) -> Iterator[dict[str, Any]]:
        for where, value in parts:
            if isinstance(value, Skip):
                skipped.append(value)
            elif not isinstance(value, dict):
                skipped.append(Skip("the line is no object", where))
            else:
                self.id = self.id or str(value.get("sessionId") or "")
                folder = value.get("cwd")
                if not self.project and isinstance(folder, str) and folder.strip(" /\\"):
                    self.project = project_label(folder.rstrip("/\\"))
                if value.get("type") == "user":
                    self.places[str(value.get("uuid", ""))] = where
                yield value
