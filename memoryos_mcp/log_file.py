"""
The log file in the data folder, which outlives the host's own record of stderr.

Several processes write it at once and it turns over at a bound, so it never fills a disk. It holds no memory text:
nothing of this package logs any above DEBUG, and the file takes INFO and above.
"""

import logging
from pathlib import Path

__all__ = ["KEPT", "LONGEST_BYTES", "log_path", "log_to_file"]

logger = logging.getLogger(__name__)

LONGEST_BYTES = 1_000_000
KEPT = 3

_FORMAT = "%(asctime)s %(process)d %(levelname)s %(name)s: %(message)s"


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
    handler.setFormatter(logging.Formatter(_FORMAT))
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
