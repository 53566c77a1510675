"""
The six hosts: where each keeps its servers, in which shape, and what an entry of ours looks like there.

A host is data; what is done with it is in `entries`, `rules` and `hook_entries`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ..domain.errors import HostFileError, InputError
from .user_folders import UserFolders

__all__ = ["HOSTS", "Host", "Scope", "host_named"]

Scope = Literal["user", "project"]
_Where = Callable[[UserFolders], Path]

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

    def file(self, folders: UserFolders, scope: Scope) -> Path:
        """Return the configuration of *scope*; HostFileError when this host has none of the kind."""
        if scope not in self.files:
            raise HostFileError(f"{self.title} has no configuration per project; leave --scope {scope} out")
        return self.files[scope](folders)

    def is_here(self, folders: UserFolders) -> bool:
        """Return whether the host has been on this machine."""
        return self.home(folders).is_dir() or self.files["user"](folders).is_file()


def host_named(name: str) -> Host:
    """Return the host called *name*; InputError names those there are."""
    found = next((host for host in HOSTS if host.name == name), None)
    if found is None:
        raise InputError(f"there is no host {name!r}; known are {', '.join(host.name for host in HOSTS)}")
    return found


def _first(candidates: Sequence[Path]) -> Path:
    return next((path for path in candidates if path.is_dir()), candidates[-1])


def _claude(folders: UserFolders) -> Path:
    return _first(
        [*(folder / "Claude" for folder in folders.store_app_folders("Claude")), folders.applications / "Claude"]
    )


def _claude_code(folders: UserFolders) -> Path:
    return folders.variable("CLAUDE_CONFIG_DIR", folders.home) / ".claude.json"


def _code(folders: UserFolders) -> Path:
    return next(
        (found for name in _CODE if (found := folders.applications / name / "User").is_dir()),
        folders.applications / _CODE[0] / "User",
    )


def _codex(folders: UserFolders) -> Path:
    return folders.variable("CODEX_HOME", folders.home / ".codex")


def _windsurf(folders: UserFolders) -> Path:
    return folders.home / ".codeium" / "windsurf"


HOSTS: tuple[Host, ...] = (
    Host(
        "claude-desktop",
        "Claude Desktop",
        {"user": lambda folders: _claude(folders) / "claude_desktop_config.json"},
        _claude,
        "quit Claude Desktop (also from the tray) and start it again",
    ),
    Host(
        "claude-code",
        "Claude Code",
        {"user": _claude_code, "project": lambda folders: folders.folder / ".mcp.json"},
        lambda folders: folders.variable("CLAUDE_CONFIG_DIR", folders.home / ".claude"),
        "start a new session; /mcp lists the servers",
        also=(("type", "stdio"),),
    ),
    Host(
        "cursor",
        "Cursor",
        {
            "user": lambda folders: folders.home / ".cursor" / "mcp.json",
            "project": lambda folders: folders.folder / ".cursor" / "mcp.json",
        },
        lambda folders: folders.home / ".cursor",
        "Cursor takes it up by itself; Settings > MCP lists the servers",
    ),
    Host(
        "vscode",
        "VS Code",
        {
            "user": lambda folders: _code(folders) / "mcp.json",
            "project": lambda folders: folders.folder / ".vscode" / "mcp.json",
        },
        _code,
        "run MCP: List Servers in VS Code and start it",
        path=("servers",),
        also=(("type", "stdio"),),
    ),
    Host(
        "windsurf",
        "Windsurf",
        {"user": lambda folders: _windsurf(folders) / "mcp_config.json"},
        _windsurf,
        "press Refresh in Windsurf's list of MCP servers",
    ),
    Host(
        "codex",
        "Codex",
        {
            "user": lambda folders: _codex(folders) / "config.toml",
            "project": lambda folders: folders.folder / ".codex" / "config.toml",
        },
        _codex,
        "start a new session; /mcp lists the servers",
        path=("mcp_servers",),
        format="toml",
        also=(("startup_timeout_sec", _CODEX_START_S),),
    ),
)
