"""
Text in any script as words: folded, split, with stopwords and a guess at the language.

Standard library only. Stems are `lexical.terms`' business; nothing here knows pages or indexes.
"""

from .fold import fold
from .forms import normal_form
from .languages import guess_language, is_stopword, languages, stopwords
from .words import words

__all__ = ["fold", "guess_language", "is_stopword", "languages", "normal_form", "stopwords", "words"]
