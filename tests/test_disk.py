"""A disk that is full and a folder that cannot be written: a clear error, nothing half-written, and back to work."""

import os
import stat
from pathlib import Path

import pytest

from memoryos_mcp.api.memoryos import Memoryos
from memoryos_mcp.domain.errors import StoreUnavailableError
from memoryos_mcp.domain.settings import Settings, load_settings
from memoryos_mcp.updating.audit import audit, stored_pages


def settings_for(folder: Path) -> Settings:
    """Return settings with small tiers, so that pages move on."""
    values = {"embedder": "bundled", "analyzer": "local", "project": "none", "short_term_capacity": 2}
    return load_settings({**values, "data_dir": folder}, environ={})


def say(memory: Memoryos, *texts: str) -> None:
    """Add an exchange for each text."""
    for text in texts:
        memory.add_memory(text, "Noted.")


def test_a_full_disk_refuses_additions_clearly_and_keeps_recalling(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ours: Chroma begins what it cannot end and then does not even read, so nothing is begun without room."""
    with Memoryos(settings_for(tmp_path)) as memory:
        say(memory, "I like green tea.", "My cat is Pickle.", "I moved to Oslo.", "The sea is cold.")
        before = stored_pages(memory.parts.tiers, "default")
        with monkeypatch.context() as full:
            full.setattr("memoryos_mcp.storage.folder.ROOM_BYTES", 2**62)
            with pytest.raises(StoreUnavailableError, match=r"is full: .* MB are free.*nothing was changed, make room"):
                say(memory, "This one is too many.")
            assert any(not memory.settle(1) and memory.status().last_error for _ in range(60))
            assert "is full" in (memory.status().last_error or "")
            assert "green tea" in memory.retrieve_context("What do I drink?").text
            assert stored_pages(memory.parts.tiers, "default") == before
        say(memory, "There is room again.")
        assert memory.settle(60)
        assert memory.status().last_error is None
        assert sum(stored_pages(memory.parts.tiers, "default").values()) == 5
        assert audit(memory.parts.tiers, "default") == []


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="permissions do not bind there")
def test_a_folder_that_cannot_be_written_is_refused_with_the_way_out(tmp_path: Path) -> None:
    """Ours: told when it is opened; when it can be written again, everything is there."""
    folder = tmp_path / "data"
    with Memoryos(settings_for(folder)) as memory:
        say(memory, "I like green tea.")
    paths = [folder, *folder.rglob("*")]
    modes = {path: path.stat().st_mode for path in paths}
    for path in paths:
        path.chmod(modes[path] & ~(stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH))
    try:
        with pytest.raises(StoreUnavailableError, match="MEMORYOS_DATA_DIR"):
            Memoryos(settings_for(folder))
    finally:
        for path in paths:
            path.chmod(modes[path])
    with Memoryos(settings_for(folder)) as memory:
        assert [page.user_input for page in memory.short_term()] == ["I like green tea."]
