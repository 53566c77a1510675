"""
How records of the domain look in the store: document and metadata out, and back.

The document is compact JSON of the texts (they may be long, and Chroma indexes metadata strings); the metadata are
the short fields. Reading back what was written gives an equal record.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ..domain.errors import StoreCorruptError
from ..domain.protocols import Record
from ..domain.records import Attribute, Fact, Page, Segment, Trait

__all__ = [
    "decode_attribute",
    "decode_fact",
    "decode_page",
    "decode_segment",
    "decode_trait",
    "encode_attribute",
    "encode_fact",
    "encode_page",
    "encode_segment",
    "encode_trait",
]


def encode_page(page: Page) -> Record:
    """Return the record of a page, id = page id."""
    texts = {"user_input": page.user_input, "agent_response": page.agent_response, "metadata": page.metadata}
    fields = {
        "kind": "page",
        "timestamp": page.timestamp.isoformat(),
        "sequence": page.sequence,
        "noted": page.noted,
        "chain_id": page.chain_id,
        "chain_summary": page.chain_summary,
        "segment_id": page.segment_id,
        "previous_id": page.previous_id,
        "analyzer": page.analyzer,
        "project": page.project,
    }
    return Record(page.page_id, _dump(texts), fields)


def decode_page(record: Record) -> Page:
    """Return the page of a record, or raise `StoreCorruptError`."""
    texts, fields = _load(record), record.metadata
    try:
        return Page(
            page_id=record.id,
            user_input=texts["user_input"],
            agent_response=texts["agent_response"],
            timestamp=datetime.fromisoformat(fields["timestamp"]),
            metadata=texts["metadata"],
            sequence=fields["sequence"],
            noted=fields["noted"],
            chain_id=fields["chain_id"],
            chain_summary=fields["chain_summary"],
            segment_id=fields["segment_id"],
            previous_id=fields["previous_id"],
            analyzer=fields["analyzer"],
            project=fields.get("project", ""),  # pages of the first release have none
        )
    except (KeyError, TypeError, ValueError) as exc:
        raise _corrupt(record, exc) from exc


def encode_segment(segment: Segment) -> Record:
    """Return the record of a segment, id = segment id; its document is summary and keywords."""
    fields = {
        "kind": "segment",
        "created_at": segment.created_at.isoformat(),
        "last_visit": segment.last_visit.isoformat(),
        "visits": segment.visits,
        "interactions": segment.interactions,
        "pages": segment.pages,
        "last_page_id": segment.last_page_id,
        "last_sequence": segment.last_sequence,
        "promoted_sequence": segment.promoted_sequence,
        "analyzer": segment.analyzer,
    }
    return Record(segment.segment_id, _dump({"summary": segment.summary, "keywords": segment.keywords}), fields)


def decode_segment(record: Record) -> Segment:
    """Return the segment of a record, or raise `StoreCorruptError`."""
    texts, fields = _load(record), record.metadata
    try:
        return Segment(
            segment_id=record.id,
            summary=texts["summary"],
            keywords=tuple(texts["keywords"]),
            created_at=datetime.fromisoformat(fields["created_at"]),
            last_visit=datetime.fromisoformat(fields["last_visit"]),
            visits=fields["visits"],
            interactions=fields["interactions"],
            pages=fields["pages"],
            last_page_id=fields["last_page_id"],
            last_sequence=fields["last_sequence"],
            promoted_sequence=fields["promoted_sequence"],
            analyzer=fields["analyzer"],
        )
    except (KeyError, TypeError, ValueError) as exc:
        raise _corrupt(record, exc) from exc


def encode_fact(fact: Fact) -> Record:
    """Return the record of a fact, id = fact id."""
    fields = {
        "kind": "fact",
        "about": fact.about,
        "said_at": fact.said_at.isoformat(),
        "superseded_by": fact.superseded_by or "",
        "superseded_at": fact.superseded_at.isoformat() if fact.superseded_at else "",
        "pinned": fact.pinned,
        "key": fact.key,
        "analyzer": fact.analyzer,
        "fact_kind": fact.kind,
        "project": fact.project,
        "expires": fact.expires.isoformat() if fact.expires else "",
    }
    texts = {"fact": fact.fact, "page_ids": fact.page_ids, "quote": fact.quote}
    return Record(fact.fact_id, _dump(texts), fields)


def decode_fact(record: Record) -> Fact:
    """Return the fact of a record, or raise `StoreCorruptError`."""
    texts, fields = _load(record), record.metadata
    try:
        return Fact(
            fact_id=record.id,
            fact=texts["fact"],
            about=fields["about"],
            page_ids=tuple(texts["page_ids"]),
            said_at=datetime.fromisoformat(fields["said_at"]),
            superseded_by=fields["superseded_by"] or None,
            superseded_at=datetime.fromisoformat(fields["superseded_at"]) if fields["superseded_at"] else None,
            pinned=fields["pinned"],
            key=fields["key"],
            analyzer=fields["analyzer"],
            kind=fields.get("fact_kind", ""),  # facts of the first release have none of these four
            project=fields.get("project", ""),
            quote=texts.get("quote", ""),
            expires=datetime.fromisoformat(fields["expires"]) if fields.get("expires") else None,
        )
    except (KeyError, TypeError, ValueError) as exc:
        raise _corrupt(record, exc) from exc


def encode_attribute(attribute: Attribute) -> Record:
    """Return the record of a static attribute, id = `attribute:<name>`."""
    texts = {"name": attribute.name, "value": attribute.value, "page_ids": attribute.page_ids}
    fields = {"kind": "attribute", "said_at": attribute.said_at.isoformat()}
    return Record(f"attribute:{attribute.name}", _dump(texts), fields)


def decode_attribute(record: Record) -> Attribute:
    """Return the attribute of a record, or raise `StoreCorruptError`."""
    texts = _load(record)
    try:
        said_at = datetime.fromisoformat(record.metadata["said_at"])
        return Attribute(texts["name"], texts["value"], tuple(texts["page_ids"]), said_at)
    except (KeyError, TypeError, ValueError) as exc:
        raise _corrupt(record, exc) from exc


def encode_trait(trait: Trait) -> Record:
    """Return the record of a trait, id = `trait:<dimension>`."""
    texts = {"dimension": trait.dimension, "evidence": trait.evidence, "page_ids": trait.page_ids}
    fields = {"kind": "trait", "level": trait.level, "updated_at": trait.updated_at.isoformat()}
    return Record(f"trait:{trait.dimension}", _dump(texts), fields)


def decode_trait(record: Record) -> Trait:
    """Return the trait of a record, or raise `StoreCorruptError`."""
    texts, fields = _load(record), record.metadata
    try:
        updated_at = datetime.fromisoformat(fields["updated_at"])
        return Trait(texts["dimension"], fields["level"], texts["evidence"], tuple(texts["page_ids"]), updated_at)
    except (KeyError, TypeError, ValueError) as exc:
        raise _corrupt(record, exc) from exc


def _dump(texts: Mapping[str, Any]) -> str:
    return json.dumps(texts, ensure_ascii=False, separators=(",", ":"))


def _load(record: Record) -> dict[str, Any]:
    try:
        texts = json.loads(record.document)
    except ValueError as exc:
        raise _corrupt(record, exc) from exc
    if not isinstance(texts, dict):
        raise StoreCorruptError(f"the stored record {record.id} is not an object")
    return texts


def _corrupt(record: Record, exc: Exception) -> StoreCorruptError:
    return StoreCorruptError(f"the stored record {record.id} is unreadable: {type(exc).__name__} {exc}")
