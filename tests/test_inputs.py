"""What callers may hand in, and how they are told otherwise."""

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memoryos_mcp.domain import inputs
from memoryos_mcp.domain.errors import InputError


@pytest.mark.parametrize("value", ["", "  \n\t", "\x00\x07"], ids=["empty", "white space", "control characters only"])
def test_blank_text_is_refused(value: str) -> None:
    """Ours: a blank side stores nothing, and the message names it."""
    with pytest.raises(InputError, match="user_input is blank"):
        inputs.check_side("user_input", value)


def test_a_text_over_the_limit_is_refused_with_its_length() -> None:
    """Ours: the message says how long the text is and how long it may be."""
    with pytest.raises(InputError, match="100,001 characters; at most 100,000"):
        inputs.check_side("user_input", "x" * 100_001)


def test_a_text_of_exactly_the_limit_is_taken() -> None:
    """Ours: the bound is inclusive."""
    assert len(inputs.check_side("user_input", "x" * 100_000)) == 100_000


def test_what_is_no_text_is_refused_by_type() -> None:
    """Ours: a number is not silently turned into text."""
    with pytest.raises(InputError, match="must be text, got int 3"):
        inputs.check_side("user_input", 3)


def test_control_characters_and_lone_surrogates_are_cleaned() -> None:
    """Ours: they are not refused, since the user can do nothing about them."""
    assert inputs.clean("a\x00b\x1bc\ud800d\r\ne\tf") == "abc\ufffdd\ne\tf"
    assert inputs.clean("end\x0cBegin\x0bmore\rlast") == "end\nBegin\nmore\nlast"


@given(st.text(st.characters()))
def test_cleaned_text_is_always_utf_8_and_stays_clean(text: str) -> None:
    """Ours: whatever goes in can be stored and sent; cleaning twice changes nothing more."""
    cleaned = inputs.clean(text)
    cleaned.encode("utf-8")
    assert inputs.clean(cleaned) == cleaned


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-05-08 13:56:00", (13, 56)),
        ("2026-05-08T13:56:00Z", (13, 56)),
        ("2026-05-08T15:56:00+02:00", (13, 56)),
        ("2026-05-08T15:56:00+0200", (13, 56)),
        ("2026-05-08T13:56:00.123456789Z", (13, 56)),
        ("2026-05-08T13:56", (13, 56)),
        ("2026-05-08", (0, 0)),
    ],
)
def test_timestamps_are_read_as_aware(text: str, expected: tuple[int, int]) -> None:
    """Ours: ISO 8601 or `YYYY-MM-DD HH:MM:SS`, on Python 3.10 too; no offset means the zone's, here UTC."""
    moment = inputs.parse_timestamp("timestamp", text, timezone.utc).astimezone(timezone.utc)
    assert (moment.date().isoformat(), moment.hour, moment.minute) == ("2026-05-08", *expected)


@pytest.mark.parametrize("value", ["yesterday", "", "2026-13-01", "08/05/2026", "1e9", 12, "0001-01-01T00:00:00+14:00"])
def test_an_unreadable_timestamp_is_refused_with_the_value(value: Any) -> None:
    """Ours: the value and a good example stand in the message."""
    with pytest.raises(InputError, match=r"timestamp.*(cannot be read|must be a date|lies outside)"):
        inputs.parse_timestamp("timestamp", value)


def test_a_datetime_keeps_its_offset() -> None:
    """Invariant 11: it says which day it was for the user."""
    local = datetime(2026, 5, 8, 15, tzinfo=timezone(timedelta(hours=2)))
    assert inputs.parse_timestamp("timestamp", local).isoformat() == "2026-05-08T15:00:00+02:00"


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (["a"], "must be a JSON object, got list"),
        ("text", "must be a JSON object, got str"),
        ({"a": {1, 2}}, "not JSON"),
        ({"a": float("nan")}, "not JSON"),
        ({"a": "x" * 50_001}, "at most 50,000"),
    ],
    ids=["list", "text", "set inside", "not a number", "too long"],
)
def test_metadata_that_is_no_json_object_is_refused(value: object, message: str) -> None:
    """Ours: what cannot come back unchanged is not taken."""
    with pytest.raises(InputError, match=message):
        inputs.check_metadata(value)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text("abc é\n"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("xyz"), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text("xyz"), json_values, max_size=4))
def test_metadata_comes_back_unchanged(value: dict[str, Any]) -> None:
    """Ours: any JSON object, nested ones included."""
    assert inputs.check_metadata(value) == value


@pytest.mark.parametrize("value", [99, 20_001, 0, -1, "500", 1.5, True, None])
def test_a_budget_out_of_bounds_is_refused_with_the_value(value: object) -> None:
    """Ours: 100 to 20,000 whole tokens."""
    with pytest.raises(InputError, match="100 to 20,000"):
        inputs.check_max_tokens(value)


@pytest.mark.parametrize("value", ["anna\ufeff", "an\x00na", "\ud800", "a\r\nb"])
def test_a_user_id_that_would_have_to_be_cleaned_is_refused(value: str) -> None:
    """Invariant 5: cleaning would make two users one."""
    with pytest.raises(InputError, match="user_id"):
        inputs.check_user_id(value)


def test_no_metadata_is_an_empty_object() -> None:
    """Ours: absent and empty are the same."""
    assert inputs.check_metadata(None) == {}
