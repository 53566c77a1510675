"""Tokens: made, listed and revoked at the terminal; only their digests are kept."""

import hashlib
import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from memoryos_mcp.cli import main
from memoryos_mcp.domain.clock import now
from memoryos_mcp.domain.errors import InputError, NotFoundError, StoreCorruptError
from memoryos_mcp.storage.token_file import TokenFile

MAKING = """
import sys
from pathlib import Path
from memoryos_mcp.storage.token_file import TokenFile
for number in range(20):
    TokenFile(Path(sys.argv[1])).create(sys.argv[2], name=str(number))
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the data folder that the commands use."""
    monkeypatch.setenv("MEMORYOS_DATA_DIR", str(tmp_path / "memory"))
    return tmp_path / "memory"


def test_create_prints_the_token_alone_on_the_last_line(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Ours: `TOKEN=$(memoryos-mcp token create anna)`; the file has its SHA-256 and is the owner's alone."""
    assert main(["token", "create", "anna", "--name", "laptop", "--expires", "90d", "--scope", "read"]) == 0
    token = capsys.readouterr().out.splitlines()[-1]

    path = folder / "tokens.json"
    found = TokenFile(path).find(token)
    assert found is not None
    assert (found.user_id, found.name, found.scope) == ("anna", "laptop", "read")
    assert found.expires_at is not None
    assert timedelta(days=89) < found.expires_at - now() < timedelta(days=91)
    assert token not in path.read_text()
    assert hashlib.sha256(token.encode()).hexdigest() in path.read_text()
    assert len(token) >= 43
    if os.name != "nt":
        assert (path.stat().st_mode & 0o777, folder.stat().st_mode & 0o777) == (0o600, 0o700)


def test_list_shows_everything_but_the_token(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Ours: neither token nor digest; an id is what `revoke` takes."""
    main(["token", "create", "anna", "--name", "laptop"])
    token = capsys.readouterr().out.strip()
    assert main(["token", "list"]) == 0
    shown = capsys.readouterr().out
    main(["token", "list", "--json"])
    (as_json,) = json.loads(capsys.readouterr().out)

    (known,) = TokenFile(folder / "tokens.json").tokens()
    assert all(word in shown for word in (known.token_id, "anna", "laptop", "write", "no end"))
    assert (as_json["user_id"], as_json["expires_at"]) == ("anna", None)
    assert not any(secret in shown + str(as_json) for secret in (token, known.digest))


def test_revoke_takes_an_id_or_how_it_begins(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Ours: the other token stays."""
    file = TokenFile(folder / "tokens.json")
    (gone, gone_text), (_, kept_text) = file.create("anna"), file.create("anna")

    assert main(["token", "revoke", gone.token_id[:6]]) == 0
    assert "revoked" in capsys.readouterr().out
    assert (file.find(gone_text), file.find(kept_text) is not None) == (None, True)
    assert main(["token", "revoke", gone.token_id]) == 1
    assert "no token has the id" in capsys.readouterr().err


def test_revoking_what_is_not_there_says_where_to_look(tmp_path: Path) -> None:
    """Ours: the file is not made by that."""
    file = TokenFile(tmp_path / "tokens.json")

    with pytest.raises(NotFoundError, match="token list"):
        file.revoke("tnothing")
    assert not file.exists


def test_a_token_that_expired_is_none(tmp_path: Path) -> None:
    """Ours: from its time on."""
    token, _ = TokenFile(tmp_path / "tokens.json").create("anna", expires_at=now() + timedelta(hours=1))

    assert token.expires_at is not None
    assert token.holds(token.expires_at - timedelta(seconds=1))
    assert not token.holds(token.expires_at)


@pytest.mark.parametrize("expires", ["0d", "2001-01-01", "soon", "-5d", "99999w"])
def test_an_end_that_makes_no_sense_makes_no_token(
    expires: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ours: the message names the value."""
    assert main(["token", "create", "anna", f"--expires={expires}"]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "expire" in shown.err
    assert not (folder / "tokens.json").exists()


def test_an_end_may_be_a_date(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Ours: as every date of ours is read."""
    assert main(["token", "create", "anna", "--expires", "2999-12-24T00:00:00Z"]) == 0
    (token,) = TokenFile(folder / "tokens.json").tokens()

    assert token.expires_at is not None
    assert token.expires_at.isoformat() == "2999-12-24T00:00:00+00:00"


@pytest.mark.parametrize("user", ["", "  ", "a\x00b", "x" * 1001])
def test_a_user_that_no_memory_can_have_gets_no_token(user: str, tmp_path: Path) -> None:
    """Ours: the same rule as for every user id."""
    file = TokenFile(tmp_path / "tokens.json")

    with pytest.raises(InputError):
        file.create(user)
    assert not file.exists


def test_processes_that_create_at_once_lose_nothing(tmp_path: Path) -> None:
    """Ours: each reads, adds and writes under the file's lock."""
    path = tmp_path / "tokens.json"
    makers = [subprocess.Popen([sys.executable, "-c", MAKING, str(path), user]) for user in ("anna", "bert")]
    assert [maker.wait(60) for maker in makers] == [0, 0]

    users = [token.user_id for token in TokenFile(path).tokens()]
    assert (users.count("anna"), users.count("bert")) == (20, 20)


@pytest.mark.parametrize(
    "content",
    ["", "[]", "{}", '{"format": 2, "tokens": []}', '{"format": 1, "tokens": [{}]}', '{"format": 1, "tokens": [7]}'],
)
def test_a_file_that_is_not_ours_is_said_and_left_alone(content: str, tmp_path: Path) -> None:
    """Ours: never taken for an empty one, and not written over."""
    path = tmp_path / "tokens.json"
    path.write_text(content)

    with pytest.raises(StoreCorruptError):
        TokenFile(path).tokens()
    with pytest.raises(StoreCorruptError):
        TokenFile(path).create("anna")
    assert (path.read_text(), TokenFile(path).find("mos_x")) == (content, None)
