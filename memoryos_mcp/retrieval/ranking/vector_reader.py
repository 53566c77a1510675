"""
Meaning from stored vectors: for an embedder that gives a vector per text and nothing else.

Vectors of indexed turns are read from the store; those of the question and of short-term memory are made beforehand,
by `prepare`, since an endpoint may be slow. One that fails is left alone for a while: somebody waits for each answer.
"""

import time
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from ...domain.errors import EmbedderError, EmbedderUnavailableError
from ...domain.protocols import Embedder, Vectors
from ...domain.records import Page
from ...storage.index import Remote, View, context_vectors
from .meaning import Meaning
from .passages import Passages
from .question import Question

__all__ = ["VectorReader"]

_CACHED, _TEXTS = 20_000, 2_000
_PATIENCE_S = 5.0
"""Longest wait for one request to an endpoint while a question waits."""
_REST_S = 20.0
"""How long an endpoint that failed is not asked again for a question."""


class VectorReader:
    """Reads questions against turns by one vector each. Thread-safe."""

    slow = True

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._cache: OrderedDict[tuple[str, int], Vectors] = OrderedDict()
        self._texts: OrderedDict[str, Vectors] = OrderedDict()
        self._asked: OrderedDict[str, None] = OrderedDict()
        self._failed: tuple[float, EmbedderError] | None = None
        self._lock = Lock()

    def prepare(self, question: Question, tail: Sequence[Page]) -> None:
        """Embed what is not known yet of the question and of short-term memory."""
        self._embed(question.bare, [text for page in tail for text in (page.user_input, page.agent_response)])

    def question(self, view: View, question: Question) -> Vectors:
        """Return the unit vector of a question; made now only when nobody prepared it."""
        if question.bare not in self._asked:
            self._embed(question.bare, view.tail_texts)
        found = self._texts.get(question.bare)
        if found is None:
            raise EmbedderUnavailableError(f"the question has no vector: {self._failed[1] if self._failed else 'late'}")
        return found

    def read(self, view: View, question: Question, passages: Passages) -> Meaning:
        """Return cosines, no late interaction, and its turn's vector for each passage; zeros where there is none."""
        asked, turns = self.question(view, question), passages.turns
        units = np.stack(self._units(view, turns, len(asked))) if len(turns) else np.zeros((0, len(asked)), np.float32)
        cosines = units @ asked
        return Meaning(cosines, None, cosines[passages.rows])

    def _embed(self, bare: str, texts: Sequence[str]) -> None:
        """Embed a question and texts that are not known yet; a failure is remembered and raised."""
        missing = [text for text in dict.fromkeys([bare, *texts]) if text not in self._texts]
        failed = self._failed
        with self._lock:
            self._asked[bare] = None
            while len(self._asked) > _TEXTS:
                self._asked.popitem(last=False)
        if not missing:
            return
        if failed is not None and time.monotonic() - failed[0] < _REST_S:
            raise EmbedderUnavailableError(f"not asked again so soon after it failed: {failed[1]}")
        try:
            made = self._vectors(missing)
        except EmbedderError as exc:
            self._failed = (time.monotonic(), exc)
            raise
        with self._lock:
            self._failed = None
            self._texts.update(zip(missing, made, strict=True))
            while len(self._texts) > _TEXTS + len(texts):
                self._texts.popitem(last=False)

    def _vectors(self, texts: Sequence[str]) -> Vectors:
        if isinstance(self._embedder, Remote):
            return self._embedder.embed_within(texts, _PATIENCE_S)
        return self._embedder.embed(texts)

    def _units(self, view: View, turns: NDArray[np.int64], dimensions: int) -> list[Vectors]:
        columns = view.columns
        keys = {int(turn): (columns.page_ids[turn // 2], int(turn % 2)) for turn in turns}
        missing = [turn for turn, key in keys.items() if key not in self._cache]
        found: dict[int, Vectors] = {}
        if missing:
            found.update(view.vectors([turn for turn in missing if turn < 2 * view.indexed]))
            with self._lock:
                for turn, vector in found.items():
                    self._cache[columns.page_ids[turn // 2], turn % 2] = vector
        late = self._late(view, dimensions) if len(turns) and turns[-1] >= 2 * view.indexed else {}
        nothing = np.zeros(dimensions, np.float32)
        units = [late[turn] if turn in late else self._cache.get(key, nothing) for turn, key in keys.items()]
        with self._lock:
            while len(self._cache) > _CACHED:
                self._cache.popitem(last=False)
        return units

    def _late(self, view: View, dimensions: int) -> Mapping[int, Vectors]:
        """Return vectors of the turns of short-term memory; one that came after `prepare` has a zero one."""
        first, nothing = 2 * view.indexed, np.zeros(dimensions, np.float32)
        own = np.stack([self._texts.get(text, nothing) for text in view.tail_texts])
        units = context_vectors(own, view.columns.turn_sessions()[first:])
        return {first + at: unit for at, unit in enumerate(units)}
