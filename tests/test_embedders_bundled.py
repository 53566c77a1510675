"""The `bundled` embedder: the shipped table, other scripts, and ids that can be kept."""

import subprocess
import sys
import zlib
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from memoryos_mcp.retrieval.embedders.bundled import BundledEmbedder
from memoryos_mcp.retrieval.embedders.bundled.scripts import Kind, bucket, directions, ngrams, prepare
from memoryos_mcp.retrieval.embedders.bundled.table import load_table, load_wordpiece

EMBEDDER = BundledEmbedder()


def cosine(left: str, right: str) -> float:
    """Return the cosine of two texts' vectors."""
    vectors = EMBEDDER.embed([left, right])
    return float(vectors[0] @ vectors[1])


@pytest.mark.parametrize(
    ("text", "near", "far"),
    [
        ("I adopted a puppy", "My dog is very young", "The stock market fell"),
        ("We went hiking in the mountains", "They climbed a hill", "She bakes bread"),
        ("I'm allergic to peanuts", "Nuts make me ill", "The train was late"),
        ("My brother plays the guitar", "musical instruments in the family", "buying a new car"),
        ("How do I fix this Python error?", "debugging a program", "visiting my grandmother"),
    ],
)
def test_what_means_the_same_is_nearer_than_what_does_not(text: str, near: str, far: str) -> None:
    """Ours: the table knows English words, not only equal strings."""
    assert cosine(text, near) > cosine(text, far) + 0.1


@given(st.text())
def test_any_text_gets_one_finite_unit_row(text: str) -> None:
    """The protocol's: finite for any text in any script."""
    vectors = EMBEDDER.embed([text])
    assert vectors.shape == (1, EMBEDDER.dimensions)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors[0]) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize(
    "text", ["", " ", "!!!", "...", "\ud800\udfff", "\x00", "🤷🏽\u200d♀\ufe0f", "[UNK]", "x" * 5_000]
)
def test_odd_texts_have_at_least_one_piece(text: str) -> None:
    """Ours: callers need no special case for the empty text."""
    matrix = EMBEDDER.encode(text)
    assert len(matrix.pieces) == len(matrix.vectors) == len(matrix.weights) >= 1
    assert np.isfinite(EMBEDDER.embed([text])).all()


def test_no_texts_give_no_rows() -> None:
    """The protocol's: shape (0, dimensions)."""
    assert EMBEDDER.embed([]).shape == (0, 256)
    assert EMBEDDER.token_ids([]) == []


@pytest.mark.parametrize("text", ["I like green tea", "Мне нравится зелёный чай", "我喜欢喝绿茶 and tea 😀", ""])
def test_a_vector_is_the_normalised_weighted_sum_of_its_pieces(text: str) -> None:
    """The protocol's, of `TokenMatrix`."""
    matrix = EMBEDDER.encode(text)
    total = matrix.weights @ matrix.vectors
    np.testing.assert_allclose(EMBEDDER.embed([text])[0], total / np.linalg.norm(total), atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(matrix.vectors, axis=1), 1, atol=1e-5)


def test_ids_can_be_kept_and_turned_into_the_same_vectors_later() -> None:
    """Ours: an index stores ids, four bytes a piece, and needs no text."""
    texts = ["I like green tea", "我喜欢 tea 😀", ""]
    ids = EMBEDDER.token_ids(texts)
    matrices = EMBEDDER.encode_many(texts)
    for own, matrix in zip(ids, matrices, strict=True):
        assert own.dtype == np.int32
        np.testing.assert_array_equal(EMBEDDER.vectors_of(own), matrix.vectors)
        np.testing.assert_array_equal(EMBEDDER.weights_of(own), matrix.weights)
    np.testing.assert_allclose(EMBEDDER.embed_ids(ids), EMBEDDER.embed(texts), atol=1e-6)


def test_factors_weigh_pieces_anew() -> None:
    """Ours: idf comes from the index, the weight from the table."""
    ids = EMBEDDER.token_ids(["tea rain"])
    only_rain = EMBEDDER.embed_ids(ids, [np.array([0, 3], np.float32)])
    np.testing.assert_allclose(only_rain, EMBEDDER.embed(["rain"]), atol=1e-5)


def test_factors_that_leave_nothing_still_give_a_unit_row() -> None:
    """Ours: an idf of 0 for every piece must not become NaN."""
    ids = EMBEDDER.token_ids(["tea", "rain"])
    vectors = EMBEDDER.embed_ids(ids, [np.zeros(1, np.float32), np.ones(1, np.float32)])
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


@pytest.mark.parametrize(
    ("text", "near", "far"),
    [
        ("我喜欢喝茶", "你喜欢喝咖啡吗", "明天会下雨"),
        ("お茶が好きです", "お茶をください", "電車に乗りました"),
        ("저는 녹차를 좋아해요", "녹차 한 잔", "내일 비가 와요"),
        ("ฉันชอบดื่มชา", "ดื่มชาไหม", "พรุ่งนี้ฝนตก"),
        ("Я люблю зелёный чай", "зеленого чая", "Завтра пойдёт дождь"),
        ("أحب الشاي", "الشَّاي", "غدا مطر"),
        ("मुझे चाय पसंद है", "चाय", "कल बारिश होगी"),
        ("Μου αρέσει το τσάι", "τσαι", "Αύριο θα βρέξει"),
        ("party 🎉", "🎉", "🍕"),
    ],
)
def test_other_scripts_match_by_their_characters(text: str, near: str, far: str) -> None:
    """Ours: scripts the vocabulary does not know must still find equal and related words."""
    assert cosine(text, near) > cosine(text, far) + 0.15


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Café Zoë", "cafe zoe"),
        ("\uff21\uff22\uff23 tea", "abc tea"),
        ("ПРИВЕТ", "привет"),
        ("👍🏽", "👍"),
        ("が", "か\u3099"),
    ],
)
def test_ways_of_writing_the_same_are_the_same(left: str, right: str) -> None:
    """Ours: case, accents, width, skin tones and composition are folded."""
    assert cosine(left, right) == pytest.approx(1, abs=1e-5)


def test_an_emoji_does_not_swallow_the_word_before_it() -> None:
    """A regression: the word-piece model makes one unknown word of "great😀"."""
    assert EMBEDDER.encode("Great😀 fun").pieces == ("great", "fun", "😀")


def test_pieces_of_other_scripts_are_characters_pairs_words_and_trigrams() -> None:
    """Ours: the n-grams of `scripts`."""
    assert ngrams("绿茶", spaceless=True) == [("绿", Kind.CHARACTER), ("茶", Kind.CHARACTER), ("绿茶", Kind.PAIR)]
    assert ngrams("Чай", spaceless=False) == [
        ("чаи", Kind.WORD),
        ("<ча", Kind.TRIGRAM),
        ("чаи", Kind.TRIGRAM),
        ("аи>", Kind.TRIGRAM),
    ]
    assert ngrams("я", spaceless=False) == [("я", Kind.TRIGRAM)]
    assert ngrams("\u0651", spaceless=False) == []
    assert prepare("tea, чай!").known == "tea,  !"


def test_ids_and_directions_of_unknown_pieces_never_change() -> None:
    """Ours: they are stored; these numbers were written down once."""
    assert bucket("茶", Kind.CHARACTER) == 159685108
    assert "".join("+" if x > 0 else "-" for x in directions([159685108], 16)[0]) == "+--++-------+-+-"
    assert EMBEDDER.token_ids(["茶"])[0].tolist() == [30522 + 159685108]


def test_another_process_gets_the_same_vectors() -> None:
    """Ours: nothing depends on Python's randomised hash()."""
    code = (
        "import sys, zlib; from memoryos_mcp.retrieval.embedders.bundled import BundledEmbedder as B;"
        "sys.stdout.write(str(zlib.crc32(B().embed(['tea \u8336 \U0001f600'])[0].round(4).tobytes())))"
    )
    here = BundledEmbedder().embed(["tea 茶 😀"])[0].round(4).tobytes()
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert answer.stdout == str(zlib.crc32(here))


def test_threads_may_share_one_embedder_from_the_first_use_on() -> None:
    """The protocol's: thread-safe."""
    fresh, texts = BundledEmbedder(), [f"tea number {n}" for n in range(32)]
    with ThreadPoolExecutor(8) as pool:
        rows = list(pool.map(lambda text: fresh.embed([text])[0], texts))
    np.testing.assert_allclose(rows, EMBEDDER.embed(texts), atol=1e-6)


def test_constructing_reads_no_file() -> None:
    """Ours: a host waits for `initialize`."""
    assert BundledEmbedder()._loaded is None


def test_the_shipped_table_is_whole_and_under_ten_megabytes() -> None:
    """Ours: a row and a positive weight for every word piece, no empty row."""
    table = load_table()
    assert table.rows.shape == (load_wordpiece().get_vocab_size(), EMBEDDER.dimensions)
    assert table.rows.dtype == np.int8
    assert (table.weights > 0).all()
    assert np.abs(table.rows.astype(int)).max(axis=1).min() == 127
    assert table.rows.nbytes + table.weights.nbytes < 10_000_000
