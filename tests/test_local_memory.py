"""What the local analyzer makes of pages one after another: changes, corrections, repeats, attributes, traits."""

from datetime import timedelta

import pytest

from memoryos_mcp.analysis.local import LocalAnalyzer
from memoryos_mcp.domain.records import Attribute, Fact, Page, Trait
from memoryos_mcp.tiers.knowledge import active, apply_attributes, apply_facts, apply_traits

from .fakes import FirstWordEmbedder
from .make import NOON, page

ANALYZER = LocalAnalyzer(FirstWordEmbedder())


class Memory:
    """Long-term memory as the engine keeps it, fed page by page."""

    def __init__(self, analyzer: LocalAnalyzer = ANALYZER) -> None:
        self.analyzer = analyzer
        self.facts: dict[str, Fact] = {}
        self.attributes: dict[str, Attribute] = {}
        self.traits: dict[str, Trait] = {}
        self.pages: list[Page] = []

    def hear(self, *said: str, answer: str = "I see.") -> "Memory":
        """Take in pages, a day apart."""
        for text in said:
            one = page(len(self.pages) + 1, text, answer, timestamp=NOON + timedelta(days=len(self.pages) + 1))
            found = self.analyzer.note([one], list(self.facts.values()), self.pages)
            self.pages.append(one)
            self.facts.update(apply_facts(self.facts, found.facts, analyzer="local").changed)
            changed, gone = apply_attributes(self.attributes, found.attributes)
            self.attributes.update({each.name: each for each in changed})
            for name in gone:
                self.attributes.pop(name)
            traits, fallen = apply_traits(self.traits, found.traits)
            self.traits.update({each.dimension: each for each in traits})
            for name in fallen:
                self.traits.pop(name)
        return self

    def lines(self, about: str = "user") -> list[str]:
        """Return the lines that hold now."""
        return [fact.fact for fact in active(self.facts.values()) if fact.about == about]

    def values(self) -> dict[str, str]:
        """Return the static attributes."""
        return {name: each.value for name, each in self.attributes.items()}

    def levels(self) -> dict[str, str]:
        """Return the traits' levels."""
        return {name: each.level for name, each in self.traits.items()}


@pytest.mark.parametrize(
    ("said", "lines"),
    [
        (["I live in Oslo", "I moved to Bergen in 2024"], ["Moved to Bergen (2024)"]),
        (["I live in Oslo", "I moved to Bergen in 2024", "It's Stavanger, not Bergen"], ["Moved to Stavanger (2024)"]),
        (["I live in Oslo", "I don't live in Oslo anymore"], ["No longer lives in Oslo"]),
        (
            ["I work as a nurse", "I quit my job", "I started a new job as a teacher"],
            ["Started a new job as a teacher"],
        ),
        (["I work at Google", "I no longer work at Google"], ["No longer works at Google"]),
        (["I love coffee", "I don't like coffee anymore"], ["No longer likes coffee"]),
        (["I love coffee", "I don't like coffee anymore", "I love coffee"], ["Loves coffee"]),
        (["I eat meat every day", "I don't eat meat anymore"], ["Does not eat meat"]),
        (["I smoke a pack a day", "I stopped smoking in 2025"], ["Gave up smoking (2025)"]),
        (["I'm vegetarian", "I'm not vegetarian anymore"], ["No longer vegetarian"]),
        (["I'm learning Spanish", "I stopped learning Spanish"], ["Gave up Spanish"]),
        (["I'm 34", "I'm 35"], ["Is 35 years old (2026)"]),
        (["My birthday is in June", "Sorry, my birthday is in July, not June"], ["Birthday is July"]),
        (["my name is Samuel", "Actually it's Sam, not Samuel"], ["Name is Sam"]),
        (
            ["My sister Anna lives in Rome", "my sister's name is Hanna, not Anna"],
            ["Sister Anna lives in Rome", "Sister is called Hanna"],
        ),
        (["We're not from Bergen but from Oslo"], []),
        (["I'm married to Tom", "I got divorced"], ["Got divorced"]),
        (["my husband is a pilot", "My husband Tom is a pilot"], ["Husband Tom is a pilot", "Married to Tom"]),
        (["I have a dog named Rex", "My dog Rex died"], ["Dog Rex died"]),
        (["I play guitar", "I play guitar every day"], ["Plays guitar every day"]),
        (["I moved to Spain", "I used to live in Paris"], ["Moved to Spain"]),
    ],
    ids=lambda value: " / ".join(value) if isinstance(value, list) else None,
)
def test_what_changed_supersedes_what_was_said_before(said: list[str], lines: list[str]) -> None:
    """Ours: negation and correction are handled, a corrected fact supersedes the old one."""
    held = Memory().hear(*said).lines()
    assert [line for line in held if line != "Has a husband"] == lines


def test_a_superseded_fact_stays_readable_with_its_time() -> None:
    """Ours: "where did I live before?" still has an answer."""
    memory = Memory().hear("I live in Oslo", "I moved to Bergen in 2024")
    old = next(fact for fact in memory.facts.values() if fact.fact == "Lives in Oslo")
    assert old.superseded_at == NOON + timedelta(days=2)


def test_the_same_thing_said_again_only_adds_its_page() -> None:
    """Ours: the same line is the same fact; another word for the same thing takes its place."""
    memory = Memory().hear("I love hiking", "I love hiking!", "I'm learning Spanish", "Still learning Spanish")
    assert {fact.fact: fact.page_ids for fact in memory.facts.values()} == {
        "Loves hiking": ("p1", "p2"),
        "Learning Spanish": ("p3", "p4"),
    }
    assert memory.hear("I hate hiking").lines() == ["Learning Spanish", "Hates hiking"]


def test_every_line_carries_its_kind_its_quote_and_its_page() -> None:
    """Ours: what the memory claims to know can be checked."""
    (found,) = ANALYZER.note([page(1, "By the way, I'm allergic to latex.")], []).facts
    assert (found.kind, found.key, found.page_ids) == ("allergy", "allergy:latex", ("p1",))
    assert found.quote == "By the way, I'm allergic to latex"


def test_what_is_said_of_work_holds_within_its_project() -> None:
    """Ours: two projects may use two package managers."""
    shop = page(1, "We use pnpm.", project="Shop")
    site = page(2, "We use yarn.", project="site", timestamp=NOON + timedelta(days=1))
    found = ANALYZER.note([shop, site], []).facts
    assert [(each.text, each.project, each.supersedes) for each in found] == [
        ("We use pnpm", "Shop", None),
        ("We use yarn", "site", None),
    ]


def test_a_plan_and_an_event_say_when_they_are_past() -> None:
    """Ours: facts expire where their kind does; after it they are shown as past."""
    (found,) = ANALYZER.note([page(1, "My flight is on 12 June 2026.")], []).facts
    assert (found.kind, found.text) == ("event", "Flight is on 12 June 2026")
    assert found.expires is not None
    assert found.expires.date().isoformat() == "2026-06-13"


def test_a_correction_of_nothing_known_says_nothing() -> None:
    """Ours: "it's a cat, not a dog" may be about a picture."""
    assert Memory().hear("It's a cat, not a dog").lines() == []


def test_static_attributes_follow_what_is_said() -> None:
    """Ours: name, age, work, home, family, pronouns ... the newest value wins, an ended one goes."""
    memory = Memory().hear(
        "My name is Ana, I'm 34 and live in Porto.",
        "I work as a nurse at St. Mary's. My pronouns are she/her.",
        "My wife Ingrid and I have two kids, Ola (7) and Kari (4)",
        "I quit my job yesterday",
    )
    assert memory.values() == {
        "name": "Ana",
        "age": "34 (2026)",
        "home": "Porto",
        "pronouns": "she/her",
        "children": "two kids, Ola (7) and Kari (4)",
        "partner": "Ingrid",
    }


def test_allergies_and_pets_gather() -> None:
    """Ours: a second allergy does not make the first forgotten."""
    memory = Memory().hear("I'm allergic to peanuts", "I'm also allergic to cats", "I have a dog", "we have two horses")
    assert memory.values() == {"allergies": "peanuts; cats", "pets": "a dog; two horses"}
    assert memory.hear("I'm no longer allergic to peanuts").values()["allergies"] == "cats"


def test_a_correction_changes_the_attribute_too() -> None:
    """Ours: profile and knowledge agree."""
    assert Memory().hear("I live in Oslo", "No, it's Bergen, not Oslo").values() == {"home": "Bergen"}


def test_names_that_the_settings_give_are_no_news() -> None:
    """Ours: `user_name` is known already; another name is news."""
    analyzer = LocalAnalyzer(FirstWordEmbedder(), user_name="Ana")
    assert Memory(analyzer).hear("my name is Ana").lines() == []
    assert Memory(analyzer).hear("my name is Eva").lines() == ["Name is Eva"]


def test_a_trait_needs_several_statements_and_falls_with_them() -> None:
    """Ours: traits only from several statements; they fall with the facts they stand on."""
    memory = Memory().hear("I love sushi")
    assert memory.levels() == {}
    assert memory.hear("I love good wine").levels() == {"gourmet_food": "high"}
    assert memory.traits["gourmet_food"].evidence == "Loves sushi; Loves good wine"
    assert memory.hear("I hate sushi").levels() == {}


def test_a_dislike_of_one_kind_is_no_dislike_of_all() -> None:
    """Ours: who hates jazz may live for music."""
    assert Memory().hear("I hate jazz").levels() == {}


@pytest.mark.parametrize(
    ("answer", "lines"),
    [
        ('Then I recommend "The Little Prince" and "Emma".', ['Recommended "The Little Prince" and "Emma"']),
        ("I'd suggest that you try taking a pottery class.", ["Recommended taking a pottery class"]),
        ("My advice is to practice scales for ten minutes.", ["Recommended practice scales for ten minutes"]),
        ('You could read "Dune" by Frank Herbert.', ['Recommended "Dune" by Frank Herbert']),
        ('"Dune" and "Emma" are both great novels.', ['Recommended "Dune" and "Emma"']),
        ("I will remind you of the dentist on Friday.", ["Promised to remind the user of the dentist on Friday"]),
        ("I love Italian cuisine myself!", []),
        ("As an AI, I don't have feelings. I love helping you.", []),
        ("I'm glad to hear that! I can help with that.", []),
        ("I recommend using a list comprehension in your function.", []),
        ("I'd recommend it.", []),
        ("```python\nprint('I love hiking')\n```", []),
    ],
)
def test_what_the_assistant_said_and_recommended_is_kept(answer: str, lines: list[str]) -> None:
    """Ours: what the assistant said or recommended, not what every assistant says."""
    assert Memory().hear("ok", answer=answer).lines("assistant") == lines


def test_what_the_user_says_is_no_knowledge_of_the_assistant() -> None:
    """Ours: the sides are kept apart."""
    memory = Memory().hear("I love hiking", answer="That is great.")
    assert memory.lines("assistant") == []
