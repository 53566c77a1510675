"""Dates in everyday talk: what lies ahead and what is past, numbers in words, hours, and dates in front."""

from datetime import datetime, timedelta, timezone

import pytest

from memoryos_mcp.text.dates import find_dates, resolve_relative, take_date

SAID = datetime(2026, 11, 25, 10, 0, tzinfo=timezone.utc)  # a Wednesday
TENTH = datetime(2026, 11, 10, 10, 0, tzinfo=timezone.utc)


def days(text: str, said: datetime = SAID) -> list[str]:
    """Return the first and the last day of every date, "2026-11-27" for one day, "first..last" for more."""
    return [
        str(each.first) if each.first == each.last else f"{each.first}..{each.last}" for each in find_dates(text, said)
    ]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("My surgery is on Friday.", "2026-11-27"),
        ("The exam is Thursday.", "2026-11-26"),
        ("My flight leaves on Saturday.", "2026-11-28"),
        ("We fly to Rome on Sunday.", "2026-11-29"),
        ("The dentist appointment is Tuesday at 3.", "2026-12-01"),
        ("I start my new job on Monday.", "2026-11-30"),
        ("She arrives on Tuesday with the kids.", "2026-12-01"),
        ("It's on Friday, the party.", "2026-11-27"),
        ("I've got a dentist appointment on Friday.", "2026-11-27"),
        ("The vet said the operation is on Friday.", "2026-11-27"),
        ("I booked a table for Saturday.", "2026-11-28"),
        ("They moved the hearing to Monday.", "2026-11-30"),
        ("The surgery got scheduled for Friday.", "2026-11-27"),
        ("I'm off on Friday.", "2026-11-27"),
        ("I start this Monday.", "2026-11-30"),
        ("My sister's wedding is on Saturday.", "2026-11-28"),
        ("My flight's on Saturday.", "2026-11-28"),
        ("Interview on Thursday!", "2026-11-26"),
        ("Dentist on Monday at 9.", "2026-11-30"),
        ("The wedding is the Saturday after next.", "2026-12-05"),
        ("It ends a week from today.", "2026-12-02"),
    ],
)
def test_a_weekday_lies_ahead_when_its_verb_looks_ahead(text: str, day: str) -> None:
    """Ours: "my surgery is on Friday" said on a Wednesday means the coming one."""
    assert days(text) == [day]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("My surgery was on Friday.", "2026-11-20"),
        ("I had surgery on Friday.", "2026-11-20"),
        ("The wedding on Saturday was lovely.", "2026-11-21"),
        ("I loved Anna's party on Friday.", "2026-11-20"),
        ("He is the man I met on Monday.", "2026-11-23"),
        ("I fell off my bike on Sunday.", "2026-11-22"),
        ("The photo is from Friday.", "2026-11-20"),
        ("She has been ill since Monday.", "2026-11-23"),
        ("Fred came by on Tuesday.", "2026-11-24"),
        ("I cycled a hundred miles on Sunday.", "2026-11-22"),
        ("The bill got paid on Friday.", "2026-11-20"),
        ("I moved to Oslo on Friday.", "2026-11-20"),
        ("I got to Rome on Sunday.", "2026-11-22"),
        ("I planned a run on Sunday but overslept.", "2026-11-22"),
        ("This is a photo of us on Saturday.", "2026-11-21"),
        ("The interview on Thursday went well.", "2026-11-19"),
        ("I bit my tongue on Sunday.", "2026-11-22"),
        ("The concert was the Friday before last.", "2026-11-13"),
        ("I quit on Monday, my last pay is on the way.", "2026-11-23"),
    ],
)
def test_a_weekday_is_past_when_its_verb_looks_back(text: str, day: str) -> None:
    """Ours: the neighbours of the coming weekday that must not move."""
    assert days(text) == [day]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("My exam is on the 3rd.", "2026-12-03"),
        ("The rent is due by the 3rd.", "2026-12-03"),
        ("We are moving on the 3rd.", "2026-12-03"),
        ("I fly home on the 9th and stay there.", "2026-12-09"),
        ("My exam is on the 13th.", "2026-11-13"),
        ("I paid the rent on the 3rd.", "2026-11-03"),
        ("The parcel came on the 3rd.", "2026-11-03"),
        ("I saw her on the 30th.", "2026-10-30"),
        ("We met on the 9th because of the kids.", "2026-11-09"),
        ("next month, on the 14th", "2026-12-14"),
        ("I have an exam next month on the 14th.", "2026-12-14"),
        ("on the 14th of next month", "2026-12-14"),
        ("It broke last month, on the 14th.", "2026-10-14"),
        ("the 2nd of last month", "2026-10-02"),
        ("the 5th of this month", "2026-11-05"),
    ],
)
def test_a_day_of_a_month_is_that_of_the_month_it_points_at(text: str, day: str) -> None:
    """Ours: "the 3rd" said on the 10th is next month's when the verb looks ahead; "next month, on the 14th"."""
    assert days(text, TENTH) == [day]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("I moved to Turin twenty-five years ago.", "2001-01-01..2001-12-31"),
        ("I moved to Turin twenty five years ago.", "2001-01-01..2001-12-31"),
        ("We met thirteen years ago.", "2013-01-01..2013-12-31"),
        ("My gran left sixty-one years ago.", "1965-01-01..1965-12-31"),
        ("I quit thirty-one days ago.", "2026-10-25"),
        ("I quit smoking ninety days ago.", "2026-08-27"),
        ("It broke a dozen years ago.", "2014-01-01..2014-12-31"),
        ("I broke my arm 48 hours ago.", "2026-11-23"),
        ("I broke my arm forty-eight hours ago.", "2026-11-23"),
        ("He called an hour ago.", "2026-11-25"),
        ("He called 11 hours ago.", "2026-11-24"),
        ("I bought it a fortnight ago.", "2026-11-08..2026-11-14"),
        ("I had surgery two and a half weeks ago.", "2026-11-04..2026-11-10"),
        ("I started a hundred days ago.", "2026-08-17"),
        ("I will be back in a fortnight.", "2026-12-06..2026-12-12"),
        ("We leave a fortnight from now.", "2026-12-06..2026-12-12"),
        ("over the last fortnight", "2026-11-11..2026-11-25"),
        ("the past 48 hours", "2026-11-23..2026-11-25"),
        ("the week after next", "2026-12-07..2026-12-13"),
        ("the month before last", "2026-09-01..2026-09-30"),
        ("We leave next week on Tuesday.", "2026-12-01"),
        ("She called last week, on Tuesday.", "2026-11-17"),
        ("It ends a week from Friday.", "2026-12-04"),
        ("I leave two weeks from tomorrow.", "2026-12-10"),
    ],
)
def test_numbers_in_words_and_other_units_are_read(text: str, found: str) -> None:
    """Ours: hyphens, hours and fortnights count like digits, days and weeks."""
    assert days(text) == [found]


@pytest.mark.parametrize(
    "text",
    [
        "It was built one hundred and five years ago.",
        "The castle is 1,500 years old and fell 1,200 years ago.",
        "I moved two or three years ago.",
        "We met 2-3 weeks ago.",
        "That was thirty-odd years ago.",
        "It happened many years ago, ages ago.",
        "The team meets fortnightly.",
        "I can run it in 48 hours flat.",
        "A fortnight's holiday costs too much.",
        "He is on the 3rd team.",
        "On the 31st of February I will believe it.",
        "every week on Friday",
        "Three interviews in a week is good.",
        "I work from 9 to 5, Monday through Friday.",
        "Open Tuesday-Sunday.",
        "Tomorrow week I fly.",
        "I fly Friday week.",
        "It stood a hundred and five days ago.",
    ],
)
def test_what_cannot_be_read_stays_as_it_was_said(text: str) -> None:
    """Ours: a date that cannot be read leaves the words as they are."""
    assert days(text) == []
    assert resolve_relative(text, SAID) == text


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("My last day is 10 November.", "2026-11-10"),
        ("My last day will be 10 November.", "2027-11-10"),
        ("My exam is on 3 December.", "2026-12-03"),
        ("The show is on 14 March.", "2027-03-14"),
        ("The show was on 14 March.", "2026-03-14"),
    ],
)
def test_a_day_without_a_year_is_the_coming_one_unless_it_has_just_been(text: str, day: str) -> None:
    """Ours: a bare present looks ahead, but not over most of a year."""
    assert days(text) == [day]


def test_yesterday_is_the_day_before_on_the_clock_of_who_said_it() -> None:
    """Ours: 20:00 in Los Angeles on the 25th is the 26th in UTC; yesterday was the 24th."""
    evening = datetime(2026, 11, 25, 20, tzinfo=timezone(timedelta(hours=-8)))
    assert resolve_relative("I sold the bike yesterday.", evening) == "I sold the bike on 24 November 2026."
    assert days("I sold it 10 minutes ago.", evening.replace(hour=0, minute=5)) == ["2026-11-24"]


@pytest.mark.parametrize(
    ("text", "rest", "name"),
    [
        ("On 3 May 2024 I broke my arm.", "I broke my arm.", "3 May 2024"),
        ("On May 3rd, 2024, I broke my arm.", "I broke my arm.", "3 May 2024"),
        ("In March 2019 we moved to Turin.", "we moved to Turin.", "March 2019"),
        ("In 2019 I moved to Turin.", "I moved to Turin.", "2019"),
        ("2024-05-03: I broke my arm.", "I broke my arm.", "3 May 2024"),
        ("On 3 May I broke my arm.", "I broke my arm.", "3 May 2026"),
        ("I broke my arm on 3 May 2024.", "I broke my arm on 3 May 2024.", ""),
        ("3 May 2024 was a bad day.", "3 May 2024 was a bad day.", ""),
        ("Since 3 May 2024 I have worked from home.", "Since 3 May 2024 I have worked from home.", ""),
        ("May 2024's invoice is missing.", "May 2024's invoice is missing.", ""),
        ("By 2030 I want to retire.", "By 2030 I want to retire.", ""),
        ("From 2015 to 2019 I lived in Turin.", "From 2015 to 2019 I lived in Turin.", ""),
    ],
)
def test_an_absolute_date_in_front_is_the_date_of_its_sentence(text: str, rest: str, name: str) -> None:
    """Ours: "On 3 May 2024 I broke my arm." had no date; one that belongs to the words stays with them."""
    taken = take_date(text, SAID)
    assert (taken.text, taken.name) == (rest, name)


def test_a_weekday_written_out_keeps_its_preposition() -> None:
    """A regression: "coming over on Saturday" lost its "on" to the "over" before it."""
    assert resolve_relative("They're coming over on Saturday.", SAID) == "They're coming over on 28 November 2026."
