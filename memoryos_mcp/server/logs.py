"""
Logging of a serving process: to stderr (and `log_file`), without the texts of anybody's memory.

stdout belongs to the protocol. The SDK logs the text of refused calls at INFO, which quotes values: its loggers are
held at WARNING whatever the root is set to.
"""

import logging
import os
import select
import sys
from typing import TextIO

from ..storage.log_file import Discreet

__all__ = ["configure_logging", "hush_sdk"]

_LONGEST = 4096
"""Bytes that a pipe takes at once when it says that it takes any (PIPE_BUF)."""

_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


def configure_logging() -> None:
    """Log warnings of everything and INFO of ours to stderr. Before `MCPServer()`, which else installs its own."""
    handler = _PatientHandler(sys.stderr)
    handler.setFormatter(Discreet(_FORMAT))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    logging.getLogger("memoryos_mcp").setLevel(logging.INFO)


class _PatientHandler(logging.StreamHandler):  # type: ignore[type-arg]  # no generic before Python 3.11
    """Writes to stderr unless that would wait: some hosts never read it, a full pipe would hold up the next call."""

    def emit(self, record: logging.LogRecord) -> None:
        if os.name != "nt" and not _takes_more(self.stream):
            return
        super().emit(record)

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, cut to what is written at once; the log file has all of it."""
        line = super().format(record).encode("utf-8", "replace")
        return line[: _LONGEST - 1].decode("utf-8", "ignore")


def _takes_more(stream: TextIO) -> bool:
    try:
        return bool(select.select([], [stream], [], 0)[1])
    except (OSError, ValueError):  # no descriptor behind it, or closed: writing to it does not wait
        return True


def hush_sdk() -> None:
    """Hold the SDK's loggers at WARNING, unless somebody set a level for them on purpose."""
    sdk = logging.getLogger("mcp")
    if sdk.level == logging.NOTSET:
        sdk.setLevel(logging.WARNING)
