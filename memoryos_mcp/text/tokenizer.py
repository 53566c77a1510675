"""
Counting tokens for budgets, exactly as o200k_base does, with its ranks from the package: no network, no cache folder.

The encoding is byte pair encoding over the pieces of a pattern: a piece that is a token counts as one, any other is
merged, the pair of least rank first. Both are OpenAI's (MIT, see `o200k_base/LICENSE`); the ranks were packed from the
file whose SHA-256 tiktoken checks, 446a9538…. tiktoken takes 75 MB for them, this less than half.
"""

import lzma
import re
from functools import cache, lru_cache
from importlib.resources import files
from itertools import pairwise
from struct import Struct
from typing import Any

__all__ = ["O200kBase"]

_TOKENS = 199_998
_AT_ONCE = 4096
_STRETCH = 400
_PATTERN = (
    r"[^\r\n{letter}{digit}]?[{upper}]*[{lower}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
    r"|[^\r\n{letter}{digit}]?[{upper}]+[{lower}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
    r"|[{digit}]{{1,3}}| ?[^\s{letter}{digit}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
_ASCII = re.compile(_PATTERN.format(upper="A-Z", lower="a-z", letter="A-Za-z", digit="0-9"), re.ASCII)
_ANY = _PATTERN.format(
    upper=r"\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}", lower=r"\p{Ll}\p{Lm}\p{Lo}\p{M}", letter=r"\p{L}", digit=r"\p{N}"
)
"""The standard library's patterns are three times as quick, but know no classes of Unicode."""
_NEVER = _TOKENS


class O200kBase:
    """
    Counts as OpenAI's models since gpt-4o do; other models' counts differ by some percent.

    The first count of a process loads the ranks: a fifth of a second of CPU, 31 MB.
    """

    name = "o200k_base"

    def count(self, text: str) -> int:
        """
        Return the number of tokens of *text*; special tokens count as the text they are written with.

        One piece of more than 400 bytes (letters or signs without a blank) is counted in stretches of 400, so that
        the work stays linear in the text: a token too many in each stretch at most. A lone surrogate counts as "?".
        """
        ranks = _ranks()
        pieces = _split(text)
        return sum(1 if (piece := each.encode(errors="replace")) in ranks else _merged(piece) for each in pieces)


@cache
def _ranks() -> dict[bytes, int]:
    """Return the tokens with their ranks; the file holds the sizes of all tokens, then the tokens, by rank."""
    packed = lzma.decompress(files(__package__).joinpath("o200k_base", "ranks.xz").read_bytes())
    ranks: dict[bytes, int] = {}
    at = _TOKENS
    for first in range(0, _TOKENS, _AT_ONCE):
        sizes = packed[first : min(first + _AT_ONCE, _TOKENS)]
        tokens = Struct("".join([f"{size}s" for size in sizes])).unpack_from(packed, at)
        ranks.update(zip(tokens, range(first, first + len(tokens)), strict=True))
        at += sum(sizes)
    return ranks


def _split(text: str) -> list[str]:
    found: list[str] = (_ASCII if text.isascii() else _any()).findall(text)
    return found


@cache
def _any() -> Any:
    import regex  # type: ignore[import-untyped]

    return regex.compile(_ANY)


@lru_cache(maxsize=8192)
def _merged(piece: bytes) -> int:
    """Return how many tokens are left of *piece* when no two neighbours make a token."""
    if len(piece) > _STRETCH:
        return sum(_merged(piece[at : at + _STRETCH]) for at in range(0, len(piece), _STRETCH))
    rank_of = _ranks().get
    parts = [piece[at : at + 1] for at in range(len(piece))]
    ranks = [rank_of(left + right, _NEVER) for left, right in pairwise(parts)]
    while ranks and (least := min(ranks)) < _NEVER:
        at = ranks.index(least)
        parts[at] += parts.pop(at + 1)
        del ranks[at]
        if at:
            ranks[at - 1] = rank_of(parts[at - 1] + parts[at], _NEVER)
        if at < len(ranks):
            ranks[at] = rank_of(parts[at] + parts[at + 1], _NEVER)
    return len(parts)
