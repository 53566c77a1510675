"""
One hook: an event on stdin, an answer on stdout or none, and exit status 0 whatever happened.

A host must not be held up or stopped by its memory: what goes wrong is written to the log of the data folder, and
the process ends by itself after a few seconds even if everything it waits for hangs.
"""

import argparse
import json
import logging
import os
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from logging.handlers import MemoryHandler
from pathlib import Path
from typing import Any

from ..data_dir import default_data_dir
from . import claude_code, cursor
from .event import Event

__all__ = ["HANDLERS", "run_hook"]

logger = logging.getLogger(__name__)

MAX_TOKENS = 800
_LONGEST_S = 5.0

Handler = Callable[[Event], Mapping[str, Any] | None]

HANDLERS: Mapping[str, Handler] = {
    "UserPromptSubmit": claude_code.prompted,
    "Stop": claude_code.finished,
    "sessionStart": cursor.started,
    "beforeSubmitPrompt": cursor.prompted,
    "afterAgentResponse": cursor.answered,
    "afterMCPExecution": cursor.called,
    "stop": cursor.finished,
}
"""By the event's name, which tells the hosts apart: Claude Code writes it with a capital, Cursor without."""


def run_hook(arguments: Sequence[str]) -> int:
    """Answer the event on stdin; return the exit status, which is always 0."""
    kept = MemoryHandler(1000, flushLevel=logging.CRITICAL + 1)
    logging.getLogger("memoryos_mcp").addHandler(kept)
    given = _parser().parse_known_args(arguments)[0]
    data_dir, user_id = _whose(given)
    watch = threading.Timer(_LONGEST_S, _give_up, (data_dir,))
    watch.daemon = True
    watch.start()
    try:
        _answer(data_dir, user_id, given.max_tokens)
    except Exception:  # a hook's one boundary: whatever it was, the host goes on
        logger.exception("a hook failed")
    if kept.buffer:
        _log(data_dir, kept)
    watch.cancel()
    return 0


def _answer(data_dir: Path, user_id: str, max_tokens: int) -> None:
    fields = json.loads(sys.stdin.buffer.read().decode("utf-8", "replace"))
    if not isinstance(fields, dict):
        logger.error("what came on stdin is no event of a host's: %s", type(fields).__name__)
        return
    event = Event(fields, data_dir, user_id, max_tokens)
    handler = HANDLERS.get(event.name)
    if handler is None:
        logger.error("unknown event %.80r; known are %s", event.name, ", ".join(HANDLERS))
        return
    answer = handler(event)
    if answer is not None:
        sys.stdout.write(json.dumps(answer))
        sys.stdout.flush()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("memoryos-mcp hook", add_help=False)
    parser.add_argument("--config", type=Path)
    parser.add_argument("--data-dir", type=Path)
    parser.add_argument("--user-id")
    parser.add_argument("--max-tokens", type=int, default=MAX_TOKENS)
    return parser


def _whose(given: argparse.Namespace) -> tuple[Path, str]:
    """Return data folder and user: from the command line, the environment or, if one is named, the settings file."""
    environ = {name: value for name, value in os.environ.items() if value.strip() and not value.startswith("${")}
    if given.config or "MEMORYOS_CONFIG" in environ:
        from ..settings import load_settings

        settings = load_settings({"data_dir": given.data_dir, "user_id": given.user_id}, config_file=given.config)
        return settings.data_dir, settings.user_id
    folder = given.data_dir or environ.get("MEMORYOS_DATA_DIR") or default_data_dir()
    return Path(folder).expanduser().absolute(), given.user_id or environ.get("MEMORYOS_USER_ID", "default")


def _log(data_dir: Path, kept: MemoryHandler) -> None:
    from ..log_file import log_to_file

    log_to_file(data_dir)
    for record in kept.buffer:
        logging.getLogger().handle(record)


def _give_up(data_dir: Path) -> None:
    logger.error("a hook took longer than %g s and was ended", _LONGEST_S)
    os._exit(0)
