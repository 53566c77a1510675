"""The doctor: what it finds in a healthy set-up and in broken ones, and that no check can end the others."""

import json
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from filelock import FileLock

from memoryos_mcp.api.memoryos import Memoryos
from memoryos_mcp.cli import main
from memoryos_mcp.cli.doctor import CHECKS, Check, Examined, Finding, examine, ok
from memoryos_mcp.cli.doctor.environment import packages, python
from memoryos_mcp.cli.doctor.folder import data_folder, logs
from memoryos_mcp.cli.doctor.lock import lock
from memoryos_mcp.cli.doctor.mounts import network_mount
from memoryos_mcp.cli.doctor.set_up import settings as settings_check
from memoryos_mcp.domain.settings import Settings, load_settings

MOUNTS = """\
22 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw
40 22 0:51 / /home/anna/work\\040files rw - nfs4 server:/export rw
41 22 0:52 / /mnt/share rw shared:1 - cifs //server/share rw
"""


def settings_in(folder: Path, **values: object) -> Settings:
    """Return settings with the bundled embedder in *folder*."""
    return load_settings({"data_dir": folder, "embedder": "bundled", **values}, environ={})


def levels(findings: Iterator[Finding]) -> list[tuple[str, str]]:
    """Return check and level of each finding."""
    return [(finding.check, finding.level) for finding in findings]


def named(findings: Iterator[Finding], level: str) -> list[Finding]:
    """Return the findings of a level."""
    return [finding for finding in findings if finding.level == level]


def test_a_memory_in_use_is_found_healthy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ours: status 0, every check says something, in JSON for programs."""
    with Memoryos(settings_in(tmp_path / "memory")) as memory:
        memory.add_memory("I live in Oslo.", "Noted.")
    for name in [name for name in os.environ if name.startswith("MEMORYOS_")]:
        monkeypatch.delenv(name)

    status = main(["doctor", "--json", "--data-dir", str(tmp_path / "memory"), "--embedder", "bundled"])
    found = json.loads(capsys.readouterr().out)

    assert (status, found["healthy"]) == (0, True)
    named_checks = {finding["check"] for finding in found["findings"]}
    assert named_checks >= {"settings", "python", "packages", "data folder", "lock", "memory", "embedder", "tokenizer"}
    assert all(finding["remedy"] for finding in found["findings"] if finding["level"] != "ok")


def test_an_error_ends_with_status_1_and_says_what_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Ours: a script can ask, and a person reads the way out."""
    (tmp_path / "file").write_text("no folder")

    assert main(["doctor", "--data-dir", str(tmp_path / "file"), "--embedder", "bundled"]) == 1
    out = capsys.readouterr().out
    assert "is a file" in out
    assert "-> set MEMORYOS_DATA_DIR" in out


def test_the_examination_makes_nothing(tmp_path: Path) -> None:
    """Ours: a doctor that creates the folder it looks for would hide what is wrong."""
    examined = Examined({"data_dir": tmp_path / "memory", "embedder": "bundled"}, environ={})

    assert named(examine(examined), "error") == []
    assert list(tmp_path.iterdir()) == []


def test_a_check_that_breaks_off_is_a_finding_and_the_others_go_on(tmp_path: Path) -> None:
    """Ours: the worse things are, the more the rest of the examination is needed."""

    def broken(_: Settings) -> Iterator[Finding]:
        yield ok("first", "so far so good")
        raise ZeroDivisionError("no")

    checks = (Check("first", broken), Check("second", lambda _: [ok("second", "made")]))
    found = list(examine(Examined({"data_dir": tmp_path}, environ={}), checks))

    assert levels(iter(found))[-3:] == [("first", "ok"), ("first", "error"), ("second", "ok")]
    assert "ZeroDivisionError: no" in found[-2].what


def test_settings_that_cannot_be_read_are_named_and_nothing_is_guessed(tmp_path: Path) -> None:
    """Ours: without settings nobody knows which memory is meant."""
    found = list(examine(Examined({"data_dir": tmp_path}, environ={"MEMORYOS_CHROMA": "nowhere"})))

    assert [finding.check for finding in found] == ["python", "packages", "settings"]
    assert "MEMORYOS_CHROMA" in found[-1].what


def test_only_what_was_asked_for_is_asked() -> None:
    """Ours: no call to a model unless a person wants it."""
    (model,) = (check for check in CHECKS if check.name == "model")

    assert not model.wanted(Examined())
    assert model.wanted(Examined(ask_model=True))


@pytest.mark.parametrize(
    ("name", "hint"), [("MEMORYOS_USERID", "MEMORYOS_USER_ID"), ("memoryos_data_dirr", "MEMORYOS_DATA_DIR")]
)
def test_a_misspelt_environment_name_is_found(name: str, hint: str) -> None:
    """Ours: the environment is never refused as a file's keys are, so somebody has to look."""
    environ: Mapping[str, str] = {name: "x", "MEMORYOS_USER_NAME": "Anna", "PATH": "/bin"}

    (found,) = named(settings_check(environ, lambda: load_settings(environ={})), "warning")

    assert name in found.what
    assert hint in found.remedy


def test_an_old_python_and_missing_packages_are_errors() -> None:
    """Ours: both happen when a host starts another interpreter than the one that was installed into."""
    assert levels(python((3, 9, 1))) == [("python", "error")]
    assert levels(packages("no-such-distribution-of-ours")) == [("packages", "warning")]
    assert named(packages(), "error") == []


@pytest.mark.skipif(sys.platform == "win32", reason="permissions follow the profile folder there")
def test_a_folder_that_others_can_read_is_told(tmp_path: Path) -> None:
    """Ours: memory is as private as its folder."""
    folder = tmp_path / "memory"
    folder.mkdir(mode=0o755)

    (found,) = named(data_folder(settings_in(folder)), "warning")

    assert found.remedy == f"chmod 700 '{folder}'"


def test_a_synchronised_folder_is_told(tmp_path: Path) -> None:
    """Ours: a database that is copied while it is written does not survive it."""
    folder = tmp_path / "Dropbox" / "memory"
    folder.mkdir(parents=True, mode=0o700)

    (found,) = named(data_folder(settings_in(folder)), "warning")

    assert "Dropbox" in found.what


@pytest.mark.parametrize(
    ("path", "kind"),
    [("/home/anna", ""), ("/home/anna/work files/memory", "nfs4"), ("/mnt/share", "cifs"), ("/mnt/shared", "")],
)
def test_network_file_systems_are_known_by_their_mount(path: str, kind: str) -> None:
    """Ours: locks and memory-mapped files fail there when several machines use them."""
    assert network_mount(Path(path), MOUNTS) == kind


def test_a_lock_that_is_held_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ours: what hangs every host is found without hanging the doctor."""
    monkeypatch.setattr("memoryos_mcp.cli.doctor.lock._WAIT_S", 0.05)
    with FileLock(tmp_path / "store.lock"):
        assert levels(lock(settings_in(tmp_path))) == [("lock", "error")]
    assert levels(lock(settings_in(tmp_path))) == [("lock", "ok")]


def test_logs_that_grew_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ours: a folder of memory should not be full of logs."""
    (tmp_path / "server.log.1").write_text("x" * 2000)
    monkeypatch.setattr("memoryos_mcp.cli.doctor.folder._LOG_BYTES", 1000)

    assert levels(logs(settings_in(tmp_path))) == [("logs", "warning")]
