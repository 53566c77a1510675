"""What a model has cost so far: counters that several threads may add to, and snapshots of them."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict, dataclass, fields

__all__ = ["Meter", "Usage", "charged_to", "estimated_tokens"]

_CHARS_PER_TOKEN = 4
_ABSURD = 10**12


def estimated_tokens(text: str) -> int:
    """Return the tokens of *text* at four characters each, for servers that do not count them."""
    return -(-len(text) // _CHARS_PER_TOKEN)


@dataclass(frozen=True, slots=True)
class Usage:
    """
    What was asked of a model.

    `calls` counts requests sent, repeated and refused ones included; tokens are the server's count, else an estimate at
    four characters each; `failures` counts questions that ended without a usable answer.
    """

    calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    failures: int = 0

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(Usage)))

    def __sub__(self, other: "Usage") -> "Usage":
        return Usage(*(getattr(self, each.name) - getattr(other, each.name) for each in fields(Usage)))

    def as_dict(self) -> dict[str, int]:
        """Return the counters by name."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, object]) -> "Usage":
        """Return the counters in *values*; what is missing or no count is 0, so that an old record can be read."""
        return cls(*(_count(values.get(each.name)) for each in fields(cls)))


def _count(value: object) -> int:
    return value if isinstance(value, int) and 0 < value < _ABSURD else 0


class Meter:
    """Counters since start. Thread-safe: `_lock` guards `_total`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._total = Usage()

    def add(self, usage: Usage) -> None:
        """Add to the counters, and to those of the customer for whom the model is asked."""
        customer = _customer.get()
        for meter in (self,) if customer is None else (self, customer):
            with meter._lock:
                meter._total += usage

    def total(self) -> Usage:
        """Return the counters as they stand."""
        with self._lock:
            return self._total


_customer: ContextVar[Meter | None] = ContextVar("customer", default=None)
"""Whose counters the present question adds to; it goes with the question into the thread of the model's requests."""


@contextmanager
def charged_to(customer: Meter) -> Iterator[None]:
    """Have what models are asked in the block added to *customer* too; other threads are not concerned."""
    token = _customer.set(customer)
    try:
        yield
    finally:
        _customer.reset(token)
