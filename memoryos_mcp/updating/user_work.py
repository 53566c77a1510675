"""What the worker holds of one user, and of what failed there: plain data, guarded by the worker's lock."""

from collections import Counter
from dataclasses import dataclass, field

from ..domain.errors import AnalyzerError

__all__ = ["Failure", "UserWork", "next_failure"]

_FIRST_RETRY_S = 1.0
_LONGEST_RETRY_S = 60.0


@dataclass(frozen=True, slots=True)
class Failure:
    """What the latest attempt failed with, how many failed in a row, and whether a model was to blame."""

    message: str
    attempts: int
    of_model: bool

    @property
    def delay_s(self) -> float:
        """Return how long to wait before the next attempt."""
        return float(min(_FIRST_RETRY_S * 2 ** (self.attempts - 1), _LONGEST_RETRY_S))


@dataclass(slots=True)
class UserWork:
    """
    What the worker holds of one user. `Worker._condition` guards all of it.

    `visits` are noted and not written yet; `failure` and `unembedded` are the latest failures of steps and of vectors;
    `runs` ended; `awaited` callers wait for all to be done, `wanted` ones for the work lock; `repaired`: in step.
    """

    visits: Counter[str] = field(default_factory=Counter)
    failure: Failure | None = None
    unembedded: Failure | None = None
    runs: int = 0
    awaited: int = 0
    wanted: int = 0
    repaired: bool = False

    def forget(self) -> None:
        """Drop what tells of the user; who waits still waits."""
        self.visits, self.failure, self.unembedded, self.runs = Counter(), None, None, 0


def next_failure(last: Failure | None, exc: Exception) -> Failure:
    """Return the failure that *exc* is after the *last* one."""
    attempts = last.attempts + 1 if last is not None else 1
    return Failure(f"{type(exc).__name__}: {exc}", attempts, isinstance(exc, AnalyzerError))
