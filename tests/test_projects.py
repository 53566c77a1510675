"""Projects: a label shifts what comes first, hides nothing, and facts are shared by all."""

from pathlib import Path

import pytest

from memoryos_mcp import Memoryos
from memoryos_mcp.domain.errors import InputError
from memoryos_mcp.domain.projects import host_project, project_label, project_of


@pytest.mark.parametrize(
    ("given", "label"),
    [
        ("website", "website"),
        ("  the  web\nsite ", "the web site"),
        ("/home/anna/src/website/", "website"),
        (r"C:\Users\anna\website", "website"),
        ("/", ""),
        ("", ""),
    ],
)
def test_a_project_is_named_or_given_by_its_folder(given: str, label: str) -> None:
    """Ours: hosts know folders, people know names."""
    assert project_label(given) == label


def test_a_label_that_is_too_long_is_refused() -> None:
    """Ours: it stands in front of recalled lines."""
    with pytest.raises(InputError, match="at most 200"):
        project_label("x" * 201)


def test_the_host_tells_of_its_workspace() -> None:
    """Claude Code's and Cursor's variables; one that was left unfilled tells nothing."""
    assert host_project({"CLAUDE_PROJECT_DIR": "/src/api"}) == "api"
    assert host_project({"WORKSPACE_FOLDER_PATHS": "/src/web,/src/api"}) == "web"
    assert host_project({"CLAUDE_PROJECT_DIR": "${workspaceFolder}"}) == ""
    assert (
        host_project({"CLAUDE_PROJECT_DIR": "/src/" + "x" * 201}) == ""
    )  # regression: no memory could be opened there
    assert project_of("auto", {"CLAUDE_PROJECT_DIR": "/src/api"}) == "api"
    assert project_of("none", {"CLAUDE_PROJECT_DIR": "/src/api"}) == ""
    assert project_of("shop", {"CLAUDE_PROJECT_DIR": "/src/api"}) == "shop"


@pytest.mark.parametrize("consolidated", [False, True])
def test_the_current_project_comes_first_and_the_others_are_not_hidden(tmp_path: Path, consolidated: bool) -> None:
    """Ours: retrieval prefers the current project without hiding the rest."""
    with Memoryos(data_dir=tmp_path, embedder="bundled", project="none", short_term_capacity=1) as memory:
        for number, name in enumerate(["Shop", "Web site/v2"]):
            memory.add_memory(
                f"We deploy with script {number}, right?",
                f"Yes, script {number} deploys it.",
                f"2026-03-0{number + 1}",
                project=name,
            )
        if consolidated:
            memory.add_memory("Hello there.", "Hi!", "2026-04-01")
            assert memory.settle(30)
        for name, first, other in [("Shop", "script 0", "(v2)"), ("v2", "script 1", "(Shop)")]:
            found = memory.retrieve_context("How do we deploy?", project=name, explain=True)
            best = max((*found.short_term, *found.mid_term), key=lambda hit: hit.score)

            assert first in best.page.user_input + best.page.agent_response
            assert best.page.project == name
            assert best.why["project"] > 0
            assert {"script 0", "script 1"} <= {word[:8] for word in found.text.split(" with ")[1:]}
            assert other in found.text
            assert f"({name})" not in found.text
        assert "(Shop)" not in memory.retrieve_context("How do we deploy?").text


def test_facts_of_a_project_are_known_in_all(tmp_path: Path) -> None:
    """Ours: facts about the user are shared."""
    with Memoryos(data_dir=tmp_path, embedder="bundled", project="shop") as memory:
        memory.remember_fact("Is allergic to hazelnuts", "user")
        found = memory.retrieve_context("What am I allergic to?", project="website")

        assert "hazelnuts" in found.text
