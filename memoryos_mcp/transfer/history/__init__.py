"""
Bringing a history from other programs: files in their formats become exchanges and facts with their dates.

One module per format; `detecting` knows them by content, `documents` finds them in folders and archives, `reading`
puts what they hold in order. Nothing here stores: the facade does.
"""

from .detecting import AUTO, FORMATS, OWN, format_of
from .documents import UNREADABLE, Document, documents
from .items import ImportedExchange, Knowledge, Skip
from .reading import History, read_history
from .summary import Summary

__all__ = [
    "AUTO",
    "FORMATS",
    "OWN",
    "UNREADABLE",
    "Document",
    "History",
    "ImportedExchange",
    "Knowledge",
    "Skip",
    "Summary",
    "documents",
    "format_of",
    "read_history",
]
