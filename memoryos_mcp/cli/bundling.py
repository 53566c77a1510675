"""The command `bundle`: what is published beside the package."""

from pathlib import Path

import click

from ..hosts.launch import launch_here
from ..hosts.links import release_command
from . import output

__all__ = ["bundle"]


_PLUGIN = "memoryos-plugin"


@click.command(short_help="Make the MCPB bundle for Claude Desktop, and the plugin for Claude Code and Codex.")
@click.argument("folder", type=click.Path(path_type=Path), required=False)
@click.option("--manifest", "manifest_", is_flag=True, help="Only show manifest.json.")
@click.option("--registry", is_flag=True, help="Only show server.json, the entry of the MCP registry.")
@click.option("--here", is_flag=True, help="The plugin starts this installation, not the release by uvx.")
def bundle(folder: Path | None, manifest_: bool, registry: bool, here: bool) -> None:
    """
    Write the MCPB bundle and the plugin into FOLDER.

    Of the bundle: its files, for `mcpb validate` and `mcpb pack`, and the same packed, which opens in Claude Desktop;
    that installs what it needs beforehand. The plugin's folder is a marketplace for Claude Code and Codex alike.
    """
    from .publishing import manifest, registry_entry, write_bundle, write_plugin

    if manifest_ or registry:
        output.document(manifest() if manifest_ else registry_entry())
        return
    if folder is None:
        raise click.UsageError("give the FOLDER to write the bundle into, or --manifest or --registry")
    archive = write_bundle(folder)
    output.raw(f"{archive} ({archive.stat().st_size / 1e6:.1f} MB); its files are beside it")
    plugin = write_plugin(folder / _PLUGIN, launch_here({}) if here else release_command())
    output.raw(
        f"{plugin}; to install it: claude plugin marketplace add, or codex plugin marketplace add, and this path"
    )
