"""Handing back: what memory holds on a question, and everything known of a user."""

from dataclasses import replace
from datetime import date, datetime

from ..domain import inputs
from ..domain.records import Profile, Retrieval, WordCount, WordCounts
from ..retrieval import Request, Retriever
from ..text.terms import query_words
from ..tiers.memory import Memory
from ..updating.worker import Worker
from .defaults import Defaults

__all__ = ["Recalling"]


class Recalling:
    """
    Answers questions from memory.

    Args:
        tiers: What is searched.
        retriever: Ranks and shows.
        worker: Books the visits of segments that were used.
        defaults: What a call leaves out.
    """

    def __init__(self, tiers: Memory, retriever: Retriever, worker: Worker, defaults: Defaults) -> None:
        self._tiers = tiers
        self._retriever = retriever
        self._worker = worker
        self._defaults = defaults

    def retrieve_context(
        self,
        query: str,
        *,
        max_tokens: int = inputs.MAX_TOKENS,
        since: datetime | date | str | None = None,
        until: datetime | date | str | None = None,
        archive: bool = False,
        project: str | None = None,
        explain: bool = False,
        fill: bool | None = None,
        user_id: str | None = None,
    ) -> Retrieval:
        """
        Return what memory holds on *query*, within *max_tokens* (100 to 20,000) of text.

        Args:
            query: A question or the user's message.
            max_tokens: Ceiling of `Retrieval.text`, by the tokenizer that `status` names.
            since: Only pages from this time on: ISO 8601, a whole day or month ("2025-12"), "yesterday", "3 days ago".
            until: Only pages up to the end of this time, and facts as of then.
            archive: Search evicted segments too.
            project: Label of the work whose pages are preferred; nothing is hidden; default the setting's.
            explain: Say of each page what its score is made of (`PageHit.why`).
            fill: Spend the ceiling on the next best pages too; default the setting's.
            user_id: Whose memory; default the setting.

        Raises:
            InputError: A value is unusable.
        """
        settings = self._defaults.settings
        user = self._defaults.user(user_id)
        text = inputs.check_text("query", query, longest=inputs.MAX_QUERY_CHARS)
        budget = inputs.check_max_tokens(max_tokens)
        first, last = self._defaults.bounds(since, until)
        request = Request(
            user_id=user,
            query=text,
            max_tokens=budget,
            since=first,
            until=last,
            now=self._defaults.now(),
            short_term=(),
            profile=Profile(user, settings.assistant_id, ""),
            user_name=settings.user_name,
            assistant_name=settings.assistant_name,
            archive=archive,
            project=self._defaults.label(project),
            explain=explain,
            fill=settings.fill if fill is None else fill,
        )
        retrieval = self._answer(request)
        self._worker.note_visits(user, [segment.segment_id for segment, _ in retrieval.segments])
        return retrieval

    def word_counts(self, text: str, *, user_id: str | None = None) -> WordCounts:
        """Return how many of a user's turns have each word of *text*, function words left out."""
        user = self._defaults.user(user_id)
        with self._tiers.store.exclusive(user):
            view = self._tiers.index.view(user, self._tiers.short_term.pages(user))
            asked = query_words(text, view.languages)
            found = view.postings({form for _, forms in asked for form in forms})
            turns = view.columns.turns
        holding = [sum(len(found[form].turns) for form in forms if form in found) for _, forms in asked]
        return WordCounts(turns, tuple(WordCount(*pair, count) for pair, count in zip(asked, holding, strict=True)))

    def get_user_profile(self, *, user_id: str | None = None) -> Profile:
        """Return everything known of a user: attributes, traits, facts (superseded ones last) and a digest."""
        return self._tiers.long_term.profile(self._defaults.user(user_id), self._defaults.settings.assistant_id)

    def _answer(self, request: Request) -> Retrieval:
        """Ask a slow embedder outside the store's lock, so that others go on meanwhile."""
        with self._tiers.store.exclusive(request.user_id):
            embedder = self._tiers.index.serving_embedder(request.user_id)
            request = self._up_to_date(request)
            if not self._retriever.is_slow(embedder):
                return self._retriever.retrieve(request)
        self._retriever.prepare(request, embedder)
        with self._tiers.store.exclusive(request.user_id):
            return self._retriever.retrieve(self._up_to_date(request))

    def _up_to_date(self, request: Request) -> Request:
        """Return *request* with short-term memory and profile as they are now. Under the lock."""
        profile = self.get_user_profile(user_id=request.user_id)
        pages = tuple(self._tiers.short_term.pages(request.user_id))
        return replace(request, short_term=pages, profile=profile, user_name=self._defaults.user_name(profile))
