"""
Date expressions in English text, read against the time at which the text was said.

`find_dates` says where they stand and which days they mean; `resolve_relative` writes the relative ones out and
`take_date` takes one out of its sentence; `first_moment` and `last_moment` read what a caller gives as a bound. Other
languages are not read (but for numeric dates); clock times are not kept. No state, no third-party library.
"""

from .bounds import first_moment, last_moment
from .calendar import describe
from .finder import DateMention, find_dates
from .resolver import TakenDate, resolve_relative, take_date

__all__ = [
    "DateMention",
    "TakenDate",
    "describe",
    "find_dates",
    "first_moment",
    "last_moment",
    "resolve_relative",
    "take_date",
]
