"""Passages of long turns: where sentences end, what gaps look like, and fences that are never left open."""

import sys
from collections.abc import Sequence
from types import FrameType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memoryos_mcp.retrieval.rendering import Names, turn_line
from memoryos_mcp.retrieval.shown_passages import GAP, text_of_passages
from memoryos_mcp.text import fences, sentences, with_fences_closed

CODE = "def f(x):\n    if x:\n\n        return 1\n    return 2"
ANSWER = f"Sure! Use this:\n\n```python\n{CODE}\n```\n\n1. **Run it**: now. Then tell me."
LINES = st.sampled_from(
    [
        "```",
        "```python",
        "  ```",
        "~~~",
        "~~~~ sh",
        "````",
        "x = 1",
        "    y = 2",
        "",
        "## 8 May 2026",
        "- `a`. b",
        "```x```",
    ]
)
TEXTS = st.one_of(st.lists(LINES, max_size=14).map("\n".join), st.text("`~ab\n\r\u2028 .", max_size=60))
SPANS = st.lists(st.tuples(st.integers(-3, 90), st.integers(-3, 90)), max_size=5)


def left_open(text: str) -> bool:
    """Return whether a reader of Markdown takes *text* to end inside a fence; written apart from the code it checks."""
    mark = ""
    for line in text.splitlines():
        bare = line.strip()
        run = len(bare) - len(bare.lstrip(bare[:1])) if bare[:1] in ("`", "~") else 0
        if not mark and run >= 3 and not (bare[0] == "`" and "`" in bare[run:]):
            mark = bare[:run]
        elif mark and bare and run == len(bare) and bare[0] == mark[0] and run >= len(mark):
            mark = ""
    return bool(mark)


def pieces(text: str) -> list[str]:
    """Return the sentences of *text* as they stand in it."""
    return [text[start:end] for start, end in sentences(text)]


def passages(text: str, *words: str) -> str:
    """Return what is shown of *text* when *words* are chosen."""
    return text_of_passages(text, [(text.index(each), text.index(each) + len(each)) for each in words])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Use v2.3.1 of example.com now. It is 3.5 MB!", ["Use v2.3.1 of example.com now. ", "It is 3.5 MB!"]),
        ("Really?! Yes (I think.) So be it.", ["Really?! ", "Yes (I think.) ", "So be it."]),
        ("1. Install it. 2. Run it.", ["1. Install it. ", "2. Run it."]),
        ("one line\nanother line\r\nlast", ["one line\n", "another line\r\n", "last"]),
        ("\u4f60\u597d\u3002\u518d\u89c1\uff01\u55ef", ["\u4f60\u597d\u3002", "\u518d\u89c1\uff01", "\u55ef"]),
        ("Look:\n```\na. b\n\nc\n```\nDone. Bye", ["Look:\n", "```\na. b\n\nc\n```\n", "Done. ", "Bye"]),
        ("no end", ["no end"]),
        ("", []),
    ],
)
def test_a_sentence_ends_before_white_space_only(text: str, expected: Sequence[str]) -> None:
    """Ours: versions, addresses and numbers of lists end none, CJK stops always do, a fence is one piece."""
    assert pieces(text) == expected


@given(TEXTS)
def test_sentences_are_the_whole_text(text: str) -> None:
    """Ours: nothing between them is lost, none is empty."""
    found = pieces(text)

    assert "".join(found) == text
    assert all(found)


def test_gaps_are_marked_where_they_are() -> None:
    """Ours: within a line, between lines, before the first passage and behind the last."""
    text = "One is here. Two is there. Three goes.\nFour stays. Five ends."

    assert passages(text, "One is here.", "Three goes.") == f"One is here. {GAP} Three goes. {GAP}"
    assert passages(text, "Two is there.", "Five ends.") == f"{GAP} Two is there.\n{GAP} Five ends."
    assert passages(text, "Three goes.", "Four stays.") == f"{GAP} Three goes.\nFour stays. {GAP}"


def test_passages_come_in_the_order_of_the_text() -> None:
    """Ours: whatever order they were chosen in; what overlaps is said once."""
    text = "Alpha beta gamma. Delta epsilon."

    assert text_of_passages(text, [(18, 32), (0, 10), (6, 17)]) == text


def test_all_of_a_text_is_the_text() -> None:
    """Invariant 13: shown as it was said, blank lines and indentation too."""
    assert text_of_passages(ANSWER, [(0, len(ANSWER))]) == ANSWER
    assert text_of_passages(ANSWER, sentences(ANSWER)) == ANSWER


def test_no_word_is_cut_in_two() -> None:
    """Ours: whoever cut the passage; a stretch without blanks is no word, nor is a sign of a script without any."""
    text = "The integration was planned, everything else was not."

    assert passages(text, "gration was plan") == f"{GAP} integration was planned {GAP}"
    assert passages("a" * 50 + "needle" + "b" * 50, "needle") == f"{GAP} needle {GAP}"
    assert passages("\u6211\u4f4f\u5728\u5317\u4eac", "\u4f4f\u5728") == f"{GAP} \u4f4f\u5728 {GAP}"


def test_a_fence_cut_short_keeps_its_first_line_and_is_closed() -> None:
    """Invariant 13: whole, or its lines, the mark of a gap, the closing line; lines are never cut in two."""
    assert passages(ANSWER, "def f(x):\n    if") == f"{GAP}\n```python\ndef f(x):\n    if x:\n{GAP}\n```"
    assert passages(ANSWER, "Sure!", "return 2") == f"Sure!\n```python\n{GAP}\n    return 2\n```\n{GAP}"
    assert passages(ANSWER, "Sure! Use this:", "def", "1. **Run") == (
        f"Sure! Use this:\n\n```python\ndef f(x):\n{GAP}\n```\n\n1. **Run {GAP}"
    )


def test_where_only_a_mark_of_a_fence_was_chosen_a_line_of_it_is_shown() -> None:
    """Ours: what was chosen is never nothing; the first line for the opening one, the last for the closing one."""
    assert passages(ANSWER, "Sure!", "```python") == f"Sure!\n{GAP}\n```python\ndef f(x):\n{GAP}\n```"
    assert passages(ANSWER, "```\n") == f"```python\n{GAP}\n    return 2\n```\n{GAP}"
    assert passages("x\n```\n```\ny", "```\n```") == f"{GAP}\n```\n```\n{GAP}"


def test_a_heading_of_which_nothing_is_shown_is_left_out() -> None:
    """Ours: it costs room and says nothing; one that is all that was chosen stays."""
    text = "Do this.\n\n### Steps\n\nOne. Two.\n\n## End"

    assert passages(text, "Do this.\n\n### Steps") == f"Do this. {GAP}"
    assert passages(text, "Do this.\n\n### Steps", "One.") == f"Do this.\n\n### Steps\n\nOne. {GAP}"
    assert passages(text, "### Steps") == f"{GAP} ### Steps {GAP}"
    assert passages(text, "Two.\n\n## End") == f"{GAP} Two.\n\n## End"


def test_a_fence_under_a_list_item_keeps_its_place() -> None:
    """Ours: models indent fences under list items; marks and closing line stand where the code does."""
    text = "- so:\n    ```sh\n    make\n    make test\n    ```\nend"

    assert passages(text, "make test") == f"    ```sh\n    {GAP}\n    make test\n    ```\n{GAP}"


def test_a_line_of_code_that_is_very_long_is_cut() -> None:
    """Ours: minified code must not eat the budget."""
    text = f"```js\n{'a' * 5000}needle{'b' * 5000}\n```"
    found = passages(text, "needle")

    assert found == f"```js\n{GAP}needle{GAP}\n```"


@settings(max_examples=400)
@given(TEXTS, SPANS)
def test_no_cut_leaves_a_fence_open(text: str, spans: list[tuple[int, int]]) -> None:
    """Invariant 13: whatever was said and wherever it is cut; nor when the text itself never closes it."""
    line = turn_line(Names(), 1, text_of_passages(text, spans), "p123")

    assert not left_open(text_of_passages(text, spans))
    assert not left_open(line)
    assert not left_open(turn_line(Names(), 1, text, "p123"))
    assert not left_open(with_fences_closed(text))


@given(TEXTS, st.integers(0, 60))
def test_fences_are_found_as_markdown_has_them(text: str, cut: int) -> None:
    """Ours: beside a reader written apart from it."""
    head = text[:cut]

    assert (bool(fences(head)) and fences(head)[-1].is_open) == left_open(head)


def test_code_is_shown_as_it_was_said() -> None:
    """Invariant 13: two spaces in front, the rest as it was; a fence begins a line of its own."""
    assert turn_line(Names(), 0, f"Look:\n\n{CODE}", "p1") == "User p1: Look:\n  \n  " + CODE.replace("\n", "\n  ")
    assert turn_line(Names(), 0, "```\nx\n```", "p1").splitlines() == ["User p1: ", "  ```", "  x", "  ```"]
    assert turn_line(Names(), 0, "\n\n    x\n  y\n", "p1").splitlines() == ["User p1: ", "      x", "    y"]
    assert turn_line(Names(), 0, "  just indented", "p1") == "User p1: just indented"


def test_what_we_say_of_a_turn_stands_in_its_label() -> None:
    """Ours: before the colon, where nothing that was said can stand."""
    assert turn_line(Names(), 0, "Hi", "p1", ["billing", "said 3 times"]) == "User p1 (billing; said 3 times): Hi"
    assert turn_line(Names(), 1, "Hi", "", ["said 3 times"]) == "Assistant (said 3 times): Hi"
    assert turn_line(Names(), 1, "Hi", "") == "Assistant: Hi"


def calls_for(text: str) -> int:
    """Return how many calls, of ours and of the interpreter's own functions, it takes to cut *text* and to show it."""
    count = 0

    def counted(frame: FrameType, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(counted)
    try:
        spans = sentences(text)
        turn_line(Names(), 0, text_of_passages(text, spans[::2]), "p1")
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize(
    "unit", [" ", "\n", "```\n", "`", "~~~\n\n", ". ", ".", ".)", "\u3002", "a\r", "1. ", "\u2028", "x" * 99 + "\n"]
)
def test_work_is_linear_in_the_text(unit: str) -> None:
    """Regression (30,000 blanks took 155 s): ten times the text is at most about ten times the work, counted."""
    small, large = (calls_for(unit * (size // len(unit))) for size in (2_000, 20_000))

    assert large <= 12 * small + 100
