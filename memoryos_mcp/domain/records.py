"""
The records of the domain: what the tiers hold and what analyzers and the retriever hand on.

Plain frozen data, no behaviour beyond derived values, no store, no protocol. Times are aware datetimes, those of pages
and of what was learnt from them in the offset of the user's clock; collections are tuples. The glossary in
docs/architecture.md says what page, turn, chain, segment, fact and trait mean.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

__all__ = [
    "FACT_KINDS",
    "About",
    "AddResult",
    "Attribute",
    "AttributeFinding",
    "Batch",
    "BatchAnalysis",
    "ChainLink",
    "Exchange",
    "Fact",
    "FactFinding",
    "Findings",
    "ForgetReceipt",
    "Level",
    "Page",
    "PageHit",
    "Profile",
    "Retrieval",
    "Segment",
    "Side",
    "Status",
    "Topic",
    "Trait",
    "TraitFinding",
    "WordCount",
    "WordCounts",
]

About = Literal["user", "assistant"]
Side = Literal["user", "assistant"]
Level = Literal["high", "medium", "low"]

FACT_KINDS = (
    *("name", "home", "work", "side_activity", "study", "family", "pet", "partner", "language", "allergy", "diet"),
    *("medication", "condition", "birthday", "event", "plan", "liking"),
    *("instruction", "tool", "project_fact", "decision", "constraint"),
    *("recommendation", "promise", "done"),
)
"""
What a fact read in pages may be; the last three are the assistant's. One that was told (`remember_fact`) or brought
from elsewhere has no kind, "".
"""


@dataclass(frozen=True, slots=True)
class Page:
    """
    One exchange, the unit that is stored.

    `sequence` is the order of arrival (strictly increasing per user); the chain fields, `segment_id`, `previous_id`
    (the page that arrived just before) and `analyzer` are filled by consolidation; `noted` says that an eager
    analyzer has read the page. `project` is the label of the work it was said in, "" when none was told.
    """

    page_id: str
    user_input: str
    agent_response: str
    timestamp: datetime
    metadata: Mapping[str, Any] = field(default_factory=dict)
    sequence: int = 0
    noted: bool = False
    chain_id: str = ""
    chain_summary: str = ""
    segment_id: str = ""
    previous_id: str = ""
    analyzer: str = ""
    project: str = ""


@dataclass(frozen=True, slots=True)
class Exchange:
    """What a caller hands in to be stored as a page; `timestamp` None is now, `project` None the setting's."""

    user_input: str
    agent_response: str
    timestamp: datetime | str | None = None
    metadata: Mapping[str, Any] | None = None
    project: str | None = None


@dataclass(frozen=True, slots=True)
class Segment:
    """
    Pages of one topic in mid-term memory.

    `visits` and `interactions` are N_visit and L_interaction of eq. 4; `last_page_id` and `last_sequence` name its
    newest page; `promoted_sequence` is the newest page that a promotion has read.
    """

    segment_id: str
    summary: str
    keywords: tuple[str, ...]
    created_at: datetime
    last_visit: datetime
    visits: int = 0
    interactions: int = 0
    pages: int = 0
    last_page_id: str = ""
    last_sequence: int = 0
    promoted_sequence: int = 0
    analyzer: str = ""


@dataclass(frozen=True, slots=True)
class Fact:
    """
    One line of knowledge about the user or the assistant.

    `said_at` is when the source page was said; the fact is valid from then until `superseded_at`.
    `key` names a slot that holds one value at a time ("home", "work"): a newer fact with the same key
    supersedes the older one. An empty key supersedes nothing.
    `kind` is one of `FACT_KINDS`, "" when it was told; `project` the label of the work it was said in; `quote` about
    12 words of the page, as they were said. After `expires` it is shown as past.
    """

    fact_id: str
    fact: str
    about: About
    page_ids: tuple[str, ...]
    said_at: datetime
    superseded_by: str | None = None
    superseded_at: datetime | None = None
    pinned: bool = False
    key: str = ""
    analyzer: str = ""
    kind: str = ""
    project: str = ""
    quote: str = ""
    expires: datetime | None = None


@dataclass(frozen=True, slots=True)
class Attribute:
    """A static attribute of the user: name, age, work, home, family, pronouns ..."""

    name: str
    value: str
    page_ids: tuple[str, ...]
    said_at: datetime


@dataclass(frozen=True, slots=True)
class Trait:
    """The user's level on one of the 90 dimensions, with the evidence in a few words."""

    dimension: str
    level: Level
    evidence: str
    page_ids: tuple[str, ...]
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Profile:
    """Long-term memory of one user and assistant. `summary` is a readable digest of the rest."""

    user_id: str
    assistant_id: str
    summary: str
    static: tuple[Attribute, ...] = ()
    traits: tuple[Trait, ...] = ()
    user_knowledge: tuple[Fact, ...] = ()
    assistant_knowledge: tuple[Fact, ...] = ()


@dataclass(frozen=True, slots=True)
class FactFinding:
    """
    A fact an analyzer read in pages. `text` has relative dates already resolved.

    With a `key`, older facts of the same key and `about` are superseded; `retracts` closes them
    without a successor of its own ("I no longer ..."): then `text` may say what ended, or be empty.
    `supersedes` names a known fact id directly.
    """

    text: str
    about: About
    page_ids: tuple[str, ...]
    said_at: datetime
    key: str = ""
    retracts: bool = False
    supersedes: str | None = None
    kind: str = ""
    project: str = ""
    quote: str = ""
    expires: datetime | None = None


@dataclass(frozen=True, slots=True)
class AttributeFinding:
    """
    A static attribute an analyzer read in pages; the newest value per name wins, an empty value removes it.

    One that takes the place of a value said at *over* does so even when it was said before.
    """

    name: str
    value: str
    page_ids: tuple[str, ...]
    said_at: datetime
    over: datetime | None = None


@dataclass(frozen=True, slots=True)
class TraitFinding:
    """A trait an analyzer read in pages; `dimension` is one of the 90; *over* as in `AttributeFinding`."""

    dimension: str
    level: Level
    evidence: str
    page_ids: tuple[str, ...]
    said_at: datetime
    over: datetime | None = None


@dataclass(frozen=True, slots=True)
class Findings:
    """What an analyzer learnt about user and assistant from some pages, oldest first."""

    facts: tuple[FactFinding, ...] = ()
    attributes: tuple[AttributeFinding, ...] = ()
    traits: tuple[TraitFinding, ...] = ()


@dataclass(frozen=True, slots=True)
class Batch:
    """Pages leaving short-term memory together, oldest first, and the page consolidated just before them."""

    pages: tuple[Page, ...]
    previous: Page | None = None


@dataclass(frozen=True, slots=True)
class ChainLink:
    """Whether a page continues the page before it, and the chain's running summary up to and including it."""

    page_id: str
    continues: bool
    chain_summary: str


@dataclass(frozen=True, slots=True)
class Topic:
    """A group of pages of one batch (or one segment) with its summary and keywords."""

    page_ids: tuple[str, ...]
    summary: str
    keywords: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BatchAnalysis:
    """The analysis of a `Batch`: one link per page in order; topics partition the pages; findings may be empty."""

    links: tuple[ChainLink, ...]
    topics: tuple[Topic, ...]
    findings: Findings = Findings()


@dataclass(frozen=True, slots=True)
class AddResult:
    """The receipt of `add_memory`: the page is on disk. `redacted` are the kinds of secrets that were taken out."""

    page_id: str
    status: Literal["stored", "duplicate"]
    pending: int
    redacted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PageHit:
    """
    A page in a retrieval. A side left out for the budget is an empty string.

    `score` has no unit and compares only within one retrieval; `why` maps a part of the score
    ("lexical", "vector", "date" ...) to its contribution, when it was asked for. `notes` are what the text says of the
    page: how often it was said, that it was changed later.
    """

    page: Page
    score: float = 0.0
    why: Mapping[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Retrieval:
    """
    The answer of `retrieve_context`.

    `text` is what a model reads; `token_count` counts it with the configured tokenizer and never
    exceeds `max_tokens`. `omitted` counts turns, facts and profile lines that were worth showing and did not fit;
    `confidence` is the probability that memory holds an answer: when it is small no page is shown.
    """

    query: str
    short_term: tuple[PageHit, ...]
    mid_term: tuple[PageHit, ...]
    segments: tuple[tuple[Segment, float], ...]
    profile: str
    user_knowledge: tuple[Fact, ...]
    assistant_knowledge: tuple[Fact, ...]
    text: str
    token_count: int
    max_tokens: int
    omitted: int
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class WordCount:
    """A word of a text, folded, the terms it may be stored under, and how many stored turns have one of them."""

    word: str
    terms: tuple[str, ...]
    turns: int


@dataclass(frozen=True, slots=True)
class WordCounts:
    """How common the words of a text are in a memory of so many turns."""

    turns: int
    words: tuple[WordCount, ...]


@dataclass(frozen=True, slots=True)
class ForgetReceipt:
    """
    What `forget_memory` forgot, or would forget when `dry_run`.

    `places` counts by place: short_term, mid_term, archive, segments, facts, attributes, traits; pages in the
    word_index; turn_vectors of every embedder; exchanges in the hook inbox. `rewritten` counts segments, facts and
    traits kept because other pages support them, with the forgotten pages taken out. `files` says what became of the
    bytes: "cleared", or who else's they are, and where forgetting does not reach; a dry run says only the latter.
    """

    user_id: str
    dry_run: bool
    page_ids: tuple[str, ...]
    fact_ids: tuple[str, ...]
    places: Mapping[str, int]
    rewritten: Mapping[str, int]
    files: str = ""


@dataclass(frozen=True, slots=True)
class Status:
    """
    The state of one user's memory.

    `pending` is 0 when everything is noted, consolidated and promoted. `stand_ins` counts pages that the local
    analyzer read because the model did not answer; they are read again. `usage` maps "since_start" and "total" to
    counters of the model (calls, prompt_tokens, completion_tokens, failures); it is empty without a model.
    `fact_languages` says in words for which languages facts are read.
    """

    user_id: str
    short_term_pages: int
    short_term_capacity: int
    mid_term_pages: int
    segments: int
    user_knowledge: int
    assistant_knowledge: int
    traits: int
    archive: int
    pending: int
    analyzer: str
    embedder: str
    tokenizer: str
    storage: str
    last_error: str | None
    stand_ins: int = 0
    usage: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    fact_languages: str = ""
