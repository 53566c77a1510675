"""Secrets that are stored already: doctor tells of them, and `redact` takes them out to the bytes."""

from pathlib import Path

import pytest

from memoryos_mcp import Memoryos
from memoryos_mcp.cli.app import run
from memoryos_mcp.cli.doctor.memory import memory as memory_findings
from memoryos_mcp.domain.settings import Settings, load_settings
from memoryos_mcp.updating.audit import audit

KEY = "hf" + "_" + "a1B2c3D4e5F6g7H8" * 2
CARD = "4111 1111 1111 1111"
SETTLE_S = 60


def settings_in(folder: Path, *, redact: bool) -> Settings:
    """Return settings of a small queue: every tier gets pages."""
    given = {
        "data_dir": folder,
        "user_id": "anna",
        "embedder": "bundled",
        "analyzer": "local",
        "short_term_capacity": 2,
    }
    return load_settings({**given, "redact_secrets": redact}, environ={})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a memory that was kept with the setting off: secrets in a page of each tier, a fact and metadata."""
    with Memoryos(settings=settings_in(tmp_path / "memory", redact=False)) as memory:
        memory.add_memory(f"My Hugging Face key is {KEY} for the parrot project.", "Noted.", metadata={"note": KEY})
        for number in range(4):
            memory.add_memory(f"I watered the {number}th tomato.", "Well done.")
        memory.add_memory(f"I pay with card {CARD} from now on.", "Noted.")
        memory.remember_fact(f"Uses the key {KEY}", "user")
        assert memory.settle(SETTLE_S)
    return tmp_path / "memory"


def holds(folder: Path, *words: str) -> list[Path]:
    """Return the files of a folder that hold any of the words, as UTF-8 or UTF-16."""
    codes = [word.encode(code) for word in words for code in ("utf-8", "utf-16-le")]
    return [path for path in folder.rglob("*") if path.is_file() and any(code in path.read_bytes() for code in codes)]


def test_a_dry_run_says_what_is_stored_and_changes_nothing(folder: Path) -> None:
    """Ours: kinds and places; nothing goes without being told to."""
    with Memoryos(settings=settings_in(folder, redact=True)) as memory:
        found = memory.redact_secrets()
        text = memory.retrieve_context("Which key do I use?").text

    assert found.kinds["API key"] >= 3
    assert found.kinds["card number"] >= 1
    assert {"mid_term", "short_term", "facts"} <= set(found.places)
    assert found.files == ""
    assert KEY in text


def test_what_is_taken_out_is_gone_from_every_file_and_the_rest_stays(folder: Path) -> None:
    """Ours: to the bytes; pages keep their ids and are found as before, with the mark in the secret's place."""
    assert holds(folder, KEY, CARD)
    with Memoryos(settings=settings_in(folder, redact=True)) as memory:
        before = {page.page_id for page in memory.short_term()}
        found = memory.redact_secrets(dry_run=False)
        assert memory.settle(SETTLE_S)
        assert {page.page_id for page in memory.short_term()} == before
        assert "[secret removed: API key] for the parrot project" in memory.retrieve_context("parrot project key").text
        assert memory.redact_secrets().kinds == {}
        assert audit(memory.parts.tiers, "anna") == []

    assert found.files == "cleared"
    assert holds(folder, KEY, CARD) == []


def test_another_users_secrets_stay(folder: Path) -> None:
    """Ours: each user's memory is theirs to clean."""
    with Memoryos(settings=settings_in(folder, redact=False)) as memory:
        memory.add_memory(f"My key is {KEY}", "Ok", user_id="ben")
        memory.redact_secrets(dry_run=False)
        assert KEY in memory.short_term(user_id="ben")[0].user_input


def test_a_memory_without_secrets_is_left_alone(tmp_path: Path) -> None:
    """Ours: nothing is rewritten for nothing."""
    with Memoryos(settings=settings_in(tmp_path, redact=True)) as memory:
        memory.add_memory("I live in Oslo.", "Noted.")
        found = memory.redact_secrets(dry_run=False)

    assert (found.kinds, found.files) == ({}, "")


def test_doctor_tells_of_stored_secrets_without_showing_them(folder: Path) -> None:
    """Ours: a report by `doctor`."""
    told = [finding for finding in memory_findings(settings_in(folder, redact=True)) if "secrets" in finding.what]

    assert len(told) == 1
    assert "API key" in told[0].what
    assert KEY not in told[0].what
    assert told[0].remedy == "memoryos-mcp redact takes them out"


def test_the_command_asks_for_yes(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Ours: at the terminal."""
    given = ["--data-dir", str(folder), "--user-id", "anna"]
    assert run([*given, "redact"]) == 0
    dry = capsys.readouterr()
    assert "API key" in dry.out
    assert "repeat with --yes" in dry.err
    assert run([*given, "redact", "--yes"]) == 0
    assert "files: cleared" in capsys.readouterr().out
    assert run([*given, "redact"]) == 0
    assert "no secret of a known shape" in capsys.readouterr().out
