"""`model download`, against a small server on the loopback address."""

import hashlib
import io
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from memoryos_mcp.domain.errors import EmbedderError, EmbedderUnavailableError
from memoryos_mcp.retrieval.embedders.minilm import MiniLMEmbedder, is_installed
from memoryos_mcp.retrieval.embedders.minilm.download import Source, chroma_source, download_minilm
from memoryos_mcp.retrieval.embedders.minilm.model import FILES

from . import tiny_minilm as tiny


@dataclass
class Shelf:
    """What the server hands out, and what it was asked."""

    data: bytes = b""
    url: str = ""
    resumes: bool = True
    breaks_at: int | None = None
    status: int | None = None
    ranges: list[str | None] = field(default_factory=list)

    @property
    def source(self) -> Source:
        return Source(self.url, hashlib.sha256(self.data).hexdigest())


def handler_of(shelf: Shelf) -> type[BaseHTTPRequestHandler]:
    """Return a request handler that hands out *shelf*."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            wanted = self.headers.get("Range")
            shelf.ranges.append(wanted)
            first = int(wanted[6:-1]) if wanted and shelf.resumes else 0
            status = shelf.status or (416 if first >= len(shelf.data) else 206 if first else 200)
            body = b"" if status >= 400 else shelf.data[first:]
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[: shelf.breaks_at])

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    return Handler


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    """Serve the tiny model's archive on the loopback address."""
    shelf = Shelf(archive(tiny.write_model(tmp_path / "made")))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler_of(shelf))
    shelf.url = f"http://127.0.0.1:{server.server_address[1]}/onnx.tar.gz"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield shelf
    server.shutdown()
    server.server_close()
    thread.join(5)


def archive(folder: Path, change: Callable[[tarfile.TarInfo], tarfile.TarInfo | None] | None = None) -> bytes:
    """Return a folder as .tar.gz, its members changed or left out."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        tar.add(folder, "onnx", filter=change)
    return buffer.getvalue()


def ignore(done: int, total: int) -> None:
    """Watch no progress."""


def test_the_files_arrive_and_the_model_works(shelf: Shelf, tmp_path: Path) -> None:
    """Ours: what `memoryos-mcp model download` does."""
    folder, steps = tmp_path / "cache" / "onnx", []
    assert download_minilm(folder, lambda done, total: steps.append((done, total)), source=shelf.source)
    assert {path.name for path in folder.iterdir()} == set(FILES)
    assert list(folder.parent.iterdir()) == [folder]
    assert steps[-1] == (len(shelf.data), len(shelf.data))
    assert MiniLMEmbedder(folder).embed(["tea"]).shape == (1, 384)


def test_what_is_there_is_not_fetched_again(shelf: Shelf, tmp_path: Path) -> None:
    """Ours: the command may be repeated."""
    folder = tiny.write_model(tmp_path / "onnx")
    assert not download_minilm(folder, ignore, source=shelf.source)
    assert shelf.ranges == []


@pytest.mark.parametrize(("resumes", "total"), [(True, True), (False, True)])
def test_a_broken_download_goes_on_where_it_stopped(shelf: Shelf, tmp_path: Path, resumes: bool, total: bool) -> None:
    """Ours: 80 MB over a bad line; a server that cannot resume is asked for everything."""
    folder = tmp_path / "onnx"
    shelf.breaks_at = 50_000
    with pytest.raises(EmbedderUnavailableError, match="call again to go on"):
        download_minilm(folder, ignore, source=shelf.source)
    assert not is_installed(folder)
    shelf.breaks_at, shelf.resumes = None, resumes
    assert download_minilm(folder, ignore, source=shelf.source)
    assert is_installed(folder)
    assert shelf.ranges == [None, "bytes=50000-"]


def test_a_complete_part_file_is_used_though_the_server_has_no_more(shelf: Shelf, tmp_path: Path) -> None:
    """Ours: stopped between the last byte and unpacking."""
    (tmp_path / "onnx.tar.gz.part").write_bytes(shelf.data)
    assert download_minilm(tmp_path / "onnx", ignore, source=shelf.source)
    assert is_installed(tmp_path / "onnx")


def test_a_wrong_checksum_installs_nothing_and_keeps_nothing(shelf: Shelf, tmp_path: Path) -> None:
    """Ours: a damaged or exchanged archive is refused before it is opened."""
    with pytest.raises(EmbedderError, match=r"checksum is [0-9a-f]{64}, not 00"):
        download_minilm(tmp_path / "new" / "onnx", ignore, source=Source(shelf.url, "00"))
    assert list((tmp_path / "new").iterdir()) == []


def test_an_archive_without_the_model_is_refused(shelf: Shelf, tmp_path: Path) -> None:
    """Ours: the checksum is right, the content is not."""
    shelf.data = archive(tmp_path / "made", lambda member: None if member.name.endswith(".onnx") else member)
    with pytest.raises(EmbedderError, match=r"lacks model\.onnx"):
        download_minilm(tmp_path / "onnx", ignore, source=shelf.source)
    assert not is_installed(tmp_path / "onnx")


def test_something_that_is_no_archive_is_refused(shelf: Shelf, tmp_path: Path) -> None:
    """Ours: an error page with a matching checksum is still no model."""
    shelf.data = b"<html>"
    with pytest.raises(EmbedderError, match="cannot be read"):
        download_minilm(tmp_path / "onnx", ignore, source=shelf.source)


def test_members_cannot_leave_the_folder(shelf: Shelf, tmp_path: Path) -> None:
    """Ours: names in an archive are not paths; only the model's files are taken."""

    def outside(member: tarfile.TarInfo) -> tarfile.TarInfo:
        member.name = f"../../{member.name}"
        return member

    (tmp_path / "made" / "extra.py").write_text("")
    shelf.data = archive(tmp_path / "made", outside)
    folder = tmp_path / "deep" / "onnx"
    assert download_minilm(folder, ignore, source=shelf.source)
    assert {path.name for path in folder.iterdir()} == set(FILES)
    assert {path.name for path in tmp_path.iterdir()} == {"made", "deep"}


def test_a_server_that_refuses_is_unavailable(shelf: Shelf, tmp_path: Path) -> None:
    """Ours: HTTP errors name the address."""
    shelf.status = 404
    with pytest.raises(EmbedderUnavailableError, match=r"127\.0\.0\.1"):
        download_minilm(tmp_path / "onnx", ignore, source=shelf.source)


def test_no_server_at_all_is_unavailable(tmp_path: Path) -> None:
    """Ours: offline is an ordinary state."""
    with pytest.raises(EmbedderUnavailableError, match="failed"):
        download_minilm(tmp_path / "onnx", ignore, source=Source("http://127.0.0.1:9/x", "00"))


def test_a_folder_that_cannot_be_made_is_an_error_with_its_name(shelf: Shelf, tmp_path: Path) -> None:
    """Ours: a full or read-only disk."""
    (tmp_path / "file").write_text("")
    with pytest.raises(EmbedderError, match=r"cannot be written to .*file"):
        download_minilm(tmp_path / "file" / "cache" / "onnx", ignore, source=shelf.source)


def test_the_default_source_is_the_one_in_chromadb() -> None:
    """Ours: address and checksum are chromadb's, so both install the same bytes."""
    source = chroma_source()
    assert source.url.startswith("https://")
    assert source.url.endswith("onnx.tar.gz")
    assert len(source.sha256) == 64
