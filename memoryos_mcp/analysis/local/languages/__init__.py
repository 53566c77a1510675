"""
What somebody says of themselves in languages other than English, read from one table for each.

A table (`<language>.tsv`) has pieces of patterns and rules; each rule has an example that is its test. A language
without a table yields nothing. Lines have the English frame of their kind ("Lives in ...") around the words as said, so
that kinds, slots and attributes are the same in every language. Questions, suppositions, reports and translations say
nothing. Linear in the text: about 60 clauses are read.
"""

from .table_matching import Told, told_in
from .tables import Rule, Table, table

__all__ = ["Rule", "Table", "Told", "table", "told_in"]
