"""The user's day: which zone it is in, what bounds mean in it, and times that cannot be right (invariant 11)."""

import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from memoryos_mcp import Memoryos
from memoryos_mcp.cli import main
from memoryos_mcp.domain.errors import ConfigError, InputError
from memoryos_mcp.domain.inputs import parse_timestamp
from memoryos_mcp.domain.records import Attribute, AttributeFinding
from memoryos_mcp.domain.settings import load_settings
from memoryos_mcp.text.dates import first_moment, last_moment
from memoryos_mcp.tiers.knowledge import apply_attributes, apply_facts

from .make import NOON, fact, finding

ANGELES = ZoneInfo("America/Los_Angeles")
NOW = datetime(2026, 11, 27, 3, 30, tzinfo=timezone.utc)  # Friday in London, Thursday evening in Los Angeles
FUTURE = datetime.now(timezone.utc).replace(microsecond=0) + timedelta(days=2)


@pytest.fixture
def angeles(tmp_path: Path) -> Iterator[Memoryos]:
    """Return a memory of somebody in Los Angeles."""
    with Memoryos(data_dir=tmp_path / "data", timezone="America/Los_Angeles", embedder="bundled") as memory:
        yield memory


@pytest.mark.parametrize(
    ("value", "stored"),
    [
        ("2026-05-08T15:56:00+02:00", "2026-05-08T15:56:00+02:00"),
        ("2026-05-08T15:56:00+00:00", "2026-05-08T15:56:00+00:00"),
        ("2026-05-08 15:56:00", "2026-05-08T15:56:00-07:00"),
        ("2026-01-08 15:56:00", "2026-01-08T15:56:00-08:00"),
        ("2026-05-08T01:56:00Z", "2026-05-07T18:56:00-07:00"),
        (datetime(2026, 5, 8, 15, 56, tzinfo=timezone.utc), "2026-05-08T15:56:00+00:00"),
        (datetime(2026, 5, 8, 15, 56), "2026-05-08T15:56:00-07:00"),  # noqa: DTZ001 (naive on purpose)
        (datetime(2026, 5, 8, 15, 56, tzinfo=ZoneInfo("Asia/Kolkata")), "2026-05-08T15:56:00+05:30"),
    ],
)
def test_a_timestamp_keeps_its_offset_or_gets_the_users(value: str | datetime, stored: str) -> None:
    """Invariant 11: the timestamp's offset decides, else the zone of the settings; "Z" names no local offset."""
    assert parse_timestamp("timestamp", value, ANGELES).isoformat() == stored


def test_an_offset_of_odd_seconds_is_told_in_minutes_at_the_same_instant() -> None:
    """Ours: before standard time Los Angeles was 7:52:58 behind; what is stored must be read by everybody."""
    moment = parse_timestamp("timestamp", "1870-01-01 12:00:00", ANGELES)
    assert (moment.utcoffset() or timedelta()).seconds % 60 == 0
    assert moment == datetime(1870, 1, 1, 12, tzinfo=ANGELES)


@pytest.mark.parametrize(
    ("value", "first", "last"),
    [
        ("2026-11-25", "2026-11-25T00:00:00-08:00", "2026-11-25T23:59:59.999999-08:00"),
        ("2026-11-01", "2026-11-01T00:00:00-07:00", "2026-11-01T23:59:59.999999-08:00"),
        ("2025-12", "2025-12-01T00:00:00-08:00", "2025-12-31T23:59:59.999999-08:00"),
        ("2025", "2025-01-01T00:00:00-08:00", "2025-12-31T23:59:59.999999-08:00"),
        ("today", "2026-11-26T00:00:00-08:00", "2026-11-26T23:59:59.999999-08:00"),
        ("Yesterday ", "2026-11-25T00:00:00-08:00", "2026-11-25T23:59:59.999999-08:00"),
        ("last week", "2026-11-16T00:00:00-08:00", "2026-11-22T23:59:59.999999-08:00"),
        ("last month", "2026-10-01T00:00:00-07:00", "2026-10-31T23:59:59.999999-07:00"),
        ("3 days ago", "2026-11-23T00:00:00-08:00", "2026-11-23T23:59:59.999999-08:00"),
        ("two weeks ago", "2026-11-12T00:00:00-08:00", "2026-11-12T23:59:59.999999-08:00"),
        ("a month ago", "2026-10-26T00:00:00-07:00", "2026-10-26T23:59:59.999999-07:00"),
        ("monday", "2026-11-23T00:00:00-08:00", "2026-11-23T23:59:59.999999-08:00"),
        ("december", "2025-12-01T00:00:00-08:00", "2025-12-31T23:59:59.999999-08:00"),
        ("May 2025", "2025-05-01T00:00:00-07:00", "2025-05-31T23:59:59.999999-07:00"),
        ("7 May 2025", "2025-05-07T00:00:00-07:00", "2025-05-07T23:59:59.999999-07:00"),
        ("2 hours ago", "2026-11-26T17:30:00-08:00", "2026-11-26T17:30:00-08:00"),
        ("now", "2026-11-26T19:30:00-08:00", "2026-11-26T19:30:00-08:00"),
        ("2026-11-25 14:30", "2026-11-25T14:30:00-08:00", "2026-11-25T14:30:00-08:00"),
        ("2026-11-25T14:30:00+09:00", "2026-11-25T14:30:00+09:00", "2026-11-25T14:30:00+09:00"),
        (date(2026, 11, 25), "2026-11-25T00:00:00-08:00", "2026-11-25T23:59:59.999999-08:00"),
    ],
)
def test_a_bound_is_read_as_the_users_days(value: str | date, first: str, last: str) -> None:
    """Ours: a bare date is its whole day in the user's zone; words and months are read like dates."""
    assert first_moment("since", value, now=NOW, zone=ANGELES).isoformat() == first
    assert last_moment("until", value, now=NOW, zone=ANGELES).isoformat() == last


@pytest.mark.parametrize(
    "value", ["", "soon", "2025-13", "2025-02-30", "last", "yesterday or so", "the day I met Anna", "12", "x" * 5_000]
)
def test_a_bound_that_cannot_be_read_is_refused_with_examples(value: str) -> None:
    """Ours: what is no time names itself and shows the forms there are."""
    with pytest.raises(InputError, match=r"since .* cannot be read.*2026-05, yesterday"):
        first_moment("since", value, now=NOW, zone=None)


def test_without_a_zone_the_machine_decides() -> None:
    """Ours: the default zone is the machine's."""
    found = first_moment("since", "2026-11-25", now=NOW, zone=None)
    assert found == datetime(2026, 11, 25).astimezone()


@pytest.mark.parametrize("name", ["Mars/Olympus", "Europe", "../etc/passwd", "/etc/localtime", "+02:00"])
def test_an_unknown_zone_is_a_clear_error(name: str) -> None:
    """Ours: a wrong name is told with its source, its value and an example."""
    with pytest.raises(ConfigError, match=r"MEMORYOS_TIMEZONE: timezone = .*Europe/Berlin"):
        load_settings(environ={"MEMORYOS_TIMEZONE": name})


def test_a_known_zone_is_taken_from_the_environment() -> None:
    """Ours: the setting has a name in the environment like every other."""
    assert load_settings(environ={"MEMORYOS_TIMEZONE": "Asia/Tokyo"}).zone == ZoneInfo("Asia/Tokyo")
    assert load_settings(environ={}).zone is None


def test_a_page_is_of_the_day_it_was_for_the_user(angeles: Memoryos) -> None:
    """Ours: an evening in Los Angeles is not the next day; headings and whole-day bounds say so."""
    angeles.add_memory("I planted a fig tree.", "Nice!", "2026-11-25T20:00:00-08:00")
    angeles.add_memory("I bought a canoe.", "Great!", "2026-11-24 23:59:00")

    found = angeles.retrieve_context("What did I plant, what did I buy?")
    only = angeles.retrieve_context("What did I plant, what did I buy?", since="2026-11-25", until="2026-11-25")

    assert "## 25 Nov 2026" in found.text
    assert "## 24 Nov 2026" in found.text
    assert [hit.page.timestamp.isoformat() for hit in only.short_term] == ["2026-11-25T20:00:00-08:00"]


def test_a_whole_day_is_the_day_of_the_page_wherever_it_was_said(angeles: Memoryos) -> None:
    """Ours: what stands under the heading of a day is found by that day; an exact time bounds the instant."""
    angeles.add_memory("I planted a fig tree in Tokyo.", "Nice!", "2026-11-25T08:00:00+09:00")  # the 24th at home

    day = angeles.retrieve_context("Where did I plant a fig tree?", since="2026-11-25", until="2026-11-25")
    before = angeles.retrieve_context("Where did I plant a fig tree?", until="2026-11-24")
    instant = angeles.retrieve_context("Where did I plant a fig tree?", until="2026-11-24T12:00:00-08:00")

    assert "## 25 Nov 2026" in day.text
    assert before.short_term == ()
    assert instant.short_term == ()


def test_what_is_stored_without_a_time_has_the_users_offset(angeles: Memoryos) -> None:
    """Ours: now is told on the user's clock, and comes back so after a restart."""
    added = angeles.add_memory("I am here.", "Good.")
    page, _ = angeles.page(added.page_id)
    assert page.timestamp.utcoffset() == datetime.now(ANGELES).utcoffset()


def test_the_same_exchange_told_in_another_zone_is_a_duplicate(angeles: Memoryos) -> None:
    """Ours: an id depends on the instant, not on the clock it is told by."""
    first = angeles.add_memory("I moved to Oslo.", "Enjoy!", "2026-03-04T15:00:00+00:00")
    again = angeles.add_memory("I moved to Oslo.", "Enjoy!", "2026-03-04T16:00:00+01:00")
    assert (again.page_id, again.status) == (first.page_id, "duplicate")


def test_a_time_more_than_a_day_ahead_is_refused(angeles: Memoryos) -> None:
    """Invariant 11: with the value and the clock in the message; a few hours ahead are a clock that is wrong."""
    with pytest.raises(InputError, match=r"timestamp 2099-01-01T00:00:00-08:00 lies more than a day ahead"):
        angeles.add_memory("My name is Mallory.", "Hello.", "2099-01-01")
    with pytest.raises(InputError, match="more than a day ahead"):
        angeles.add_memory("My name is Mallory.", "Hello.", FUTURE)
    assert angeles.add_memory("Hi.", "Hello.", FUTURE - timedelta(days=1, hours=2)).status == "stored"


def test_an_import_counts_what_is_dated_in_the_future(angeles: Memoryos, tmp_path: Path) -> None:
    """Invariant 11: imports refuse and count it; the rest is stored."""
    said = [{"user_input": "a", "agent_response": "b", "timestamp": when} for when in ("2099-01-01", "2020-01-01")]
    file = tmp_path / "history.jsonl"
    file.write_text("\n".join(map(json.dumps, said)), encoding="utf-8")

    summary = angeles.import_history(file)

    assert (summary.stored, dict(summary.skipped)) == (1, {"dated more than a day ahead of the clock": 1})
    assert angeles.page(angeles.recent_page_ids(limit=1)[0])[0].timestamp.isoformat() == "2020-01-01T00:00:00-08:00"


def test_a_restored_export_leaves_out_what_is_dated_in_the_future(tmp_path: Path) -> None:
    """Invariant 11: the line is counted with its reason."""
    with Memoryos(data_dir=tmp_path / "a", embedder="bundled") as one:
        one.add_memory("I live in Oslo.", "Fine.", "2020-01-01")
        lines = [line.replace("2020-01-01", "2099-01-01") for line in one.export()]
    with Memoryos(data_dir=tmp_path / "b", embedder="bundled") as other:
        done = other.restore(lines)
    assert (done.added["page"], done.skipped) == (0, 1)
    assert "more than a day ahead" in done.reasons[0]


def test_what_was_said_in_the_future_closes_nothing_and_is_closed_by_anything() -> None:
    """Regression: a name dated 2099, stored by an earlier release, gives way to the next one that is told."""
    horizon = NOON + timedelta(days=1)
    mallory = fact("f1", "Name is Mallory", key="name", said_at=NOON.replace(year=2099))

    later = apply_facts({"f1": mallory}, [finding("Name is Anna", key="name")], analyzer="t", horizon=horizon)
    earlier = fact("f2", "Name is Anna", key="name")
    told = apply_facts(
        {"f2": earlier},
        [finding("Name is Mallory", 60 * 24 * 365, key="name")],
        analyzer="t",
        horizon=horizon,
    )

    assert later.superseded == ("f1",)
    assert [each.superseded_by for each in told.changed.values()] == ["f2"]


def test_what_a_fact_from_the_future_had_closed_holds_again() -> None:
    """Invariant 11, in a store of an earlier release: it never closes an older fact."""
    mallory = fact("f1", "Name is Mallory", key="name", said_at=NOON.replace(year=2099))
    anna = fact("f2", "Name is Anna", key="name", superseded_by="f1", superseded_at=mallory.said_at)

    changes = apply_facts({"f1": mallory, "f2": anna}, [], analyzer="t", horizon=NOON + timedelta(days=1))

    assert (changes.changed["f2"].superseded_by, changes.changed["f1"].superseded_by) == (None, "f2")
    assert not apply_facts(changes.changed, [], analyzer="t", horizon=NOON + timedelta(days=1)).changed


def test_an_attribute_said_in_the_future_gives_way() -> None:
    """Regression: the same for attributes, whichever comes first."""
    horizon = NOON + timedelta(days=1)
    mallory = Attribute("name", "Mallory", ("p1",), NOON.replace(year=2099))
    anna = AttributeFinding("name", "Anna", ("p2",), NOON)

    changed, _ = apply_attributes({"name": mallory}, [anna], horizon)
    kept, _ = apply_attributes(
        {"name": changed[0]}, [AttributeFinding("name", "Mallory", ("p1",), mallory.said_at)], horizon
    )

    assert [each.value for each in changed] == ["Anna"]
    assert kept == []


def test_the_terminal_takes_words_and_months_as_bounds(
    angeles: Memoryos, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Regression: `--since yesterday` and `2025-12` were refused."""
    angeles.add_memory("I bought a canoe.", "Great!", "2025-12-05 10:00:00")
    angeles.close()
    given = ["--data-dir", str(tmp_path / "data"), "--embedder", "bundled", "recall", "What did I buy?", "--text"]

    assert main([*given, "--since", "yesterday"]) == 0
    assert "canoe" not in capsys.readouterr().out
    assert main([*given, "--since", "2025-12", "--until", "2025-12"]) == 0
    assert "canoe" in capsys.readouterr().out
    assert main([*given, "--since", "soon"]) != 0
    assert "yesterday, last week, 3 days ago" in " ".join(capsys.readouterr().err.split())
