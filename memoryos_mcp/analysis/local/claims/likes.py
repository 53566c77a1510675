"""What the speaker likes and dislikes; a change of mind closes what was said before."""

import re

from ..english.lexicon import content_words
from ..english.wording import line, shorten
from ..keywords import keyword
from .note import Note, Said, first_of

__all__ = ["ENDS", "key_of", "likes", "thing_of"]

_LIKE = {
    "love": "Loves",
    "like": "Likes",
    "enjoy": "Enjoys",
    "adore": "Loves",
    "prefer": "Prefers",
    "hate": "Hates",
    "dislike": "Dislikes",
    "despise": "Hates",
    "detest": "Hates",
    "loathe": "Hates",
    "miss": "Misses",
    "dread": "Dreads",
    "value": "Values",
    "cherish": "Cherishes",
    "treasure": "Treasures",
}
_NOT_TASTE = re.compile(
    r"(?i:^)(?:it|that|this|those|these|you|your|yours|him|her|his|them|their|how|what|when|where|who|"
    r"the (?!outdoors|beach|ocean|sea|mountains|city|countryside|rain|snow|cold|heat|color|colour|water|forest|"
    r"news|gym|piano|guitar|violin|(?-i:[A-Z]))|"
    r"to (?:know|ask|see|have|get|hear|thank|say|share|talk|chat|discuss|think|be|help|add|find|make sure|use|"
    r"keep|go with|try|do|call|look|take a look|start|check|meet|become|give|join|visit|hang|catch|work|show|"
    r"hear|tell|feel|avoid|order|book|schedule|write)\b|"
    r"being (?:able|a|part|there|here|with|around)|having|seeing (?:how|the|my|your|people|you)|hearing|"
    r"knowing|getting to|some|any|one|all|every|each|both|another|more|doing (?:it|that|this)|chatting|talking|"
    r"my|our|the way|an? |too|as|and|but|so|or|about|for|no|something|everything|"
    r"anything|nothing|spending time|working (?:with|on)|sharing|helping|making (?:a|them|people|my)|when|if|"
    r"using|lot|lots|most)\b",
    re.IGNORECASE,
)
_FAN = re.compile(
    r"^I (?:am|have been|have always been|was always) (?P<not>not )?(?:really |so |very |super |a bit |quite |"
    r"totally |always |also |pretty |just |absolutely |currently |"
    r"kind of )*(?P<how>(?:an? )?(?:big |huge |massive |great |avid |total |lifelong )?(?:fan|lover|"
    r"fan girl) of|into|obsessed with|passionate about|crazy about|mad about|keen on|interested in|fond of|"
    r"hooked on|addicted to|in love with|fascinated by|enthusiastic about|allergic to|intolerant to|scared of|"
    r"afraid of|terrified of|sensitive to|good at|bad at|terrible at|sick of|tired of) (?P<o>.+)"
)
_AVID = re.compile(
    r"^I (?:am|have been) an? (?:(?:big|huge|avid|keen|passionate|serious|casual|amateur|hobby|lifelong|total|"
    r"real|true) )+(?P<o>\w+ (?:fan|lover|enthusiast|buff|nerd|geek)|reader|runner|hiker|gamer|cyclist|cook|"
    r"baker|gardener|photographer|swimmer|climber|birdwatcher|traveler|traveller|foodie|painter|knitter|"
    r"collector|bookworm)\b|^I am an? (?P<p>(?!big|huge|great|massive|real|true|new|bit)\w+ (?:fan|lover|"
    r"enthusiast|buff|nerd|geek)(?! of)|foodie|bookworm|cat person|dog person|coffee addict|film buff|"
    r"history buff|gamer|runner|hiker)\b"
)
_FAVORITE = re.compile(
    r"^(?:my|our) (?:all-time |absolute |personal |current |number one |favou?rite )*(?:fav|fave|"
    r"favou?rite) (?P<k>[\w' -]{2,40}?) (?:is|are|was|would be|has to be|has always been)(?: definitely|"
    r" probably| actually| still| currently)? (?P<o>.+)",
    re.IGNORECASE,
)
_FAVORITE_OF = re.compile(
    r"^(?P<o>[\w'\" -]{2,50}?) (?:is|are|'s) (?:definitely |probably |still |by far )?(?:my|"
    r"one of my) (?:all-time |absolute )?(?:fav|fave|favou?rite)s?(?: (?P<k>[\w -]{2,30}))?",
    re.IGNORECASE,
)
ENDS = re.compile(r"\s*\b(?:anymore|any more|any longer|no longer)\b")


def key_of(prefix: str, thing: str) -> str:
    """Return "likes:hike" for one thing, "" for a list of several."""
    if re.search(r",| and | or ", thing):
        return ""
    found = [keyword(word) or word for word in content_words(thing)][:3]
    return f"{prefix}:{' '.join(found)}" if found else ""


def thing_of(text: str) -> str:
    """Return what is liked, cut short; "" when nothing definite is."""
    found = shorten(ENDS.sub("", text), 90).removesuffix(" oneself")
    return "" if not content_words(found) else found


def _liking(said: Said) -> list[Note]:
    clause = said.clause
    if (
        clause is None
        or not clause.own
        or clause.verb not in _LIKE
        or clause.form not in ("present", "perfect", "used", "ongoing", "progressive")
    ):
        return []
    if clause.form == "progressive" and clause.verb not in ("enjoy", "love"):
        return []
    if _NOT_TASTE.match(clause.rest):
        return []
    thing = thing_of(clause.rest)
    if not thing or (thing.startswith("to ") and len(content_words(thing)) < 2):
        return []
    over = bool(ENDS.search(clause.rest))
    if clause.form == "used":
        return [Note(f"Used to {clause.verb} {thing}", key_of("likes", thing), ends=True, weight=1.5)]
    text = (
        f"{'No longer ' + _LIKE[clause.verb].lower() if over else 'Does not ' + clause.verb} {thing}"
        if clause.negated
        else f"{_LIKE[clause.verb]} {thing}"
    )
    usual = " ".join(each for each in clause.adverbs if each in ("always",)) if not clause.negated else ""
    if usual and clause.form == "perfect":
        text = f"Has always {clause.word} {thing}"
    return [Note(text, key_of("likes", thing), ends=over, weight=2)]


def _standing(said: Said) -> list[Note]:
    clause = said.clause
    if clause is None or not clause.own or clause.form != "can" or not clause.negated:
        return []
    if clause.verb in ("stand", "bear", "tolerate", "stomach") and not _NOT_TASTE.match(clause.rest):
        thing = thing_of(clause.rest)
        return [Note(f"Can't stand {thing}", key_of("likes", thing), weight=2)] if thing else []
    if clause.verb in ("eat", "drink", "have") and not re.match(
        r"(?:it|that|this|an?|the|them|you|any(?:thing)?)\b", clause.rest
    ):
        thing = thing_of(clause.rest)
        return [Note(f"Can't {clause.verb} {thing}", key_of("diet", thing), weight=2.5)] if thing else []
    return []


def _fan(said: Said) -> list[Note]:
    avid = _AVID.match(said.text)
    if avid:
        thing = avid["o"] or avid["p"]
        return [
            Note(
                f"Is {'an avid' if avid['o'] and ' ' not in avid['o'] else 'a'} {thing}",
                key_of("likes", re.sub(r" (?:fan|lover|enthusiast|buff|nerd|geek|person)$", "", thing)),
                weight=2,
            )
        ]
    dread = re.match(r"I have an? (?:\w+ )?(?:fear|phobia) of (?P<o>.+)", said.text)
    if dread and content_words(dread["o"]):
        return [Note(f"Afraid of {thing_of(dread['o'])}", key_of("fear", dread["o"]), weight=2)]
    match = _FAN.match(said.text)
    if not match or (
        _NOT_TASTE.match(match["o"])
        and not match["how"].startswith(("allergic", "scared", "afraid", "terrified", "intolerant", "passionate"))
    ):
        return []
    how, thing = match["how"], thing_of(match["o"])
    if not thing or re.match(r"(?:it|that|this|you|your|them|losing (?:my|it))\b", thing):
        return []
    over = bool(ENDS.search(match["o"]))
    no = "no longer " if over and match["not"] else "not " if match["not"] else ""
    prefix = (
        "allergy"
        if how.startswith(("allergic", "intolerant"))
        else "fear"
        if how.startswith(("scared", "afraid", "terrified"))
        else "skill"
        if how.endswith(" at")
        else "likes"
    )
    if prefix == "likes" and how.startswith(("a ", "an ", "fan")) and not no:
        text = f"Is {how} {thing}"
    else:
        text = f"{no}{how} {thing}" if prefix != "skill" else f"Is {no}{how} {thing}"
    if no and prefix in ("allergy", "likes", "fear"):
        text = f"Is {no}{how} {thing}"
    attributes = (("allergies", "" if no else thing),) if prefix == "allergy" else ()
    return [Note(line(text), key_of(prefix, thing), attributes, ends=over, weight=3 if prefix == "allergy" else 2)]


def _favorite(said: Said) -> list[Note]:
    match = _FAVORITE.match(said.text)
    if match:
        thing, kind = thing_of(match["o"]), match["k"].strip()
        if (
            not thing
            or re.match(r"(?:when|that|how|the (?:one|way|part|fact)|it|seeing|probably|definitely)\b", match["o"])
            or kind.startswith(("part", "thing about", "moment"))
        ):
            return []
        return [
            Note(
                f"Favorite {kind} is {thing}" if not kind.endswith("s") else f"Favorite {kind} are {thing}",
                f"favorite:{(keyword(kind) or kind.lower())}" if len(kind.split()) == 1 else f"favorite:{kind.lower()}",
                weight=2,
            )
        ]
    match = _FAVORITE_OF.match(said.text)
    if (
        match
        and content_words(match["o"])
        and not re.match(
            r"(?:it|that|this|those|these|they|here|there|which|what|you|your)\b", match["o"], re.IGNORECASE
        )
    ):
        kind = f" {match['k']}" if match["k"] else ""
        thing = re.sub(r"^(?:my|our|the) ", "", match["o"])
        return [Note(line(f"{thing} is a favorite{kind}"), weight=1.5)]
    return []


def likes(said: Said) -> list[Note]:
    """Return what a clause says of the speaker's likes, dislikes and fears."""
    return first_of((_liking, _standing, _fan, _favorite), said)
