"""Patterns for events: which objects make a weak verb tell something ("got a job"), which say nothing."""

import re

from ..english.lexicon import word_set

__all__ = [
    "CREATION",
    "DOING",
    "EMPTY_END",
    "EMPTY_OBJECT",
    "EMPTY_PROGRESS",
    "FEELING",
    "HELD",
    "LASTING",
    "LIGHT_RULES",
    "MAKING",
    "MAKING_NOTHING",
    "NAMED",
    "OFTEN",
    "OWNED",
    "REQUEST",
    "SKILLS",
    "SUFFERED",
    "SURE",
]

NAMED = re.compile(r'(?<=[a-z,] )[A-Z][a-z]+|"[^"]+"|\b[A-Z]{2,}\b')
EMPTY_OBJECT = re.compile(
    r"^(?!(?:that|this|these|those) (?!this|the|it|I|we|my|you|they|there|an?|if|when|even|"
    r"sometimes)\w+ \w)(?:something|everything|anything|nothing|a lot|so much|lots|"
    r"to (?:realize|realise|feel|think|understand|get)|up to|what|how|why|it|that|this|them|him|her|you|your|"
    r"there|here|so|up with you|back to you|one|ya|some of (?:it|them|that))\b"
)
EMPTY_END = re.compile(r"\b(?:one|it|them|some|him|her)$|\bfrom (?:him|her|them|you)\b|\beach other\b|\bprogress\b")
REQUEST = re.compile(
    r"\b(?:you|your|recommend\w*|suggest\w*|(?:an|some|any) ideas?|ideas (?:for|on)|advice|help with|"
    r"a (?:good|new|quick|simple) (?:recipe|way|idea|question)|question|"
    r"some (?:info|information|help|tips|advice|ideas|recommendations))\b",
    re.IGNORECASE,
)
_LIGHT = {
    "get": r"(?:engaged|married|divorced|promoted|"
    r"a (?:\w+ )?(?:promotion|job|dog|cat|puppy|kitten|pet|raise|scholarship|degree|diploma|tattoo|car|bike|"
    r"offer|internship|interview|degree|award)|"
    r"accepted|hired|fired|laid off|into|certified|diagnosed|injured|hurt|sick|a new|my|our|two|three|tickets|"
    r"an? (?!surge|feel|sense|chance|lot|good|great|bit|kick|call|idea|message|text|notification|taste|glimpse|"
    r"boost|reply|response|lot|ton|new (?:idea|question|error))|the (?:job|part|role|lead|keys|tattoo)|"
    r"ready for|up (?:at|early|late|before)|\w+ed by|back from|home from|robbed|scammed|lost|stuck|pregnant|"
    r"invited|covid|to (?:meet|see|know|visit|(?!know\b|the\b|an?\b|my\b)\w+ (?:at|an?|the|with|in|my)\b))",
    "go": r"(?:to|on|for|hiking|camping|swimming|running|skiing|shopping|fishing|surfing|biking|climbing|diving|"
    r"snorkeling|kayaking|through|back to|out|with|there|vegan|vegetarian|dancing|sailing|cycling|bowling|"
    r"skating|see)",
    "take": r"(?:up|part|(?:\w+ ){0,2}(?:days?|weeks?|months?|year) off|"
    r"a (?:\w+ )*(?:class|course|trip|break|vacation|job|test|exam|walk|year|road trip|workshop|"
    r"photo|picture|shot)|my|our|the (?:kids|dog|family|bus|train)|over|on a|off|lessons|classes|"
    r"some (?:time|classes)|an?\b|care of my)",
    "make": r"(?:a|an|my|our|some|the team|it to|pottery|friends|dinner|\w+s\b|partner\w*)",
    "have": r"(?:an? |my |our |surgery|lunch with|dinner with|two|three|some)",
    "do": r"(?:yoga|a (?:\w+ )*(?:project|course|internship|workshop|degree|phd|marathon|show|class|training|"
    r"triathlon|tour)|my (?:phd|degree|master\w*|internship|residency)|"
    r"some (?:volunteer\w*|charity|painting|yoga|gardening)|karate|"
    r"taekwondo|kickboxing|ballet|crossfit|pilates|aerial)",
    "see": r'(?:"|[A-Z]|a (?:\w+ )*(?:movie|film|play|show|concert|musical|exhibit\w*|doctor|therapist|specialist|'
    r"ballet|game|match)|the (?:movie|film|play|musical|northern|doctor)|an? )",
    "find": r"(?:a (?:\w+ )*(?:job|apartment|house|place|home|school|group|studio|spot|mentor|lump|therapist|roommate|"
    r"partner|investor)|out|my|an apartment|love|new|[A-Z])",
    "come": r"(?:out|back from|home from|from|down with|to)",
    "turn": r"(?:(?:my|our) .{3,40} into|\d+|into|my|thirty|forty|fifty|sixty)",
    "put": r"together",
    "run": r"(?!out\b|into\b|over\b|through\b|late\b|low\b|it\b|by\b|away with)",
    "become": r".",
    "lose": r"(?!(?:my |our |the )?(?:keys?|phone|wallet|temper|track|interest|mind|count|patience|way|hope|sleep|"
    r"it)\b)",
    "work": r"(?:on |towards? |hard (?:on|at) |as|at|for|from|nights?|out|with|part|full|remotely|"
    r"in (?:an? |[A-Z]|\w+$|\w+ (?:and|at)))",
    "study": r"(?!and\b|hard\b|well\b|more\b|better\b|a lot)",
    "walk": r"(?:to|in|along|around|through|the|home|across|my|over|up|down) ",
    "show": r"(?:my|our)",
    "lend": r"(?:my|our|an?)",
    "add": r"(?:an?|my|our|new)",
    "be": r"to (?:the )?[A-Z]",
    "set": r"(?:up|a|my)",
    "use": r"(?:[A-Z]|a |my |an )",
    "keep": r"(?:a |bees|chickens|horses|my )",
    "follow": r"(?:a|an|the [A-Z]|[A-Z])",
    "drive": r"(?:an? |the )?(?:\w+ )?[A-Z]|to work|from|to|across|up|down|my",
    "cut": r"(?:out|down|back|my)",
    "share": r"(?:my|our|an?|a )",
}
LIGHT_RULES = {verb: re.compile(pattern) for verb, pattern in _LIGHT.items()}
MAKING = frozenset({"make", "sell", "design", "build", "grow", "raise", "breed", "brew", "bake", "produce", "restore"})
MAKING_NOTHING = re.compile(r"(?:the|it|this|that|sure|an?|my|some|up|me|you|use|sense|to|them|for|in|on|more|a lot)\b")
OFTEN = re.compile(
    r"\b(?:every|each|daily|weekly|twice|once a|times a|"
    r"an? (?:\w+ )?(?:day|week|month)|on weekends|regularly|usually|often|always|sometimes|"
    r"in my (?:free|spare) time|after work|"
    r"for (?:\w+ ){0,3}years?|since \w+|for a living|professionally|competitively|these days|at night|"
    r"in the (?:morning|evening)s?)\b"
)
LASTING = word_set("""
    live drive work play teach speak volunteer study own collect sing coach mentor foster major specialize
    belong commute suffer tutor freelance practice practise
""")
SURE = frozenset({"learn", "study", "train", "volunteer", "rehearse", "move", "save", "renovate", "expect"})
CREATION = re.compile(
    r"^on (?:an? |my )(?:\w+ ){0,2}(?:novel|book|album|song|painting|thesis|dissertation|degree|memoir|film|"
    r"documentary|startup|quilt|garden|sculpture|puzzle|collection)\b"
)
FEELING = re.compile(
    r"^(?:\w+ ){0,3}(?:anxious|stressed|depressed|lonely|overwhelmed|burn(?:ed|t) out|down|low|sad|tired|"
    r"exhausted|homesick|insecure|lost|unmotivated|nervous|worried|isolated|guilty)\b"
)
_SEARCH = (
    r".*\bfor (?:an? |the |my |our )?(?:\w+ ){0,2}(?:job|jobs|work|position|internship|apartment|flat|house|home|"
    r"place|roommate|studio|location|school|investors?|sponsors?|dog|therapist|nanny|agenc\w+)\b"
)
_AIMS = (
    r"to (?:lose|quit|learn|get (?:pregnant|fit|into shape|in shape)|eat|save|become|adopt|find a|start|open|grow|stop|"
    r"cut|sell|raise)\b"
)
# Verbs that tell something in the progressive only with certain objects: "looking for a job".
DOING = {
    "look": (
        (re.compile(_SEARCH), 1.0),
        (re.compile(r"(?:forward to|into) (?!hear|it|that|see)(?:the |an? |my )?\w+ \w+ \w"), 0.5),
        (re.compile(r"(?:forward to|into) (?!hear|it|that|see)\w+ing \w+ \w"), 0.5),
        (re.compile(r"into (?!it|that|this)\w+ \w"), 0.5),
    ),
    "search": ((re.compile(_SEARCH), 1.0),),
    "think": ((re.compile(r"(?:about|of) (?:\w+ing|an? )"), 1.0),),
    "try": ((re.compile(_AIMS), 1.75),),
}
SUFFERED = re.compile(
    r"^(?:an? |my |our )?(?:\w+ ){0,2}(?:surgery|operation|stroke|heart attack|miscarriage|accident|baby|transplant|"
    r"seizure|concussion)\b"
)
SKILLS = word_set("play speak sing juggle ski swim sail knit sew dance paint draw ride cook bake surf skate code")
HELD = re.compile(
    r"^(?:surgery\b|(?:an? |my |our )(?:\w+ ){0,3}(?:picnic|party|wedding|baby|surgery|operation|accident|"
    r"miscarriage|interview|exam|concert|show|exhibition|recital|meeting|date|stroke|heart attack|fight|"
    r"reunion|barbecue|bbq|sleepover|game night|baby shower)\b)"
)
OWNED = re.compile(
    r"^(?:an? |two |three |four |my |our |my own |some )(?:\w+ ){0,3}(?:garden|house|car|bike|motorcycle|boat|"
    r"piano|guitar|violin|cabin|farm|business|shop|store|studio|tattoos?|degree|phd|masters?|"
    r"collection|scholarship|mortgage|apartment|blog|channel|podcast|band|team|interview|exam|appointment|"
    r"surgery|wedding|recital|gig|tournament|license|internship|side hustle)\b"
)
# What somebody is doing just now, or does not know how to do: no line of a life.
EMPTY_PROGRESS = word_set("""
    get ask do go make use stay hang root take say tell talk wait hope hop call type check test send show see sit stand
    lie ly run struggle worry worri wonder assume guess mean kid jok joke wish want need come turn put keep let leave
    be seek request copy paste debug install click watch listen enjoy love focus rely agree encounter face deal
    experience forget miss receive fail refer
""")
