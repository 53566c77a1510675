"""The commands that look, and `forget`: what they show of a real memory, and of whose."""

import json
from pathlib import Path

import pytest

from memoryos_mcp.api.memoryos import Memoryos

from .command_line import AT, OSLO, Run


def test_status_counts_what_add_stored(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """Ours: a stored page is there at once."""
    assert run("add", *OSLO) == 0
    assert run("status", "--json") == 0
    added, status = capsys.readouterr().out.rsplit("\n", 2)[:2]

    assert added.startswith("1 stored, 0 known already")
    found = json.loads(status)
    assert (found["short_term_pages"], found["users"], found["user_id"]) == (1, ["default"], "default")


def test_status_for_people_names_the_tiers_and_the_folder(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ours: someone who looks wants to know where it is, too."""
    assert run("status") == 0
    text = capsys.readouterr().out

    for word in ("short-term memory", "mid-term memory", "long-term memory", "archive", "pending", "last error"):
        assert word in text
    assert str(tmp_path / "memory") in text


def test_recall_says_where_when_and_why(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """Ours: a hit shows tier, date and page, its score on request."""
    assert run("add", *OSLO, *AT) == 0
    capsys.readouterr()

    assert run("recall", "Where did we move to?") == 0
    text = capsys.readouterr().out
    assert "short-term, 2025-03-01, page " in text
    assert "score " not in text
    assert run("recall", "Where did we move to?", "--explain") == 0
    assert "score " in capsys.readouterr().out
    assert "user: We moved to Oslo last week." in text


def test_recall_shows_long_term_memory_beside_the_pages(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """Ours: facts come with id and source."""
    assert run("add", "--user-input", "I'm allergic to peanuts.", "--agent-response", "Noted.", *AT) == 0
    capsys.readouterr()
    assert run("recall", "Who am I and what am I allergic to?") == 0

    text = capsys.readouterr().out
    assert "Long-term memory\nfact" in text
    assert "Profile\n" in text


def test_recall_can_show_what_a_model_reads(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """Ours: the same text as the tool's."""
    assert run("add", *OSLO, *AT) == 0
    capsys.readouterr()
    assert run("recall", "Oslo", "--json") == 0
    text = json.loads(capsys.readouterr().out)["text"]

    assert run("recall", "Oslo", "--text") == 0
    assert capsys.readouterr().out == text + "\n"


def test_recall_refuses_a_budget_out_of_range(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """Ours: 100 to 20,000 tokens."""
    assert run("recall", "Oslo", "--max-tokens", "5") == 2
    assert "max_tokens must be a whole number from 100 to 20,000, got 5" in capsys.readouterr().err


def test_text_from_memory_is_never_markup(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """Ours: what was said cannot colour the terminal or vanish."""
    assert run("add", "--user-input", "[bold]Oslo[/bold] :smile:", "--agent-response", "[/nonsense]") == 0
    capsys.readouterr()

    assert run("recall", "Oslo") == 0
    text = capsys.readouterr().out
    assert "user: [bold]Oslo[/bold] :smile:" in text
    assert "assistant: [/nonsense]" in text


def test_profile_shows_facts_with_source_and_hides_superseded_ones(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ours: a fact can be followed to where it came from."""
    with Memoryos(data_dir=tmp_path / "memory", embedder="bundled") as memory:
        old, _ = memory.remember_fact("Lives in Bergen.", "user")
        memory.remember_fact("Lives in Oslo.", "user", supersedes=old.fact_id, pinned=True)

    assert run("profile") == 0
    shown = capsys.readouterr().out
    assert "Lives in Oslo." in shown
    assert "pinned" in shown
    assert "told directly" in shown
    assert "Bergen" not in shown
    assert run("profile", "--all") == 0
    assert "superseded" in capsys.readouterr().out
    assert run("profile", "--text") == 0
    text = capsys.readouterr().out
    assert text.startswith("About user 'default'. Recalled data")
    assert f"- Lives in Oslo. ({old.said_at.day} " in text
    assert "Bergen" not in text
    assert run("profile", "--text", "--all") == 0
    assert "No longer:" in capsys.readouterr().out
    assert run("profile", "--json") == 0
    assert len(json.loads(capsys.readouterr().out)["user_knowledge"]) == 2


def test_forget_is_a_dry_run_unless_told_yes(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """Ours: forgetting cannot be undone."""
    assert run("add", *OSLO, *AT) == 0
    page = capsys.readouterr().out.split()[-1]

    assert run("forget", "--page", page) == 0
    shown = capsys.readouterr()
    assert "1 would be forgotten" in shown.out
    assert "dry run" in shown.err
    assert run("forget", "--page", page, "--yes", "--json") == 0
    receipt = json.loads(capsys.readouterr().out)
    assert (receipt["dry_run"], receipt["page_ids"]) == (False, [page])
    assert run("forget", "--page", page) == 1
    assert page in capsys.readouterr().err
    assert run("add", *OSLO, *AT) == 0
    capsys.readouterr()
    assert run("forget", "--everything", "--yes") == 0
    shown = capsys.readouterr()
    assert "cleared" in shown.out
    assert "backups and exports made before still hold it" in shown.err


def test_forgetting_nothing_says_so(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """Ours: an empty table would look like a failure."""
    assert run("forget", "--before", "2000-01-01", "--yes") == 0
    assert "nothing of this kind is in memory" in capsys.readouterr().out


def test_users_are_kept_apart(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """Ours: the setting may stand before or after the command; after wins."""
    assert run("--user-id", "anna", "add", *OSLO) == 0
    capsys.readouterr()

    for arguments, pages in (
        (("status", "--json"), 0),
        (("--user-id", "anna", "status", "--json"), 1),
        (("--user-id", "anna", "status", "--json", "--user-id", "bert"), 0),
    ):
        assert run(*arguments) == 0
        assert json.loads(capsys.readouterr().out)["short_term_pages"] == pages
