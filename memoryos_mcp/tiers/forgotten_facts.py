"""
Facts that were forgotten by their id while their page stayed: they are not learnt from that page again.

Kept as a hash of the words, not the words, with the pages it was read in. The same said in another page is news and is
learnt. Pure functions, no store. A different analyzer that words the same thing differently is not recognised, unless
it gives the fact the same slot.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from ..domain.errors import StoreCorruptError
from ..domain.protocols import Record
from ..domain.records import Attribute, AttributeFinding, Fact, FactFinding, Findings, Trait

__all__ = [
    "PARTS",
    "Bar",
    "attribute_bar",
    "decode_bar",
    "encode_bar",
    "fact_bars",
    "permitted_findings",
    "readmitted_item",
    "trait_bar",
]

Item = Attribute | Fact | Trait

PARTS = "; "
"""Between the parts of an attribute that several pages make up."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A hash of what must not be learnt again (32 hexadecimal digits), and the pages from which."""

    digest: str
    page_ids: tuple[str, ...]


def fact_bars(user_id: str, fact: Fact, pages: Iterable[str]) -> list[Bar]:
    """Return the bars of a fact: its words, and the slot it filled, if any."""
    sources = tuple(pages)
    bars = [Bar(_digest(user_id, fact.about, fact.fact), sources)]
    return [*bars, Bar(_digest(user_id, f"{fact.about}:slot", fact.key), sources)] if fact.key else bars


def attribute_bar(user_id: str, name: str, part: str, pages: Iterable[str]) -> Bar:
    """Return the bar of one part of an attribute."""
    return Bar(_digest(user_id, f"attribute:{name}", part), tuple(pages))


def trait_bar(user_id: str, dimension: str, pages: Iterable[str]) -> Bar:
    """Return the bar of a trait."""
    return Bar(_digest(user_id, "trait", dimension), tuple(pages))


def permitted_findings(user_id: str, findings: Findings, bars: Mapping[str, Bar]) -> Findings:
    """Return *findings* without what *bars* (by digest) keep out."""
    if not bars:
        return findings

    def barred(kind: str, text: str, pages: Iterable[str]) -> bool:
        bar = bars.get(_digest(user_id, kind, text))
        return bar is not None and set(pages) <= set(bar.page_ids)

    def learnt(finding: FactFinding) -> bool:
        slot = finding.key != "" and barred(f"{finding.about}:slot", finding.key, finding.page_ids)
        return not slot and not barred(finding.about, finding.text, finding.page_ids)

    def left(finding: AttributeFinding) -> AttributeFinding | None:
        kind = f"attribute:{finding.name}"
        parts = [part for part in finding.value.split(PARTS) if not barred(kind, part, finding.page_ids)]
        return replace(finding, value=PARTS.join(parts)) if parts else None

    return Findings(
        tuple(finding for finding in findings.facts if learnt(finding)),
        tuple(found for finding in findings.attributes if (found := left(finding)) is not None),
        tuple(item for item in findings.traits if not barred("trait", item.dimension, item.page_ids)),
    )


def readmitted_item(user_id: str, item: Item, bars: Mapping[str, Bar]) -> Item | None:
    """
    Return what of an *item* that comes back from elsewhere the *bars* (by digest) let in, None for nothing.

    By its words alone: what else came from the same page and fills the same slot is not what was forgotten. An item
    that no page told was not learnt and comes in.
    """

    def barred(kind: str, text: str) -> bool:
        bar = bars.get(_digest(user_id, kind, text))
        return bar is not None and bool(item.page_ids) and set(item.page_ids) <= set(bar.page_ids)

    if isinstance(item, Fact):
        return None if barred(item.about, item.fact) else item
    if isinstance(item, Trait):
        return None if barred("trait", item.dimension) else item
    parts = [part for part in item.value.split(PARTS) if not barred(f"attribute:{item.name}", part)]
    return replace(item, value=PARTS.join(parts)) if parts else None


def encode_bar(bar: Bar) -> Record:
    """Return the record of a bar, id = digest."""
    return Record(bar.digest, json.dumps({"page_ids": bar.page_ids}), {"kind": "bar"})


def decode_bar(record: Record) -> Bar:
    """Return the bar of a record, or raise `StoreCorruptError`."""
    try:
        return Bar(record.id, tuple(json.loads(record.document)["page_ids"]))
    except (ValueError, KeyError, TypeError) as exc:
        raise StoreCorruptError(f"the stored record {record.id} is unreadable: {type(exc).__name__} {exc}") from exc


def _digest(user_id: str, kind: str, text: str) -> str:
    normal = " ".join(re.findall(r"\w+", text.casefold()))
    data = "\x1f".join((user_id, kind, normal)).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(data, digest_size=16, person=b"memoryos-barred").hexdigest()
