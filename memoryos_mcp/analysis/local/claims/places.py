"""Where the speaker lives: one home at a time, the newest said wins."""

import re

from ..english.wording import dated, line, name_case, predicate, shorten
from .note import Note, Said

__all__ = ["home"]

_PLACE = r"(?:the )?[A-Z][\w.'-]+(?:(?:,? | of | in | de | la | el | upon )(?!I\b|And\b)(?:the )?[A-Z][\w.'-]+){0,4}"
_LOOSE = (
    r"(?:an? (?:small|little|quiet|big|large|tiny|rural|remote|coastal|busy|studio|one-bedroom|two-bedroom|"
    r"shared|rented|nice|old|new)?\s?(?:town|village|city|farm|apartment|flat|house|dorm|island|cabin|condo|"
    r"suburb|studio|van|rv|houseboat)\b[^,]{0,40}|"
    r"the (?:countryside|suburbs?|city|mountains|woods|middle of nowhere|us|usa|uk|netherlands|states|"
    r"bay area)\b[^,]{0,20})"
)
_LIVE = re.compile(
    rf"^(?:I|we) (?:currently |now |still |actually |both |also )*(?:live|am living|are living|am based|"
    rf"are based|reside|am located|have lived|have been living|have been based|am staying|now live|"
    rf"stay) (?:\w+ )?(?P<at>in|at|near|outside(?: of)?|on|by|just outside)(?: of)? (?P<p>{_PLACE}|{_LOOSE})"
)
_LIVE_LOWER = re.compile(
    r"^(?:I|we) (?:currently |now |still )*(?:live|am living|am based|"
    r"reside) in (?P<p>(?!the moment|fear|peace|harmony|hope|hell|constant|different|my|a |an |the |one|"
    r"two)[a-z]{3,}(?:,? [a-z]{3,}){0,1})$"
)
_MOVED = re.compile(
    rf"^(?:I|we) (?:have )?(?:just |recently |finally |actually |also )*(?:moved|relocated|emigrated|"
    rf"immigrated)(?: (?:back|here|over|out|away|down|up))?(?: from (?P<f>{_PLACE}))? (?:in)?to "
    rf"(?P<p>{_PLACE})(?: from (?P<g>{_PLACE}))?(?P<y> in (?:\w+ )?\d{{4}}\b)?"
)
_MOVED_LOWER = re.compile(
    r"^(?:I|we) (?:just |recently |finally |actually )*(?:moved|"
    r"relocated) (?:back )?to (?P<p>(?!a|the|my|another|our|be|new|see|an)[a-z]{3,})$"
)
_LEAVING = re.compile(
    rf"^(?:I|we) (?:no longer live|do not live|moved away|moved out|stopped living)\b.{{0,30}}?\b(?:in|from|of|"
    rf"at) (?P<p>{_PLACE})"
)
_HOUSE = re.compile(rf"^(?:my|our) (?:house|home|apartment|flat|place|address) is (?:in|at|near|on) (?P<p>{_PLACE})")


def home(said: Said) -> list[Note]:
    """Return where a clause says the speaker lives, moved to, or no longer lives."""
    leaving = _LEAVING.match(said.text)
    if leaving:
        words = line(f"No longer lives in {leaving['p']}", said.date)
        return [Note(words, "home", (("home", ""),), ends=True, weight=3)]
    if said.clause is not None and (said.clause.negated or said.clause.form in ("used", "want", "future")):
        return []
    moved = _MOVED.match(said.text) or _MOVED_LOWER.match(said.text)
    if moved and said.clause:
        place = name_case(shorten(moved["p"]))
        source = moved.groupdict().get("f") or moved.groupdict().get("g")
        words = f"Moved to {place}" + (f" from {source}" if source else "") + (moved.groupdict().get("y") or "")
        return [Note(dated(words, said.date, said.clause, said.when), "home", (("home", place),), weight=4)]
    typed = _LIVE_LOWER.match(said.text)
    lives = _LIVE.match(said.text) or typed or _HOUSE.match(said.text)
    if not lives or (said.text.startswith(("I am staying", "I stay", "we stay")) and said.date):
        return []
    place = re.sub(r" (?:for|since) .*", "", shorten(lives["p"]))
    place = name_case(place) if typed else place
    at = lives.groupdict().get("at") or "in"
    rest = ""
    if said.clause and said.clause.form == "ongoing":
        rest = predicate(said.clause)
    return [Note(line(rest or f"lives {at} {place}"), "home", (("home", place),), weight=3)]
