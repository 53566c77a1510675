"""A Chroma server elsewhere: a hung one, one that refuses, something that is none, and the configuration we ship."""

import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from memoryos_mcp.domain.errors import StoreError, StoreUnavailableError
from memoryos_mcp.domain.protocols import Record
from memoryos_mcp.domain.settings import load_settings
from memoryos_mcp.storage.chroma import ChromaStore, open_store

from .test_storage import free_port, wait_for

CONFIG = Path(__file__).parent.parent / "config" / "chroma-server.yaml"


class Door(ThreadingHTTPServer):
    """
    What stands before a Chroma server: it lets requests through, or answers *status* to those whose path has *part*.

    With a status of 0 it never answers them; with no server behind it, it answers everything itself.
    """

    daemon_threads = True

    def __init__(self, behind: str = "") -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.behind, self.part, self.status, self.body = behind, "", 0, b"<html>not here</html>"
        self.end = threading.Event()
        self.url = f"http://127.0.0.1:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    """Handles one request for a `Door`."""

    server: Door

    def handle_any(self) -> None:
        """Answer, pass on, or let the client wait."""
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        stopped = self.server.part != "" and self.server.part in self.path
        if not stopped and self.server.behind:
            self.answer(*self.passed_on(body))
        elif self.server.status:
            self.answer(self.server.status, self.server.body)
        else:
            self.server.end.wait(20)

    def passed_on(self, body: bytes) -> tuple[int, bytes]:
        """Return what the server behind answers."""
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(
            self.server.behind + self.path, data=body or None, headers=headers, method=self.command
        )
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as exc:
            return exc.code, exc.read()

    def answer(self, status: int, body: bytes) -> None:
        """Send a reply."""
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_DELETE = handle_any  # noqa: N815 - the standard library's names

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def standing(door: Door) -> Iterator[Door]:
    """Serve *door* during the block."""
    thread = threading.Thread(target=door.serve_forever, daemon=True)
    thread.start()
    try:
        yield door
    finally:
        door.end.set()
        door.shutdown()
        door.server_close()


@pytest.fixture(scope="module")
def chroma(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run a real Chroma server with the configuration that we ship, but for its port, folder and bound."""
    folder, port = tmp_path_factory.mktemp("server"), free_port()
    text = CONFIG.read_text("utf-8").replace("./chroma-data", str(folder / "data"))
    assert "capacity: 100" in text
    text = text.replace("capacity: 100", "capacity: 4")
    (folder / "chroma.yaml").write_text(text.replace("port: 8000", f"port: {port}"), "utf-8")
    command = [str(Path(sys.executable).with_name("chroma")), "run", str(folder / "chroma.yaml")]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            wait_for(f"http://127.0.0.1:{port}/api/v2/heartbeat")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
    assert (folder / "data" / "chroma.sqlite3").exists()


def store_at(url: str, folder: Path) -> ChromaStore:
    """Return a store of the Chroma server at *url*."""
    return open_store(load_settings({"data_dir": folder, "chroma": url}, environ={}))


def test_the_configuration_we_ship_serves(chroma: str, tmp_path: Path) -> None:
    """Ours: what is put through a server that was started with it comes back."""
    store = store_at(chroma, tmp_path)
    store.put("anna", "short_term", [Record("p1", "text")])
    assert store.get("anna", "short_term")[0].document == "text"
    store.close()


def test_a_bounded_server_loses_no_vectors(chroma: str, tmp_path: Path) -> None:
    """Regression: an index that the server closed had only what it had saved, once in a hundred vectors."""
    store, unit = store_at(chroma, tmp_path), np.array([0.6, 0.8], np.float32)
    users = [f"user {number}" for number in range(20)]
    for user_id in users:
        store.put(user_id, "turns.bundled", [Record("t1", "", {}, unit)])
        store.put(user_id, "turns.bundled", [Record("t2", "", {}, unit[::-1].copy())])
    for user_id in users:
        assert [id_ for id_, _ in store.nearest(user_id, "turns.bundled", unit, 2)] == ["t1", "t2"]
        assert len(store.get(user_id, "turns.bundled", vectors=True)) == 2
    store.close()


def test_a_hung_server_is_an_error_that_may_be_tried_again(
    chroma: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Regression: Chroma's client waits for ever; so did every caller, one behind the other."""
    with standing(Door(chroma)) as door:
        monkeypatch.setattr("memoryos_mcp.storage.chroma.server_connection._ANSWER_S", 0.2)
        door.part = "heartbeat"
        with pytest.raises(StoreUnavailableError, match=f"no Chroma server answers at {door.url}"):
            store_at(door.url, tmp_path)
        monkeypatch.setattr("memoryos_mcp.storage.chroma.server_connection._ANSWER_S", 5.0)
        door.part = ""
        store = store_at(door.url, tmp_path)
        store.put("ben", "short_term", [Record("p1", "text")])
        monkeypatch.setattr("memoryos_mcp.storage.chroma.server_connection._ANSWER_S", 0.2)
        store.close()
        store = store_at(door.url, tmp_path)
        door.part = "upsert"
        with pytest.raises(StoreUnavailableError, match="cannot store 1 records in short_term"):
            store.put("ben", "short_term", [Record("p2", "text")])
        door.part = ""
        assert [record.id for record in store.get("ben", "short_term")] == ["p1"]
        store.close()


@pytest.mark.parametrize(
    ("status", "error"),
    [(503, StoreUnavailableError), (429, StoreUnavailableError), (403, StoreError), (500, StoreError)],
)
def test_a_refusal_by_whatever_stands_before_the_server_is_told(
    chroma: str, tmp_path: Path, status: int, error: type[StoreError]
) -> None:
    """Regression: Chroma's client raises a bare `Exception` then, which passed for a defect of ours."""
    with standing(Door(chroma)) as door:
        store = store_at(door.url, tmp_path)
        store.put("cleo", "short_term", [Record("p1", "text")])
        door.part, door.status = "/get", status
        with pytest.raises(StoreError, match=f"cannot read short_term: the server's answer is {status}") as raised:
            store.get("cleo", "short_term")
        assert raised.type is error
        door.part = ""
        assert len(store.get("cleo", "short_term")) == 1
        store.close()


@pytest.mark.parametrize(("status", "body"), [(200, b"<html>hello</html>"), (404, b"gone"), (401, b"{}")])
def test_what_is_no_chroma_server_is_named_as_that(tmp_path: Path, status: int, body: bytes) -> None:
    """Ours: trying again would not help; the setting is wrong."""
    with standing(Door()) as door:
        door.status, door.body = status, body
        with pytest.raises(
            StoreError, match=rf"no Chroma server that lets us in \({status}\).*MEMORYOS_CHROMA"
        ) as raised:
            store_at(door.url, tmp_path)
    assert raised.type is StoreError


def test_a_server_that_is_not_ready_may_be_tried_again(tmp_path: Path) -> None:
    """Ours: as it starts behind a balancer, say."""
    with standing(Door()) as door:
        door.status = 503
        with pytest.raises(StoreUnavailableError, match="is not ready: 503"):
            store_at(door.url, tmp_path)
