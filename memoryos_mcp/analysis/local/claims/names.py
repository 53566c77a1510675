"""What the speaker is called, how old they are, when their birthday is, which pronouns they use."""

import re
from datetime import date, datetime

from ....text.dates import describe, find_dates
from ..english.lexicon import word_set
from ..english.prose import Sentence
from ..english.wording import capital, line, name_case
from .background import NATIONAL
from .note import Note, Said, first_of

__all__ = ["birthday_today", "names"]

_NAME = r"[A-Z][\w'-]+(?: (?!And\b|I\b|But\b)[A-Z][\w'-]+){0,3}"
_NOT_NAMES = word_set("""
    not so very sorry sure just here back done fine good glad happy tired new from in at on a an the going trying
    looking working really also still interested excited curious wondering thinking writing currently planning
    having getting doing using feeling afraid aware able about your my his her our their what it called
""")
_NAME_IS = re.compile(
    r"^my (?:(?:first|full|real|given|actual|legal) )?name is (?:actually |"
    r"now )?(?P<n>[\w'-]+(?: (?-i:[A-Z])[\w'-]+){0,3})",
    re.IGNORECASE,
)
_CALLED = re.compile(
    r"(?:^|\b)(?:(?:please |just |you can |everyone |everybody |people |friends |they )?calls? me|"
    r"I (?:go|went) by|I (?:prefer|like) to be called|I am called|"
    r"(?:my )?friends call me) (?:the name )?(?P<n>[\w'-]+)",
    re.IGNORECASE,
)
_I_AM = re.compile(
    rf"^(?:I am|this is|it is|it's) (?P<n>{_NAME})(?=$|,)|^I am (?P<m>[A-Z][a-z]+)(?= (?:from|and I|and my)\b|,)"
)
_AGE = re.compile(
    r"^(?:I am|I have just turned|I turned|I just turned|I recently turned|I am turning|I will be|I am now|"
    r"my age is|I am about to turn|I will turn) (?:only |now |already |just |"
    r"almost )?(?P<n>\d{1,3})(?P<u> years? old| yrs? old| years? of age|"
    r" y/?o)?(?= ?(?:$|[,.]|and\b|now\b|this\b|in\b|today\b|with\b|from\b|but\b|year\b))"
)
_AS_AGED = re.compile(
    r"^(?:as|being) an? (?P<n>\d{1,3})[- ]year[- ]old\b|^I am an? (?P<m>\d{1,3})[- ]year[- ]old\b", re.IGNORECASE
)
_MONTHS = r"(?:jan\w*|feb\w*|mar(?:ch)?|apr\w*|may|june?|july?|aug\w*|sept?\w*|oct\w*|nov\w*|dec\w*)"
_BIRTHDAY = re.compile(
    rf"^(?:my (?:birthday|bday|date of birth|birth date) is (?:actually )?(?:on |in )?|"
    rf"I was born (?:on|in) )(?P<d>(?:the )?\d{{1,2}}(?:st|nd|rd|th)?(?: of)? {_MONTHS}(?:,? \d{{4}})?|"
    rf"{_MONTHS} (?:the )?\d{{1,2}}(?:st|nd|rd|th)?(?:,? \d{{4}})?|"
    rf"{_MONTHS},? (?:of )?\d{{4}}|{_MONTHS}\b|(?:19|20)\d\d(?:[-/.]\d{{1,2}}[-/.]\d{{1,2}})?|"
    rf"\d{{1,2}}[/.]\d{{1,2}}(?:[/.]\d{{2,4}})?|christmas(?: day| eve)?|new year's (?:day|eve)|halloween|"
    rf"valentine's day)\b",
    re.IGNORECASE,
)
_PRONOUNS = re.compile(
    r"(?:^my pronouns are|^I use|^I go by|\bpronouns:?|^I prefer|"
    r"^my preferred pronouns are) (?:the pronouns )?(?P<p>(?:she|he|they|xe|ze|it|any)(?:\s?/\s?\w+){1,3}|"
    r"(?:she|he|they)(?= pronouns))",
    re.IGNORECASE,
)


def _name(said: Said) -> list[Note]:
    called = _CALLED.search(said.text)
    match = _NAME_IS.match(said.text) or called
    value = match["n"] if match else ""
    if not match and not said.asks:
        plain = _I_AM.match(said.text)
        value = (plain["n"] or plain["m"]) if plain else ""
        if plain and plain["n"] and len(said.text.split()) > 6:
            value = ""
        if value.split(" ")[0].endswith(("ing", "ed")) or NATIONAL.match(said.text):
            return []
    if not value or value.lower() in _NOT_NAMES or not value[0].isalpha():
        return []
    value = name_case(value.title() if value.isupper() else value)
    if called and not _NAME_IS.match(said.text):
        return [Note(f"Goes by {value}", "called", (("preferred name", value),), weight=3)]
    return [Note(f"Name is {value}", "name", (("name", value),), weight=3)]


def _age(said: Said) -> list[Note]:
    match = _AGE.match(said.text)
    aged = _AS_AGED.match(said.text)
    number = match["n"] if match else (aged["n"] or aged["m"]) if aged else ""
    if not number or not 4 < int(number) < 111:
        return []
    coming = "about to turn" in said.text or re.match(r"I (?:am turning|will)", said.text)
    if coming:
        return [Note(line(f"Turning {number}", said.date), "age", weight=2)]
    turned = re.match(r"I (?:\w+ )*turned", said.text)
    text = line(f"Turned {number}", said.date or _year(said)) if turned else f"Is {number} years old ({_year(said)})"
    return [Note(text, "age", (("age", f"{number} ({_year(said)})"),), weight=3)]


def _year(said: Said) -> str:
    return str(said.when.year)


def _birthday(said: Said) -> list[Note]:
    match = _BIRTHDAY.match(said.raw)
    if not match:
        return _birthday_near(said)
    value = capital(re.sub(r"^(?:the )|(?<=\d)(?:st|nd|rd|th)\b|\bof ", "", match["d"]))
    value = re.sub(rf"\b{_MONTHS}\b", lambda found: capital(found[0]), value, flags=re.IGNORECASE)
    if re.fullmatch(r"\d{4}", value):
        return [Note(f"Born in {value}", "birth year", (("birth year", value),), weight=3)]
    return [Note(f"Birthday is {value}", "birthday", (("birthday", value),), weight=3)]


def _birthday_near(said: Said) -> list[Note]:
    """Read "my birthday was yesterday": a day that depends on when it was said."""
    if not re.match(r"my (?:\w+ )?(?:birthday|bday) (?:is|was)\b", said.raw, re.IGNORECASE):
        return []
    days = [each for each in find_dates(said.raw, said.when) if each.first == each.last]
    return [_birthday_on(days[0].first)] if len(days) == 1 else []


def _birthday_on(day: date) -> Note:
    value = describe(day, day).rpartition(" ")[0]
    return Note(f"Birthday is {value}", "birthday", (("birthday", value),), weight=3)


def birthday_today(sentence: Sentence, when: datetime) -> list[Note]:
    """Return the birthday that "it's my birthday today" or "... tomorrow" tells."""
    if sentence.asks or not re.search(
        r"\b(?:it's|it is|today is|today's) my (?:own |\d+\w* )?(?:birthday|bday)\b", sentence.text, re.IGNORECASE
    ):
        return []
    days = [each.first for each in find_dates(sentence.text, when) if each.first == each.last]
    return [_birthday_on(days[0] if days else when.date())] if len(days) < 2 else []


def _pronouns(said: Said) -> list[Note]:
    match = _PRONOUNS.search(said.raw)
    if not match:
        return []
    value = match["p"].lower().replace(" ", "")
    return [Note(f"Pronouns are {value}", "pronouns", (("pronouns", value),), weight=3)]


def names(said: Said) -> list[Note]:
    """Return what a clause says of the speaker's name, age, birthday or pronouns."""
    denied = said.clause is not None and said.clause.negated
    return _birthday(said) or ([] if denied else first_of((_name, _age, _pronouns), said))
