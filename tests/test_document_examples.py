"""The examples of the documents run as they stand, each in an empty folder."""

import json
from pathlib import Path

import pytest

from memoryos_mcp.cli import main
from tests.documents import code_blocks, text_of

EXAMPLES = [
    pytest.param(example, id=f"{name}-{place}")
    for name in ("README.md", "docs/python.md")
    for place, example in enumerate(code_blocks(text_of(name), "python"))
]


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the empty folder in which the example runs, with no setting of this machine."""
    monkeypatch.chdir(tmp_path)
    for name in ("MEMORYOS_CONFIG", "MEMORYOS_USER_ID", "OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("MEMORYOS_EMBEDDER", "bundled")
    monkeypatch.setenv("MEMORYOS_DATA_DIR", str(tmp_path / "elsewhere"))
    return tmp_path


@pytest.mark.parametrize("example", EXAMPLES)
def test_a_python_example_runs_and_says_something(
    example: str, empty_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ours: pasted as it stands; what it opens is the folder that it names."""
    exec(compile(example, "example.py", "exec"), {"__name__": "__main__"})

    assert capsys.readouterr().out.strip()
    assert (empty_folder / "memory").is_dir()
    assert not (empty_folder / "elsewhere").exists()


def test_there_are_examples_of_both_classes() -> None:
    """Ours: an empty list of examples would pass."""
    text = text_of("docs/python.md")

    assert len(code_blocks(text, "python")) >= 6
    assert "AsyncMemoryos(" in "".join(code_blocks(text, "python"))


def test_the_readme_example_recalls_the_allergy(capsys: pytest.CaptureFixture[str]) -> None:
    """Ours: the question shares no word with what was said but its meaning."""
    (example,) = code_blocks(text_of("README.md"), "python")

    exec(compile(example, "README.md", "exec"), {})

    assert "hazelnuts" in capsys.readouterr().out


def test_the_example_of_a_plain_file_is_imported(empty_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Ours: with its date."""
    (line,) = code_blocks(text_of("docs/import-and-export.md"), "json")
    (empty_folder / "mine.jsonl").write_text(line, encoding="utf-8")

    assert main(["import", "mine.jsonl", "--dry-run", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["exchanges"] == 1
