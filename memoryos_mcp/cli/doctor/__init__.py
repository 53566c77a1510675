"""
`memoryos-mcp doctor`: looks at everything the server stands on and says what to do about what it finds.

A check is a function from what is examined to findings. Checks look and change nothing; none can end another.
"""

from .examination import CHECKS, Check, Examined, examine
from .finding import Finding, Level, error, ok, warning

__all__ = ["CHECKS", "Check", "Examined", "Finding", "Level", "error", "examine", "ok", "warning"]
