"""How the bundled table was made, on a tiny model, a few WordNet lines and a known answer."""

from pathlib import Path

import numpy as np
import pytest

from memoryos_mcp.retrieval.embedders.bundled.table import load_wordpiece

from . import tiny_minilm as tiny
from .distilling import distill
from .distilling.corpus import chat_texts, read_wordnet, wordnet_texts

NOUNS = (
    "  1 This software and database is being provided to you\n"
    '00001740 13 n 02 green_tea 0 tea 0 001 @ 00001930 n 0000 | a hot drink; "he drank his tea slowly"; "no"\n'
) + "".join(f"{number:08} {number:02} n 01 rain 0 000 | \n" for number in range(3, 29) if number != 13)
LINES = {
    "noun": NOUNS,
    "verb": '00003000 34 v 01 drink 0 000 | take in liquids; "they drink every day!"\n',
    "adj": "00004000 00 a 01 fond(p) 0 000 | having a strong preference or liking for\n",
    "adv": "00005000 02 r 01 slowly 0 000 | without speed\n",
}


@pytest.fixture
def wordnet(tmp_path: Path) -> Path:
    """Write a WordNet of a few lines."""
    for part, lines in LINES.items():
        (tmp_path / f"data.{part}").write_text(lines, "latin-1")
    return tmp_path


def test_wordnet_lines_become_words_definitions_and_examples(wordnet: Path) -> None:
    """WordNet's format (its manual page wndb): fields, then "|" and the gloss."""
    entries = read_wordnet(wordnet)
    assert entries[0].words == ("green tea", "tea")
    assert (entries[0].definition, entries[0].examples) == ("a hot drink", ("he drank his tea slowly",))
    assert entries[-2].words == ("fond",)
    definitions, examples = wordnet_texts(entries, seed=1)
    assert len(definitions) == 4
    assert "drink: take in liquids" in definitions
    assert " ".join(examples) == "He drank his tea slowly. They drink every day!"


def test_chat_is_the_same_for_a_seed_and_leaves_no_slot_open(wordnet: Path) -> None:
    """Ours: the table can be made again."""
    entries, words = read_wordnet(wordnet), ["tea", "drink", "rain", "green", "fond", "slowly"]
    texts = list(chat_texts(entries, words, 3000, seed=3))
    assert texts == list(chat_texts(entries, words, 3000, seed=3))
    assert len(texts) == 3000
    assert not any("{" in text or not text[0].isupper() for text in texts if text[0].isalpha())


def test_fitting_finds_vectors_whose_sums_point_where_they_should() -> None:
    """Ours: from a blurred start, 1 - cosine falls by a third."""
    dice = np.random.default_rng(0)
    truth = dice.standard_normal((50, 384)).astype(np.float32)
    lengths = dice.integers(2, 9, 2000)
    flat = dice.integers(0, 50, lengths.sum()).astype(np.int32)
    text = distill.Text(flat, lengths)
    starts = np.cumsum([0, *lengths[:-1]])
    sums = np.add.reduceat(truth[flat], starts, axis=0)
    wanted = sums / np.linalg.norm(sums, axis=1, keepdims=True)
    blurred = (truth + dice.standard_normal(truth.shape)).astype(np.float32)
    lesson = distill.Lesson(wanted, blurred, np.bincount(flat, minlength=50).astype(float), np.eye(384))

    def miss(epochs: int) -> float:
        vectors, weights = distill.fit(text, lesson, epochs=epochs)
        got = np.add.reduceat(vectors[flat] * weights[flat, None], starts, axis=0)
        return float(1 - ((got / np.linalg.norm(got, axis=1, keepdims=True)) * wanted).sum(axis=1).mean())

    assert miss(10) < miss(0) * 2 / 3


def test_the_axes_kept_are_those_that_carry_most() -> None:
    """Ours: the second moment's leading eigenvectors."""
    moment = np.diag([1.0, 9.0, 4.0])
    np.testing.assert_allclose(np.abs(distill.axes(moment, 2)), [[0, 0], [1, 0], [0, 1]], atol=1e-6)


def test_rounding_keeps_directions_and_moves_lengths_into_weights() -> None:
    """Ours: int8 rows have no length of their own."""
    vectors = np.array([[3, 4], [0.3, -0.4], [5, 0]], np.float32)
    rows, weights = distill.quantise(vectors, np.array([1, 2, 0], np.float32))
    assert rows.tolist() == [[95, 127], [95, -127], [127, 0]]
    np.testing.assert_allclose(weights, [5, 1, 1e-3], rtol=1e-3)


def test_the_whole_way_writes_the_three_files(wordnet: Path, tmp_path: Path) -> None:
    """Ours: every step on a tiny model; shapes and types as the package ships them."""
    model, out = tiny.write_model(tmp_path / "onnx"), tmp_path / "out"
    out.mkdir()
    distill.main(["--wordnet", str(wordnet), "--minilm", str(model), "--out", str(out), "--chats", "300"])
    rows, weights = np.load(out / "table.npy"), np.load(out / "weights.npy")
    size = load_wordpiece().get_vocab_size()
    assert (rows.shape, rows.dtype) == ((size, 256), np.int8)
    assert (weights.shape, weights.dtype) == ((size,), np.float16)
    assert np.load(out / "projection.npy").shape == (384, 128)
