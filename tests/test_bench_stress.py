"""`bench stress`: the books find what is wrong, and a short run of real processes finds nothing."""

import json
from collections.abc import Sequence
from typing import Any

import pytest

from memoryos_mcp.cli import main
from memoryos_mcp.cli.bench import stress
from memoryos_mcp.cli.bench.stress_ledger import Ledger
from memoryos_mcp.cli.bench.stressing import word_for


def booked(*messages: Sequence[Any]) -> Ledger:
    """Return the books of one process that said *messages*."""
    ledger = Ledger()
    for message in messages:
        ledger.book(1, message)
    return ledger


def added(word: str, page_id: str, user: str = "anna") -> list[list[str]]:
    """Return what a process says of an addition that it was told of."""
    return [["adding", user, word, f"about {word}", "2026-05-08 12:00:00"], ["added", word, page_id]]


def test_the_books_find_what_is_lost_doubled_undead_or_never_announced() -> None:
    """Ours: a run that finds nothing proves something only if it would find it."""
    told = [*added("a", "p1"), *added("b", "p2"), *added("c", "p3"), *added("d", "p4")]
    ledger = booked(*told, ["forgetting", "c", "p3"], ["forgot", "p3"])
    found = ledger.compare({"anna": {"p2": 2, "p3": 1, "p4": 1, "p9": 1}})
    assert (found.lost, found.twice, found.undead, found.strangers) == (["p1"], ["p2"], ["p3"], ["p9"])


def test_a_page_with_another_user_too_counts_as_twice() -> None:
    """Invariant 5: one user's memory is never another's."""
    found = booked(*added("a", "p1")).compare({"anna": {"p1": 1}, "ben": {"p1": 1}})
    assert found.twice == ["p1"]


def test_what_a_dead_process_was_not_told_is_in_doubt() -> None:
    """Ours: announced and never acknowledged; of a living process it may still come."""
    ledger = booked(*added("a", "p1"), added("b", "p2")[0])
    assert [addition.word for addition in ledger.in_doubt()] == ["b"]
    assert ledger.in_doubt(living=[1]) == []
    ledger.hand_over(ledger.in_doubt(), 2)
    assert ledger.in_doubt(living=[2]) == []
    assert [addition.word for addition in ledger.in_doubt(living=[1])] == ["b"]
    ledger.book(2, ["adding", "anna", "b", "about b", "2026-05-08 12:00:00"])
    ledger.book(2, ["added", "b", "p2"])
    assert ledger.in_doubt() == []


def test_what_was_forgotten_halfway_may_be_there_or_not() -> None:
    """Ours: a process killed while it forgot was told nothing."""
    ledger = booked(*added("a", "p1"), ["forgetting", "a", "p1"])
    for times in (0, 1):
        found = ledger.compare({"anna": {"p1": times}})
        assert (found.lost, found.undead, found.strangers) == ([], [], [])


def test_words_are_one_for_each_number() -> None:
    """Ours: a word has to find its page and no other."""
    assert len({word_for(number) for number in range(0, 5_000_000, 997)}) == len(range(0, 5_000_000, 997))


def test_no_processes_or_no_time_is_refused() -> None:
    """Ours: there would be nothing to measure."""
    with pytest.raises(ValueError, match="got 0 and 5 s"):
        stress.run(0, 5)


def test_processes_that_are_killed_lose_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Invariants 1, 2, 6 and 7: for a moment here, for longer by hand; three open the fresh folder at once."""
    monkeypatch.setattr(stress, "_KILL_EVERY_S", 0.7)
    report = stress.run(3, 2)
    assert report.wrong == {}
    assert report.pages > 0
    assert report.times["add"].count >= report.pages
    assert "the audit finds nothing" in stress.render(report)

    monkeypatch.setattr(stress, "run", lambda *_, **__: report)
    assert main(["bench", "stress", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["wrong"] == {}


def test_what_is_wrong_is_shown_and_is_the_exit_status(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ours: a check that nobody notices is none."""
    bad = stress.StressReport(2, 1.0, 0, {}, 20.0, 0, 9, 9, 0.1, {"lost": [f"p{number}" for number in range(7)]})
    monkeypatch.setattr(stress, "run", lambda *_, **__: bad)
    assert main(["bench", "stress", "--processes", "2", "--seconds", "1"]) == 1
    assert "WRONG: 7 lost: p0, p1, p2, p3, p4 and 2 more" in capsys.readouterr().out
