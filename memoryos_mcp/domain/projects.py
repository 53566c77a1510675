"""
Project labels: which piece of work a page was said in.

A label only shifts what is preferred; nothing is hidden by it, and what is known about the user is shared by all.
Where a label comes from: the call's argument, else the setting, else the workspace that the host tells of.
"""

from collections.abc import Mapping
from pathlib import PurePosixPath, PureWindowsPath

from .errors import InputError
from .inputs import check_text

__all__ = ["AUTO", "LONGEST", "NONE", "folder_label", "host_project", "project_label", "project_of"]

AUTO, NONE = "auto", "none"
LONGEST = 200
_HOST_VARIABLES = ("CLAUDE_PROJECT_DIR", "WORKSPACE_FOLDER_PATHS")
"""Claude Code's folder of the project, and Cursor's folders of the workspace, the first of which counts."""


def project_label(value: str) -> str:
    """
    Return the label of a project given by name or by folder: of a path its last part, on one line.

    Raises:
        InputError: It is longer than 200 characters, or no text.
    """
    if not isinstance(value, str) or value.strip():
        text = " ".join(check_text("project", value, longest=LONGEST if not _is_path(value) else 4 * LONGEST).split())
    else:
        return ""
    if _is_path(text):
        text = (PureWindowsPath if "\\" in text else PurePosixPath)(text).name
    if len(text) > LONGEST:
        raise InputError(f"project has {len(text):,} characters; at most {LONGEST:,} are taken: shorten it")
    return text


def project_of(setting: str, environ: Mapping[str, str]) -> str:
    """Return the label that pages get by default: as *setting* says, or with "auto" the host's workspace."""
    if setting == NONE:
        return ""
    return host_project(environ) if setting == AUTO else project_label(setting)


def host_project(environ: Mapping[str, str]) -> str:
    """Return the label of the workspace that the host has put into the environment, "" when it tells of none."""
    for name in _HOST_VARIABLES:
        folders = [part.strip() for part in environ.get(name, "").split(",")]
        if folders[0] and not folders[0].startswith("${"):
            return folder_label(folders[0])
    return ""


def folder_label(folder: str) -> str:
    """Return the label of a folder that a host tells of, "" for one that can have none: nobody chose it for a label."""
    try:
        return project_label(folder)
    except InputError:
        return ""


def _is_path(value: object) -> bool:
    return isinstance(value, str) and ("/" in value or "\\" in value)
