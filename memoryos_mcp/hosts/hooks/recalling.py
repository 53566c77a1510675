"""What a server answers hooks: what is recalled on a prompt if it has to do with it, and who the user is."""

import logging
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from ...domain.errors import MemoryOSError
from ...domain.records import Profile, Retrieval
from ...retrieval.rendering import HEADER
from ...text.terms import terms

__all__ = ["HookMemory", "answerer", "bears_on"]

logger = logging.getLogger(__name__)

_SHORT_PROMPT = 12
_QUERY_CHARS = 4_000


class HookMemory(Protocol):
    """What hooks need of a memory."""

    def retrieve_context(
        self, query: str, *, max_tokens: int, until: str | None, project: str | None, user_id: str | None
    ) -> Retrieval: ...

    def get_user_profile(self, *, user_id: str | None = None) -> Profile: ...

    def take_in_hook_inbox(self) -> int: ...


def answerer(memory: HookMemory) -> Callable[[Mapping[str, Any]], Mapping[str, Any]]:
    """Return what answers hooks' questions from *memory*."""

    def answer(question: Mapping[str, Any]) -> Mapping[str, Any]:
        try:
            memory.take_in_hook_inbox()
        except MemoryOSError as exc:  # it waits on; recalling goes without it
            logger.warning("exchanges left by hooks wait on: %s", exc)
        if question.get("op") == "recall":
            return {"text": _recalled(memory, question)}
        if question.get("op") == "profile":
            summary = memory.get_user_profile(user_id=question["user_id"]).summary
            return {"text": f"{HEADER}\n{summary}" if summary else ""}
        return {}

    return answer


def bears_on(query: str, found: Retrieval) -> bool:
    """
    Return whether anything found has to do with *query*: shares two of its words, three when it is a long one.

    Ranking only says what is nearest, and something always is; a host's context is worth more than that.
    """
    wanted = set(terms(query)[0])
    enough = min(len(wanted), 2 if len(wanted) <= _SHORT_PROMPT else 3)
    sides = [(hit.page.user_input, hit.page.agent_response) for hit in (*found.short_term, *found.mid_term)]
    texts = [" ".join(pair) for pair in sides]
    texts += [fact.fact for fact in (*found.user_knowledge, *found.assistant_knowledge)]
    return bool(wanted) and any(len(wanted & set(terms(text)[0])) >= enough for text in texts)


def _recalled(memory: HookMemory, question: Mapping[str, Any]) -> str:
    query = str(question["query"])[:_QUERY_CHARS]
    found = memory.retrieve_context(
        query,
        max_tokens=question["max_tokens"],
        until=question.get("until"),
        project=question.get("project"),
        user_id=question["user_id"],
    )
    return found.text if bears_on(query, found) else ""
