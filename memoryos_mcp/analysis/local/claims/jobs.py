"""What the speaker does for a living and studies: one job at a time, the newest said wins."""

import re

from ..english.lexicon import content_words, word_set
from ..english.verbs import third_person
from ..english.wording import dated, line, shorten
from .note import Note, Said
from .studies import study

__all__ = ["is_occupation", "work"]

_OCCUPATIONS = word_set("""
    nurse doctor physician surgeon dentist pharmacist vet veterinarian paramedic midwife therapist psychologist
    psychiatrist physiotherapist counselor counsellor teacher professor lecturer tutor researcher scientist
    biologist chemist physicist mathematician statistician economist historian linguist engineer developer
    programmer designer architect analyst administrator consultant manager director ceo cto cfo founder
    entrepreneur executive accountant auditor bookkeeper banker trader broker lawyer attorney solicitor barrister
    paralegal judge policeman policewoman detective firefighter soldier officer pilot steward stewardess driver
    trucker mechanic electrician plumber carpenter builder welder farmer fisherman gardener landscaper florist
    baker chef cook barista bartender waiter waitress server cashier clerk salesman saleswoman salesperson realtor
    secretary receptionist assistant librarian journalist reporter editor writer author novelist poet translator
    interpreter copywriter blogger youtuber streamer photographer videographer filmmaker director producer actor
    actress musician singer pianist guitarist violinist drummer composer dj dancer choreographer artist painter
    sculptor illustrator animator tailor seamstress hairdresser barber beautician esthetician masseuse coach
    trainer athlete footballer instructor nanny babysitter caregiver carer housekeeper cleaner janitor security
    guard student undergraduate undergrad postgrad freshman sophomore junior senior intern apprentice graduate phd
    postdoc freelancer contractor homemaker housewife househusband retiree pensioner politician diplomat priest
    pastor monk nun missionary rabbi imam social-worker technician operator machinist geologist astronomer
    recruiter marketer strategist planner webmaster sysadmin devops scholar dietitian nutritionist optometrist
    radiologist cardiologist pediatrician paediatrician anesthesiologist neurologist oncologist dermatologist
    mailman postman courier stylist model magician comedian screenwriter playwright curator archaeologist
    anthropologist sociologist philosopher educator principal superintendent principal au-pair flight-attendant
    bus-driver data-scientist
""")
_HEAD = r"[\w'&/.-]+(?: [\w'&/.-]+){0,5}?"
_ROLE_END = (
    r"(?=$|,| (?:at|in|of|for|with|from|and|who|based|working|by|now|on|specializing|specialising|but|living|"
    r"near|here)\b)"
)
_AM = re.compile(
    rf"^(?:I|we) (?:am|have been|was (?:just |recently )?(?:hired|promoted|appointed|made)(?: as| to)?) "
    rf"(?:actually |currently |now |also |just |still |basically )?(?:an? |the |as an? |"
    rf"to )(?P<r>{_HEAD}){_ROLE_END}(?P<x> (?:at|in|of|for|with) .+)?"
)
_AS = re.compile(
    r"^(?:as|being|speaking as) an? (?P<r>[\w'-]+(?: [\w'-]+){0,3}?)(?= (?:at|in|for|from)\b|,|$|"
    r" (?:I|my|we)\b)(?P<x> (?:at|in|for) [A-Z][\w'&-]+(?: [A-Z][\w'&-]+)*)?",
    re.IGNORECASE,
)
_WORK = re.compile(
    r"^(?:I|we) (?:currently |now |also |actually |still |mostly )*(?:work|am working|have worked|"
    r"have been working|am employed|freelance|am freelancing|am interning|intern|do freelance work|"
    r"am self-employed) (?:\w+ly |part[- ]time |full[- ]time |remotely |here |"
    r"a lot )*(?P<p>(?:as|at|for|in) .+)"
)
_STARTED = re.compile(
    r"^(?:I|we) (?:have )?(?:just |recently |finally |actually )*(?:start|started|got|landed|accepted|took|"
    r"found|began|am starting|will be starting|will start|was offered|have|"
    r"signed)(?: (?:my|a|an|the))?(?: (?:new|first|second|part-time|full-time|summer|dream|great|permanent|"
    r"temporary))* "
    r"(?:job|position|role|internship|working|work|gig|career|residency|"
    r"apprenticeship)\b(?P<p> (?:as|at|in|with|for) .+)?"
)
_JOINED = re.compile(
    r"^(?:I|we) (?:have )?(?:just |recently )*joined (?P<p>[A-Z][\w&.-]+(?: [A-Z][\w&.-]+)* as (?:an? |the )?.+)"
)
_MY_JOB = re.compile(
    r"^my (?:job|occupation|profession|work|role|day job|current job) (?:is|at|as) (?P<p>.+)", re.IGNORECASE
)
_FORMER = re.compile(
    rf"^I used to (?:be|work as) (?:an? |the )(?P<r>{_HEAD}){_ROLE_END}(?P<x> (?:at|in|of|for|with) .+)?"
)
_LEADS = re.compile(
    r"^I (?:currently |now )?(?P<v>run|lead|manage|head|"
    r"oversee) (?P<p>(?:the|a|an|our) (?:[\w-]+ ){0,3}(?:team|department|division|"
    r"office|unit|group|lab|school|clinic|branch)(?: (?:at|of|for|in) .+)?)$"
)
_EXPERIENCE = re.compile(
    r"^I have (?P<p>(?:about |over |almost |more than )?[\w+]+ years(?:'|s)? (?:of )?(?:\w+ )?experience (?:in|"
    r"as|with|of) .+)"
)
_EMPLOYER = re.compile(r"^my (?:employer|company|firm) is (?P<p>[A-Z].+)", re.IGNORECASE)
_RUN = re.compile(
    r"^(?:I|we) (?:currently |now |also )?(?:run|own|am running|manage|am opening|opened|have opened|started|"
    r"am starting|have started|founded|launched|co-founded|"
    r"have)(?: up)? (?P<p>(?:my own|our own|my|our|an?)(?: \w+){0,4} (?:business|company|shop|store|bakery|"
    r"cafe|café|restaurant|studio|startup|start-up|agency|farm|practice|salon|clinic|gym|school|bookstore|"
    r"brewery|firm|bar|bookshop|nonprofit|boutique|brand)\b[^,]{0,60})"
)
_LOST = re.compile(
    r"^(?:I|we|just|just lost)? ?(?:have )?(?:just |recently |finally |actually |also |"
    r"unfortunately )*(?P<v>(?:quit|lost|left|resigned from|got fired from|was fired from|got laid off from|"
    r"was laid off from|stopped|retired from)(?: my| the| our)? (?:old |current )?(?:job|work|position|career|"
    r"working|role)\b|"
    r"(?:got|was|were|been|being) (?:just |recently )?(?:laid off|fired|let go|made redundant)|resigned|"
    r"quit (?=(?-i:[A-Z]))|left (?=(?-i:[A-Z])[a-z]+ (?:after|for|because|to)\b))(?P<p>.*)",
    re.IGNORECASE,
)
_NO_LONGER = re.compile(
    r"^(?:I|we) (?:no longer work|do not work|am not (?:working|employed)|stopped working|"
    r"am not (?=.*\banymore$)(?P<a>an?))\b(?P<p>.*)"
)
_IDLE = re.compile(
    r"^I am (?:currently |now |finally |actually )*(?P<s>retired|semi-retired|unemployed|self-employed|"
    r"out of work|between jobs|on (?:maternity|paternity|parental|sick|medical) leave|on sabbatical|"
    r"a stay-at-home (?:mom|mum|dad|parent))\b|^I (?:just |recently |finally )?(?P<t>retired)\b"
)


def is_occupation(words: str) -> bool:
    """Return whether a noun phrase names what somebody does for a living ("senior software engineer")."""
    parts = words.lower().split()
    head = parts[-1] if parts else ""
    if "of" in parts[1:-1]:
        return parts[parts.index("of") - 1] in (
            "head",
            "director",
            "manager",
            "vp",
            "president",
            "owner",
            "chief",
            "founder",
            "professor",
            "chair",
        )
    if head in (
        "worker",
        "agent",
        "attendant",
        "representative",
        "rep",
        "specialist",
        "leader",
        "owner",
        "supervisor",
        "lead",
        "keeper",
        "scientist",
        "coordinator",
        "practitioner",
        "therapist",
    ):
        return len(parts) > 1
    return head in _OCCUPATIONS or (head.removesuffix("s") in _OCCUPATIONS and len(parts) == 1)


def work(said: Said) -> list[Note]:
    """Return what a clause says of the speaker's work or studies."""
    clause = said.clause
    for read in (_ended, _named, _doing, study):
        if read is not _ended and clause is not None and (clause.negated or clause.form == "want"):
            continue
        found = read(said)
        if found:
            return found
    return []


def _ended(said: Said) -> list[Note]:
    match = _NO_LONGER.match(said.text)
    if match:
        rest = shorten(match["p"])
        if match["a"] and not is_occupation(rest.split(" at ")[0]):
            return []
        verb = f"is no longer {match['a']}" if match["a"] else "no longer works"
        return [Note(line(f"{verb} {rest}".strip(), said.date), "work", ends=True, weight=3)]
    match = _LOST.match(said.text)
    if match and (said.text.startswith(("I ", "we ", "We ", "just ", "Just ")) or match.start("v") == 0):
        rest = shorten(match["p"])
        words = f"{shorten(match['v'])} {rest}".strip()
        words = re.sub(r"^(?:got|was|were|been|being) ", "", words)
        return [Note(line(words, said.date), "work", (("work", ""),), ends=True, weight=3.5)]
    return []


def _named(said: Said) -> list[Note]:
    idle = _IDLE.match(said.text)
    if idle:
        state = idle["s"] or "retired"
        words = "Retired" if idle["t"] else f"Is {state}"
        return [Note(line(words, said.date), "work", (("work", state),), weight=3)]
    leads = _LEADS.match(said.text)
    if leads:
        words = f"{third_person(leads['v'])} {shorten(leads['p'])}"
        return [Note(line(words), "work", (("work", words),), weight=3.5)]
    former = _FORMER.match(said.text)
    if former and is_occupation(former["r"]):
        return [Note(f"Used to be a {former['r']} {shorten(former['x'] or '')}".strip(), weight=2)]
    experience = _EXPERIENCE.match(said.text)
    if experience:
        return [Note(f"Has {shorten(experience['p'])}", weight=2)]
    match = _AM.match(said.text) or _AS.match(said.text)
    if not match or not (is_occupation(match["r"]) or is_occupation(match["r"] + (match["x"] or ""))):
        return []
    place = shorten(match["x"] or "")
    role = match["r"].removeprefix("new ")
    value = f"{role} {place}".strip()
    student = re.search(
        r"\b(?:student|undergrad\w*|postgrad|freshman|sophomore|junior|senior|phd)$", match["r"], re.IGNORECASE
    )
    if student:
        article = "an" if value[0].lower() in "aeiou" else "a"
        return [Note(f"Is {article} {value}", "study", (("education", value),), weight=3)]
    article = "an" if value[0].lower() in "aeio" else "a"
    words = f"Is {value}" if (match["x"] or "").startswith(" of ") else f"Works as {article} {value}"
    return [Note(words, "work", (("work", value),), weight=3.5)]


def _doing(said: Said) -> list[Note]:
    match = _WORK.match(said.text)
    if match:
        rest = shorten(match["p"])
        value = re.sub(r"^(?:as (?:an? )?|in |at )", "", rest)
        if not content_words(rest) or re.match(
            r"(?:in|at|for) (?:the (?:morning|evening|garden|moment)|home|night|it|this|my|a (?:while|bit)|\d)|"
            r"as (?:hard|much|well)|for (?:a|many|\w+) years?$",
            rest,
        ):
            return []
        if re.match(r"(?:at|for|in) (?:the |a )?(?:current|same|old|new)\b", rest):
            return []
        loose = re.match(
            r"(?:for|in|at) (?:a|an|the|my) (?!.*(?:company|firm|hospital|school|bank|shop|store|office|agency|"
            r"startup|start-up|university|council|government|army|navy|police|military|ministry|airline|"
            r"restaurant|bakery|factory|library|clinic|lab|industry|sector|hotel|field|business|department|cafe|"
            r"studio|center|centre|museum|farm|ngo|non-?profit|team|bar|salon|gym|warehouse|government))",
            rest,
        )
        return [] if loose else [Note(line(f"Works {rest}", said.date), "work", (("work", value),), weight=3.5)]
    for pattern in (_MY_JOB, _EMPLOYER):
        match = pattern.match(said.text)
        if match and is_occupation(re.sub(r"^an? ", "", shorten(match["p"])).split(" at ")[0]):
            value = re.sub(r"^an? ", "", shorten(match["p"]))
            return [
                Note(
                    f"Works as {match['p'] if match['p'].startswith('a') else 'a ' + value}",
                    "work",
                    (("work", value),),
                    weight=3,
                )
            ]
    return _changed(said)


def _changed(said: Said) -> list[Note]:
    clause = said.clause
    joined, started, runs = _JOINED.match(said.text), _STARTED.match(said.text), _RUN.match(said.text)
    if joined and clause:
        rest = shorten(joined["p"])
        return [Note(dated(f"Joined {rest}", said.date, clause, said.when), "work", (("work", rest),), weight=3.5)]
    if started and clause and (started["p"] or "new" in said.text):
        rest = shorten(started["p"] or "")
        if started["p"] and not content_words(rest):
            return []
        value = re.sub(r"^(?:as (?:an? )?|at |in |with |for )", "", rest)
        attributes = (("work", value),) if value and clause.form in ("past", "perfect", "have") else ()
        verb = "Started" if clause.past or clause.form in ("perfect", "have") else "Starting"
        return [
            Note(
                dated(f"{verb} a new job {rest}".strip(), said.date, clause, said.when), "work", attributes, weight=3.5
            )
        ]
    if runs and clause:
        rest = shorten(runs["p"])
        past = clause.form in ("past", "perfect")
        verb = {"past": clause.word, "perfect": clause.word, "progressive": clause.word}.get(
            clause.form, "runs" if clause.form == "have" else clause.verb + "s"
        )
        value = re.sub(r"^(?:an? |own )", "", rest)
        article = "" if re.match(r"an? ", rest) else "own "
        rest = re.sub(r"^own ", "", rest)
        return [
            Note(
                dated(f"{verb} {article}{rest}", said.date, clause, said.when),
                "" if past else "business",
                (("business", value),),
                weight=3,
            )
        ]
    return []
