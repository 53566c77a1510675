"""What is read in languages other than English: every rule by its example, and what must yield nothing."""

import re
from collections import Counter
from importlib.resources import files
from pathlib import Path

import pytest

from memoryos_mcp import Memoryos
from memoryos_mcp.analysis.fact_languages import LANGUAGES, fact_languages
from memoryos_mcp.analysis.local import LocalAnalyzer
from memoryos_mcp.analysis.local.languages import Rule, table, told_in
from memoryos_mcp.retrieval.embedders import BundledEmbedder

from .make import page

RULES = [(language, rule) for language in LANGUAGES for rule in table(language).rules]
ROWS = [
    row.split("\t")
    for row in (files("tests") / "data" / "other_languages.tsv").read_text("utf-8").splitlines()
    if row and not row.startswith("#")
]


@pytest.mark.parametrize(("language", "rule"), RULES, ids=[f"{language}: {rule.example}" for language, rule in RULES])
def test_every_rule_reads_its_example(language: str, rule: Rule) -> None:
    """Ours: the example beside a rule is its test, kind and line."""
    assert [(told.kind, told.line) for told in told_in(rule.example)] == [(rule.kind, rule.wanted)]


@pytest.mark.parametrize(("language", "said", "wanted"), ROWS, ids=[f"{row[0]}: {row[1]}" for row in ROWS])
def test_messages_yield_what_they_say_and_nothing_else(language: str, said: str, wanted: str) -> None:
    """Ours: neighbours of the rules; questions, third persons and suppositions yield nothing."""
    assert [told.line for told in told_in(said)] == [line for line in wanted.split(" | ") if line]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_has_twenty_rules_and_ten_negatives(language: str) -> None:
    """Ours: about twenty patterns for the same kinds in each language, at least ten negatives."""
    kinds = {rule.kind for rule in table(language).rules}
    silent = Counter(row[0] for row in ROWS if not row[2])
    assert len(table(language).rules) >= 20
    assert {"name", "home", "work", "allergy", "diet", "liking", "instruction"} <= kinds
    assert any(rule.how == "ends" for rule in table(language).rules)
    assert silent[language] >= 10


@pytest.mark.parametrize(
    "text",
    [
        "Jag heter Anna och bor i Lund.",
        "Mi chiamo Marco e vivo in Italia.",
        "Меня зовут Анна, я живу в Москве.",
        "저는 서울에 살고 있습니다.",
        "My name is Ana and I live in Madrid.",
        "",
    ],
)
def test_a_language_without_a_table_yields_nothing(text: str) -> None:
    """KNOWLEDGE 10: silence is cheap; English has tables of its own."""
    assert told_in(text) == ()


def test_what_is_quoted_or_code_says_nothing() -> None:
    """Ours: only typed prose speaks."""
    assert told_in('El cartel dice:\n> Me llamo Ana\n```\nvivo en Madrid\n```\n"Soy alérgica al polen"') == ()


def test_slots_and_quotes_are_kept() -> None:
    """KNOWLEDGE 7: each line has its quote; a slot has the value without its article."""
    (told,) = told_in("Ya no me gusta el café.")
    assert (told.slot, told.how, told.quote) == ("liking:café", "ends", "Ya no me gusta el café")


def test_a_long_text_is_read_in_bounded_work() -> None:
    """Ours: 100,000 characters of anything cost little: only the first 6,000 are read."""
    assert len(told_in("Vivo en Madrid, " * 10_000)) <= 12
    assert len(told_in("我住在北京，" * 20_000)) <= 12


def test_no_pattern_of_a_table_uses_an_unknown_piece() -> None:
    """Ours: a piece that is not defined would stand as text in the pattern."""
    assert not [rule for _, rule in RULES if re.search(r"<[A-Z]{2,}>", rule.pattern.pattern)]


def test_status_says_for_which_languages_facts_are_read() -> None:
    """KNOWLEDGE 10: who speaks another language learns why the profile is empty."""
    assert fact_languages("local") == "English, Chinese, Spanish, German, French, Portuguese and Japanese"
    assert fact_languages("openai") == "any language that its model reads"


def test_a_message_in_another_language_becomes_facts_and_attributes() -> None:
    """Ours: Chinese users got nothing; an ending closes what was told, with its attribute."""
    analyzer = LocalAnalyzer(BundledEmbedder())
    told = analyzer.note([page(1, "你好，我叫王伟，我住在北京。我对花生过敏。", "你好！")], ())
    ended = analyzer.note([page(1, "Vivo en Madrid.", "Vale."), page(2, "Ya no vivo en Madrid.", "Vale.")], ())

    assert [each.text for each in told.facts] == ["Name is 王伟", "Lives in 北京", "Allergic to 花生"]
    assert {each.name: each.value for each in told.attributes} == {"name": "王伟", "home": "北京", "allergies": "花生"}
    assert [(each.text, each.retracts) for each in ended.facts][-1] == ("No longer lives in Madrid", True)
    assert [each for each in ended.attributes if each.value] == []


def test_a_change_told_in_another_language_closes_what_was(tmp_path: Path) -> None:
    """Ours: a move and a lost taste, turn by turn, with the attribute; what was stays with its dates."""
    with Memoryos(data_dir=tmp_path, embedder="bundled", analyzer="local") as memory:
        for day, said in enumerate(("我住在北京，我喜欢弹钢琴。", "我搬到了上海。", "我不喜欢弹钢琴了。"), start=1):
            memory.add_memory(said, "好的。", f"2026-03-0{day} 10:00:00")
            assert memory.settle(20)
        profile = memory.get_user_profile()

    held = {fact.fact for fact in profile.user_knowledge if fact.superseded_by is None}
    assert held == {"Moved to 上海", "No longer likes 弹钢琴"}
    assert {each.name: each.value for each in profile.static} == {"home": "上海"}
