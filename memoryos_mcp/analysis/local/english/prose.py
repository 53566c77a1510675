"""
From what was typed to the sentences somebody says of themselves.

Takes out what is not the speaker's own prose (code, quotations, pasted texts, links, markup) and splits the rest into
sentences. Bounded: at most the first 12,000 characters are read.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ..memo import remembered

__all__ = ["Sentence", "holds_secret", "plain", "sentences"]

_LIMIT = 12_000
_PASTED_LENGTH = 1_500
_PASTED_HEAD = 600
_APOSTROPHES = str.maketrans({"\u2019": "'", "\u2018": "'", "\u02bc": "'", "\u201c": '"', "\u201d": '"', "\u00a0": " "})
_FENCE = re.compile(r"```.*?(?:```|\Z)|~~~.*?(?:~~~|\Z)", re.DOTALL)
_INLINE = re.compile(r"`[^`\n]{1,200}`")
_LINK = re.compile(r"(?:https?://|www\.)\S+|(?<![^\s@])[^\s@]+@[^\s@]+\.\w+")
_TAG = re.compile(r"</?[a-zA-Z][^<>\n]{0,200}>")
_MARKUP = re.compile(r"^\s*(?:#{1,6}\s+|[-*\u2022+]\s+|\d{1,2}[.)]\s+)|[*_]{1,3}(?=\w)|(?<=\w)[*_]{1,3}", re.MULTILINE)
_CODE_LINE = re.compile(
    r"^\s*(?:[>$#]\s|(?:def|class|import|from|return|function|const|let|var|public|private|select|insert|"
    r"update|traceback|file)\b.*[(={;:.*]|"
    r".*(?:[{};]\s*$|=>|==|!=|\(\)|\w\(.*\)\s*[:;]?$|<\w+>|^\s*\w+\s*=\s*\S))",
    re.IGNORECASE,
)
_PASTE = re.compile(
    r"\b(?:translate|summari[sz]e|paraphrase|rewrite|rephrase|proofread|correct|edit|improve|fix|check|review|"
    r"shorten|analy[sz]e|classify|"
    r"reply to|respond to|answer)\b[^.!?\n:]{0,80}(?::|[.!?]?\s*\n)|"
    r"\b(?:here(?:'s| is| are)|this is) (?:the|my|a|an|our|what)\b[^.!?\n:]{0,40}:"
    r"|\b(?:write|draft|compose|create|generate|make up|tell me)\b[^.!?\n]{0,60}"
    r"\b(?:story|poem|essay|letter|e-?mail|post|song|lyrics|speech|bio|script|dialogue|message|caption|review|"
    r"paragraph|article)\b[^.!?\n:]{0,120}:"
    r"|\b(?:pretend|imagine|act as|role-?play|you are now|let's say|suppose|in the voice of|from the perspective of)\b",
    re.IGNORECASE,
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
    """Return *text* without code, quotations of others, pasted texts, links, emoji and markup."""
    text = text[:_LIMIT].translate(_APOSTROPHES)
    text = _FENCE.sub("\n", text)
    paste = _PASTE.search(text)
    if paste:
        text = text[: paste.start()]
    elif len(text) > _PASTED_LENGTH:
        text = text[:_PASTED_HEAD].rpartition("\n")[0] or text[:_PASTED_HEAD]
    for pattern in (_INLINE, _LINK, _TAG):
        text = pattern.sub(" ", text)
    lines = [line for line in text.split("\n") if not _CODE_LINE.match(line)]
    text = _EMOJI.sub(" . ", _MARKUP.sub("", "\n".join(lines)))
    return _QUOTE.sub(_quoted, text)


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
        body = " ".join(raw.split()).rstrip(" .!?\u2026")
        if any(char.isalpha() for char in body) and not _SECRET.search(body):
            found.append(Sentence(body, "?" in raw[-4:]))
    return found


def holds_secret(text: str) -> bool:
    """Return whether *text* seems to hold a key, password, card or account number."""
    return bool(_SECRET.search(text))


def _quoted(match: re.Match[str]) -> str:
    """Keep a title ("Taxi Driver"), drop what somebody said."""
    inside = match[1].strip()
    keep = len(inside.split()) <= 8 and not _OWN_VOICE.search(inside) and not inside.endswith(("?", "!"))
    return f'"{inside.rstrip(" .,")}"' if keep else " "
