"""The facade's parts, by what a caller wants: writing and recalling, browsing, analysing, responding."""

from .analysing import Analysing
from .browsing import Browsing
from .responding import Responding

__all__ = ["Analysing", "Browsing", "Responding"]
