"""
The log file in the data folder, which outlives the host's own record of stderr.

Several processes write it at once and it turns over at a bound, so it never fills a disk. It holds no memory text:
nothing of this package logs any above DEBUG, the file takes INFO and above, and of exceptions that are not ours it has
no messages.
"""

import logging
import traceback
from pathlib import Path
from types import TracebackType

from ..domain.errors import MemoryOSError

__all__ = ["KEPT", "LONGEST_BYTES", "Discreet", "log_path", "log_to_file"]

logger = logging.getLogger(__name__)

LONGEST_BYTES = 1_000_000
KEPT = 3

_FORMAT = "%(asctime)s %(process)d %(levelname)s %(name)s: %(message)s"


class Discreet(logging.Formatter):
    """Writes of a foreign exception its type and where it came from: its message may quote texts or secrets."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line and what follows it; another handler's text of the exception is not used, nor left to it."""
        theirs, record.exc_text = record.exc_text, None
        try:
            return super().format(record)
        finally:
            record.exc_text = theirs

    def formatException(  # noqa: N802 - logging's name
        self, ei: tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
    ) -> str:
        """Return the traceback, causes first."""
        return "" if ei[1] is None else "\n".join(_causes_of(ei[1], set()))


def _causes_of(exc: BaseException, seen: set[int]) -> list[str]:
    seen.add(id(exc))
    cause = exc.__cause__ or (None if exc.__suppress_context__ else exc.__context__)
    before = [] if cause is None or id(cause) in seen else [*_causes_of(cause, seen), "Then:"]
    said = f": {exc}" if isinstance(exc, MemoryOSError | OSError) else ""
    places = "".join(traceback.format_tb(exc.__traceback__)).rstrip()
    return [*before, *([places] if places else []), f"{type(exc).__qualname__}{said}"]


def log_path(data_dir: Path) -> Path:
    """Return where the log of a data folder is."""
    return data_dir / "logs" / "memoryos-mcp.log"


def log_to_file(data_dir: Path) -> None:
    """
    Have warnings of everything, and INFO of this package, written to the log of *data_dir* as well; once is enough.

    A folder that cannot be written is said on stderr and is no reason not to serve.
    """
    path = log_path(data_dir)
    root = logging.getLogger()
    if any(getattr(handler, "baseFilename", "") == str(path) for handler in root.handlers):
        return
    try:
        handler = _handler(path)
    except OSError as exc:
        logger.warning("no log file: %s", exc)
        return
    handler.setFormatter(Discreet(_FORMAT))
    handler.setLevel(logging.INFO)
    root.addHandler(handler)


def _handler(path: Path) -> logging.Handler:
    from concurrent_log_handler import ConcurrentRotatingFileHandler

    path.parent.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.parent.mkdir(exist_ok=True, mode=0o700)
    path.open("a", encoding="utf-8").close()  # the handler would only fail at its first record
    return ConcurrentRotatingFileHandler(
        str(path), maxBytes=LONGEST_BYTES, backupCount=KEPT, encoding="utf-8", chmod=0o600
    )
