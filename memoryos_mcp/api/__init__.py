"""The facade's parts, by what a caller wants: writing and recalling, browsing, analysing, and so on."""

from .browsing import Browsing
from .consolidating import Analysing
from .exporting import Carrying
from .importing import Importing
from .responding import Responding

__all__ = ["Analysing", "Browsing", "Carrying", "Importing", "Responding"]
