"""What was acknowledged survives a process that dies at any write, once, and the work goes on."""

import subprocess
import sys
from pathlib import Path

import pytest

from .crashing import TEXTS
from .world import USER, World

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize("fatal", range(0, 40, 3))
def test_a_process_that_dies_at_any_write_loses_nothing(tmp_path: Path, fatal: int) -> None:
    """Invariants 1 and 2: real processes, ended without teardown before a chosen write of consolidation."""
    command = [sys.executable, "-m", "tests.crashing", str(tmp_path / "data"), str(fatal)]
    died = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert died.returncode in (0, 9), died.stderr
    acknowledged = died.stdout.split()
    assert len(acknowledged) == len(TEXTS)

    world = World(tmp_path / "data", segments=1)
    world.repairer.repair(USER)
    world.settle()
    world.repairer.repair(USER)

    assert world.everything() == sorted(acknowledged)
    assert world.updater.pending(USER) == 0
    memory = world.memory
    segments = memory.mid_term.segments(USER).values()
    assert sum(segment.pages for segment in segments) == memory.mid_term.page_count(USER)
    assert memory.index.page_ids(USER) == set(memory.mid_term.page_ids(USER))
    assert [fact.fact for fact in memory.long_term.facts(USER).values()] == ["I am a nurse"]
    world.close()
