"""Readers of meaning: by word pieces, by a model's word pieces in context, by stored vectors."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from memoryos_mcp.domain.protocols import Embedder, Vectors
from memoryos_mcp.retrieval.embedders import BundledEmbedder
from memoryos_mcp.retrieval.ranking import (
    Knowledge,
    Question,
    ask,
    context_reader,
    knowledge,
    piece_reader,
    vector_reader,
)
from memoryos_mcp.retrieval.ranking.context_reader import ContextReader
from memoryos_mcp.retrieval.ranking.knowledge import word_shares
from memoryos_mcp.retrieval.ranking.meaning import Meaning
from memoryos_mcp.retrieval.ranking.passages import passages_of
from memoryos_mcp.retrieval.ranking.piece_reader import PieceReader
from memoryos_mcp.retrieval.ranking.reader_choice import reader_of
from memoryos_mcp.retrieval.ranking.vector_reader import VectorReader

from .fakes import FirstWordEmbedder
from .make import NOON
from .retrieval_world import ANNA, RetrievalWorld, exchange

WORDS = ("tea", "dog", "sun", "sea", "i")
ALL = np.arange(4)
CHAT = (exchange(0, "tea", "dog"), exchange(1, "sun", "sea"))


def axis(word: str) -> int:
    """Return the direction of a word; words not known share the last one."""
    return WORDS.index(word) if word in WORDS else len(WORDS)


@dataclass(frozen=True)
class Encoded:
    """What the encoder below makes of a text."""

    vector: Vectors
    ids: NDArray[np.int32]
    tokens: NDArray[np.int8]


class AxisEncoder:
    """A `TurnEncoder` in which every word is an axis, and a text the sum of its words."""

    name = "axis"
    dimensions = len(WORDS) + 1

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.read: list[str] = []

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return the directions of texts."""
        return np.stack([self.encoded(text).vector for text in texts])

    def token_ids(self, texts: Sequence[str]) -> list[NDArray[np.int32]]:
        """Return an id per word."""
        return [self.encoded(text).ids for text in texts]

    def encode_turns(self, turns: Sequence[tuple[str, Sequence[str]]]) -> list[Encoded]:
        """Read turns; what came before is not looked at."""
        self.read += [text for text, _ in turns]
        return [self.encoded(text) for text, _ in turns]

    def encode_questions(self, texts: Sequence[str]) -> list[Encoded]:
        """Read questions."""
        self.asked += texts
        return [self.encoded(text) for text in texts]

    def encoded(self, text: str) -> Encoded:
        """Return a text as the sum of its words' axes."""
        ids = np.array([axis(word) for word in text.lower().split()], np.int32)
        rows = np.eye(self.dimensions, dtype=np.float32)[ids]
        total = rows.sum(axis=0)
        return Encoded(total / np.float32(np.linalg.norm(total)), ids, (rows * 127).astype(np.int8))


@pytest.fixture
def axes(tmp_path: Path) -> Iterator[RetrievalWorld]:
    """Return a memory whose embedder is the encoder above."""
    with RetrievalWorld(tmp_path, AxisEncoder()) as opened:
        yield opened


def question(text: str) -> Question:
    """Ask about Anna."""
    return ask(text, now=NOON, user_name="Anna")


def late_of(meaning: Meaning) -> NDArray[np.float32]:
    """Return late interaction, which there is."""
    assert meaning.late is not None
    return meaning.late


@pytest.mark.parametrize(
    ("embedder", "kind"),
    [(BundledEmbedder(), PieceReader), (AxisEncoder(), ContextReader), (FirstWordEmbedder(), VectorReader)],
)
def test_the_best_reader_that_an_embedder_allows_is_taken(embedder: Embedder, kind: type) -> None:
    """Ours: what an embedder offers is asked for once."""
    assert type(reader_of(embedder)) is kind


def test_a_models_pieces_are_compared_one_by_one(axes: RetrievalWorld) -> None:
    """Ours (recipe M): the turn with the word scores most, its neighbours .7 and .5 of that."""
    axes.remember(*CHAT)
    view = axes.index.view(ANNA, [])
    found = ContextReader(AxisEncoder()).read(view, question("dog"), passages_of(view.columns, ALL))
    vector, late = found.context, late_of(found)

    assert late.argmax() == vector.argmax() == 1
    above = late - late.min()
    assert late[1] > late[0] == late[2] > late[3]
    assert above[0] / above[1] > 0
    assert found.passage.argmax() == 1


def test_a_question_is_read_bare_and_as_the_person_would_have_said_it(axes: RetrievalWorld) -> None:
    """Ours (recipe M): the vector is the sum of both; a question is read once."""
    axes.remember(*CHAT)
    view, encoder = axes.index.view(ANNA, []), AxisEncoder()
    reader = ContextReader(encoder)

    first = reader.question(view, question("Anna tea"))
    assert encoder.asked == ["tea", "I tea", "Anna tea"]
    assert first[axis("i")] > 0
    assert reader.question(view, question("Anna tea")) is first
    assert len(encoder.asked) == 3


@pytest.mark.parametrize(("bent", "found"), [("sun", 2), ("sea", 3)])
def test_words_are_matched_as_they_stand_in_the_whole_question(axes: RetrievalWorld, bent: str, found: int) -> None:
    """Ours (measured): a model reads a question with its subject; the name itself is not looked for."""

    class Bending(AxisEncoder):
        """Takes "tea" for another word where Anna is named."""

        def encoded(self, text: str) -> Encoded:
            plain = super().encoded(text)
            words = [bent if word == "tea" and "anna" in text.lower() else word for word in text.lower().split()]
            rows = np.eye(self.dimensions, dtype=np.float32)[[axis(word) for word in words]]
            return Encoded(plain.vector, plain.ids, (rows * 127).astype(np.int8))

    axes.remember(*CHAT)
    view = axes.index.view(ANNA, [])
    found_ = ContextReader(Bending()).read(view, question("Anna tea"), passages_of(view.columns, ALL))
    late = late_of(found_)
    assert late.argmax() == found


def test_a_question_that_a_tokenizer_reads_otherwise_without_its_name_is_matched_bare(axes: RetrievalWorld) -> None:
    """Ours: pieces that are not found again in the whole question are taken from the bare one."""

    class Gluing(AxisEncoder):
        """Makes one piece of a text with a name."""

        def encoded(self, text: str) -> Encoded:
            return super().encoded("rain" if "anna" in text.lower() else text)

    axes.remember(*CHAT)
    view = axes.index.view(ANNA, [])
    found_ = ContextReader(Gluing()).read(view, question("Anna sea"), passages_of(view.columns, ALL))
    late = late_of(found_)
    assert late.argmax() == 3


def test_turns_of_the_queue_are_read_once(axes: RetrievalWorld) -> None:
    """Ours: the index has the others; what neither has is nothing."""
    axes.remember(CHAT[0])
    axes.short_term = [CHAT[1]]
    encoder = AxisEncoder()
    reader = ContextReader(encoder)
    for _ in range(2):
        view = axes.index.view(ANNA, axes.short_term)
        vector = reader.read(view, question("sea"), passages_of(view.columns, ALL)).context
    assert encoder.read == ["sun", "sea"]
    assert vector.argmax() == 3

    axes.store.drop(ANNA)
    view = axes.index.view(ANNA, [])
    found = ContextReader(encoder).read(view, question("tea"), passages_of(view.columns, ALL[:2]))
    assert found.context.tolist() == [0, 0]
    assert late_of(found).tolist() == [0, 0]


def test_caches_are_bounded(tmp_path: Path, axes: RetrievalWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ours: however large the memory, and without changing what comes out."""
    axes.remember(*CHAT)
    with RetrievalWorld(tmp_path / "pieces") as other, RetrievalWorld(tmp_path / "one", FirstWordEmbedder()) as third:
        readers = []
        for world, kind in ((axes, ContextReader), (other, PieceReader), (third, VectorReader)):
            if world is not axes:
                world.remember(*CHAT)
            readers.append((world.index.view(ANNA, []), kind(world.embedder)))  # type: ignore[arg-type]
        free = [
            reader.read(view, question("tea"), passages_of(view.columns, ALL)).context.tolist()
            for view, reader in readers
        ]
        for module in (context_reader, piece_reader, vector_reader):
            monkeypatch.setattr(module, "_CACHED", 1)
        bound = [
            reader.read(view, question("tea"), passages_of(view.columns, ALL)).context.tolist()
            for view, reader in readers
        ]
        again = [
            reader.read(view, question("tea"), passages_of(view.columns, ALL)).context.tolist()
            for view, reader in readers
        ]

    assert free == bound
    assert bound == [pytest.approx(values, abs=1e-2) for values in again]


def test_no_turns_have_no_meaning(tmp_path: Path) -> None:
    """Ours."""
    with RetrievalWorld(tmp_path, FirstWordEmbedder()) as world:
        view = world.index.view(ANNA, [])
        found = VectorReader(world.embedder).read(view, question("x"), passages_of(view.columns, ALL[:0]))

    assert (len(found.context), found.late, len(found.passage)) == (0, None, 0)


def test_a_line_is_relevant_by_words_and_meaning_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ours: from 0 on; vectors of lines are kept, within bounds."""
    monkeypatch.setattr(knowledge, "_CACHED", 1)
    with RetrievalWorld(tmp_path) as world:
        view = world.index.view(ANNA, [])
        lines = ["Loves listening to music, especially jazz", "Drives a red van"]
        judge = Knowledge(world.embedder)

        for _ in range(2):
            music, van = judge.relevant(view, "what kind of music do I like", lines)
            assert music >= 0 > van
        assert judge.relevant(view, "what kind of music", []) == []
        assert word_shares(view, "and the", [frozenset({"van"})]) == [0.0]
