"""
The command line proper: the group, its way of reading settings, and how errors become exit statuses.

A thin skin over the facade: commands translate options into one call and hand the answer to `show` and `output`.
"""

import logging
import os
import sys
from collections.abc import Callable, Sequence

import click

from .. import __version__
from ..domain.errors import ConfigError, InputError, MemoryOSError, NotFoundError
from . import output
from .adding import add
from .backing_up import backup
from .benching import bench
from .bundling import bundle
from .completion import PROGRAMS, completed_program
from .demonstrating import demo
from .examining import doctor
from .exporting import export
from .hooking import hook
from .importing import import_
from .installing import install
from .models import model
from .options import Group, config_file, given_settings
from .reading import profile, recall, status
from .reanalyzing import reanalyze
from .rebuilding import rebuild
from .redacting import redact
from .removing import forget
from .serving import serve_over_http, serve_stdio
from .settings_file import config
from .tokens import token
from .uninstalling import uninstall
from .warming import warm

__all__ = ["cli", "run"]

WRONG = 2
INTERRUPTED = 130


def run(arguments: Sequence[str]) -> int:
    """Run a command; return the exit status: 0 done, 1 an error we name, 2 wrong words or values, 130 interrupted."""
    output.prepare()
    program = completed_program(os.environ) or PROGRAMS[0]
    return _exit_status_of(lambda: cli.main(args=list(arguments), prog_name=program, standalone_mode=False))


@click.group(
    cls=Group,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    epilog="The key of the openai analyzer and embedder is taken from OPENAI_API_KEY in the environment alone. "
    "Exit status: 0 done, 1 an error (told on stderr), 2 a wrong command, option, value or setting, 130 interrupted.",
)
@click.version_option(__version__, "-V", "--version", prog_name="memoryos-mcp")
@click.option("-v", "--verbose", is_flag=True, help="Log what is done, on stderr.")
@click.pass_context
def cli(context: click.Context, verbose: bool) -> int:
    """
    Memory for AI assistants over the Model Context Protocol.

    Without a command it serves over stdio: that is what a host starts. The commands look into the same memory, also
    while hosts use it.
    """
    if context.invoked_subcommand is None:
        return serve_stdio(given_settings(context), config_file(context))
    logging.basicConfig(
        level=logging.INFO if verbose else logging.WARNING,
        stream=sys.stderr,
        format="%(levelname)s %(name)s: %(message)s",
    )
    return 0


@cli.command()
@click.option("--http", is_flag=True, help="Serve over HTTP, to clients on this machine or others.")
@click.option("--host", help="Address to listen on, with --http.  [MEMORYOS_HTTP_HOST]")
@click.option("--port", type=click.IntRange(0, 65_535), help="Port to listen on, with --http.  [MEMORYOS_HTTP_PORT]")
@click.pass_context
def serve(context: click.Context, http: bool, host: str | None, port: int | None) -> int:
    """
    Serve over stdio (the same as no command), or with --http over streamable HTTP at /mcp.

    Over HTTP a token says whose memory a client reaches (`memoryos-mcp token create USER`). Without any token the
    server listens on this machine's own address only, and serves the user of the settings.
    """
    given = given_settings(context)
    if http:
        addressed = {"http_host": host, "http_port": port}
        return serve_over_http({**given, **{k: v for k, v in addressed.items() if v is not None}}, config_file(context))
    if host is not None or port is not None:
        raise click.UsageError("--host and --port are where to listen for HTTP: add --http")
    return serve_stdio(given, config_file(context))


for _command in (
    demo,
    install,
    uninstall,
    hook,
    token,
    status,
    recall,
    profile,
    add,
    forget,
    redact,
    export,
    backup,
    import_,
    reanalyze,
    rebuild,
    model,
    doctor,
    config,
    warm,
    bundle,
    bench,
):
    cli.add_command(_command)


def _exit_status_of(action: Callable[[], object]) -> int:
    try:
        result = action()
    except click.Abort:
        return INTERRUPTED
    except click.ClickException as exc:
        exc.show()
        return exc.exit_code
    except MemoryOSError as exc:
        output.fail(str(exc))
        return _status_of_error(exc)
    return result if isinstance(result, int) else 0


def _status_of_error(exc: MemoryOSError) -> int:
    """Return 2 for a value or setting that has to be written otherwise, 1 for what failed though all was well said."""
    return WRONG if isinstance(exc, ConfigError | InputError) and not isinstance(exc, NotFoundError) else 1
