"""
Where a model is and how it is asked: one frozen object, from the settings alone.

An Azure deployment is an address like any other: its `?api-version=` goes along with every request, and its key in
the header that Azure reads. Nothing here opens a connection.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit, urlunsplit

from ...domain.addresses import HIDDEN, public_address
from ...domain.errors import ConfigError
from ...domain.settings import Settings

__all__ = ["Endpoint", "endpoint_of"]

OPENAI_URL = "https://api.openai.com/v1"
_NO_KEY = "no-key"
_AZURE_HOSTS = (".azure.com", ".azure.us", ".azure.cn")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """
    One model of one server.

    Args:
        model: Its name there (Azure: the deployment's).
        base_url: Address up to and without `/chat/completions`; query parameters are kept.
        api_key: Sent as a bearer token; empty for a server that wants none.
        temperature: 0 to 2; None: the server's default.
        answer_tokens: Longest answer.
        prompt_tokens: Longest prompt its users may build, at four characters a token.
        timeout_s: Longest wait for one answer; `connect_timeout_s` for the connection.
        retries: Further attempts when the connection breaks or the server is busy (408, 409, 429, 5xx).
        pause_s: Mean pause before the first of them; each further one is twice as long, at most 8 s.
        patience_s: Longest pause in all between attempts; a server that asks for more is left alone until then.
    """

    model: str
    base_url: str = field(default=OPENAI_URL, repr=False)
    api_key: str = field(default="", repr=False)
    temperature: float | None = 0.0
    answer_tokens: int = 2_000
    prompt_tokens: int = 6_000
    timeout_s: float = 120.0
    connect_timeout_s: float = 5.0
    retries: int = 2
    pause_s: float = 0.5
    patience_s: float = 20.0

    def __post_init__(self) -> None:
        parts = urlsplit(self.base_url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ConfigError(f"OPENAI_BASE_URL must be http(s)://host[:port][/path], got {self.shown!r}")

    @property
    def shown(self) -> str:
        """The address without user, password and query: for messages and logs."""
        shown = public_address(self.base_url).replace(f"{HIDDEN}@", "", 1)
        return re.split("[?#]", shown)[0].rstrip("/")

    @property
    def address(self) -> str:
        """The address without its query."""
        parts = urlsplit(self.base_url)
        return urlunsplit((parts.scheme, parts.netloc, parts.path, "", ""))

    @property
    def query(self) -> Mapping[str, str]:
        """The query parameters that go along with every request."""
        return dict(parse_qsl(urlsplit(self.base_url).query))

    @property
    def key(self) -> str:
        """The key to send; the SDK wants one even for a server that does not."""
        return self.api_key or _NO_KEY

    @property
    def headers(self) -> Mapping[str, str]:
        """Headers beside the usual ones: Azure reads the key from `api-key`, so it gets it there too."""
        host = urlsplit(self.base_url).hostname or ""
        azure = host.endswith(_AZURE_HOSTS) or "api-version" in self.query
        return {"api-key": self.api_key} if azure and self.api_key else {}


def endpoint_of(settings: Settings) -> Endpoint:
    """
    Return the endpoint that *settings* name.

    Raises:
        ConfigError: The address is none.
    """
    key = settings.openai_api_key
    return Endpoint(
        model=settings.llm_model,
        base_url=settings.openai_base_url or OPENAI_URL,
        api_key="" if key is None else key.get_secret_value(),
        temperature=settings.llm_temperature,
        answer_tokens=settings.llm_answer_tokens,
        prompt_tokens=settings.llm_prompt_tokens,
        timeout_s=settings.llm_timeout,
    )
