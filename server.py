"""The server (no arguments) and the command line, as `memoryos-mcp` has them, from a checkout."""

import sys

from memoryos_mcp.cli import main

if __name__ == "__main__":
    sys.exit(main())
