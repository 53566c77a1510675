"""
What a question says besides its words: whom it names, which days it means, whether it asks for a time.

Names are taken out before anything is compared: they stand in every other turn and drown the rest (+15 points of
recall for vectors).
"""

import re
from dataclasses import dataclass
from datetime import datetime

from ...domain.records import Side
from ...text.dates import find_dates
from ...text.terms import terms
from .birthdays import birthday_meant
from .persons import in_first_person, names_one, person_of, without_names

__all__ = ["Question", "ask"]

_WHEN = re.compile(
    r"\b(?:when|what (?:date|day|month|year|time)|which (?:date|day|month|year)"
    r"|how long ago|how long (?:has|have)|since when)\b",
    re.IGNORECASE,
)
_RECENT = re.compile(
    r"\b(?:just (?:now|said|told|asked|talked|talking|discuss\w*|mention\w*)|a moment ago|so far|earlier today"
    r"|(?:what|where) were we|where did we (?:stop|leave)|(?:carry|go|keep) on|continue"
    r"|(?:last|previous|latest|(?:most )?recent) (?:conversations?|sessions?|chats?|messages?|discussions?|time we))\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Question:
    """
    A question read once.

    `bare` is its text without names, `spoken` with "I" and "my" in their place; `person` the one side it is about, or
    None; `dates` inclusive intervals as ordinals of `datetime.date`; `when` whether it asks for a time; `recent`
    whether it goes on from what was said last; `named` whether it names the user or the assistant by name.
    """

    text: str
    bare: str
    spoken: str
    person: Side | None
    dates: tuple[tuple[int, int], ...]
    when: bool
    recent: bool
    named: bool = False


def ask(text: str, *, now: datetime, user_name: str = "", assistant_name: str = "", birthday: str = "") -> Question:
    """
    Return *text* as a `Question`.

    Args:
        text: A question or any message.
        now: The time of the question: "last week" is read against it.
        user_name: As the user is called; "I", "my", "the user" name them too.
        assistant_name: As the assistant is called; "you" names it too.
        birthday: The user's, as the profile has it: what "on my birthday" means.
    """
    mentions = find_dates(text, now)
    feast = birthday_meant(text, birthday, now)
    days = [(mention.first.toordinal(), mention.last.toordinal()) for mention in mentions]
    if feast is not None:
        days.append((feast.toordinal(), feast.toordinal()))
    bare = without_names(text, [user_name, assistant_name])
    return Question(
        text=text,
        bare=bare,
        spoken=in_first_person(text, [user_name, assistant_name]),
        person=person_of(text, user_name, assistant_name),
        dates=tuple(days),
        when=_WHEN.search(text) is not None,
        recent=_RECENT.search(text) is not None or ("?" in text and not terms(bare)[0]),
        named=names_one(text, [user_name, assistant_name]),
    )
