"""What a fact carries besides its line: kind, project, quote, end."""

from dataclasses import replace
from pathlib import Path

import pytest

from memoryos_mcp import Memoryos
from memoryos_mcp.domain.errors import InputError
from memoryos_mcp.domain.records import Fact
from memoryos_mcp.server.views import fact_view
from memoryos_mcp.tiers.stored_records import decode_fact, encode_fact
from memoryos_mcp.transfer.portable.lines import decode, encode

from .make import NOON, fact

TYPED = replace(fact("Dentist on 10 March"), kind="event", project="shop", quote="dentist on Tuesday", expires=NOON)


def test_kind_project_quote_and_end_come_back_from_the_store_and_from_an_export() -> None:
    """Ours: every line says of what kind it is, where it was said, and until when it holds."""
    assert decode_fact(encode_fact(TYPED)) == TYPED
    line = decode(encode("anna", "", TYPED))
    assert isinstance(line, tuple)
    assert line[2] == TYPED


def test_a_fact_of_the_first_release_reads_as_one_without_a_kind() -> None:
    """Ours: the format of the store does not break."""
    record = encode_fact(TYPED)
    fields = {name: value for name, value in record.metadata.items() if name not in ("fact_kind", "project", "expires")}
    old = decode_fact(replace(record, metadata=fields, document='{"fact":"Dentist on 10 March","page_ids":["p1"]}'))
    assert (old.kind, old.project, old.quote, old.expires) == ("", "", "", None)


def test_an_export_with_an_unknown_kind_of_fact_is_refused() -> None:
    """Ours: a closed list."""
    with pytest.raises(InputError, match="fact_kind 'rumour'"):
        decode(encode("anna", "", TYPED).replace('"event"', '"rumour"'))


def test_a_result_shows_the_fields_that_are_not_empty() -> None:
    """Contract: a fact's first fields stay as they are; new ones come only with a value."""
    plain: Fact = fact("Has a cat")
    assert not {"kind", "project", "quote", "expires"} & set(fact_view(plain))
    assert fact_view(TYPED)["expires"] == NOON.isoformat()


def test_a_told_fact_takes_the_project_it_is_about(tmp_path: Path) -> None:
    """Ours: `remember_fact` takes a project too, a name or a folder."""
    with Memoryos(data_dir=tmp_path, embedder="bundled", project="none") as memory:
        kept, _ = memory.remember_fact("Deploys on Wednesdays", "user", project="/src/shop")
        assert (kept.project, kept.kind) == ("shop", "")
        assert memory.remember_fact("Has a cat", "user")[0].project == ""
