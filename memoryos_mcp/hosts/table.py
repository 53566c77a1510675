"""
The six hosts: where each keeps its servers, in which shape, and what an entry of ours looks like there.

A host is data; what is done with it is in `entries`, `rules` and `hook_entries`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ..domain.errors import HostFileError, InputError
from .places import Places

__all__ = ["HOSTS", "Host", "Scope", "host_named"]

Scope = Literal["user", "project"]
_Where = Callable[[Places], Path]

_CODE = ("Code", "Code - Insiders", "VSCodium")
_CODEX_START_S = 30


@dataclass(frozen=True, slots=True)
class Host:
    """
    A program that starts MCP servers.

    `files` has the configuration by scope, `path` leads to the table of servers in it, `also` stands in an entry
    besides command, args and env. `home` is a folder that is there when the host is.
    """

    name: str
    title: str
    files: dict[Scope, _Where]
    home: _Where
    restart: str
    path: tuple[str, ...] = ("mcpServers",)
    format: Literal["json", "toml"] = "json"
    also: tuple[tuple[str, str | int], ...] = ()

    def file(self, places: Places, scope: Scope) -> Path:
        """Return the configuration of *scope*; HostFileError when this host has none of the kind."""
        if scope not in self.files:
            raise HostFileError(f"{self.title} has no configuration per project; leave --scope {scope} out")
        return self.files[scope](places)

    def is_here(self, places: Places) -> bool:
        """Return whether the host has been on this machine."""
        return self.home(places).is_dir() or self.files["user"](places).is_file()


def host_named(name: str) -> Host:
    """Return the host called *name*; InputError names those there are."""
    found = next((host for host in HOSTS if host.name == name), None)
    if found is None:
        raise InputError(f"there is no host {name!r}; known are {', '.join(host.name for host in HOSTS)}")
    return found


def _first(candidates: Sequence[Path]) -> Path:
    return next((path for path in candidates if path.is_dir()), candidates[-1])


def _claude(places: Places) -> Path:
    return _first([*(folder / "Claude" for folder in places.redirected("Claude")), places.applications / "Claude"])


def _claude_code(places: Places) -> Path:
    return places.variable("CLAUDE_CONFIG_DIR", places.home) / ".claude.json"


def _code(places: Places) -> Path:
    return next(
        (found for name in _CODE if (found := places.applications / name / "User").is_dir()),
        places.applications / _CODE[0] / "User",
    )


def _codex(places: Places) -> Path:
    return places.variable("CODEX_HOME", places.home / ".codex")


def _windsurf(places: Places) -> Path:
    return places.home / ".codeium" / "windsurf"


HOSTS: tuple[Host, ...] = (
    Host(
        "claude-desktop",
        "Claude Desktop",
        {"user": lambda places: _claude(places) / "claude_desktop_config.json"},
        _claude,
        "quit Claude Desktop (also from the tray) and start it again",
    ),
    Host(
        "claude-code",
        "Claude Code",
        {"user": _claude_code, "project": lambda places: places.folder / ".mcp.json"},
        lambda places: places.variable("CLAUDE_CONFIG_DIR", places.home / ".claude"),
        "start a new session; /mcp lists the servers",
        also=(("type", "stdio"),),
    ),
    Host(
        "cursor",
        "Cursor",
        {
            "user": lambda places: places.home / ".cursor" / "mcp.json",
            "project": lambda places: places.folder / ".cursor" / "mcp.json",
        },
        lambda places: places.home / ".cursor",
        "Cursor takes it up by itself; Settings > MCP lists the servers",
    ),
    Host(
        "vscode",
        "VS Code",
        {
            "user": lambda places: _code(places) / "mcp.json",
            "project": lambda places: places.folder / ".vscode" / "mcp.json",
        },
        _code,
        "run MCP: List Servers in VS Code and start it",
        path=("servers",),
        also=(("type", "stdio"),),
    ),
    Host(
        "windsurf",
        "Windsurf",
        {"user": lambda places: _windsurf(places) / "mcp_config.json"},
        _windsurf,
        "press Refresh in Windsurf's list of MCP servers",
    ),
    Host(
        "codex",
        "Codex",
        {
            "user": lambda places: _codex(places) / "config.toml",
            "project": lambda places: places.folder / ".codex" / "config.toml",
        },
        _codex,
        "start a new session; /mcp lists the servers",
        path=("mcp_servers",),
        format="toml",
        also=(("startup_timeout_sec", _CODEX_START_S),),
    ),
)
