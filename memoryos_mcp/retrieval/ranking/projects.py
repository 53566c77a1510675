"""Which turns were said in the project the question is asked from."""

import numpy as np
from numpy.typing import NDArray

from ...storage.index import View
from ...storage.index.lexical import project_term

__all__ = ["project_scores"]

Scores = NDArray[np.float32]


def project_scores(view: View, project: str, turns: NDArray[np.int64]) -> Scores | None:
    """
    Return 1 for the turns of *project* and 0 for the others, shape (n,); None without a project, or with none of it.

    A preference among equals, not a gate: a turn of another project that answers better still comes first.
    """
    if not project:
        return None
    term = project_term(project)
    found = view.postings({term}).get(term)
    return None if found is None else np.isin(turns, found.turns).astype(np.float32)
