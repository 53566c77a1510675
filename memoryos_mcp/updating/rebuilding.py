"""
Rebuilding: everything derived of a user is made anew from the documents, without a model, while others go on.

Rows are made beside those in use and put in their place at once; vectors are dropped and made again batch by batch,
and meanwhile another embedder's, or words alone, find the pages. What is interrupted can be started again.
"""

from collections.abc import Callable

from ..tiers.memory import BATCH_PAGES, Memory
from .reembedding import Reembedder
from .repair import Repairer

__all__ = ["rebuild_rows", "rebuild_vectors"]

Progress = Callable[[int, int], None]


def rebuild_rows(memory: Memory, repairer: Repairer, user_id: str, progress: Progress) -> None:
    """
    Make the rows of the turn index anew. The caller holds the user's work lock: nobody consolidates meanwhile.

    Args:
        memory: The tiers.
        repairer: Reads the pages and makes their rows.
        user_id: Whose.
        progress: Called with rows made and pages in all.
    """
    repairer.drop_staged(user_id)
    order = repairer.in_arrival_order(user_id, repairer.stored_ids(user_id))
    progress(0, len(order))
    for start in range(0, len(order), BATCH_PAGES):
        repairer.add_rows(user_id, order[start : start + BATCH_PAGES], staged=True)
        progress(min(start + BATCH_PAGES, len(order)), len(order))
    memory.index.copy_tokens(user_id)
    with memory.store.exclusive(user_id):
        memory.index.swap(user_id)
    repairer.repair(user_id)


def rebuild_vectors(memory: Memory, reembedder: Reembedder, user_id: str, progress: Progress) -> None:
    """
    Make the vectors of turns and segments anew. The caller is the only one to use *reembedder* meanwhile.

    Args:
        memory: The tiers.
        reembedder: Makes the vectors.
        user_id: Whose.
        progress: Called with pages that have vectors and pages in all.

    Raises:
        EmbedderError: The embedder failed; what is missing is made later, in the background.
    """
    with memory.store.exclusive(user_id):
        memory.index.drop_vectors(user_id, memory.embedder.name)
        memory.mid_term.drop_vectors(user_id, memory.embedder.name)
    reembedder.forget(user_id)
    more = True
    while more:
        more = reembedder.step(user_id)
        with memory.store.exclusive(user_id):
            progress(*memory.index.progress(user_id))
