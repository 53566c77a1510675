"""The `minilm` embedder on a tiny model whose states can be computed by hand."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from memoryos_mcp.domain.errors import EmbedderError, EmbedderUnavailableError
from memoryos_mcp.retrieval.embedders.minilm import MiniLMEmbedder, default_folder, is_installed, unit_tokens
from memoryos_mcp.retrieval.embedders.minilm.model import MiniLMModel

from . import tiny_minilm as tiny


@pytest.fixture
def embedder(tmp_path: Path) -> MiniLMEmbedder:
    """Return the embedder on the tiny model."""
    return MiniLMEmbedder(tiny.write_model(tmp_path / "onnx"), threads=1)


def unit(vector: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return *vector* at length 1."""
    return vector / np.linalg.norm(vector)


def ids(text: str) -> list[int]:
    """Return the ids of words of the tiny vocabulary."""
    return [tiny.word_id(word) for word in text.split()]


def test_a_vector_is_the_mean_of_all_states_special_pieces_included(embedder: MiniLMEmbedder) -> None:
    """Ours, after sentence-transformers: mean pooling, then length 1."""
    expected = unit(tiny.states(ids("i like green tea")).mean(axis=0))
    np.testing.assert_allclose(embedder.embed(["I like green tea"])[0], expected, atol=1e-5)


def test_texts_of_any_length_in_one_batch_get_the_vectors_they_get_alone(embedder: MiniLMEmbedder) -> None:
    """Ours: padding to the longest is masked, and sorting by length is undone."""
    texts = [("tea " * size).strip() + " rain" for size in (1, 90, 7, 250, 3, 40) for _ in range(8)]
    together = embedder.embed(texts)
    alone = np.concatenate([embedder.embed([text]) for text in texts])
    assert together.shape == (48, 384)
    np.testing.assert_allclose(together, alone, atol=1e-5)


def test_a_long_text_is_cut_to_254_pieces(embedder: MiniLMEmbedder) -> None:
    """Ours, after Chroma: 256 with [CLS] and [SEP]."""
    long = embedder.embed(["tea " * 254 + "rain " * 50, "tea " * 254])
    np.testing.assert_allclose(long[0], long[1], atol=1e-6)


@pytest.mark.parametrize("text", ["", " \n", "\ud800", "???", "你好 🦄", "a\x00b", "x" * 10_000])
def test_any_text_gets_a_finite_unit_vector(embedder: MiniLMEmbedder, text: str) -> None:
    """The protocol's: unit rows for any text in any script."""
    vectors = embedder.embed([text])
    assert np.isfinite(vectors).all()
    assert np.linalg.norm(vectors[0]) == pytest.approx(1, abs=1e-5)
    assert len(embedder.encode(text).pieces) >= 1


def test_no_texts_give_no_rows(embedder: MiniLMEmbedder) -> None:
    """The protocol's: shape (0, dimensions)."""
    assert embedder.embed([]).shape == (0, 384)
    assert embedder.encode_turns([]) == []


def test_a_turn_is_read_after_the_turns_before_it_and_keeps_only_its_own_states(embedder: MiniLMEmbedder) -> None:
    """Ours (the cheap half of late interaction): one pass, context on the left."""
    whole = tiny.states(ids("hello . my cat like rain"))
    turn = embedder.encode_turns([("like rain", ["hello .", "my cat"])])[0]
    assert turn.ids.tolist() == ids("like rain")
    np.testing.assert_allclose(turn.vector, unit(whole[5:7].mean(axis=0)), atol=1e-5)


def test_empty_turns_before_add_nothing(embedder: MiniLMEmbedder) -> None:
    """Ours: a page may lack one side."""
    with_blank = embedder.encode_turns([("like rain", ["", "my cat"])])[0]
    without = embedder.encode_turns([("like rain", ["my cat"])])[0]
    np.testing.assert_array_equal(with_blank.vector, without.vector)


def test_a_long_turn_is_read_in_windows_that_see_what_stands_before_them(embedder: MiniLMEmbedder) -> None:
    """Ours: every piece of a long answer is kept, each read with up to 254 pieces in all."""
    turn = embedder.encode_turns([("tea " * 190 + "rain " * 10, ["dogs " * 300])])[0]
    assert turn.ids.tolist() == ids("tea " * 190 + "rain " * 10)
    first = tiny.states(ids("dogs " * 64 + "tea " * 190))[65:-1]
    second = tiny.states(ids("dogs " * 54 + "tea " * 190 + "rain " * 10))[245:-1]
    expected = np.concatenate([first, second]).mean(axis=0)
    np.testing.assert_allclose(turn.vector, unit(expected), atol=1e-5)
    assert turn.tokens.shape == (200, 128)


def test_a_huge_turn_costs_at_most_eight_passes(embedder: MiniLMEmbedder) -> None:
    """Ours: a pasted book must not stop the worker."""
    assert len(embedder.encode_turns([("tea " * 50_000, [])])[0].ids) == 8 * 190


def test_tokens_of_question_and_turn_match_where_the_words_do(embedder: MiniLMEmbedder) -> None:
    """Ours: the projection keeps cosines, the int8 rounding too."""
    question = embedder.encode("green tea ?")
    turn = embedder.encode_turns([("i like green tea", [])])[0]
    cosines = question.vectors @ unit_tokens(turn.tokens).T
    assert question.pieces == ("green", "tea", "?")
    assert question.weights.tolist() == [1, 1, 1]
    assert cosines[0].argmax() == 2
    assert cosines[1].argmax() == 3
    np.testing.assert_allclose(np.linalg.norm(question.vectors, axis=1), 1, atol=1e-5)


def test_one_pass_gives_a_questions_vector_and_its_tokens(embedder: MiniLMEmbedder) -> None:
    """Ours: the same vector as `embed`, the same tokens as `encode`."""
    encoded = embedder.encode_questions(["green tea ?", "rain"])
    np.testing.assert_allclose([one.vector for one in encoded], embedder.embed(["green tea ?", "rain"]), atol=1e-6)
    np.testing.assert_array_equal(embedder.matrix(encoded[0]).vectors, embedder.encode("green tea ?").vectors)
    assert [ids.tolist() for ids in embedder.token_ids(["green tea ?"])] == [encoded[0].ids.tolist()]


def test_threads_may_share_one_embedder(embedder: MiniLMEmbedder) -> None:
    """The protocol's: thread-safe, the first use included."""
    texts = ["tea " * size for size in range(1, 17)]
    with ThreadPoolExecutor(8) as pool:
        rows = list(pool.map(lambda text: embedder.embed([text])[0], texts))
    np.testing.assert_allclose(rows, embedder.embed(texts), atol=1e-6)


def test_missing_files_are_named_with_the_way_out(tmp_path: Path) -> None:
    """The protocol's: unavailable, not corrupt, and nothing is downloaded."""
    embedder = MiniLMEmbedder(tmp_path / "nowhere")
    assert not is_installed(tmp_path / "nowhere")
    with pytest.raises(EmbedderUnavailableError, match=r"model\.onnx and tokenizer\.json in .*nowhere.*model download"):
        embedder.embed(["tea"])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json"])
def test_a_damaged_file_is_an_error_that_says_what_to_do(tmp_path: Path, name: str) -> None:
    """Ours: corrupt is another error than unavailable."""
    folder = tiny.write_model(tmp_path / "onnx")
    (folder / name).write_bytes(b"not this")
    with pytest.raises(EmbedderError, match="cannot be read") as caught:
        MiniLMEmbedder(folder).embed(["tea"])
    assert not isinstance(caught.value, EmbedderUnavailableError)


def test_a_failing_pass_is_an_embedder_error(tmp_path: Path) -> None:
    """Ours: onnxruntime's own exceptions do not get out, here for a model that wants other inputs."""
    model = tiny.write_model(tmp_path / "onnx") / "model.onnx"
    model.write_bytes(model.read_bytes().replace(b"input_ids", b"input_idz"))
    with pytest.raises(EmbedderError, match="failed"):
        MiniLMModel(model.parent).states([[1]])


def test_the_default_folder_is_the_one_chroma_reads() -> None:
    """Ours: one download serves both."""
    from chromadb.utils.embedding_functions import ONNXMiniLM_L6_V2 as Chroma

    assert default_folder() == Path(Chroma.DOWNLOAD_PATH) / Chroma.EXTRACTED_FOLDER_NAME
