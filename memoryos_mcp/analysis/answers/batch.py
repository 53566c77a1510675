"""
Checking what a model says of a batch: chains are runs of consecutive pages, topics partition the batch.

What an answer leaves out or names twice is put right from the answer's own other parts and, where those say nothing,
by the local analyzer. An answer that names none of the pages is refused as a whole.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ...domain.protocols import Analyzer
from ...domain.records import Batch, BatchAnalysis, ChainLink, Page, Topic
from .cleaning import one_line
from .findings import listed, named_pages, read_findings
from .material import BatchMaterial

__all__ = ["read_batch"]

MAX_KEYWORDS = 10
_SUMMARY_CHARS = 300
_KEYWORD_CHARS = 40

Json = Mapping[str, Any]


def read_batch(answer: Json, material: BatchMaterial, local: Analyzer) -> BatchAnalysis:
    """
    Return the analysis in *answer*.

    Args:
        answer: The object a model wrote.
        material: What it was asked about.
        local: Makes keywords, and the topic of pages that the answer says nothing of.

    Raises:
        ValueError: It is of another shape, or names none of the pages.
    """
    topics = _topics(answer, material.pages)
    if not topics:
        raise ValueError(f"topics must name the pages {', '.join(list(material.pages)[:3])} ...")
    links = _links(answer, material, topics)
    partition = _partition(topics, links, material.batch, local)
    return BatchAnalysis(links, partition, read_findings(answer, material.pages, material.facts))


def _topics(answer: Json, pages: Mapping[str, Page]) -> list[Topic]:
    """Return the topics as the answer has them, each page in the first that names it."""
    found, taken = list[Topic](), set[str]()
    for item in listed(answer, "topics", 2 * len(pages)):
        ids = [page.page_id for page in named_pages(item.get("pages"), pages) if page.page_id not in taken]
        summary = one_line(item.get("summary"), _SUMMARY_CHARS)
        if ids and summary:
            taken.update(ids)
            found.append(Topic(tuple(ids), summary, _keywords(item.get("keywords"))))
    return found


def _keywords(value: object) -> tuple[str, ...]:
    given = value if isinstance(value, list) else []
    texts = (one_line(word, _KEYWORD_CHARS) for word in given[: 2 * MAX_KEYWORDS])
    return tuple(text for text in texts if text)


def _partition(topics: list[Topic], links: Sequence[ChainLink], batch: Batch, local: Analyzer) -> tuple[Topic, ...]:
    """Return a partition: a page in no topic joins that of the page it continues, else the local analyzer makes one."""
    by_id = {page.page_id: page for page in batch.pages}
    groups = [list(topic.page_ids) for topic in topics]
    place_of = {id_: place for place, ids in enumerate(groups) for id_ in ids}
    homeless = list[Page]()
    previous = ""
    for link in links:
        if link.page_id not in place_of:
            if link.continues and previous in place_of:
                place_of[link.page_id] = place_of[previous]
                groups[place_of[previous]].append(link.page_id)
            else:
                homeless.append(by_id[link.page_id])
        previous = link.page_id
    order = {page.page_id: place for place, page in enumerate(batch.pages)}
    found = [
        _with_keywords(Topic(tuple(sorted(ids, key=order.__getitem__)), topic.summary, topic.keywords), by_id, local)
        for topic, ids in zip(topics, groups, strict=True)
    ]
    if homeless:
        found.append(local.summarize(homeless))
    return tuple(sorted(found, key=lambda topic: order[topic.page_ids[0]]))


def _with_keywords(topic: Topic, pages: Mapping[str, Page], local: Analyzer) -> Topic:
    """
    Return *topic* with its keywords as pages have theirs, filled up with the pages' own.

    Equation 3 compares the words of a segment with those of a page: a model's free choice would match nothing.
    """
    own = [pages[id_] for id_ in topic.page_ids]
    told = replace(own[0], user_input=" ".join(topic.keywords), agent_response="")
    found = [*(local.keywords(told) if topic.keywords else ()), *local.summarize(own).keywords]
    return replace(topic, keywords=tuple(dict.fromkeys(found))[:MAX_KEYWORDS])


def _links(answer: Json, material: BatchMaterial, topics: Sequence[Topic]) -> tuple[ChainLink, ...]:
    """Return a link per page: it continues the page before it when a chain of the answer holds both."""
    chains = _chains(answer, material)
    about = {id_: topic.summary for topic in topics for id_ in topic.page_ids}
    previous = material.batch.previous
    links, before = list[ChainLink](), chains.of_previous
    running = previous.chain_summary if previous is not None else ""
    for page in material.batch.pages:
        chain = chains.of_page.get(page.page_id)
        goes_on = chain is not None and chain == before
        told = (chains.summaries[chain] if chain is not None else "") or (running if goes_on else "")
        running = told or about.get(page.page_id) or one_line(page.user_input, _SUMMARY_CHARS // 2)
        links.append(ChainLink(page.page_id, goes_on, running))
        before = chain
    return tuple(links)


@dataclass(frozen=True, slots=True)
class _Chains:
    """The chains of an answer by their place in it."""

    of_page: Mapping[str, int]
    of_previous: int | None
    summaries: Sequence[str]


def _chains(answer: Json, material: BatchMaterial) -> _Chains:
    of_page, summaries, of_previous = dict[str, int](), list[str](), None
    before = {} if material.batch.previous is None else {material.before: material.batch.previous}
    for place, item in enumerate(listed(answer, "chains", 2 * len(material.pages))):
        summaries.append(one_line(item.get("summary"), _SUMMARY_CHARS))
        for page in named_pages(item.get("pages"), material.pages):
            of_page.setdefault(page.page_id, place)
        if of_previous is None and named_pages(item.get("pages"), before):
            of_previous = place
    return _Chains(of_page, of_previous, summaries)
