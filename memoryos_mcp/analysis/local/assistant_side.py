"""
What an assistant's answer leaves behind: what it recommended, promised, or did to something with a name.

Only what is definite: what every assistant says ("I can help", "you can try restarting") is not kept.
"""

import re
from collections.abc import Sequence

from .english.clauses import opened
from .english.prose import sentences
from .english.spelling import regular
from .english.wording import capital, shorten
from .memo import remembered
from .rules import pattern_of
from .statement import Statement, quote_of, value_words

__all__ = ["assistant_statements"]

_HEAD, _READ = 3_000, 40
_MOST = 3
_ADVICE = pattern_of("assistant_side", "advice")
_MY_ADVICE = re.compile(
    r"^my (?:recommendation|suggestion|advice|pick|top pick) (?:is|would be)(?: to)? (?P<v>.{6,200})", re.IGNORECASE
)
_PROMISE = pattern_of("assistant_side", "promise")
_DID = pattern_of("assistant_side", "did")
_NAMED = re.compile(r"[\w]+_[\w]+|[a-z]+[A-Z]\w+|\w+\.\w{1,4}\b|/\w+|`[^`]+`|\b\d+(?:\.\d+)+|(?<=\w )[A-Z]\w+")
_VAGUE = pattern_of("assistant_side", "vague")


@remembered
def assistant_statements(text: str) -> Sequence[Statement]:
    """Return what an answer recommends, promises or reports, at most three."""
    found: dict[str, Statement] = {}
    for sentence in sentences(text[:_HEAD])[:_READ]:
        if sentence.asks:
            continue
        said = regular(opened(sentence.text))
        each = _stated(said, sentence.text)
        if each is not None:
            found.setdefault(each.line, each)
    return tuple(found.values())[:_MOST]


def _stated(said: str, sentence: str) -> Statement | None:
    for pattern, kind, verb in (
        (_ADVICE, "recommendation", "Recommended"),
        (_MY_ADVICE, "recommendation", "Recommended"),
        (pattern_of("assistant_side", "title"), "recommendation", "Recommended"),
        (pattern_of("assistant_side", "praised"), "recommendation", "Recommended"),
        (_PROMISE, "promise", "Promised to"),
        (_DID, "done", ""),
    ):
        match = pattern.match(said)
        if match is None:
            continue
        what = shorten(re.sub(r"\byour? ", "", match["v"])) if kind == "recommendation" else match["v"].strip(" .")
        if kind == "recommendation" and (_VAGUE.match(what) or len(what.split()) < 2):
            return None
        if kind == "done" and not _NAMED.search(what):
            return None
        what = re.sub(r"\b(remind|send|call) you\b", r"\1 the user", what)
        return Statement(
            kind, f"{kind}:{value_words(what)}", "is", capital(f"{verb} {what}".strip()), "", quote_of(sentence)
        )
    return None
