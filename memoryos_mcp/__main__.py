"""`python -m memoryos_mcp` is the command `memoryos-mcp`."""

import sys

from .cli import main

sys.exit(main())
