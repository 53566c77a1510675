"""Counting tokens: exactly as o200k_base, with ranks that are part of the package."""

import base64
import hashlib
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import tiktoken
from tiktoken_ext import openai_public  # type: ignore[import-untyped]

from memoryos_mcp import Memoryos
from memoryos_mcp.text import tokenizer
from memoryos_mcp.text.tokenizer import O200kBase

from .crafted import UNITS, crafted

COUNTS = [
    ("", 0),
    ("I went to a support group yesterday and it was so powerful, I felt at home there.", 19),
    ("She'll say they're DON'T-WORRY types; we've 1,234,567 reasons.", 19),
    (
        'def total(items: list[dict[str, int]]) -> int:\n    return sum(item["price"] * item["n"] for item in items)\n',
        31,
    ),
    ("SELECT u.id, COUNT(*) AS n FROM users u LEFT JOIN orders o ON o.user_id = u.id GROUP BY 1;", 27),
    ("我昨天去了北京\uff0c住在朝阳区的一家小旅馆\uff0c晚上和老同学一起吃了烤鸭。", 28),
    ("我在 Google 用 Python 写了一个 parse_config() 函数。", 15),
    ("昨日は友達と京都へ行って、抹茶のパフェを食べました。", 21),
    ("어제 친구와 부산에 가서 회를 먹었어요.", 14),
    ("Привет, как дела сегодня? Я вчера переехала в Казань.", 16),
    ("انتقلت إلى القاهرة في الربيع الماضي.", 10),
    ("เมื่อวานฉันไปตลาดกับแม่", 9),
    ("🙂🙂🙂 👩\u200d👩\u200d👧 🇫🇷", 15),
    ("2026-11-25T20:00:00-08:00", 16),
    ("aGVsbG8gd29ybGQgaGVsbG8gd29ybGQ=", 21),
    ("  \t\n\n   indented\r\n\r\n      deeper   ", 9),
    ("<|endoftext|>", 7),
]
"""Counted once with tiktoken 0.14 and the same ranks."""


@pytest.mark.parametrize(("text", "tokens"), COUNTS, ids=[ascii(text)[1:20] for text, _ in COUNTS])
def test_a_text_costs_what_it_costs_the_model(text: str, tokens: int) -> None:
    """A regression: an estimate counted 1.02 to 1.42 times this; a Chinese reply of 1,000 tokens held 822."""
    assert O200kBase().count(text) == tokens


@pytest.fixture(scope="module")
def reference() -> tiktoken.Encoding:
    """tiktoken's own o200k_base over the package's ranks, so that it needs no network."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(openai_public, "load_tiktoken_bpe", lambda *arguments, **options: tokenizer._ranks())
        return tiktoken.Encoding(**openai_public.o200k_base())


@pytest.mark.parametrize(
    "path",
    [
        "README.md",
        "docs/architecture.md",
        "memoryos_mcp/text/tokenizer.py",
        "tests/data/chinese_talks.tsv",
        "tests/data/other_languages.tsv",
        "tests/data/secret_lookalikes.txt",
    ],
)
def test_whole_files_are_counted_as_tiktoken_counts_them(path: str, reference: tiktoken.Encoding) -> None:
    """Ours: English, code, Chinese, seven languages and strings that look like keys, with the library as reference."""
    text = (Path(__file__).parent.parent / path).read_text(encoding="utf-8")

    assert O200kBase().count(text) == len(reference.encode_ordinary(text))


@pytest.mark.parametrize("name", UNITS)
def test_crafted_texts_are_counted_as_tiktoken_counts_them(name: str, reference: tiktoken.Encoding) -> None:
    """Ours: signs, scripts and blanks in every mixture; short enough that no piece is counted in stretches."""
    text = crafted(name, 96)

    assert O200kBase().count(text) == len(reference.encode_ordinary(text))


def test_the_ranks_are_those_that_openai_publishes() -> None:
    """Ours: written the way the published file is, they have the SHA-256 that tiktoken checks."""
    ranks = tokenizer._ranks()
    lines = (
        base64.b64encode(token) + b" %d\n" % rank for token, rank in sorted(ranks.items(), key=lambda each: each[1])
    )

    assert (
        hashlib.sha256(b"".join(lines)).hexdigest()
        == "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d"
    )


@pytest.mark.parametrize("text", ["a" * 100_000, "\ufdfa" * 30_000, "\ud800" * 5_000, "我昨天去了北京" * 10_000])
def test_a_run_without_a_blank_is_counted_in_linear_work(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ours: merging looks at every pair for every merge, so no stretch that it is given may be long."""
    stretches: list[int] = []
    merged = tokenizer._merged

    def counted(piece: bytes) -> int:
        stretches.append(len(piece))
        return merged.__wrapped__(piece)

    monkeypatch.setattr(tokenizer, "_merged", counted)
    assert O200kBase().count(text) > 0

    assert sum(size for size in stretches if size <= tokenizer._STRETCH) <= 3 * len(text)
    assert all(size <= tokenizer._STRETCH or size == len(text.encode(errors="replace")) for size in stretches)


def test_counting_asks_nothing_of_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Invariant 10, a regression: a start without cached ranks resolved the host that has them."""

    def refuse(*arguments: object, **options: object) -> object:
        raise AssertionError(f"the network was asked: {arguments}")

    for name in ("getaddrinfo", "create_connection"):
        monkeypatch.setattr(socket, name, refuse)
    tokenizer._ranks.cache_clear()

    assert O200kBase().count("tea") == 1


def test_an_opening_does_not_load_the_ranks(tmp_path: Path) -> None:
    """Ours: what only adds, or only starts, does not pay for counting; the first reply does."""
    tokenizer._ranks.cache_clear()
    with Memoryos(tmp_path, embedder="bundled", analyzer="local") as memory:
        memory.add_memory("I live in Oslo.", "Noted.")
        assert memory.status().tokenizer == "o200k_base"
        assert tokenizer._ranks.cache_info().currsize == 0
        found = memory.retrieve_context("Where do I live?")

    assert found.token_count == O200kBase().count(found.text) > 0
    assert tokenizer._ranks.cache_info().currsize == 1


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_the_ranks_take_less_than_40_mb() -> None:
    """Ours: the bound for counting exactly; tiktoken takes 75."""
    program = (
        "from pathlib import Path; from memoryos_mcp.text.tokenizer import O200kBase; import resource; "
        "pages = lambda: int(Path('/proc/self/statm').read_text().split()[1]) * resource.getpagesize(); "
        "before = pages(); O200kBase().count('tea'); print((pages() - before) / 1e6)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)

    assert 10 < float(done.stdout) < 40
