"""The parts of `bench recall`: files read as dialogues, the ruler and the baselines, on texts to count by hand."""

import gzip
import json
from collections.abc import Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from memoryos_mcp.cli.bench.baselines import ChunkBm25, GatedSegments, Topic, chunks
from memoryos_mcp.cli.bench.dialogue import Question
from memoryos_mcp.cli.bench.dialogues import read_dialogues
from memoryos_mcp.cli.bench.ruler import missing_evidence, share_held, tokens
from memoryos_mcp.domain.errors import InputError
from memoryos_mcp.domain.records import Page

from .fakes import FirstWordEmbedder
from .make import page

__all__ = ["locomo_file"]


def locomo_file(folder: Path, *sessions: Sequence[tuple[str, str]], questions: Sequence[dict[str, Any]] = ()) -> Path:
    """Write a LoCoMo file of one conversation between Ann and Bob, a day a session, and return it."""
    talk: dict[str, Any] = {"speaker_a": "Ann", "speaker_b": "Bob"}
    for number, session in enumerate(sessions, 1):
        talk[f"session_{number}_date_time"] = f"1:56 pm on {number} May, 2023"
        talk[f"session_{number}"] = [
            {"speaker": speaker, "dia_id": f"D{number}:{at}", "text": text}
            for at, (speaker, text) in enumerate(session, 1)
        ]
    file = folder / "locomo.json"
    file.write_text(json.dumps([{"sample_id": "tiny", "conversation": talk, "qa": list(questions)}]), encoding="utf-8")
    return file


def sides(file: Path) -> list[tuple[str, str]]:
    """Return both sides of every exchange."""
    return [(each.user_input, each.agent_response) for each in read_dialogues(file)[0].exchanges]


def test_speakers_in_turn_make_a_page_each_two(tmp_path: Path) -> None:
    """Ours: a page is one exchange, dated as its session."""
    file = locomo_file(tmp_path, [("Ann", "hi"), ("Bob", "hello"), ("Ann", "how?"), ("Bob", "well")])
    (dialogue,) = read_dialogues(file)
    assert sides(file) == [("hi", "hello"), ("how?", "well")]
    assert dialogue.settings == {"user_name": "Ann", "assistant_name": "Bob"}
    assert dialogue.exchanges[0].timestamp == datetime(2023, 5, 1, 13, 56, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("session", "expected"),
    [
        ([("Bob", "b1"), ("Ann", "a1"), ("Bob", "b2")], [("a1", "b1\nb2")]),
        ([("Ann", "a1"), ("Bob", "b1"), ("Ann", "a2")], [("a1\na2", "b1")]),
        ([("Ann", "a1"), ("Ann", "a2"), ("Bob", "b1")], [("a1\na2", "b1")]),
        ([("Bob", "b1"), ("Ann", "a1")], [("a1", "b1")]),
        ([("Ann", "a1")], [("a1", "\u2026")]),
        ([("Bob", "b1")], [("\u2026", "b1")]),
        ([("Ann", " ")], []),
    ],
)
def test_no_word_is_lost_and_no_side_is_blank(
    tmp_path: Path, session: list[tuple[str, str]], expected: list[tuple[str, str]]
) -> None:
    """Ours: sessions begin and end with either speaker, and one may speak twice."""
    assert sides(locomo_file(tmp_path, session)) == expected


def test_questions_without_evidence_or_with_no_answer_do_not_count(tmp_path: Path) -> None:
    """Ours: categories 1 to 4 with labelled evidence count, as in the published figures."""
    questions = [
        {"question": "q1", "answer": 2022, "evidence": ["D1:1; D1:2"], "category": 2},
        {"question": "q2", "answer": "x", "evidence": [], "category": 1},
        {"question": "q3", "adversarial_answer": "x", "evidence": ["D1:1"], "category": 5},
        {"question": "q4", "answer": "x", "evidence": ["D9:9"], "category": 1},
    ]
    (dialogue,) = read_dialogues(locomo_file(tmp_path, [("Ann", "hi"), ("Bob", "hello")], questions=questions))
    assert dialogue.answerable == (Question("q1", "2022", "temporal", ("hi", "hello")),)
    assert [question.kind for question in dialogue.questions] == ["temporal", "multi-hop", "adversarial", "multi-hop"]


PAGE_FORM = {
    "name": "own",
    "settings": {"user_name": "Ann"},
    "pages": [{"user_input": "tea", "agent_response": "yes", "timestamp": "2026-05-08T10:00:00"}],
    "questions": [{"question": "q", "type": "single", "evidence": [{"needle": "tea"}]}],
}


@pytest.mark.parametrize("packed", [False, True])
def test_pages_with_questions_are_read_packed_or_not(tmp_path: Path, packed: bool) -> None:
    """Ours: data of one's own, in the simplest form; a time without an offset is UTC."""
    content = json.dumps([PAGE_FORM]).encode()
    file = tmp_path / "own.json"
    file.write_bytes(gzip.compress(content) if packed else content)
    (dialogue,) = read_dialogues(file)

    assert dialogue.exchanges[0].timestamp == datetime(2026, 5, 8, 10, tzinfo=timezone.utc)
    assert (dialogue.name, dialogue.settings) == ("own", {"user_name": "Ann"})
    assert dialogue.questions == (Question("q", "", "single", ("tea",)),)


def beam_chat(folder: Path, number: int) -> Path:
    """Write a chat as BEAM's repository has it: two batches on two days, the second ends without an answer."""
    long = f"I start with plans. {'Some words. ' * 40}The sprint ends on March 29. Then I rest."
    batches = [
        {
            "batch_number": 1,
            "turns": [
                [
                    {"role": "user", "id": 0, "time_anchor": "March-15-2024", "content": f"{long} ->-> 1,1"},
                    {"role": "assistant", "id": 1, "content": "Noted."},
                ],
                [{"role": "user", "id": 2, "content": "Hm."}, {"role": "assistant", "id": 3, "content": "Yes?"}],
            ],
        },
        {
            "batch_number": 2,
            "turns": [[{"role": "user", "id": 4, "time_anchor": "April-05-2024", "content": "I use Flask. ->-> 2,1"}]],
        },
    ]
    questions = {
        "abstention": [{"question": "Who is Bo?", "ideal_response": "There is no information."}],
        "information_extraction": [
            {"question": "When does my sprint end?", "answer": "March 29", "source_chat_ids": [0, 99]}
        ],
        "knowledge_update": [
            {"question": "What do I use?", "answer": "Flask", "source_chat_ids": {"first": [4], "second": [3]}}
        ],
    }
    chat = folder / str(number)
    (chat / "probing_questions").mkdir(parents=True)
    (chat / "chat.json").write_text(json.dumps(batches), encoding="utf-8")
    (chat / "probing_questions" / "probing_questions.json").write_text(json.dumps(questions), encoding="utf-8")
    return chat


def test_a_chat_of_beams_is_read_as_published(tmp_path: Path) -> None:
    """BEAM's repository: batches of threads of messages, a day a batch; marks of its plan are nobody's words."""
    chat = beam_chat(tmp_path, 7)
    (dialogue,) = read_dialogues(chat)

    assert [(each.agent_response, each.timestamp.isoformat()[:16]) for each in dialogue.exchanges] == [
        ("Noted.", "2024-03-15T09:00"),
        ("Yes?", "2024-03-15T09:02"),
        ("\u2026", "2024-04-05T09:00"),
    ]
    assert dialogue.exchanges[0].user_input.endswith("Then I rest.")
    assert [question.evidence for question in dialogue.questions] == [
        (),
        ("The sprint ends on March 29.",),
        ("I use Flask.", "Yes?"),
    ]
    assert read_dialogues(chat / "chat.json") == [dialogue]


def test_a_folder_of_chats_is_read_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    """Ours: all chats of a size at once, as the repository keeps them."""
    for number in (10, 9):
        beam_chat(tmp_path / "100K", number)
    (tmp_path / "100K" / "notes").mkdir()

    assert [each.name for each in read_dialogues(tmp_path / "100K")] == ["100K/9", "100K/10"]


@pytest.mark.parametrize("content", ["[1]", "{", '{"a": 1}', '[{"conversation": {}}]', "[]", "3"])
def test_a_file_of_another_kind_is_named(tmp_path: Path, content: str) -> None:
    """Ours: an error with the file's name, not a traceback about a key."""
    file = tmp_path / "other.json"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=r"other\.json"):
        read_dialogues(file)
    with pytest.raises(InputError, match="cannot be read"):
        read_dialogues(tmp_path)


ASKED = Question("q", "a red kite", "multi-hop", ("flew a red kite!", "by the sea"))


def test_evidence_counts_by_its_letters_and_digits() -> None:
    """Ours: one of two utterances; line breaks, marks and case do not matter, and 120 characters are enough."""
    assert share_held(ASKED, "Ann: Flew\n  a **red** kite") == 0.5
    assert missing_evidence(ASKED, "by the sea, flew a red kite") == ()
    assert share_held(Question("q", "", "k", ("x" * 120 + " never shown",)), "x" * 120) == 1.0


def test_a_token_is_four_characters_or_one_of_chinese() -> None:
    """Ours: one ruler for every installation, rounded up."""
    assert [tokens(text) for text in ("", "abcd", "abcde", "\u6211\u4eec", "\u6211\u4eec go")] == [0, 1, 2, 2, 3]


def test_chunks_are_cut_between_lines() -> None:
    """Ours: and within a line only when it is longer than a chunk."""
    assert chunks("aa\nbb\ncccccccc", 6) == ["aa\nbb\n", "cccccc", "cc"]
    assert chunks("  ") == []


PAGES = [page(0, "tea is green", "so it is"), page(1, "cars are fast", "vroom"), page(2, "tea is black", "also cars")]


def names(pages: Sequence[Page]) -> list[str]:
    """Return the ids of pages."""
    return [each.page_id for each in pages]


def test_bm25_prefers_rare_words_within_the_budget() -> None:
    """Okapi BM25: "black" is in one chunk, "tea" in two; shown by day, headings and all within the budget."""
    bm25 = ChunkBm25(PAGES)
    assert bm25.reply("black teas", 12) == "2026-05-08 User: tea is black"
    both = bm25.reply("black teas", 20)
    assert both == "2026-05-08 User: tea is green\n2026-05-08 User: tea is black"


def test_the_gate_hides_pages_of_segments_it_does_not_open() -> None:
    """The paper's: pages come from the best five segments alone, then the queue; the sixth segment's are lost."""
    pages = [page(at, f"{word} today") for at, word in enumerate(["ant", "bee", "cat", "dog", "elk", "fox", "gnu"])]
    pages += [page(at, f"filler {at}") for at in range(10, 20)]
    topics = [Topic(frozenset({each.page_id}), (each.user_input.split()[0],)) for each in pages[:7]]
    gated = GatedSegments(topics, pages, FirstWordEmbedder())
    ranked = names(gated.rank("gnu and fox"))
    assert ranked[0] == "p6"
    assert len([name for name in ranked if name in {f"p{at}" for at in range(7)}]) == 5
    assert ranked[5:] == [f"p{at}" for at in range(19, 9, -1)]
    assert gated.reply("gnu and fox", 15).startswith("2026-05-08 User: gnu today\nAssistant:")
