"""Memory for AI assistants: MemoryOS (arXiv 2506.06326) in Chroma, served over the Model Context Protocol."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .api.async_memoryos import AsyncMemoryos
    from .api.memoryos import Memoryos

__all__ = ["AsyncMemoryos", "Memoryos", "__version__"]

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """Load the facade at first use: the server answers `initialize` before chromadb is imported."""
    if name == "Memoryos":
        from .api.memoryos import Memoryos

        return Memoryos
    if name == "AsyncMemoryos":
        from .api.async_memoryos import AsyncMemoryos

        return AsyncMemoryos
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
