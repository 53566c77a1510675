"""
The MCP server: seven tools, nine resources and two prompts over one memory.

It knows the protocol and nothing of tiers, vectors or stores; the memory behind it is `MemoryApi`. Nothing heavy is
imported here: a host waits for `initialize`.
"""

from .app import build_server, serve

__all__ = ["build_server", "serve"]
