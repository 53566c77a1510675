"""The lexical side of the turn index: terms, entries, columns, and the SQLite file that keeps them."""

from .columns import Columns
from .embedder_models import model_of, remember_model
from .entries import Entry, Ids, Side, make_entry, project_term
from .index_file import IndexFile
from .passage_spans import passage_spans
from .piece_vectors import PieceVectors
from .postings import Postings
from .rows import ARCHIVED, LIVE, Row, row_of

__all__ = [
    "ARCHIVED",
    "LIVE",
    "Columns",
    "Entry",
    "Ids",
    "IndexFile",
    "PieceVectors",
    "Postings",
    "Row",
    "Side",
    "make_entry",
    "model_of",
    "passage_spans",
    "project_term",
    "remember_model",
    "row_of",
]
