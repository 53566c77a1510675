"""
Obvious credentials are taken out of a text before it is stored, each replaced by a mark that says what was there.

Known shapes only: keys of well-known services, private key blocks, signed tokens, card numbers with a right check
digit, and what an assignment calls a password or a key. Made to miss rather than to spoil: plain words, placeholders
and code that only names a secret stay. Every pattern takes time proportional to the text; a value read ahead and then
named again, `(?=(?P<secret>...))(?P=secret)`, is taken whole or not at all, never tried again a letter shorter.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["MARK", "Redacted", "marks", "redact", "redact_json"]

MARK = "[secret removed: {}]"

_MARKED = re.compile(r"\[secret removed: ([a-zA-Z ]+)\]")
_NAMES = (
    r"pass(?:word|wd|phrase|code)|pwd|secret|(?:api|access|secret|account|auth|private|signing|encryption)[_ -]?key|"
    r"(?:access|auth|refresh|api|bearer|bot|session)[_ -]?token|client[_ -]?secret"
)
_NAMED = rf"(?i:(?:{_NAMES})\w{{0,20}})"
_CALLED = _NAMED.replace("|secret|", "|")  # in prose a secret is anything: "The secret: ..."
_IS = r"[\"']?\s{0,3}(?:[:=]|:=|=>)\s{0,3}"
_TOLD = r"(?i:\bpass(?:word|phrase|code)\b[^.!?\n]{0,30}?\b(?:is|was|to))"
_PART = r"[^\s:/@\"'<>]"
_PEM = r"(?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?"


@dataclass(frozen=True, slots=True)
class Redacted:
    """A text without its secrets, and the kinds that were taken out, one for each."""

    text: str
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Rule:
    """A shape: group `secret`, or all of it, is taken out where *holds* says that it is one."""

    kind: str
    pattern: re.Pattern[str]
    holds: Callable[[str], bool] = lambda found: True


def _card(found: str) -> bool:
    """Whether digits are a payment card's: a known issuer, its length, and Luhn's check digit."""
    digits = re.sub(r"\D", "", found)
    if not _ISSUERS.fullmatch(digits) or len(set(digits)) < 2:
        return False
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits))]
    return sum(number - 9 if number > 9 else number for number in doubled) % 10 == 0


_ISSUERS = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})|5[1-5]\d{14}|2(?:2[2-9]|[3-6]\d|7[01])\d{13}|3[47]\d{13}|3(?:0[0-5]|[68]\d)\d{11}|"
    r"35\d{14}|6(?:011|5\d\d|4[4-9]\d)\d{12}|62\d{14,17}"
)
_PLACEHOLDER = re.compile(
    r"[x*.\u2022#-]+|[<{$%\[(&].*|.*[>})\]]|(?:your|my|the|a|an|some|new|old|example|changeme|change[_-]me|redacted|secret|"
    r"password|passwd|token|none|null|true|false|undefined|required|optional|string|str|bytes|env|process|os|settings|"
    r"config|self|this|args|options|getenv|getpass)\b.*",
    re.IGNORECASE,
)


_CODE = re.compile(r"[(\[{]|^\w+(?:\.\w+)+$|^[A-Za-z]+(?:_[A-Za-z]+)+$|^[^\d]*(?:" + _NAMES + r")$", re.IGNORECASE)
"""A call, a name with dots, a name with underscores, a name that ends as a secret's does."""


def _is_mixed(found: str) -> bool:
    """Whether a value is no word of a sentence and no name in code: letters and digits or signs, and no placeholder."""
    if len(found) < 6 or _PLACEHOLDER.fullmatch(found):
        return False
    letters, digits = bool(re.search(r"[^\W\d_]", found)), bool(re.search(r"\d", found))
    signs = bool(re.search(r"[!@#$%^&*+/=?~]", found.rstrip("!?.,")))
    return letters and (digits or signs) and not _CODE.search(found)


def _is_given(found: str) -> bool:
    """Whether a quoted value, or one set without spaces, is a secret: words too, but no placeholder."""
    return len(found) >= 6 and not _PLACEHOLDER.fullmatch(found) and not _CODE.search(found)


def _digits(found: str) -> bool:
    return bool(re.search(r"\d", found))


def _rule(kind: str, pattern: str, holds: Callable[[str], bool] = lambda found: True) -> _Rule:
    return _Rule(kind, re.compile(pattern), holds)


_RULES = (
    _rule("private key", rf"-----BEGIN {_PEM}-----(?:[\w+/=\s:,.\\]|-(?!-))*-----END {_PEM}-----"),
    _rule("private key", rf"-----BEGIN {_PEM}-----(?:\s+[A-Za-z0-9+/=]{{16,}})*"),  # cut off
    _rule("private key", r"\bAGE-SECRET-KEY-1[0-9A-Z]{50,64}\b"),
    _rule("API key", r"\bsk-[A-Za-z0-9_-]{20,200}", _digits),
    _rule("API key", r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"),
    _rule("API key", r"\b(?:gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_\w{22,255}|glpat-[\w-]{20,64})"),
    _rule("API key", r"\bxox[abeoprs]-[A-Za-z0-9-]{10,250}", _digits),
    _rule("API key", r"\bhooks\.slack\.com/services/(?P<secret>T\w{6,}/B\w{6,}/\w{16,})"),
    _rule("API key", r"\b(?:AIza[\w-]{35}|ya29\.[\w-]{20,500})"),
    _rule("API key", r"\b(?:[sr]k_(?:live|test)_|whsec_)[A-Za-z0-9]{16,250}"),
    _rule("API key", r"\b(?:npm_[A-Za-z0-9]{36}|pypi-[\w-]{40,250}|hf_[A-Za-z0-9]{30,60}|gsk_[A-Za-z0-9]{40,80})\b"),
    _rule("API key", r"\bSG\.[\w-]{16,32}\.[\w-]{32,64}|\bdop_v1_[0-9a-f]{64}\b|\bxai-[A-Za-z0-9]{40,120}\b"),
    _rule("API key", r"\b\d{8,10}:AA[\w-]{33}(?![\w-])"),
    _rule("token", r"\beyJ[\w-]{8,5000}\.eyJ[\w-]{8,20000}\.[\w-]{8,2000}"),
    _rule(
        "token",
        r"(?i:\bauthorization[\"']?\s{0,3}[:=]\s{0,3}[\"']?(?:bearer|basic|token)?|\bbearer)[ \t]{1,3}"
        r"(?P<secret>[\w.~+/-]{16,4000}={0,2})",
        _digits,
    ),
    _rule(
        "credential", rf"\b[a-zA-Z][a-zA-Z0-9+.-]{{1,20}}://{_PART}{{0,100}}:(?P<secret>{_PART}{{3,200}})@", _is_given
    ),
    _rule("credential", rf"{_NAMED}{_IS}([\"'`])(?P<secret>[^\s\"'`]{{6,500}})\1", _is_given),
    _rule("credential", rf"{_NAMED}=(?=(?P<secret>[^\s\"'`,;&)\]]{{6,500}}))(?P=secret)(?=[\s\"'`;&]|$)", _is_given),
    _rule("credential", rf"{_CALLED}{_IS}(?P<secret>[^\s\"'`,;]{{6,500}})", _is_mixed),
    _rule("credential", rf"(?i:secret){_IS}(?P<secret>[^\s\"'`,;]{{12,500}})", _is_mixed),
    _rule("password", rf"{_TOLD}[ \t]{{1,3}}[\"'`]?(?P<secret>[^\s\"'`,;]{{6,200}})", _is_mixed),
    _rule("card number", r"(?<![\w.+-])\d(?:[ -]?\d){12,18}(?![\w-])(?!\.\d)", _card),
)  # fmt: skip
_HINT = re.compile(
    r"(?i)pass|pwd|secret|key|token|bearer|authorization|://|sk-|AKIA|ASIA|gh[pousr]_|github_pat|whsec|glpat|xox|hooks\.slack|AIza|ya29|"
    r"[sr]k_|npm_|pypi-|hf_|gsk_|SG\.|dop_v1|xai-|eyJ|\d[\d -]{11,}|:AA"
)


def redact(text: str) -> Redacted:
    """Return *text* with every secret replaced by its mark. Idempotent."""
    if not _HINT.search(text):
        return Redacted(text)
    kinds: list[str] = []
    for rule in _RULES:
        text = rule.pattern.sub(lambda found, rule=rule: _with_mark(found, rule, kinds), text)  # type: ignore[misc]
    return Redacted(text, tuple(kinds))


def redact_json(value: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """
    Return a JSON object with the secrets in its texts replaced, and their kinds.

    A key's name counts: {"password": "..."} is an assignment. Keys, numbers and the rest stay.
    """
    kinds: list[str] = []

    def walk(item: Any, name: str = "") -> Any:
        if isinstance(item, str):
            found = redact(item)
            if not found.kinds and re.search(rf"(?i)(?:{_NAMES})$", name) and _is_mixed(item) and " " not in item:
                found = Redacted(MARK.format("credential"), ("credential",))
            kinds.extend(found.kinds)
            return found.text
        if isinstance(item, dict):
            return {key: walk(inner, key) for key, inner in item.items()}
        return [walk(inner, name) for inner in item] if isinstance(item, list) else item

    return {key: walk(inner, key) for key, inner in value.items()}, tuple(kinds)


def marks(text: str) -> tuple[str, ...]:
    """Return the kinds of the marks in *text*."""
    return tuple(_MARKED.findall(text))


def _with_mark(found: re.Match[str], rule: _Rule, kinds: list[str]) -> str:
    group = "secret" if "secret" in rule.pattern.groupindex else 0
    secret = found[group]
    if not rule.holds(secret) or _MARKED.search(found[0]):
        return found[0]
    kinds.append(rule.kind)
    start, end = found.span(group)
    begin = found.start()
    return found[0][: start - begin] + MARK.format(rule.kind) + found[0][end - begin :]
