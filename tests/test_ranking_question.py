"""What a question says besides its words."""

from datetime import date, datetime, timezone

import pytest

from memoryos_mcp.retrieval.ranking import Question, ask, asks_for_profile

MONDAY = datetime(2026, 6, 8, 9, tzinfo=timezone.utc)


def asked(text: str) -> Question:
    """Ask as Anna Berg on Monday, 8 June 2026; the assistant is called Max."""
    return ask(text, now=MONDAY, user_name="Anna Berg", assistant_name="Max")


@pytest.mark.parametrize(
    "text",
    [
        "Where do I live?",
        "What is my dog's name?",
        "user's favourite food",
        "Where does the user work?",
        "What did Anna paint?",
        "Berg's birthday",
        "Do you remember my dog?",
        "Can you tell me what I said about Xiamen?",
        "What did I tell you about my boss?",
        "I once recommended a programme to you, which one?",
        "我住在哪里\uff1f",
        "你记得我的猫吗\uff1f",
        "Wo wohne ich?",
        "Où est ma maison et quand suis-je venu ?",
    ],
)
def test_the_user_is_named_in_many_ways(text: str) -> None:
    """Ours: "I", "my", "the user" and the user's name all name the user; addressing nobody names nobody."""
    assert asked(text).person == "user"


@pytest.mark.parametrize(
    "text",
    [
        "What did you recommend?",
        "What did you recommend to me?",
        "Which tips have you shared with me?",
        "What does Max think of jazz?",
        "the assistant's advice on sleep",
        "你推荐了什么书\uff1f",
        "Was hast du über die Musik gesagt?",
    ],
)
def test_the_assistant_is_named_too(text: str) -> None:
    """Ours: of two who are named, the one who said it."""
    assert asked(text).person == "assistant"


@pytest.mark.parametrize(
    "text", ["What do Anna and Max have in common?", "What is a good book?", "How are you and I alike?"]
)
def test_both_or_nobody_is_no_person(text: str) -> None:
    """Ours: the signal is neutral then."""
    assert asked(text).person is None


def test_names_are_taken_out_with_their_possessives() -> None:
    """Ours: +15 points of recall for vectors; a question of names alone stays as it is."""
    assert asked("What did Anna's sister say to Max?").bare == "What did sister say to ?"
    assert asked("Annabel and anna").bare == "Annabel and"
    assert asked("Anna Berg").bare == "Anna Berg"
    assert ask("小安住在哪里", now=MONDAY, user_name="小安").bare == "住在哪里"


@pytest.mark.parametrize(
    ("text", "birthday", "day"),
    [
        ("What did I do on my birthday?", "14 April", date(2026, 4, 14)),
        ("What did I get for my 30th birthday?", "3 June 1990", date(2025, 6, 3)),
        ("What am I planning for my next birthday?", "14 April", date(2027, 4, 14)),
        ("What did I do on my birthday?", "29 February", date(2026, 2, 28)),
        ("When is my birthday?", "14 April", None),
        ("What did I do on my birthday?", "", None),
    ],
)
def test_a_known_birthday_is_a_day(text: str, birthday: str, day: date | None) -> None:
    """Ours: the latest one, unless the next is asked for."""
    now = datetime(2026, 5, 8, 12, tzinfo=timezone.utc)
    expected = () if day is None else ((day.toordinal(), day.toordinal()),)

    assert ask(text, now=now, birthday=birthday).dates == expected


def test_a_name_that_is_a_word_too_is_not_mistaken_for_it() -> None:
    """Ours: a user called May has been to places in May."""
    question = ask("Where was I in May, and will May's sister join on May 7?", now=MONDAY, user_name="May")

    assert question.bare == "Where was I in May, and will sister join on May 7?"


def test_names_become_the_first_person() -> None:
    """Ours (recipe M): a model compares better with what the person said when the question is put that way."""
    assert asked("What did Anna Berg's sister tell Max?").spoken == "What did my sister tell I?"
    assert asked("Where do I live?").spoken == "Where do I live?"


def test_dates_are_read_against_the_time_of_the_question() -> None:
    """Ours: "last week" is the one before the question's."""
    first = datetime(2026, 6, 1, tzinfo=timezone.utc).date().toordinal()

    assert asked("What did I cook last week?").dates == ((first, first + 6),)
    assert asked("What did I cook?").dates == ()


@pytest.mark.parametrize(("text", "when"), [("When did I move?", True), ("What year was it?", True), ("Where?", False)])
def test_a_question_for_a_time_is_known(text: str, when: bool) -> None:
    """Ours: turns with a time word gain then."""
    assert asked(text).when is when


@pytest.mark.parametrize(
    ("text", "recent"),
    [
        ("What were we talking about?", True),
        ("What was our last conversation about?", True),
        ("hi", False),
        ("and?", True),
        ("Where do I live?", False),
        ("What did I cook last week?", False),
    ],
)
def test_a_question_that_goes_on_from_the_last_words_is_known(text: str, recent: bool) -> None:
    """Ours: only such a question has the newest pages put first."""
    assert asked(text).recent is recent


@pytest.mark.parametrize(
    ("text", "wants"),
    [
        ("Who am I?", True),
        ("What do you know about me?", True),
        ("Summarize everything you know about the user", True),
        ("Tell me about Anna.", True),
        ("What are my preferences?", True),
        ("Tell me about my sister", False),
        ("What did I say about meetings?", False),
    ],
)
def test_asking_who_the_user_is(text: str, wants: bool) -> None:
    """Ours: the profile's digest comes when it is asked for."""
    assert asks_for_profile(text, "Anna") is wants
