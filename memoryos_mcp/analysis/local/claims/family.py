"""Whom the speaker lives with and cares for: partner, children, family, friends, pets, and what is said of them."""

import re
from collections.abc import Callable

from ..english.parse import Clause
from ..english.wording import dated, line, shorten
from .kin import FRIENDS, KIN, NAME, PETS, introduced
from .note import Note, Said, first_of
from .relatives import relative

__all__ = ["people"]

_NAME_OF = re.compile(rf"^(?:my|our) (?P<r>{KIN}|{FRIENDS}|{PETS})(?:'s|s') name is (?P<n>{NAME})", re.IGNORECASE)
_IS_NAMED = re.compile(rf"^(?:my|our) (?P<r>{KIN}|{PETS}) is (?:called |named )?(?P<n>{NAME})$")
_NUMBER = (
    r"(?:an?(?: new)?|another|one|two|three|four|five|six|seven|eight|nine|ten|twin|several|a couple of|no|\d{1,2})"
)
_HAVE = re.compile(
    rf"^(?:I|we) (?:have|have got|just had|had|also have|share|am raising|are raising|own|adopted|"
    rf"got) (?P<p>(?P<n>{_NUMBER})(?: (?!with|of|for|to|from|in|at|and|the|about|on)\w+){{0,3}}? (?P<k>kids?|"
    rf"children|child|sons?|daughters?|boys?|girls?|siblings?|brothers?|sisters?|twins|grandchildren|grandkids|"
    rf"grandson|granddaughter|babies|baby|toddlers?|teenagers?|step-?kids|step-?children|"
    rf"foster (?:kids|children)|"
    rf"dogs?|cats?|kittens?|puppy|puppies|pups?|kitty|kitties|pets?|horses?|rabbits?|bunnies|bunny|hamsters?|"
    rf"parrots?|birds?|fish|"
    rf"goldfish|turtles?|guinea pigs?|snakes?|lizards?|chickens?|goats?|bees|tortoise|ferrets?|husband|wife|"
    rf"girlfriend|boyfriend|partner|fianc[eé]e?|labrador|retriever|poodle|beagle|corgi|husky)\b(?P<x>.*))"
)
_MARRIED = re.compile(
    r"^(?:I|we) (?P<v>am (?:happily |recently |newly )?(?:married|engaged|divorced|single|widowed|separated)|"
    r"are (?:married|engaged|divorced|separated|expecting)|got (?:married|engaged|divorced)|"
    r"have been (?:married|together|divorced|engaged|dating|single)|"
    r"am (?:a )?(?:single (?:mom|mum|dad|parent|mother|father))|am seeing someone|am dating|started dating|"
    r"broke up|"
    r"split up|am getting (?:married|divorced)|are getting (?:married|divorced)|married|divorced|proposed|"
    r"am (?:\w+ (?:months|weeks) )?pregnant|am expecting|"
    r"are having (?=(?:a|another|our \w+) (?:\w+ )?baby|twins|triplets)|lost my|eloped)\b(?P<p>.*)"
)
_STATUS = {
    "married": "married",
    "engaged": "engaged",
    "divorced": "divorced",
    "single": "single",
    "widowed": "widowed",
    "separated": "separated",
    "broke up": "single",
    "split up": "single",
}
_DIED = re.compile(
    rf"^(?:my|our) (?P<r>{KIN}|{FRIENDS}|{PETS})(?: (?P<n>{NAME}))? (?:has |have |just |recently |sadly |"
    rf"suddenly )*(?P<v>died|passed away|passed|was put down|ran away)\b(?P<p>.*)"
)
_NONE = re.compile(r"any (?P<k>kids|children|siblings|pets)\b(?! (?:with|here|at))")


def people(said: Said) -> list[Note]:
    """Return what a clause says of the people and animals around the speaker."""
    clause = said.clause
    if clause is not None and clause.negated:
        return _none(clause) if clause.own else relative(said)
    return first_of(_READERS, said)


def _none(clause: Clause) -> list[Note]:
    """Read "I don't have any kids"."""
    none = _NONE.match(clause.rest) if clause.verb == "have" else None
    if not none:
        return []
    group = "children" if none["k"] in ("kids", "children") else none["k"]
    return [Note(f"Has no {none['k']}", group, ((group, "none"),), weight=2)]


def _died(said: Said) -> list[Note]:
    match = _DIED.match(said.text)
    if not match:
        return []
    who = f"{match['r']} {match['n'] or ''}".strip()
    return [
        Note(
            line(f"{who} {match['v']}", said.date),
            f"{_slot(match['r'])}:{(match['n'] or '').lower()}" if match["n"] else "",
            (("pets", ""),) if _slot(match["r"]) == "pet" else (),
            ends=True,
            weight=3,
        )
    ]


def _slot(relation: str) -> str:
    return "pet" if re.fullmatch(PETS, relation) else relation.lower()


def _named(said: Said) -> list[Note]:
    match = _NAME_OF.match(said.text) or _IS_NAMED.match(said.text)
    if not match:
        return []
    return [introduced(match["r"], match["n"])]


def _having(said: Said) -> list[Note]:
    match = _HAVE.match(said.text)
    if not match or re.match(r"(?:no|an?) (?:\w+ )?(?:girls?|boys?|kids?)\b(?= (?:i|in|at))", match["p"]):
        return []
    negated = said.clause is not None and said.clause.negated
    words = shorten(match["p"])
    kind = match["k"].rstrip("s")
    if kind in ("husband", "wife", "girlfriend", "boyfriend", "partner") or (negated and match["n"] not in ("no",)):
        name = re.search(rf"\b(?:named|called) (?P<n>{NAME})", match["x"])
        return (
            [introduced(kind, name["n"])]
            if name
            else [Note(f"Has {words}", "partner", weight=2)]
            if not negated
            else []
        )
    group = "siblings" if kind in ("sibling", "brother", "sister") else "children" if kind in _YOUNG else "pets"
    verb = {"adopted": "Adopted", "got": "Got", "had": "Had"}.get(said.text.split()[1], "Has")
    if group == "children" and verb == "Has":
        return [Note(f"Has {words}", "children", (("children", words),), weight=3)]
    return [
        Note(
            line(f"{verb} {words}", said.date if verb != "Has" else ""),
            "siblings" if group == "siblings" else "",
            ((group, words),) if verb == "Has" or group == "pets" else (),
            weight=3,
        )
    ]


_YOUNG = frozenset(
    {
        "kid",
        "children",
        "child",
        "son",
        "daughter",
        "boy",
        "girl",
        "twin",
        "grandchildren",
        "grandkid",
        "grandson",
        "granddaughter",
        "babie",
        "baby",
        "toddler",
        "teenager",
        "stepkid",
        "step-kid",
        "stepchildren",
        "step-children",
        "foster kid",
        "foster children",
    }
)


def _married(said: Said) -> list[Note]:
    match = _MARRIED.match(said.text)
    if not match or said.clause is None:
        return []
    verb = match["v"]
    if verb in ("lost my", "proposed", "married") and not re.search(KIN + r"|\b(?:baby|twins|her|him)\b", match["p"]):
        return []
    if verb in ("lost my",):
        kin = re.match(rf" (?P<r>{KIN}|{FRIENDS}|{PETS})\b", match["p"])
        return (
            [
                Note(
                    line(
                        f"Lost {kin['r']}{shorten(match['p'][kin.end() :]) and ' ' + shorten(match['p'][kin.end() :])}",
                        said.date,
                    ),
                    weight=3,
                )
            ]
            if kin
            else []
        )
    words = re.sub(r"^(?:am|are|have been|got) ", lambda found: "got " if found[0] == "got " else "", verb)
    rest = shorten(match["p"])
    status = next((state for word, state in _STATUS.items() if re.search(rf"\b{word}\b", verb)), "")
    text = dated(f"{words} {rest}".strip(), said.date, said.clause, said.when)
    if not status or "getting" in verb:
        return [Note(text, weight=3)]
    if status in ("single", "divorced", "separated", "widowed") and not verb.startswith("have been"):
        return [Note(text, "partner", (("marital status", status), ("partner", "")), ends=True, weight=3)]
    name = re.search(rf"\b(?:to|with) (?:my \w+ )?(?P<n>{NAME})", match["p"])
    named = (("partner", name["n"]),) if name and status in ("married", "engaged") else ()
    return [Note(text, "partner" if named else "marital status", (("marital status", status), *named), weight=3)]


_READERS: tuple[Callable[[Said], list[Note]], ...] = (_died, _named, _having, _married, relative)
