"""How the user wants to be answered: standing requests ("from now on answer in Norwegian"), not single ones."""

import re

from ..english.prose import Sentence
from ..english.spelling import regular
from ..english.wording import line, shorten
from .note import Note

__all__ = ["preference"]

_ALWAYS = r"(?:always|from now on,?|going forward,?|in (?:the )?future,?|every time,?|never|please always|please never)"
_STANDING = re.compile(
    rf"^(?:please |so |and |also |ok(?:ay)?,? |remember to |"
    rf"hey,? )*(?:(?P<a>{_ALWAYS}) (?:please )?(?P<v>answer|reply|respond|write|speak|talk|use|call|keep|give|"
    rf"explain|format|include|start|end|add|avoid|be|address|translate|show|cite|summarize|summarise|greet|"
    rf"ask) (?P<o>.+)"
    rf"|(?P<v2>answer|reply|respond|write|speak|talk|use|keep|give|explain|format|avoid|be|address|do not use|"
    rf"stop using) (?P<o2>.+?),? (?P<a2>from now on|going forward|in (?:the )?future|every time|always))$",
    re.IGNORECASE,
)
_SPARE = re.compile(
    r"^(?:please |and |also )*(?:do not|never|stop) (?:use|using|add|adding|include|including) (?:any |so many )?"
    r"(?P<o>(?:emojis?|bullet points?|markdown|jargon|headings|tables|lists|exclamation marks|em dashes|"
    r"abbreviations|slang)"
    r"(?: (?:or|and) \w+)?)\b",
    re.IGNORECASE,
)
_ANSWERS = re.compile(
    r"^(?:please |and |also )*(?:keep|make) (?:your |the |all )?(?:answers|replies|responses|"
    r"explanations) (?P<o>[\w ,-]{3,60})$",
    re.IGNORECASE,
)


def preference(sentence: Sentence) -> list[Note]:
    """Return the line of a standing request, or none."""
    text = regular(sentence.text)
    match = _ANSWERS.match(text)
    if match:
        return [Note(line(f"Wants answers {shorten(match['o'])}"), "", weight=2)]
    match = _SPARE.match(text)
    if match:
        return [Note(f"Does not want {shorten(match['o'])} in answers", "", weight=2)]
    match = _STANDING.match(text)
    if not match:
        return []
    verb, rest = match["v"] or match["v2"], match["o"] or match["o2"]
    when = "never " if (match["a"] or "").lower().endswith("never") else "always "
    what = shorten(re.sub(r"\bme\b ?", "", rest))
    return [Note(line(f"Wants the assistant to {when}{verb.lower()} {what}"), weight=2)] if what else []
