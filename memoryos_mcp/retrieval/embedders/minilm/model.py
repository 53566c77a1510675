"""
all-MiniLM-L6-v2 as Chroma's ONNX files hold it: word-piece ids in, last hidden states out.

Pads to the longest of a batch, not to 256, which gives the same states many times faster. Knows nothing of vectors of
texts (see `embedder.py`) and never downloads (see `download.py`).
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ....domain.errors import EmbedderError, EmbedderUnavailableError

__all__ = ["DIMENSIONS", "FILES", "MAX_PIECES", "MiniLMModel", "default_folder", "is_installed"]

DIMENSIONS = 384
MAX_PIECES = 254
"""Word pieces of one pass, besides [CLS] and [SEP]: what sentence-transformers and Chroma cut texts to."""

FILES = ("config.json", "model.onnx", "special_tokens_map.json", "tokenizer.json", "tokenizer_config.json", "vocab.txt")
_NEEDED = ("model.onnx", "tokenizer.json")
_CLS, _SEP, _UNKNOWN = 101, 102, 100
_BATCH_TEXTS, _BATCH_PIECES = 32, 4096

Ids = Sequence[int]
States = NDArray[np.float32]


def default_folder() -> Path:
    """Return the folder where Chroma keeps the same files, so that one download serves both."""
    return Path.home() / ".cache" / "chroma" / "onnx_models" / "all-MiniLM-L6-v2" / "onnx"


def is_installed(folder: Path) -> bool:
    """Whether the files are in *folder*; reads none of them."""
    return all((folder / name).is_file() for name in _NEEDED)


class MiniLMModel:
    """
    The model of *folder*. Thread-safe; loaded at the first use (about half a second), never at construction.

    Args:
        folder: Where `model.onnx` and `tokenizer.json` are.
        threads: How many threads one pass may use; None leaves it to onnxruntime.
    """

    def __init__(self, folder: Path, threads: int | None = None) -> None:
        self.folder = folder
        self._threads = threads
        self._lock = Lock()
        self._loaded: tuple[Any, Any] | None = None

    def ids(self, text: str) -> list[int]:
        """Return the word-piece ids of *text*, without special tokens, uncut; an empty text is one unknown piece."""
        clean = text.encode("utf-8", "replace").decode("utf-8")
        return list(self._parts()[0].encode(clean, add_special_tokens=False).ids) or [_UNKNOWN]

    def pieces(self, ids: Ids) -> tuple[str, ...]:
        """Return the word pieces that *ids* stand for."""
        tokenizer = self._parts()[0]
        return tuple(tokenizer.id_to_token(int(number)) or "[UNK]" for number in ids)

    def states(self, texts: Sequence[Ids]) -> list[States]:
        """
        Return the last hidden states of each text, float32 (len(ids) + 2, 384), [CLS] first and [SEP] last.

        Args:
            texts: Word-piece ids without special tokens, at most `MAX_PIECES` each.

        Raises:
            EmbedderUnavailableError: The files are missing.
            EmbedderError: They are not the model, or a pass failed.
        """
        answer: list[States] = [np.zeros((0, 0), np.float32)] * len(texts)
        for places in _batches([len(ids) for ids in texts]):
            hidden = self._run([texts[place] for place in places])
            for place, rows in zip(places, hidden, strict=True):
                answer[place] = rows[: len(texts[place]) + 2]
        return answer

    def _run(self, batch: Sequence[Ids]) -> States:
        longest = max(map(len, batch)) + 2
        ids = np.zeros((len(batch), longest), np.int64)
        mask = np.zeros_like(ids)
        for row, text in enumerate(batch):
            ids[row, : len(text) + 2] = [_CLS, *text, _SEP]
            mask[row, : len(text) + 2] = 1
        inputs = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        session = self._parts()[1]
        try:
            return np.asarray(session.run(None, inputs)[0], np.float32)
        except Exception as exc:  # onnxruntime's errors share no public base
            raise EmbedderError(f"the minilm model in {self.folder} failed: {exc}") from exc

    def _parts(self) -> tuple[Any, Any]:
        with self._lock:
            if self._loaded is None:
                self._loaded = self._load()
            return self._loaded

    def _load(self) -> tuple[Any, Any]:
        missing = [name for name in _NEEDED if not (self.folder / name).is_file()]
        if missing:
            raise EmbedderUnavailableError(
                f"the minilm embedder needs {' and '.join(missing)} in {self.folder}; "
                "run `memoryos-mcp model download`, or choose the bundled embedder"
            )
        try:
            return _load_tokenizer(self.folder / "tokenizer.json"), _load_session(
                self.folder / "model.onnx", self._threads
            )
        except Exception as exc:  # two libraries without a common error base
            raise EmbedderError(
                f"the minilm files in {self.folder} cannot be read ({exc}); "
                "delete them and run `memoryos-mcp model download`"
            ) from exc


def _batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Yield places of texts of similar length, longest last, within the limits of one pass."""
    batch: list[int] = []
    for place in sorted(range(len(lengths)), key=lengths.__getitem__):
        if batch and (len(batch) == _BATCH_TEXTS or (len(batch) + 1) * (lengths[place] + 2) > _BATCH_PIECES):
            yield batch
            batch = []
        batch.append(place)
    if batch:
        yield batch


def _load_tokenizer(path: Path) -> Any:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def _load_session(path: Path, threads: int | None) -> Any:
    import onnxruntime  # type: ignore[import-untyped]

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    if threads is not None:
        options.intra_op_num_threads = threads
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
