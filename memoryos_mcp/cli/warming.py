"""The command `warm`: what a first start would have to do, done now, while no host waits."""

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from ..domain.settings import Settings, load_settings
from . import output
from .options import Command, config_file, given_settings

if TYPE_CHECKING:
    from ..server.api import MemoryApi

__all__ = ["warm"]


@click.command(cls=Command, short_help="Do what a first start does, so that a host's first start is quick.")
@click.pass_context
def warm(context: click.Context) -> None:
    """
    Load every library, the embedder and the memory once, and say how long each took.

    A package runner (uvx) has the packages on disk afterwards and Python their compiled code, so that the first start
    in a host is as quick as any. Nothing is stored and nothing forgotten; the data folder is made when it is not there.
    """
    settings = load_settings(given_settings(context), config_file=config_file(context))
    for what, seconds in _steps(settings):
        output.raw(f"{seconds:5.1f} s  {what}")
    output.raw("warm: hosts may start")


def _steps(settings: Settings) -> Iterator[tuple[str, float]]:
    started = time.perf_counter()

    def took() -> float:
        nonlocal started
        before, started = started, time.perf_counter()
        return started - before

    from ..server import build_server

    def never() -> "MemoryApi":
        raise AssertionError("only opened by a call")

    build_server(never, settings)
    yield "the server", took()
    import chromadb
    import openai

    yield f"libraries (chromadb {chromadb.__version__}, openai {openai.__version__})", took()
    from ..api.memoryos import Memoryos

    with Memoryos(settings) as memory:
        memory.status()
        yield f"the memory in {settings.data_dir}", took()
    from ..retrieval.embedders import choose
    from ..text.tokenizer import O200kBase

    if settings.embedder != "openai":  # an endpoint has nothing to load here, and a call may cost
        embedder = choose(settings.embedder, model="", api_key=None, base_url=None)
        embedder.embed(["warm"])
        yield f"the embedder ({embedder.name})", took()
    tokenizer = O200kBase()
    tokenizer.count("warm")
    yield f"the tokenizer ({tokenizer.name})", took()
