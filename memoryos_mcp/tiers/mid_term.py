"""
Mid-term memory: segments and their pages, and the archive behind it (paper, sections 3.2 and 3.3).

Pages and segments are canonical; segment vectors lie in a derived place named after the embedder. Eviction moves the
coldest segment with its pages to the archive; the paper deletes it.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from ..domain.protocols import Record, Store, Vectors
from ..domain.records import Page, Segment
from .cached_collection import CachedPlace
from .heat import heat_of
from .held_pages import HeldPages
from .stored_records import decode_page, decode_segment, encode_page, encode_segment

__all__ = ["ARCHIVE", "MID_TERM", "SEGMENTS", "MidTermMemory", "SegmentVector"]

MID_TERM = "mid_term"
SEGMENTS = "segments"
_AT_ONCE = 100
_VECTORS = "segments."
"""What the names of places with segment vectors begin with; the embedder's name follows."""

ARCHIVE = "archive"


@dataclass(frozen=True, slots=True)
class SegmentVector:
    """A segment's unit vector e_s: the direction of the mean of its pages' unit vectors."""

    segment_id: str
    vector: Vectors


def _encode_vector(item: SegmentVector) -> Record:
    return Record(item.segment_id, "", {}, item.vector)


def _decode_vector(record: Record) -> SegmentVector:
    assert record.vector is not None
    return SegmentVector(record.id, record.vector)


class MidTermMemory:
    """Segments (cached: bounded by the capacity) and pages (read by id; those read lately are held) of every user."""

    def __init__(self, store: Store, capacity: int, embedder_name: str) -> None:
        self.capacity = capacity
        self._store = store
        self.vector_place = f"{_VECTORS}{embedder_name}"
        self._segments: CachedPlace[Segment] = CachedPlace(store, SEGMENTS, encode_segment, decode_segment)
        self._vectors: CachedPlace[SegmentVector] = CachedPlace(
            store, self.vector_place, _encode_vector, _decode_vector, vectors=True
        )
        self._held = HeldPages(store)

    def pages(self, user_id: str, ids: Sequence[str], *, archive: bool = False) -> list[Page]:
        """Return the pages with *ids* in mid-term memory (and the archive, on request); unknown ids are left out."""
        records = self._store.get(user_id, MID_TERM, ids)
        if archive and len(records) < len(ids):
            records += self._store.get(user_id, ARCHIVE, ids)
        return [decode_page(record) for record in records if record.metadata.get("kind") == "page"]

    def pages_to_show(self, user_id: str, ids: Sequence[str]) -> list[Page]:
        """Return the pages with *ids*, archived ones too, without asking the store for those that were read lately."""
        with self._store.exclusive(user_id):
            held = self._held.get(user_id, ids)
            missing = [id_ for id_ in ids if id_ not in held]
            read = self.pages(user_id, missing, archive=True) if missing else []
            self._held.put(user_id, read)
        return [*held.values(), *read]

    def page_ids(self, user_id: str) -> list[str]:
        """Return the ids of every page in mid-term memory."""
        return self._store.ids(user_id, MID_TERM)

    def page_count(self, user_id: str) -> int:
        """Return how many pages mid-term memory holds."""
        return self._store.count(user_id, MID_TERM)

    def put_pages(self, user_id: str, pages: Sequence[Page]) -> None:
        """Add or replace pages; durable on return."""
        self._write(user_id, MID_TERM, pages)

    def remove_pages(self, user_id: str, ids: Sequence[str]) -> None:
        """Remove pages by id; unknown ids are ignored."""
        self._delete(user_id, MID_TERM, ids)

    def pages_of(self, user_id: str, segment_id: str) -> list[Page]:
        """Return the pages of one segment in order of arrival."""
        return self._pages_where(user_id, segment_id=segment_id)

    def chain(self, user_id: str, chain_id: str) -> list[Page]:
        """Return the pages of one chain in order of arrival, those in the archive too."""
        archived = [decode_page(record) for record in self._store.get(user_id, ARCHIVE, where={"chain_id": chain_id})]
        return sorted([*self._pages_where(user_id, chain_id=chain_id), *archived], key=lambda page: page.sequence)

    def pages_following(self, user_id: str, ids: Sequence[str]) -> list[Page]:
        """Return the pages that arrived just after those with *ids*, those in the archive too."""
        found = list[Page]()
        for place in (MID_TERM, ARCHIVE):
            for start in range(0, len(ids), _AT_ONCE):
                where = {"previous_id": {"$in": list(ids[start : start + _AT_ONCE])}}
                found += [decode_page(record) for record in self._store.get(user_id, place, where=where)]
        return found

    def rewrite_pages(self, user_id: str, pages: Sequence[Page]) -> None:
        """Replace pages where they are, in mid-term memory or the archive."""
        archived = set(self._store.ids(user_id, ARCHIVE)) if pages else set()
        self.put_pages(user_id, [page for page in pages if page.page_id not in archived])
        self._write(user_id, ARCHIVE, [page for page in pages if page.page_id in archived])

    def analyzed_by(self, user_id: str, analyzer: str, limit: int) -> list[Page]:
        """Return pages that *analyzer* read, in order of arrival among the *limit* that the store gives."""
        return self._pages_where(user_id, limit, analyzer=analyzer)

    def analyzed_count(self, user_id: str, analyzer: str) -> int:
        """Return how many pages *analyzer* read."""
        return len(self._store.ids(user_id, MID_TERM, where={"analyzer": analyzer}))

    def all_pages(self, user_id: str, *, limit: int | None = None, offset: int = 0) -> list[Page]:
        """Return pages of mid-term memory in the store's order, for rebuilding and forgetting."""
        return [decode_page(record) for record in self._store.get(user_id, MID_TERM, limit=limit, offset=offset)]

    def segments(self, user_id: str) -> dict[str, Segment]:
        """Return every segment by id."""
        return dict(self._segments.all(user_id))

    def newest_sequence(self, user_id: str) -> int:
        """Return the order of arrival of the page that arrived last, the archive's too; 0 when there is none."""
        segments = [*self.segments(user_id).values(), *self.archived_segments(user_id)]
        return max((segment.last_sequence for segment in segments), default=0)

    def put_segments(self, user_id: str, segments: Sequence[Segment]) -> None:
        """Add or replace segments; durable on return."""
        self._segments.put(user_id, segments)

    def put_vectors(self, user_id: str, vectors: Sequence[SegmentVector]) -> None:
        """Add or replace segment vectors."""
        self._vectors.put(user_id, vectors)

    def vectors(self, user_id: str) -> dict[str, Vectors]:
        """Return the unit vector of every segment that has one with this embedder, by segment id."""
        return {segment_id: found.vector for segment_id, found in self._vectors.all(user_id).items()}

    def remove_segments(self, user_id: str, segment_ids: Sequence[str]) -> None:
        """
        Remove segments and their vectors; pages are not touched.

        The vectors go first: a segment without one is noticed after a crash, a vector without a segment is not.
        """
        self.forget_vectors(user_id, segment_ids)
        self._segments.remove(user_id, segment_ids)

    def forget_vectors(self, user_id: str, segment_ids: Sequence[str]) -> None:
        """Remove the vectors of segments in every embedder's place; the `Reembedder` makes those that are missing."""
        if not segment_ids:
            return
        with self._store.exclusive(user_id):
            self._vectors.remove(user_id, segment_ids)
            for place in self._store.places(user_id):
                if place.startswith(_VECTORS) and place != self.vector_place:
                    self._store.delete(user_id, place, segment_ids)

    def drop_vectors(self, user_id: str, embedder: str) -> None:
        """Remove the vectors that an embedder made of a user's segments."""
        with self._store.exclusive(user_id):
            self._store.drop(user_id, f"{_VECTORS}{embedder}")
            self._vectors.forget(user_id)

    def coldest(self, user_id: str, now: datetime, keep: Collection[str] = ()) -> Segment | None:
        """Return the segment of least heat at *now* that is not in *keep*; the older one when equal."""
        rest = [segment for segment in self.segments(user_id).values() if segment.segment_id not in keep]
        return min(rest, key=lambda segment: (heat_of(segment, now), segment.created_at), default=None)

    def archive(self, user_id: str, segment: Segment, pages: Sequence[Page]) -> None:
        """Move a segment and its pages to the archive: the new place is written before the old is removed."""
        with self._store.exclusive(user_id):
            self._write(user_id, ARCHIVE, pages, [segment])
            self.remove_pages(user_id, [page.page_id for page in pages])
            self.remove_segments(user_id, [segment.segment_id])

    def archived_pages(
        self, user_id: str, ids: Sequence[str] | None = None, *, limit: int | None = None, offset: int = 0
    ) -> list[Page]:
        """Return pages in the archive."""
        records = self._store.get(user_id, ARCHIVE, ids, where={"kind": "page"}, limit=limit, offset=offset)
        return [decode_page(record) for record in records]

    def archived_ids(self, user_id: str) -> list[str]:
        """Return the ids of every page in the archive."""
        return self._store.ids(user_id, ARCHIVE, where={"kind": "page"})

    def archived_count(self, user_id: str) -> int:
        """Return how many pages the archive holds."""
        return len(self.archived_ids(user_id))

    def archived_segments(self, user_id: str) -> list[Segment]:
        """Return segments in the archive."""
        return [decode_segment(record) for record in self._store.get(user_id, ARCHIVE, where={"kind": "segment"})]

    def put_archived(self, user_id: str, pages: Sequence[Page], segments: Sequence[Segment]) -> None:
        """Add or replace pages and segments in the archive itself; durable on return."""
        if pages or segments:
            self._write(user_id, ARCHIVE, pages, segments)

    def remove_archived(self, user_id: str, ids: Sequence[str]) -> None:
        """Remove pages or segments from the archive by id."""
        self._delete(user_id, ARCHIVE, ids)

    def forget(self, user_id: str) -> None:
        """Drop what is held in memory of a user whose places were dropped."""
        self._segments.forget(user_id)
        self._vectors.forget(user_id)
        with self._store.exclusive(user_id):
            self._held.forget(user_id)

    def _write(self, user_id: str, place: str, pages: Sequence[Page], segments: Sequence[Segment] = ()) -> None:
        """Write pages, and segments, to a place; what is held of them is out of date then, even if it fails midway."""
        with self._store.exclusive(user_id):
            self._held.drop(user_id, [page.page_id for page in pages])
            self._store.put(user_id, place, [*map(encode_page, pages), *map(encode_segment, segments)])

    def _delete(self, user_id: str, place: str, ids: Sequence[str]) -> None:
        with self._store.exclusive(user_id):
            self._held.drop(user_id, ids)
            self._store.delete(user_id, place, ids)

    def _pages_where(self, user_id: str, limit: int | None = None, **where: str) -> list[Page]:
        pages = [decode_page(record) for record in self._store.get(user_id, MID_TERM, where=where, limit=limit)]
        return sorted(pages, key=lambda page: page.sequence)
