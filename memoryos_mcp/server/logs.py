"""
Logging of a serving process: to stderr (and `log_file`), without the texts of anybody's memory.

stdout belongs to the protocol. The SDK logs the text of refused calls at INFO, which quotes values: its loggers are
held at WARNING whatever the root is set to.
"""

import logging
import sys

from ..storage.log_file import Discreet

__all__ = ["configure_logging", "hush_sdk"]

_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


def configure_logging() -> None:
    """Log warnings of everything and INFO of ours to stderr. Before `MCPServer()`, which else installs its own."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Discreet(_FORMAT))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    logging.getLogger("memoryos_mcp").setLevel(logging.INFO)


def hush_sdk() -> None:
    """Hold the SDK's loggers at WARNING, unless somebody set a level for them on purpose."""
    sdk = logging.getLogger("mcp")
    if sdk.level == logging.NOTSET:
        sdk.setLevel(logging.WARNING)
