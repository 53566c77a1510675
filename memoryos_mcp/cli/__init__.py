"""
The command `memoryos-mcp`. Without arguments it serves over stdio at once: a host waits for `initialize`.

Everything else is in `app` and is loaded only when there are arguments or a shell completes words, but for `hook`,
which a host waits for too.
Exit status: 0 done, 1 an error that memoryos_mcp names, 2 a wrong command, option, value or setting, 130 interrupted.
"""

import os
import sys
from collections.abc import Sequence

from .completion import completed_program

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # vectors here are small: more threads only wait for one another
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given[:1] == ["hook"] and not {"-h", "--help"} & set(given):
        from ..hosts.hooks.run import run_hook

        return run_hook(given[1:])
    if given or completed_program(os.environ):
        from .app import run

        return run(given)
    from .serving import serve_stdio

    return serve_stdio({}, None)
