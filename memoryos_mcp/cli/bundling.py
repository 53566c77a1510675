"""The command `bundle`: what is published beside the package."""

from pathlib import Path

import click

from . import output

__all__ = ["bundle"]


@click.command(short_help="Make the MCPB bundle (a file that Claude Desktop installs).")
@click.argument("folder", type=click.Path(path_type=Path), required=False)
@click.option("--manifest", "manifest_", is_flag=True, help="Only show manifest.json.")
@click.option("--registry", is_flag=True, help="Only show server.json, the entry of the MCP registry.")
def bundle(folder: Path | None, manifest_: bool, registry: bool) -> None:
    """
    Write the MCPB bundle into FOLDER: its files, for `mcpb validate` and `mcpb pack`, and the same packed.

    The packed file opens in Claude Desktop, which installs what it needs beforehand.
    """
    from .publishing import manifest, registry_entry, write_bundle

    if manifest_ or registry:
        output.document(manifest() if manifest_ else registry_entry())
        return
    if folder is None:
        raise click.UsageError("give the FOLDER to write the bundle into, or --manifest or --registry")
    archive = write_bundle(folder)
    output.raw(f"{archive} ({archive.stat().st_size / 1e6:.1f} MB); its files are beside it")
