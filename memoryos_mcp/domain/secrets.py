"""
Obvious credentials are taken out of a text before it is stored, each replaced by a mark that says what was there.

Known shapes only: keys of well-known services (`key_shapes.tsv`), private key blocks, signed tokens, card numbers and
IBANs with right check digits, and what an assignment or a sentence calls a password or a key. Made to miss rather than
to spoil: plain words, placeholders and code that only names a secret stay. Every pattern takes time proportional to the
text; a value read ahead and then named again, `(?=(?P<secret>...))(?P=secret)`, is taken whole or not at all, never
tried again a letter shorter.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from importlib.resources import files
from typing import Any

__all__ = ["MARK", "KeyShape", "Redacted", "key_shapes", "marks", "redact", "redact_json"]

MARK = "[secret removed: {}]"

_MARKED = re.compile(r"\[secret removed: ([a-zA-Z ]+)\]")
_NAMES = (
    r"pass(?:word|wd|phrase|code)|pwd|secret|(?:api|access|secret|account|auth|private|signing|encryption)[_ -]?key|"
    r"(?:access|auth|refresh|api|bearer|bot|session)[_ -]?token|client[_ -]?secret"
)
_NAMED = rf"(?i:(?:{_NAMES})\w{{0,20}})"
_CALLED = _NAMED.replace("|secret|", "|")  # in prose a secret is anything: "The secret: ..."
_IS = r"[\"']?\s{0,3}(?:[:=]|:=|=>)\s{0,3}"
_TOLD = (
    r"(?i:\b(?:pass(?:word|phrase|code)|pin|(?:secret|access|api|private)[ _-](?:access[ _-])?(?:key|token))\b"
    r"[^.!?\n]{0,30}?\b(?:is|was|to))"
)
_WORDS = (
    "contrase\u00f1a|passwort|kennwort|mot de passe|senha|palavra-passe|wachtwoord|has\u0142o|heslo|l\u00f6senord|"
    "adgangskode|salasana|\u0161ifra|\u015fifre|parola|\u043f\u0430\u0440\u043e\u043b\u044c|\u5bc6\u7801|\u5bc6\u78bc|"
    "\u53e3\u4ee4|\u30d1\u30b9\u30ef\u30fc\u30c9|\ube44\ubc00\ubc88\ud638"
)
"""The word for a password in the languages that are asked for most."""
_FOREIGN = f"(?i:{_WORDS})"
_FOREIGN_IS = (
    r"[\"'\u300d\u201d]?[ \t]{0,3}(?:[:=\uff1a]|(?i:\b(?:ist|lautet|est|es|\u00e9|e'|is|er|on|to|je|\u00e4r)\b)|"
    r"\u662f|\u306f|\u2014|\uc740|\ub294)[ \t]{0,3}[\"'`\u201c\u300c]?"
)
_USER, _HOST_AHEAD = r"[^\s:/@\"'<>]{0,100}", r"(?=[\w.-])"
_PEM = r"(?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?"


@dataclass(frozen=True, slots=True)
class Redacted:
    """A text without its secrets, and the kinds that were taken out, one for each."""

    text: str
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Rule:
    """
    A shape: group `secret`, or all of it, is taken out where *holds* says that it is one.

    A text without *prefix* need not be searched.
    """

    kind: str
    pattern: re.Pattern[str]
    holds: Callable[[str], bool] = lambda found: True
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class KeyShape:
    """A key that begins with *prefix*, goes on with *least* to *most* of *signs*, and is called *kind*."""

    prefix: str
    signs: str
    least: int
    most: int
    kind: str
    service: str


_SIGNS = {"a": "A-Za-z0-9", "w": r"\w", "h": "0-9a-f", "A": "A-Z0-9"}


def key_shapes() -> Iterator[KeyShape]:
    """Yield the rows of `key_shapes.tsv`, with the signs as the inside of a pattern's brackets."""
    for line in (files(__package__) / "key_shapes.tsv").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            prefix, signs, least, most, kind, service = line.split("\t")
            inside = _SIGNS[signs[0]] + re.escape(signs[1:])
            yield KeyShape(prefix, inside, int(least), int(most), kind, service)


def _shape_rules() -> "Iterator[_Rule]":
    for shape in key_shapes():
        tail = f"[{shape.signs}]"
        pattern = rf"(?<![\w-]){re.escape(shape.prefix)}{tail}{{{shape.least},{shape.most}}}(?!{tail})"
        holds = partial(_is_random_after, len(shape.prefix))
        yield _Rule(shape.kind, re.compile(pattern, re.ASCII), holds, shape.prefix)


def _is_random_after(start: int, found: str) -> bool:
    return _is_random(found[start:])


def _is_random(tail: str) -> bool:
    """Whether a key's tail is no name with hyphens: it has a run of 12 signs that are mixed, or a quarter of digits."""
    mixed = any(_is_mixed_run(run) for run in re.findall(r"[A-Za-z0-9]{12,}", tail))
    return mixed or len(re.findall(r"\d", tail)) > len(tail) / 4


def _is_mixed_run(run: str) -> bool:
    cases = len(re.findall(r"[a-z][A-Z]|[A-Z][a-z]", run))
    return len(set(run)) > 1 and (bool(re.search(r"\d", run)) or cases > len(run) / 4)


def _iban(found: str) -> bool:
    """Whether letters and digits are an IBAN: the length of its country is not looked at, the check digits are."""
    plain = re.sub(r"\s", "", found)
    if not 15 <= len(plain) <= 34:
        return False
    digits = "".join(str(int(sign, 36)) for sign in plain[4:] + plain[:4])
    return int(digits) % 97 == 1


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
_NO_CARD = re.compile(
    r"(?i)\b(?:order|account|acct|invoice|tracking|customer|ticket|case|reference|ref|imei|serial|phone|parcel|shipment|"
    r"policy|member|booking|transaction|konto|rechnung|bestell\w*|id|no|nr|number)\b\.?[^\d.!?\n]{0,25}$"
)
_CARD_WORD = re.compile(
    r"(?i)\b(?:card|visa|master ?card|amex|maestro|cvv|cvc|karte\w*|kreditkarte\w*|tarjeta|carte|expir\w*)\b"
)
_ALGORITHM = re.compile(r"(?i)(?:ed|rsa|dsa|ecdsa|aes|sha|md|hmac|curve|secp|x|p)[-_]?\d{1,5}[a-z]{0,4}\d{0,2}")
_ADDRESS = re.compile(r"(?:[.~]{0,2}/|[a-z]+://|[A-Za-z]:\\)")
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
    if len(found) < 6 or _PLACEHOLDER.fullmatch(found) or _ALGORITHM.fullmatch(found) or _ADDRESS.match(found):
        return False
    letters, digits = bool(re.search(r"[^\W\d_]", found)), bool(re.search(r"\d", found))
    signs = bool(re.search(r"[!@#$%^&*+/=?~]", found.rstrip("!?.,")))
    return letters and (digits or signs) and not _CODE.search(found)


def _is_given(found: str) -> bool:
    """Whether a quoted value, or one set without spaces, is a secret: words too, but no placeholder."""
    plain = len(found) >= 6 and not _PLACEHOLDER.fullmatch(found) and not _CODE.search(found)
    return plain and not _ALGORITHM.fullmatch(found) and not _ADDRESS.match(found)


def _digits(found: str) -> bool:
    return bool(re.search(r"\d", found))


def _rule(kind: str, pattern: str, holds: Callable[[str], bool] = lambda found: True) -> _Rule:
    return _Rule(kind, re.compile(pattern), holds)


_RULES = (
    _rule("private key", rf"-----BEGIN {_PEM}-----(?:[\w+/=\s:,.\\]|-(?!-))*-----END {_PEM}-----"),
    _rule("private key", rf"-----BEGIN {_PEM}-----(?:\s+[A-Za-z0-9+/=]{{16,}})*"),  # cut off
    *_shape_rules(),
    _rule("API key", r"\bsk-(?:[a-z]{2,10}\d{0,2}-){0,3}[A-Za-z0-9_-]{20,200}", _is_random),
    _rule("API key", r"\bhooks\.slack\.com/services/(?P<secret>T\w{6,}/B\w{6,}/\w{16,})"),
    _rule("API key", r"\b\d{8,10}:AA[\w-]{33}(?![\w-])"),
    _rule("API key", r"(?<=[?&;]sig=)[A-Za-z0-9%+/=_-]{40,120}"),
    _rule("token", r"\beyJ[\w-]{8,5000}\.eyJ[\w-]{8,20000}\.[\w-]{8,2000}"),
    _rule(
        "token",
        r"(?i:\bauthorization[\"']?\s{0,3}[:=]\s{0,3}[\"']?(?:bearer|basic|token))[ \t]{1,3}"
        r"(?P<secret>[\w.~+/-]{16,4000}={0,2})",
        lambda found: not _PLACEHOLDER.fullmatch(found),
    ),
    _rule(
        "token",
        r"(?i:\bauthorization[\"']?\s{0,3}[:=]\s{0,3}[\"']?|\bbearer[ \t]{1,3})(?P<secret>[\w.~+/-]{16,4000}={0,2})",
        _digits,
    ),
    _rule(
        "credential",
        rf"\b[a-zA-Z][a-zA-Z0-9+.-]{{1,20}}://{_USER}:(?P<secret>[^\s/\"'<>]{{3,200}})@{_HOST_AHEAD}",
        _is_given,
    ),
    _rule("credential", rf"{_NAMED}{_IS}([\"'`])(?P<secret>[^\s\"'`]{{6,500}})\1", _is_given),
    _rule("credential", rf"{_NAMED}=(?=(?P<secret>[^\s\"'`,;&)\]]{{6,500}}))(?P=secret)(?=[\s\"'`;&]|$)", _is_given),
    _rule("credential", rf"{_CALLED}{_IS}(?P<secret>[^\s\"'`,;]{{6,500}})", _is_mixed),
    _rule("credential", rf"(?i:secret){_IS}(?P<secret>[^\s\"'`,;]{{12,500}})", _is_mixed),
    _rule("password", rf"{_TOLD}[ \t]{{1,3}}[\"'`]?(?P<secret>[^\s\"'`,;]{{6,200}})", _is_mixed),
    _rule("password", rf"{_FOREIGN}{_FOREIGN_IS}(?P<secret>[^\s\"'`,;\u3002\uff0c\u201d\u300d]{{6,200}})", _is_mixed),
    _rule("bank account", r"(?<![\w-])[A-Z]{2}\d{2}(?:[ \u00a0]?[A-Z0-9]{2,4}){3,8}(?![\w-])", _iban),
    _rule("card number", r"(?<![\w.+-])\d(?:[ .\u00a0\u202f-]?\d){12,18}(?![\w-])(?!\.\d)", _card),
)  # fmt: skip
_SIGNALS = (
    "pass",
    "pwd",
    "secret",
    "key",
    "token",
    "bearer",
    "authorization",
    "://",
    "sk-",
    "sig=",
    ":aa",
    "eyj",
    "hooks.slack",
)
_WORDS_OF_SECRETS = (*_SIGNALS, *_WORDS.split("|"), *{shape.prefix.lower() for shape in key_shapes()})
_NUMBERS = re.compile(r"\d[\d .\u00a0\u202f-]{11,}|[A-Z]{2}\d{2}[ \u00a0]?[A-Z0-9]")


def _may_hold_secrets(text: str) -> bool:
    """Whether a text is worth the patterns: most hold none of the words that stand in or near every secret here."""
    low = text.lower()
    return any(word in low for word in _WORDS_OF_SECRETS) or bool(_NUMBERS.search(text))


def redact(text: str) -> Redacted:
    """Return *text* with every secret replaced by its mark. Idempotent."""
    if not _may_hold_secrets(text):
        return Redacted(text)
    kinds: list[str] = []
    for rule in (rule for rule in _RULES if rule.prefix in text):
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


def _is_no_card(found: re.Match[str]) -> bool:
    """Whether the words in front say that the digits number something else: an order, an account."""
    before = found.string[max(0, found.start() - 60) : found.start()]
    return bool(_NO_CARD.search(before)) and not _CARD_WORD.search(before)


def _with_mark(found: re.Match[str], rule: _Rule, kinds: list[str]) -> str:
    group = "secret" if "secret" in rule.pattern.groupindex else 0
    secret = found[group]
    if not rule.holds(secret) or _MARKED.search(found[0]) or (rule.kind == "card number" and _is_no_card(found)):
        return found[0]
    kinds.append(rule.kind)
    start, end = found.span(group)
    begin = found.start()
    return found[0][: start - begin] + MARK.format(rule.kind) + found[0][end - begin :]
