"""
Every setting, its default and its bounds: one frozen object read once.

Order: explicit arguments (command line, Python API), environment, file, default. The file is TOML with the
field names below as keys. Unknown keys are refused with the file and the key. Secrets come from the
environment alone and are masked in `repr`. Reading settings creates nothing on disk.
"""

import os
import sys
from collections.abc import Mapping
from datetime import tzinfo
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator

from .addresses import is_private_url, public_address
from .data_dir import default_data_dir, is_set, whole_path
from .errors import ConfigError

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

__all__ = ["CONFIG_ENV", "OF_THE_MACHINE", "Settings", "default_data_dir", "environment_name", "load_settings"]

CONFIG_ENV = "MEMORYOS_CONFIG"

_ADDRESSES = ("openai_base_url", "chroma")
"""Settings that may hold a password or a key."""

OF_THE_MACHINE = frozenset(
    {
        "chroma",
        "data_dir",
        "http_connections",
        "http_host",
        "http_names",
        "http_port",
        "http_requests_per_minute",
        "oauth_audience",
        "oauth_issuer",
        "openai_base_url",
        "tokens",
    }
)
"""Settings that say where things are and how they are served: nothing that a client elsewhere has to know."""

_ENV_NAMES = {"openai_api_key": "OPENAI_API_KEY", "openai_base_url": "OPENAI_BASE_URL"}


class Settings(BaseModel):
    """All settings. Environment names are `MEMORYOS_` and the field's name in capitals, but for the two of `openai`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    data_dir: Path = Field(default_factory=default_data_dir, description="Folder that holds all memory.")
    user_id: str = Field("default", min_length=1, description="Whose memory, when a call names nobody.")
    assistant_id: str = Field("assistant", min_length=1, description="Which assistant's knowledge.")
    pin_user: bool = Field(False, description="Refuse every other user_id than this one in the server's calls.")
    user_name: str = Field("", description="The user's name; empty: learnt from what the user says.")
    assistant_name: str = Field("", description="The assistant's name, as the user calls it.")
    project: str = Field("auto", min_length=1, description="Label of pages: a name, a folder, auto (the host's), none.")
    timezone: str = Field("", description="Whose days are the user's, an IANA name; empty: the machine's zone.")
    fill: bool = Field(False, description="Spend the whole budget of a reply, not only what bears on the question.")
    short_term_capacity: int = Field(10, ge=1, le=1000, description="Pages in short-term memory.")
    mid_term_capacity: int = Field(2000, ge=1, le=1_000_000, description="Segments in mid-term memory.")
    heat_threshold: float = Field(5.0, gt=0, description="Heat above which a segment is promoted (tau).")
    knowledge_capacity: int = Field(100, ge=1, le=10_000, description="Facts kept on each of user and assistant.")
    similarity_threshold: float = Field(0.6, ge=-1, le=2, description="F_score to join a segment (theta).")
    analyzer: Literal["auto", "local", "openai", "host"] = Field("auto", description="Who reads pages.")
    llm_model: str = Field("gpt-4o-mini", min_length=1, description="Model of the openai analyzer.")
    openai_api_key: SecretStr | None = Field(None, description="Key of the endpoint.")
    openai_base_url: str | None = Field(None, description="OpenAI-compatible endpoint.")
    llm_temperature: float = Field(0.0, ge=0, le=2, description="Temperature of analyses.")
    llm_language: str = Field("", description="Language of summaries and facts; empty: that of the pages.")
    llm_timeout: float = Field(120.0, gt=0, le=3600, description="Longest wait for one answer, in seconds.")
    llm_prompt_tokens: int = Field(6000, ge=2000, le=1_000_000, description="Longest prompt of an analysis.")
    llm_answer_tokens: int = Field(2000, ge=200, le=100_000, description="Longest answer of an analysis.")
    embedder: Literal["auto", "bundled", "minilm", "openai"] = Field("auto", description="Who makes vectors.")
    embedding_model: str = Field("text-embedding-3-small", min_length=1, description="Model of the openai embedder.")
    chroma: str = Field("", description="Empty: embedded Chroma in data_dir; http://host:port: a Chroma server.")
    snapshots: int = Field(4, ge=0, le=100, description="Daily snapshots kept in data_dir; 0: none.")
    snapshot_megabytes: int = Field(1000, ge=1, le=1_000_000, description="Room for all snapshots, in MB.")

    http_host: str = Field("127.0.0.1", min_length=1, description="Address that `serve --http` listens on.")
    http_port: int = Field(8765, ge=0, le=65_535, description="Port that `serve --http` listens on; 0: a free one.")
    http_names: str = Field("", description="Other names by which clients reach it, with commas between.")
    http_requests_per_minute: int = Field(1200, ge=1, le=1_000_000, description="Requests a token may make a minute.")
    http_connections: int = Field(16, ge=1, le=10_000, description="Requests of a token that may be open at once.")
    tokens: str = Field("", description="File of the tokens for HTTP; empty: tokens.json in data_dir.")
    oauth_issuer: str = Field("", description="OAuth server whose tokens are taken too; empty: none.")
    oauth_audience: str = Field("", description="This server's public URL, as OAuth tokens name it.")

    redact_secrets: bool = Field(True, description="Replace obvious credentials by a mark before a text is stored.")
    max_text_chars: int = Field(100_000, ge=1000, le=1_000_000, description="Longest text of one side of a page.")
    max_metadata_chars: int = Field(50_000, ge=0, le=1_000_000, description="Longest metadata of a page, as JSON.")
    pages_per_minute: int = Field(600, ge=1, description="Pages a user may add a minute, by one server's tools.")
    max_pages: int = Field(0, ge=0, description="Pages a user may have in all; 0: as many as the disk holds.")

    @field_validator("data_dir")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        """Hosts start servers in any working directory, without a shell: the path is made whole once."""
        try:
            return whole_path(value)
        except ConfigError as exc:
            raise ValueError(str(exc)) from exc

    @field_validator("chroma")
    @classmethod
    def _address(cls, value: str) -> str:
        if value and not value.startswith(("http://", "https://")):
            raise ValueError("must be empty or http://host:port")
        return value.rstrip("/")

    @field_validator("tokens")
    @classmethod
    def _absolute_file(cls, value: str) -> str:
        return str(cls._absolute(Path(value))) if value else ""

    @field_validator("oauth_issuer", "oauth_audience")
    @classmethod
    def _url(cls, value: str) -> str:
        if value and not (value.startswith("http") and is_private_url(value)):
            raise ValueError("must be empty or a URL that begins with https:// (http:// on this machine only)")
        return value

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            return ZoneInfo(value.strip()).key if value.strip() else ""
        except (OSError, ValueError, LookupError) as exc:
            raise ValueError("is no time zone; give an IANA name like Europe/Berlin, or leave it empty") from exc

    @property
    def zone(self) -> tzinfo | None:
        """The user's zone; None is the machine's, as `datetime.astimezone` takes it."""
        return ZoneInfo(self.timezone) if self.timezone else None

    @property
    def token_path(self) -> Path:
        """Where the tokens for HTTP are."""
        return Path(self.tokens) if self.tokens else self.data_dir / "tokens.json"

    @property
    def resolved_analyzer(self) -> Literal["local", "openai", "host"]:
        """The analyzer in force: `auto` is `openai` when a key or base URL is set, else `local`."""
        if self.analyzer != "auto":
            return self.analyzer
        return "openai" if self.openai_api_key or self.openai_base_url else "local"

    def public(self) -> dict[str, Any]:
        """Return every setting as JSON-able values, without secrets (a set key reads "set")."""
        values = self.model_dump(mode="json", exclude={"openai_api_key"})
        addresses = {name: public_address(values[name]) for name in _ADDRESSES if values[name]}
        return {**values, **addresses, "openai_api_key": "set" if self.openai_api_key else None}

    def __repr_args__(self) -> Any:
        """Hide in `repr`, which logs and tracebacks show, what `public` hides."""
        for name, value in super().__repr_args__():
            yield name, public_address(value) if name in _ADDRESSES and value else value


def environment_name(field: str) -> str:
    """Return the environment variable of a setting."""
    return _ENV_NAMES.get(field, f"MEMORYOS_{field.upper()}")


def load_settings(
    overrides: Mapping[str, Any] | None = None,
    *,
    config_file: Path | None = None,
    environ: Mapping[str, str] | None = None,
) -> Settings:
    """
    Return the settings in force: *overrides*, then environment, then file, then defaults.

    Args:
        overrides: Field names to values; None values count as not given.
        config_file: TOML file; default: the path in `MEMORYOS_CONFIG`, else no file.
        environ: Environment; default `os.environ`. Empty values and unfilled `${...}` templates count as unset.

    Raises:
        ConfigError: An unknown key, a bad value or an unreadable file, named with its source.
    """
    env = os.environ if environ is None else environ
    named = config_file or (Path(env[CONFIG_ENV]) if is_set(env.get(CONFIG_ENV, "")) else None)
    path = whole_path(named) if named else None
    from_file = _read_file(path) if path else {}
    from_env = _read_environment(env)
    given = {key: value for key, value in (overrides or {}).items() if value is not None}
    try:
        return Settings(**{**from_file, **from_env, **given})
    except ValidationError as exc:
        raise ConfigError(_explain(exc, given, from_env, path)) from exc


def _read_environment(env: Mapping[str, str]) -> dict[str, str]:
    found = {field: env.get(environment_name(field), "") for field in Settings.model_fields}
    return {field: value for field, value in found.items() if is_set(value)}


def _read_file(path: Path) -> dict[str, Any]:
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as exc:
        raise ConfigError(f"cannot read the settings file {path}: {exc}") from exc
    known = set(Settings.model_fields) - {"openai_api_key"}
    for key in values:
        if key == "openai_api_key":
            raise ConfigError(f"{path}: a key does not belong in a file; set OPENAI_API_KEY in the environment")
        if key not in known:
            raise ConfigError(f"{path}: unknown setting {key!r}; known are {', '.join(sorted(known))}")
    return values


def _explain(exc: ValidationError, given: Mapping[str, Any], from_env: Mapping[str, str], path: Path | None) -> str:
    lines = []
    for error in exc.errors():
        field = str(error["loc"][0])
        source = "argument" if field in given else environment_name(field) if field in from_env else str(path)
        value = "(hidden)" if field == "openai_api_key" else _shown(field, error.get("input"))
        lines.append(f"{source}: {field} = {value}: {error['msg']}")
    return "; ".join(lines)


def _shown(field: str, value: object) -> str:
    return repr(public_address(value) if field in _ADDRESSES and isinstance(value, str) else value)
