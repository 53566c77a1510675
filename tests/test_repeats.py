"""Turns that repeat one another, turns of the host, and turns that were changed later."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from memoryos_mcp.domain.records import Fact
from memoryos_mcp.retrieval.later_changes import with_change_notes
from memoryos_mcp.retrieval.recalled_text import ShownTurn
from memoryos_mcp.retrieval.rendering import Names, turn_line
from memoryos_mcp.retrieval.repeats import without_boilerplate, without_repeats

from .make import NOON, fact
from .retrieval_world import QuarterTokenizer, exchange

LONG = "We keep the sessions in a file beside the code and delete it once a week on Sunday night, as Bob asked"


def said(number: int, text: str, side: int = 0) -> ShownTurn:
    """Return a side of page *number*, a hundred pages to a day."""
    page = exchange(number, text, text)
    return ShownTurn(2 * number + side, page, text, page.timestamp.date().toordinal(), 1)


def told(*turns: ShownTurn) -> list[tuple[int, str, tuple[str, ...]]]:
    """Return page number, text and notes of what is left."""
    return [(turn.turn // 2, turn.text, turn.notes) for turn in without_repeats(turns)]


def test_equal_turns_are_shown_once() -> None:
    """Ours: the newest, at the place of the best, with the count."""
    found = without_repeats(
        [said(2, "Run the tests"), said(9, "Hello Bob"), said(7, "Run the tests"), said(1, "run the tests!")]
    )

    assert [(turn.turn, turn.notes) for turn in found] == [(14, ("said 3 times",)), (18, ())]
    assert found[0].repeats == (2, 4)


def test_the_note_says_since_when() -> None:
    """Ours: the first day would be lost with the older turns."""
    assert told(said(900, "Run the tests"), said(1, "Run the tests")) == [
        (900, "Run the tests", ("said 2 times since 8 May 2026",))
    ]


def test_what_the_assistant_acknowledges_is_not_counted() -> None:
    """Ours: "Noted." is shown once, and how often it was said is idle."""
    (found,) = without_repeats([said(1, "Noted.", 1), said(2, "Noted.", 1)])

    assert (found.turn, found.notes, found.repeats) == (5, (), (3,))


def test_a_passage_that_stands_in_several_turns_is_shown_once() -> None:
    """Ours: answers repeat blocks of code; the note is for turns that are equal as a whole."""
    pages = [exchange(at, "Show it", f"Take {at}:\n\nmake test && make install") for at in (1, 2)]
    passages = [
        ShownTurn(2 * at + 1, page, "make test && make install", 1, 1) for at, page in enumerate(pages, start=1)
    ]
    twice = [*passages, replace(passages[1], text="Make test && make install.")]

    assert [(turn.turn, turn.notes) for turn in without_repeats(twice)] == [(5, ())]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Please run the tests again.", "run the tests again"),
        ("OK, continue", "Continue!"),
        ("```\nmake  test\n```", "make test"),
        ("\u4f60\u597d\u3002", "\u4f60\u597d"),
        ("...", "..."),
        (LONG, f"So, {LONG}, please."),
        (LONG, f"{LONG} or Monday"),
    ],
)
def test_nearly_equal_turns_are_folded(one: str, other: str) -> None:
    """Ours: case, punctuation, white space, courtesy; a long one said again with a little more."""
    assert [turn[0] for turn in told(said(1, one), said(2, other))] == [2]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("caf\u00e9 x=1", "caf\u00e9 x=2"),
        ("I ran 5 km", "I ran 6 km"),
        ("I eat meat", "I do not eat meat"),
        ("x > 1", "x < 1"),
        ("Yes", "No"),
        ("...", "???"),
        (LONG, LONG.replace("Sunday", "Friday")),
        (f"{LONG} or Monday", LONG),
        (LONG, f"{LONG}. Yesterday I moved to Rome and bought a boat with two sails."),
    ],
)
def test_what_differs_in_a_word_that_counts_is_not_folded(one: str, other: str) -> None:
    """Ours: a value that changed is what people ask for; nothing an older turn says may be lost."""
    assert len(told(said(1, one), said(2, other))) == 2


def test_the_two_speakers_are_never_folded() -> None:
    """Ours: who said it is half of what was said."""
    assert len(told(said(1, "Good night"), said(1, "Good night", 1))) == 2


def test_what_the_host_wrote_is_left_out() -> None:
    """Ours (FACTS, other traps): such turns are no answer to anything."""
    turns = [said(1, "[Request interrupted by user]"), said(2, "Why was the request interrupted?")]

    assert [turn.turn for turn in without_boilerplate(turns)] == [4]


def note(turn: ShownTurn, *facts: Fact, **options: Any) -> tuple[str, ...]:
    """Return the notes on *turn* by *facts*."""
    (found,) = with_change_notes([turn], facts, options.get("until"))
    return found.notes


def old(**fields: Any) -> Fact:
    """Return a fact of page 1 that a newer one superseded on 5 November."""
    ended = fields.pop("superseded_at", NOON.replace(month=11, day=5))
    about = {"page_ids": (exchange(1, "").page_id,), "superseded_by": "f2", "superseded_at": ended, **fields}
    return fact("f1", "Deploys on Fridays", **about)


def test_a_turn_that_was_changed_later_says_so() -> None:
    """Ours: "We deploy on Fridays" above "moved to Wednesdays" must not stand as an equal."""
    turn = said(1, "We deploy on Fridays")

    assert note(turn, old()) == ("later changed, 5 Nov",)
    assert note(turn, old(superseded_at=NOON + timedelta(days=400))) == ("later changed, 12 June 2027",)
    assert note(turn, old(), old(superseded_at=NOON.replace(month=12))) == ("later changed, 8 Dec",)


def test_only_what_says_the_old_fact_is_marked() -> None:
    """Ours: not the other side of the page, not a passage that says something else, not the newer page."""
    assert note(said(1, "We use Python"), old()) == ()
    assert note(said(1, "We deploy on Fridays", 1), old()) == ()
    assert note(said(2, "We deploy on Fridays"), old()) == ()
    assert note(said(1, "We deploy on Fridays"), old(superseded_by=None, superseded_at=None)) == ()
    assert note(said(1, "We deploy on Fridays"), old(superseded_at=NOON)) == ()


def test_the_quote_tells_where_a_fact_was_said() -> None:
    """Ours: a choice is confirmed with "yes"; the words stand on the other side."""
    assert note(said(1, "Shall we deploy Fridays then?", 1), old(quote="shall we deploy Fridays"))
    assert not note(said(1, "Yes, do that", 0), old(quote="shall we deploy Fridays"))


def test_what_changed_after_the_time_asked_about_had_not_changed() -> None:
    """Ours: with `until`, the past is told as it was."""
    turn = said(1, "We deploy on Fridays")

    assert note(turn, old(), until=NOON.replace(month=10)) == ()
    assert note(turn, old(), until=NOON.replace(month=12)) != ()


def test_the_note_costs_at_most_ten_tokens() -> None:
    """Ours."""
    longest = note(said(1, "We deploy on Fridays"), old(superseded_at=NOON.replace(year=2027, month=9, day=28)))
    plain, noted = (turn_line(Names(), 0, "Hi", "p1", notes) for notes in ((), longest))

    assert QuarterTokenizer().count(noted) - QuarterTokenizer().count(plain) <= 10
