"""The local analyzer's topics, links, summaries, keywords and promotion."""

from datetime import timedelta

from memoryos_mcp.analysis.local import LocalAnalyzer
from memoryos_mcp.domain.records import Batch, Findings, Page
from memoryos_mcp.retrieval.embedders.bundled import BundledEmbedder

from .fakes import FirstWordEmbedder
from .make import NOON, page, segment

ANALYZER = LocalAnalyzer(FirstWordEmbedder())
REAL = LocalAnalyzer(BundledEmbedder())


def talk() -> tuple[Page, ...]:
    """Return two subjects: a cat that is ill, and a trip to Rome the day after."""
    later = timedelta(days=1)
    return (
        page(1, "My cat Milo is ill, what can the vet do?", "A vet can check the cat for fever."),
        page(2, "And what does a vet cost for a cat?", "A check of a cat costs about 60 euros at most vets."),
        page(3, "Hello! I want to see Rome in May.", "Rome is lovely in May.", timestamp=NOON + later),
        page(4, "Which sights of Rome are best in May?", "In Rome see the Forum.", timestamp=NOON + later),
    )


def test_topics_partition_the_batch() -> None:
    """Paper: pages of one topic form a segment; every page is in exactly one topic."""
    analysis = REAL.analyze_batch(Batch(talk()), [])
    assert [topic.page_ids for topic in analysis.topics] == [("p1", "p2"), ("p3", "p4")]


def test_a_page_that_goes_on_is_linked_and_a_new_subject_is_not() -> None:
    """Paper: consecutive pages that continue one another are a chain."""
    links = REAL.analyze_batch(Batch(talk()), []).links
    assert [link.continues for link in links] == [False, True, False, True]
    assert [link.page_id for link in links] == ["p1", "p2", "p3", "p4"]


def test_the_chain_goes_on_from_the_page_before_the_batch() -> None:
    """Ours: batches cut chains nowhere; the running summary is carried on."""
    first, second, *_ = talk()
    before = Page(first.page_id, first.user_input, first.agent_response, first.timestamp, chain_summary="Milo is ill.")
    (link,) = REAL.analyze_batch(Batch((second,), before), []).links
    assert link.continues
    assert link.chain_summary.startswith("Milo is ill. | ")


def test_a_running_summary_keeps_its_beginning_and_its_end() -> None:
    """Ours: bounded to 300 characters, whatever the length of the chain."""
    pages = tuple(
        page(
            at, f"And then the garden got {at} new roses from the nursery in town, planted in rows along the old fence"
        )
        for at in range(12)
    )
    links = REAL.analyze_batch(Batch(pages), []).links
    assert all(link.continues for link in links[1:])
    assert max(len(link.chain_summary) for link in links) <= 300
    assert "got 0 new" in links[-1].chain_summary
    assert "got 11 new" in links[-1].chain_summary


def test_findings_are_empty_because_pages_were_noted_on_arrival() -> None:
    """Ours: the local analyzer is eager."""
    assert ANALYZER.eager
    assert ANALYZER.name == "local"
    assert ANALYZER.analyze_batch(Batch(talk()), []).findings.facts == ()


def test_a_summary_is_made_of_what_was_said() -> None:
    """Ours: extractive, at most 300 characters, dates written out, no greeting, no question when there is better."""
    pages = [page(1, "Hi there! Yesterday I planted tomatoes in my garden.", "Tomatoes need water and a lot of sun.")]
    topic = ANALYZER.summarize(pages)
    assert topic.page_ids == ("p1",)
    assert (
        topic.summary
        == "User: On 7 May 2026 I planted tomatoes in my garden. Assistant: Tomatoes need water and a lot of sun."
    )


def test_a_summary_of_little_or_of_another_script_is_its_beginning() -> None:
    """Ours: pages in other languages are kept and summarised all the same."""
    assert ANALYZER.summarize([page(1, "ok", "ok")]).summary == "User: ok"
    assert ANALYZER.summarize([page(1, "我叫王伟 " * 60)]).summary.startswith("User: 我叫王伟")
    assert len(ANALYZER.summarize([page(1, "长" * 1_000, "长")]).summary) <= 300
    assert ANALYZER.summarize([]).summary == ""


def test_keywords_are_readable_and_the_same_for_the_same_thing() -> None:
    """Equation 3: K_p is compared by Jaccard, so forms of one word must agree; at most ten."""
    first = ANALYZER.keywords(page(1, "We hiked to the glaciers and saw two movies", "Hiking on a glacier!"))
    second = ANALYZER.keywords(page(2, "A hike near the glacier, then a movie", "Movies are fun."))
    assert {"hike", "glacier", "movie"} <= set(first) & set(second)
    assert len(ANALYZER.keywords(page(3, " ".join(f"thing{at} word{at}" for at in range(40))))) == 10


def test_keywords_of_chinese_are_pairs_of_characters() -> None:
    """Ours: other scripts get keywords too."""
    assert "北京" in ANALYZER.keywords(page(1, "我住在北京", "北京很大"))


def test_promotion_adds_nothing_to_what_was_read_page_by_page() -> None:
    """Ours: every page was read when it came, and what several say was derived then; the paper reads at promotion."""
    pages = [page(1, "I like watercolor painting"), page(2, "I enjoy painting landscapes")]
    assert ANALYZER.analyze_segment(segment("s1"), pages, []) == Findings()
    traits = {each.dimension: each for each in ANALYZER.note(pages, []).traits}
    assert (traits["painting"].level, traits["painting"].page_ids) == ("medium", ("p1", "p2"))
    assert traits["painting"].evidence == "Likes watercolor painting; Enjoys painting landscapes"


def test_promotion_of_nothing_finds_nothing() -> None:
    """Ours: no noise."""
    assert ANALYZER.analyze_segment(segment("s1"), [], []).facts == ()
    assert ANALYZER.analyze_segment(segment("s1"), [page(1, "ok")], []).traits == ()


def test_a_secret_stays_out_of_summaries() -> None:
    """Ours: the page is kept as it was said, but nothing derived repeats a key."""
    pages = [page(1, "my api key is sk-abcdef123456", "Do not share it with anybody, keys are private.")]
    assert "sk-" not in ANALYZER.summarize(pages).summary
    assert ANALYZER.summarize([page(1, "my password is 12345", "ok")]).summary == ""


def test_a_question_keeps_its_mark_and_the_assistants_questions_stay_out() -> None:
    """Ours: a summary says what was asked, not what was asked back."""
    pages = [page(1, "Which tomatoes grow well in a cold garden?", "Which garden soil do you have for tomatoes?")]
    assert ANALYZER.summarize(pages).summary == "User: Which tomatoes grow well in a cold garden?"


def test_a_name_keeps_its_letters_as_a_keyword() -> None:
    """Issue 12: keywords a person would choose: "Jonas" and "Tomás" are no plurals, pianos are."""
    found = ANALYZER.keywords(page(1, "Yesterday Jonas and Tomás came to see two pianos", "ok"))
    assert {"jonas", "tomás", "piano"} <= set(found)
