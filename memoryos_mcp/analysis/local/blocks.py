"""
Who speaks in a message: what somebody typed themselves, and what they pasted.

Code, logs, console output, quotations, mails, letters, tables, transcripts and hosts' boilerplate are no typed prose and
are not read. A line is code on two signals, never on one. Bounded: the first and the last 6,000 characters are read.
"""

import re

__all__ = ["typed_prose"]

_HEAD, _TAIL = 8_000, 4_000
_LONGEST_LINE = 2_000
_APOSTROPHES = str.maketrans({"\u2019": "'", "\u2018": "'", "\u02bc": "'", "\u201c": '"', "\u201d": '"', "\u00a0": " "})
_CONTINUED = re.compile(r"\A\s*This session is being continued from a previous conversation")
_BOILERPLATE = re.compile(
    r"\[Request interrupted by user[^\]\n]{0,40}\]|\[(?:Image|Pasted text|picture|attachment|voice)[^\]\n]{0,80}\]|"
    r"<(?P<tag>task-notification|command-name|command-message|command-args|local-command-stdout|system-reminder|"
    r"ide_selection|ide_opened_file|bash-input|bash-stdout|bash-stderr)>[^<]{0,4000}(?:</(?P=tag)>)?",
)
_FENCE = re.compile(r"^\s*(?:```|~~~)")
_QUOTED = re.compile(r"^\s*(?:>|\|\s)")
_STAMP = re.compile(
    r"^\s*[\[(]?(?:\d{4}-\d\d-\d\d[T ]\d|\d{1,2}[:.]\d\d[:.]\d\d|\d{1,2}/\d{1,2}/\d{2,4},? \d{1,2}:\d\d|"
    r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun|Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) +\d{1,2} \d\d:\d\d)"
)
_CLOCK = re.compile(r"^\s*[\[(]?\d{1,2}:\d\d\b")
_LEVEL = re.compile(
    r"^\s*(?:\S{0,40}[:\]] )?\[?(?:(?:\w*(?:Error|Exception|Warning))\b\s*:|(?:error|fatal|panic|traceback|stderr|stdout|npm err!|"
    r"exception|caused by|segmentation fault|assertion failed|failed|warn|debug|trace)\b\s*(?:[:\]!]|\[)|at \S+\(|"
    r"File \"[^\"]+\", line|(?:TODO|FIXME|XXX|HACK)\b)",
    re.IGNORECASE,
)
_PROMPT = re.compile(r"^\s*(?:[$%#] ?(?=[a-z./~]+(?:\s|$))|>>> |\.\.\. |In \[\d+\]:|\w+@[\w-]+:\S*[$#] |PS [A-Z]:)")
_COMMENT = re.compile(r"^\s*(?:#(?!\w+ )|//|/\*|\*/|\*(?= @)|--(?= )|<!--|;;|\"\"\"|''')")
_KEYWORD = re.compile(
    r"^\s*(?:def|class|import|from|return|function|const|let|var|public|private|protected|static|async|await|export|"
    r"select|insert|update|delete|create|alter|if|for|while|else|elif|try|except|catch|switch|case|with|struct|enum|"
    r"impl|fn|func|package|using|namespace|interface|type|print|echo|sudo|git|npm|pip|docker|curl|cd|ls)\b"
)
_SYNTAX = (
    re.compile(r"[;{}]\s*$|[{}]\s*\w*\s*[{}]|\)\s*[:{;]\s*$|\)\s*=>|=>|->|==|!=|&&|\|\||::|\+=|:="),
    re.compile(r"\b[\w.]+\([^)]*\)\s*(?:[.;:{]|$)"),
    re.compile(r"^\s*[\w.\[\]\"']+\s*=\s*\S"),
    re.compile(r"</?\w+[^>]{0,80}>"),
    re.compile(r"^\s*[\"']?[\w-]+[\"']?\s*:\s*(?:[\"'\[{]|\d|true|false|null)"),
    re.compile(r"\b(?:FROM|WHERE|VALUES|SET|JOIN|NULL|VARCHAR)\b"),
)
_SYMBOLS = re.compile(r"[{}()\[\]<>=;|\\$@&^*_~`+]|/(?=\S*/)")
_TABLE = re.compile(r"^[^,\t|.!?]*(?:[\t|][^\t|]*){2,}$|^[^,.!?]{1,30}(?:,\s?[^,.!?]{1,30}){3,}$")
_SPEAKER = re.compile(r"^\s*(?:[A-Z][\w.' -]{0,24}|me|you|user|assistant|system|interviewer)(?: \([^)]{1,30}\))?:\s")
_HEADER = re.compile(r"^(?:From|To|Cc|Subject|Date|Sent|Reply-To):\s", re.IGNORECASE)
_SALUTATION = re.compile(
    r"^\s*(?:(?:Hi|Hello|Hey|Dear|Good (?:morning|afternoon|evening))\b[^.!?\n]{0,40}[,!:]?|To whom it may concern[,:]?)\s*$",
    re.IGNORECASE,
)
_SIGNATURE = re.compile(
    r"^\s*(?:(?:kind|best|warm|many|with kind|warmest)? ?(?:regards|wishes)|best|cheers|sincerely|yours(?: (?:sincerely|truly|"
    r"faithfully))?|thanks|thank you|love|xoxo|respectfully|all the best|take care|mit freundlichen gr\w+)\b"
    r"(?:,|\s*$|[, ]+[A-Z][\w.' -]{0,40}$)",
    re.IGNORECASE,
)
_DOCUMENT = (
    r"(?:e-?mails?|letter|cover letter|cv|r[eé]sum[eé]|bio|biography|profile|essay|paragraphs?|texts?|messages?|comment|"
    r"post|tweet|statement|article|story|poem|abstract|transcript|speech|caption|description|lyrics|review|note|reply|"
    r"sentences?|passage|excerpt|draft|testimonial|blurb|toast|eulogy|press release|application|about section|pitch|"
    r"translation|dialogue|conversation|chat|quote|summary|complaint|advert|ad|listing|obituary|blog|intro(?:duction)?|"
    r"newsletter|personal statement|feedback|survey answer|answer|log|output|error|readme|vows|linkedin)"
)
_EDIT = (
    r"(?:polish|proofread|rewrite|rephrase|reword|translate|summari[sz]e|paraphrase|reply to|respond to|answer|check|"
    r"review|critique|correct|edit|improve|fix|shorten|expand|grade|analy[sz]e|classify|make|read|look at|respond|"
    r"format|convert|spell[- ]?check|simplify|rate|explain|interpret|extract|tag|label|score|evaluate|help (?:me )?with)"
)
_PASTE = re.compile(
    rf"\b{_EDIT}\b[^.!?\n:]{{0,40}}\b(?:this|these|the following|the|my|his|her|their|our|an?|\w+'s)\b[^.!?\n:]{{0,40}}"
    rf"\b{_DOCUMENT}\b[^.!?\n:]{{0,60}}(?:[.!?:]|\n)|"
    rf"\b(?:thoughts|feedback|opinions?|comments|ideas|suggestions) (?:on|about) (?:this|these|the following|my|the|our|"
    rf"his|her|\w+'s) [^.!?\n:]{{0,40}}\b{_DOCUMENT}\b[^.!?\n:]{{0,60}}(?:[.!?:]|\n)|"
    rf"\b(?:is|are|was|does|do|how is|how's|what do you think of|what's wrong with) (?:this|these|my|the following) [^.!?\n:]{{0,30}}"
    rf"\b{_DOCUMENT}\b[^.!?\n:]{{0,60}}(?:[.!?:]|\n)|"
    rf"\b(?:\w+'s|this|following|the|an?|my) (?:\w+ )?{_DOCUMENT}\s*:|"
    rf"\b(?:here(?:'s| is| are)|this is|below is|following is) [^.!?\n:]{{0,40}}\b{_DOCUMENT}\b[^.!?\n:]{{0,60}}(?::|[.!?]?\s*\n)|"
    rf"\b{_EDIT}\b[^.!?\n:]{{0,50}}:(?=\s)|"
    rf"\b(?:a|the|my|this|an?other) (?:[\w-]+ ){{0,2}}(?:customer|user|client|reviewer|patient|commenter|guest|student|"
    rf"friend|colleague|coworker|neighbou?r|reader|candidate|applicant|caller|tenant|landlord|boss|teacher)s? "
    rf"(?:just |has )?(?:wrote|writes|said|says|sent(?: me)?|posted|posts|complains?|complained|asks?|asked|replied|"
    rf"replies|emailed|texted|commented|goes|messaged)\b[^.!?\n:]{{0,60}}:",
    re.IGNORECASE,
)


def typed_prose(text: str) -> str:
    """Return what was typed as prose in *text*, a line for a line; what was pasted is left out."""
    if _CONTINUED.match(text):
        return ""
    if len(text) > _HEAD + _TAIL:
        text = f"{text[:_HEAD]}\n\n{text[-_TAIL:]}"
    text = _BOILERPLATE.sub("\n", text.translate(_APOSTROPHES))
    paste = _PASTE.search(text)
    if paste:
        text = text[: paste.end()]
    lines = _without_console(_without_fences(text.split("\n")))
    return "\n".join(_without_mail(_without_shapes(lines)))


def _without_fences(lines: list[str]) -> list[str]:
    kept, inside = list[str](), False
    for line in lines:
        if _FENCE.match(line):
            inside = not inside
        kept.append("" if inside or _FENCE.match(line) else line[:_LONGEST_LINE])
    return kept


def _without_console(lines: list[str]) -> list[str]:
    """Blank what follows a shell's prompt, or the headers of a mail, until the next empty line (a mail: to the end)."""
    kept, output, mail = list[str](), False, sum(bool(_HEADER.match(line)) for line in lines) > 1
    begun = False
    for line in lines:
        output = bool(line.strip()) and (output or bool(_PROMPT.match(line)))
        begun = begun or (mail and bool(_HEADER.match(line)))
        kept.append("" if output or begun else line)
    return kept


def _without_shapes(lines: list[str]) -> list[str]:
    """Blank lines of code, logs, quotations, tables and transcripts."""
    signals = [_code_signals(line) for line in lines]
    talk = sum(bool(_SPEAKER.match(line)) for line in lines) > 1
    clocks = sum(bool(_CLOCK.match(line)) for line in lines) > 1
    tables = sum(bool(_TABLE.match(line)) for line in lines) > 2
    kept = []
    for at, line in enumerate(lines):
        beside = max(signals[max(0, at - 1) : at + 2], default=0) if signals[at] else 0
        pasted = (
            (signals[at] > 1 or (signals[at] == 1 and beside > 1))
            or bool(_QUOTED.match(line) or _STAMP.match(line) or _LEVEL.match(line) or _PROMPT.match(line))
            or (talk and bool(_SPEAKER.match(line)))
            or (clocks and bool(_CLOCK.match(line)))
            or (tables and bool(_TABLE.match(line)))
        )
        kept.append("" if pasted else line)
    return kept


def _code_signals(line: str) -> int:
    """Return how many signs of code a line shows: symbols, syntax, a keyword at its start, a comment's mark."""
    body = line.strip()
    if not body:
        return 0
    signs = sum(bool(pattern.search(line)) for pattern in _SYNTAX)
    signs += len(_SYMBOLS.findall(body)) > max(3, 0.08 * len(body))
    if signs or _COMMENT.match(line):
        signs += bool(_KEYWORD.match(line)) + bool(_COMMENT.match(line)) + line.startswith(("    ", "\t"))
    return signs


def _without_mail(lines: list[str]) -> list[str]:
    """Blank what stands between a salutation on a line of its own and a signature."""
    ends = [at for at, line in enumerate(lines) if _SIGNATURE.match(line) and at]
    starts = [at for at, line in enumerate(lines) if _SALUTATION.match(line)]
    if not ends or not starts or starts[0] > ends[-1]:
        return lines
    return [*lines[: starts[0]], *("" for _ in lines[starts[0] : ends[-1] + 2]), *lines[ends[-1] + 2 :]]
