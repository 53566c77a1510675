"""
Tokens by which clients reach a memory over HTTP, and whose memory each names.

The file holds no token, only its SHA-256: a token is 256 random bits, which no dictionary finds. It is written under a
lock and put in place at once, and a server looks at the file's stamp at each request: what is created or revoked counts
from then on.
"""

import hashlib
import hmac
import json
import logging
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, get_args

from ..domain.clock import now
from ..domain.errors import InputError, NotFoundError, StoreCorruptError, StoreError, StoreUnavailableError
from ..domain.identity import new_id, whole_id
from ..domain.inputs import check_text, check_user_id
from .hook_inbox import note

__all__ = ["PREFIX", "SCOPES", "Scope", "Token", "TokenFile", "scopes_within"]

logger = logging.getLogger(__name__)

Scope = Literal["read", "write", "admin"]
SCOPES: tuple[Scope, ...] = get_args(Scope)
"""Each holds those before it: `write` may store and forget too, `admin` reads the server's metrics too."""

PREFIX = "mos_"
"""How a token begins, so that a scanner for leaked secrets, and the server, tell it from others."""

FORMAT = 1
LONGEST_NAME = 100
_WAIT_S = 10.0


@dataclass(frozen=True, slots=True)
class Token:
    """What is known of a token; `digest` is the SHA-256 of its text, in hexadecimal."""

    token_id: str
    user_id: str
    name: str
    scope: Scope
    digest: str
    created_at: datetime
    expires_at: datetime | None = None

    def holds(self, at: datetime) -> bool:
        """Whether it has not expired at a time."""
        return self.expires_at is None or at < self.expires_at


def scopes_within(scope: Scope) -> list[str]:
    """Return *scope* after those it holds."""
    return list(SCOPES[: SCOPES.index(scope) + 1])


class TokenFile:
    """
    The tokens of one file, which is made by the first token. Thread-safe, and safe from several processes.

    Args:
        path: The file; its folder is made, private to the user, when it is missing.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._read: tuple[tuple[int, ...], dict[str, Token]] = ((), {})

    @property
    def exists(self) -> bool:
        """Whether there ever was a token: from then on a server asks for one, though all may be revoked."""
        return self.path.exists()

    def create(
        self, user_id: str, *, name: str = "", scope: Scope = "read", expires_at: datetime | None = None
    ) -> tuple[Token, str]:
        """
        Return a new token of a user and its text, which nobody can find out later.

        Raises:
            InputError: The user's id or the name cannot be used, or the token would have expired already.
            StoreError: The file cannot be read or written.
        """
        at = now()
        if expires_at is not None and expires_at <= at:
            raise InputError(f"the token would have expired already, at {expires_at.isoformat()}; give a later time")
        named = check_text("name", name, longest=LONGEST_NAME) if name else ""
        text = PREFIX + secrets.token_urlsafe(32)
        token = Token(new_id("t"), check_user_id(user_id), named, scope, _digest(text), at, expires_at)
        with self._changing() as tokens:
            tokens.append(token)
        return token, text

    def revoke(self, token_id: str) -> Token:
        """
        Take a token away, and return what it was.

        Raises:
            NotFoundError: No token has this id, nor one that begins with it.
            StoreError: The file cannot be read or written.
        """
        with self._changing() as tokens:
            known = {token.token_id: token for token in tokens}
            found = known.get(whole_id("token", token_id, known))
            if found is None:
                raise NotFoundError(f"no token has the id {token_id!r}; `memoryos-mcp token list` shows them")
            tokens.remove(found)
        return found

    def tokens(self) -> list[Token]:
        """
        Return all tokens, expired ones too, the oldest first.

        Raises:
            StoreError: The file cannot be read, or is not what we wrote.
        """
        stamp = self._stamp()
        if stamp != self._read[0]:
            self._read = stamp, {token.digest: token for token in self._load()}
        return list(self._read[1].values())

    def find(self, text: str) -> Token | None:
        """
        Return the token with this text if it is known and has not expired.

        A file that cannot be read lets nobody in, and the log says so.
        """
        try:
            self.tokens()
        except StoreError as exc:
            logger.error("no token is accepted: %s", exc)  # noqa: TRY400 - the message says it all
            return None
        digest = _digest(text)
        found = self._read[1].get(digest)
        same = hmac.compare_digest(digest, found.digest if found is not None else _digest(""))
        return found if found is not None and same and found.holds(now()) else None

    @contextmanager
    def _changing(self) -> Iterator[list[Token]]:
        from filelock import FileLock, Timeout

        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with FileLock(self.path.with_suffix(".lock"), timeout=_WAIT_S, mode=0o600):
                tokens = self._load()
                yield tokens
                note(self.path, {"format": FORMAT, "tokens": [_written(token) for token in tokens]})
        except Timeout as exc:
            raise StoreUnavailableError(f"{self.path} has been locked for {_WAIT_S:g} s; try again") from exc
        except OSError as exc:
            raise StoreUnavailableError(f"cannot write the tokens {self.path}: {exc}") from exc

    def _stamp(self) -> tuple[int, ...]:
        try:
            found = self.path.stat()
        except FileNotFoundError:
            return ()
        except OSError as exc:
            raise StoreUnavailableError(f"cannot read the tokens {self.path}: {exc}") from exc
        return found.st_ino, found.st_mtime_ns, found.st_size

    def _load(self) -> list[Token]:
        try:
            content = json.loads(self.path.read_text(encoding="utf-8"))
            if content["format"] != FORMAT:
                raise StoreCorruptError(f"{self.path} has format {content['format']!r}, this version reads {FORMAT}")
            return [_token_of(entry) for entry in content["tokens"]]
        except FileNotFoundError:
            return []
        except OSError as exc:
            raise StoreUnavailableError(f"cannot read the tokens {self.path}: {exc}") from exc
        except (ValueError, KeyError, TypeError) as exc:
            raise StoreCorruptError(
                f"{self.path} is not what memoryos-mcp wrote ({type(exc).__name__}); "
                "move it away and create the tokens anew"
            ) from exc


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _written(token: Token) -> dict[str, Any]:
    times = {name: getattr(token, name) for name in ("created_at", "expires_at")}
    return {**asdict(token), **{name: time and time.isoformat() for name, time in times.items()}}


def _token_of(entry: dict[str, Any]) -> Token:
    token = Token(**entry)
    if token.scope not in SCOPES:
        raise ValueError(token.scope)
    expires_at = entry["expires_at"] and datetime.fromisoformat(entry["expires_at"])
    return replace(token, created_at=datetime.fromisoformat(entry["created_at"]), expires_at=expires_at)
