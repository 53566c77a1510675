"""Every row of the tables of rules, by the example that stands in it."""

from datetime import datetime, timezone
from typing import get_args

import pytest

from memoryos_mcp.analysis.local.rule_matching import statements_of
from memoryos_mcp.analysis.local.rules import How, Rule, area_of, pieces, rules, tools, written_out
from memoryos_mcp.domain.records import FACT_KINDS

SAID = datetime(2026, 3, 4, 15, tzinfo=timezone.utc)  # a Wednesday
TABLES = ("english_life", "english_work", "english_orders")
RULES = [rule for table in TABLES for rule in rules(table)]


@pytest.mark.parametrize("rule", RULES, ids=[f"{rule.kind}: {rule.example}" for rule in RULES])
def test_a_rule_reads_its_example(rule: Rule) -> None:
    """Ours: rules are data, each pattern with its example as test."""
    found = [(each.kind, each.line) for each in statements_of(rule.example, SAID)]
    if rule.wanted:
        assert (rule.kind, rule.wanted) in found
    else:
        assert any(each.how == rule.how for each in statements_of(rule.example, SAID))


@pytest.mark.parametrize("table", TABLES)
def test_rules_are_of_known_kinds_and_ways(table: str) -> None:
    """Ours: a closed world: no kind, no line."""
    for rule in rules(table):
        assert rule.kind in FACT_KINDS
        assert rule.how in get_args(How)
        assert rule.slot


def test_every_piece_of_a_pattern_is_known() -> None:
    """Ours: a misspelt <NAME> would be read as text."""
    for name, piece in pieces("english").items():
        assert "<" not in written_out(piece, pieces("english")).replace("(?<", ""), name


def test_a_tool_has_one_area_and_an_everyday_word_counts_alone() -> None:
    """Ours: "make" is a build tool, and a word that everybody uses."""
    assert tools()["pnpm"] == area_of("pnpm, never npm") == "package manager"
    assert area_of("make") == "build tool"
    assert area_of("let us make a difference") == ""
