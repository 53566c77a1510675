"""No text that a page may hold costs much anywhere: every stage meets texts that were made to be dear."""

from collections.abc import Callable

import pytest

from memoryos_mcp.rendering import Names, one_line, profile_lines, turn_line

from .crafted import UNITS
from .work import MOST, passes

NAMES = Names()
every_text = pytest.mark.parametrize("name", UNITS)


def turn(text: str) -> str:
    """Return one turn as a model reads it."""
    return turn_line(NAMES, 0, text, "ab12")


@every_text
@pytest.mark.parametrize("rendered", [turn, one_line, profile_lines])
def test_a_line_is_rendered_in_time_that_follows_its_length(rendered: Callable[[str], object], name: str) -> None:
    """Regression: 30,000 blanks in a row took minutes, under the store's lock."""
    assert passes(rendered, name) < MOST


@pytest.mark.parametrize("blanks", ["\n", " \n", "\n ", " \n \n\t", "\r\n", "\u2028", " \x85 ", "\x0b\x0c"])
def test_every_line_break_with_the_blanks_around_it_begins_an_indented_line(blanks: str) -> None:
    """Ours: no recalled text begins a line in the first column; blanks without a break stay."""
    assert turn(f"one  two{blanks}three") == "User ab12: one  two\n  three"
    assert one_line(f"one  two{blanks}three") == "one two three"
