"""
Serving over HTTP: who may come in, how often, and what is written down of it.

The protocol is the SDK's, the tools are those of `server`; here are tokens, OAuth, the checks of a request's host and
origin, bounds, health, metrics and the access log. Loaded only by `serve --http`: a host on stdio does not wait for it.
"""

from .listening import serve_http

__all__ = ["serve_http"]
