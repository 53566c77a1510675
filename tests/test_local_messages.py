"""What single messages tell: our labelled messages, half of which must tell nothing. And what changes leave."""

import json
import re
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memoryos_mcp.analysis.local import LocalAnalyzer
from memoryos_mcp.domain.records import Attribute, Fact, Page
from memoryos_mcp.tiers.knowledge import active, apply_attributes, apply_facts

from .fakes import FirstWordEmbedder
from .make import NOON

DATA = Path(__file__).parent / "data"
ANALYZER = LocalAnalyzer(FirstWordEmbedder())
PRECISION, RECALL = 0.97, 0.95
SAID = datetime(2026, 3, 4, 15, tzinfo=timezone.utc)


def rows() -> list[tuple[str, str, list[str]]]:
    """Return category, message and what it tells ("kind:words")."""
    lines = (DATA / "local_messages.tsv").read_text("utf-8").splitlines()
    parts = [line.split("\t") for line in lines if line and not line.startswith("#")]
    return [
        (name, text.replace("\\n", "\n"), [each.strip() for each in told.split(";") if each.strip()])
        for name, text, told in parts
    ]


def told_by(category: str, text: str) -> list[tuple[str, str]]:
    """Return kind and line of what a message tells, said by the side that its category names."""
    sides = ("…", text) if category.startswith("assistant") else (text, "…")
    found = ANALYZER.note([Page("p1", *sides, SAID)], [])
    return [(fact.kind, fact.text) for fact in found.facts]


def meant(wanted: str, found: tuple[str, str]) -> bool:
    """Whether a line is of the kinds and holds the words that are wanted."""
    kinds, _, words = wanted.partition(":")
    return found[0] in kinds.split("|") and all(word[:5].lower() in found[1].lower() for word in words.split())


@pytest.mark.parametrize(("category", "text"), [(name, text) for name, text, told in rows() if not told])
def test_a_message_that_tells_nothing_is_no_fact(category: str, text: str) -> None:
    """Ours: a false line is worse than none."""
    assert told_by(category, text) == []


def test_messages_tell_what_they_tell() -> None:
    """Ours: precision and recall over our own labelled messages, half of them negatives."""
    lines = right = wanted = hit = 0
    for category, text, told in rows():
        found = told_by(category, text)
        lines += len(found)
        right += sum(any(meant(each.removeprefix("~"), line) for each in told) for line in found)
        due = [each for each in told if not each.startswith("~")]
        wanted += len(due)
        hit += sum(any(meant(each, line) for line in found) for each in due)
    assert len(rows()) > 900
    assert right / lines >= PRECISION
    assert hit / wanted >= RECALL


OFFERS = [row.split("\t") for row in (DATA / "local_offers.tsv").read_text("utf-8").splitlines() if row[:1] != "#"]


@pytest.mark.parametrize(("offer", "answer", "chosen"), OFFERS)
def test_an_answer_to_an_offer_is_a_decision_when_it_chooses(offer: str, answer: str, chosen: str) -> None:
    """Issue 12: offered A or B, answered "B": the choice is kept; what is no choice is none."""
    pages = [Page("p0", "?", offer.replace("\\n", "\n"), SAID), Page("p1", answer, "ok", SAID + timedelta(minutes=1))]
    found = [fact.text for fact in ANALYZER.note(pages, []).facts if fact.kind == "decision"]
    assert [bool(chosen) and chosen in line.lower() for line in found] == ([True] if chosen else [])


class Memory:
    """Long-term memory fed with pages as the engine feeds it: what was read before may be read again."""

    def __init__(self) -> None:
        self.pages: list[Page] = []
        self.facts: dict[str, Fact] = {}
        self.attributes: dict[str, Attribute] = {}

    def take(self, new: Sequence[Page]) -> None:
        """Take in pages; those said after them are read again."""
        first = min(page.timestamp for page in new)
        again = [page for page in self.pages if page.timestamp > first]
        gone = {page.page_id for page in again}
        if again:
            self._start_over([page for page in self.pages if page.page_id not in gone])
        self._read([*new, *again], self.pages)
        self.pages += new

    def state(self) -> list[str]:
        """Return the lines that hold and the attributes, sorted."""
        lines = [fact.fact for fact in active(self.facts.values())]
        return sorted([*lines, *(f"{each.name} = {each.value}" for each in self.attributes.values())])

    def whole(self) -> list[str]:
        """Return what holds with kinds and dates, sorted."""
        facts = (
            f"{each.kind}: {each.fact} {each.said_at:%d %b} {each.expires}" for each in active(self.facts.values())
        )
        return sorted(
            [*facts, *(f"{each.name} = {each.value} {each.said_at:%d %b}" for each in self.attributes.values())]
        )

    def _start_over(self, kept: Sequence[Page]) -> None:
        self.facts, self.attributes = {}, {}
        if kept:
            self._read(kept, ())

    def _read(self, pages: Sequence[Page], context: Sequence[Page]) -> None:
        found = ANALYZER.note(pages, list(self.facts.values()), context)
        self.facts.update(apply_facts(self.facts, found.facts, analyzer="local").changed)
        changed, gone = apply_attributes(self.attributes, found.attributes)
        self.attributes.update({each.name: each for each in changed})
        for name in gone:
            self.attributes.pop(name)


def pages_of(turns: Sequence[str]) -> list[Page]:
    """Return a page for each turn, three days apart."""
    return [Page(f"p{at}", text, "ok", NOON + timedelta(days=3 * at), sequence=at) for at, text in enumerate(turns)]


def read_in(groups: Sequence[Sequence[Page]], *, whole: bool = False) -> list[str]:
    """Return the state of a memory that took in pages group by group; the *whole* of it with kinds and dates."""
    memory = Memory()
    for group in groups:
        memory.take(group)
    return memory.whole() if whole else memory.state()


CHANGES = [json.loads(line) for line in (DATA / "local_changes.jsonl").read_text("utf-8").splitlines()]


@pytest.mark.parametrize("change", CHANGES, ids=[" / ".join(each["turns"]) for each in CHANGES])
def test_a_change_of_mind_ends_right_in_whatever_order_it_is_read(change: dict[str, list[str]]) -> None:
    """Ours: closing is by slot and value; one by one, all at once and newest first come to the same."""
    pages = pages_of(change["turns"])
    got = read_in([[page] for page in pages])
    assert all(any(re.search(each, line, re.IGNORECASE) for line in got) for each in change["holds"]), got
    assert not [line for line in got for each in change["gone"] if re.search(each, line, re.IGNORECASE)], got
    dated = read_in([[page] for page in pages], whole=True)
    assert read_in([pages], whole=True) == dated
    for order in permutations(pages):
        assert read_in([[page] for page in order], whole=True) == dated


SAYINGS = [
    "I live in Oslo.",
    "I moved to Bergen.",
    "I'm vegan.",
    "I'm not vegan anymore.",
    "I work as a nurse.",
    "I quit my job.",
    "I have two dogs, Bruno and Lola.",
    "Lola died.",
    "I'm allergic to peanuts and latex.",
    "I'm not allergic to latex anymore.",
    "We deploy on Fridays.",
    "We moved the deploy to Wednesdays.",
    "My exam is on 12 May.",
    "Sorry, it's on 14 May.",
    "I'm learning Italian.",
    "I gave up on Italian.",
]


@settings(deadline=None, max_examples=60)
@given(st.permutations(SAYINGS).map(lambda each: each[:7]), st.randoms(use_true_random=False))
def test_the_order_of_reading_does_not_matter(turns: list[str], random: object) -> None:
    """Ours: the same messages give the same facts and attributes in any order and any grouping."""
    pages = pages_of(turns)
    shuffled = list(pages)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    one_by_one = read_in([[page] for page in pages], whole=True)
    assert read_in([shuffled[:3], shuffled[3:]], whole=True) == one_by_one == read_in([pages], whole=True)
