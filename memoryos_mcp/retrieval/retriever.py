"""
The retriever: ranks turns, fills the budget with the best, adds what is known, and names the segments they are from.

Reads only. The caller holds the store's lock around `retrieve`, not around `prepare`, and keeps the books on visits.
"""

import logging
from collections import OrderedDict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, time
from threading import Lock
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..domain.errors import EmbedderError
from ..domain.protocols import Embedder, Tokenizer
from ..domain.records import Fact, Page, PageHit, Retrieval, Segment
from ..storage.index import TurnIndex, View
from ..storage.index.lexical import passage_spans
from ..text.terms import query_terms
from .excerpt import excerpt
from .later_changes import with_change_notes
from .ranking import USUAL_BUDGET, Knowledge, Question, Ranked, Ranker, Weights, ask, asks_for_profile, is_silent
from .recalled_text import RecalledText, ShownTurn, fill, join_passages, side_text
from .rendering import KNOWN, NOTHING, Names, turn_line
from .repeats import without_boilerplate, without_repeats
from .reply_head import Known, know
from .request import PageSource, Request
from .shown_passages import text_of_passages

__all__ = ["Retriever"]

logger = logging.getLogger(__name__)

_NEWEST_SHARE = 0.25
_LONG_SHARE = 0.4
_SEGMENTS = 8
_SPARE, _FARTHEST = 10, 4000
_CHARS_A_TOKEN, _TOKENS_A_LINE, _AHEAD = 4, 5, 1.5
_CUT = 4_000
"""Passages that are kept as they are shown, with what they cost."""


class RankedPassage(NamedTuple):
    """A passage by its turn and which of the turn's it is, and its size."""

    turn: int
    ordinal: int
    chars: int


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
        self._lock = Lock()  # guards `_rankers` and `_cut`
        self._rankers: dict[str, Ranker] = {}
        self._weights = weights
        self._knowledge = Knowledge(embedder)
        self._tokenizer = tokenizer
        self._cut: OrderedDict[tuple[str, RankedPassage, Names, str], ShownTurn] = OrderedDict()
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
        with self._lock:
            ranker = self._rankers.get(embedder.name)
            if ranker is None:
                ranker = self._rankers[embedder.name] = Ranker(embedder, self._weights)
            return ranker

    def retrieve(self, request: Request) -> Retrieval:
        """
        Return what memory holds on `request.query`, with its text within `request.max_tokens`.

        Raises:
            StoreError: Memory cannot be read. An embedder that is out of reach only costs its signals.
        """
        view = self._index.view(request.user_id, request.short_term)
        question = _question(request)
        ranked = self._ranker(view.embedder).rank(
            view, question, _allowed(view, request), request.max_tokens, request.project
        )
        known = know(self._knowledge, view, question.bare, request, self._tokenizer)
        order = _order(view, question, ranked, request, self._tokenizer)
        if not (order or known.answers or request.fill):
            known = known.in_silence(self._tokenizer)
        known, filled = self._fill(request, view, question, order, known)
        return self._answer(request, ranked, order, known, filled)

    def _fill(
        self, request: Request, view: View, question: Question, order: Sequence[RankedPassage], known: Known
    ) -> tuple[Known, RecalledText]:
        """Fill the budget, reading more pages while there is room and something left."""
        names = Names.of(request.user_name, request.assistant_name, request.project)
        pages: dict[str, Page] = {page.page_id: page for page in request.short_term}
        wanted = frozenset(form for forms in query_terms(question.bare, view.languages) for form in forms)
        count = _reach(order, request.max_tokens)
        while True:
            self._read(request.user_id, view, order[:count], pages)
            shown = [self._shown(view, passage, pages, wanted, request.max_tokens, names) for passage in order[:count]]
            turns = self._told([turn for turn in shown if turn is not None], request, names)
            filled = self._filled(turns, known, request.max_tokens, names)
            if request.fill and count >= len(order) and len(join_passages(turns)) == len(filled.turns):
                return self._with_the_rest(turns, known, filled, request.max_tokens, names)
            if count >= len(order) or _spent(turns) > 2 * request.max_tokens:
                return known, filled
            count *= 2

    def _filled(self, turns: Sequence[ShownTurn], known: Known, budget: int, names: Names) -> RecalledText:
        """Fill once with every known line, and again without those that the turns say themselves."""
        filled = fill(turns, known.lines(), budget, names, self._tokenizer)
        said: dict[str, str] = {}
        for turn in filled.turns:
            said[turn.page.page_id] = f"{said.get(turn.page.page_id, '')}\n{turn.text}"
        lines = known.lines(said)
        return filled if lines == known.lines() else fill(turns, lines, budget, names, self._tokenizer)

    def _with_the_rest(
        self, turns: Sequence[ShownTurn], known: Known, filled: RecalledText, budget: int, names: Names
    ) -> tuple[Known, RecalledText]:
        """Every turn is shown: show everything known too if that fits as well, else what fits of what matters."""
        room = budget - filled.tokens - (0 if known.lines() else self._tokenizer.count(KNOWN) + 1)
        for more in (known.everything(), known.with_more(room, self._tokenizer)):
            whole = self._filled(turns, more, budget, names)
            if whole.tokens <= budget and len(whole.turns) == len(filled.turns):
                return more, whole
        return known, filled

    def _read(self, user_id: str, view: View, passages: Sequence[RankedPassage], pages: dict[str, Page]) -> None:
        ids = dict.fromkeys(view.columns.page_ids[passage.turn // 2] for passage in passages)
        missing = [id_ for id_ in ids if id_ not in pages]
        pages.update((page.page_id, page) for page in self._source.pages(user_id, missing))

    def _shown(
        self,
        view: View,
        passage: RankedPassage,
        pages: Mapping[str, Page],
        wanted: Collection[str],
        budget: int,
        names: Names,
    ) -> ShownTurn | None:
        """Return a passage as it would be shown; of one too long for a small budget the part that matters."""
        page = pages.get(view.columns.page_ids[passage.turn // 2])
        if page is None:
            return None
        whole = self._whole(page, passage, names)
        if whole.cost <= budget * _LONG_SHARE:
            return whole
        text = excerpt(whole.text, wanted, int(len(whole.text) * budget * _LONG_SHARE / whole.cost) - 8)
        return replace(whole, text=text, span=None, cost=self._cost(names, passage.turn, text))

    def _whole(self, page: Page, passage: RankedPassage, names: Names) -> ShownTurn:
        """Return a passage whole as it would be shown; worked out once while its page and what counts stay the same."""
        key = (page.page_id, passage, names, self._tokenizer.name)
        with self._lock:
            held = self._cut.get(key)
        if held is None or held.page is not page:
            side = side_text(page, passage.turn % 2)
            spans = passage_spans(side)
            span = spans[min(passage.ordinal, len(spans) - 1)]
            text = text_of_passages(side, [span])
            day = page.timestamp.toordinal()
            held = ShownTurn(passage.turn, page, text, day, self._cost(names, passage.turn, text), span)
            with self._lock:
                self._cut[key] = held
                while len(self._cut) > _CUT:
                    self._cut.popitem(last=False)
        return held

    def _told(self, turns: Sequence[ShownTurn], request: Request, names: Names) -> list[ShownTurn]:
        """Leave out what no one said and what is said again, and note what was changed later."""
        facts = (*request.profile.user_knowledge, *request.profile.assistant_knowledge)
        noted = with_change_notes(without_repeats(without_boilerplate(turns)), facts, request.until)
        return [
            replace(turn, cost=self._cost(names, turn.turn, turn.text, turn.notes)) if turn.notes else turn
            for turn in noted
        ]

    def _cost(self, names: Names, turn: int, text: str, notes: Sequence[str] = ()) -> int:
        return self._tokenizer.count("\n" + turn_line(names, turn % 2, text, "", notes))

    def _answer(
        self, request: Request, ranked: Ranked, order: Sequence[RankedPassage], known: Known, filled: RecalledText
    ) -> Retrieval:
        hits = _hits(ranked, filled, explain=request.explain)
        text = filled.text if hits or known.answers else f"{filled.text}\n{NOTHING}"
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
            token_count=filled.tokens if text is filled.text else self._tokenizer.count(text),
            max_tokens=request.max_tokens,
            omitted=_omitted(order, filled) + known.left_out,
            confidence=ranked.confidence,
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
    """Return which pages a request may bring back; whole days are those of the pages, each on its own clock."""
    columns = view.columns
    allowed = columns.states > 0 if request.archive else columns.states == 1
    if (since := request.since) is not None:
        whole = since.time() == time.min
        allowed = allowed & (columns.days >= since.toordinal() if whole else columns.stamps >= _stamp(since))
    if (until := request.until) is not None:
        whole = until.time() == time.max
        allowed = allowed & (columns.days <= until.toordinal() if whole else columns.stamps <= _stamp(until))
    return np.asarray(allowed, np.bool_)


def _reach(order: Sequence[RankedPassage], budget: int) -> int:
    """Return how many passages of *order* are worth reading for *budget* tokens at first, by how long they are."""
    spent = np.cumsum([passage.chars / _CHARS_A_TOKEN + _TOKENS_A_LINE for passage in order[:_FARTHEST]])
    return int(np.searchsorted(spent, _AHEAD * budget)) + _SPARE


def _spent(turns: Sequence[ShownTurn]) -> int:
    return sum(turn.cost for turn in turns)


def _stamp(moment: datetime) -> float:
    return moment.timestamp()


def _order(
    view: View, question: Question, ranked: Ranked, request: Request, tokenizer: Tokenizer
) -> list[RankedPassage]:
    """
    Return passages in the order in which they are taken: by rank.

    A question that goes on from what was said last gets the newest turns first, up to a share of the budget; given to
    every question, even 4 % of it cost half a point of recall.
    """
    worth = _worth(ranked, request)
    newest = _newest_turns(view, ranked, request, tokenizer) if question.recent else []
    first = np.lexsort((ranked.ordinals, -ranked.turns)) if newest else worth[:0]
    first = first[np.isin(ranked.turns[first], newest)]
    order = np.concatenate([first, worth[~np.isin(ranked.turns[worth], newest)]]) if newest else worth
    columns = (ranked.turns[order].tolist(), ranked.ordinals[order].tolist(), ranked.chars[order].tolist())
    return [RankedPassage(*each) for each in zip(*columns, strict=True)]


def _newest_turns(view: View, ranked: Ranked, request: Request, tokenizer: Tokenizer) -> list[int]:
    """Return the newest turns of short-term memory, as many as fit their share of the budget."""
    room = request.max_tokens * _NEWEST_SHARE
    texts = {page.page_id: (page.user_input, page.agent_response) for page in request.short_term}
    newest: list[int] = []
    for turn in np.unique(ranked.turns)[::-1].tolist():
        pair = texts.get(view.columns.page_ids[turn // 2])
        cost = tokenizer.count(pair[turn % 2]) if pair else room + 1
        if cost > room:
            break
        room -= cost
        newest.append(turn)
    return newest


def _worth(ranked: Ranked, request: Request) -> NDArray[np.int64]:
    """
    Return which passages are worth their tokens, all of them on request, none when there is no answer.

    Those that need more than the usual budget come behind the others: what a small budget takes a larger one does too.
    """
    bounded = request.since is not None or request.until is not None
    asked = request.fill or bounded or asks_for_profile(request.query, request.user_name)
    if is_silent(ranked.confidence) and not asked:
        return np.zeros(0, np.int64)
    order = np.argsort(ranked.worth, kind="stable")
    return order if request.fill else order[ranked.worth[order] <= max(request.max_tokens, USUAL_BUDGET)]


def _hits(ranked: Ranked, filled: RecalledText, *, explain: bool) -> list[PageHit]:
    """Return the pages shown, best first; a side not shown is empty, one cut short is the excerpt."""
    positions: dict[int, int] = {}
    for position in np.flatnonzero(np.isin(ranked.turns, [shown.turn for shown in filled.turns])).tolist():
        positions.setdefault(int(ranked.turns[position]), position)
    sides: dict[str, dict[int, ShownTurn]] = {}
    for shown in filled.turns:
        sides.setdefault(shown.page.page_id, {})[shown.turn % 2] = shown
    hits = []
    for found in sides.values():
        best = min(positions[shown.turn] for shown in found.values())
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


def _omitted(order: Sequence[RankedPassage], filled: RecalledText) -> int:
    """Return how many turns were worth showing and are not shown, nor said by one that is: the budget was too small."""
    shown = {number for turn in filled.turns for number in (turn.turn, *turn.repeats)}
    return len({passage.turn for passage in order} - shown)
