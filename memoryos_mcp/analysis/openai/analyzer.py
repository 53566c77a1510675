"""
The `openai` analyzer: a model behind any OpenAI-compatible endpoint reads the pages.

One question a batch and one a promotion; all else (keywords, summaries of changed segments) is the local analyzer's
work. Every answer is checked against what was asked before anything of it is handed on (see `..answers`).
"""

from collections.abc import Mapping, Sequence
from typing import Any

from ...domain.protocols import Analyzer
from ...domain.records import Batch, BatchAnalysis, Fact, Findings, Page, Segment, Topic
from ...domain.secrets import redact_json
from ...generation.llm import ChatModel, Usage
from ..answers import BATCH, SEGMENT, batch_material, read_batch, read_segment, segment_material
from .prompts import batch_prompt, segment_prompt

__all__ = ["PAGES_A_PROMOTION", "OpenAIAnalyzer"]

PAGES_A_PROMOTION = 40
_CHARS_A_TOKEN = 4


class OpenAIAnalyzer:
    """
    A model that reads pages.

    Args:
        model: Whom to ask; closed with `close`.
        local: Who makes keywords and summaries without a model, and fills what an answer leaves out.
        user_name: The user's name, when known.
        assistant_name: The assistant's, likewise.
        language: What to write in; empty: the language of the pages.
        redact: Whether secrets in an answer are replaced by a mark: pages stored before that was so may hold some.
    """

    def __init__(
        self,
        model: ChatModel,
        local: Analyzer,
        *,
        user_name: str = "",
        assistant_name: str = "",
        language: str = "",
        redact: bool = True,
    ) -> None:
        self.local = local
        self._model = model
        self._redact = redact
        self._user_name = user_name
        self._assistant_name = assistant_name
        self._batch_prompt = batch_prompt(language)
        self._segment_prompt = segment_prompt(language)

    @property
    def name(self) -> str:
        return "openai"

    @property
    def eager(self) -> bool:
        return False

    @property
    def usage(self) -> Usage:
        """What the model was asked since start."""
        return self._model.usage

    def note(self, pages: Sequence[Page], known: Sequence[Fact], context: Sequence[Page] = ()) -> Findings:
        """Find nothing: what pages say is read when their batch is."""
        return Findings()

    def analyze_batch(self, batch: Batch, known: Sequence[Fact]) -> BatchAnalysis:
        material = batch_material(
            batch,
            known,
            user_name=self._user_name,
            assistant_name=self._assistant_name,
            room=self._room(self._batch_prompt),
        )
        analysis: BatchAnalysis = self._model.ask(
            self._batch_prompt,
            material.text,
            BATCH,
            check=lambda answer: read_batch(self._kept(answer), material, self.local),
            name="batch_analysis",
        )
        return analysis

    def analyze_segment(self, segment: Segment, pages: Sequence[Page], known: Sequence[Fact]) -> Findings:
        """Read the pages that no promotion has read, the newest 40; with none left, the newest of all."""
        unread = [page for page in pages if page.sequence > segment.promoted_sequence] or list(pages)
        material = segment_material(
            segment.summary,
            unread[-PAGES_A_PROMOTION:],
            known,
            user_name=self._user_name,
            assistant_name=self._assistant_name,
            room=self._room(self._segment_prompt),
        )
        findings: Findings = self._model.ask(
            self._segment_prompt,
            material.text,
            SEGMENT,
            check=lambda answer: read_segment(self._kept(answer), material),
            name="segment_analysis",
        )
        return findings

    def summarize(self, pages: Sequence[Page]) -> Topic:
        return self.local.summarize(pages)

    def keywords(self, page: Page) -> tuple[str, ...]:
        return self.local.keywords(page)

    def close(self) -> None:
        """Break off what is under way and release the connections."""
        self._model.close()

    def _kept(self, answer: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return an answer as it may be stored."""
        return redact_json(answer)[0] if self._redact else answer

    def _room(self, prompt: str) -> int:
        """Return the characters left for the texts of pages, with half as much again of the prompt for all else."""
        return max(1_000, self._model.endpoint.prompt_tokens * _CHARS_A_TOKEN - len(prompt) - 4_000)
