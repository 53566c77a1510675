"""
One hook: an event on stdin, an answer on stdout or none, and exit status 0 whatever happened.

A host must not be held up or stopped by its memory: what goes wrong is written to the log of the data folder, and
the process ends by itself after a few seconds even if everything it waits for hangs. That holds for wrong options
too: with another exit status some hosts refuse the prompt or go on for ever.
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
from typing import Any, NoReturn, TypedDict

from ...domain.data_dir import default_data_dir, is_set, whole_path
from ...domain.errors import ConfigError
from ...domain.projects import AUTO
from . import claude_code, codex, cursor, gemini_cli
from .event import Event

__all__ = ["HANDLERS", "run_hook"]

logger = logging.getLogger(__name__)

MAX_TOKENS = 800
_LONGEST_S = 4.0
"""Less than the 5 s after which the hosts end it themselves, as `install` has them do."""

_LAST_WORDS_S = 0.5

_NO = ("0", "false", "f", "no", "n", "off")
"""What the settings read as no."""


class _ForEvent(TypedDict):
    data_dir: Path
    user_id: str
    max_tokens: int
    project_setting: str
    redacts: bool


Handler = Callable[[Event], Mapping[str, Any] | None]


def _of_either(claude_codes: Handler, codexs: Handler) -> Handler:
    """Return what answers an event that Claude Code and Codex call the same."""
    return lambda event: (codexs if codex.is_codex(event) else claude_codes)(event)


HANDLERS: Mapping[str, Handler] = {
    "UserPromptSubmit": _of_either(claude_code.answer_prompt, codex.answer_prompt),
    "PostToolUse": _of_either(lambda event: None, codex.note_tool_call),
    "Stop": _of_either(claude_code.store_exchange, codex.store_exchange),
    "BeforeAgent": gemini_cli.answer_prompt,
    "AfterTool": gemini_cli.note_tool_call,
    "AfterAgent": gemini_cli.store_exchange,
    "sessionStart": cursor.answer_session_start,
    "beforeSubmitPrompt": cursor.answer_prompt,
    "afterAgentResponse": cursor.note_answer,
    "afterMCPExecution": cursor.note_tool_call,
    "stop": cursor.store_exchange,
}
"""By the event's name, which tells most hosts apart: Claude Code writes it with a capital, Cursor without."""


def run_hook(arguments: Sequence[str]) -> int:
    """Answer the event on stdin; return the exit status, which is always 0."""
    kept = MemoryHandler(1000, flushLevel=logging.CRITICAL + 1)
    logging.getLogger("memoryos_mcp").addHandler(kept)
    folders: list[Path] = []
    watch = threading.Timer(_LONGEST_S, _give_up, (folders, kept))
    watch.daemon = True
    watch.start()
    try:
        given = _parser().parse_known_args(arguments)[0]
        for_event = _for_event(given)
        folders.append(for_event["data_dir"])
        _answer(for_event)
    except Exception:  # a hook's one boundary: whatever it was, the host goes on
        logger.exception("a hook failed")
    _log(folders, kept)
    watch.cancel()
    return 0


def _answer(for_event: _ForEvent) -> None:
    given = sys.stdin.buffer.read()
    fields = json.loads(given.decode(json.detect_encoding(given), "replace"))  # some shells put a byte order mark first
    if not isinstance(fields, dict):
        logger.error("what came on stdin is no event of a host's: %s", type(fields).__name__)
        return
    event = Event(fields, **for_event)
    handler = HANDLERS.get(event.name)
    if handler is None:
        logger.error("unknown event %.80r; known are %s", event.name, ", ".join(HANDLERS))
        return
    answer = handler(event)
    if answer is not None:
        sys.stdout.write(json.dumps(answer))
        sys.stdout.flush()


class _Parser(argparse.ArgumentParser):
    """Leaves the process alone when an option is wrong."""

    def error(self, message: str) -> NoReturn:
        raise ConfigError(f"memoryos-mcp hook: {message}")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser("memoryos-mcp hook", add_help=False, allow_abbrev=False)
    parser.add_argument("--config", type=Path)
    parser.add_argument("--data-dir", type=Path)
    parser.add_argument("--user-id")
    parser.add_argument("--max-tokens", type=int, default=MAX_TOKENS)
    parser.add_argument("--project")
    parser.add_argument("--keep-secrets", action="store_true")
    return parser


def _for_event(given: argparse.Namespace) -> _ForEvent:
    """Return what an event needs, from the command line, the environment or, if one is named, the settings file."""
    environ = {name: value for name, value in os.environ.items() if is_set(value)}
    if given.config or "MEMORYOS_CONFIG" in environ:
        from ...domain.settings import load_settings

        named = {"data_dir": given.data_dir, "user_id": given.user_id, "project": given.project}
        settings = load_settings(named, config_file=given.config)
        return {
            "data_dir": settings.data_dir,
            "user_id": settings.user_id,
            "max_tokens": given.max_tokens,
            "project_setting": settings.project,
            "redacts": settings.redact_secrets and not given.keep_secrets,
        }
    folder = given.data_dir or environ.get("MEMORYOS_DATA_DIR")
    kept = environ.get("MEMORYOS_REDACT_SECRETS", "").strip().lower() in _NO
    return {
        "data_dir": whole_path(Path(folder)) if folder else default_data_dir(),
        "user_id": given.user_id or environ.get("MEMORYOS_USER_ID", "default"),
        "max_tokens": given.max_tokens,
        "project_setting": given.project or environ.get("MEMORYOS_PROJECT", AUTO),
        "redacts": not (kept or given.keep_secrets),
    }


def _log(folders: Sequence[Path], kept: MemoryHandler) -> None:
    """Write what was kept to the log of the last folder, of the default one when it did not come to any."""
    records, kept.buffer = list(kept.buffer), []
    if not records:
        return
    try:
        from ...storage.log_file import log_to_file

        log_to_file(folders[-1] if folders else default_data_dir())
        if handlers := logging.getLogger().handlers:
            for record in records:
                handlers[-1].handle(record)
    except Exception:  # noqa: BLE001 - no log can be written: then there is nobody left to tell
        return


def _give_up(folders: Sequence[Path], kept: MemoryHandler) -> None:
    logger.error("a hook took longer than %g s and was ended", _LONGEST_S)
    last_words = threading.Thread(target=_log, args=(folders, kept), daemon=True)  # the disk may be what hangs
    last_words.start()
    last_words.join(_LAST_WORDS_S)
    os._exit(0)
