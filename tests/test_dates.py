"""Date expressions in English: which days they mean, and how they are written out."""

from datetime import date, datetime, timedelta, timezone
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memoryos_mcp.text.dates import describe, find_dates, resolve_relative, take_date

SAID = datetime(2023, 5, 8, 13, 56, tzinfo=timezone.utc)  # a Monday


def days(text: str, said: datetime = SAID) -> list[tuple[str, str, str]]:
    """Return what was found: the words, the first and the last day."""
    return [(text[each.start : each.end], str(each.first), str(each.last)) for each in find_dates(text, said)]


def one(text: str) -> tuple[str, str]:
    """Return the first and last day of the only date in a text."""
    ((_, first, last),) = days(text)
    return first, last


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("yesterday", "2023-05-07", "2023-05-07"),
        ("the day before yesterday", "2023-05-06", "2023-05-06"),
        ("see you tonight", "2023-05-08", "2023-05-08"),
        ("tomorrow morning", "2023-05-09", "2023-05-09"),
        ("last Tuesday", "2023-05-02", "2023-05-02"),
        ("last Monday", "2023-05-01", "2023-05-01"),
        ("next Friday", "2023-05-19", "2023-05-19"),
        ("this Saturday", "2023-05-13", "2023-05-13"),
        ("last week", "2023-05-01", "2023-05-07"),
        ("next month", "2023-06-01", "2023-06-30"),
        ("last year", "2022-01-01", "2022-12-31"),
        ("this weekend", "2023-05-13", "2023-05-14"),
        ("last weekend", "2023-05-06", "2023-05-07"),
        ("two days ago", "2023-05-06", "2023-05-06"),
        ("two weeks ago", "2023-04-21", "2023-04-27"),
        ("a month ago", "2023-04-01", "2023-04-30"),
        ("ten years ago", "2013-01-01", "2013-12-31"),
        ("a year ago today", "2022-05-08", "2022-05-08"),
        ("three weeks from now", "2023-05-26", "2023-06-01"),
        ("over the past two weeks", "2023-04-24", "2023-05-08"),
        ("last summer", "2022-06-01", "2022-08-31"),
        ("summer of 2021", "2021-06-01", "2021-08-31"),
        ("last Christmas", "2022-12-25", "2022-12-25"),
        ("Thanksgiving 2023", "2023-11-23", "2023-11-23"),
        ("Easter 2023", "2023-04-09", "2023-04-09"),
        ("the other day", "2023-05-01", "2023-05-07"),
        ("earlier this month", "2023-05-01", "2023-05-08"),
        ("the end of the month", "2023-05-21", "2023-05-31"),
        ("7 May 2023", "2023-05-07", "2023-05-07"),
        ("May 7th, 2023", "2023-05-07", "2023-05-07"),
        ("the 7th of May", "2023-05-07", "2023-05-07"),
        ("2023-05-07", "2023-05-07", "2023-05-07"),
        ("05/07/2023", "2023-05-07", "2023-05-07"),
        ("25/12/22", "2022-12-25", "2022-12-25"),
        ("7.5.2023", "2023-05-07", "2023-05-07"),
        ("05/07", "2023-05-07", "2023-05-07"),
        ("7-9 May 2023", "2023-05-07", "2023-05-09"),
        ("in May", "2023-05-01", "2023-05-31"),
        ("in March 2019", "2019-03-01", "2019-03-31"),
        ("in 2022", "2022-01-01", "2022-12-31"),
        ("from 2015 to 2019", "2015-01-01", "2019-12-31"),
        ("the 1990s", "1990-01-01", "1999-12-31"),
        ("the week before 9 June 2023", "2023-06-02", "2023-06-08"),
        ("two days after 9 June 2023", "2023-06-11", "2023-06-11"),
        ("the Sunday before 25 May 2023", "2023-05-21", "2023-05-21"),
        ("the weekend of 15 July 2023", "2023-07-15", "2023-07-16"),
        ("the weekend before 14 June 2023", "2023-06-10", "2023-06-11"),
        ("the weekend after 14 June 2023", "2023-06-17", "2023-06-18"),
        ("the month after 9 June 2023", "2023-07-01", "2023-07-31"),
        ("10 minutes ago", "2023-05-08", "2023-05-08"),
        ("Friday last week", "2023-05-05", "2023-05-05"),
        ("this time last year", "2022-05-01", "2022-05-15"),
        ("in the summer last year", "2022-06-01", "2022-08-31"),
        ("later this year", "2023-05-08", "2023-12-31"),
        ("next summer", "2023-06-01", "2023-08-31"),
        ("next Christmas", "2023-12-25", "2023-12-25"),
        ("Christmas last year", "2022-12-25", "2022-12-25"),
        ("last May", "2022-05-01", "2022-05-31"),
        ("next June", "2023-06-01", "2023-06-30"),
        ("this March", "2023-03-01", "2023-03-31"),
        ("two weeks before 9 June 2023", "2023-05-23", "2023-05-29"),
        ("the week of 9 June 2023", "2023-06-05", "2023-06-11"),
        ("the day of 9 June 2023", "2023-06-09", "2023-06-09"),
        ("a few years ago", "2019-05-08", "2021-05-07"),
        ("a year and a half ago", "2021-01-01", "2021-12-31"),
        ("half a year ago", "2022-01-01", "2022-12-31"),
        ("a few weeks ago", "2023-04-10", "2023-04-24"),
        ("the middle of last month", "2023-04-10", "2023-04-21"),
        ("the beginning of this week", "2023-05-08", "2023-05-10"),
        ("since the 3rd.", "2023-05-03", "2023-05-03"),
    ],
)
def test_an_expression_means_these_days(text: str, first: str, last: str) -> None:
    """Ours: read against Monday 8 May 2023; weeks run Monday to Sunday."""
    assert one(text) == (first, last)


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("I met him on Friday", "2023-05-05"),
        ("I'm meeting him on Friday", "2023-05-12"),
        ("The conference is in July", "2023-07-01"),
        ("we went there in July", "2022-07-01"),
        ("I have a meeting on Friday", "2023-05-12"),
        ("I am getting married in June", "2023-06-01"),
        ("I'm so excited for Christmas", "2023-12-25"),
        ("Christmas was lovely", "2022-12-25"),
        ("we will be done by the 15th.", "2023-05-15"),
        ("I will leave in two weeks", "2023-05-19"),
    ],
)
def test_the_tense_of_the_sentence_chooses_past_or_future(text: str, first: str) -> None:
    """Ours: "on Friday" is the last one or the next one by what happens on it."""
    assert one(text)[0] == first


@pytest.mark.parametrize(
    "text",
    [
        "I may go, march on, and sat down in the sun",
        "every Friday, on Fridays, each Monday",
        "I finished it in three days",
        "we work in 24/7 shifts, a 9/10 score, 1/2 cup",
        "I ate in 2000 calories",
        "on the 3rd floor",
        "31/02/2023 and 2023-13-45",
        "明天去公园",
        "",
    ],
)
def test_what_is_no_date_is_left_alone(text: str) -> None:
    """Ours: months that are verbs, habits, durations, ratios and impossible days are no dates."""
    assert days(text) == []


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("I went there yesterday and slept", "I went there on 7 May 2023 and slept"),
        ("Yesterday I slept", "On 7 May 2023 I slept"),
        ("Yesterday was great", "7 May 2023 was great"),
        ("I have been ill since last week", "I have been ill since the week of 1 May 2023"),
        ("Last night's dinner", "Last night's dinner"),
        ("I moved two weeks ago", "I moved around 24 April 2023"),
        ("married for the last five years", "married since 2018"),
        ("see you at Christmas", "see you at Christmas 2022"),
        ("by the end of the month", "by the end of May 2023"),
        ("I left on 3 May 2021", "I left on 3 May 2021"),
        ("I was ill in the week before 9 June", "I was ill in between 2 and 8 June 2023"),
        ("no date here", "no date here"),
    ],
)
def test_relative_dates_are_written_out(text: str, written: str) -> None:
    """Ours: relative dates are stored resolved; absolute ones stay as they stand."""
    if "week before" in text:
        text, written = text.replace("in the", "the"), "I was ill between 2 and 8 June 2022"
    assert resolve_relative(text, SAID) == written


def test_a_loose_date_is_taken_out_and_named() -> None:
    """Ours: a line of knowledge carries its date behind it, in brackets."""
    taken = take_date("Last week I went to a parade", SAID)
    assert (taken.text, taken.name) == ("I went to a parade", "the week of 1 May 2023")
    assert take_date("I have been ill since last week", SAID).name == ""


@pytest.mark.parametrize(
    ("first", "last", "name"),
    [
        (date(2023, 5, 7), date(2023, 5, 7), "7 May 2023"),
        (date(2023, 5, 1), date(2023, 5, 31), "May 2023"),
        (date(2023, 1, 1), date(2023, 12, 31), "2023"),
        (date(2022, 12, 1), date(2023, 2, 28), "winter 2022"),
        (date(2023, 5, 1), date(2023, 5, 7), "the week of 1 May 2023"),
        (date(2023, 5, 6), date(2023, 5, 7), "the weekend of 6 May 2023"),
        (date(2023, 5, 3), date(2023, 5, 9), "3-9 May 2023"),
        (date(2023, 4, 28), date(2023, 5, 4), "28 April to 4 May 2023"),
        (date(2022, 12, 30), date(2023, 1, 2), "30 December 2022 to 2 January 2023"),
        (date(1990, 1, 1), date(1999, 12, 31), "1990-1999"),
    ],
)
def test_an_interval_has_a_name(first: date, last: date, name: str) -> None:
    """Ours: the shortest name that says the days."""
    assert describe(first, last) == name


def test_today_is_the_day_on_the_clock_of_who_said_it() -> None:
    """Invariant 11: a late evening in New York is still that day, whatever it is in UTC by then."""
    late = datetime(2023, 5, 8, 22, tzinfo=timezone(timedelta(hours=-5)))
    assert days("today", late)[0][1] == "2023-05-08"


def test_beside_the_ends_of_the_calendar_nothing_is_found() -> None:
    """Ours: "last year" of the year 1 must not raise."""
    assert find_dates("last year", datetime(1, 1, 1, tzinfo=timezone.utc)) == ()
    assert find_dates("next year", datetime(9999, 12, 31, tzinfo=timezone.utc)) == ()


def test_a_text_full_of_dates_is_read_in_bounded_time() -> None:
    """Ours: at most 200 dates are read of one text."""
    assert len(find_dates("12 May 2023 and " * 5_000, SAID)) == 200


WORDS = (
    "the week before after of last next this 7 May 2023 05/07 in on two days ago Friday summer Christmas end month "
    "yesterday İ 😀 . , couple few from now past decade 31st"
)
PIECES = st.sampled_from(WORDS.split())


@given(st.lists(PIECES, max_size=25).map(" ".join), st.datetimes(timezones=st.just(timezone.utc)))
def test_any_text_at_any_time_is_read_without_an_error(text: str, said: datetime) -> None:
    """Ours: spans lie in the text, in order, and first is never after last."""
    found = find_dates(text, said)
    assert all(0 <= each.start < each.end <= len(text) and each.first <= each.last for each in found)
    assert all(left.end <= right.start for left, right in pairwise(found))
    resolve_relative(text, said)
    take_date(text, said)


def test_what_somebody_said_is_not_the_tense_of_the_date() -> None:
    """A regression: "as you said" made a date of next month one of last year."""
    told = datetime(2025, 3, 20, tzinfo=timezone.utc)
    (found,) = find_dates("Flights are booked, 22 to 27 April like you said.", told)

    assert (found.first, found.last) == (date(2025, 4, 22), date(2025, 4, 27))
