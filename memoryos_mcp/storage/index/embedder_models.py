"""
Which endpoint model stands behind an embedder's name, so that its vectors can still be searched after a change.

Statements on the index file; the caller holds the store's lock.
"""

from .index_file import IndexFile

__all__ = ["model_of", "remember_model"]


def remember_model(file: IndexFile, embedder: str, model: str) -> None:
    """Note the exact name of the model behind *embedder*."""
    with file.transaction() as db:
        db.execute("INSERT OR IGNORE INTO models VALUES (?, ?)", (embedder, model))


def model_of(file: IndexFile, embedder: str) -> str:
    """Return the exact name of the model behind *embedder*, "" when there is none or it is not known."""
    with file.transaction() as db:
        found = db.execute("SELECT model FROM models WHERE embedder = ?", (embedder,)).fetchone()
    return str(found[0]) if found else ""
