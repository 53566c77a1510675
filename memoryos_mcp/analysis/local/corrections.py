"""
"It's Bergen, not Oslo": words that take the place of others in what was said before.

Only found here; which known line holds the old words is `merge`'s to say.
"""

import re

from .claims.note import Note

__all__ = ["ATTRIBUTES", "attributes_of", "correction"]

_X = r"[\w][\w' -]{0,40}?"
_PATTERNS = (
    re.compile(
        rf"\b(?:it is|it's|that's|that is|I meant|I mean|make that|should be|spelled|she is|he is)(?: actually|"
        rf" really| in fact)? (?P<new>{_X}),? (?:and )?not (?P<old>{_X})$",
        re.IGNORECASE,
    ),
    re.compile(rf"\bname is (?:actually )?(?P<new>{_X}),? not (?P<old>{_X})$", re.IGNORECASE),
    re.compile(rf"\bnot (?P<old>{_X}),? but (?:rather |actually )?(?P<new>{_X})$", re.IGNORECASE),
    re.compile(rf"\bnot (?P<old>{_X}),? (?:it is|it's|I meant) (?:actually )?(?P<new>{_X})$", re.IGNORECASE),
    re.compile(
        rf"\bI said (?P<old>{_X}),? but (?:I meant|it is|it's|I actually meant) (?:actually )?(?P<new>{_X})$",
        re.IGNORECASE,
    ),
    re.compile(rf"\b(?P<new>{_X}) (?:instead of|rather than) (?P<old>{_X}),? (?:sorry|I meant)$", re.IGNORECASE),
)
_CLAUSE = re.compile(r"(?:I|we|it|he|she|they|you|this|that|just|only|because|to|really|very|so)\b", re.IGNORECASE)
_ARTICLE = re.compile(r"^(?:in|at|on|as|an?|the|from|to|for) ", re.IGNORECASE)
ATTRIBUTES = {
    "name": (r"Name is ", "name"),
    "called": (r"Goes by ", "preferred name"),
    "home": (r"(?:Lives (?:in|at|near|on|outside)|Moved to) ", "home"),
    "origin": (r"(?:From|Grew up in) ", "hometown"),
    "work": (r"(?:Works as an?|Works (?:at|for|in)|Started a new job (?:as an?|at)) ", "work"),
    "birthday": (r"Birthday is ", "birthday"),
    "birth year": (r"Born in ", "birth year"),
    "partner": (r"(?:Married to|Partner is|Girlfriend is|Boyfriend is|Fianc\S+ is) ", "partner"),
    "children": (r"Has ", "children"),
    "study": (r"(?:Is an?|Studies) ", "education"),
    "pronouns": (r"Pronouns are ", "pronouns"),
}


def correction(sentence: str) -> Note | None:
    """Return the correction a sentence makes, or None."""
    for pattern in _PATTERNS:
        match = pattern.search(sentence)
        if match:
            old, new = _ARTICLE.sub("", match["old"].strip()), _ARTICLE.sub("", match["new"].strip())
            if old and new and old.lower() != new.lower() and not _CLAUSE.match(new):
                return Note(new, corrects=old)
    return None


def attributes_of(key: str, text: str) -> tuple[tuple[str, str], ...]:
    """Return the static attribute that a line of a slot states, as name and value; none for other lines."""
    prefix, name = ATTRIBUTES.get(key, ("", ""))
    match = re.match(prefix, text) if prefix else None
    return ((name, re.sub(r" \([^()]*\)$", "", text[match.end() :])),) if match else ()
