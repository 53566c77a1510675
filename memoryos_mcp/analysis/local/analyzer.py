"""
The `local` analyzer: no model, no network, no state.

Reads English by rules; a text in another language gives keywords, links and topics but no facts. It never raises on any
text, and the time it takes is bounded by the size limits of its parts.
"""

from collections.abc import Sequence

from ...domain.protocols import Embedder, Vectors
from ...domain.records import (
    AttributeFinding,
    Batch,
    BatchAnalysis,
    ChainLink,
    Fact,
    Findings,
    Page,
    Segment,
    Topic,
    TraitFinding,
)
from .assistant import assistant_notes
from .claims.note import Note
from .corrections import attributes_of
from .extract import extract
from .keywords import keywords_of, page_keywords
from .languages import Told, told_in
from .leanings import Leaning, leanings_of_line, raised
from .merge import Ledger
from .recurring import recurring
from .summaries import extend, summary_of
from .topics import continues, groups

__all__ = ["LocalAnalyzer"]

_TEXT = 2_000
_ATTRIBUTES = {"called": "preferred name", "origin": "hometown", "employer": "work", "allergy": "allergies"}
"""The attribute that a slot fills, where it has another name."""


class LocalAnalyzer:
    """
    Rules that read pages.

    Args:
        embedder: For continuity and topics; facts do not need it.
        user_name: The user's name when it is known: hearing it again is no news.
        assistant_name: The assistant's name: its own introduction is no news.
    """

    def __init__(self, embedder: Embedder, *, user_name: str = "", assistant_name: str = "") -> None:
        self._embedder = embedder
        self._told = {f"Name is {name}" for name in (user_name, assistant_name) if name}

    @property
    def name(self) -> str:
        return "local"

    @property
    def eager(self) -> bool:
        return True

    def note(self, pages: Sequence[Page], known: Sequence[Fact]) -> Findings:
        user, assistant = Ledger.of("user", known), Ledger.of("assistant", known)
        attributes: list[AttributeFinding] = []
        traits: list[TraitFinding] = []
        for page in pages:
            attributes += self._read_user(page, user, traits)
            for note in assistant_notes(page.agent_response, page.timestamp):
                if note.text not in self._told:
                    assistant.add(note, page)
        return Findings((*user.findings, *assistant.findings), tuple(attributes), tuple(traits))

    def analyze_batch(self, batch: Batch, known: Sequence[Fact]) -> BatchAnalysis:
        pages = list(batch.pages)
        context = [batch.previous] if batch.previous is not None else []
        vectors = self._vectors([*context, *pages])
        links = _links([*context, *pages], vectors)[len(context) :]
        found = groups(pages, vectors[len(context) :], [link.continues for link in links])
        return BatchAnalysis(tuple(links), tuple(self.summarize([pages[at] for at in group]) for group in found))

    def analyze_segment(self, segment: Segment, pages: Sequence[Page], known: Sequence[Fact]) -> Findings:
        return recurring(pages, known)

    def summarize(self, pages: Sequence[Page]) -> Topic:
        return Topic(tuple(page.page_id for page in pages), summary_of(pages), keywords_of(pages))

    def keywords(self, page: Page) -> tuple[str, ...]:
        return page_keywords(page)

    def _read_user(self, page: Page, ledger: Ledger, traits: list[TraitFinding]) -> list[AttributeFinding]:
        """Enter what the user's side of a page says; return the static attributes, add the traits."""
        said = extract(page.user_input, page.timestamp)
        leanings: list[Leaning] = list(said.leanings)
        attributes: list[AttributeFinding] = []
        here = (page.page_id,)
        for note in (*said.notes, *map(_noted, told_in(page.user_input))):
            finding = ledger.add(note, page) if note.text not in self._told else None
            kept = note.attributes if finding is None or finding.key == note.key else ()
            values = attributes_of(finding.key, finding.text) if finding and note.corrects else kept
            for name, value in values:
                whole, pages = ledger.gathered(name)
                sources = tuple(dict.fromkeys((*pages, page.page_id))) if whole else here
                attributes.append(AttributeFinding(name, whole or value, sources, page.timestamp))
            leanings += [raised(each, ledger.texts()) for each in leanings_of_line(note.text) if not note.corrects]
        traits += [TraitFinding(each.dimension, each.level, each.evidence, here, page.timestamp) for each in leanings]
        return attributes

    def _vectors(self, pages: Sequence[Page]) -> Vectors:
        return self._embedder.embed([f"{page.user_input[:_TEXT]}\n{page.agent_response[:_TEXT]}" for page in pages])


def _noted(told: Told) -> Note:
    """Return what was told in another language as a note, with the attribute it states."""
    slot = told.slot.partition(":")[0]
    name = _ATTRIBUTES.get(slot, slot)
    value = "" if told.how == "ends" else told.words
    stated = told.kind in ("name", "home", "work", "allergy") or told.slot == "diet"
    return Note(told.line, told.slot, ((name, value),) if stated else (), told.how == "ends")


def _links(pages: Sequence[Page], vectors: Vectors) -> list[ChainLink]:
    """Return a link for every page to the one before it; the first one's running summary is the one it carries."""
    links: list[ChainLink] = []
    for place, page in enumerate(pages):
        before = pages[place - 1] if place else None
        goes_on = before is not None and continues(page, before, (vectors[place], vectors[place - 1]))
        running = links[-1].chain_summary if goes_on else ""
        own = page.chain_summary if not place and page.chain_summary else extend(running, page)
        links.append(ChainLink(page.page_id, goes_on, own))
    return links
