"""
The turn index: every turn of mid-term memory and the archive, ready to be ranked.

Derived and rebuildable from the pages: an SQLite file (`lexical`) with terms, word pieces and dates, and turn vectors
in the store's places "turns.<embedder>", one for each embedder in use. It holds no text. It finds and counts;
`ranking` decides what is best.
"""

from .context import SESSION_GAP_S, context_vectors, starts, with_preceding_turns
from .embedder_abilities import EncodedTurn, Remote, TokenTable, TurnEncoder
from .turn_index import PieceIds, TurnIndex
from .turn_vectors import MadeVectors, VectorMaker
from .view import View

__all__ = [
    "SESSION_GAP_S",
    "EncodedTurn",
    "MadeVectors",
    "PieceIds",
    "Remote",
    "TokenTable",
    "TurnEncoder",
    "TurnIndex",
    "VectorMaker",
    "View",
    "context_vectors",
    "starts",
    "with_preceding_turns",
]
