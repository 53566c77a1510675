"""The lock of the data folder: can it be had, and if not, who has it?"""

from collections.abc import Iterator

from ...domain.errors import StoreUnavailableError
from ...domain.settings import Settings
from ...storage.folder import LOCK
from ...storage.lock import FolderLock
from .finding import Finding, error, ok

__all__ = ["lock"]

_WAIT_S = 5.0


def lock(settings: Settings) -> Iterator[Finding]:
    """Take the lock and let it go at once; hosts at work hold it for moments only."""
    path = settings.data_dir / LOCK
    if not path.exists():
        yield ok("lock", "nobody has used this memory yet")
        return
    taken = FolderLock(path, _WAIT_S)
    try:
        with taken.hold():
            yield ok("lock", "free")
    except StoreUnavailableError as exc:
        yield error("lock", str(exc), "end the process that holds it, or wait for it")
    finally:
        taken.close()
