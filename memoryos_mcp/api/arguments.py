"""
The settings as typed keyword arguments of `Memoryos` and `AsyncMemoryos`: editors complete them, a typo is an error.

`domain.settings` says what each means and its bounds; a test holds the two against each other.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, TypedDict

__all__ = ["SettingArguments"]


class _OurNames(TypedDict, total=False):
    """Every setting but `data_dir`, which comes first and may be given without its name."""

    user_id: str | None
    assistant_id: str | None
    pin_user: bool | None
    user_name: str | None
    assistant_name: str | None
    project: str | None
    timezone: str | None
    fill: bool | None
    short_term_capacity: int | None
    mid_term_capacity: int | None
    heat_threshold: float | None
    knowledge_capacity: int | None
    similarity_threshold: float | None
    analyzer: Literal["auto", "local", "openai", "host"] | None
    llm_model: str | None
    openai_api_key: str | None
    openai_base_url: str | None
    llm_temperature: float | None
    llm_language: str | None
    llm_timeout: float | None
    llm_prompt_tokens: int | None
    llm_answer_tokens: int | None
    embedder: Literal["auto", "bundled", "minilm", "openai"] | None
    embedding_model: str | None
    chroma: str | None
    snapshots: int | None
    snapshot_megabytes: int | None
    http_host: str | None
    http_port: int | None
    http_names: str | None
    http_requests_per_minute: int | None
    http_connections: int | None
    tokens: str | None
    oauth_issuer: str | None
    oauth_audience: str | None
    redact_secrets: bool | None
    max_text_chars: int | None
    max_metadata_chars: int | None
    pages_per_minute: int | None
    max_pages: int | None


class SettingArguments(_OurNames, total=False):
    """Settings by our names, or by those of the MemoryOS package's constructor (see `memoryos_names`)."""

    data_storage_path: str | Path | None
    long_term_knowledge_capacity: int | None
    mid_term_heat_threshold: float | None
    mid_term_similarity_threshold: float | None
    retrieval_queue_capacity: int
    embedding_model_name: str
    embedding_model_kwargs: Mapping[str, Any] | None
