"""
The names of the MemoryOS package's constructor, brought to ours: code written for its README runs on.

Nothing is accepted and dropped: what has no counterpart here is refused or, where the difference is one of quality
and not of meaning (another embedding model), said in the log. Pure functions.
"""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ..domain.errors import ConfigError
from ..domain.inputs import FEWEST_TOKENS, MAX_TOKENS, MOST_TOKENS
from ..domain.records import Fact

__all__ = ["Compat", "from_memoryos", "knowledge_summary"]

logger = logging.getLogger(__name__)

_RENAMED = {
    "data_storage_path": "data_dir",
    "long_term_knowledge_capacity": "knowledge_capacity",
    "mid_term_heat_threshold": "heat_threshold",
    "mid_term_similarity_threshold": "similarity_threshold",
}
_MAY_BE_EMPTY = frozenset({"openai_api_key", "openai_base_url"})
_OURS = frozenset({"all-minilm-l6-v2", "sentence-transformers/all-minilm-l6-v2"})
_PAGES = 7
"""Their default of `retrieval_queue_capacity`, which is our default budget."""


@dataclass(frozen=True, slots=True)
class Compat:
    """`settings` by our names, and `response_tokens`: the budget of what is recalled for `get_response`."""

    settings: Mapping[str, Any]
    response_tokens: int = MAX_TOKENS


def from_memoryos(arguments: Mapping[str, Any]) -> Compat:
    """
    Return our settings for constructor *arguments* by either package's names.

    `data_storage_path`, `long_term_knowledge_capacity`, `mid_term_heat_threshold` and `mid_term_similarity_threshold`
    are renamed; an empty key or base URL is none. `retrieval_queue_capacity`, a number of pages there, becomes a budget
    of tokens: 1,500 for their default of 7, in proportion otherwise. `embedding_model_name` chooses an embedding
    endpoint's model by its name; models that would have to be downloaded are replaced by ours, and the log says so.

    Raises:
        ConfigError: A value is given under both names, or cannot be read.
    """
    found: dict[str, Any] = {}
    tokens = MAX_TOKENS
    for name, value in arguments.items():
        if name == "retrieval_queue_capacity":
            tokens = _budget(value)
        elif name == "embedding_model_name":
            found |= _embedding_settings(value)
        elif name == "embedding_model_kwargs":
            if value:
                logger.warning("embedding_model_kwargs %s: there is nothing to pass them to", sorted(value))
        elif not (name in _MAY_BE_EMPTY and value == ""):
            ours = _RENAMED.get(name, name)
            if ours != name and ours in arguments:
                raise ConfigError(f"{name} and {ours} are the same setting; give one of them")
            found[ours] = value
    return Compat(found, tokens)


def knowledge_summary(facts: Iterable[Fact]) -> list[dict[str, str]]:
    """Return facts in force as `get_assistant_knowledge_summary` gives them: `knowledge` and `timestamp`."""
    return [
        {"knowledge": fact.fact, "timestamp": f"{fact.said_at:%Y-%m-%d %H:%M:%S}"}
        for fact in facts
        if fact.superseded_by is None
    ]


def _budget(pages: object) -> int:
    if not isinstance(pages, int) or isinstance(pages, bool) or pages < 1:
        raise ConfigError(f"retrieval_queue_capacity must be a number of pages from 1, got {pages!r}")
    return max(FEWEST_TOKENS, min(MOST_TOKENS, pages * MAX_TOKENS // _PAGES))


def _embedding_settings(name: object) -> dict[str, Any]:
    """Return the settings for an embedding model by name."""
    if not isinstance(name, str):
        raise ConfigError(f"embedding_model_name must be text, got {name!r}")
    if name.startswith("text-embedding-"):
        return {"embedder": "openai", "embedding_model": name}
    if name and name.lower() not in _OURS:
        logger.warning("embedding model %r is not used: the built-in one needs no download", name)
    return {}
