"""Addresses as settings, messages and logs show them: who and where, never a password or a query's values."""

import re

__all__ = ["HIDDEN", "public_address"]

HIDDEN = "***"

_LOGIN = re.compile(r"^([a-z][a-z\d+.-]*://)?[^?#]*@", re.IGNORECASE)
_VALUE = re.compile(r"([?&#][^=&#]*=)[^&#]*")


def public_address(address: str) -> str:
    """
    Return *address* with what stands before its last "@" and the values of its query hidden.

    Hides too much rather than too little: a password may itself hold "@", "/" or ":".
    """
    shown = _LOGIN.sub(lambda found: f"{found[1] or ''}{HIDDEN}@", address)
    return _VALUE.sub(rf"\1{HIDDEN}", shown)
