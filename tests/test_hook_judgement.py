"""What the recall hook says to whom: orders are silent, a telling word speaks, and only little is said."""

from collections.abc import Iterator, Mapping

import pytest

from memoryos_mcp.domain.records import Attribute, Profile, WordCount, WordCounts
from memoryos_mcp.hosts.hooks.hook_answer import HookMemory, answerer
from memoryos_mcp.hosts.hooks.long_prompt import LONGEST, query_of
from memoryos_mcp.hosts.hooks.relevant_facts import attributes_asked_for, facts_that_bear
from memoryos_mcp.hosts.hooks.telling_words import Wording
from memoryos_mcp.hosts.hooks.typed_prompt import asks_something, is_about_the_past, is_about_their_own, typed_prompt

from .hook_prompts import BEFORE, DATA, HELD_OUT, memories, outcomes, table
from .make import NOON, fact


@pytest.fixture(scope="module")
def told() -> Iterator[Mapping[str, HookMemory]]:
    """Return the memories that the prompts are put to."""
    with memories() as opened:
        yield opened


@pytest.mark.parametrize(
    ("name", "prompts", "speaks_wrongly", "told_at_least"), [(BEFORE, 119, 1, 33), (HELD_OUT, 104, 2, 31)]
)
def test_the_hook_speaks_when_it_should_and_is_silent_otherwise(
    name: str, prompts: int, speaks_wrongly: int, told_at_least: int, told: Mapping[str, HookMemory]
) -> None:
    """Ours: at least 100 prompts written before the rules, and as many after them; the table says what happened."""
    found = outcomes(name, told)
    shown = table(found)

    assert len(found) == prompts
    assert sum(each.spoke for each in found if not each.should_speak) <= speaks_wrongly, shown
    assert sum(each.told for each in found if each.should_speak) >= told_at_least, shown
    assert max(len(each.said) for each in found) < 4 * 400, shown


def test_what_is_said_all_day_while_coding_gets_nothing(told: Mapping[str, HookMemory]) -> None:
    """Field report: 96 of 100 real prompts of coding sessions got the whole budget; these are like them."""
    answer = answerer(told["marta"])
    prompts = (DATA / "hook_orders.txt").read_text(encoding="utf-8").splitlines()
    asked = {"op": "recall", "max_tokens": 800, "user_id": "default"}
    spoken = [prompt for prompt in prompts if answer({**asked, "query": prompt})["text"]]

    assert len(prompts) == 96
    assert len(spoken) <= 1, spoken


@pytest.mark.parametrize(
    ("prompt", "typed"),
    [
        ("/compact", ""),
        ("/model opus", ""),
        ("/srv/harbour crashes", "/srv/harbour crashes"),
        ("/etc", ""),
        ("#42 asks for Swish", "42 asks for Swish"),
        ("!git push fails", "git push fails"),
        ("[Request interrupted by user]", ""),
        ("<command-name>/compact</command-name>", ""),
        ("  Where is it? ", "Where is it?"),
    ],
)
def test_what_a_person_typed(prompt: str, typed: str) -> None:
    """Field report: prompts that begin with a path, #42 or ! were skipped; commands of the host still are."""
    assert typed_prompt(prompt) == typed


@pytest.mark.parametrize(
    ("prompt", "asks"),
    [
        ("yes", False),
        ("Complete phase 2 and 3.", False),
        ("commit this, then push", False),
        ("\u597d\u7684,\u7ee7\u7eed", False),
        ("\u4fee\u590d\u4e00\u4e0b", False),
        ("42", False),
        ("\U0001f44d", False),
        ("commit the parrot", True),
        ("\u732b\u53eb\u4ec0\u4e48?", True),
        ("Wo wohnt der Papagei?", True),
    ],
)
def test_orders_and_acknowledgements_ask_nothing(prompt: str, asks: bool) -> None:
    """Ours: they got 787 of 800 tokens in 96 of 100 real prompts."""
    assert asks_something(prompt) is asks


def test_we_and_last_time_speak_of_the_past() -> None:
    """Ours: such a prompt needs less to be answered."""
    assert is_about_the_past("What did we settle on?")
    assert is_about_the_past("\u4e0a\u6b21\u600e\u4e48\u505a\u7684?")
    assert not is_about_the_past("How do planes fly?")


def counted(turns: int, **words: int) -> WordCounts:
    """Return the counts of words whose terms are themselves."""
    return WordCounts(turns, tuple(WordCount(word, (word,), count) for word, count in words.items()))


def test_a_word_tells_when_it_is_rare_here_and_not_everyday() -> None:
    """Ours: one telling word is enough; a word that no turn has, that many have, or that everybody uses is not."""
    wording = Wording.of("q", counted(140, zebedee=2, parrot=0, harbour=40, people=1, commit=1, deploy=5))
    assert wording.telling == {("zebedee",): 1.0, ("commit",): 0.35, ("deploy",): 0.35 * 0.7}
    assert wording.told_by(["commit", "and", "zebedee"]) == 1.35
    assert wording.told_by(["zebedee", "commit"]) == pytest.approx(1.75)
    assert wording.told_by([]) == 0.0


def test_a_turn_that_holds_nearly_all_of_a_prompt_is_on_it_though_no_word_is_rare() -> None:
    """Ours: in a memory on one subject every word of the subject is common."""
    wording = Wording.of("q", counted(140, grocery=40, budget=60, monthly=30))
    assert wording.telling == {}
    share, words = wording.share_in(["grocery", "budget", "monthly"])
    assert (round(share, 6), words) == (1.0, 3)
    assert wording.share_in(["budget"])[0] < 0.4
    assert is_about_their_own("How large is my budget?")
    assert not is_about_their_own("How large is Africa?")


def test_a_long_prompt_is_cut_to_its_telling_sentences_and_its_end() -> None:
    """Field report: what stands behind the first 4,000 characters counts too."""
    long = "One two. " * 2_000 + "Zebedee is loud. " + "Three four. " * 2_000 + "What now?"
    query = query_of(long, Wording({("zebede",): 1.0}, {}))
    assert query.strip().startswith("Zebedee is loud.")
    assert query.endswith("What now?")
    assert len(query) <= LONGEST
    assert query_of("short", Wording({}, {})) == "short"


def test_an_allergy_bears_on_food_without_a_shared_word() -> None:
    """Ours: known facts that bear on the prompt, such as an allergy on what is cooked."""
    texts = ("Allergic to peanuts", "Works at a bank", "\u5bf9\u8292\u679c\u8fc7\u654f")
    known = tuple(fact(text[:2], text) for text in texts)
    profile = Profile("anna", "assistant", "", user_knowledge=known)
    assert facts_that_bear("What shall I cook for dinner?", profile) == [known[0], known[2]]
    assert facts_that_bear("\u665a\u9910\u5403\u4ec0\u4e48?", profile) == [known[0], known[2]]
    assert facts_that_bear("Clear the cookies and the menu", profile) == []


def test_a_question_of_the_users_about_themselves_gets_what_it_asks_for() -> None:
    """Ours: where they live shares no word with "Lives in Oslo"; an order about a home folder asks nothing."""
    home = Attribute("home", "Oslo", ("p1",), NOON)
    profile = Profile("anna", "assistant", "", static=(home,))
    found = attributes_asked_for("In which city do I live?", profile)
    assert [line.split(" (")[0] for line in found] == ["- home: Oslo"]
    assert attributes_asked_for("Delete my home folder", profile) == []
    assert attributes_asked_for("Where does Bob live?", profile) == []
