"""What a segment is called: summaries that say who spoke, and keywords that a person would choose."""

import pytest

from memoryos_mcp.analysis.local.keywords import keywords_of, page_keywords
from memoryos_mcp.analysis.local.sayings import sayings
from memoryos_mcp.analysis.local.spaceless import spaceless_words
from memoryos_mcp.analysis.local.summaries import extend, gist, summary_of
from memoryos_mcp.updating.segment_assignment import merge_keywords, merge_summaries

from .make import page

DEPLOY = page(
    1,
    "Our sessions live in `sessions.db` on the staging server, how do I back them up?",
    "Great question! Copy `sessions.db` with the sqlite backup command every night.\n\n"
    "```bash\nsqlite3 sessions.db '.backup nightly.db'\n```\n\nLet me know if you need anything else!",
)


def test_a_summary_says_who_spoke_and_keeps_code_names() -> None:
    """Ours: "User: ... Assistant: ..."; inline code stays, code blocks and an assistant's phrases go."""
    told = summary_of([DEPLOY])
    assert told == (
        "User: Our sessions live in `sessions.db` on the staging server, how do I back them up? "
        "Assistant: Copy `sessions.db` with the sqlite backup command every night."
    )


def test_a_gist_and_a_chain_name_the_speaker_too() -> None:
    """Ours: the same for one page and for a chain's running summary."""
    assert gist(DEPLOY).startswith("User: Our sessions live in `sessions.db`")
    running = extend(gist(DEPLOY), page(2, "Then restore them on the new Hetzner machine.", "Run the restore script."))
    assert running.count("User: ") == 2


def test_two_sentences_of_one_speaker_are_named_once() -> None:
    """Ours: the speaker is named where the side changes."""
    told = summary_of([page(1, "I play the cello in Leipzig. My quartet rehearses Dvorak on Tuesdays.", "Lovely.")])
    assert told.count("User: ") == 1


@pytest.mark.parametrize(
    "text",
    [
        "Certainly!",
        "Great question!",
        "Here are some tips to get you started:",
        "Let me know if you have any other questions.",
        "## Setting up the server",
        "**Key takeaways**",
        "| a | b |",
        "```python\nprint('hello world')\n```",
        "<system-reminder>The todo list has changed since.</system-reminder>",
        "[Request interrupted by user for tool use]",
        "Could you help me with this?",
    ],
)
def test_boilerplate_is_not_quoted(text: str) -> None:
    """Ours: greetings, headings, tables, code and what hosts write are no part of a summary."""
    assert sayings(text) == ()


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("Great question about `pytest`, it needs a plugin.", "Great question about `pytest`, it needs a plugin."),
        ("- **Run** the `migrate` command twice.", "Run the `migrate` command twice."),
        ("Use snake_case_names in `utils/__init__.py` please.", "Use snake_case_names in `utils/__init__.py` please."),
        ("See [the manual](https://example.org/x) for ports.", "See the manual for ports."),
        ("我最近在学钢琴。每天练两个小时。", "我最近在学钢琴。"),
    ],
)
def test_what_was_said_is_quoted_without_its_marks(text: str, quoted: str) -> None:
    """Ours: markup goes, names of code stay as they were written."""
    assert sayings(text)[0].text == quoted


def test_a_merged_summary_begins_with_who_spoke_wherever_it_is_cut() -> None:
    """Ours: what is left of a cut summary would else be in nobody's mouth."""
    old = "User: I moved to Lisbon in May. I found a flat in Alfama. Assistant: Enjoy the trams."
    assert merge_summaries(old, "Assistant: Take line 28.", 95) == (
        "User: I found a flat in Alfama. Assistant: Enjoy the trams. Take line 28."
    )


def test_keywords_are_the_subject_and_not_the_talk_about_it() -> None:
    """Ours: names, things and code names; no "ensure", "consider", "crucial"."""
    said = page(
        1,
        "I want to move our Flask login from bcrypt to Argon2, what should I consider?",
        "It's crucial to ensure that existing hashes stay valid. Argon2 is considered the most secure choice; "
        "configure the memory cost carefully and rehash at the next login. Consider a gradual transition.",
    )
    found = page_keywords(said)
    assert set(found[:4]) == {"argon2", "login", "flask", "bcrypt"}
    assert not {"ensure", "consider", "crucial", "transition", "carefully", "choice"} & set(found)


def test_code_is_not_read_for_keywords_but_its_names_in_the_text_are() -> None:
    """Ours: what stands in a block is syntax; what is named in a sentence is meant."""
    found = page_keywords(DEPLOY)
    assert "sessions.db" in found
    assert "sqlite3" not in found


@pytest.mark.parametrize(
    ("text", "wanted", "unwanted"),
    [
        ("我最近在学弹钢琴，钢琴老师很好。", "钢琴", "琴老"),
        ("我对花生过敏，花生酱也不能吃。", "花生", "对花"),
        ("我住在北京，北京的冬天很冷。", "北京", "在北"),
        ("数据库迁移脚本放在目录里，数据库要备份。", "数据库", "据库"),
        ("我在上海工作，上海很大。", "上海", "在上"),
        ("私は東京の大学で経済学を勉強しました。", "経済学", "京の"),
        ("プログラミングが好きです。", "プログラミング", "グが"),
        ("서울에서 피아노를 배우고 있어요.", "피아노", "피아노를"),
    ],
)
def test_words_of_scripts_without_blanks_are_words(text: str, wanted: str, unwanted: str) -> None:
    """Ours: Chinese keywords are words, not raw pairs; likewise in Japanese and Korean."""
    found = spaceless_words(text)
    assert wanted in found
    assert unwanted not in found


def test_a_chinese_page_is_called_by_what_recurs() -> None:
    """Ours: what recurs in a page comes first."""
    said = page(1, "我想学水彩画，你能推荐水彩颜料吗？", "初学水彩画可以用固体水彩颜料。")
    assert page_keywords(said)[0] in ("水彩", "水彩画")


def test_words_that_come_again_stay_in_front() -> None:
    """Ours: a segment keeps the words that come up page after page; what stood in one page leaves first."""
    kept: tuple[str, ...] = ("flask", "login", "bcrypt")
    for at in range(8):
        kept = merge_keywords(kept, ["flask", *(f"word{at}{place}" for place in range(9))])
    assert kept[0] == "flask"
    assert len(kept) == 16
    assert "word70" in kept
    assert "word00" not in kept


def test_the_keywords_of_several_pages_are_those_they_share() -> None:
    """Ours: one page's words weigh less than those of all."""
    pages = [page(at, f"The harbour crane number{at} broke", "The crane is old.") for at in range(3)]
    assert keywords_of(pages)[0] == "crane"
