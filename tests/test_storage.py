"""The store seam on real Chroma: embedded in a temporary folder, and on a real server on loopback."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from memoryos_mcp.domain.errors import StoreCorruptError, StoreFormatError, StoreUnavailableError
from memoryos_mcp.domain.protocols import Record
from memoryos_mcp.domain.settings import Settings, load_settings
from memoryos_mcp.storage.chroma import ChromaStore, open_store
from memoryos_mcp.storage.chroma.migrations import ensure_format
from memoryos_mcp.storage.chroma.names import META, collection_name
from memoryos_mcp.storage.lock import FolderLock

ODD_USERS = ["anna", "anna ", "a/../b", "..", "Анна", "名前", "x" * 300, "C:\\users", "a\nb", "u-", "🦊"]


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def server_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run a real Chroma server for the module."""
    port = free_port()
    command = Path(sys.executable).with_name("chroma")
    arguments = ["run", "--path", str(tmp_path_factory.mktemp("server")), "--host", "127.0.0.1", "--port", str(port)]
    with subprocess.Popen([command, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            wait_for(f"http://127.0.0.1:{port}/api/v2/heartbeat")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def wait_for(url: str) -> None:
    """Return when *url* answers; give up after 90 s, since starting is the machine's time, not ours."""
    deadline = time.monotonic() + 90
    while not answers(url):
        if time.monotonic() > deadline:
            raise TimeoutError(f"{url} does not answer")
        time.sleep(0.05)


def answers(url: str) -> bool:
    """Return whether somebody answers at *url*."""
    try:
        with urllib.request.urlopen(url, timeout=1):
            return True
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False


@pytest.fixture(params=["embedded", "server"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ChromaStore]:
    """Open a store on each kind of Chroma."""
    chroma = request.getfixturevalue("server_url") if request.param == "server" else ""
    opened = open_store(load_settings({"data_dir": tmp_path / "data", "chroma": chroma}, environ={}))
    for user in opened.users():
        opened.drop(user)
    yield opened
    opened.close()


def settings_for(folder: Path) -> Settings:
    """Return settings of embedded Chroma in *folder*."""
    return load_settings({"data_dir": folder}, environ={})


def test_what_is_put_comes_back(store: ChromaStore) -> None:
    """Ours: document, metadata and vector of each kind of place."""
    vector = np.array([0.6, 0.8], np.float32)
    store.put("anna", "short_term", [Record("p1", "text", {"sequence": 2**62, "noted": True}), Record("p2", "")])
    store.put("anna", "turns.bundled", [Record("t1", "", {}, vector)])
    assert store.get("anna", "short_term", ["p1"]) == [Record("p1", "text", {"sequence": 2**62, "noted": True})]
    assert store.get("anna", "short_term", ["p2"])[0].metadata == {}
    stored = store.get("anna", "turns.bundled", vectors=True)[0].vector
    assert stored is not None
    assert stored.tolist() == pytest.approx(vector.tolist())


def test_a_place_never_written_reads_as_empty(store: ChromaStore) -> None:
    """Ours: nobody has to create anything."""
    assert store.get("nobody", "segments") == []
    assert store.ids("nobody", "segments") == []
    assert store.count("nobody", "segments") == 0
    assert store.nearest("nobody", "turns.x", np.ones(2, np.float32), 3) == []
    store.delete("nobody", "segments", ["x"])
    store.put("nobody", "segments", [])
    assert store.users() == []


def test_put_replaces_and_delete_ignores_the_unknown(store: ChromaStore) -> None:
    """Ours: both may be repeated after a crash."""
    store.put("anna", "short_term", [Record("p1", "old", {"a": 1, "b": 1})])
    store.put("anna", "short_term", [Record("p1", "new", {"a": 2, "b": 1})])
    store.delete("anna", "short_term", ["p9"])
    assert store.get("anna", "short_term", where={"a": 2, "b": 1})[0].document == "new"
    assert store.get("anna", "short_term", []) == []
    store.delete("anna", "short_term", ["p1"])
    assert store.count("anna", "short_term") == 0


def test_more_records_than_one_batch_are_stored_and_found(store: ChromaStore) -> None:
    """Ours: Chroma takes at most 5,461 at once."""
    store.put("anna", "mid_term", [Record(f"p{number}", "", {"kind": "page"}) for number in range(4500)])
    assert store.count("anna", "mid_term") == 4500
    assert len(store.ids("anna", "mid_term", where={"kind": "page"})) == 4500
    assert len(store.get("anna", "mid_term", limit=10, offset=4495)) == 5


def test_nearest_gives_cosine_similarity_best_first(store: ChromaStore) -> None:
    """Ours: 1 for the same direction whatever the length, 0 for a right angle."""
    store.put("anna", "turns.x", [Record(str(row), "", {}, np.eye(3, dtype=np.float32)[row]) for row in range(3)])
    found = store.nearest("anna", "turns.x", np.array([0, 5, 0], np.float32), 2)
    assert found[0][0] == "1"
    assert [score for _, score in found] == pytest.approx([1.0, 0.0])


@pytest.mark.parametrize("user", ODD_USERS)
def test_any_user_id_keeps_its_memory_to_itself(store: ChromaStore, user: str) -> None:
    """Invariant 5: spaces, slashes, `..`, 300 characters, any script."""
    for other in ODD_USERS:
        store.put(other, "short_term", [Record("p1", other)])
    assert [record.document for record in store.get(user, "short_term")] == [user]
    store.drop(user)
    assert user not in store.users()
    assert len(store.users()) == len(ODD_USERS) - 1


def test_one_place_is_dropped_and_can_be_written_again(store: ChromaStore) -> None:
    """Ours: derived places are dropped to be rebuilt."""
    store.put("anna", "turns.x", [Record("t1", "", {}, np.ones(2, np.float32))])
    store.put("anna", "short_term", [Record("p1", "")])
    store.drop("anna", "turns.x")
    assert store.count("anna", "turns.x") == 0
    assert store.count("anna", "short_term") == 1
    store.put("anna", "turns.x", [Record("t2", "", {}, np.ones(3, np.float32))])
    assert store.ids("anna", "turns.x") == ["t2"]


def test_the_format_is_stamped_and_a_newer_one_is_refused_untouched(tmp_path: Path) -> None:
    """Ours: a folder of a later version is not guessed at."""
    with_stamp = open_store(settings_for(tmp_path / "data"))
    with with_stamp.fresh_client() as client:
        client.get_collection(META).modify(metadata={"format": 99})
    with_stamp.close()
    with pytest.raises(StoreFormatError, match=r"format 99.*upgrade"):
        open_store(settings_for(tmp_path / "data"))


def test_an_unreadable_format_is_corruption(tmp_path: Path) -> None:
    """Ours: it is said, not repaired by guessing."""
    opened = open_store(settings_for(tmp_path / "data"))
    with opened.fresh_client() as client:
        client.get_collection(META).modify(metadata={"format": "one"})
    opened.close()
    with pytest.raises(StoreCorruptError, match="format version"):
        open_store(settings_for(tmp_path / "data"))


def test_an_older_format_is_migrated_step_by_step(tmp_path: Path) -> None:
    """Ours: each step runs once, in order, and the stamp follows."""
    opened = open_store(settings_for(tmp_path / "data"))
    ran: list[int] = []
    with opened.fresh_client() as client:
        steps = {1: lambda _: ran.append(1), 2: lambda _: ran.append(2)}
        ensure_format(client, ours=3, migrations=steps)
        ensure_format(client, ours=3, migrations=steps)
        assert client.get_collection(META).metadata == {"format": 3}
    opened.close()
    assert ran == [1, 2]


def test_a_second_process_sees_what_the_first_acknowledged_and_the_other_way_round(tmp_path: Path) -> None:
    """Invariant 7: hosts start several copies of a server on one folder."""
    folder = tmp_path / "data"
    mine = open_store(settings_for(folder))
    mine.put("anna", "turns.x", [Record("t1", "mine", {}, np.array([1, 0], np.float32))])
    before = mine.generation()
    script = (
        "import sys, numpy as np\n"
        "from memoryos_mcp.domain.settings import load_settings\n"
        "from memoryos_mcp.storage.chroma import open_store\n"
        "from memoryos_mcp.domain.protocols import Record\n"
        "store = open_store(load_settings({'data_dir': sys.argv[1]}, environ={}))\n"
        "assert store.ids('anna', 'turns.x') == ['t1']\n"
        "store.put('anna', 'turns.x', [Record('t2', 'theirs', {}, np.array([0, 1], np.float32))])\n"
        "store.close()\n"
    )
    subprocess.run([sys.executable, "-c", script, str(folder)], check=True, timeout=60)
    assert mine.nearest("anna", "turns.x", np.array([0, 1], np.float32), 1)[0][0] == "t2"
    assert mine.generation() > before
    mine.close()


@pytest.mark.skipif(os.name == "nt", reason="permissions follow the profile folder there")
def test_the_data_folder_is_private_to_the_user(tmp_path: Path) -> None:
    """Ours: memory is personal."""
    folder = tmp_path / "new" / "data"
    open_store(settings_for(folder)).close()
    assert folder.stat().st_mode & 0o777 == 0o700
    folder.chmod(0o755)
    open_store(settings_for(folder)).close()
    assert folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.skipif(os.name == "nt", reason="permissions follow the profile folder there")
def test_a_folder_with_other_files_keeps_its_permissions(tmp_path: Path) -> None:
    """Ours: nobody's home folder changes its mode because it was named as data folder."""
    (tmp_path / "thesis.txt").write_text("mine", encoding="utf-8")
    tmp_path.chmod(0o755)
    open_store(settings_for(tmp_path)).close()
    assert tmp_path.stat().st_mode & 0o777 == 0o755


def test_a_data_folder_that_is_a_file_is_refused_with_the_way_out(tmp_path: Path) -> None:
    """Ours: the message names the folder and the setting."""
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(StoreUnavailableError, match="MEMORYOS_DATA_DIR"):
        open_store(settings_for(tmp_path / "file"))


def test_a_server_that_does_not_answer_is_named(tmp_path: Path) -> None:
    """Ours: the address stands in the message, and the call may be retried."""
    url = f"http://127.0.0.1:{free_port()}"
    with pytest.raises(StoreUnavailableError, match=url):
        open_store(load_settings({"data_dir": tmp_path / "data", "chroma": url}, environ={}))


def test_a_lock_held_elsewhere_is_waited_for_only_so_long(tmp_path: Path) -> None:
    """Ours: a stuck holder gives a clear error, not a hang."""
    first, second = FolderLock(tmp_path / "store.lock"), FolderLock(tmp_path / "store.lock", wait_s=0.05)
    with first.hold(), pytest.raises(StoreUnavailableError, match="held"), second.hold():
        pass
    with second.hold(), second.hold():
        pass


def test_names_fit_chroma_whatever_the_user_id() -> None:
    """Chroma's: 3-512 characters of letters, digits, dot, underscore, hyphen."""
    for user in ODD_USERS:
        name = collection_name(user, "segments.bundled-256")
        assert name.replace("-", "").replace(".", "").replace("_", "").isalnum()
        assert name.isascii()
        assert 3 <= len(name) <= 512
