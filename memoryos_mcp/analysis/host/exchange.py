"""
Question and answer between the memory and the host's model: two pure functions over the same batch.

The question is shown by one tool call and answered by another, perhaps minutes later and perhaps after pages were
forgotten: so pages and facts carry their ids, and an answer is read against the batch that is pending then.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ...domain.counting import counted
from ...domain.errors import InputError
from ...domain.protocols import Analyzer
from ...domain.records import Batch, BatchAnalysis, Fact
from ...generation.llm.schemas import outline
from ..answers import BATCH_WITH_TRAITS, BatchMaterial, batch_material, batch_rules, read_batch

__all__ = ["HostBatch", "parse_answer", "pending_batch"]

_ROOM = 16_000
_WAY_OUT = "nothing was changed; call consolidate_memory without arguments to see the pages and the shape again"


@dataclass(frozen=True, slots=True)
class HostBatch:
    """
    What the host's model is asked.

    `questions` is what it reads before the data, `shape` the answer's shape in one line, `schema` the same as a JSON
    schema, `material` the pages and known facts as fenced text, `page_ids` the pages asked about, oldest first.
    """

    questions: str
    shape: str
    schema: Mapping[str, Any]
    material: str
    page_ids: tuple[str, ...]

    @property
    def text(self) -> str:
        """All of it as one text, for a model that reads only that."""
        return f"{self.questions}\nShape of `analysis`: {self.shape}\n\n{self.material}"


def pending_batch(
    batch: Batch, known: Iterable[Fact], *, user_name: str = "", assistant_name: str = "", language: str = ""
) -> HostBatch:
    """
    Return the question about a batch.

    Args:
        batch: Pages about to leave short-term memory, oldest first: ten or so.
        known: The facts already known.
        user_name: The user's name, when known.
        assistant_name: The assistant's, likewise.
        language: What to write in; empty: the language of the pages.
    """
    material = _batch_material(batch, known, user_name, assistant_name)
    rules = batch_rules(before=material.before, language=language, traits=True)
    return HostBatch(
        questions=f"Read {counted(len(batch.pages), 'page')} and call consolidate_memory with `analysis`.\n{rules}",
        shape=outline(BATCH_WITH_TRAITS),
        schema=BATCH_WITH_TRAITS,
        material=material.text,
        page_ids=tuple(page.page_id for page in batch.pages),
    )


def parse_answer(analysis: object, batch: Batch, known: Iterable[Fact], local: Analyzer) -> BatchAnalysis:
    """
    Return the analysis that a host's model gave of *batch*, checked as any model's.

    Args:
        analysis: The value of the tool's argument.
        batch: What is pending now: pages that left since the question are ignored, new ones fall to *local*.
        known: The facts known now.
        local: Makes keywords, and the topics of pages that the answer says nothing of.

    Raises:
        InputError: It cannot be used; nothing was changed.
    """
    if not isinstance(analysis, dict):
        raise InputError(f"analysis must be an object, got {type(analysis).__name__}; {_WAY_OUT}")
    try:
        return read_batch(analysis, _batch_material(batch, known, "", ""), local)
    except ValueError as exc:
        raise InputError(f"analysis cannot be used: {exc}; {_WAY_OUT}") from exc


def _batch_material(batch: Batch, known: Iterable[Fact], user_name: str, assistant_name: str) -> BatchMaterial:
    return batch_material(
        batch, known, user_name=user_name, assistant_name=assistant_name, room=_ROOM, short_names=False
    )
