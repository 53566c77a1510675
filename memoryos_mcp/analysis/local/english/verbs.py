"""
Verbs: irregular forms, third person, and which ones tell something worth keeping of a life.

Data and small functions; no parsing.
"""

from .lexicon import word_set

__all__ = ["EVENTS", "HABITS", "PLANS", "PROGRESS", "base_of_gerund", "base_of_past", "third_person"]

_FORMS = word_set("""
    go:went,gone get:got,gotten take:took,taken make:made meet:met see:saw,seen buy:bought sell:sold lose:lost
    win:won begin:began,begun find:found give:gave,given bring:brought drive:drove,driven ride:rode,ridden
    fly:flew,flown swim:swam,swum run:ran write:wrote,written draw:drew,drawn sing:sang,sung speak:spoke,spoken
    teach:taught think:thought feel:felt keep:kept hold:held leave:left break:broke,broken build:built
    grow:grew,grown know:knew,known eat:ate,eaten drink:drank,drunk sleep:slept spend:spent come:came
    become:became choose:chose,chosen fall:fell,fallen hurt:hurt quit:quit read:read have:had do:did,done say:said
    tell:told hear:heard send:sent pay:paid put:put set:set lead:led catch:caught wear:wore,worn wake:woke
    be:was,were,been deal:dealt throw:threw hang:hung shoot:shot sit:sat stand:stood understand:understood
    forget:forgot forgive:forgave hide:hid freeze:froze shake:shook sew:sewed,sewn knit:knitted,knit split:split
    cut:cut hit:hit let:let lend:lent rise:rose tear:tore bite:bit dig:dug swear:swore stick:stuck will:won't
""")
_IRREGULAR = {form: base for base, _, forms in (each.partition(":") for each in _FORMS) for form in forms.split(",")}

_TASTES = word_set("love like hate prefer value cherish treasure adore")
_NO_PAST = word_set(
    "need feed speed breed succeed proceed exceed bleed seed indeed weed hundred sacred naked embed shed"
)
_DOUBLED = ("bb", "dd", "gg", "mm", "nn", "pp", "rr", "tt")
# 2: worth keeping by itself ("moved to Oslo"); 1: with something definite in the rest of the line.
EVENTS = {
    **dict.fromkeys(
        word_set("""
    move relocate marry divorce graduate adopt buy purchase sell quit resign lose win join start begin found open
    launch finish complete publish release enroll enrol register retire propose donate volunteer perform compete
    participate travel visit fly attend host organize organise celebrate rescue inherit earn receive hire build
    renovate break injure sprain fracture recover survive fail pass convert emigrate immigrate interview run hike
    climb camp paint write compose record bake sew knit craft design teach train coach mentor practice practise
    learn study discover adopt invest upgrade install perform switch migrate major apply qualify sign enter serve
    foster plant explore tour backpack reserve crash total separate return break collapse fundraise protest march
    present exhibit photograph film enlist rent lease research acquire audition propose enlist
"""),
        2,
    ),
    **dict.fromkeys(
        word_set("""
    go take make get see meet watch read try find play spend stay give bring drive ride swim dance sing cook draw
    work live grow raise help support lead speak suffer struggle face catch reach set create develop collect fall
    become decide choose repair fix replace change reconnect reunite bond come wear leave teach have do share add
    begin tour stop hang check show build accept name lend send miss walk jog experience adopt turn cut plan
    contact shut close put have cancel postpone manage turn
"""),
        1,
    ),
}
HABITS = word_set("""
    live work play run practice practise volunteer teach study collect cook bake paint garden hike swim read write
    commute meditate exercise train speak own sing dance attend watch drink eat make grow raise sleep wake travel
    suffer struggle draw knit sew climb ski surf cycle bike jog walk camp fish hunt foster lead manage run coach
    mentor drive ride major specialize specialise belong host serve rent share smoke vape stream follow support
    donate go take do use wear keep have listen tutor freelance babysit get blog photograph craft compose perform
    compete prefer
""")
PROGRESS = word_set("""
    learn study work live train practice practise volunteer write read build plan move prepare apply start take
    teach get go attend run open renovate save expect raise recover adopt research consider think design create
    develop pursue launch organize organise host travel visit join compete perform rehearse knit sew paint collect
    finish grow deal struggle suffer see date take play cook bake look search try watch grow work rent buy sell
    plan quit leave graduate enter head fly celebrate mentor coach help do make cut have put turn battle foster
""")
PLANS = word_set("""
    become start open visit travel move learn buy adopt run write build study apply join go take get quit retire
    launch volunteer marry propose publish record compete perform attend host climb hike camp teach continue
    pursue work live graduate enroll enrol foster save lose renovate train try own see expand create organize
    organise help grow explore switch change paint make invest plant propose meet celebrate spend return finish
    give raise stay share build
""")


def base_of_past(word: str) -> str | None:
    """Return the base form of a past tense or participle ("went", "moved", "planned"), or None when it is none."""
    word = word.lower()
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if not word.endswith("ed") or len(word) < 4 or word in _NO_PAST:
        return None
    return _base(word[:-2])


def base_of_gerund(word: str) -> str | None:
    """Return the base form of "moving", "planning", "studyin'", or None when it is no -ing form."""
    word = word.lower()
    if word.endswith("in'"):
        word = word[:-1] + "g"
    if not word.endswith("ing") or len(word) < 5:
        return None
    return _base(word[:-3])


def third_person(verb: str) -> str:
    """Return "works" for "work", "has" for "have", "studies" for "study"."""
    special = {"have": "has", "do": "does", "go": "goes", "be": "is", "don't": "does not", "can't": "can't", "am": "is"}
    if verb in special:
        return special[verb]
    if verb.endswith(("s", "sh", "ch", "x", "z")):
        return verb + "es"
    if verb.endswith("y") and verb[-2:-1] not in "aeiou":
        return verb[:-1] + "ies"
    return verb + "s"


def _base(root: str) -> str:
    """Undo the spelling of -ed and -ing: "mov" is "move", "plann" is "plan", "studi" is "study"."""
    known = EVENTS.keys() | HABITS | PROGRESS | PLANS | _TASTES
    if root.endswith("i"):
        return root[:-1] + "y"
    if root.endswith(_DOUBLED) and root[:-1] in known:
        return root[:-1]
    if root in known:
        return root
    return root + "e" if root + "e" in known else root
