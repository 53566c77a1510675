"""
From what was typed to the sentences somebody says of themselves.

`blocks` says what was typed; quotations inside it, emoji and markup are taken out and the rest is split.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ..blocks import typed_prose
from ..memo import remembered

__all__ = ["Sentence", "holds_secret", "plain", "sentences"]

_LONGEST = 400
_LINK = re.compile(r"(?<![^\s@])[^\s@]+@[^\s@]+\.\w+")
_MARKUP = re.compile(
    r"^[ \t]*(?:#{1,6}\s+|[-*\u2022+]\s+|\d{1,2}[.)]\s+)|(?<!\w)[*_]{1,3}(?=\w)|(?<=\w)\*{1,3}|(?<=\w)_{1,3}(?!\w)",
    re.MULTILINE,
)
_QUOTE = re.compile(r'"([^"\n]{1,400})"')
_OWN_VOICE = re.compile(r"\b(?:I|I'm|I've|my|me|we|you|your)\b")
_ABBREVIATION = re.compile(
    r"\b(?:Mr|Mrs|Ms|Dr|Prof|St|vs|e\.g|i\.e|approx|No|Inc|Ltd|Jr|Sr|a\.m|p\.m|U\.S|U\.K|[A-Z])\.$"
)
_END = re.compile(
    r"([.!?\u2026\u3002\uff01\uff1f]+[\"')\]]*)(?=\s|$|[A-Z])|\n+|(?<=[\U0001F300-\U0001FAFF\u2600-\u27BF])\s+"
)
_EMOJI = re.compile(
    r"[\U0001F000-\U0001FAFF\u2600-\u27BF\uFE0F\u200D\U000E0020-\U000E007F]+|(?<=\s)[:;=]-?[)(DPp](?=\s|$)"
)
_SECRET = re.compile(
    r"\b(?:api[ -]?key|password|passcode|passphrase|secret|token|credit card|card number|cvv|social security|"
    r"ssn|iban|pin (?:is|code)|private key|"
    r"license key|bank account)\b|\b(?:sk|pk|ghp)[-_]\w{8,}|\b\d{12,19}\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of own prose, on one line; `asks` says that it ended with a question mark."""

    text: str
    asks: bool


def plain(text: str) -> str:
    """Return what was typed as prose in *text*, without quotations of others, emoji and markup."""
    text = _LINK.sub(" ", typed_prose(text))
    return _QUOTE.sub(_quoted, _EMOJI.sub(" . ", _MARKUP.sub("", text)))


@remembered
def sentences(text: str) -> Sequence[Sentence]:
    """Return the sentences of own prose in *text*, in order; one that holds a secret is left out."""
    found: list[Sentence] = []
    prose = plain(text)
    start = 0
    for match in [*_END.finditer(prose), None]:
        end = match.end() if match else len(prose)
        if match and match[1] == "." and _ABBREVIATION.search(prose[max(start, end - 8) : end]):
            continue
        raw = prose[start:end]
        start = end
        body = _cut(" ".join(raw.split())).rstrip(" .!?\u2026")
        if any(char.isalpha() for char in body) and not _SECRET.search(body):
            found.append(Sentence(body, "?" in raw[-4:]))
    return found


def _cut(body: str) -> str:
    """Return a sentence's first 400 characters, to a blank: nobody types a longer one."""
    return body if len(body) <= _LONGEST else body[:_LONGEST].rpartition(" ")[0]


def holds_secret(text: str) -> bool:
    """Return whether *text* seems to hold a key, password, card or account number."""
    return bool(_SECRET.search(text))


def _quoted(match: re.Match[str]) -> str:
    """Keep a title ("Taxi Driver"), drop what somebody said."""
    inside = match[1].strip()
    keep = len(inside.split()) <= 8 and not _OWN_VOICE.search(inside) and not inside.endswith(("?", "!"))
    return f'"{inside.rstrip(" .,")}"' if keep else " "
