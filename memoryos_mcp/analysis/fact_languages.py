"""
The languages in which facts are read; a message in another one is stored and found, but yields none.

Here, not beside the tables, because a status must not wait for the rules.
"""

__all__ = ["LANGUAGES", "fact_languages"]

LANGUAGES = ("chinese", "spanish", "german", "french", "portuguese", "japanese")
"""The languages besides English that have a table in `local.languages`."""


def fact_languages(analyzer: str) -> str:
    """Return in words which languages the analyzer of this name reads facts in."""
    if analyzer != "local":
        return "any language that its model reads"
    *names, last = ("English", *(language.capitalize() for language in LANGUAGES))
    return f"{', '.join(names)} and {last}"
