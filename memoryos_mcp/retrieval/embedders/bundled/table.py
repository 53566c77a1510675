"""
The files of the bundled embedder: an int8 row and a weight for every WordPiece of the vocabulary.

Loads them and turns ids into vectors; knows nothing of texts. Made by `tests/distilling` of the repository, see NOTICE.
"""

from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .scripts import directions, kind_weights

__all__ = ["DIMENSIONS", "Table", "load_table", "load_wordpiece"]

DIMENSIONS = 256
_TABLE, _WEIGHTS, _VOCABULARY = "table.npy", "weights.npy", "vocab.txt"
_UNKNOWN = "[UNK]"


@dataclass(frozen=True)
class Table:
    """
    Rows (int8, (size, dimensions)) and weights (float32, (size,)) by id.

    Ids from `size` on are buckets of `scripts`. A row's length has no meaning: only its direction is used.
    """

    rows: NDArray[np.int8]
    weights: NDArray[np.float32]

    @property
    def size(self) -> int:
        """Number of ids the vocabulary knows."""
        return len(self.rows)

    @cached_property
    def _shrink(self) -> NDArray[np.float32]:
        """What makes each row a unit vector: worked out once, since thousands of rows are asked for at a time."""
        squares = np.einsum("ij,ij->i", self.rows, self.rows, dtype=np.int32)
        return np.asarray(1 / np.sqrt(squares), np.float32)

    def vectors_of(self, ids: NDArray[np.int32]) -> NDArray[np.float32]:
        """Return unit rows, shape (len(ids), dimensions)."""
        known = ids < self.size
        places = np.where(known, ids, 0)
        vectors = self.rows.take(places, axis=0).astype(np.float32)
        vectors *= self._shrink.take(places)[:, None]
        if not known.all():
            vectors[~known] = directions(ids[~known] - self.size, vectors.shape[1])
        return vectors

    def weights_of(self, ids: NDArray[np.int32]) -> NDArray[np.float32]:
        """Return weights, shape (len(ids),), positive; 1.0 is a typical rare word's."""
        known = ids < self.size
        weights = self.weights[np.where(known, ids, 0)]
        return np.where(known, weights, kind_weights(np.where(known, 0, ids - self.size))).astype(np.float32)


def load_table() -> Table:
    """Read the table that is shipped with the package."""
    folder = files(__package__)
    with folder.joinpath(_TABLE).open("rb") as rows, folder.joinpath(_WEIGHTS).open("rb") as weights:
        return Table(np.load(rows), np.load(weights).astype(np.float32))


def load_wordpiece() -> Any:
    """Return a `tokenizers.Tokenizer` for the shipped vocabulary: lower case, accents stripped, no special tokens."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

    lines = files(__package__).joinpath(_VOCABULARY).read_text("utf-8").split("\n")
    pieces = {piece: number for number, piece in enumerate(lines) if piece}
    tokenizer = Tokenizer(models.WordPiece(pieces, unk_token=_UNKNOWN))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    return tokenizer
