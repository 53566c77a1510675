"""Export and restore: everything comes back, into an empty memory or another one, however often."""

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from memoryos_mcp.api.memoryos import Memoryos
from memoryos_mcp.domain.errors import InputError
from memoryos_mcp.domain.records import Attribute, Trait
from memoryos_mcp.domain.settings import load_settings
from memoryos_mcp.generation.llm import Usage
from memoryos_mcp.generation.usage_ledger import UsageLedger
from memoryos_mcp.tiers.forgotten_facts import attribute_bar, fact_bars, trait_bar
from memoryos_mcp.transfer.portable import Restored, export_lines, is_export, restore
from memoryos_mcp.transfer.portable.lines import decode, encode
from memoryos_mcp.updating.audit import audit

from .make import NOON, fact, page
from .world import USER, Make, World

Kept = dict[str, World]


@pytest.fixture
def filled(make: Make) -> World:
    """Return a world with something in every place."""
    return fill(make(segments=1))


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, ...]]:
    """Return the export of such a world, for those that only read it: making one takes most of a second."""
    world = fill(World(tmp_path_factory.mktemp("told"), segments=1))
    yield tuple(exported(world))
    world.close()


def fill(world: World) -> World:
    """Put something in every place: three tiers, archive, a superseded fact, a trait, usage."""
    world.say(*(f"tea {number}" for number in range(6)), "car one", "I am a nurse", "x", "I am a pilot", "y", "z")
    world.settle()
    world.memory.long_term.put(USER, [Trait("openness", "high", "tries teas", ("p1",), NOON)])
    world.memory.short_term.put(USER, [page(90, 'café\u2028"quoted"\n🦊', metadata={"a": [1, {"b": None}]})])
    UsageLedger(world.store).add(USER, Usage(3, 400, 50, 1))
    world.memory.long_term.bar(USER, fact_bars(USER, fact("f-gone", "I am a spy", key="am", page_ids=()), ["p8"]))
    assert world.memory.mid_term.archived_count(USER)
    assert any(item.superseded_by for item in world.memory.long_term.facts(USER).values())
    return world


@pytest.fixture
def another(tmp_path: Path) -> Iterator[World]:
    """Return a world on another folder."""
    world = World(tmp_path / "another", segments=1)
    yield world
    world.close()


def exported(world: World) -> list[str]:
    """Return the lines of an export."""
    return list(export_lines(world.memory, [USER]))


def by_kind(lines: list[str]) -> dict[str, list[dict[str, object]]]:
    """Return the objects of an export by kind."""
    found: dict[str, list[dict[str, object]]] = {}
    for line in lines:
        value = json.loads(line)
        found.setdefault(value["kind"], []).append(value)
    return found


def test_an_export_holds_every_tier_and_says_what_is_what(filled: World) -> None:
    """Ours: one documented file; nothing derived is in it."""
    lines = exported(filled)
    kinds = by_kind(lines)

    assert is_export(lines[0])
    assert kinds["header"] == [{"kind": "header", "format": "memoryos-mcp", "version": 1, "users": [USER]}]
    assert kinds["end"] == [{"kind": "end", "lines": len(lines) - 1}]
    assert {value["tier"] for value in kinds["page"]} == {"short_term", "mid_term", "archive"}
    assert {value["tier"] for value in kinds["segment"]} == {"mid_term", "archive"}
    assert sorted(str(value["page_id"]) for value in kinds["page"]) == filled.everything()
    assert len(kinds["fact"]) == len(filled.memory.long_term.facts(USER))
    assert kinds["usage"][0]["prompt_tokens"] == 400
    assert (len(kinds["trait"]), len(kinds["attribute"]), len(kinds["bar"])) == (1, 1, 2)
    assert not any("a spy" in line for line in lines)
    assert all("vector" not in value for values in kinds.values() for value in values)


def test_what_was_exported_and_restored_exports_the_same(filled: World, another: World) -> None:
    """Ours: the round trip is the identity, to the byte."""
    lines = exported(filled)

    done = restore(another.memory, lines)

    assert (done.skipped, done.complete, done.users) == (0, True, [USER])
    assert exported(another) == lines
    assert done.added.total() == len(lines) - 2


def test_a_restored_memory_is_whole_once_it_was_repaired(filled: World, another: World) -> None:
    """Ours: every invariant holds, indexes included."""
    restore(another.memory, exported(filled))
    another.repairer.repair(USER)
    while another.reembedder.step(USER):
        pass

    assert audit(another.memory, USER) == []


def test_restoring_twice_is_the_same_as_once(filled: World, another: World) -> None:
    """Ours: an interrupted restore is simply done again."""
    lines = exported(filled)
    restore(another.memory, lines[: len(lines) // 2])
    again = restore(another.memory, lines)
    third = restore(another.memory, lines)

    assert exported(another) == lines
    assert again.known.total() == len(lines) // 2 - 1
    assert third.added.total() == 0


def test_a_page_that_stands_twice_in_a_file_comes_back_once(filled: World, another: World) -> None:
    """Regression: the store refused to look for one id twice, and the restore ended in the midst. The first holds."""
    lines = exported(filled)
    (twice,) = [line for line in lines if '"x"' in line and '"kind":"page"' in line]
    tier = json.loads(twice)["tier"]

    done = restore(another.memory, [*lines[:-1], twice.replace(f'"tier":"{tier}"', '"tier":"short_term"')])

    (found,) = [line for line in exported(another) if '"x"' in line and '"kind":"page"' in line]
    assert json.loads(found)["tier"] == tier
    assert done.known["page"] == 1


def test_restoring_into_a_memory_that_has_its_own_adds_to_it(filled: World, another: World) -> None:
    """Ours: nothing of it is replaced by something older, and one slot has one value."""
    late = NOON + timedelta(days=400)
    another.say("bread one")
    newer = fact("f-here", "I am a judge", key="am", said_at=late, page_ids=())
    another.memory.long_term.put(USER, [newer, Trait("openness", "low", "never", (), late)])

    done = restore(another.memory, exported(filled))

    facts = another.memory.long_term.facts(USER).values()
    assert [item.fact for item in facts if item.superseded_by is None and item.key == "am"] == ["I am a judge"]
    assert another.memory.long_term.traits(USER)["openness"].level == "low"
    assert (done.known["trait"], done.added["page"]) == (1, len(filled.everything()) - 1)


def test_what_was_forgotten_by_its_id_is_not_brought_back_by_an_older_export(filled: World, another: World) -> None:
    """Ours: fact, attribute and trait stay gone, in the memory that forgot them; others of the page come back."""
    told = ("p6",)
    known = [fact("f-gone", "I am shy", page_ids=told), fact("f-kept", "I am tall", page_ids=told)]
    home = Attribute("home", "Oslo; Bergen", told, NOON)
    filled.memory.long_term.put(USER, [*known, home, Trait("bravery", "low", "shy", told, NOON)])
    older = exported(filled)
    bars = [*fact_bars(USER, known[0], told), attribute_bar(USER, "home", "Oslo", told)]
    another.memory.long_term.bar(USER, [*bars, trait_bar(USER, "bravery", told)])

    done = restore(another.memory, older)

    long_term = another.memory.long_term
    assert done.barred == {"fact": 1, "trait": 1}
    assert ("f-gone" in long_term.facts(USER), "f-kept" in long_term.facts(USER)) == (False, True)
    assert long_term.attributes(USER)["home"].value == "Bergen"
    assert set(long_term.traits(USER)) == {"openness"}


def test_two_users_stay_two(filled: World, another: World) -> None:
    """Ours: a file may hold several people."""
    filled.memory.short_term.put("ben / ..", [page(1, "Ben's own page")])
    lines = list(export_lines(filled.memory, [USER, "ben / .."]))

    done = restore(another.memory, lines)

    assert done.users == [USER, "ben / .."]
    assert [item.user_input for item in another.memory.short_term.pages("ben / ..")] == ["Ben's own page"]
    assert list(export_lines(another.memory, [USER, "ben / .."])) == lines


def test_pages_that_move_on_while_they_are_exported_are_told_once(filled: World) -> None:
    """Ours: others write meanwhile; no page is missed, none told twice."""
    filled.say("tea again", "car again", "tea more", "car more")
    lines = export_lines(filled.memory, [USER])
    before = filled.everything()
    seen = [next(lines), next(lines)]
    filled.settle()
    seen += lines

    assert sorted(str(value["page_id"]) for value in by_kind(seen)["page"]) == before


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda value: "no JSON", "no JSON"),
        (lambda value: "[1]", "JSON object"),
        (lambda value: json.dumps({**value, "kind": "song"}), "unknown kind"),
        (lambda value: json.dumps({**value, "tier": "attic"}), "attic"),
        (lambda value: json.dumps({**value, "user_id": ["a"]}), "user_id"),
        (lambda value: json.dumps({**value, "user_id": "a\x00"}), "user_id"),
        (lambda value: json.dumps({**value, "timestamp": "yesterday"}), "timestamp"),
        (lambda value: json.dumps({**value, "timestamp": "2025-01-01T00:00:00"}), "offset"),
        (lambda value: json.dumps({**value, "page_id": "a\nb"}), "no id"),
        (lambda value: json.dumps({**value, "page_id": ""}), "no id"),
        (lambda value: json.dumps({**value, "user_input": " "}), "blank"),
        (lambda value: json.dumps({**value, "kind": "bar", "tier": "", "digest": "../x", "page_ids": ["p"]}), "digest"),
        (lambda value: json.dumps({key: value[key] for key in value if key != "page_id"}), "page_id"),
    ],
)
def test_a_line_that_cannot_be_used_is_told_and_the_rest_restored(
    told: tuple[str, ...], another: World, spoil: Callable[[dict[str, object]], str], why: str
) -> None:
    """Ours: one bad line in a file edited by hand does not cost the others."""
    lines = list(told)
    (place,) = [number for number, line in enumerate(lines) if "café" in line]
    lines[place] = spoil(json.loads(lines[place]))

    done = restore(another.memory, lines)

    assert done.skipped == 1
    assert done.reasons[0].startswith(f"line {place + 1}: ")
    assert why in done.reasons[0]
    assert done.added["page"] == len(by_kind(list(told))["page"]) - 1


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ({"timestamp": "0001-01-01T00:00:00+14:00"}, "outside the years"),
        ({"sequence": 2**63 - 1}, "sequence must be"),
        ({"sequence": -1}, "sequence must be"),
        ({"metadata": {"much": float("inf")}}, "metadata is not JSON"),
        ({"chain_summary": "x" * 1_000_001}, "chain_summary has 1,000,001"),
        ({"user_input": "x" * 1_000_001}, "user_input has 1,000,001"),
    ],
)
def test_what_would_break_later_work_is_refused(value: dict[str, object], why: str) -> None:
    """Regression: such lines came in, and reading that user's pages failed from then on, or could."""
    line = json.loads(encode(USER, "mid_term", page(1)))

    with pytest.raises(InputError, match=why):
        decode(json.dumps({**line, **value}))


def test_the_longest_text_that_a_setting_allows_comes_back(filled: World, another: World) -> None:
    """Regression: what was stored under a larger MEMORYOS_MAX_TEXT_CHARS was left out of what was restored."""
    filled.memory.short_term.put(USER, [replace(page(99), user_input="x" * 1_000_000)])

    done = restore(another.memory, exported(filled))

    assert (done.skipped, done.added["page"]) == (0, len(filled.everything()))


def test_a_file_that_is_cut_short_is_told(filled: World, another: World) -> None:
    """Ours: what is there is restored, and the caller knows that more was."""
    done = restore(another.memory, exported(filled)[:-1])

    assert not done.complete
    assert another.everything() == filled.everything()


@pytest.mark.parametrize(
    ("first", "why"),
    [
        ("", "no export"),
        ('{"user_input": "a"}', "no export"),
        ('{"kind": "header", "format": "memoryos-mcp", "version": 2}', "upgrade"),
    ],
)
def test_what_is_no_export_is_refused_as_a_whole(another: World, first: str, why: str) -> None:
    """Ours: nothing is guessed, nothing stored."""
    with pytest.raises(InputError, match=why):
        restore(another.memory, [first, "{}"] if first else [])

    assert another.store.users() == []


def test_background_work_is_kept_off_while_a_user_is_restored(filled: World, another: World) -> None:
    """Ours: a repair between a segment and its pages would rebuild what is on its way."""
    held: list[str] = []

    @contextmanager
    def hold(user_id: str) -> Iterator[None]:
        held.append(user_id)
        assert another.everything() == []
        yield

    hold_: Callable[[str], AbstractContextManager[None]] = hold
    restore(another.memory, exported(filled), hold=hold_)

    assert held == [USER]


def test_unknown_fields_of_a_later_version_are_ignored(filled: World, another: World) -> None:
    """Ours: a field more does not make a file unreadable."""
    lines = [json.dumps({**json.loads(line), "later": 1}) for line in exported(filled)]

    assert restore(another.memory, lines).skipped == 0
    assert exported(another) == exported(filled)


def test_the_facade_restores_and_finds_again(tmp_path: Path) -> None:
    """Ours: after the background work everything is found as before, by words and by vectors."""
    first = load_settings({"data_dir": tmp_path / "a", "embedder": "bundled", "analyzer": "local"}, environ={})
    with Memoryos(first) as memory:
        for number in range(14):
            memory.add_memory(f"I planted tulip {number}.", "Lovely.", NOON + timedelta(days=number))
        memory.add_memory("I'm allergic to hazelnuts.", "Noted.", NOON)
        assert memory.settle(30)
        lines = list(memory.export())
    with Memoryos(first.model_copy(update={"data_dir": tmp_path / "b"})) as memory:
        done = memory.restore(lines)
        assert memory.settle(30)
        again = list(memory.export())
        text = memory.retrieve_context("What am I allergic to?").text
        indexed = memory.status().mid_term_pages

    assert again == lines
    assert (done.skipped, indexed) == (0, 5)
    assert "hazelnuts" in text


def test_the_counts_of_a_restore_start_at_zero() -> None:
    """Ours: a fresh report is empty, and keeps no more reasons than people read."""
    done = Restored()
    for number in range(50):
        done.skip(number, "why")

    assert (done.skipped, len(done.reasons)) == (50, 20)
    assert replace(done).added.total() == 0
