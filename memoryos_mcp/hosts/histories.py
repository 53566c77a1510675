"""Where hosts keep the conversations held in them, so that a history can be brought without knowing their folders."""

from pathlib import Path

from .user_folders import UserFolders

__all__ = ["history_folders"]


def history_folders(folders: UserFolders) -> list[tuple[str, Path]]:
    """Return the name of each host with conversations on this machine, and the folder or file they are in."""
    editors = [
        ("VS Code", folders.applications / "Code"),
        ("VS Code Insiders", folders.applications / "Code - Insiders"),
    ]
    known = [
        ("Claude Code", folders.variable("CLAUDE_CONFIG_DIR", folders.home / ".claude") / "projects"),
        ("Codex", folders.variable("CODEX_HOME", folders.home / ".codex") / "sessions"),
        ("Cursor", folders.home / ".cursor" / "projects"),
        ("Cursor", folders.applications / "Cursor" / "User" / "globalStorage" / "state.vscdb"),
        ("Gemini CLI", folders.home / ".gemini" / "tmp"),
        *(
            (name, found)
            for name, root in editors
            for found in sorted(root.glob("User/workspaceStorage/*/chatSessions"))
        ),
        ("SpecStory", folders.folder / ".specstory" / "history"),
    ]
    return [(name, path) for name, path in known if path.exists()]
