"""Many exchanges at once: the same as one by one, only quicker."""

from pathlib import Path

import pytest

from memoryos_mcp import Memoryos
from memoryos_mcp.domain.errors import InputError
from memoryos_mcp.domain.records import Exchange


def test_many_are_stored_in_order_and_once(tmp_path: Path) -> None:
    """Ours: equal ones within a call, and ones that are in any tier already, are duplicates."""
    said = [Exchange(f"Line {number}", "Yes.", f"2026-01-01 10:{number:02d}:00", {"n": number}) for number in range(30)]
    with Memoryos(data_dir=tmp_path, embedder="bundled", short_term_capacity=5) as memory:
        single = memory.add_memory("Line 3", "Yes.", "2026-01-01 10:03:00")
        first = memory.add_many([*said[:20], said[0]])
        assert memory.settle(30)
        again = memory.add_many(said, user_id=None)
        assert memory.settle(30)
        status = memory.status()

        assert [result.status for result in first] == ["stored"] * 3 + ["duplicate"] + ["stored"] * 16 + ["duplicate"]
        assert first[3].page_id == single.page_id
        assert [result.status for result in again] == ["duplicate"] * 20 + ["stored"] * 10
        assert status.short_term_pages + status.mid_term_pages == 30
        assert [page.user_input for page in memory.short_term()] == [f"Line {number}" for number in range(25, 30)]
        assert memory.page(first[7].page_id)[0].metadata == {"n": 7}


def test_an_unusable_one_is_named_and_nothing_is_stored(tmp_path: Path) -> None:
    """Ours: the caller learns which, and may hand in the others."""
    with Memoryos(data_dir=tmp_path, embedder="bundled") as memory:
        with pytest.raises(InputError, match="exchange 1: agent_response is blank"):
            memory.add_many([Exchange("Hello", "Hi"), Exchange("Hello", " ")])

        assert memory.short_term() == []
        assert memory.add_many([]) == []
