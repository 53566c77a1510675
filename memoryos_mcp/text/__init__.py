"""
Text in any script as words: folded, split, with stopwords and a guess at the language; its sentences and its fences.

Standard library only. Stems are `lexical.terms`' business; nothing here knows pages or indexes.
"""

from .fences import Fence, closed, fences, starts_with_fence
from .fold import fold
from .forms import normal_form
from .languages import guess_language, is_stopword, languages, stopwords
from .sentences import Span, sentences
from .words import words

__all__ = [
    "Fence",
    "Span",
    "closed",
    "fences",
    "fold",
    "guess_language",
    "is_stopword",
    "languages",
    "normal_form",
    "sentences",
    "starts_with_fence",
    "stopwords",
    "words",
]
