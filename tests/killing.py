"""
Kill a process at every write of an operation, and see what is left: the runner behind `test_crash`.

The whole table of kill points, for all operations or those named:

    python -m tests.killing [OPERATION ...]
"""

import multiprocessing
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import crashing

__all__ = ["Point", "points"]

_WAIT_S = 60.0


@dataclass(frozen=True)
class Point:
    """What a process was about to do when it was killed (the end: nothing more), and what was wrong afterwards."""

    operation: str
    number: int
    write: str
    wrong: tuple[str, ...]


def points(name: str, folder: Path, every: int = 1) -> Iterator[Point]:
    """Kill a process at every so many'th point of operation *name*, up to its end, and yield what each left."""
    base = folder / "base"
    assert _process(crashing.prepare, name, base) == 0
    before = _pages(base, folder)
    number, ended = 0, False
    while not ended:
        left, log, report = folder / f"left{number}", folder / f"log{number}", folder / f"report{number}"
        shutil.copytree(base, left)
        status = _process(crashing.act, name, left, number, log)
        passed = log.read_text("utf-8").split("\n")[:-1] if log.exists() else []
        ended = len(passed) <= number
        wrong = [] if status in (-9, 9) else [f"the process ended with {status}"]
        if _process(crashing.check, name, left, report) == 0:
            wrong += _judged(name, before, *report.read_text("utf-8").split("\n"))
        else:
            wrong.append("the check broke off")
        yield Point(name, number, "the end" if ended else passed[number], tuple(wrong))
        shutil.rmtree(left)
        number += every


def _judged(name: str, before: set[str], found: str, final: str, *wrong: str) -> list[str]:
    """Return what is wrong with the pages *found* after the crash and in the end, when the operation was done again."""
    after, end = set(found.split()), set(final.split())
    if crashing.OPERATIONS[name].forgets:
        gone = before - after
        if gone and after != end:
            return [*wrong, f"forgot {len(gone)} of {len(before - end)}"]
    elif not before <= after <= end:
        return [*wrong, f"pages came and went: {sorted(before)}, {sorted(after)}, {sorted(end)}"]
    return list(wrong)


def _pages(base: Path, folder: Path) -> set[str]:
    """Return the ids of the pages there before the operation."""
    report = folder / "pages"
    assert _process(crashing.tell_pages, base, report) == 0
    return set(report.read_text("utf-8").split())


def _process(target: Callable[..., None], *arguments: Any) -> int | None:
    """Run a function in a process of its own and return its exit status, negative for a signal."""
    context = _context()
    process = context.Process(target=target, args=arguments)
    process.start()
    process.join(_WAIT_S)
    if process.is_alive():
        process.kill()
        process.join()
        return None
    status: int | None = process.exitcode
    return status


def _context() -> Any:
    """Return a way to start processes: from one that has imported everything, where the system can."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.crashing", "chromadb"])
    return context


def main() -> None:
    """Print a line for each operation, and one for each point where something was wrong."""
    total = bad = 0
    for name in sys.argv[1:] or crashing.OPERATIONS:
        with tempfile.TemporaryDirectory() as folder:
            found = list(points(name, Path(folder)))
        wrong = [point for point in found if point.wrong]
        sys.stdout.write(f"{name:<18} {len(found):>3} points, {len(wrong)} wrong\n")
        for point in wrong:
            sys.stdout.write(f"    {point.number} before {point.write}: {'; '.join(point.wrong)}\n")
        sys.stdout.flush()
        total, bad = total + len(found), bad + len(wrong)
    sys.stdout.write(f"{total} points, {bad} wrong\n")
    sys.exit(bool(bad))


if __name__ == "__main__":
    main()
