"""
`memoryos-mcp model download`: fetch MiniLM's ONNX files, the same archive that Chroma fetches.

Only a person's command comes here, never a tool call. What was fetched so far survives an interruption; nothing that
failed its checksum or is half unpacked is ever seen by `MiniLMModel`.
"""

import hashlib
import http.client
import shutil
import tarfile
import tempfile
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ....domain.errors import EmbedderError, EmbedderUnavailableError
from .model import FILES, is_installed

__all__ = ["Source", "chroma_source", "download_minilm"]

_TIMEOUT_S = 30.0
_BLOCK = 1 << 16
_PARTIAL = "onnx.tar.gz.part"

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Source:
    """Where an archive of the model is, and the SHA-256 it must have (hexadecimal)."""

    url: str
    sha256: str


def chroma_source() -> Source:
    """Return the archive that the installed chromadb uses."""
    from chromadb.utils.embedding_functions import ONNXMiniLM_L6_V2

    return Source(ONNXMiniLM_L6_V2.MODEL_DOWNLOAD_URL, ONNXMiniLM_L6_V2._MODEL_SHA256)


def download_minilm(folder: Path, progress: Progress, *, source: Source | None = None) -> bool:
    """
    Put the model's files into *folder*; return False when they were there already.

    Args:
        folder: Created when missing. An interrupted download leaves a `.part` file beside it; the next call goes on.
        progress: Called with (bytes so far, bytes in all), the latter 0 where the server does not say.
        source: Another archive than Chroma's.

    Raises:
        EmbedderUnavailableError: The server cannot be reached or broke off; calling again resumes.
        EmbedderError: The checksum is wrong, or the archive lacks a file; nothing was installed.
    """
    if is_installed(folder):
        return False
    wanted = source or chroma_source()
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        partial = folder.parent / _PARTIAL
        _fetch(wanted.url, partial, progress)
        _verify(partial, wanted.sha256)
        _unpack(partial, folder)
        partial.unlink()
    except (urllib.error.URLError, http.client.HTTPException, TimeoutError, ConnectionError) as exc:
        raise EmbedderUnavailableError(
            f"downloading {wanted.url} failed ({exc}); call again to go on where it stopped"
        ) from exc
    except OSError as exc:
        raise EmbedderError(f"the minilm model cannot be written to {folder}: {exc}") from exc
    return True


def _fetch(url: str, partial: Path, progress: Progress) -> None:
    """Append to *partial* what is missing; start again when the server cannot resume."""
    have = partial.stat().st_size if partial.exists() else 0
    request = urllib.request.Request(url, headers={"Range": f"bytes={have}-"} if have else {})
    try:
        with urllib.request.urlopen(request, timeout=_TIMEOUT_S) as response:
            resumed = response.status == http.HTTPStatus.PARTIAL_CONTENT
            done = have if resumed else 0
            total = done + int(response.headers.get("Content-Length") or 0)
            with partial.open("ab" if resumed else "wb") as file:
                while block := response.read(_BLOCK):
                    done += file.write(block)
                    progress(done, total if total >= done else 0)
    except urllib.error.HTTPError as exc:
        exc.close()
        if exc.code != http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            raise  # the caller says which address refused
    else:
        if done < total:
            raise http.client.IncompleteRead(b"", total - done)


def _verify(path: Path, sha256: str) -> None:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    if digest.hexdigest() != sha256:
        path.unlink()
        raise EmbedderError(f"the downloaded archive's checksum is {digest.hexdigest()}, not {sha256}; it was deleted")


def _unpack(archive: Path, folder: Path) -> None:
    """Write the model's files, and no other member, into *folder*; each appears whole, the model last."""
    folder.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        for name, path in _extract(archive, Path(scratch)).items():
            path.replace(folder / name)


def _extract(archive: Path, scratch: Path) -> dict[str, Path]:
    found: dict[str, Path] = {}
    try:
        with tarfile.open(archive, "r:gz") as tar:
            for member in tar:
                name = Path(member.name).name
                content = tar.extractfile(member) if name in FILES and member.isfile() else None
                if content is not None:
                    found[name] = scratch / name
                    with found[name].open("wb") as file:
                        shutil.copyfileobj(content, file)
    except (tarfile.TarError, EOFError) as exc:
        raise EmbedderError(f"the downloaded archive cannot be read: {exc}") from exc
    missing = sorted(set(FILES) - set(found))
    if missing:
        raise EmbedderError(f"the downloaded archive lacks {', '.join(missing)}")
    return dict(sorted(found.items(), key=lambda item: item[0] == "model.onnx"))
