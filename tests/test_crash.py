"""What was acknowledged survives a process killed at any write, once, and unfinished work resumes."""

from pathlib import Path

import pytest

from .crashing import OPERATIONS
from .killing import points

EVERY = 23
"""Points between two that are tried here; `python -m tests.killing` tries all."""


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_process_killed_at_any_write_loses_nothing(tmp_path: Path, operation: str) -> None:
    """Invariants 1, 2 and 6: real processes, killed without warning before a write, then opened again and audited."""
    tried = list(points(operation, tmp_path, EVERY))
    assert {point for point in tried if point.wrong} == set()
    assert tried[-1].write == "the end"
