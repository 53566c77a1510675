"""Counting tokens: the estimate, and the encoding that may arrive late."""

from pathlib import Path
from threading import Event
from typing import cast

import pytest

from memoryos_mcp.text.ranks import ranks_file
from memoryos_mcp.text.tokenizer import Estimate, LateTokenizer, load_tokenizer


class WordEncoding:
    """An encoding with a token a word."""

    name = "words"

    def encode_ordinary(self, text: str) -> list[int]:
        """Return a number per word."""
        return [len(word) for word in text.split()]


def test_english_prose_costs_a_token_for_four_characters() -> None:
    """Ours: the estimate errs high, but a budget in English is not wasted."""
    text = "I went to a support group yesterday and it was so powerful, I felt at home there. " * 5

    assert len(text) / 4 <= Estimate().count(text) <= len(text) / 4 * 1.05


@pytest.mark.parametrize(
    ("text", "least"),
    [
        ("def f(x): return {k: [v[0] for v in x[k]] for k in x}", 24),
        ("2023-05-08T13:56:00+02:00", 15),
        ("我昨天去了北京\uff0c住在朝阳区。", 14),
        ("🙂🙂🙂", 3),
        ("Привет, как дела сегодня?", 7),
        ("aGVsbG8gd29ybGQgaGVsbG8gd29ybGQ=", 16),
    ],
)
def test_code_digits_and_other_scripts_cost_more_than_a_quarter(text: str, least: int) -> None:
    """Ours: a token for each short word, sign, three digits, Han character or emoji; half for a random letter."""
    assert Estimate().count(text) >= least > len(text) / 4


def test_nothing_costs_nothing() -> None:
    """Ours."""
    assert Estimate().count("") == 0


def test_the_estimate_serves_until_the_encoding_arrives() -> None:
    """Ours: tiktoken's download has no timeout, so nobody waits for it (regression of a known trap)."""
    gate = Event()

    def load() -> WordEncoding:
        assert gate.wait(5)
        return WordEncoding()

    tokenizer = LateTokenizer(cast("object", load))  # type: ignore[arg-type]
    before = (tokenizer.name, tokenizer.count("four words of text"))
    gate.set()
    assert tokenizer.wait(5)

    assert before == ("estimate", 5)
    assert (tokenizer.name, tokenizer.count("four words of text")) == ("words", 4)


def test_an_encoding_that_cannot_be_had_leaves_the_estimate() -> None:
    """Ours: no network is no error."""

    def load() -> WordEncoding:
        raise OSError("no route")

    tokenizer = LateTokenizer(load)  # type: ignore[arg-type]

    assert not tokenizer.wait(5)
    assert tokenizer.name == "estimate"


def test_an_unknown_model_is_counted_like_the_newest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ours: tiktoken raises KeyError for a name it does not know; o200k_base stands in."""
    import tiktoken

    asked: list[str] = []

    def get_encoding(name: str) -> WordEncoding:
        asked.append(name)
        return WordEncoding()

    monkeypatch.setattr(tiktoken, "get_encoding", get_encoding)
    tokenizer = load_tokenizer("some-local-model", deadline_s=5, download=True)

    assert asked == ["o200k_base"]
    assert tokenizer.name == "words"


@pytest.mark.parametrize("model", ["gpt-4o-mini", "gpt-4", "davinci", "some-local-model"])
@pytest.mark.parametrize("found", ["nothing", "a damaged file", "no folder"])
def test_without_ranks_on_disk_nothing_is_asked_of_the_network(
    model: str, found: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Invariant 10, a regression: a start resolved the tokenizer's host; tiktoken fetches a damaged file anew too."""
    import tiktoken.load

    asked: list[str] = []
    monkeypatch.setattr(tiktoken.load, "read_file", asked.append)
    monkeypatch.setattr(tiktoken.registry, "ENCODINGS", {})
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", "" if found == "no folder" else str(tmp_path))
    if found == "a damaged file":
        for encoding in ("o200k_base", "cl100k_base"):
            path = ranks_file(encoding)
            assert path is not None
            path.write_bytes(b"IQ== 0\n")

    tokenizer = load_tokenizer(model, deadline_s=30)

    assert tokenizer.name == "estimate"
    assert asked == []


def test_a_command_that_asks_for_the_ranks_reaches_for_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ours: the other side of the test above, which otherwise could not fail."""
    import tiktoken.load

    asked: list[str] = []
    monkeypatch.setattr(tiktoken.load, "read_file", asked.append)
    monkeypatch.setattr(tiktoken.registry, "ENCODINGS", {})
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(tmp_path))

    assert load_tokenizer("gpt-4o-mini", deadline_s=30, download=True).name == "estimate"
    assert len(asked) == 1
    assert asked[0].endswith("o200k_base.tiktoken")
