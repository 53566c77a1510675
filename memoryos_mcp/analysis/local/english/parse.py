"""
Reading one clause: who it is about, in which time, which verb, and what follows.

A small left-to-right reading of English first-person clauses ("I have been volunteering at a shelter", "my sister Anna
works in Bergen", "lost my job"), not a grammar; a clause it cannot read is None.
"""

import re
from dataclasses import dataclass, field, replace
from typing import Literal

from .lexicon import word_set
from .verbs import EVENTS, HABITS, base_of_gerund, base_of_past, base_of_third

__all__ = ["Clause", "Form", "parse"]

Form = Literal[
    "be", "have", "past", "present", "progressive", "perfect", "ongoing", "future", "want", "used", "can", "duty"
]


@dataclass(frozen=True, slots=True)
class Clause:
    """
    A clause of the speaker.

    `subject` is "I", "we", or what follows "my" / "our" ("sister Anna"); `verb` is the base form, `word` the form
    used; `rest` all that follows; `lead` an opening like "on weekends"; `adverbs` those that tell how often.
    """

    subject: str
    form: Form
    verb: str
    word: str
    rest: str
    negated: bool = False
    past: bool = False
    recent: bool = False
    lead: str = ""
    adverbs: tuple[str, ...] = field(default=())

    @property
    def own(self) -> bool:
        """Whether the speaker is the subject."""
        return self.subject in ("I", "we")


_KEPT = frozenset(
    {
        "always",
        "usually",
        "often",
        "sometimes",
        "never",
        "rarely",
        "occasionally",
        "normally",
        "mostly",
        "originally",
        "seldom",
    }
)
_ADVERBS = _KEPT | word_set("""
    just also really recently finally actually still already even currently definitely totally absolutely so truly
    honestly only now lately simply basically generally typically mainly personally literally both all first once
    soon then too very super quite pretty ultimately eventually officially almost barely hardly probably certainly
    obviously usually highly deeply mostly apparently technically accidentally successfully happily proudly myself
    ourselves gladly seriously
""")
_RECENT = frozenset({"just", "recently", "lately"})
_BE = frozenset({"am", "is", "are", "was", "were"})
_MODALS = frozenset({"will", "would", "can", "could", "should", "may", "might", "must", "shall"})
_WANT = frozenset({"want", "hope", "plan", "intend", "aim", "dream", "wish", "wanted", "love"})
_WISHING = frozenset({"hoping", "aiming", "looking", "intending", "dreaming", "wanting", "preparing"})
_ADJECTIVES = frozenset(
    {"amazing", "interesting", "exciting", "boring", "willing", "charming", "outgoing", "caring", "loving", "missing"}
)
_LEAD = re.compile(
    r"^(?P<lead>(?:on|in|at|after|before|during|for|every|each|since|from|as|with|once|twice|when|these days|"
    r"nowadays|growing up|back|over|most|"
    r"sometimes|usually|often|recently|lately|currently|right now|until|outside|besides|apart|"
    r"aside)\b[^,]{0,60}?)(?:,?\s+(?=(?:I|we)\b)|,\s+(?=(?:my|our)\b))(?P<main>.+)$",
    re.IGNORECASE,
)
_ELLIPTIC = re.compile(
    r"^(?:just |finally |recently |been |currently )*(?:going to|trying to|thinking|\w+ed|\w+ing|lost|got|went|"
    r"bought|met|won|quit|made|took|saw|found|began|sold|ran|wrote)\b",
    re.IGNORECASE,
)


def parse(text: str) -> Clause | None:
    """Return what a clause says of the speaker, or None when it is about something else."""
    lead = ""
    opened = _LEAD.match(text)
    if opened:
        lead, text = opened["lead"].strip(), opened["main"]
    tokens = text.split()
    if tokens[:1] and tokens[0].lower() in ("just", "only", "even") and tokens[1:2] in (["I"], ["we"], ["my"], ["our"]):
        return parse(" ".join(tokens[1:]))
    if not tokens:
        return None
    first = tokens[0].lower()
    if tokens[0] in ("I", "we", "We"):
        return _own("I" if tokens[0] == "I" else "we", tokens[1:], lead)
    if first in ("my", "our") and len(tokens) > 2:
        return _belonging(tokens[1:], lead)
    if not opened and len(tokens) > 1 and _ELLIPTIC.match(text):
        return _elliptic(tokens)
    return None


def _own(subject: str, tokens: list[str], lead: str) -> Clause | None:
    adverbs, tokens = _skip(tokens)
    if not tokens:
        return None
    head = tokens[0].lower()
    if head in _BE:
        return _be(subject, head, tokens[1:], lead, adverbs)
    if head in ("have", "had", "has"):
        return _have(subject, head, tokens[1:], lead, adverbs)
    if head in ("do", "did", "does") and tokens[1:2] == ["not"]:
        return _plain(subject, tokens[2:], lead, adverbs, negated=True, past=head == "did")
    if head in _MODALS:
        return _modal(subject, head, tokens[1:], lead, adverbs)
    if head == "used" and tokens[1:2] == ["to"]:
        return _clause(subject, "used", tokens[2:], lead, adverbs, past=True)
    if head == "no" and tokens[1:2] == ["longer"]:
        found = _plain(subject, tokens[2:], lead, adverbs, negated=True, past=False)
        return found and replace(found, rest=f"{found.rest} anymore")
    return _plain(subject, tokens, lead, adverbs)


def _be(subject: str, head: str, tokens: list[str], lead: str, adverbs: list[str]) -> Clause | None:
    more, tokens = _skip(tokens)
    negated = tokens[:1] == ["not"]
    if negated:
        _, tokens = _skip(tokens[1:])
    if tokens[:2] == ["no", "longer"]:
        negated, tokens = True, [*tokens[2:], "anymore"]
    past, adverbs = head in ("was", "were"), adverbs + more
    if not tokens:
        return None
    word = tokens[0].lower().strip(",")
    if (
        word == "going"
        and tokens[1:2] == ["to"]
        and len(tokens) > 2
        and tokens[2].islower()
        and tokens[2] not in ("a", "the", "my", "an")
    ) or (
        word
        in (
            "about",
            "planning",
        )
        and tokens[1:2] in (["to"], ["on"])
    ):
        after = tokens[2:] if tokens[1:2] in (["to"], ["on"]) else tokens[1:]
        return _clause(subject, "future", after, lead, adverbs, negated=negated, past=past)
    base = base_of_gerund(word)
    if word in _WISHING and tokens[1:2] == ["to"] and len(tokens) > 2:
        return _clause(subject, "want", tokens[2:], lead, adverbs, negated=negated, past=past)
    if base and word not in _ADJECTIVES:
        return _clause(subject, "progressive", tokens, lead, adverbs, negated=negated, past=past, verb=base)
    return _clause(subject, "be", ["be", *tokens], lead, adverbs, negated=negated, past=past)


def _have(subject: str, head: str, tokens: list[str], lead: str, adverbs: list[str]) -> Clause | None:
    more, tokens = _skip(tokens)
    adverbs = adverbs + more
    negated = tokens[:1] == ["not"]
    tokens = tokens[1:] if negated else tokens
    if not tokens:
        return None
    if tokens[0] == "to" or tokens[:3] in (
        ["the", "chance", "to"],
        ["the", "opportunity", "to"],
        ["a", "chance", "to"],
    ):
        after = tokens[tokens.index("to") + 1 :]
        found = _clause(subject, "duty", after, lead, adverbs, past=True) if head == "had" and not negated else None
        return (
            replace(found, word=f"had {' '.join(tokens[: len(tokens) - len(after)])} {found.verb}") if found else None
        )
    word = tokens[0].lower()
    if word == "been":
        more, tokens = _skip(tokens[1:])
        base = base_of_gerund(tokens[0]) if tokens else None
        if base:
            return _clause(subject, "ongoing", tokens, lead, adverbs, negated=negated, verb=base)
        return _clause(subject, "perfect", ["been", *tokens], lead, adverbs, negated=negated, verb="be")
    base = base_of_past(word)
    if base and (base in EVENTS or base in HABITS or base in ("be", "know", "have", "hear", "think", "love", "want")):
        return _clause(subject, "perfect", tokens, lead, adverbs, negated=negated, verb=base)
    return _clause(subject, "have", ["have", *tokens], lead, adverbs, negated=negated, past=head == "had")


def _modal(subject: str, head: str, tokens: list[str], lead: str, adverbs: list[str]) -> Clause | None:
    more, tokens = _skip(tokens)
    negated = tokens[:1] == ["not"]
    if negated:
        _, tokens = _skip(tokens[1:])
    if len(tokens) < 2:
        return None
    if head == "would" and tokens[0] in ("love", "like") and tokens[1] == "to" and not negated:
        return _clause(subject, "want", tokens[2:], lead, adverbs + more)
    if head == "can":
        return _clause(subject, "can", tokens, lead, adverbs + more, negated=negated)
    if head in ("will", "shall"):
        return _clause(subject, "future", tokens, lead, adverbs + more, negated=negated)
    return None


def _plain(
    subject: str, tokens: list[str], lead: str, adverbs: list[str], *, negated: bool = False, past: bool = False
) -> Clause | None:
    more, tokens = _skip(tokens)
    adverbs = adverbs + more
    if not tokens:
        return None
    word = tokens[0].lower()
    if word in _WANT and tokens[1:2] == ["to"] and len(tokens) > 2:
        return _clause(subject, "want", tokens[2:], lead, adverbs, negated=negated, past=word == "wanted")
    base = base_of_past(word)
    usual = set(adverbs) & _KEPT
    same = word in ("read", "put", "set", "cut", "let", "hit")
    dated = re.search(r"\d{4}|\blast\b", " ".join(tokens))
    told = bool(_RECENT & set(adverbs) or "finally" in adverbs or dated or tokens[:2] == ["set", "up"])
    if base and not negated and not (base == word and usual) and (told or not same):
        return _clause(subject, "past", tokens, lead, adverbs, past=True, verb=base)
    return _clause(subject, "past" if past else "present", tokens, lead, adverbs, negated=negated, past=past)


def _elliptic(tokens: list[str]) -> Clause | None:
    """Read a chatty clause without its subject: "Lost my job yesterday", "Gonna open a shop", "Been learning piano"."""
    adverbs, tokens = _skip([token if at else token.lower() for at, token in enumerate(tokens)])
    if len(tokens) < 2:
        return None
    if tokens[:2] == ["going", "to"] and len(tokens) > 2:
        return _clause("I", "future", tokens[2:], "", adverbs)
    if tokens[0] == "been":
        base = base_of_gerund(tokens[1])
        return _clause("I", "ongoing", tokens[1:], "", adverbs, verb=base) if base else None
    base = base_of_past(tokens[0])
    if base and EVENTS.get(base) and tokens[0] not in ("read", "put", "set", "cut", "let", "found"):
        return _clause("I", "past", tokens, "", adverbs, past=True, verb=base)
    base = base_of_gerund(tokens[0])
    if base and EVENTS.get(base) == 2 and not _SUBJECT_OF & {token.removesuffix("'s") for token in tokens}:
        return _clause("I", "progressive", tokens, "", adverbs, verb=base)
    return None


_SUBJECT_OF = word_set("""
    is are was were has have had can could makes make helps help will gives looks seems sounds feels means brings
    takes took requires been keeps your yourself you it really always shows gets lets
""")
_PREDICATE = word_set("""
    is are was were has have had will do does did turns graduates starts wants needs prefers drinks eats suggested
    loves love works work lives live likes hates enjoys plays goes got moved died passed go play study teach speak
    run own started graduated came gave bought taught told helped made makes helps means keeps went turned became
    took runs speaks teaches studies said says brought brings gets married broke lost found won let called invited
    asked sent owns just recently also
""")


def _belonging(tokens: list[str], lead: str) -> Clause | None:
    """Read "my sister Anna works in Bergen": the subject ends where the first likely verb stands."""
    for at, token in enumerate(tokens[:7]):
        if token.lower() in _PREDICATE and at > 0:
            subject = " ".join(tokens[:at])
            adverbs, rest = _skip(tokens[at:])
            if not rest or len(rest) < 2:
                return None
            return _said_of(subject, rest, lead, adverbs)
    return None


def _said_of(subject: str, tokens: list[str], lead: str, adverbs: list[str]) -> Clause | None:
    head = tokens[0].lower()
    if head in _BE:
        return _be(subject, head, tokens[1:], lead, adverbs)
    if head in ("has", "have", "had"):
        return _have(subject, head, tokens[1:], lead, adverbs)
    if head == "will":
        return _clause(subject, "future", tokens[1:], lead, adverbs)
    if head in ("do", "did", "does") and tokens[1] == "not":
        return _plain(subject, tokens[2:], lead, adverbs, negated=True, past=head == "did")
    base = base_of_past(head)
    if base:
        return _clause(subject, "past", tokens, lead, adverbs, past=True, verb=base)
    return _clause(subject, "present", tokens, lead, adverbs, verb=base_of_third(head))


def _skip(tokens: list[str]) -> tuple[list[str], list[str]]:
    """Return leading adverbs and the tokens after them."""
    at = 0
    while at < len(tokens) and tokens[at].lower().strip(",") in _ADVERBS:
        at += 1
    return [token.lower().strip(",") for token in tokens[:at]], tokens[at:]


def _clause(
    subject: str,
    form: Form,
    tokens: list[str],
    lead: str,
    adverbs: list[str],
    *,
    negated: bool = False,
    past: bool = False,
    verb: str | None = None,
) -> Clause | None:
    more, tokens = _skip(tokens)
    if not tokens:
        return None
    word = tokens[0].strip(",")
    usual = tuple(each for each in [*adverbs, *more] if each in _KEPT)
    recent = bool(_RECENT & {*adverbs, *more, lead.lower()} or re.search(r"\b(?:recently|lately)\b", " ".join(tokens)))
    return Clause(
        subject, form, verb or word.lower(), word.lower(), " ".join(tokens[1:]), negated, past, recent, lead, usual
    )
