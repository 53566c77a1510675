"""
The snapshots that lie in a data folder: backups that were taken by themselves, each a data folder like any other.

A snapshot has its name, the UTC time at which it was taken, only when it is whole. Here they are listed and dropped;
`transfer.snapshots` takes them.
"""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

from ..domain.errors import StoreUnavailableError
from .folder import SNAPSHOTS, bytes_in

__all__ = [
    "Snapshot",
    "draft_of",
    "drop_all_snapshots",
    "drop_snapshots",
    "recovery_of",
    "snapshot_folder",
    "snapshots_in",
    "taken_at_text",
]

_NAME = "%Y%m%dT%H%M%SZ"
_DRAFT, _RECOVERY = "being-taken", "being-restored"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A whole copy of the memory: where it is, and when it was taken (UTC)."""

    folder: Path
    taken_at: datetime

    @property
    def size(self) -> int:
        """Return the bytes of its files."""
        return bytes_in(self.folder)


def snapshots_in(data_dir: Path) -> list[Snapshot]:
    """Return the snapshots in a data folder, the newest last."""
    found = []
    for path in (data_dir / SNAPSHOTS).glob("*"):
        try:
            moment = datetime.strptime(path.name, _NAME).replace(tzinfo=timezone.utc)
        except ValueError:  # a draft, or not ours
            continue
        found.append(Snapshot(path, moment))
    return sorted(found, key=lambda snapshot: snapshot.taken_at)


def draft_of(data_dir: Path) -> Path:
    """Return the folder in which a snapshot is made before it gets its name."""
    return data_dir / SNAPSHOTS / _DRAFT


def recovery_of(data_dir: Path) -> Path:
    """Return the folder in which a repair makes a new store: forgetting takes it away if the repair is killed."""
    return data_dir / SNAPSHOTS / _RECOVERY


def snapshot_folder(data_dir: Path, taken_at: datetime) -> Path:
    """Return the folder of the snapshot that was taken at a time."""
    return data_dir / SNAPSHOTS / taken_at.astimezone(timezone.utc).strftime(_NAME)


def taken_at_text(snapshot: Snapshot) -> str:
    """Return the time of a snapshot for people."""
    return f"{snapshot.taken_at:%Y-%m-%d %H:%M} UTC"


def drop_snapshots(snapshots: Sequence[Snapshot]) -> None:
    """Delete *snapshots*; `StoreUnavailableError` when a file is in use."""
    for snapshot in snapshots:
        _remove(snapshot.folder)


def drop_all_snapshots(data_dir: Path) -> int:
    """
    Delete every snapshot in a data folder and the one that is being taken; return how many there were.

    Under the store's lock, which a snapshot needs to get its name: none is left or comes after.

    Raises:
        StoreUnavailableError: A file is in use.
    """
    count = len(snapshots_in(data_dir))
    _remove(data_dir / SNAPSHOTS)
    return count


def _remove(folder: Path) -> None:
    try:
        if folder.exists():
            shutil.rmtree(folder)
    except OSError as exc:
        raise StoreUnavailableError(f"cannot remove the snapshot {folder}: {exc}; try again") from exc
