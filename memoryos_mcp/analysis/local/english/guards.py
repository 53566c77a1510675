"""Sentences that say nothing of their writer although they say "I": questions, conditions, wishes, reported speech, irony."""

import re

from .prose import Sentence
from .spelling import regular

__all__ = ["silent"]

_TURNED = re.compile(
    r"^(?:and |but |so |or |also |hey,? |ok,? )*(?:(?:am|was|do|did|have|had|can|could|would|should|shall|will|may|might) (?:I|we|you|it|he|she|they|my|our|the)|"
    r"(?:is|are|does|has) (?:it|that|this|my|our|the|there|he|she|they|you|we)|what|which|who|whose|why|how|where)\b",
    re.IGNORECASE,
)
_CONDITION = re.compile(
    r"\b(?:if (?:I|we|my|you|only|it|there|someone|somebody|a|the|he|she|they)|even if|unless|imagine|suppose|supposing|pretend|what if|"
    r"I wish|wish I|I wished|as if|as though|assuming|hypothetically|would have|could have|should have|might have|may have|must have|let's say|"
    r"for example|for instance|e\.g\.|in theory|theoretically|say I|were I|had I (?:known|been|gone)|in another life|in my dreams?|"
    r"dream(?:t|ed) (?:that|of)|I would (?:be|live|work|move|have|take|eat|love|like|kill|die|never|not|rather|quit|adopt|buy|prefer if)|"
    r"I could (?:be|eat|have|live|work|kill|sleep|use a)|I might|I may |I (?:almost|nearly) |supposed to be|"
    r"I (?:used to think|thought|believed|assumed|guess|suspect|doubt|hope|forgot|wonder) (?:that )?(?:I|my|we)\b|"
    r"not sure (?:if|whether)|wonder(?:ing)? (?:if|whether)|whether I|(?:think|thinking) (?:about|of) (?:becoming|moving|getting|quitting|adopting)|"
    r"before I (?:was|had)|until I (?:am|have)|once I (?:am|have)|when I (?:was|am|grow|get|retire|become)|back when|back then|years? ago I was|"
    r"no idea|should I|do I|am I|did I|have I)\b|^if\b",
    re.IGNORECASE,
)
_REPORTED = re.compile(
    r"^(?!(?:.{0,15}\b)?I (?:said|told you|mentioned)\b).{0,80}\b(?:said|says|saying|told|tells|telling|asked|asks|claims?|claimed|"
    r"thinks?(?<!I think)|believes?|wrote|writes|texted|replied|goes|complained|insists?|shouted|joked|jokes|lied|lies|pretends?|reads?|"
    r"assumes?|keeps? (?:saying|telling)|calls me)\b(?: me| us| to me| people| everyone)?,?(?: that|:|,)? ?['\"]?(?:I|we|my|he|she)\b",
)
_IRONY = re.compile(
    r"^(?:oh,? )?(?:(?:what a )?(?:great|lovely|wonderful) (?:day|way|start|time)\b.{0,30}?|great|sure|yeah right|wonderful|perfect|lovely|fantastic|brilliant|awesome|joy|nice)[,.!]+ (?:I|another|just|now|my)\b|"
    r"^oh,? (?:great|sure|yeah|yes|wonderful|perfect|lovely|fantastic|joy|I just|how)\b|\bjust love (?:it )?(?:when|how)\b|\blove it when\b|\bas if\b|\bnot!$|\bof course I (?:just )?love|"
    r"\bsaid no one\b|/s\b|\bjust kidding\b|\bjk\b|\bkidding\b|\bas a joke\b|\bjoking\b|\blol jk\b|\byeah,? right\b|\bbecause who (?:does not|doesn't)\b|\bmy favou?rite (?:kind of )?(?:error|bug|part)\b|"
    r"\bover the moon\b|\bdead tired\b|\bcould eat a\b|\bwould kill for\b|\b(?:allergic|married|addicted) to (?:work|my job|mornings|mondays|meetings|bullshit|code|coffee lol|my desk|javascript|php|java|xml|spreadsheets)\b|"
    r"\bliving (?:the dream|in the office|in a (?:dream|nightmare|bubble|simulation))\b|\bnobody loves\b|\blive and breathe\b|\blive under a rock\b|\blive on (?:coffee|caffeine|pizza)\b",
    re.IGNORECASE,
)
_PASSING = re.compile(
    r"\b(?:today|right now|tonight|this (?:morning|afternoon|evening|minute|second)|just now|currently (?:at|in) the)\b"
)
_BRIEF = re.compile(
    r"^(?:I am|we are|I have|I am having|I feel) (?!.*\b(?:birthday|allerg|diabet|pregnan|vegan|vegetarian|moved|years? old|turned)\b)",
    re.IGNORECASE,
)
_QUOTED_WHOLE = re.compile(r"^[\"'].*[\"']$")


def silent(sentence: Sentence, *, conditions: bool = True) -> bool:
    """Whether nothing may be learnt from a sentence; without *conditions* for one that may give an order."""
    text = regular(sentence.text)
    if _IRONY.search(text) or _REPORTED.search(text) or _QUOTED_WHOLE.match(text):
        return True
    if not conditions:
        return bool(_TURNED.match(text))
    if _TURNED.match(text) and "," not in text:
        return True
    if _CONDITION.search(text):
        return True
    return bool(_PASSING.search(text) and _BRIEF.match(text))
