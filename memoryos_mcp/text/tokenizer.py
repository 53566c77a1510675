"""
Counting tokens for budgets: tiktoken when its ranks are on disk, an estimate that errs high until they are loaded.

Nothing is downloaded unless a command asks. tiktoken downloads without a timeout, so it loads in a daemon thread and
nobody waits for it longer than asked. The estimate knows classes of characters, not words.
"""

import logging
import math
import re
from collections.abc import Callable
from threading import Thread
from typing import TYPE_CHECKING

from ..domain.protocols import Tokenizer
from .ranks import are_on_disk

if TYPE_CHECKING:
    from tiktoken import Encoding

__all__ = ["Estimate", "LateTokenizer", "load_tokenizer"]

logger = logging.getLogger(__name__)

_FALLBACK = "o200k_base"

_DIGITS = str.maketrans("", "", "0123456789")
_CAPITALS = str.maketrans("", "", "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
_PIECE = re.compile(r"[A-Za-z]+|\d{1,3}|[^\sA-Za-z\d]{1,2}")
_LONG = re.compile(r"\S{21,}")
_SHORT = 8
_ASCII = re.compile("[\x00-\x7f]+")
_CLASSES = (
    (re.compile("[\u00a0-\u024f\u2010-\u2027]"), 0.75),
    (re.compile("[\u0370-\u06ff\u0900-\u0dff]"), 0.6),
    (re.compile("[\u0e00-\u0e7f\u1000-\u109f\u1780-\u17ff]"), 0.9),
    (re.compile("[\u3000-\u30ff\u3400-\u9fff\uac00-\ud7a3\uff00-\uffef]"), 1.1),
)
_REST = 3.0


class Estimate:
    """
    About a token for four characters of English prose; more for digits, code, capitals and other scripts.

    Errs high: by a few in a hundred for prose, by more where words are rare. Linear, microseconds a line.
    """

    name = "estimate"

    def count(self, text: str) -> int:
        """Return the estimated number of tokens, 0 for the empty text."""
        return math.ceil(_ascii(text) if text.isascii() else _any(text))


class LateTokenizer:
    """The estimate, until an encoding arrives."""

    def __init__(self, load: "Callable[[], Encoding]") -> None:
        self._estimate = Estimate()
        self._encoding: Encoding | None = None
        self._load = load
        self._thread = Thread(target=self._run, name="memoryos-tokenizer", daemon=True)
        self._thread.start()

    @property
    def name(self) -> str:
        """The encoding in force, or "estimate"."""
        return self._estimate.name if self._encoding is None else self._encoding.name

    def count(self, text: str) -> int:
        """Return the number of tokens of *text*."""
        encoding = self._encoding
        return self._estimate.count(text) if encoding is None else len(encoding.encode_ordinary(text))

    def wait(self, seconds: float) -> bool:
        """Wait for the encoding at most *seconds*; return whether it is there."""
        self._thread.join(seconds)
        return self._encoding is not None

    def _run(self) -> None:
        try:
            self._encoding = self._load()
        except Exception as exc:  # noqa: BLE001 - a boundary: whatever keeps the ranks away, the estimate serves
            logger.info("counting tokens by estimate: %s", type(exc).__name__)


def load_tokenizer(model: str, *, deadline_s: float = 0.0, download: bool = False) -> Tokenizer:
    """
    Return the tokenizer of *model*, or the estimate until that has arrived.

    Args:
        model: A model name; one that tiktoken does not know is counted with o200k_base.
        deadline_s: How long to wait for it now; it may arrive later too.
        download: Whether ranks that are not on disk may be fetched; without it they are not, and the estimate stays.
    """
    tokenizer = LateTokenizer(lambda: _load(model, download=download))
    if deadline_s > 0:
        tokenizer.wait(deadline_s)
    return tokenizer


def _load(model: str, *, download: bool) -> "Encoding":
    import tiktoken

    try:
        encoding = tiktoken.encoding_name_for_model(model)
    except KeyError:
        encoding = _FALLBACK
    if not download and not are_on_disk(encoding):
        raise FileNotFoundError(f"the ranks of {encoding} are not on disk")
    return tiktoken.get_encoding(encoding)


def _ascii(text: str) -> float:
    """Return the cost of ASCII text: by length, or by its words, numbers and signs where those are many (code)."""
    size = len(text)
    digits = size - len(text.translate(_DIGITS))
    capitals = size - len(text.translate(_CAPITALS))
    by_length = size / 4 + 0.35 * digits + 0.15 * max(0.0, capitals - 0.15 * size)
    if size <= _SHORT:
        return by_length
    return max(by_length, float(len(_PIECE.findall(text)))) + sum(0.3 * len(run) for run in _LONG.findall(text))


def _any(text: str) -> float:
    plain = "".join(_ASCII.findall(text))
    cost, left = 0.0, len(text) - len(plain)
    for kind, weight in _CLASSES:
        found = len(kind.findall(text))
        cost += weight * found
        left -= found
    return _ascii(plain) + cost + _REST * left
