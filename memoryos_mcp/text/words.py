"""
Splitting text into words.

Scripts written without spaces between words (Chinese, Japanese, Thai ...) and Korean, whose words carry particles,
become overlapping pairs of characters; a Han character also stands for itself, since one can be a word.
"""

import re

from .fold import fold

__all__ = ["words"]

_HAN = "\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_PAIRED = _HAN + "\u3041-\u30fa\u30fc-\u30ff\u31f0-\u31ff\uac00-\ud7a3\u0e01-\u0eff\u1000-\u109f\u1780-\u17ff"
_INDIC = "\u0900-\u0963\u0966-\u0dff"
_TOKEN = re.compile(f"([{_PAIRED}]+)|((?:(?![{_PAIRED}])[^\\W_]|[{_INDIC}])+)")
_ORDINAL = re.compile(r"(?<!\d)(\d+)(?:st|nd|rd|th)\Z")
_IS_HAN = re.compile(f"[{_HAN}]")
_ASCII = re.compile("[a-z0-9]+")
_HAN_FUNCTION = frozenset(
    "的了是在我你您他她它们們有和就不人都一上也很到说說要去会會着看这這那吗嗎呢吧啊么麼什个個为為与與及或但而之其把被从從对對還还又再"
)


def words(text: str) -> list[str]:
    """Return the words of *text*, folded, in order, with repeats; "8th" is "8"."""
    folded = fold(text)
    if folded.isascii():
        found = _ASCII.findall(folded)
    else:
        found = []
        for match in _TOKEN.finditer(folded):
            found += _pairs(match[1]) if match[1] else [match[2]]
    return [_ORDINAL.sub(r"\1", word) if word[0].isdigit() else word for word in found]


def _pairs(run: str) -> list[str]:
    """Return the pairs of characters of *run* and the Han characters that can stand alone."""
    alone = [sign for sign in _IS_HAN.findall(run) if sign not in _HAN_FUNCTION]
    if len(run) == 1:
        return alone or [run]
    return [run[at : at + 2] for at in range(len(run) - 1)] + alone
