"""The facade's parts, by what a caller wants: writing and recalling, browsing, analysing, responding, carrying."""

from .analysing import Analysing
from .browsing import Browsing
from .carrying import Carrying
from .responding import Responding

__all__ = ["Analysing", "Browsing", "Carrying", "Responding"]
