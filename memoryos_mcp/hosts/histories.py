"""Where hosts keep the conversations held in them, so that a history can be brought without knowing their folders."""

from pathlib import Path

from .places import Places

__all__ = ["history_folders"]


def history_folders(places: Places) -> list[tuple[str, Path]]:
    """Return the name of each host with conversations on this machine, and the folder or file they are in."""
    editors = [("VS Code", places.applications / "Code"), ("VS Code Insiders", places.applications / "Code - Insiders")]
    known = [
        ("Claude Code", places.variable("CLAUDE_CONFIG_DIR", places.home / ".claude") / "projects"),
        ("Codex", places.variable("CODEX_HOME", places.home / ".codex") / "sessions"),
        ("Cursor", places.home / ".cursor" / "projects"),
        ("Cursor", places.applications / "Cursor" / "User" / "globalStorage" / "state.vscdb"),
        ("Gemini CLI", places.home / ".gemini" / "tmp"),
        *(
            (name, found)
            for name, root in editors
            for found in sorted(root.glob("User/workspaceStorage/*/chatSessions"))
        ),
        ("SpecStory", places.folder / ".specstory" / "history"),
    ]
    return [(name, path) for name, path in known if path.exists()]
