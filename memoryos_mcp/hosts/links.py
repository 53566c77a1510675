"""Links that install the server in a host with a click. They start a release through uvx, since no path is known."""

import base64
import json
from typing import Any
from urllib.parse import quote

from .. import __version__
from .entries import NAME
from .launch import DISTRIBUTION, Launch

__all__ = ["cursor_link", "cursor_web_link", "release_command", "vscode_link", "vscode_web_link"]


def release_command() -> Launch:
    """Return how a release is started by a package runner that is on the host's PATH."""
    return Launch("uvx", (f"{DISTRIBUTION}@{__version__}",))


def cursor_link(launch: Launch, name: str = NAME) -> str:
    """Return Cursor's deep link: the entry as JSON in base64."""
    return f"cursor://anysphere.cursor-deeplink/mcp/install?{_cursor_query(launch, name)}"


def cursor_web_link(launch: Launch, name: str = NAME) -> str:
    """Return the page that opens Cursor's deep link: pages like a README on the web keep no links but to the web."""
    return f"https://cursor.com/install-mcp?{_cursor_query(launch, name)}"


def vscode_link(launch: Launch, name: str = NAME) -> str:
    """Return VS Code's link: the entry with its name as JSON, percent-encoded."""
    return f"vscode:mcp/install?{quote(_json({'name': name, **_entry(launch)}), safe='')}"


def vscode_web_link(launch: Launch, name: str = NAME) -> str:
    """Return the page that opens VS Code's link."""
    config = quote(_json(_entry(launch)), safe="")
    return f"https://vscode.dev/redirect/mcp/install?name={quote(name, safe='')}&config={config}"


def _cursor_query(launch: Launch, name: str) -> str:
    encoded = base64.b64encode(_json(_entry(launch)).encode()).decode()
    return f"name={quote(name, safe='')}&config={quote(encoded, safe='')}"


def _entry(launch: Launch) -> dict[str, Any]:
    return {key: value for key, value in launch.entry().items() if value}


def _json(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))
