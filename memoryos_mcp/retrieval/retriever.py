"""
The retriever: ranks turns, fills the budget with the best, adds what is known, and names the segments they are from.

Reads only. The caller holds the store's lock around `retrieve`, not around `prepare`, and keeps the books on visits.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from ..domain.errors import EmbedderError
from ..domain.protocols import Embedder, Tokenizer
from ..domain.records import Fact, Page, PageHit, Retrieval, Segment
from ..storage.index import TurnIndex, View
from ..text.terms import query_terms
from .excerpt import excerpt
from .filling import Filled, Shown, fill
from .knowing import Known, know
from .later_changes import with_change_notes
from .ranking import Knowledge, Question, Ranked, Ranker, Weights, ask
from .rendering import KNOWN, NOTHING, Names, turn_line
from .repeats import without_boilerplate, without_repeats
from .request import PageSource, Request

__all__ = ["Retriever"]

logger = logging.getLogger(__name__)

_NEWEST_SHARE = 0.25
_TOKENS_A_TURN = 20
_LONG_SHARE = 0.4
_CHARS_A_TOKEN = 16
"""More than any text has on average, blanks aside."""
_SEGMENTS = 8
_FOUND = 0.5
_SPARE, _FARTHEST = 20, 4000
_TOKENS_A_TERM, _TOKENS_A_LINE = 2.5, 5


class Retriever:
    """
    Answers requests from one index.

    Args:
        index: The turns.
        source: Where pages and segments are read.
        embedder: The present one; questions are read by the one whose vectors serve.
        tokenizer: Counts the reply.
        weights: What each signal counts; default those fitted for the embedder.
    """

    def __init__(
        self,
        index: TurnIndex,
        source: PageSource,
        embedder: Embedder,
        tokenizer: Tokenizer,
        weights: Weights | None = None,
    ) -> None:
        self._index = index
        self._source = source
        self._rankers: dict[str, Ranker] = {}
        self._weights = weights
        self._knowledge = Knowledge(embedder)
        self._tokenizer = tokenizer
        self.last_error: str | None = None

    def prepare(self, request: Request, embedder: Embedder) -> None:
        """
        Have a slow embedder read what `retrieve` will need of it; without the store's lock, so that others go on.

        One that fails costs its signals: `last_error` says so until it answers again.
        """
        try:
            self._ranker(embedder).prepare(_question(request), request.short_term)
        except EmbedderError as exc:
            self.last_error = f"{type(exc).__name__}: {exc}"
            logger.warning("a question is answered without vectors: %s", exc)
        else:
            self.last_error = None

    def is_slow(self, embedder: Embedder) -> bool:
        """Whether `prepare` is worth calling."""
        return self._ranker(embedder).slow

    def _ranker(self, embedder: Embedder) -> Ranker:
        return self._rankers.setdefault(embedder.name, Ranker(embedder, self._weights))

    def retrieve(self, request: Request) -> Retrieval:
        """
        Return what memory holds on `request.query`, with its text within `request.max_tokens`.

        Raises:
            StoreError: Memory cannot be read. An embedder that is out of reach only costs its signals.
        """
        view = self._index.view(request.user_id, request.short_term)
        question = _question(request)
        ranked = self._ranker(view.embedder).rank(
            view, question, _allowed(view, request), request.max_tokens // _TOKENS_A_TURN, request.project
        )
        known = know(self._knowledge, view, question.bare, request, self._tokenizer)
        known, filled = self._fill(request, view, question, ranked, known)
        return self._answer(request, ranked, known, filled)

    def _fill(
        self, request: Request, view: View, question: Question, ranked: Ranked, known: Known
    ) -> tuple[Known, Filled]:
        """Fill the budget, reading more pages while there is room and something left."""
        names = Names.of(request.user_name, request.assistant_name, request.project)
        order = _order(view, question, ranked, request, self._tokenizer)
        pages: dict[str, Page] = {page.page_id: page for page in request.short_term}
        wanted = {form for forms in query_terms(question.bare, view.languages) for form in forms}
        count = _reach(view, order, request.max_tokens)
        while True:
            self._read(request.user_id, view, order[:count], pages)
            shown = [self._shown(view, turn, pages, wanted, request.max_tokens, names) for turn in order[:count]]
            turns = self._told([turn for turn in shown if turn is not None], request, names)
            filled = self._filled(turns, known, request.max_tokens, names)
            if count >= len(order) and len(filled.turns) == len(turns):
                return self._with_the_rest(turns, known, filled, request.max_tokens, names)
            if count >= len(order) or len(turns) - len(filled.turns) >= _SPARE:
                return known, filled
            count *= 2

    def _filled(self, turns: Sequence[Shown], known: Known, budget: int, names: Names) -> Filled:
        """Fill once with every known line, and again without those that the turns say themselves."""
        filled = fill(turns, known.lines(), budget, names, self._tokenizer)
        said: dict[str, str] = {}
        for turn in filled.turns:
            said[turn.page.page_id] = f"{said.get(turn.page.page_id, '')}\n{turn.text}"
        lines = known.lines(said)
        return filled if lines == known.lines() else fill(turns, lines, budget, names, self._tokenizer)

    def _with_the_rest(
        self, turns: Sequence[Shown], known: Known, filled: Filled, budget: int, names: Names
    ) -> tuple[Known, Filled]:
        """Every turn is shown: show everything known too if that fits as well, else what fits of what matters."""
        room = budget - filled.tokens - (0 if known.lines() else self._tokenizer.count(KNOWN) + 1)
        for more in (known.everything(), known.with_more(room, self._tokenizer)):
            whole = self._filled(turns, more, budget, names)
            if whole.tokens <= budget and len(whole.turns) == len(turns):
                return more, whole
        return known, filled

    def _read(self, user_id: str, view: View, turns: Sequence[int], pages: dict[str, Page]) -> None:
        ids = dict.fromkeys(view.columns.page_ids[turn // 2] for turn in turns)
        missing = [id_ for id_ in ids if id_ not in pages]
        pages.update((page.page_id, page) for page in self._source.pages(user_id, missing))

    def _shown(
        self, view: View, turn: int, pages: Mapping[str, Page], wanted: set[str], budget: int, names: Names
    ) -> Shown | None:
        page = pages.get(view.columns.page_ids[turn // 2])
        if page is None:
            return None
        text = page.agent_response if turn % 2 else page.user_input
        most = budget * _LONG_SHARE
        head = text[: int(most * _CHARS_A_TOKEN)]  # what is longer is cut in any case: its end is not counted
        cost = self._cost(names, turn, head)
        if cost > most or len(head) < len(text):
            text = excerpt(text, wanted, int(len(head) * min(1.0, most / cost)) - 8)
            cost = self._cost(names, turn, text)
        return Shown(turn, page, text, int(view.columns.days[turn // 2]), cost)

    def _told(self, turns: Sequence[Shown], request: Request, names: Names) -> list[Shown]:
        """Leave out what no one said and what is said again, and note what was changed later."""
        facts = (*request.profile.user_knowledge, *request.profile.assistant_knowledge)
        noted = with_change_notes(without_repeats(without_boilerplate(turns)), facts, request.until)
        return [
            replace(turn, cost=self._cost(names, turn.turn, turn.text, turn.notes)) if turn.notes else turn
            for turn in noted
        ]

    def _cost(self, names: Names, turn: int, text: str, notes: Sequence[str] = ()) -> int:
        return self._tokenizer.count("\n" + turn_line(names, turn % 2, text, "", notes))

    def _answer(self, request: Request, ranked: Ranked, known: Known, filled: Filled) -> Retrieval:
        hits = _hits(ranked, filled, explain=request.explain)
        text = filled.text if hits or known.lines() else f"{filled.text}\n{NOTHING}"
        queue = {page.page_id for page in request.short_term}
        recent = sorted((hit for hit in hits if hit.page.page_id in queue), key=lambda hit: hit.page.sequence)
        older = tuple(hit for hit in hits if hit.page.page_id not in queue)
        return Retrieval(
            query=request.query,
            short_term=tuple(recent),
            mid_term=older,
            segments=tuple(self._segments(request.user_id, older)),
            profile="\n".join(line.removeprefix("- ") for line in known.profile),
            user_knowledge=_about(known.facts, "user"),
            assistant_knowledge=_about(known.facts, "assistant"),
            text=text,
            token_count=self._tokenizer.count(text),
            max_tokens=request.max_tokens,
            omitted=_omitted(ranked, filled) + known.left_out,
        )

    def _segments(self, user_id: str, hits: Sequence[PageHit]) -> list[tuple[Segment, float]]:
        ids = dict.fromkeys(hit.page.segment_id for hit in hits if hit.page.segment_id)
        return self._source.segments(user_id, list(ids)[:_SEGMENTS]) if ids else []


def _question(request: Request) -> Question:
    told = (attribute.value for attribute in request.profile.static if attribute.name == "birthday")
    return ask(
        request.query,
        now=request.now,
        user_name=request.user_name,
        assistant_name=request.assistant_name,
        birthday=next(told, ""),
    )


def _allowed(view: View, request: Request) -> NDArray[np.bool_]:
    """Return which pages a request may bring back."""
    columns = view.columns
    allowed = columns.states > 0 if request.archive else columns.states == 1
    if request.since is not None:
        allowed = allowed & (columns.stamps >= _stamp(request.since))
    if request.until is not None:
        allowed = allowed & (columns.stamps <= _stamp(request.until))
    return np.asarray(allowed, np.bool_)


def _reach(view: View, order: Sequence[int], budget: int) -> int:
    """Return how many turns of *order* to read for *budget* tokens, with some to spare, by how long they are."""
    columns, turns = view.columns, np.asarray(order[:_FARTHEST], np.int64)
    pieces = columns.gather(turns)[1] if len(turns) else np.zeros(0)
    tokens = np.where(pieces > 0, pieces, _TOKENS_A_TERM * columns.lengths[turns]) + _TOKENS_A_LINE
    spent = np.cumsum(np.minimum(tokens, budget * _LONG_SHARE))
    return int(np.searchsorted(spent, 1.15 * budget)) + 2 * _SPARE


def _stamp(moment: datetime) -> float:
    return moment.timestamp()


def _order(view: View, question: Question, ranked: Ranked, request: Request, tokenizer: Tokenizer) -> list[int]:
    """
    Return turns in the order in which they are taken: by rank.

    A question that goes on from what was said last gets the newest turns first, up to a share of the budget; given to
    every question, even 4 % of it cost half a point of recall.
    """
    room = request.max_tokens * _NEWEST_SHARE if question.recent else 0.0
    texts = {page.page_id: (page.user_input, page.agent_response) for page in request.short_term}
    order = [int(turn) for turn in ranked.turns]
    newest = []
    for turn in sorted(order, reverse=True):
        pair = texts.get(view.columns.page_ids[turn // 2])
        cost = tokenizer.count(pair[turn % 2]) if pair else room + 1
        if cost > room:
            break
        room -= cost
        newest.append(turn)
    return list(dict.fromkeys([*newest, *order]))


def _hits(ranked: Ranked, filled: Filled, *, explain: bool) -> list[PageHit]:
    """Return the pages shown, best first; a side not shown is empty, one cut short is the excerpt."""
    places = {int(turn): place for place, turn in enumerate(ranked.turns)}
    sides: dict[str, dict[int, Shown]] = {}
    for shown in filled.turns:
        sides.setdefault(shown.page.page_id, {})[shown.turn % 2] = shown
    hits = []
    for found in sides.values():
        best = min(places[shown.turn] for shown in found.values())
        page = next(iter(found.values())).page
        texts = {side: found[side].text if side in found else "" for side in (0, 1)}
        hit = PageHit(
            replace(page, user_input=texts[0], agent_response=texts[1]),
            float(ranked.scores[best]),
            ranked.why(best) if explain else {},
            tuple(dict.fromkeys(note for shown in found.values() for note in shown.notes)),
        )
        hits.append((best, hit))
    return [hit for _, hit in sorted(hits, key=lambda pair: pair[0])]


def _about(facts: Sequence[Fact], about: str) -> tuple[Fact, ...]:
    return tuple(fact for fact in facts if fact.about == about)


def _omitted(ranked: Ranked, filled: Filled) -> int:
    """Return how many turns scored at least half of the best and are not shown, nor said by one that is."""
    if not len(ranked.turns):
        return 0
    shown = {place for turn in filled.turns for place in (turn.turn, *turn.repeats)}
    good = ranked.turns[ranked.scores >= _FOUND * ranked.scores.max()]
    return sum(int(turn) not in shown for turn in good)
