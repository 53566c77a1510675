"""
Forgetting: pages and facts leave every tier, what was derived from them alone leaves too, and so do the bytes
(invariant 6).

`plan` finds what a selection touches; a dry run ends there. `carry_out` removes and rewrites. `Forgetter` does both
and has the files cleared, so that a crash in between is finished at the next start.
"""

from .acting import carry_out
from .forgetter import MARKER, Forgetter
from .planning import Plan, plan, receipt
from .selection import Selection

__all__ = ["MARKER", "Forgetter", "Plan", "Selection", "carry_out", "plan", "receipt"]
