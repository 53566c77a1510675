"""The step of CI that tries the newest chromadb and mcp which the pins allow, with an index of our own."""

import os
import subprocess
import sys
import zipfile
from importlib.metadata import version
from pathlib import Path

import pytest
from packaging.version import Version

ROOT = Path(__file__).parent.parent
PINNED = ("chromadb", "mcp")


def wheel(folder: Path, name: str, number: str) -> None:
    """Write a package that holds nothing, for an index of our own."""
    told = f"{name}-{number}.dist-info"
    with zipfile.ZipFile(folder / f"{name}-{number}-py3-none-any.whl", "w") as file:
        file.writestr(f"{told}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {number}\n")
        file.writestr(
            f"{told}/WHEEL", "Wheel-Version: 1.0\nGenerator: ours\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        file.writestr(f"{told}/RECORD", "")


def later(name: str) -> str:
    """Return the version behind the installed one, which the pins allow."""
    installed = Version(version(name))
    return f"{installed.major}.{installed.minor}.{installed.micro + 1}"


@pytest.fixture
def index(tmp_path: Path) -> Path:
    """Return an index that has the installed versions, as the real one does."""
    made = tmp_path / "index"
    made.mkdir()
    for name in PINNED:
        wheel(made, name, version(name))
    return made


def newest(index: Path, tests: str = "") -> tuple[int, str]:
    """Run the CI step with *index* as the only one; return its exit code and what it wrote."""
    path = index.parent / "test_trial.py"
    path.write_text(tests, encoding="utf-8")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
    ours = {"PIP_CONFIG_FILE": os.devnull, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(index)}
    command = [sys.executable, str(ROOT / ".ci" / "newest"), str(path)]
    done = subprocess.run(command, env=kept | ours, capture_output=True, text=True, timeout=120, check=False)
    return done.returncode, done.stdout


def trial(name: str) -> str:
    """Return a test that passes with the later version of a package alone."""
    return f"from importlib.metadata import version\ndef test_it(): assert version({name!r}) == {later(name)!r}\n"


def test_nothing_newer_is_nothing_to_try(index: Path) -> None:
    """Ours: then the suite was run with the newest already."""
    code, told = newest(index, "raise AssertionError")

    assert (code, "the newest allowed are installed" in told) == (0, True)


def test_a_newer_one_is_tried_in_front_of_the_installed(index: Path) -> None:
    """Ours: the tests see the newer package, the environment keeps what it has."""
    before = version("chromadb")
    wheel(index, "chromadb", later("chromadb"))
    code, told = newest(index, trial("chromadb"))

    assert (code, f"newer: chromadb=={later('chromadb')}\n" in told) == (0, True)
    assert version("chromadb") == before


def test_one_beyond_the_pins_is_not_tried(index: Path) -> None:
    """Ours: the pins decide, not the index."""
    installed = Version(version("chromadb"))
    wheel(index, "chromadb", f"{installed.major}.{installed.minor + 1}.0")

    assert "the newest allowed are installed" in newest(index)[1]


def test_a_newer_one_that_fails_the_tests_fails_the_step(index: Path) -> None:
    """Ours: that is what the step is for."""
    wheel(index, "mcp", later("mcp"))
    code, told = newest(index, "def test_it(): assert False\n")

    assert (code, "FAILED with them" in told) == (1, True)


def test_an_index_that_is_away_is_said_and_fails_nothing(tmp_path: Path) -> None:
    """Ours: a change is not to blame for it; but "tried" is not said either."""
    (tmp_path / "index").mkdir()
    code, told = newest(tmp_path / "index")

    assert (code, "NOT TRIED" in told) == (0, True)
    assert "pass" not in told


def test_a_newer_one_that_cannot_be_fetched_from_an_index_that_answers_fails_the_step(index: Path) -> None:
    """Ours: "the index is away" is no cover for a version that nobody can install."""
    (index / f"mcp-{later('mcp')}-py3-none-any.whl").write_bytes(b"no wheel")
    code, told = newest(index)

    assert (code, "the package index answers" in told) == (1, True)
