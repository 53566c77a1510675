"""Entries, postings and columns: what the index keeps of a page, packed."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from memoryos_mcp.storage.index.blocks import block_of, pack_block, unpack_block
from memoryos_mcp.storage.index.entries import MAX_PIECES, Ids
from memoryos_mcp.storage.index.lexical import Columns, make_entry, row_of
from memoryos_mcp.storage.index.postings import CHUNK, append_chunks, first_turn, pack, unpack, without

from .make import NOON
from .retrieval_world import exchange


def by_length(texts: object) -> list[Ids]:
    """Give every character an id: its code point."""
    assert isinstance(texts, list)
    return [np.array([ord(sign) for sign in text], np.int32) for text in texts]


def test_an_entry_has_terms_flags_and_dates_of_both_sides() -> None:
    """Ours: everything that ranking asks of a turn is read once, when it is added."""
    entry = make_entry(exchange(0, "I painted a lake yesterday", "Lovely! Did you frame it?"), None)
    user, assistant = entry.sides

    assert (user.terms, user.length, user.language) == ({"paint": [0], "lake": [1], "yesterday": [2]}, 3, "english")
    assert user.passages == ((3, len("I painted a lake yesterday"), 0),)
    assert (user.asks, user.timed, assistant.asks, assistant.timed) == (False, True, True, False)
    assert user.dates == ((NOON.date().toordinal() - 1, NOON.date().toordinal() - 1),)
    assert entry.day == NOON.date().toordinal()


@pytest.mark.parametrize("text", ["Really?", "Really? ", 'He said "really?"', "真的吗\uff1f", "حقا؟"])
def test_a_question_mark_at_the_end_counts_in_any_script(text: str) -> None:
    """Ours: turns that end by asking seldom answer."""
    assert make_entry(exchange(0, text), None).sides[0].asks


def test_word_pieces_of_a_document_are_bounded() -> None:
    """Ours: a pasted book costs its terms, not a megabyte of ids."""
    entry = make_entry(exchange(0, "x" * 9000), by_length)

    assert len(entry.sides[0].ids) == MAX_PIECES


@given(
    st.lists(
        st.tuples(st.integers(0, 10_000), st.integers(0, 70_000)), min_size=1, max_size=1500, unique_by=lambda p: p[0]
    )
)
def test_postings_come_back_as_they_were_packed(pairs: list[tuple[int, int]]) -> None:
    """Ours: chunk by chunk, in order, positions bounded by two bytes."""
    pairs.sort()
    chunks = append_chunks(None, pack(pairs))
    found = unpack(chunks)

    assert found.turns.tolist() == [turn for turn, _ in pairs]
    assert found.positions.tolist() == [min(position, 65_535) for _, position in pairs]
    assert all(len(chunk) <= 6 * CHUNK for chunk in chunks)


def test_every_occurrence_is_posted() -> None:
    """Ours: a turn is counted once, its occurrences are too; the positions tell the passage."""
    found = unpack([pack([(3, 0), (3, 9), (5, 2)])])

    assert found.turns.tolist() == [3, 5]
    assert found.counts.tolist() == [2.0, 1.0]
    assert found.positions.tolist() == [0, 9, 2]


def test_a_full_chunk_is_left_alone_and_a_new_one_begun() -> None:
    """Ours: adding a page rewrites little."""
    full = pack([(turn, 1) for turn in range(CHUNK)])
    chunks = append_chunks(full, pack([(CHUNK, 2)]))

    assert chunks[0] == full
    assert first_turn(chunks[1]) == CHUNK


def test_turns_can_be_taken_out_of_a_chunk() -> None:
    """Ours: forgetting reaches the postings."""
    chunk = without(pack([(1, 1), (2, 5), (3, 1)]), {2})

    assert unpack([chunk]).turns.tolist() == [1, 3]


UNITS = ("passage_numbers", "passage_terms", "passage_chars", "passage_pieces")


def columns_of(*texts: str) -> Columns:
    """Return columns of pages in one session, each character a word piece."""
    columns = Columns()
    entries = [make_entry(exchange(number, text, "b"), by_length) for number, text in enumerate(texts)]
    columns.extend([row_of(entry, 0) for entry in entries])
    return columns


def test_columns_hold_two_turns_a_page() -> None:
    """Ours: page p is turns 2p and 2p + 1."""
    columns = columns_of("abc", "ca")

    assert (columns.pages, columns.turns) == (2, 4)
    pieces, sizes = columns.gather(np.array([0, 2]))
    assert pieces.tolist() == [ord(sign) for sign in "abcca"]
    assert sizes.tolist() == [3, 2]


def test_every_occurrence_of_a_piece_counts() -> None:
    """Ours: occurrences stand for turns in the rarity of a piece; hashed ids are counted like those of a vocabulary."""
    columns = columns_of("aab", "a\U0001f642\U0001f642")

    assert columns.occurrences(np.array([ord("a"), ord("b"), 0x1F642, 7], np.int32)).tolist() == [3, 3, 2, 0]


def test_what_was_cut_back_leaves_no_trace() -> None:
    """Ours: pages of short-term memory stand behind the indexed ones for one retrieval only."""
    kept, grown = columns_of("I was there yesterday"), columns_of("I was there yesterday", "today \U0001f642", "x")
    grown.cut(1)
    grown.cut(5)

    ids = np.array([ord("x"), ord("a"), 0x1F642], np.int32)
    assert grown.page_ids == kept.page_ids
    assert grown.pieces.tolist() == kept.pieces.tolist()
    assert grown.mentions.tolist() == kept.mentions.tolist()
    assert grown.occurrences(ids).tolist() == kept.occurrences(ids).tolist()
    for name in ("passage_ends", "term_ends", "char_ends", "piece_ends"):
        assert getattr(grown, name).tolist() == getattr(kept, name).tolist()


def test_the_passages_of_a_turn_have_their_own_terms_characters_and_pieces() -> None:
    """Ours: what ranking weighs and what is shown are pieces of a long turn."""
    columns = columns_of("first\n" * 90 + "second\n" * 90, "third")

    assert columns.passage_ends.tolist() == [3, 4, 5, 6]
    assert columns.char_ends.tolist() == [498, 995, 1170, 1171, 1176, 1177]
    assert columns.term_ends.tolist() == [83, 155, 180, 181, 182, 183]
    pieces, sizes = columns.pieces_of(np.array([2, 4]))
    assert sizes.tolist() == [175, 5]
    assert "".join(chr(piece) for piece in pieces[-5:]) == "third"


def test_columns_grow_past_their_first_size() -> None:
    """Ours: a hundred pages and more."""
    columns = columns_of(*["yesterday"] * 300)

    assert columns.turns == 600
    assert len(columns.mentions) == 300
    assert columns.lengths.tolist() == [1.0, 1.0] * 300


def test_a_block_comes_back_as_it_was_packed() -> None:
    """Ours: opening a large memory reads blocks, and they must say what the rows say; ids of two and of four bytes."""
    for text in ("I was there yesterday", "\U0001f642 today"):
        entries = [make_entry(exchange(number, text, "b"), by_length) for number in range(3)]
        block = block_of([row_of(entry, number) for number, entry in enumerate(entries)])
        again = unpack_block(pack_block(block))

        assert again.page_ids == block.page_ids
        for name in ("stamps", "days", "sessions", "states", "flags", "lengths", "sizes", "pieces", "mentions", *UNITS):
            assert getattr(again, name).tolist() == getattr(block, name).tolist()
        assert dict(zip(again.distinct.tolist(), again.counts.tolist(), strict=True))[ord("b")] == 3
