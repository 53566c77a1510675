"""
Whether the ranks of a tiktoken encoding are on disk, whole: tiktoken itself asks the network for what is not.
"""

import hashlib
import os
import tempfile
from pathlib import Path

__all__ = ["are_on_disk", "ranks_file"]

_ADDRESS = "https://openaipublic.blob.core.windows.net/encodings/{}.tiktoken"
_SHA256 = {
    "o200k_base": "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d",
    "o200k_harmony": "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d",
    "cl100k_base": "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7",
}
"""As tiktoken checks them; it fetches anew what does not match. Older encodings are not looked for."""


def are_on_disk(encoding: str) -> bool:
    """Return whether tiktoken can load *encoding* without the network."""
    path = ranks_file(encoding)
    if path is None or not path.is_file():
        return False
    return hashlib.sha256(path.read_bytes()).hexdigest() == _SHA256.get(encoding)


def ranks_file(encoding: str) -> Path | None:
    """Return where tiktoken keeps the ranks of *encoding*; None when its folder is set to "", which means nowhere."""
    folder = os.environ.get("TIKTOKEN_CACHE_DIR", os.environ.get("DATA_GYM_CACHE_DIR"))
    if folder == "":
        return None
    address = _ADDRESS.format(encoding.replace("harmony", "base"))
    name = hashlib.sha1(address.encode(), usedforsecurity=False).hexdigest()
    return Path(folder or Path(tempfile.gettempdir(), "data-gym-cache")) / name
