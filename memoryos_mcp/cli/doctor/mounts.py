"""What kind of file system a path lies on, as far as the platform tells without help: network ones are named."""

import sys
from pathlib import Path

__all__ = ["kind_of", "network_mount"]

_NETWORK = ("nfs", "cifs", "smb", "9p", "afs", "ceph", "glusterfs", "fuse.sshfs", "fuse.rclone", "davfs", "webdav")
_DRIVE_REMOTE = 4  # DRIVE_REMOTE of GetDriveTypeW
_ESCAPES = {"\\040": " ", "\\011": "\t", "\\012": "\n", "\\134": "\\"}


def kind_of(path: Path) -> str:
    """Return the name of the network file system that holds *path* ("nfs4"); empty for a local disk or unknown."""
    if sys.platform == "win32":
        return _windows(path)
    try:
        table = Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:  # no such table here (macOS): nothing is said rather than guessed
        return ""
    return network_mount(path.resolve(), table)


def network_mount(path: Path, table: str) -> str:
    """Return the network file system of *path* by a Linux mountinfo *table*; empty for a local one."""
    best, kind = -1, ""
    for line in table.splitlines():
        before, _, after = line.partition(" - ")
        fields, names = before.split(" "), after.split(" ")
        if len(fields) > 4 and names[0]:
            mount = Path(_without_escapes(fields[4]))
            if (mount == path or mount in path.parents) and len(mount.parts) >= best:
                best, kind = len(mount.parts), names[0]
    return kind if kind.startswith(_NETWORK) else ""


def _without_escapes(text: str) -> str:
    for code, character in _ESCAPES.items():
        text = text.replace(code, character)
    return text


def _windows(path: Path) -> str:
    if sys.platform != "win32":
        return ""
    import ctypes

    drive = path.resolve().drive
    if drive.startswith("\\\\"):
        return f"the network share {drive}"
    remote = ctypes.windll.kernel32.GetDriveTypeW(f"{drive}\\") == _DRIVE_REMOTE
    return f"the network drive {drive}" if remote else ""
