"""A memory on disk with files of every kind, and ways to damage them as disks, crashes and people do."""

import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta, timezone
from pathlib import Path

from memoryos_mcp.api.memoryos import Memoryos
from memoryos_mcp.domain.settings import Settings, load_settings
from memoryos_mcp.storage.snapshots import Snapshot
from memoryos_mcp.transfer.snapshots import Snapshots

__all__ = [
    "DAMAGES",
    "DATABASE",
    "PAGES",
    "PLACE",
    "Damage",
    "beheaded",
    "deleted",
    "emptied",
    "flipped",
    "garbled",
    "halved",
    "index_folders",
    "make_healthy",
    "scattered",
    "settings_in",
    "snapshot_of",
    "torn",
    "without_queue",
    "zeroed",
]

Damage = Callable[[Path], None]

START = datetime(2025, 1, 1, tzinfo=timezone.utc)
DATABASE = "chroma/chroma.sqlite3"
PLACE = "turns.bundled"
PAGES = 60


def settings_in(folder: Path) -> Settings:
    """Return settings with the bundled embedder and an index that is written to disk soon."""
    return load_settings({"data_dir": folder, "embedder": "bundled", "analyzer": "local"}, environ={})


def deleted(path: Path) -> None:
    """Delete the file."""
    path.unlink()


def emptied(path: Path) -> None:
    """Leave a file of no bytes, as some crashes do."""
    path.write_bytes(b"")


def halved(path: Path) -> None:
    """Cut the file in the middle."""
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def zeroed(path: Path) -> None:
    """Write zeros over it."""
    path.write_bytes(bytes(path.stat().st_size))


def garbled(path: Path) -> None:
    """Write anything over it."""
    path.write_bytes(random.Random(7).randbytes(path.stat().st_size))


def flipped(path: Path) -> None:
    """Flip 300 bits anywhere."""
    where, data = random.Random(11), bytearray(path.read_bytes())
    for _ in range(300):
        data[where.randrange(len(data))] ^= 1 << where.randrange(8)
    path.write_bytes(data)


def torn(path: Path) -> None:
    """Overwrite every third page of 4,096 bytes but the first, as a disk that mixes up writes does."""
    data = bytearray(path.read_bytes())
    for start in range(2 * 4096, len(data), 3 * 4096):
        data[start : start + 4096] = random.Random(start).randbytes(len(data[start : start + 4096]))
    path.write_bytes(data)


def beheaded(path: Path) -> None:
    """Overwrite the first page: SQLite then knows of no table."""
    path.write_bytes(random.Random(5).randbytes(4096) + path.read_bytes()[4096:])


def without_queue(path: Path) -> None:
    """Take Chroma's queue away: damage that leaves every row of the other tables readable."""
    with closing(sqlite3.connect(path)) as db:
        db.execute("DROP TABLE embeddings_queue")


def scattered(path: Path) -> None:
    """Write 64 bytes of anything at a hundred places."""
    where, data = random.Random(11), bytearray(path.read_bytes())
    for _ in range(100):
        at = where.randrange(len(data) - 64)
        data[at : at + 64] = where.randbytes(64)
    path.write_bytes(data)


DAMAGES = [deleted, emptied, halved, zeroed, garbled, flipped, torn]


def make_healthy(folder: Path) -> None:
    """Make a folder with sixty pages, facts and a turn index whose vectors have been written to files."""
    with Memoryos(settings_in(folder)) as memory:
        for number in range(PAGES):
            memory.add_memory(f"I like tea number {number}.", f"Tea {number} is good.", START + timedelta(days=number))
        assert memory.settle(30)
        write_out(memory)


def snapshot_of(folder: Path) -> Snapshot:
    """Take a snapshot of a folder and return it."""
    taken = Snapshots(settings_in(folder)).take_if_due()
    assert taken is not None
    return taken


def write_out(memory: Memoryos) -> None:
    """Put records again until Chroma writes their vector indexes to disk, as it does after every thousand."""
    for place in (PLACE, "mid_term"):
        records = memory.parts.store.get("default", place, vectors=place == PLACE)
        for _ in range(1000 // len(records) + 1):
            memory.parts.store.put("default", place, records)


def index_folders(folder: Path) -> list[Path]:
    """Return the folders of vector indexes that are on disk, that of the turns first: its vectors are the longest."""
    found = [path.parent for path in folder.glob("chroma/*/index_metadata.pickle")]
    return sorted(found, key=lambda path: -(path / "data_level0.bin").stat().st_size)
