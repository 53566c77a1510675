"""The command `rebuild`: everything derived is made anew from the documents."""

import click

from ..domain.counting import counted
from . import output
from .opening import open_memory
from .options import Command

__all__ = ["rebuild"]


@click.command(cls=Command, short_help="Make index and vectors anew from the documents.")
@click.option("--all-users", is_flag=True, help="Of everybody in this memory, not of one user.")
@click.option("--json", "json_", is_flag=True, help="One JSON document on stdout, for programs.")
@click.pass_context
def rebuild(context: click.Context, all_users: bool, json_: bool) -> None:
    """
    Make the word index, the vectors of turns and those of segments anew from the stored pages, without a model.

    Pages in short-term memory have no index: they are read as they are. Documents are not touched, and hosts may go on
    using the memory: pages are found by their words until they have their vectors again. A server mends by itself what
    is missing; this is for when something seems wrong.
    """
    with open_memory(context) as memory:
        stored = memory.users()
        users = stored if all_users else [memory.settings.user_id]
        if not set(users) & set(stored):
            others = counted(len(stored), "other user has", "other users have")
            told = f"; {others} memory here: --all-users, or --user-id" if stored else ""
            output.note(f"there is nothing to rebuild in {memory.settings.data_dir}{told}")
        rebuilt = {}
        for user_id in users:
            with output.progress(f"building anew: {user_id}") as advance:
                rebuilt[user_id] = memory.rebuild(progress=advance, user_id=user_id)
        embedder = memory.status().embedder
    if json_:
        output.emit_json({"pages": rebuilt, "embedder": embedder})
        return
    for user_id, pages in rebuilt.items():
        indexed = counted(pages, "page")
        output.raw(f"{user_id}: {indexed} of mid-term memory and archive indexed anew, vectors by {embedder}")
