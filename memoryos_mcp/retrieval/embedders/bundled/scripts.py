"""
Pieces of text that the table's vocabulary does not know: other scripts, emoji, odd symbols.

The vocabulary is English WordPieces. Text in another script is cut into character n-grams here, and each n-gram gets
an id above the vocabulary and a fixed pseudo-random direction, so that equal strings match and related ones match in
part. Ids and directions depend on the characters alone: the same in every process, on every machine and Python.

Pure functions; no table and no tokenizer here. Not a language model: nothing across scripts is understood.
"""

import hashlib
import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from ....text import normal_form

__all__ = ["Kind", "Prepared", "bucket", "directions", "kind_weights", "ngrams", "prepare"]

_READ = 20_000
_BUCKETS = 1 << 26  # per kind; four kinds above a small vocabulary stay below 2**31

# Written without spaces between words (Thai ... Khmer, Han, kana) or best cut the same way (Hangul).
_SPACELESS = (
    "\u0e01-\u0eff\u0f00-\u0fff\u1000-\u109f\u1780-\u17ff\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3031-\u3035"
    "\u3041-\u30fa\u30fc-\u30ff\u3105-\u312f\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3"
    "\uf900-\ufaff\U00020000-\U0003ffff"
)
# Every other script from Greek on; the gaps are punctuation (Greek, Armenian, Hebrew, Arabic, Devanagari).
_SPACED = (
    "\u0370-\u037d\u037f-\u0386\u0388-\u0559\u0560-\u0588\u0591-\u05bd\u05bf-\u060b\u060d-\u061a\u061c-\u061e"
    "\u0620-\u06d3\u06d5-\u0963\u0966-\u0e00\u10a0-\u177f\u1800-\u1cff\u1f00-\u1fff\u2c00-\u2dff\ua000-\ua71f"
    "\ua800-\uabff\ufb13-\ufdff\ufe70-\ufefc\U00010000-\U0001efff"
)
_RUNS = re.compile(f"([{_SPACELESS}]+)|([{_SPACED}]+)")
_SYMBOLS = re.compile("([\u2190-\u2bff\U0001f000-\U0001faff])")
# Joiners, variation selectors, skin tones and tags: they modify an emoji, they do not make another word of it.
_SILENT = re.compile("[\u200b-\u200f\u2060\ufe0e\ufe0f\ufeff\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]")
# Accents of Greek and Cyrillic, Hebrew points, Arabic vowel signs and the stretching stroke.
_MARKS = re.compile("[\u0300-\u036f\u0591-\u05c7\u0640\u064b-\u065f\u0670]")


class Kind(IntEnum):
    """What an id above the vocabulary stands for; decides its weight."""

    WORD = 0
    PAIR = 1
    CHARACTER = 2
    TRIGRAM = 3


_WEIGHTS = np.array([1.0, 0.8, 0.4, 0.5], np.float32)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A text split into what the vocabulary may know and (n-gram, kind) pairs of the rest."""

    known: str
    unknown: tuple[tuple[str, Kind], ...]


def prepare(text: str) -> Prepared:
    """
    Split *text* by script; any string is accepted, lone surrogates become "?".

    Of a long text its beginning is read, blanks counted once: far more than the pieces that an index keeps of a turn.
    """
    if len(text) > _READ:
        text = " ".join(text.split())[:_READ]
    if text.isascii():
        return Prepared(text, ())
    clean = normal_form(text.encode("utf-8", "replace").decode("utf-8"), "NFKC")
    clean = _SYMBOLS.sub(r" \1 ", _SILENT.sub("", clean))
    unknown: list[tuple[str, Kind]] = []
    for run in _RUNS.finditer(clean):
        unknown.extend(ngrams(run.group(), spaceless=run.group(1) is not None))
    return Prepared(_RUNS.sub(" ", clean), tuple(unknown))


def ngrams(run: str, *, spaceless: bool) -> list[tuple[str, Kind]]:
    """Return the n-grams of one unbroken *run* of another script, case and vowel marks folded."""
    folded = normal_form(_MARKS.sub("", normal_form(run.casefold(), "NFD")), "NFC")
    if spaceless:
        pairs = [(folded[i : i + 2], Kind.PAIR) for i in range(len(folded) - 1)]
        return [(character, Kind.CHARACTER) for character in folded] + pairs
    if len(folded) < 3:
        return [(folded, Kind.TRIGRAM)] if folded else []  # mostly particles: light, and nothing to cut
    edged = f"<{folded}>"
    return [(folded, Kind.WORD), *((edged[i : i + 3], Kind.TRIGRAM) for i in range(len(edged) - 2))]


def bucket(piece: str, kind: Kind) -> int:
    """Return the number of *piece*, in [0, 4 * 2**26); add the vocabulary's size to get its id."""
    return int(kind) * _BUCKETS + zlib.crc32(piece.encode("utf-8")) % _BUCKETS


def kind_weights(buckets: NDArray[np.int32]) -> NDArray[np.float32]:
    """Return the weight of each bucket relative to a rare English word's, in (0, 1]."""
    return _WEIGHTS[buckets // _BUCKETS]


def directions(buckets: Sequence[int] | NDArray[np.int32], dimensions: int) -> NDArray[np.float32]:
    """Return fixed unit rows of shape (len(buckets), dimensions), one random sign per dimension."""
    size = -(-dimensions // 8)
    data = b"".join(hashlib.shake_128(b"memoryos %d" % number).digest(size) for number in buckets)
    bits = np.unpackbits(np.frombuffer(data, np.uint8).reshape(len(buckets), size), axis=1, count=dimensions)
    return (bits.astype(np.float32) * 2 - 1) / np.float32(np.sqrt(dimensions))
