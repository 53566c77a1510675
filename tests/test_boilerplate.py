"""What hosts write into a conversation is told apart from what was said."""

import pytest

from memoryos_mcp.text import Boilerplate, boilerplate, is_boilerplate, typed_text


@pytest.mark.parametrize("known", boilerplate(), ids=lambda known: known.pattern[:30])
def test_every_example_is_left_out(known: Boilerplate) -> None:
    """Ours (FACTS, other traps): a row of the file that its own example does not match is a mistake."""
    assert known.example
    assert known.host
    assert is_boilerplate(known.example) == (known.kind != "words")
    assert is_boilerplate(f"\n  {known.example}\n") == (known.kind != "words")


@pytest.mark.parametrize("known", boilerplate(), ids=lambda known: known.pattern[:30])
def test_no_example_makes_its_neighbours_disappear(known: Boilerplate) -> None:
    """Ours: a user may speak of such marks; only what begins a text for good takes the rest with it."""
    said = f"I wonder what `{known.example[:18]}` means in this log, and why it came twice."

    assert typed_text(said) == said


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("<command-name>/review</command-name>\n<command-args>the parser</command-args>", "the parser"),
        ("[Image #1] What is wrong with this chart?", "What is wrong with this chart?"),
        ("Fix it.\n<system-reminder>\nTodo list.\n</system-reminder>", "Fix it."),
        ("Oslo has 700,000 people\ue200cite\ue202turn0search1\ue201.", "Oslo has 700,000 people."),
        ("It rained\u301020\u2020source\u3011 all day.", "It rained all day."),
        ("<system-reminder>x</system-reminder>[Request interrupted by user]", ""),
        ("<user_query>\nfix the test\n</user_query>", "fix the test"),
    ],
)
def test_what_was_typed_stays(text: str, typed: str) -> None:
    """Ours: marks go, words stay."""
    assert typed_text(text) == typed


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "API Error: 500 when I call /users. Why?",
        "Prompt is too long for the small model, so shorten it.",
        "Our usage limit reached 80 % yesterday.",
        "See [Image description](a.png) and [Image 3].",
        "The parser looks for <command-name> and never finds the end.",
        "```xml\n<system-reminder>keep me</system-reminder>\n```",
        "Use List<think> in Java",
        "a < b and c > d",
        "Please continue from where you left off.",
    ],
)
def test_what_only_looks_like_it_stays_whole(text: str) -> None:
    """Ours: silence costs less than words that were said and are gone."""
    assert typed_text(text) == text
    assert not is_boilerplate(text)


@pytest.mark.parametrize(
    "unit", ["<system-reminder>", "<think></think>", "[Image #1", "\ue200cite", "<think", "API Error: 500 {"]
)
def test_any_text_is_read(unit: str) -> None:
    """Ours: tags that are never closed are looked for once."""
    text = unit * (20_000 // len(unit))
    assert len(typed_text(text)) <= len(text)
