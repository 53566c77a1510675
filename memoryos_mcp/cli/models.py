"""The commands `model ...`: fetching the embedding model that is not part of the package."""

import click

from . import output

__all__ = ["model"]

_CHOICE = (
    "Used from the next start on, wherever the setting embedder is auto (its default) or minilm; "
    "MEMORYOS_EMBEDDER=bundled does without it."
)


@click.group(short_help="Fetch a better embedding model.")
def model() -> None:
    """Fetch the embedding model that is not part of the package."""


@model.command()
def download() -> None:
    """
    Fetch all-MiniLM-L6-v2 (ONNX, about 80 MB), the archive that Chroma uses, and check it.

    Recall gets better at meaning, and slower. An interrupted download goes on where it stopped; files that Chroma has
    fetched are used as they are.
    """
    from ..retrieval.embedders.minilm import default_folder
    from ..retrieval.embedders.minilm.download import download_minilm

    folder = default_folder()
    with output.progress("downloading (bytes)") as advance:
        fetched = download_minilm(folder, lambda done, total: advance(done, total or None))
    output.raw(f"minilm {'is now' if fetched else 'was there already:'} in {folder}{', checksum right' * fetched}")
    output.raw(_CHOICE)
