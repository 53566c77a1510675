"""
Frames: stretches of talk in which "I" is not the user. Role play, fiction, a draft for somebody, an interview, homework.

A frame opens at its opener and stays open over pages until an exit phrase, a change of topic or a pause of hours.
Inside a frame nothing is learnt.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from ...domain.records import Page
from .memo import remembered

__all__ = ["Frame", "frame_of", "framed"]

_PAUSE = timedelta(hours=3)
_BACK = 40
_PLAY = re.compile(
    r"\b(?:role[- ]?play(?:ing)?|let's (?:play|pretend|improvise|do a (?:scene|skit|role))|pretend (?:that |to be |you|I|we)|"
    r"in character|(?:you are|you're|you be|you play|I am|I'm|I'll be|I will be|I play) (?:now )?(?:an?|the|my) [^.!?\n]{0,60}"
    r"(?:in (?:this|a|our) (?:game|scene|story|rpg|campaign|adventure)|and (?:I am|I'm|I'll be|you are|you're|you'll be) (?:an?|the|your)\b)|"
    r"act as (?:if|though|an?|my|the)\b|act like (?:an?|my|the|you)|"
    r"you are now (?:an?|the|my)|from now on,? you are (?:an?|the|my)|dungeon master|text adventure|as a (?:pirate|knight|wizard|"
    r"dragon|vampire|robot|king|queen|elf|ghost|detective|witch|princess|villain|superhero|spy|alien|dwarf|ninja|samurai|"
    r"viking|astronaut|time traveller|zombie|goblin|orc|fairy|mermaid|caveman|cowboy|sorcerer|bard|rogue|paladin)\b|"
    r"(?:mock|practi[cs]e|fake|simulate(?: an?)?|run an?) (?:job )?interview|interview me|"
    r"(?:can|could|would|will|please|let's have) (?:you )?(?:play|be|act as|act like|pretend to be|impersonate) (?:my|the|an?) \w+|"
    r"(?:you are|you're|you be|play) the (?:interviewer|recruiter|examiner|customer|patient|client)|"
    r"ask me (?:interview|typical) questions|let's (?:practi[cs]e|rehearse) (?:my|an?|the) )",
    re.IGNORECASE,
)
_WORK = (
    r"(?:stor(?:y|ies)|novel|novella|poem|song|lyrics|screenplay|script (?:for|about)|short film|play|fairy tale|fan ?fic\w*|scene|"
    r"monologue|dialogue|chapter|limerick|haiku|sonnet|rap|sketch|skit|comic|narrator|protagonist|character|fictional|"
    r"diary entry|backstory|legend|fable|persona|musical)"
)
_FICTION = re.compile(
    rf"\b(?:write|compose|draft|create|generate|make up|tell(?: me)?|continue|give me|start|begin|help me (?:write|with))\b[^.!?\n]{{0,60}}\b{_WORK}\b|"
    rf"\b(?:in|for) (?:my|our|the|this|a) (?:new |first |short |fantasy |crime |sci-fi |historical )?{_WORK}\b|"
    rf"\b(?:my|the|our|a) (?:main )?(?:character|protagonist|narrator|hero|heroine|villain|antagonist)\b|"
    rf"\b(?:the|this|that|a)(?: \w+)? (?:song|poem|book|movie|film|quote|lyrics?|chorus|line|ballad|hymn) (?:go(?:es)?|says?|starts?|begins?|is called|ends?)\b|"
    rf"^\s*(?:once upon a time|chapter \d+|act \d+|scene \d+|title:|verse \d)|\bin the voice of|\bfrom the perspective of|"
    rf"\bfrom the point of view of|\bwrite (?:it )?as (?:if|though|an?|the)\b|\bghost-?writ",
    re.IGNORECASE | re.MULTILINE,
)
_DRAFT = re.compile(
    r"\b(?:write|draft|compose|create|generate|make|prepare|help me (?:write|draft|with)|need|want)\b[^.!?\n]{0,60}\b"
    r"(?:letter|e-?mail|message|text|post|tweet|caption|bio|profile|speech|toast|eulogy|essay|article|testimonial|review|"
    r"ad|advert|statement|complaint|apology|card|vows|application|reply|newsletter|script|transcript|dialog|paragraph)\b"
    r"[^.!?\n]{0,60}\b(?:for (?:my|a|an|our|the|his|her) (?!(?:job|new|application|visa|manager|boss)\b)\w+|from (?:my|a|an|the|her|his)\b|"
    r"as (?:an?|if|my)\b|on behalf|about an?\b|in which|where)|"
    r"\b(?:write|draft|compose|create|generate|make up)\b[^.!?\n]{0,80}\b(?:letter|e-?mail|message|post|tweet|bio|profile|"
    r"speech|essay|testimonial|review|statement|story|poem|song)\b[^.!?\n]{0,60}:",
    re.IGNORECASE,
)
_HOMEWORK = re.compile(
    r"\b(?:homework|assignment|exercise|worksheet|exam question|word problem|quiz|case study|vignette|test question|"
    r"multiple choice|math problem|maths problem|problem set)\b[^.!?\n]{0,60}[:.\n]|"
    r"\b(?:a|the) (?:\d+[- ]year[- ]old )?(?:patient|client|customer|student|man|woman|user) (?:presents|comes in|asks|writes|says|tells you)\b|"
    r"\b(?:say|suppose|imagine|assume|consider|let's say|let us say|picture|hypothetically|for example|e\.g\.|as an example|"
    r"example (?:sentence|input|message|prompt|text|user)|test (?:sentence|input|message|data)|sample (?:sentence|input|message|text)|"
    r"for instance|what would you say if|if (?:a|the|my) (?:user|customer|client|patient|student) (?:says|said|writes|wrote|asks))\b",
    re.IGNORECASE,
)
_GAME = re.compile(
    r"\bin (?:this|the|my|our) (?:game|rpg|campaign|adventure|simulation)\b|\b(?:d&d|dnd|rpg|pathfinder) (?:character|campaign|game)\b|\bmy (?:character|persona|avatar|alter ego)\b",
    re.IGNORECASE,
)
_EXIT = re.compile(
    r"\b(?:out of character|ooc|(?:end|stop|quit|pause|exit|enough|done|finished|over)(?: of| with)?(?: the| this| our| that)? "
    r"(?:role[- ]?play(?:ing)?|game|scene|story|interview|pretending|playing|act|acting|fiction|exercise|character|skit)|"
    r"end scene|back to (?:reality|real life|me|normal|work|my real)|(?:for|in) real(?: life)?\b|irl\b|in reality|"
    r"stop pretending|(?:now|ok|okay|anyway|so|but),? (?:seriously|for real|a real question|back to)|joking aside|"
    r"real question|drop the (?:act|character|role)|leave the (?:game|story|novel|role)|on a personal note|"
    r"(?:ok|okay),? that's enough|let's stop (?:here|the|playing|this)|that was fun|"
    r"(?:by the way|btw|unrelated|different topic|off[- ]topic|another (?:topic|question|thing)|change of (?:topic|subject)|"
    r"new topic|speaking of me|about me|as for me|besides that|actually,? about me))\b",
    re.IGNORECASE,
)
_TASK = re.compile(
    r"\b(?:python|javascript|typescript|sql|docker|git|repo|traceback|unit tests?|compile|function|api|endpoint|css|html|"
    r"regex|deploy|database|npm|pip|server|recipe|weather|flight|appointment|dentist|doctor|invoice|tax|itinerary)\b",
    re.IGNORECASE,
)
_GOES_ON = re.compile(
    rf"\b(?:{_WORK}|rewrite|shorter|longer|continue|next|go on|more|again|she|he|his|her|they|dragon|castle|sword|kingdom|"
    r"rhyme|verse|draft|tone|formal|ending|plot)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Frame:
    """What a text opens: "play" goes on by itself, "fiction" while it is spoken of, "once" ends with its message."""

    kind: str
    start: int


@remembered
def frame_of(text: str) -> Frame | None:
    """Return the frame that *text* opens and where, None when it opens none."""
    head = text[:6_000]
    for kind, pattern in (
        ("play", _PLAY),
        ("play", _GAME),
        ("fiction", _FICTION),
        ("once", _DRAFT),
        ("once", _HOMEWORK),
    ):
        found = pattern.search(head)
        if found:
            return Frame(kind, 0 if kind == "play" else found.start())
    return None


def framed(page: Page, before: Sequence[Page]) -> bool:
    """Whether *page* stands within a frame that one of the pages *before* it (oldest first) opened."""
    newest = page
    for earlier in reversed(before[-_BACK:]):
        if newest.timestamp - earlier.timestamp > _PAUSE or _leaves(newest.user_input):
            return False
        frame = frame_of(earlier.user_input)
        if frame and frame.kind != "once":
            stretch = [each for each in before if each.timestamp > earlier.timestamp] + [page]
            return all(_stays(each.user_input, frame) for each in stretch)
        newest = earlier
    return False


@remembered
def _leaves(text: str) -> bool:
    return bool(_EXIT.search(text[:1_000]))


def _stays(text: str, frame: Frame) -> bool:
    """Whether a text after the opener is still within its frame: no exit, and no other topic."""
    if _leaves(text):
        return False
    if frame.kind == "play":
        return not (_TASK.search(text) and "?" in text)
    return bool(_GOES_ON.search(text)) or bool(frame_of(text))
