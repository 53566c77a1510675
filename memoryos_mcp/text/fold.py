"""
Folding: one spelling for what people write in several ways.

Case, full width, accents of Latin and Greek, Arabic vowel signs and Hebrew points go. Marks that make another
letter (Cyrillic short i, Devanagari vowels, kana voicing) stay.
"""

import re

from .forms import normal_form

__all__ = ["fold"]

_ACCENTED = re.compile("([a-z\u0131\u0370-\u03ff])[\u0300-\u036f]+")
_SILENT = re.compile("[\u00ad\u0591-\u05c7\u0640\u064b-\u065f\u0670\u200b-\u200f\u2060\ufe0e\ufe0f\ufeff]")
_ALIKE = str.maketrans(
    {"\u0451": "\u0435", "\u0131": "i", "\u00f8": "o", "\u0142": "l", "\u0111": "d", "\u00e6": "ae", "\u0153": "oe"}
)


def fold(text: str) -> str:
    """Return *text* in lower case without accents; ASCII costs next to nothing."""
    if text.isascii():
        return text.lower()
    apart = normal_form(normal_form(text, "NFKC").casefold(), "NFD")
    plain = _SILENT.sub("", _ACCENTED.sub(r"\1", apart))
    return normal_form(plain, "NFC").translate(_ALIKE)
