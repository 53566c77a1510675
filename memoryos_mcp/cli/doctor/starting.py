"""Starting what a host's configuration starts, as the host would: its environment, a minimal PATH, another folder."""

import logging
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from ...domain.errors import HostFileError
from ...domain.settings import Settings
from ...hosts import HOSTS, Entry, UserFolders
from .finding import Finding, error, ok
from .hosts import found_entries

__all__ = ["starts"]

logger = logging.getLogger(__name__)

_CHECK = "host starts"
_WAIT_S = 60.0
_PATHS = {"win32": r"C:\Windows\System32;C:\Windows", "darwin": "/usr/bin:/bin:/usr/sbin:/sbin"}
_TOOLS_WANTED = "retrieve_context"
_LINES_SHOWN = 3


def starts(_settings: Settings, folders: UserFolders | None = None) -> Iterator[Finding]:
    """Start every entry of ours that is found and list its tools with the protocol's own client."""
    folders = folders or UserFolders()
    for host in HOSTS:
        try:
            entries = found_entries(host, folders) if host.is_here(folders) else []
        except HostFileError:  # told by the check of the configurations
            continue
        for entry in entries:
            yield _start_finding(f"{host.title}: {entry.name} in {entry.file}", entry)


def _start_finding(where: str, entry: Entry) -> Finding:
    import anyio

    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as errors:
        started = time.monotonic()
        try:
            tools = anyio.run(_tools, entry, errors)
        except Exception as exc:  # whatever a foreign program does at its start is what is looked for
            logger.debug("%s did not start", where, exc_info=True)
            errors.seek(0)
            said = [line for line in errors.read().splitlines() if line.strip()][-_LINES_SHOWN:]
            return error(
                _CHECK,
                f"{where} does not start: {_cause_of(exc)}{': ' + ' | '.join(said) if said else ''}",
                f"try it yourself: {' '.join([entry.command, *entry.args])}",
            )
        took = time.monotonic() - started
    if _TOOLS_WANTED not in tools:
        return error(_CHECK, f"{where} starts something else: its tools are {', '.join(tools)}", "correct its command")
    return ok(_CHECK, f"{where} starts and shows {len(tools)} tools after {took:.1f} s")


async def _tools(entry: Entry, errors: TextIO) -> list[str]:
    import anyio
    from mcp import Client, StdioServerParameters
    from mcp.client.stdio import stdio_client

    path = _PATHS.get(sys.platform, "/usr/bin:/bin")
    server = StdioServerParameters(
        command=entry.command,
        args=list(entry.args),
        env={**_shared_environment(), "PATH": path, **entry.env},
        cwd=Path(tempfile.gettempdir()),
    )
    with anyio.fail_after(_WAIT_S):
        async with Client(stdio_client(server, errlog=errors)) as client:
            return [tool.name for tool in (await client.list_tools()).tools]


def _shared_environment() -> dict[str, str]:
    """Return what every host hands on because nothing starts without it."""
    names = ("HOME", "USERPROFILE", "APPDATA", "LOCALAPPDATA", "SYSTEMROOT", "SYSTEMDRIVE", "TEMP", "TMP", "TMPDIR")
    return {name: os.environ[name] for name in names if name in os.environ}


def _cause_of(exc: BaseException) -> str:
    """Return what went wrong, out of the groups that tasks wrap it in."""
    while inner := getattr(exc, "exceptions", ()):
        exc = inner[0]
    if isinstance(exc, TimeoutError):
        return f"no answer within {_WAIT_S:.0f} s"
    return f"{type(exc).__name__}: {exc}"
