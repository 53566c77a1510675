"""Retrieval as a whole: what comes back for a question, from which tier, within which budget."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from memoryos_mcp.domain.records import Profile

from .fakes import FirstWordEmbedder
from .make import NOON, fact
from .retrieval_world import ANNA, QuarterTokenizer, RetrievalWorld, exchange


@pytest.fixture
def world(tmp_path: Path) -> Iterator[RetrievalWorld]:
    """Return an empty memory."""
    with RetrievalWorld(tmp_path) as opened:
        yield opened


CHAT = (
    exchange(0, "I adopted a kitten called Miso", "How sweet!", segment_id="s1"),
    exchange(1, "The car broke down on the motorway", "Is it at the garage?", segment_id="s2"),
    exchange(200, "We baked sourdough bread", "Was it good?", segment_id="s3"),
    exchange(400, "My brother plays the cello", "In an orchestra?", segment_id="s4"),
)


MUCH = tuple(
    exchange(1000 + 7 * at, f"We spoke of nothing in particular, number {at}, for a while") for at in range(80)
)


def test_pages_come_back_with_segment_score_and_reason(world: RetrievalWorld) -> None:
    """Ours: each hit says which parts of the score found it."""
    world.remember(*CHAT)
    found = world.recall("What is my kitten called?", 100, explain=True)

    best = found.mid_term[0]
    assert best.page.user_input == "I adopted a kitten called Miso"
    assert best.score >= found.mid_term[-1].score
    assert best.why["words"] > 0
    assert found.segments[0][0].segment_id == "s1"
    assert "kitten called Miso" in found.text


def test_a_side_that_is_not_shown_is_empty(world: RetrievalWorld) -> None:
    """Protocol: a side that does not bear on the question is left out of text and result."""
    world.remember(exchange(0, "My violin is from Cremona", "Have you thought of the weather up north? " * 9))
    found = world.recall("Where is my violin from?", 100)

    assert found.mid_term[0].page.user_input == "My violin is from Cremona"
    assert found.mid_term[0].page.agent_response == ""
    assert "weather" not in found.text


def test_everything_comes_back_when_it_fits(world: RetrievalWorld) -> None:
    """Ours: with `fill`, all of short-term memory too, oldest first, whatever the question."""
    world.remember(*CHAT[:2])
    world.short_term = list(CHAT[2:])
    found = world.recall("kitten", 1000, fill=True)

    assert [hit.page for hit in found.short_term] == list(CHAT[2:])
    assert {hit.page.page_id for hit in found.mid_term} == {page.page_id for page in CHAT[:2]}
    assert found.omitted == 0


def test_recent_pages_earn_their_place(world: RetrievalWorld) -> None:
    """Ours: a fixed share for the newest pages costs recall, so they are ranked like the rest."""
    world.remember(*CHAT)
    world.short_term = [exchange(500 + at, f"Small talk number {at} about nothing at all, really") for at in range(10)]
    found = world.recall("What is my kitten called?", 100)

    assert found.mid_term[0].page.page_id == CHAT[0].page_id


@pytest.mark.parametrize("question", ["What were we just talking about?", "and?"])
def test_the_newest_pages_come_first_when_the_question_goes_on_from_them(world: RetrievalWorld, question: str) -> None:
    """Ours: up to a quarter of the budget."""
    world.remember(*CHAT)
    world.short_term = [exchange(500, "We were planning the garden", "With roses")]

    assert "With roses" in world.recall(question, 100).text


def test_since_and_until_bound_the_pages(world: RetrievalWorld) -> None:
    """Protocol: by the page's timestamp, both ends included."""
    world.remember(*CHAT[:3])
    world.short_term = [CHAT[3]]
    late = world.recall("What happened?", 2000, since=CHAT[2].timestamp, fill=True)
    early = world.recall("What happened?", 2000, until=CHAT[1].timestamp, fill=True)

    assert [hit.page.page_id for hit in (*late.mid_term, *late.short_term)] == [CHAT[2].page_id, CHAT[3].page_id]
    assert {hit.page.page_id for hit in early.mid_term} == {CHAT[0].page_id, CHAT[1].page_id}
    assert early.short_term == ()


def test_archived_pages_come_back_only_when_asked_for(world: RetrievalWorld) -> None:
    """Ours: eviction archives instead of deleting; the archive is not searched by default."""
    world.remember(*CHAT)
    world.index.archive(ANNA, [CHAT[0].page_id])

    assert CHAT[0] not in [hit.page for hit in world.recall("kitten", 1000, fill=True).mid_term]
    assert world.recall("kitten", 1000, archive=True).mid_term[0].page == CHAT[0]


def test_a_page_that_is_gone_from_the_tiers_is_left_out(world: RetrievalWorld) -> None:
    """Ours: the index is derived; what it names and nobody has is no answer."""
    world.remember(*CHAT)
    del world.stored[CHAT[0].page_id]

    assert "Miso" not in world.recall("kitten", 1000).text


def test_an_empty_memory_says_so(world: RetrievalWorld) -> None:
    """Ours: a reply without content would read like a failure."""
    found = world.recall("kitten")

    assert found.text.endswith("Nothing is remembered on this.")
    assert found.token_count == QuarterTokenizer().count(found.text)
    assert (found.mid_term, found.short_term, found.omitted) == ((), (), 0)


def test_a_relevant_fact_comes_along(world: RetrievalWorld) -> None:
    """Ours: only facts that hold the question's words, and not those that were superseded."""
    world.remember(*CHAT[1:3], *MUCH)
    world.knows(
        fact("f1", "Is allergic to peanuts", page_ids=("p77",)),
        fact("f2", "Was allergic to milk", superseded_by="f1", superseded_at=NOON),
        fact("f3", "Drives a van"),
    )
    found = world.recall("What is the user allergic to?", 400)

    assert [item.fact_id for item in found.user_knowledge] == ["f1"]
    assert "- Is allergic to peanuts (8 May 2026)" in found.text


def test_a_fact_whose_page_is_shown_is_not_said_twice(world: RetrievalWorld) -> None:
    """Ours: no duplicates in the text; the structured result has the fact all the same."""
    world.remember(exchange(0, "I am allergic to peanuts"))
    world.knows(fact("f1", "Is allergic to peanuts", page_ids=(exchange(0, "").page_id,)))
    found = world.recall("What am I allergic to?", 300)

    assert found.text.count("peanuts") == 1
    assert [item.fact_id for item in found.user_knowledge] == ["f1"]


def test_facts_as_of_then(world: RetrievalWorld) -> None:
    """Ours: with `until`, a fact superseded later still holds, and one said later does not."""
    world.remember(*MUCH)
    world.knows(
        fact("old", "Lives in Oslo", superseded_by="new", superseded_at=NOON + timedelta(days=9)),
        fact("new", "Lives in Rome", said_at=NOON + timedelta(days=9)),
    )

    then = world.recall("Where does the user live?", until=NOON + timedelta(days=1))
    assert [item.fact_id for item in then.user_knowledge] == ["old"]
    assert [item.fact_id for item in world.recall("Where do I live?").user_knowledge] == ["new"]


def test_what_the_assistant_is_known_for_is_kept_apart(world: RetrievalWorld) -> None:
    """Protocol: user knowledge and assistant knowledge are two lists."""
    about = fact("a1", "Recommended the film Alien", about="assistant")
    world.profile = Profile(ANNA, "assistant", "", assistant_knowledge=(about,))
    found = world.recall("Which film was recommended?")

    assert (found.user_knowledge, found.assistant_knowledge) == ((), (about,))


def test_the_profile_comes_when_it_is_asked_for(world: RetrievalWorld) -> None:
    """Ours: a digest that nobody asked for is room taken from answers."""
    world.remember(*MUCH)
    world.knows(summary="name: Anna; home: Oslo")

    assert world.recall("Who am I?").profile == "name: Anna; home: Oslo"
    assert "- name: Anna; home: Oslo" in world.recall("What do you know about me?").text
    assert world.recall("Which film was it?").profile == ""


def test_everything_known_comes_along_when_everything_fits(world: RetrievalWorld) -> None:
    """Ours: nothing needs choosing then, and an allergy matters to a dinner that does not name it."""
    world.remember(*CHAT)
    world.knows(fact("f1", "Is allergic to peanuts", page_ids=("p77",)), summary="name: Anna")
    found = world.recall("Suggest something for tonight", 2000, fill=True)

    assert [item.fact_id for item in found.user_knowledge] == ["f1"]
    assert found.profile == "name: Anna"
    assert "peanuts" in found.text


def test_what_is_known_stays_out_when_it_does_not_fit(world: RetrievalWorld) -> None:
    """Ours: pages that fit are not given up for facts that nobody asked for."""
    world.remember(*CHAT)
    world.knows(*(fact(f"f{at}", f"Owns a ship called Number {at}", page_ids=("p77",)) for at in range(90)))
    found = world.recall("Suggest something for tonight", 300)

    assert len(found.mid_term) == 4
    assert found.user_knowledge == ()
    assert found.token_count <= 300


def test_what_was_told_or_pinned_takes_the_room_that_is_left(world: RetrievalWorld) -> None:
    """Ours: somebody meant it to be used; what was learnt from pages comes whole or by relevance."""
    world.remember(*CHAT)
    learnt = [fact(f"f{at}", f"Owns a ship called Number {at}", page_ids=("p77",)) for at in range(90)]
    told = replace(fact("t1", "Is allergic to peanuts"), page_ids=())
    world.knows(*learnt, told, summary="name: Anna")
    found = world.recall("Suggest something for tonight", 300, fill=True)

    assert len(found.mid_term) == 4
    assert [item.fact_id for item in found.user_knowledge] == ["t1"]
    assert found.profile == "name: Anna"
    assert found.token_count <= 300


def test_pinned_facts_come_along_within_a_small_share(world: RetrievalWorld) -> None:
    """Ours: even where pages fill the budget; the most relevant first."""
    world.remember(*MUCH)
    pins = [fact(f"f{at}", f"Pinned line of knowledge number {at}", pinned=True) for at in range(30)]
    world.knows(fact("dog", "Has a dog called Bruno", pinned=True), *pins)
    found = world.recall("What did we speak of?", 400, fill=True)

    assert 1 <= len(found.user_knowledge) <= 2
    assert found.token_count <= 400
    assert len(found.mid_term) > 5


def test_a_relevant_fact_fits_a_tight_budget(world: RetrievalWorld) -> None:
    """Regression: at 150 tokens a share of 6 % had room for no fact of usual length."""
    world.remember(*MUCH)
    long = "Is allergic to peanuts, hazelnuts and walnuts since childhood, and always carries a pen with adrenaline"
    world.knows(fact("f1", long, page_ids=("p77",)))

    assert [item.fact_id for item in world.recall("What am I allergic to?", 150).user_knowledge] == ["f1"]


def test_facts_are_compared_by_words_alone_without_word_pieces(tmp_path: Path) -> None:
    """Ours: no endpoint is asked for the vector of a fact."""
    with RetrievalWorld(tmp_path, FirstWordEmbedder()) as world:
        world.remember(*MUCH)
        world.knows(fact("f1", "Plays the violin"), fact("f2", "Drives a van"))

        assert [item.fact_id for item in world.recall("Who plays the violin?").user_knowledge] == ["f1"]


def test_a_long_turn_is_cut_to_the_passage_that_answers(world: RetrievalWorld) -> None:
    """Ours: a pasted document must not keep everything else out."""
    text = "Filler about nothing. " * 200 + "The vault code is 4711. " + "More filler. " * 200
    world.remember(*CHAT, exchange(450, text))
    found = world.recall("What is the vault code?", 150)

    assert "The vault code is 4711." in found.text
    assert "The vault code is 4711." in found.mid_term[0].page.user_input
    assert len(found.mid_term[0].page.user_input) < 500


def test_more_pages_are_read_while_there_is_room(world: RetrievalWorld) -> None:
    """Ours: short turns fill a large budget too."""
    pages = [exchange(at, f"Yes {at}", "No") for at in range(400)]
    world.remember(*pages)

    assert len(world.recall("yes", 8000, fill=True).mid_term) == 400


def test_a_page_in_both_tiers_is_shown_once(world: RetrievalWorld) -> None:
    """Ours (invariant 2): between the two writes of a consolidation a page can be read in both places."""
    world.remember(*CHAT)
    world.short_term = [CHAT[3]]
    found = world.recall("cello", 1000)

    assert found.text.count("My brother plays the cello") == 1
    assert [hit.page.page_id for hit in found.short_term] == [CHAT[3].page_id]


def test_a_chinese_question_finds_chinese_pages(world: RetrievalWorld) -> None:
    """Ours: without a table for the language, characters and dates carry it."""
    world.remember(
        exchange(0, "我养了一只猫\uff0c名字叫豆豆。", "真可爱\uff01"),
        exchange(200, "今天下雨了。", "记得带伞。"),
        exchange(300, "我搬到了北京。", "住得惯吗\uff1f"),
        *(replace(page, page_id=f"e{at}") for at, page in enumerate(CHAT)),
    )

    assert world.recall("我的猫叫什么名字\uff1f", 100).mid_term[0].page.page_id == exchange(0, "").page_id
    assert world.recall("我住在哪个城市\uff1f北京吗", 100).mid_term[0].page.page_id == exchange(300, "").page_id


@pytest.mark.parametrize(
    "query", ["\ud83d", "'; DROP TABLE pages; --", '" OR 1=1', "*" * 5000, "\x00", "(", "x" * 20_000]
)
def test_any_text_can_be_asked(world: RetrievalWorld, query: str) -> None:
    """Ours: a question is never a syntax."""
    world.remember(*CHAT)

    assert world.recall(query, 200).token_count <= 200
