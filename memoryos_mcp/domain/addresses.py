"""Addresses as settings, messages and logs show them: who and where, never a password or a query's values."""

import ipaddress
import re
from urllib.parse import urlsplit

__all__ = ["HIDDEN", "is_loopback", "is_private_url", "public_address"]

HIDDEN = "***"

_LOGIN = re.compile(r"^([a-z][a-z\d+.-]*://)?[^?#]*@", re.IGNORECASE)
_VALUE = re.compile(r"([?&#][^=&#]*=)[^&#]*")


def is_loopback(host: str) -> bool:
    """Whether *host*, a name or an address, is this machine alone."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def is_private_url(address: str) -> bool:
    """Whether nobody on the way can read or change what is fetched from *address*: https, or this machine itself."""
    try:
        parts = urlsplit(address)
        return bool(parts.hostname) and (parts.scheme == "https" or is_loopback(parts.hostname or ""))
    except ValueError:
        return False


def public_address(address: str) -> str:
    """
    Return *address* with what stands before its last "@" and the values of its query hidden.

    Hides too much rather than too little: a password may itself hold "@", "/" or ":".
    """
    shown = _LOGIN.sub(lambda found: f"{found[1] or ''}{HIDDEN}@", address)
    return _VALUE.sub(rf"\1{HIDDEN}", shown)
