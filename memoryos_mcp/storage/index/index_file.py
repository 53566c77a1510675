"""
The SQLite file of the turn index: rows of pages and postings of terms, per user.

Derived and rebuildable: so it does not wait for the disk, and a file that is not ours or damaged is replaced by an
empty one, which `Updater.repair` then fills from the pages. Removed rows are overwritten (`secure_delete`), because
forgetting reaches files too. Several processes may open it; the caller holds the store's lock around every call.

Rows and postings belong to no embedder, so that processes with different ones share them; piece vectors (`tokens`)
are kept for each embedder apart. A user may have a second, `staged` set of rows, built anew beside the one in use.
"""

import logging
import sqlite3
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import RLock

from ...domain.errors import StoreUnavailableError
from .block_table import SCHEMA, archived_positions, changed_positions, keep_blocks, read_block, record_changes
from .blocks import BLOCK, Block
from .entries import Entry
from .postings import MOST, Postings, append_chunks, first_turn, pack, unpack, without
from .rows import ARCHIVED, LIVE, row_of
from .user_numbers import abandon, abandoned_numbers, delete_rows, delete_some_rows, numbers

__all__ = ["IndexFile"]

logger = logging.getLogger(__name__)

_VERSION = 7
_SCHEMA = f"""
CREATE TABLE users (
    number INTEGER PRIMARY KEY AUTOINCREMENT, user_id TEXT NOT NULL, staged INTEGER NOT NULL, pieces TEXT NOT NULL,
    places INTEGER NOT NULL, removals INTEGER NOT NULL, UNIQUE (user_id, staged)
);
CREATE TABLE pages (
    user INTEGER, place INTEGER, page_id TEXT NOT NULL, stamp REAL, day INTEGER, session INTEGER, state INTEGER,
    flags INTEGER, user_length INTEGER, assistant_length INTEGER, user_ids BLOB, assistant_ids BLOB, dates BLOB,
    user_units BLOB, assistant_units BLOB, terms TEXT, PRIMARY KEY (user, place)
) WITHOUT ROWID;
CREATE UNIQUE INDEX page_ids ON pages (user, page_id);
CREATE INDEX states ON pages (user, state, page_id);
CREATE TABLE postings (
    user INTEGER, term TEXT, first INTEGER, chunk BLOB, PRIMARY KEY (user, term, first)
) WITHOUT ROWID;
CREATE TABLE tokens (
    user INTEGER, embedder TEXT, page_id TEXT, user_tokens BLOB, assistant_tokens BLOB,
    PRIMARY KEY (user, page_id, embedder)
);
CREATE TABLE models (embedder TEXT PRIMARY KEY, model TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE languages (user INTEGER, language TEXT, turns INTEGER, PRIMARY KEY (user, language)) WITHOUT ROWID;
{SCHEMA}
PRAGMA user_version = {_VERSION};
"""
_MANY, _COPIED = 500, 100


class IndexFile:
    """
    The file, opened at the first use.

    Args:
        path: Where it is, or will be.
        pieces: Who makes the word-piece ids of entries; rows with another's are dropped at the first write.

    Raises:
        StoreUnavailableError: From any method: locked, disk full, not writable.
    """

    def __init__(self, path: Path, pieces: str) -> None:
        self._path = path
        self._pieces = pieces
        self._lock = RLock()
        self._connection: sqlite3.Connection | None = None

    def state(self, user_id: str, *, staged: bool = False) -> tuple[int, int, int]:
        """Return (user number, positions given out, removals so far); the number is 0 for an unknown user."""
        with self.transaction() as db:
            row = db.execute(
                "SELECT number, places, removals FROM users WHERE user_id = ? AND staged = ? AND pieces = ?",
                (user_id, staged, self._pieces),
            ).fetchone()
        return row or (0, 0, 0)

    def users(self) -> list[str]:
        """Return the users that have rows."""
        with self.transaction() as db:
            return [user_id for (user_id,) in db.execute("SELECT DISTINCT user_id FROM users ORDER BY user_id")]

    def blocks(self, user: int, start: int, end: int) -> Iterator[Block]:
        """Yield a user's positions from *start* to *end*, a block or less at a time, archived ones as live ones."""
        while start < end:
            stop = min(end, (start // BLOCK + 1) * BLOCK)
            with self.transaction() as db:
                block = read_block(db, user, start, stop)
            yield block
            start = stop

    def archived_positions(self, user: int, start: int) -> list[int]:
        """Return a user's archived positions from *start* on."""
        with self.transaction() as db:
            return archived_positions(db, user, start)

    def changes(self, user: int, removals: int) -> dict[int, int]:
        """Return the positions that changed since there had been *removals*, with their states, 0 for a removed one."""
        with self.transaction() as db:
            return changed_positions(db, user, removals)

    def postings(self, user: int, terms: Collection[str]) -> dict[str, Postings]:
        """Return the postings of those of *terms* that occur."""
        found = {}
        with self.transaction() as db:
            for term in terms:
                chunks = db.execute(
                    "SELECT chunk FROM postings WHERE user = ? AND term = ? ORDER BY first", (user, term)
                ).fetchall()
                if chunks:
                    found[term] = unpack([chunk for (chunk,) in chunks])
        return found

    def languages(self, user: int) -> list[str]:
        """Return the languages of a user's turns, the most frequent first."""
        with self.transaction() as db:
            found = db.execute("SELECT language FROM languages WHERE user = ? ORDER BY turns DESC", (user,)).fetchall()
        return [language for (language,) in found]

    def page_ids(self, user: int, *, archived: bool = False) -> set[str]:
        """Return the ids of a user's pages that are live (or archived)."""
        with self.transaction() as db:
            found = db.execute(
                "SELECT page_id FROM pages WHERE user = ? AND state = ?", (user, ARCHIVED if archived else LIVE)
            ).fetchall()
        return {page_id for (page_id,) in found}

    def count(self, user: int) -> int:
        """Return how many pages of a user are live."""
        with self.transaction() as db:
            (found,) = db.execute("SELECT COUNT(*) FROM pages WHERE user = ? AND state = ?", (user, LIVE)).fetchone()
        return int(found)

    def positions_of(self, user: int, page_ids: Collection[str]) -> dict[str, int]:
        """Return the positions of those of *page_ids* that are there, in whatever state."""
        found: dict[str, int] = {}
        wanted = list(page_ids)
        with self.transaction() as db:
            for start in range(0, len(wanted), _MANY):
                part = wanted[start : start + _MANY]
                marks = ",".join("?" * len(part))
                found.update(
                    db.execute(
                        f"SELECT page_id, place FROM pages WHERE user = ? AND page_id IN ({marks})", (user, *part)
                    )
                )
        return found

    def order(self, user: int) -> list[str]:
        """Return the ids of all of a user's pages, archived ones too, in the order of their positions."""
        with self.transaction() as db:
            found = db.execute("SELECT page_id FROM pages WHERE user = ? ORDER BY place", (user,)).fetchall()
        return [page_id for (page_id,) in found]

    def total(self, user: int) -> int:
        """Return how many pages a user has, archived ones too."""
        with self.transaction() as db:
            (found,) = db.execute("SELECT COUNT(*) FROM pages WHERE user = ?", (user,)).fetchone()
        return int(found)

    def beside(self, user: int, positions: Collection[int], reach: int = 1) -> dict[int, str]:
        """Return the page ids of the *reach* positions next to each of *positions* that are taken, on either side."""
        found: dict[int, str] = {}
        with self.transaction() as db:
            for position in positions:
                for side, order in (("<", "DESC"), (">", "ASC")):
                    found.update(
                        db.execute(
                            f"SELECT place, page_id FROM pages WHERE user = ? AND place {side} ? "
                            f"ORDER BY place {order} LIMIT ?",
                            (user, position, reach),
                        )
                    )
        return found

    def last(self, user: int) -> tuple[float, int] | None:
        """Return (stamp, session) of the newest position, or None."""
        with self.transaction() as db:
            found: tuple[float, int] | None = db.execute(
                "SELECT stamp, session FROM pages WHERE user = ? ORDER BY place DESC LIMIT 1", (user,)
            ).fetchone()
        return found

    def add(self, user_id: str, entries: Sequence[tuple[Entry, int]], *, staged: bool = False) -> None:
        """Add entries with their sessions at the next positions, all or none."""
        with self.transaction() as db:
            user = self._number(db, user_id, staged)
            (position,) = db.execute("SELECT places FROM users WHERE number = ?", (user,)).fetchone()
            postings: dict[str, list[tuple[int, int]]] = {}
            for offset, (entry, session) in enumerate(entries):
                self._insert(db, user, position + offset, entry, session)
                for side, turn in enumerate(entry.sides):
                    for term, positions in turn.terms.items():
                        number = 2 * (position + offset) + side
                        postings.setdefault(term, []).extend([(number, at) for at in positions[:MOST]])
            self._append(db, user, postings)
            db.execute("UPDATE users SET places = ? WHERE number = ?", (position + len(entries), user))
            keep_blocks(db, user, range(position // BLOCK, (position + len(entries)) // BLOCK))

    def set_state(self, user: int, page_ids: Collection[str], state: int) -> None:
        """Make pages LIVE or ARCHIVED."""
        with self.transaction() as db:
            positions = self.positions_of(user, page_ids).values()
            db.executemany(
                "UPDATE pages SET state = ? WHERE user = ? AND place = ?",
                [(state, user, position) for position in positions],
            )
            record_changes(db, user, positions)

    def remove(self, user: int, page_ids: Collection[str]) -> None:
        """Remove pages, every trace of their terms and their piece vectors; unknown ids are ignored."""
        gone: dict[str, list[int]] = {}
        positions: list[int] = []
        with self.transaction() as db:
            for page_id in page_ids:
                row = db.execute(
                    "SELECT place, terms FROM pages WHERE user = ? AND page_id = ?", (user, page_id)
                ).fetchone()
                if row is not None:
                    positions.append(row[0])
                    for side, terms in enumerate(row[1].split("\n")):
                        for term in terms.split():
                            gone.setdefault(term, []).append(2 * row[0] + side)
                    db.execute("DELETE FROM pages WHERE user = ? AND place = ?", (user, row[0]))
                    db.execute("DELETE FROM tokens WHERE user = ? AND page_id = ?", (user, page_id))
            for term, turns in gone.items():
                _take_out(db, user, term, turns)
            record_changes(db, user, positions)
            (end,) = db.execute("SELECT places FROM users WHERE number = ?", (user,)).fetchone()
            keep_blocks(db, user, {position // BLOCK for position in positions} & set(range(end // BLOCK)))

    def drop(self, user_id: str) -> None:
        """Remove a user with all rows, staged ones too, and every embedder's piece vectors."""
        with self.transaction() as db:
            for number in numbers(db, user_id):
                delete_rows(db, number)

    def abandon_staged(self, user_id: str) -> None:
        """Take away the rows that were staged for a user; `delete_abandoned_rows` removes them."""
        with self.transaction() as db:
            for number in numbers(db, user_id, staged=True):
                abandon(db, number)

    def copy_tokens(self, user_id: str, after: str) -> str | None:
        """Give the staged rows some piece vectors of those in use: of pages after *after*; return the last, or None."""
        with self.transaction() as db:
            found = numbers(db, user_id, staged=False), numbers(db, user_id, staged=True)
            if not all(found):
                return None
            (old,), (new,) = found
            named = "SELECT DISTINCT page_id FROM tokens WHERE user = ? AND page_id > ? ORDER BY page_id LIMIT ?"
            page_ids = [page_id for (page_id,) in db.execute(named, (old, after, _COPIED))]
            db.executemany(
                "INSERT OR REPLACE INTO tokens SELECT pages.user, embedder, tokens.page_id, user_tokens, "
                "assistant_tokens FROM tokens JOIN pages ON pages.user = ? AND pages.page_id = tokens.page_id "
                "WHERE tokens.user = ? AND tokens.page_id = ?",
                [(new, old, page_id) for page_id in page_ids],
            )
        return page_ids[-1] if page_ids else None

    def swap(self, user_id: str) -> None:
        """Put the staged rows of a user in place of those in use, which `delete_abandoned_rows` removes."""
        with self.transaction() as db:
            (new,) = numbers(db, user_id, staged=True)
            for old in numbers(db, user_id, staged=False):
                abandon(db, old)
            db.execute("UPDATE users SET staged = 0 WHERE number = ?", (new,))

    def delete_abandoned_rows(self, user_id: str) -> bool:
        """Remove a bounded part of a user's rows that serve nobody any more; return whether there may be more."""
        with self.transaction() as db:
            return any(delete_some_rows(db, number) for number in abandoned_numbers(db, user_id))

    def close(self) -> None:
        """Close the file; the next call opens it again."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _number(self, db: sqlite3.Connection, user_id: str, staged: bool) -> int:
        """Return the number of a user's rows, made now if need be; rows with others' pieces are dropped first."""
        row = db.execute(
            "SELECT number, pieces FROM users WHERE user_id = ? AND staged = ?", (user_id, staged)
        ).fetchone()
        if row is not None and row[1] == self._pieces:
            return int(row[0])
        if row is not None:
            abandon(db, row[0])
        cursor = db.execute(
            "INSERT INTO users (user_id, staged, pieces, places, removals) VALUES (?, ?, ?, 0, 0)",
            (user_id, staged, self._pieces),
        )
        return int(cursor.lastrowid or 0)

    def _insert(self, db: sqlite3.Connection, user: int, position: int, entry: Entry, session: int) -> None:
        terms = "\n".join(" ".join(side.terms) for side in entry.sides)
        marks = ",".join("?" * 16)
        db.execute(f"INSERT INTO pages VALUES ({marks})", (user, position, *row_of(entry, session), terms))
        for side in entry.sides:
            if side.language:
                db.execute(
                    "INSERT INTO languages VALUES (?, ?, 1) ON CONFLICT DO UPDATE SET turns = turns + 1",
                    (user, side.language),
                )

    def _append(self, db: sqlite3.Connection, user: int, postings: dict[str, list[tuple[int, int]]]) -> None:
        for term, pairs in postings.items():
            last = db.execute(
                "SELECT chunk FROM postings WHERE user = ? AND term = ? ORDER BY first DESC LIMIT 1", (user, term)
            ).fetchone()
            chunks = append_chunks(last[0] if last else None, pack(pairs))
            db.executemany(
                "INSERT OR REPLACE INTO postings VALUES (?, ?, ?, ?)",
                [(user, term, first_turn(chunk), chunk) for chunk in chunks],
            )

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Hand out the connection inside a transaction, with sqlite3's errors translated."""
        with self._lock:
            try:
                with self._open() as db:
                    yield db
            except sqlite3.Error as exc:
                if type(exc) is not sqlite3.DatabaseError:  # its subclasses are locks, full disks, refused rows
                    raise StoreUnavailableError(f"cannot use the turn index {self._path}: {exc}; try again") from exc
                self._replace()
                raise StoreUnavailableError(f"the turn index {self._path} was damaged and is built anew") from exc

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            try:
                self._connection = _connect(self._path)
            except sqlite3.OperationalError:
                raise
            except sqlite3.DatabaseError:
                self._replace()
                self._connection = _connect(self._path)
        return self._connection

    def _replace(self) -> None:
        """Put the damaged file away, so that an empty one takes its place."""
        logger.warning("the turn index %s cannot be read and is built anew", self._path)
        self.close()
        for path in (self._path, self._path.with_name(self._path.name + "-journal")):
            path.unlink(missing_ok=True)


def _connect(path: Path) -> sqlite3.Connection:
    """Open the file, made on the spot; one of another version is emptied, as it can be rebuilt."""
    path.parent.mkdir(parents=True, exist_ok=True)
    db = sqlite3.connect(path, timeout=5, check_same_thread=False)
    try:
        db.executescript("PRAGMA secure_delete = ON; PRAGMA synchronous = OFF; PRAGMA journal_mode = TRUNCATE;")
        (version,) = db.execute("PRAGMA user_version").fetchone()
        if version != _VERSION:
            tables = db.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
            ).fetchall()
            drops = "".join(f'DROP TABLE IF EXISTS "{name}";' for (name,) in tables)
            db.executescript(f"BEGIN EXCLUSIVE; {drops} {_SCHEMA} COMMIT;")
    except sqlite3.Error:
        db.close()
        raise
    return db


def _take_out(db: sqlite3.Connection, user: int, term: str, turns: Sequence[int]) -> None:
    """Rewrite the chunks of *term* that hold *turns*."""
    chunks = db.execute("SELECT first, chunk FROM postings WHERE user = ? AND term = ?", (user, term)).fetchall()
    for first, chunk in chunks:
        left = without(chunk, turns)
        if len(left) != len(chunk):
            db.execute("DELETE FROM postings WHERE user = ? AND term = ? AND first = ?", (user, term, first))
            if left:
                db.execute("INSERT INTO postings VALUES (?, ?, ?, ?)", (user, term, first_turn(left), left))
