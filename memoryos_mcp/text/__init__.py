"""
Text in any script as words: folded, split, with stopwords and a guess at the language; its sentences, its fences, and
what of it a host wrote.

Standard library only. Stems are `lexical.terms`' business; nothing here knows pages or indexes.
"""

from .boilerplate import Boilerplate, boilerplate, is_boilerplate, typed_text
from .fences import Fence, fences, starts_with_fence, with_fences_closed
from .fold import fold
from .forms import normal_form
from .languages import guess_language, is_stopword, languages, stopwords
from .sentences import Span, sentences
from .words import words

__all__ = [
    "Boilerplate",
    "Fence",
    "Span",
    "boilerplate",
    "fences",
    "fold",
    "guess_language",
    "is_boilerplate",
    "is_stopword",
    "languages",
    "normal_form",
    "sentences",
    "starts_with_fence",
    "stopwords",
    "typed_text",
    "with_fences_closed",
    "words",
]
