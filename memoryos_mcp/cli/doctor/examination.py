"""
The list of checks, and running them one by one.

Each runs for itself: one that breaks off is a finding, and the rest go on. Settings that cannot be read end the
examination after the checks that need none.
"""

import logging
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from ...domain.errors import ConfigError
from ...domain.settings import Settings, load_settings
from .environment import packages, python
from .finding import Finding, error
from .folder import data_folder, logs
from .hosts import hosts
from .lock import lock
from .memory import memory
from .model import model
from .repairing import repair
from .set_up import settings as settings_check
from .starting import starts
from .text_models import embedder, tokenizer

__all__ = ["CHECKS", "Check", "Examined", "examine"]

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Examined:
    """
    What is looked at: settings as they were given, and what may be asked.

    `ask_model` allows one tiny call to the model's endpoint, `start_hosts` starting what each host's configuration
    starts, `mend` repairing before anything else is looked at.
    """

    overrides: Mapping[str, Any] = field(default_factory=dict)
    config_file: Path | None = None
    environ: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    ask_model: bool = False
    start_hosts: bool = False
    mend: bool = False

    def settings(self) -> Settings:
        """Return the settings in force, or raise `ConfigError`."""
        return load_settings(self.overrides, config_file=self.config_file, environ=self.environ)


@dataclass(frozen=True, slots=True)
class Check:
    """A named check; `wanted` says whether it was asked for."""

    name: str
    run: Callable[[Settings], Iterable[Finding]]
    wanted: Callable[[Examined], bool] = lambda _: True


CHECKS: tuple[Check, ...] = (
    Check("repair", repair, lambda examined: examined.mend),
    Check("data folder", data_folder),
    Check("lock", lock),
    Check("memory", memory),
    Check("embedder", embedder),
    Check("tokenizer", tokenizer),
    Check("model", model, lambda examined: examined.ask_model),
    Check("logs", logs),
    Check("hosts", hosts),
    Check("host starts", starts, lambda examined: examined.start_hosts),
)


def examine(examined: Examined, checks: Iterable[Check] = CHECKS) -> Iterator[Finding]:
    """Yield the findings of Python, packages and settings, then of each check that is wanted, as they are made."""
    yield from _findings_of("python", python)
    yield from _findings_of("packages", packages)
    yield from _findings_of("settings", lambda: settings_check(examined.environ, examined.settings))
    try:
        settings = examined.settings()
    except ConfigError:  # told above; nothing else can be looked at without knowing which memory is meant
        return
    for check in checks:
        if check.wanted(examined):
            yield from _findings_of(check.name, partial(check.run, settings))


def _findings_of(name: str, run: Callable[[], Iterable[Finding]]) -> Iterator[Finding]:
    try:
        yield from run()
    except Exception as exc:  # the boundary of one check: whatever it meets, the others are made
        logger.exception("the check %s broke off", name)
        yield error(name, f"the check broke off: {type(exc).__name__}: {exc}", "report this; the other checks went on")
