"""Where the speaker comes from: gender, languages, origin, nationality, faith, and small things of their own."""

import re

from ..english.wording import line, shorten
from .note import Note, Said, first_of

__all__ = ["NATIONAL", "background"]

_NAME = r"[A-Z][\w'-]+(?: (?!And\b|I\b|But\b)[A-Z][\w'-]+){0,3}"
_GENDER = re.compile(
    r"^I am (?:an? )?(?:\w+ )?(?P<g>(?:trans(?:gender)? |cis )?(?:woman|man|girl|guy|female|male|lesbian|dad|"
    r"mom|mum|father|mother|grandmother|grandfather|grandma|grandpa|husband|wife)|non-?binary|trans(?:gender)?|"
    r"genderfluid|"
    r"gay|queer|bisexual|lesbian|asexual|pansexual|bi)\b(?! (?:for|version|is|in law|about|with))"
)
_LANGUAGE = (
    r"(?:English|Spanish|French|German|Italian|Portuguese|Dutch|Norwegian|Swedish|Danish|Finnish|Icelandic|"
    r"Polish|Czech|Slovak|Hungarian|Romanian|Bulgarian|Greek|Turkish|Russian|Ukrainian|"
    r"Arabic|Hebrew|Persian|Farsi|Hindi|Urdu|Bengali|Punjabi|Tamil|Telugu|Mandarin|Cantonese|Chinese|Japanese|"
    r"Korean|Vietnamese|Thai|Indonesian|Malay|Tagalog|Swahili|Afrikaans|Catalan|Basque|"
    r"Irish|Welsh|Gaelic|Latin|Croatian|Serbian|Slovenian|Estonian|Latvian|Lithuanian|Albanian|Amharic|Yoruba|"
    r"Zulu|ASL|sign language|Kannada|Marathi|Gujarati|Malayalam|Sinhala|Nepali|Burmese|Khmer|Lao|Mongolian|Kazakh|"
    r"Uzbek|Georgian|Armenian|Azerbaijani|Kurdish|Pashto|Somali|Hausa|Igbo|Xhosa|Maltese|Macedonian|Bosnian|Galician|"
    r"Filipino|Cebuano|Javanese|Quechua|Yiddish|Esperanto)"
)
_LANGUAGES = re.compile(
    rf"^(?:I (?:can |also |both )?(?:speak|am fluent in|am a native (?:speaker of )?)|"
    rf"my (?:native language|mother tongue|first language|native tongue) is|"
    rf"I am (?:fluent|bilingual) in) (?P<l>(?:(?:both|fluent|some|a little|a bit of|only|"
    rf"native) )*{_LANGUAGE}(?:(?:,| and|, and| &) (?:(?:some|a little|a bit of|fluent) )?{_LANGUAGE})*)",
    re.IGNORECASE,
)
_ORIGIN = re.compile(
    rf"^(?:I am (?:originally )?from|I come from|"
    rf"I (?:grew up|was raised|was born(?: and raised)?) (?:here )?(?:in|near)|"
    rf"my (?:hometown|home town|home country|homeland|home city|native country) is|I originally come from|"
    rf"I am a native of|I hail from) (?:originally "
    rf")?(?P<p>(?:an? (?:small |little |tiny |big )?(?:town|village|city|farm|island)[^,]*|"
    rf"(?:the )?{_NAME}(?:, {_NAME})?(?: in {_NAME})?))"
)
_HOME_COUNTRY = re.compile(
    rf"\b[Mm]y (?:home country|homeland|hometown|home town|native country|home state),? (?:is |of |in )?(?P<p>{_NAME})"
)
NATIONAL = re.compile(
    r"^I am (?:an? |originally )*(?P<part>half |partly )?(?P<n>American|British|English|Scottish|Welsh|Irish|"
    r"French|German|Italian|Spanish|Portuguese|Dutch|Belgian|Swiss|Austrian|Norwegian|Swedish|Danish|Finnish|"
    r"Icelandic|"
    r"Polish|Czech|Hungarian|Romanian|Bulgarian|Greek|Turkish|Russian|Ukrainian|Indian|Pakistani|Bangladeshi|"
    r"Chinese|Taiwanese|Japanese|Korean|Vietnamese|Thai|Filipino|Filipina|Indonesian|Malaysian|Singaporean|"
    r"Australian|"
    r"Canadian|Mexican|Brazilian|Argentinian|Colombian|Chilean|Peruvian|Cuban|Egyptian|Moroccan|Nigerian|"
    r"Kenyan|Ethiopian|South African|Ghanaian|Iranian|Iraqi|Israeli|Lebanese|Syrian|Palestinian|Saudi|Nepali|"
    r"Christian|Catholic|Protestant|Muslim|Jewish|Hindu|Buddhist|Sikh|atheist|agnostic|Mormon|"
    r"Quaker)(?P<citizen> (?:citizen|national))?\s*(?=$|[,.]|and\b|but\b|by\b|living\b)"
)
_FAITHS = frozenset(
    {
        "christian",
        "catholic",
        "protestant",
        "muslim",
        "jewish",
        "hindu",
        "buddhist",
        "sikh",
        "atheist",
        "agnostic",
        "mormon",
        "quaker",
    }
)


def _gender(said: Said) -> list[Note]:
    match = _GENDER.match(said.text)
    if not match:
        return []
    value = match["g"]
    if " of " in said.text or value in (
        "husband",
        "wife",
        "father",
        "mother",
        "dad",
        "mom",
        "mum",
        "grandmother",
        "grandfather",
        "grandma",
        "grandpa",
        "guy",
        "girl",
    ):
        rest = shorten(said.text[5:])
        return [Note(f"Is {rest}", "", weight=2)] if len(rest.split()) >= 4 else []
    article = (
        ""
        if value
        in (
            "non-binary",
            "nonbinary",
            "transgender",
            "trans",
            "gay",
            "queer",
            "bisexual",
            "asexual",
            "pansexual",
            "bi",
            "genderfluid",
            "female",
            "male",
        )
        else "a "
    )
    name = "orientation" if value in ("gay", "queer", "bisexual", "lesbian", "asexual", "pansexual", "bi") else "gender"
    return [Note(f"Is {article}{value}", name, ((name, value),), weight=2)]


def _language(said: Said) -> list[Note]:
    match = _LANGUAGES.match(said.text)
    if not match:
        return []
    value = re.sub(r"^both ", "", match["l"])
    native = bool(re.match(r"my|I am a native", said.text))
    if native:
        return [Note(f"Native language is {value}", "native language", (("native language", value),), weight=2)]
    return [Note(f"Speaks {value}", "languages", (("languages", value),), weight=2)]


def _origin(said: Said) -> list[Note]:
    named = _HOME_COUNTRY.search(said.text)
    if named:
        return [Note(f"From {named['p']}", "origin", (("hometown", named["p"]),), weight=2.5)]
    match = _ORIGIN.match(said.text)
    if match:
        place = shorten(match["p"])
        return [
            Note(
                f"{'Grew up in' if 'grew up' in said.text or 'raised' in said.text else 'From'} {place}",
                "origin",
                (("hometown", place),),
                weight=2.5,
            )
        ]
    national = NATIONAL.match(said.text)
    if not national:
        return []
    value = national["n"]
    name = "religion" if value.lower() in _FAITHS else "nationality"
    article = "an " if value.lower() in ("atheist", "agnostic") else ""
    return [
        Note(
            f"Is {article}{national['part'] or ''}{value}{national['citizen'] or ''}", name, ((name, value),), weight=2
        )
    ]


_OWN_THING = re.compile(
    r"^my (?P<k>blood type|shoe size|dress size|ring size|(?:star|zodiac) sign|zodiac|car|bike|motorcycle|"
    r"phone|laptop|computer|time ?zone|height|weight|major|nickname|religion|ethnicity|heritage|instrument|"
    r"anniversary|"
    r"wedding anniversary|personality type|mbti(?: type)?|enneagram(?: type)?|school|university|college|"
    r"high school|favou?rite team|team|bank|postcode|zip code|commute|native country|maiden name|middle name|"
    r"last name|surname|first name) is (?:an? |the |in |on )?(?P<v>[^,]{1,40})$",
    re.IGNORECASE,
)


def _thing(said: Said) -> list[Note]:
    match = _OWN_THING.match(said.raw)
    value = shorten(match["v"]) if match else ""
    if (
        not match
        or not value
        or re.match(
            r"(?:not|so|very|really|too|broken|dead|slow|the|great|good|bad|at|being|doing|over|out|gone|"
            r"here)\b|\w+ing\b",
            value,
        )
    ):
        return []
    kind = match["k"].lower()
    return [Note(line(f"{kind} is {said.raw[match.end('k') + 4 :].strip()}"), kind, ((kind, value),), weight=2)]


def background(said: Said) -> list[Note]:
    """Return what a clause says of where the speaker comes from and what is theirs."""
    return (
        [] if said.clause is not None and said.clause.negated else first_of((_gender, _language, _origin, _thing), said)
    )
