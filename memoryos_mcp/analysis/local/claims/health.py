"""The speaker's health: illnesses, allergies, aids, states that last."""

import re

from ..english.wording import line, shorten
from ..keywords import keyword
from .note import Note, Said

__all__ = ["health"]

_ILLNESS = (
    r"(?:(?:type [12] |chronic |severe |mild |high |low |seasonal |social |generali[sz]ed |"
    r"clinical )*(?:diabetes|asthma|adhd|add|anxiety(?: disorder)?|depression|autism|dyslexia|epilepsy|"
    r"arthritis|migraines?|celiac(?: disease)?|coeliac disease|"
    r"hypertension|blood pressure|cholesterol|insomnia|ocd|ptsd|bipolar(?: disorder)?|cancer|eczema|psoriasis|"
    r"ibs|crohn's(?: disease)?|endometriosis|pcos|hay fever|back pain|tinnitus|scoliosis|sleep apnea|anemia|"
    r"lupus|fibromyalgia|multiple sclerosis|hypothyroidism|vertigo|gout|a heart condition|"
    r"a bad (?:back|knee|hip|shoulder)|a (?:peanut|nut|shellfish|gluten|dairy|cat|dog|pollen|latex|penicillin|"
    r"bee) allergy|lactose intolerance))"
)
_ALLERGY = re.compile(r"^I have an? (?:severe |bad |mild |serious )?(?P<o>\w+(?: \w+)?) allergy\b")
_HEALTH = re.compile(
    rf"^I (?:have|have had|suffer from|am living with|live with|struggle with|have been struggling with|"
    rf"was (?:just |recently )?diagnosed with|have been diagnosed with|(?:just |recently )?got diagnosed with|"
    rf"am recovering from|"
    rf"deal with) (?P<h>{_ILLNESS})\b",
    re.IGNORECASE,
)
_AID = re.compile(
    r"^I (?:have to |need to )?(?P<v>wear|take|am on|"
    r"am taking)(?: my)? (?P<o>(?:reading |contact )?(?:glasses|lenses|hearing aids?|braces|insulin|"
    r"antidepressants|blood thinners|birth control|beta blockers|statins|"
    rf"(?:\w+ )?(?:medications?|medicine|pills|meds)(?: for .+)|\w+ (?:\d+ ?mg )?for (?:my )?{_ILLNESS}))",
    re.IGNORECASE,
)
_STATE = re.compile(
    r"^I am (?:also |actually |\w+ months |\w+ weeks )?(?P<s>(?:type [12] )?diabetic|asthmatic|dyslexic|"
    r"autistic|colou?r[- ]?blind|deaf|blind|pregnant|left-handed|hard of hearing|epileptic|neurodivergent|"
    r"lactose[- ]intolerant|gluten[- ]intolerant|"
    r"\d{2,3} ?(?:cm|centimeters|meters?|m|inches) tall|"
    r"\d ?(?:feet|foot|ft|')(?: ?\d{1,2}(?:\"|''| inches)?)?(?: tall)?|anemic|disabled|an introvert|"
    r"an extrovert|introverted|extroverted|a night owl|an early bird|a morning person|an only child|sober|"
    r"a veteran|retired military)\b",
    re.IGNORECASE,
)


def _health(said: Said) -> list[Note]:
    aid = _AID.match(said.text)
    if aid:
        words = shorten(aid["o"])
        return [Note(f"{'Wears' if aid['v'] == 'wear' else 'Takes'} {words}", f"health:{words.lower()}", weight=2.5)]
    allergy = _ALLERGY.match(said.text)
    if allergy:
        return [
            Note(
                f"Allergic to {allergy['o']}",
                f"allergy:{keyword(allergy['o']) or allergy['o']}",
                (("allergies", allergy["o"]),),
                weight=3,
            )
        ]
    match = _HEALTH.match(said.text)
    if match:
        verb = "Diagnosed with" if "diagnosed" in said.text else "Has"
        return [Note(line(f"{verb} {match['h']}", said.date), f"health:{match['h'].lower()}", weight=3)]
    match = _STATE.match(said.text)
    if match:
        return [Note(line(f"Is {match['s']}", said.date), f"is:{match['s'].lower()}", weight=2.5)]
    return []


def health(said: Said) -> list[Note]:
    """Return what a clause says of the speaker's health."""
    return [] if said.clause is not None and said.clause.negated else _health(said)
