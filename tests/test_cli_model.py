"""The commands around models: `reanalyze`, `model download`, and what `status` says of a model."""

import hashlib
import io
import json
import tarfile
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from memoryos_mcp.api.memoryos import Memoryos
from memoryos_mcp.cli import main
from memoryos_mcp.domain.settings import load_settings
from memoryos_mcp.retrieval.embedders.minilm import default_folder, is_installed
from memoryos_mcp.retrieval.embedders.minilm.download import Source

from . import tiny_minilm as tiny
from .scripted_endpoint import ScriptedEndpoint, answers, refuses

PAGES = 6


@pytest.fixture
def served() -> Iterator[ScriptedEndpoint]:
    """Return an endpoint that refuses everything, until told otherwise."""
    with ScriptedEndpoint(refuses) as endpoint:
        yield endpoint


@pytest.fixture
def folder(served: ScriptedEndpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a memory's folder that the environment names, with pages the local analyzer read in the model's place."""
    values = {"data_dir": tmp_path / "memory", "short_term_capacity": 2, "embedder": "bundled"}
    monkeypatch.delenv("MEMORYOS_CONFIG", raising=False)
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.setenv("OPENAI_BASE_URL", served.url)
    monkeypatch.setenv("MEMORYOS_DATA_DIR", str(values["data_dir"]))
    monkeypatch.setenv("MEMORYOS_SHORT_TERM_CAPACITY", "2")
    monkeypatch.setenv("MEMORYOS_EMBEDDER", "bundled")
    with Memoryos(load_settings({**values, "openai_base_url": served.url}, environ={})) as memory:
        for number in range(2 + PAGES):
            memory.add_memory(f"I planted tree number {number}.", "Well done!", f"2026-05-08 12:{number:02}:00")
        assert memory.settle(60)
    return tmp_path / "memory"


@pytest.mark.usefixtures("folder")
def test_status_shows_what_the_model_cost_and_what_was_read_in_its_place(capsys: pytest.CaptureFixture[str]) -> None:
    """Ours: calls, tokens and failures since start and in total, and what to do."""
    assert main(["status"]) == 0
    text = capsys.readouterr().out
    assert main(["status", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)

    assert "model since start" in text
    assert "model in total" in text
    assert "1 failure" in text
    assert f"{PAGES} pages; memoryos-mcp reanalyze reads them again" in text
    assert found["stand_ins"] == PAGES
    assert found["usage"]["total"]["failures"] >= 1


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("everything", [False, True])
def test_reanalyze_has_the_model_read_them_again(
    everything: bool, served: ScriptedEndpoint, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ours: once it answers; the server's own worker may have begun when the command gets its turn."""
    served.default = answers
    assert main(["reanalyze", *(["--all"] if everything else [])]) == 0
    shown = capsys.readouterr()
    assert main(["status", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)

    assert "pages read again in " in shown.out
    assert "reading again: " in shown.err
    assert found["stand_ins"] == 0


@pytest.mark.usefixtures("folder")
def test_reanalyze_tells_programs_the_same(served: ScriptedEndpoint, capsys: pytest.CaptureFixture[str]) -> None:
    """Ours: one JSON document."""
    served.default = answers
    assert main(["reanalyze", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)

    assert set(found) == {"pages", "stand_ins", "usage"}
    assert found["stand_ins"] == 0


@pytest.mark.usefixtures("folder")
def test_reanalyze_with_a_model_that_is_down_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    """Ours: told on stderr, without a traceback; the marks stay."""
    assert main(["reanalyze"]) == 1
    assert "refused" in capsys.readouterr().err.splitlines()[-1]
    assert main(["status", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["stand_ins"] == PAGES


@pytest.mark.usefixtures("folder")
def test_reanalyze_without_a_model_says_what_to_set(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ours: there is nothing that could read again."""
    monkeypatch.delenv("OPENAI_BASE_URL")
    assert main(["reanalyze"]) == 2
    assert "OPENAI_API_KEY or OPENAI_BASE_URL" in capsys.readouterr().err


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Source]:
    """Serve a tiny model's archive on the loopback address, and have the home folder be a new one."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        tar.add(tiny.write_model(tmp_path / "made"), "onnx")
    data = buffer.getvalue()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    monkeypatch.setattr("pathlib.Path.home", lambda: tmp_path / "home")
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    source = Source(f"http://127.0.0.1:{server.server_address[1]}/onnx.tar.gz", hashlib.sha256(data).hexdigest())
    monkeypatch.setattr("memoryos_mcp.retrieval.embedders.minilm.download.chroma_source", lambda: source)
    yield source
    server.shutdown()
    server.server_close()
    thread.join(5)


@pytest.mark.usefixtures("archive")
def test_the_model_is_fetched_once_and_said_where_it_lies(capsys: pytest.CaptureFixture[str]) -> None:
    """Ours: with progress and checksum, and how to choose it; a second call fetches nothing."""
    assert main(["model", "download"]) == 0
    first = capsys.readouterr()
    assert main(["model", "download"]) == 0
    second = capsys.readouterr()

    assert is_installed(default_folder())
    assert f"minilm is now in {default_folder()}, checksum right" in first.out
    assert "MEMORYOS_EMBEDDER" in first.out
    assert "downloading (bytes): " in first.err
    assert f"was there already: in {default_folder()}" in second.out


def test_a_model_that_is_not_what_it_should_be_is_not_installed(
    archive: Source, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ours: an error with both checksums."""
    wrong = Source(archive.url, "0" * 64)
    monkeypatch.setattr("memoryos_mcp.retrieval.embedders.minilm.download.chroma_source", lambda: wrong)
    assert main(["model", "download"]) == 1
    assert "checksum" in capsys.readouterr().err
    assert not is_installed(default_folder())
