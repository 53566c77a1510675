"""
What each ingredient of retrieval is worth: the engine without one of them, on memory that is already there.

Signals are left out by their weights, facts and names by not handing them over. Reads only.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from ...api.composition import Pages, assemble
from ...domain.clock import now
from ...domain.records import Profile
from ...domain.settings import Settings
from ...retrieval import Request, Retriever
from ...retrieval.ranking import PARTS, Weights, weights_of
from ...storage.chroma import open_store
from ...text.tokenizer import O200kBase

__all__ = ["INGREDIENTS", "Asking", "without_each"]

_SIGNALS: Mapping[str, tuple[str, ...]] = {
    "words (BM25)": PARTS["words"],
    "vectors": PARTS["vector"],
    "late interaction": PARTS["late"],
    "the named person": PARTS["person"],
    "resolved dates": PARTS["date"],
    "form of the turn": PARTS["form"],
    "length of the passage": PARTS["length"],
}
_FACTS, _NAMES = "facts and profile", "both names"
INGREDIENTS = (*_SIGNALS, _FACTS, _NAMES)
"""What can be left out; "both names": they are in neither the settings nor the profile."""


@dataclass(frozen=True, slots=True)
class Asking:
    """Asks one question of the engine without one ingredient: (question, tokens) -> the text."""

    name: str
    ask: Callable[[str, int], str]


def without_each(settings: Settings, body: Callable[[Asking], None]) -> None:
    """
    Call *body* once for each ingredient, with the memory that *settings* name open for reading.

    Raises:
        MemoryOSError: The memory cannot be opened or read.
    """
    store = open_store(settings)
    try:
        memory = assemble(settings, store)
        try:
            tokenizer = O200kBase()
            source, user = Pages(memory.mid_term), settings.user_id
            with store.exclusive():
                queue = tuple(memory.short_term.pages(user))
                profile = memory.long_term.profile(user, settings.assistant_id)
            for name in INGREDIENTS:
                weights = _without(weights_of(memory.embedder), name)
                retriever = Retriever(memory.index, source, memory.embedder, tokenizer, weights)
                known = Profile(profile.user_id, profile.assistant_id, "") if name == _FACTS else profile
                names = ("", "") if name == _NAMES else (settings.user_name, settings.assistant_name)
                request = Request(user, "", 0, None, None, now(), queue, known, *names)

                def ask(query: str, tokens: int, retriever: Retriever = retriever, request: Request = request) -> str:
                    with store.exclusive():
                        return retriever.retrieve(replace(request, query=query, max_tokens=tokens)).text

                body(Asking(name, ask))
        finally:
            memory.index.close()
    finally:
        store.close()


def _without(weights: Weights, name: str) -> Weights:
    return weights.without(_SIGNALS.get(name, ()))
