"""
The `local` analyzer: no model, no network, no state.

Reads typed facts out of a closed list (`records.FACT_KINDS`) by tables of rules; what is of no kind is no fact. A text
in a language without tables gives keywords, links and topics but no facts. It never raises on any text, and the time
it takes is bounded by the size limits of its parts.
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
from ...tiers.knowledge import learnt_from, withdraw
from .assistant_side import assistant_statements
from .attributes import attributes_of, changed_attributes, changed_traits, traits_of
from .blocks import typed_prose
from .closing import Entry
from .frames import frame_of, framed
from .keywords import keywords_of, page_keywords
from .languages import Told, told_in
from .ledger import Ledger
from .offers import choice_of
from .rule_matching import statements_of
from .statement import Statement, value_words
from .summaries import extend, summary_of
from .topics import continues, groups

__all__ = ["LocalAnalyzer"]

_TEXT = 2_000
_RECENT = 5
"""So many pages back a correction without its subject reaches."""


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

    def note(self, pages: Sequence[Page], known: Sequence[Fact], context: Sequence[Page] = ()) -> Findings:
        before = Ledger.of("user", known).holding()
        kept = _without(known, [page.page_id for page in pages if page.noted])
        user, assistant = Ledger.of("user", kept), Ledger.of("assistant", kept)
        talk = sorted({page.page_id: page for page in (*context, *pages)}.values(), key=_order)
        wanted = {page.page_id for page in pages}
        for at, page in enumerate(talk):
            if page.page_id in wanted:
                recent = [each.page_id for each in talk[max(0, at - _RECENT) : at + 1]]
                told = self._told_by_user(page, talk[:at])
                for said in sorted(told, key=lambda said: said.how == "quiet"):
                    user.add(said, page, recent)
                for said in assistant_statements(page.agent_response):
                    assistant.add(said, page, ())
        return Findings((*user.findings, *assistant.findings), *_derived(before, user, talk))

    def analyze_batch(self, batch: Batch, known: Sequence[Fact]) -> BatchAnalysis:
        pages = list(batch.pages)
        context = [batch.previous] if batch.previous is not None else []
        vectors = self._vectors([*context, *pages])
        links = _links([*context, *pages], vectors)[len(context) :]
        found = groups(pages, vectors[len(context) :], [link.continues for link in links])
        return BatchAnalysis(tuple(links), tuple(self.summarize([pages[at] for at in group]) for group in found))

    def analyze_segment(self, segment: Segment, pages: Sequence[Page], known: Sequence[Fact]) -> Findings:
        return Findings()  # every page was read when it came; what several pages say was derived then

    def summarize(self, pages: Sequence[Page]) -> Topic:
        return Topic(tuple(page.page_id for page in pages), summary_of(pages), keywords_of(pages))

    def keywords(self, page: Page) -> tuple[str, ...]:
        return page_keywords(page)

    def _told_by_user(self, page: Page, before: Sequence[Page]) -> list[Statement]:
        """Return what the user tells on a page: nothing inside a frame, what stands before one that it opens."""
        if framed(page, before):
            return []
        opens = frame_of(page.user_input)
        text = opens.before if opens else page.user_input
        english = statements_of(text, page.timestamp)
        told = [said for said in (*english, *map(_stated, told_in(typed_prose(text)))) if said.line not in self._told]
        if not opens and before:
            chosen = choice_of(page.user_input, before[-1].agent_response)
            told = [*([chosen] if chosen else []), *(said for said in told if not chosen or said.kind != "decision")]
        return told

    def _vectors(self, pages: Sequence[Page]) -> Vectors:
        return self._embedder.embed([f"{page.user_input[:_TEXT]}\n{page.agent_response[:_TEXT]}" for page in pages])


def _stated(told: Told) -> Statement:
    """Return the statement of what a text in another language tells."""
    return Statement(told.kind, told.slot, told.how, told.line, value_words(told.value) or told.value, told.quote)


def _without(known: Sequence[Fact], page_ids: Sequence[str]) -> Sequence[Fact]:
    """Return *known* as if pages that are read again had never been read."""
    facts = {fact.fact_id: fact for fact in known}
    gone = learnt_from([fact for fact in known if fact.kind], page_ids)
    facts.update({fact.fact_id: fact for fact in withdraw(facts, gone)})
    return [fact for id_, fact in facts.items() if id_ not in gone]


def _order(page: Page) -> tuple[float, int, str]:
    return page.timestamp.timestamp(), page.sequence, page.page_id


def _derived(
    before: Sequence[Entry], user: Ledger, talk: Sequence[Page]
) -> tuple[tuple[AttributeFinding, ...], tuple[TraitFinding, ...]]:
    """Return how attributes and traits change with the lines that hold."""
    after = user.holding()
    latest = max([*(entry.said_at for entry in user.entries), *(page.timestamp for page in talk)])
    attributes = changed_attributes(attributes_of(before), attributes_of(after), latest)
    traits = changed_traits(traits_of(before), traits_of(after), latest)
    return tuple(attributes), tuple(traits)


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
