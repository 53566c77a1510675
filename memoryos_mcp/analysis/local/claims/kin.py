"""Words for the people and animals around somebody, and whom a sentence names in passing."""

import re

from ..english.prose import Sentence
from ..english.wording import capital
from .note import Note

__all__ = ["FRIENDS", "KIN", "NAME", "PARTNERS", "PETS", "introduced", "introductions"]

PARTNERS = r"(?:wife|husband|partner|girlfriend|boyfriend|fianc[eé]e?|spouse|ex-wife|ex-husband)"
KIN = (
    rf"(?:{PARTNERS}|(?:older |younger |little |big |twin |baby |half[- ]|step ?|eldest |oldest |youngest |"
    rf"late |\d+[- ]year[- ]old )*(?:sister|brother|son|daughter|child|kid|baby|twin|mother|mom|mum|father|dad|"
    rf"grandmother|grandma|granny|grandfather|grandpa|"
    r"grandson|granddaughter|aunt|uncle|cousin|nephew|niece|mother-in-law|father-in-law|sister-in-law|"
    r"brother-in-law)(?:-in-law)?)"
)
FRIENDS = (
    r"(?:(?:best |good |close |old |childhood )*friend|roommate|flatmate|housemate|neighbou?r|boss|manager|"
    r"colleague|coworker|co-worker|mentor|coach|therapist|doctor|teacher|business partner)"
)
PETS = (
    r"(?:(?:\w+ )?(?:dog|puppy|pup|cat|kitten|kitty|parrot|bird|hamster|rabbit|bunny|horse|pony|turtle|"
    r"tortoise|goldfish|fish|guinea pig|snake|lizard|gecko|ferret|iguana|chicken|goat|pet|labrador|lab|poodle|"
    r"beagle|retriever|terrier|shepherd|husky|bulldog|corgi|dachshund|chihuahua|tabby))"
)
NAME = r"[A-Z\u00c0-\u00de](?:'[A-Z])?[a-z\u00df-\u00ff]+(?:-[A-Z][a-z]+)?(?: [A-Z][a-z]+)?"
_NAMED = re.compile(
    rf"\b(?:[Mm]y|[Oo]ur) (?P<r>{KIN}|{FRIENDS}|"
    rf"{PETS}),? (?:(?:named|called|is named|is called|'s name is) )?(?P<n>(?!I\b|And\b|But\b){NAME})"
)
_MENTION = re.compile(
    r"\b(?:[Mm]y|[Oo]ur) (?:own |two |three |lovely |dear )?(?P<r>wife|husband|boyfriend|girlfriend|"
    r"fianc[eé]e?|kids|children|son|daughter|sons|daughters|sister|brother|sisters|brothers|dog|cat|dogs|"
    r"cats)\b(?! (?:and i|i had|i used)|-)"
)
_AFTER_NAME = re.compile(rf"\b(?P<n>(?!I\b){NAME})(?:,| is) (?:my|our) (?P<r>{KIN}|{PETS})\b")


def introduced(relation: str, name: str) -> Note:
    """Return the line of somebody's name: "Married to Ingrid", "Has a dog named Rex", "Sister is called Anna"."""
    partner = re.fullmatch(PARTNERS, relation, re.IGNORECASE)
    if partner and not relation.startswith("ex"):
        words = f"Married to {name}" if relation in ("wife", "husband") else f"{capital(relation)} is {name}"
        return Note(words, "partner", (("partner", f"{name} ({relation})"),), weight=2.5)
    if re.fullmatch(PETS, relation, re.IGNORECASE):
        return Note(f"Has a {relation} named {name}", f"pet:{name.lower()}", weight=2.5)
    return Note(f"{capital(relation)} is called {name}", f"{relation.lower()}:{name.lower()}", weight=2)


def introductions(sentence: Sentence) -> list[Note]:
    """Return the people and pets a sentence names in passing: "my wife Ingrid and I went" names a wife."""
    found = [introduced(match["r"], match["n"]) for match in _NAMED.finditer(sentence.text)][:2]
    found += [introduced(match["r"], match["n"]) for match in _AFTER_NAME.finditer(sentence.text)][:1]
    return found or ([] if sentence.asks else _mentioned(sentence))


def _mentioned(said: Sentence) -> list[Note]:
    """Return, as weak lines, who there is by "my husband" or "our kids" alone."""
    found: list[Note] = []
    for match in _MENTION.finditer(said.text):
        who = match["r"].lower()
        key = "partner" if re.fullmatch(PARTNERS, who) else "children" if who in ("kids", "children") else who
        many = who in ("kids", "children", "sons", "daughters", "sisters", "brothers", "siblings", "dogs", "cats")
        found.append(Note(f"Has {'' if many else 'a '}{who}", key, weight=0.5, weak=True))
    return found[:2]
