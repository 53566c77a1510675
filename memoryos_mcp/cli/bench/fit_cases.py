"""
What weights are fitted to: for every question of a conversation the signals of all passages, and where the answer is.

The conversation is told to the real engine in an empty data folder; several files' conversations are also told to one
memory, by date, so that weights do not depend on what else a memory holds.
"""

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...api.composition import Pages, assemble
from ...api.memoryos import Memoryos
from ...domain.clock import now
from ...domain.records import Exchange
from ...domain.settings import load_settings
from ...retrieval.ranking import Ranker, ask
from ...retrieval.ranking.score import SIGNALS, stretch
from ...retrieval.recalled_text import side_text
from ...storage.chroma import open_store
from ...storage.index import View
from ...storage.index.lexical import passage_spans
from .dialogue import Dialogue, Question
from .ruler import compared_part, plain

__all__ = ["Case", "cases_of", "mix_conversations"]

Numbers = NDArray[np.float32]
_AT_ONCE, _SETTLE_S = 200, 600.0
_LINE_TOKENS, _CHARS_A_TOKEN = 6, 4


@dataclass(frozen=True, slots=True)
class Case:
    """
    A question to a memory: `signals` has a row for each passage and a column for each of `SIGNALS`, stretched.

    `share` is of long turns around each, `tokens` what each costs, and `evidence` names the passages that hold each
    piece of evidence. Cases of one `conversation` are never on both sides of a cross-validation.
    """

    conversation: str
    signals: Numbers
    share: Numbers
    tokens: Numbers
    evidence: tuple[NDArray[np.int64], ...]


def mix_conversations(one: Dialogue, other: Dialogue) -> Dialogue:
    """Return two conversations as one memory would hold them, with the questions of the first and its names."""
    exchanges = sorted((*one.exchanges, *other.exchanges), key=lambda each: each.timestamp.timestamp())
    return replace(one, exchanges=tuple(exchanges))


def cases_of(dialogue: Dialogue, step: Callable[[], None]) -> list[Case]:
    """Return the cases of a conversation's questions with evidence."""
    with tempfile.TemporaryDirectory(prefix="memoryos-bench-", ignore_cleanup_errors=True) as folder:
        values = {"embedder": "bundled", "analyzer": "local", **dialogue.settings, "data_dir": Path(folder)}
        settings = load_settings(values, environ={})
        with Memoryos(settings) as memory:
            for start in range(0, len(dialogue.exchanges), _AT_ONCE):
                some = dialogue.exchanges[start : start + _AT_ONCE]
                memory.add_many([Exchange(each.user_input, each.agent_response, each.timestamp) for each in some])
                memory.settle(_SETTLE_S)
        store = open_store(settings)
        try:
            tiers = assemble(settings, store)
            with store.exclusive():
                queue = tuple(tiers.short_term.pages(settings.user_id))
                view = tiers.index.view(settings.user_id, queue)
                pages = Pages(tiers.mid_term).pages(settings.user_id, [id_ for id_ in view.columns.page_ids if id_])
                by_id = {page.page_id: page for page in (*pages, *queue)}
                texts = [side_text(by_id[id_], side) for id_ in view.columns.page_ids for side in (0, 1)]
                ranker = Ranker(tiers.embedder)
                found = list(_cases(dialogue, view, ranker, texts, step))
            tiers.index.close()
            return found
        finally:
            store.close()


def _cases(
    dialogue: Dialogue, view: View, ranker: Ranker, texts: Sequence[str], step: Callable[[], None]
) -> Iterator[Case]:
    names = {name: dialogue.settings.get(name, "") for name in ("user_name", "assistant_name")}
    shown = [[plain(text[start:end]) for start, end in passage_spans(text)] for text in texts]
    for question in dialogue.answerable:
        asked = ask(question.text, now=now(), **names)
        signals = ranker.signals(view, asked, view.columns.states == 1, 1_000_000)
        passages = signals.passages
        places = list(zip(passages.turns[passages.rows].tolist(), passages.ordinals.tolist(), strict=True))
        evidence = _places_of(question, [shown[turn][ordinal] for turn, ordinal in places])
        step()
        if evidence:
            columns = _columns(signals.values, len(places))
            cost = (passages.chars / _CHARS_A_TOKEN + _LINE_TOKENS).astype(np.float32)
            yield Case(dialogue.name, columns, signals.share, cost, evidence)


def _columns(values: Mapping[str, Numbers], size: int) -> Numbers:
    nothing = np.zeros(size, np.float32)
    return np.stack([stretch(name, values) if name in values else nothing for name in SIGNALS], axis=1)


def _places_of(question: Question, passages: Sequence[str]) -> tuple[NDArray[np.int64], ...]:
    """Return for each piece of evidence that one passage holds which ones do."""
    found = []
    for text in question.evidence:
        wanted = compared_part(text)
        holding = [at for at, passage in enumerate(passages) if wanted in passage]
        if holding:
            found.append(np.array(holding, np.int64))
    return tuple(found)
