"""
The hosts: where each keeps its servers, in which shape, and what an entry of ours looks like there.

A host is data; what is done with it is in `entries`, `rules` and `hook_entries`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from ..domain.errors import HostFileError, InputError
from .launch import Launch
from .user_folders import UserFolders

__all__ = ["HOSTS", "Host", "Keys", "Scope", "host_named"]

Scope = Literal["user", "project"]
_Where = Callable[[UserFolders], Path]

_CODE = ("Code", "Code - Insiders", "VSCodium")
_CODEX_START_S = 30
_GOOSE_CALL_S = 300
_OPENCODE = ("opencode.json", "opencode.jsonc")
_CLINE, _CLINE_FILE = "saoudrizwan.claude-dev", "cline_mcp_settings.json"


@dataclass(frozen=True, slots=True)
class Keys:
    """What a host calls the command, its arguments ("": they stand in the command's own list) and its environment."""

    command: str = "command"
    args: str = "args"
    env: str = "env"


@dataclass(frozen=True, slots=True)
class Host:
    """
    A program that starts MCP servers.

    `files` has the configuration by scope (none: the host documents no file, `restart` says where to paste instead),
    `path` leads to the table of servers in it. An entry has the three `keys`, besides them what stands in `also`, and,
    if `names_itself`, its name. `home` is a folder that is there when the host is.
    """

    name: str
    title: str
    files: dict[Scope, _Where]
    home: _Where
    restart: str
    path: tuple[str, ...] = ("mcpServers",)
    format: Literal["json", "toml", "yaml"] = "json"
    also: tuple[tuple[str, str | int | bool], ...] = ()
    keys: Keys = Keys()
    names_itself: bool = False

    def file(self, folders: UserFolders, scope: Scope) -> Path:
        """Return the configuration of *scope*; HostFileError when this host has none of the kind."""
        if not self.files:
            raise HostFileError(
                f"{self.title} documents no file for its servers; "
                f"paste what `memoryos-mcp config {self.name}` shows: {self.restart}"
            )
        if scope not in self.files:
            raise HostFileError(f"{self.title} has no configuration per project; leave --scope {scope} out")
        return self.files[scope](folders)

    def is_here(self, folders: UserFolders) -> bool:
        """Return whether the host has been on this machine."""
        file = self.files.get("user")
        return self.home(folders).is_dir() or (file is not None and file(folders).is_file())

    def entry(self, launch: Launch, name: str) -> dict[str, Any]:
        """Return the entry that starts *launch*, as this host's configuration has it; an empty environment is left."""
        words = {self.keys.command: launch.command, self.keys.args: list(launch.args)}
        if not self.keys.args:
            words = {self.keys.command: [launch.command, *launch.args]}
        own = {"name": name} if self.names_itself else {}
        return {**own, **dict(self.also), **words, **({self.keys.env: dict(launch.env)} if launch.env else {})}


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


def _gemini(folders: UserFolders) -> Path:
    return folders.variable("GEMINI_CLI_HOME", folders.home) / ".gemini"


def _opencode(folders: UserFolders) -> Path:
    return folders.dot_config / "opencode"


def _opencode_file(folder: Path) -> Path:
    """The one of two names that is there: opencode reads both."""
    return next((found for name in _OPENCODE if (found := folder / name).is_file()), folder / _OPENCODE[0])


def _goose(folders: UserFolders) -> Path:
    if folders.platform == "win32":
        return folders.applications / "Block" / "goose" / "config"
    return folders.dot_config / "goose"


def _zed(folders: UserFolders) -> Path:
    if folders.platform == "darwin":
        return folders.home / ".config" / "zed"
    return folders.applications / ("Zed" if folders.platform == "win32" else "zed")


def _cline(folders: UserFolders) -> Path:
    """Cline's own folder, which its programs share; before that it was the one that VS Code gives to an extension."""
    known = [folders.home / ".cline" / "data" / "settings", _code(folders) / "globalStorage" / _CLINE / "settings"]
    with_file = [folder for folder in known if (folder / _CLINE_FILE).is_file()]
    return next(iter([*with_file, *(folder for folder in known if folder.is_dir()), *known]))


def _lm_studio(folders: UserFolders) -> Path:
    return folders.home / ".lmstudio"


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
    Host(
        "gemini-cli",
        "Gemini CLI",
        {
            "user": lambda folders: _gemini(folders) / "settings.json",
            "project": lambda folders: folders.folder / ".gemini" / "settings.json",
        },
        _gemini,
        "start a new session; /mcp lists the servers",
    ),
    Host(
        "opencode",
        "opencode",
        {
            "user": lambda folders: _opencode_file(_opencode(folders)),
            "project": lambda folders: _opencode_file(folders.folder),
        },
        _opencode,
        "start a new session; `opencode mcp list` lists the servers",
        path=("mcp",),
        also=(("type", "local"), ("enabled", True)),
        keys=Keys(args="", env="environment"),
    ),
    Host(
        "goose",
        "Goose",
        {"user": lambda folders: _goose(folders) / "config.yaml"},
        _goose,
        "start a new session",
        path=("extensions",),
        format="yaml",
        also=(("type", "stdio"), ("enabled", True), ("timeout", _GOOSE_CALL_S)),
        keys=Keys(command="cmd", env="envs"),
        names_itself=True,
    ),
    Host(
        "zed",
        "Zed",
        {"user": lambda folders: _zed(folders) / "settings.json"},
        _zed,
        "Zed takes it up by itself; the agent panel's settings list the servers",
        path=("context_servers",),
        also=(("source", "custom"),),
    ),
    Host(
        "cline",
        "Cline",
        {"user": lambda folders: _cline(folders) / _CLINE_FILE},
        lambda folders: _cline(folders).parent,
        "Cline takes it up by itself; MCP Servers > Configure lists the servers",
    ),
    Host(
        "continue",
        "Continue",
        {
            "user": lambda folders: folders.home / ".continue" / "mcpServers" / "memoryos.json",
            "project": lambda folders: folders.folder / ".continue" / "mcpServers" / "memoryos.json",
        },
        lambda folders: folders.home / ".continue",
        "Continue takes it up by itself, for its agent mode",
    ),
    Host(
        "lm-studio",
        "LM Studio",
        {"user": lambda folders: _lm_studio(folders) / "mcp.json"},
        _lm_studio,
        "LM Studio takes it up by itself; the Program tab lists the servers",
    ),
    Host(
        "jetbrains",
        "JetBrains AI Assistant",
        {},
        lambda folders: folders.applications / "JetBrains",
        "Settings > Tools > AI Assistant > Model Context Protocol (MCP) > Add > As JSON",
    ),
)
