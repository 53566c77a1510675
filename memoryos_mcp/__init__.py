"""Memory for AI assistants: MemoryOS (arXiv 2506.06326) in Chroma, served over the Model Context Protocol."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .api.async_memoryos import AsyncMemoryos
    from .api.memoryos import Memoryos
    from .domain.records import Exchange

__all__ = ["AsyncMemoryos", "Exchange", "Memoryos", "__version__"]

__version__ = "0.1.0"

_HOMES = {"AsyncMemoryos": ".api.async_memoryos", "Exchange": ".domain.records", "Memoryos": ".api.memoryos"}


def __getattr__(name: str) -> Any:
    """Load a name at first use: the server answers `initialize` before chromadb is imported."""
    if name in _HOMES:
        return getattr(import_module(_HOMES[name], __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
