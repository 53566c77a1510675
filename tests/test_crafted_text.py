"""No text that a page may hold costs much anywhere: every stage meets texts that were made to be dear."""

import json
import unicodedata
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest

from memoryos_mcp.analysis.local import LocalAnalyzer
from memoryos_mcp.domain.inputs import clean
from memoryos_mcp.domain.records import Batch
from memoryos_mcp.domain.secrets import redact
from memoryos_mcp.retrieval.embedders import BundledEmbedder
from memoryos_mcp.retrieval.excerpt import excerpt
from memoryos_mcp.retrieval.rendering import Names, one_line, profile_lines, turn_line
from memoryos_mcp.retrieval.shown_passages import text_of_passages
from memoryos_mcp.storage.index.entries import MAX_PIECES
from memoryos_mcp.text import fold, normal_form, sentences, typed_text, with_fences_closed
from memoryos_mcp.text.dates import find_dates
from memoryos_mcp.text.terms import terms
from memoryos_mcp.transfer.history.cursor import read_cursor

from .crafted import LIMIT, UNITS
from .make import NOON, page, segment
from .retrieval_world import QuarterTokenizer, RetrievalWorld, exchange
from .work import MOST, passes

NAMES = Names()
EMBEDDER = BundledEmbedder()
ANALYZER = LocalAnalyzer(EMBEDDER)
every_text = pytest.mark.parametrize("name", UNITS)


def every_other_sentence(text: str) -> str:
    """Return every other sentence as it is shown."""
    return text_of_passages(text, sentences(text)[::2])


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
    """Ours: no recalled text begins a line in the first column; blanks and blank lines stay as they were."""
    lines = f"one  two{blanks}three".splitlines()
    assert turn(f"one  two{blanks}three") == "\n  ".join([f"User ab12: {lines[0]}", *lines[1:]])
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
def test_a_normal_form_is_at_most_twice_as_long(sign: str) -> None:
    """Ours: a text of signs that become eighteen does not become eighteen texts."""
    assert len(normal_form(sign * LIMIT, "NFKC")) <= 2 * LIMIT


@pytest.mark.parametrize("letters", ["\ud55c\uad6d", "\u1ebf", "\u0958\u0902", "\u0e33"])
def test_a_long_text_of_letters_that_come_apart_is_folded_whole(letters: str) -> None:
    """Ours: Korean and Vietnamese become three times as long on the way, and nothing of them is left out."""
    assert fold(letters * 1_000) == fold(letters) * 1_000


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


@every_text
def test_an_excerpt_is_found_in_time_that_follows_the_length(name: str) -> None:
    """Regression: 50,000 full stops were 50,000 sentences, each read for its terms."""
    assert passes(lambda text: excerpt(text, {"a", "cremona"}, 700), name) < MOST


@every_text
@pytest.mark.parametrize("read", [sentences, typed_text, with_fences_closed, every_other_sentence])
def test_a_text_is_cut_and_closed_in_time_that_follows_its_length(read: Callable[[str], object], name: str) -> None:
    """Ours: sentences, fences, marks of hosts, and passages with gaps between them."""
    assert passes(read, name) < MOST


class CountingTokenizer(QuarterTokenizer):
    """Keeps the length of the longest text that it had to count."""

    longest = 0

    def count(self, text: str) -> int:
        """Return a quarter of the characters."""
        self.longest = max(self.longest, len(text))
        return super().count(text)


@pytest.mark.parametrize("padding", [" ", "x", ". ", "word "])
def test_a_long_turn_is_cut_before_it_is_counted_and_broken_into_lines(tmp_path: Path, padding: str) -> None:
    """Regression: the whole side was broken into lines and counted under the store's lock, then cut."""
    tokenizer = CountingTokenizer()
    half = padding * (LIMIT // 2 // len(padding))
    with RetrievalWorld(tmp_path, tokenizer=tokenizer) as world:
        world.remember(exchange(0, f"{half} My violin was made in Cremona. {half}"))
        found = world.recall("violin Cremona", 300)
    assert "violin" in found.text
    assert found.token_count <= 300
    assert tokenizer.longest < 16 * 300


@every_text
@pytest.mark.parametrize("stored", [clean, redact])
def test_a_text_is_cleaned_of_secrets_in_time_that_follows_its_length(
    stored: Callable[[str], object], name: str
) -> None:
    """Regression: each "password=" of thousands tried 500 letters, then 499, then 498."""
    assert passes(stored, name, 40) < 40


def read(text: str) -> None:
    """Ask the local analyzer everything about a page of *text*."""
    one = page(1, text, text)
    ANALYZER.note([one], [])
    ANALYZER.analyze_batch(Batch((one,)), [])
    ANALYZER.analyze_segment(segment("s1"), [one], [])


@every_text
def test_a_page_is_consolidated_in_time_that_follows_its_length(name: str) -> None:
    """Regression: every stretch between at signs was tried as a mail address from each of its letters."""
    assert passes(read, name) < MOST


@every_text
def test_dates_are_found_in_time_that_follows_the_length(name: str) -> None:
    """Ours: whatever stands in for digits, months and phrases of time."""
    assert passes(lambda text: find_dates(text, NOON), name) < MOST


def imported(text: str) -> list[object]:
    """Read *text* as a prompt in a transcript of Cursor's agent."""
    line = {"role": "user", "message": {"content": [{"type": "text", "text": text}]}}
    return list(read_cursor(BytesIO(json.dumps(line).encode())))


@every_text
def test_a_prompt_is_imported_in_time_that_follows_its_length(name: str) -> None:
    """Regression: each "<user_query>" without an end was sought to the end of the text."""
    assert passes(imported, name) < MOST
