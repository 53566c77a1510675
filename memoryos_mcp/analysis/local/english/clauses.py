"""
Splitting a sentence into clauses that each say one thing of the speaker, with chat spelling made regular.

"Can you help me, I'm a nurse in Leeds and new to this" holds one: "I am a nurse in Leeds and new to this". What stands
under a condition, in reported speech or about "you" is left out. No meaning is read here.
"""

import re

from .prose import Sentence
from .spelling import regular

__all__ = ["clauses", "opened", "without_greeting"]

_SUBJECT = (
    r"(?:everyone|everybody|people|most people|call me|please call|I|we|my|our|it|its|they|their|he|his|she|"
    r"her|you|your|this|that|these|those|there|what|how|can you|could you|please|the)\b"
)
_SPLIT = re.compile(
    r"\s+[-\u2013\u2014]+\s*|-\s+|\s*\u2014\s*|\s*;\s*|\s*:\s+|\s*\.\.+\s*|\s*\((?=(?:[^\s()]+ ){2})|(?<=\w\w)\)\s*|"
    rf",?\s+(?:and then|and so|and also|but|although|though|whereas|because|since|so that|so|as|plus|which|yet|"
    rf"except)\s+(?={_SUBJECT}|it's|that's)|"
    rf"\s*,?\s+(?:and|then|while)\s+(?=(?:I|we|my|our|it|they|he|she|you|this|that|there|it's|that's|now|what|"
    rf"the whole)\b)|"
    rf",\s+(?=(?:I|we|my|our|it|its|they|their|he|his|she|her|you|this|that|there|it's|that's|can you|could you|"
    rf"please|what|how|"
    rf"which|but|so|because|and I|and my|and we)\b)|"
    r",\s+(?=(?:is|are|can|could|should|do|does|what|how|which|would|will|any|so what) (?:it|this|that|I|there|you|the|my|we|should|would|about)\b)|"
    r",\s+(?=(?:nice|glad|pleased|happy) to\b)|,\s+(?=just \w+ing\b)|"
    r",?\s+(?:which|where|who)\s+(?=(?:is|was|are|were|has|had|makes?|made|helps?|helped|really|I)\b)",
)
_CONNECTOR = re.compile(
    r"^(?:and|but|so|because|since|then|also|plus|though|although|while|as(?! an?\b)|yet|whereas)\b[, ]+", re.IGNORECASE
)
_GREETING = re.compile(
    r"^(?:hey|hi|hiya|hello|yo|dear|good (?:morning|afternoon|evening|night|day))\b(?: there)?(?: [A-Z]\w+|"
    r" AI(?: companion| assistant)?| my friend| everyone| all| again| ai \w+){0,3}\s*[,!.:-]*\s*",
    re.IGNORECASE,
)
_LEAD = re.compile(
    r"^(?:(?:yeah|yea|yes|yep|yup|nope|no(?=[,.!:])|nah|well|oh|ooh|wow|thanks(?: a lot| so much| again)?|"
    r"thank you(?: so much| very much)?|thx|sure(?: thing)?|haha+|hehe|lol|okay|ok|"
    r"so|actually|honestly|anyways?|also|plus|btw|by the way|exactly|right|of course|definitely|absolutely|"
    r"totally|great|cool|nice|awesome|amazing|perfect|"
    r"sorry|unfortunately|luckily|sadly|fortunately|thankfully|hopefully|personally|basically|fyi|first of all|"
    r"correction|update|good news|bad news|big news|"
    r"guess what|you know(?: what)?|to be honest|tbh|in fact|for context|for reference|for the record|"
    r"for background|background|as for me|for me|for my part|in the meantime|meanwhile|"
    r"(?:as )?you know|as I (?:said|mentioned)|just so you know|"
    r"(?:please )?(?:remember|note|keep in mind|don't forget|do not forget|know)(?: that)?|just a heads up|"
    r"in case it helps|"
    r"hm+|um+|uh+|aww*|ah|man|dude|gosh|omg|i (?:mean|meant|said(?: that)?)(?= (?:I|my|it|we)\b)|"
    r"now(?=,? (?:I|we|my)\b)|my bad|well then|alright|all right|anyhow|hmm|"
    r"again|still|(?:next|first)(?=,)|finally|then|and|but|because|same here|me too|"
    r"since we last (?:spoke|talked|chatted|met))"
    r"(?=[\s,.!:]|$)(?:,? (?!I\b)[A-Z][a-z]+(?=[,!.]))?\s*[,.!:]*\s*)",
    re.IGNORECASE,
)
_VOCATIVE = re.compile(
    r"^(?!I\b|\w+day\b|\w+ly\b|Tonight|Tomorrow|Sometimes|Often|Once|Now|Then|Nowadays)(?:[A-Z][a-z]+|"
    r"buddy|friend|my friend|mate|bro|girl),\s+(?=(?:I|we|my|our|it|just|been|lost|got)\b)"
)
_OPENING = re.compile(
    r"^(?:(?:and|but|so|well|hey|also)[, ]+)?(?:today|yesterday|tonight|recently|lately|last|this|these|next|"
    r"one|the other|on|in|at|after|before|during|for|every|each|since|from|as|with|once|twice|"
    r"growing up|over|most|sometimes|usually|often|currently|right now|\d+|two|three|four|five|six|"
    r"a (?:few|couple|year|month|week|while|long time)|earlier|later|back)\b"
    r"(?!.*\b(?:I|we|is|are|was|were|has|have|had|will|it|he|she|they)\b)(?:[ ][^ ]+){0,7}$",
    re.IGNORECASE,
)
_SECOND = re.compile(
    r"^(?P<first>(?:I|we) .+?),? (?:and|but) (?:also |now |really |"
    r"currently |absolutely )?(?P<second>(?:live in|work (?:as|at|for|in)|study|have (?:a|an|two|three|four|\d+) |moved to|"
    r"started (?:working|a new)|"
    r"grew up in|was born|have been \w+ing|come from|adopted|got (?:married|engaged|promoted|divorced)|speak|"
    r"am (?:a|an|from|allergic|vegan|vegetarian|married|based|engaged|single|\d+) ?|take \d*|am on |was prescribed |play (?:the )?|drive (?:a|an) |speak |can not (?:eat|drink|stand) |do not (?:eat|drink) |prefer |never eat |teach |run |use \w+ |love|hate|enjoy (?!it)).*)$"
)
_NAME_ALONE = re.compile(r"(?:^|\bwith )[A-Z][a-z]+$")
_KIN_NEXT = re.compile(r"^(?:my|our) [\w-]+(?: \w+)?$")
_OPENER = re.compile(
    r"^(?:(?:ok(?:ay)?|alright|all right|right|so|and|but|also|plus|btw|by the way|well|fyi|note|hey|thanks(?: a lot)?|thank you|great|"
    r"perfect|cool|sure|yes|yeah|yep|no|nope|nice|good|awesome|oh|ah|hm+|um+|please note(?: that)?|one more thing|another thing|"
    r"remember(?: that)?|for context|for the record|just so you know|reminder|update|quick note|heads up|sorry|actually|"
    r"first|second|finally|lastly|as i said|to be clear)(?:[,.!:;]+\s*(?:-+\s*)?|\s+-+\s+|\s+(?=(?:i|we|i'm|we're|let's|please|always|never|don't|our|the|my)\b)))+",
    re.IGNORECASE,
)
_LED = re.compile(
    r"^(?P<when>(?:on|in|every|most|during|at) (?:the |my |our )?(?:weekends?|weekdays?|\w+days?|evenings?|mornings?|afternoons?|nights?|"
    r"night|free time|spare time|side|summers?|winters?)),? (?=(?:I|we) )",
    re.IGNORECASE,
)
_PARTICIPLE = re.compile(
    r"(?:(?:currently|now|still|happily|recently|originally|also|both) )*(?:based in|living in|working (?:as|at|for|in) (?!progress|order)|"
    r"studying \w+ at|allergic to|married to|diagnosed with|(?-i:from (?=[A-Z]))|lactose intolerant|gluten intolerant|vegan\b|vegetarian\b|pescatarian\b|pregnant\b|"
    r"born in|diabetic\b|(?:no longer|not) (?:vegan|vegetarian|allergic|pregnant|single|married|on|a smoker)\b|colou?r[- ]?blind\b)",
    re.IGNORECASE,
)
_BARE_VERB = re.compile(
    r"(?:(?:just|recently|finally|also|officially) )*(?:started (?:a|my|at|working|learning|taking)|moved to|quit my|got (?:a|engaged|married|divorced|promoted|laid|fired|diagnosed)|joined|"
    r"adopted|broke my|lost my job|retired|graduated|stopped taking|turned \d|switched (?:from|to)|live in|work (?:as|at|for)|love \w|hate \w|prefer \w|can't eat|can not eat)\b",
    re.IGNORECASE,
)
_RUN_ON = re.compile(
    r"(?<=[a-z0-9]) (?=I (?:am|have|live|work|take|study|moved|love|hate|prefer|speak|play|can not|do not|was born)\b)"
    r"(?<!\bthat )(?<!\bwhat )(?<!\bwhere )(?<!\bwhen )(?<!\bif )(?<!\bbecause )(?<!\bas )(?<!\bthan )(?<!\bthink )"
    r"(?<!\bknow )(?<!\bsince )(?<!\bwhile )(?<!\bplace )(?<!\bthing )(?<!\bwhich )(?<!\bhow )(?<!\bthings )(?<!\ball )"
)


def clauses(sentence: Sentence) -> list[str]:
    """Return the clauses of *sentence* that may say something of the speaker, in order, without their fillers."""
    text = _RUN_ON.sub("; ", _bare(regular(sentence.text)))
    found = [_subject_given(_bare(part)) for part in _rejoined([part for part in _SPLIT.split(text) if part])]
    if sentence.asks and len(found) == 1:
        return []
    return [_unlonger(each) for part in found if part and not _asks(part) for each in _coordinated(part)]


def _subject_given(part: str) -> str:
    """Give a clause its "I": "currently based in Oslo", "started a new job", "On weekends I volunteer"."""
    led = _LED.match(part)
    if led:
        part = f"{part[led.end() :]} {led['when'].lower()}"
    if _PARTICIPLE.match(part):
        return f"I am {part[0].lower()}{part[1:]}"
    return f"I {part[0].lower()}{part[1:]}" if _BARE_VERB.match(part) else part


def _rejoined(parts: list[str]) -> list[str]:
    """Put an opening that only says when or where ("Last week", "On weekends") back before what it opens."""
    found: list[str] = []
    for part in parts:
        if found and (_OPENING.match(found[-1]) or (_NAME_ALONE.search(found[-1]) and _KIN_NEXT.match(part))):
            found[-1] = f"{found[-1]}, {part}"
        else:
            found.append(part)
    return found


def _coordinated(part: str) -> list[str]:
    """Give a second verb that tells a slot its subject back: "I am 34 and live in Oslo" is two clauses."""
    match = _SECOND.match(part)
    return [match["first"], f"I {match['second']}"] if match else [part]


def _unlonger(part: str) -> str:
    """Write "I am no longer vegan" as "I am not vegan anymore", the form the claims read."""
    return re.sub(r"^(I am|we are) no longer (.+)$", r"\1 not \2 anymore", part)


def _bare(text: str) -> str:
    """Take greetings, fillers and names called off the front, and stray marks off both ends."""
    for _ in range(5):
        before = text
        text = text.strip(" ,.!-'" if text.count('"') % 2 == 0 else " ,.!-'\"")
        for pattern in (_GREETING, _LEAD, _CONNECTOR, _VOCATIVE):
            text = pattern.sub("", text, count=1)
        if text == before:
            break
    return text[0].lower() + text[1:] if re.match(r"(?:My|Our|We)\b", text) else text


def _asks(part: str) -> bool:
    return bool(
        re.match(
            r"(?!(?:please |you can |you may |just )+call me)(?:can|could|would|will|do|does|did|are|is|was|were|have|has|should|may|might|what|how|why|who|"
            r"where|when|which|any|please|let|don't|try|tell|give|"
            r"show|help|explain|write|make sure|you|your|it|this|that|there|they|he|she)\b",
            part,
            re.IGNORECASE,
        )
    )


def opened(text: str) -> str:
    """Return *text*, in its own spelling, without the greeting and fillers it opens with."""
    return _OPENER.sub("", _GREETING.sub("", text.strip(), count=1), count=1).strip(" ,") or text


def without_greeting(text: str) -> str:
    """Return *text* without the greeting and fillers it opens with; all of it when nothing else would be left."""
    return _bare(text) or text
