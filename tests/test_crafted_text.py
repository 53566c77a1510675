"""No text that a page may hold costs much anywhere: every stage meets texts that were made to be dear."""

import unicodedata
from collections.abc import Callable
from typing import Literal

import pytest

from memoryos_mcp.embedders import BundledEmbedder
from memoryos_mcp.lexical import terms
from memoryos_mcp.lexical.entries import MAX_PIECES
from memoryos_mcp.rendering import Names, one_line, profile_lines, turn_line
from memoryos_mcp.text import normal_form

from .crafted import LIMIT, UNITS
from .work import MOST, passes

NAMES = Names()
EMBEDDER = BundledEmbedder()
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


@every_text
def test_terms_are_found_in_time_that_follows_the_length(name: str) -> None:
    """Regression: 100,000 digits without a blank and marks in the wrong order took ten seconds and more."""
    assert passes(terms, name) < MOST


def test_a_normal_form_keeps_what_people_write() -> None:
    """Ours: only crowds of marks and of signs that become many are cut."""
    for text in (
        "caf\u00e9",
        "\u1ebf\u0323",
        "\uff21\uff42",
        "\uff76\uff9e",
        "\ufdfa and \ufb01",
        "\u0e19\u0e49\u0e33" * 200,
    ):
        assert normal_form(text, "NFKC") == unicodedata.normalize("NFKC", text)
    crowd = "\u0315\u0300" * LIMIT
    assert normal_form(f"a{crowd}b", "NFC") == unicodedata.normalize("NFC", f"a{crowd[:30]}b")


@pytest.mark.parametrize("sign", ["\ufdfa", "\u33a5", "\U0001d15e", "\u1f82"])
@pytest.mark.parametrize("form", ["NFC", "NFD", "NFKC", "NFKD"])
def test_a_normal_form_is_at_most_twice_as_long(sign: str, form: Literal["NFC", "NFD", "NFKC", "NFKD"]) -> None:
    """Ours: a text of signs that become eighteen does not become eighteen texts."""
    assert len(normal_form(sign * LIMIT, form)) <= 2 * LIMIT


@every_text
def test_a_vector_is_made_in_time_that_follows_the_length(name: str) -> None:
    """Regression: 100,000 signs that each become eighteen letters took ten seconds."""
    assert passes(lambda text: EMBEDDER.embed([text]), name) < MOST


def test_of_a_long_text_the_bundled_embedder_reads_the_beginning() -> None:
    """Ours: some thousand pieces, many more than an index keeps of a turn; blanks in front hide nothing."""
    long, longer = ("\ufdfa " * LIMIT, "\ufdfa " * 2 * LIMIT)
    ids, more = EMBEDDER.token_ids([long, longer])
    assert ids.tolist() == more.tolist()
    assert MAX_PIECES < len(ids) < LIMIT
    words = "the violin came from Cremona"
    assert EMBEDDER.token_ids([" " * LIMIT + words])[0].tolist() == EMBEDDER.token_ids([words])[0].tolist()
