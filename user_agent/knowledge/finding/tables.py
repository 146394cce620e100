"""The file of one agent's index: its tables, and how passages stand in them."""

import sqlite3
from collections.abc import Collection, Generator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import orjson

from user_agent.knowledge.finding.keeping import Replaced
from user_agent.knowledge.finding.reading import READING, terms_above, terms_of
from user_agent.knowledge.index import Statistics
from user_agent.knowledge.passages import Passage, Place

SCHEMA = 2
"""Raised when the tables change. An index of another version is made anew; whoever fills it sees what is missing."""
BUSY_TIMEOUT_MS = 5_000

_VERSION = SCHEMA * 1_000 + READING
_TABLES = """
CREATE TABLE files (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE passages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    file INTEGER NOT NULL,
    number INTEGER NOT NULL,
    text TEXT NOT NULL,
    kind TEXT NOT NULL,
    place TEXT NOT NULL,
    tokens INTEGER NOT NULL,
    length INTEGER NOT NULL,
    terms TEXT NOT NULL,
    above TEXT NOT NULL,
    UNIQUE (file, number)
);
CREATE VIRTUAL TABLE words USING fts5 (
    terms, above, content = 'passages', content_rowid = 'id', tokenize = "unicode61 remove_diacritics 0"
);
CREATE VIRTUAL TABLE vocabulary USING fts5vocab (words, row);
CREATE TABLE models (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, dimension INTEGER NOT NULL);
CREATE TABLE vectors (
    model INTEGER NOT NULL, passage INTEGER NOT NULL, vector BLOB NOT NULL, PRIMARY KEY (model, passage)
) WITHOUT ROWID;
CREATE INDEX vectors_of_passages ON vectors (passage, model);
CREATE VIEW shown AS
SELECT passages.id, files.name AS file, number, text, kind, place
FROM passages JOIN files ON files.id = passages.file;
CREATE TABLE totals (passages INTEGER NOT NULL, words INTEGER NOT NULL);
INSERT INTO totals VALUES (0, 0);
"""


def open_writing(path: Path) -> sqlite3.Connection:
    """The connection that writes. Makes the file, anew where it is damaged or of another version."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    version = _version_of(path)
    if version not in (0, _VERSION):
        erase(path)
    connection = _connect(path)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    if version != _VERSION:
        with transaction(connection):
            for statement in _TABLES.split(";"):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {_VERSION}")
    return connection


def open_reading(path: Path) -> sqlite3.Connection:
    """A connection that sees what was written, once `open_writing` has made the file."""
    connection = _connect(path)
    connection.execute("PRAGMA query_only = ON")
    return connection


def erase(path: Path) -> None:
    """The file is gone, and what the database keeps beside it."""
    for ending in ("", "-wal", "-shm"):
        path.with_name(path.name + ending).unlink(missing_ok=True)


def put(connection: sqlite3.Connection, file: str, passages: Sequence[Passage]) -> Replaced:
    """Replaces what a file had, all at once. What it has again keeps its vectors."""
    rows = [
        (
            passage.number,
            passage.text,
            passage.kind,
            orjson.dumps(asdict(passage.place)).decode(),
            tokens_of(passage.text),
            len(terms.split()),
            terms,
            terms_above(passage.place.headings),
        )
        for passage in passages
        for terms in (terms_of(passage.text),)
    ]
    with transaction(connection):
        vectors = _vectors_by_content(connection, file)
        gone = _take_out(connection, file)
        connection.execute("INSERT OR IGNORE INTO files (name) VALUES (?)", (file,))
        (number,) = connection.execute("SELECT id FROM files WHERE name = ?", (file,)).fetchone()
        connection.executemany(
            "INSERT INTO passages (file, number, text, kind, place, tokens, length, terms, above) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            ((number, *row) for row in rows),
        )
        connection.execute(
            "INSERT INTO words (rowid, terms, above) SELECT id, terms, above FROM passages WHERE file = ?", (number,)
        )
        _count(connection, number, +1)
        return Replaced(gone, _carry(connection, number, vectors))


def remove(connection: sqlite3.Connection, file: str) -> list[int]:
    """Takes a file out. Returns the rows that are gone."""
    with transaction(connection):
        gone = _take_out(connection, file)
        connection.execute("DELETE FROM files WHERE name = ?", (file,))
    return gone


def passages_of(connection: sqlite3.Connection, file: str, start: int, limit: int) -> tuple[Passage, ...]:
    rows = connection.execute(
        "SELECT number, text, kind, place FROM shown WHERE file = ? AND number >= ? ORDER BY number LIMIT ?",
        (file, start, limit),
    )
    return tuple(passage_of(row) for row in rows)


def files_of(connection: sqlite3.Connection) -> frozenset[str]:
    return frozenset(name for (name,) in connection.execute("SELECT name FROM files"))


def statistics_of(connection: sqlite3.Connection, files: Collection[str] | None = None) -> Statistics:
    """How much there is; of `files` alone where they are named."""
    named = {"named": None if files is None else orjson.dumps([*files]).decode()}
    (count,) = connection.execute(
        "SELECT count(*) FROM files WHERE :named IS NULL OR name IN (SELECT value FROM json_each(:named))", named
    ).fetchone()
    passages, tokens = connection.execute(
        "SELECT count(*), coalesce(sum(tokens), 0) FROM passages WHERE :named IS NULL OR file IN "
        "(SELECT id FROM files WHERE name IN (SELECT value FROM json_each(:named)))",
        named,
    ).fetchone()
    vectors = connection.execute(
        "SELECT count(*) FROM vectors WHERE :named IS NULL OR passage IN (SELECT id FROM passages WHERE file IN "
        "(SELECT id FROM files WHERE name IN (SELECT value FROM json_each(:named)))) "
        "GROUP BY model ORDER BY 1 DESC LIMIT 1",
        named,
    ).fetchone()
    return Statistics(files=count, passages=passages, tokens=tokens, with_vectors=vectors[0] if vectors else 0)


def passage_of(row: Sequence[Any]) -> Passage:
    """The passage of its number, text, kind and place as they are stored."""
    number, text, kind, place = row
    stored: dict[str, Any] = orjson.loads(place)
    headings: list[str] = stored.pop("headings")
    return Passage(number, text, kind, Place(headings=tuple(headings), **stored))


def tokens_of(text: str) -> int:
    """About as many tokens as a text costs in a prompt: a Chinese character is one, as three Latin letters are."""
    return -(-len(text.encode()) // 3)


@contextmanager
def transaction(connection: sqlite3.Connection) -> Generator[None]:
    """All that is written inside is kept, or nothing of it."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        if connection.in_transaction:  # where the disk is full, SQLite has ended it by itself
            connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _take_out(connection: sqlite3.Connection, file: str) -> list[int]:
    gone: list[int] = []
    for (number,) in connection.execute("SELECT id FROM files WHERE name = ?", (file,)).fetchall():
        _count(connection, number, -1)
        connection.execute(
            "INSERT INTO words (words, rowid, terms, above) "
            "SELECT 'delete', id, terms, above FROM passages WHERE file = ?",
            (number,),
        )
        gone += [row for (row,) in connection.execute("SELECT id FROM passages WHERE file = ?", (number,))]
        connection.execute("DELETE FROM vectors WHERE passage IN (SELECT id FROM passages WHERE file = ?)", (number,))
        connection.execute("DELETE FROM passages WHERE file = ?", (number,))
    return gone


_Vectors = dict[tuple[str, ...], list[tuple[int, bytes]]]
"""By headings and text: for each model a vector."""


def _vectors_by_content(connection: sqlite3.Connection, file: str) -> _Vectors:
    rows = connection.execute(
        "SELECT text, place, model, vector FROM shown JOIN vectors ON vectors.passage = shown.id WHERE file = ?",
        (file,),
    )
    found: _Vectors = {}
    for text, place, model, vector in rows:
        found.setdefault((*orjson.loads(place)["headings"], text), []).append((model, vector))
    return found


def _carry(connection: sqlite3.Connection, file: int, vectors: _Vectors) -> list[int]:
    """Gives the passages of a file the vectors of their content. Returns the rows that have some now."""
    if not vectors:
        return []
    carried: list[int] = []
    for row, text, place in connection.execute(
        "SELECT id, text, place FROM passages WHERE file = ?", (file,)
    ).fetchall():
        for model, vector in vectors.get((*orjson.loads(place)["headings"], text), ()):
            connection.execute("INSERT INTO vectors (model, passage, vector) VALUES (?, ?, ?)", (model, row, vector))
            carried.append(row)
    return carried


def _count(connection: sqlite3.Connection, file: int, sign: int) -> None:
    """What a file's passages come to is added to what all do, or taken from it: a search need not add them up."""
    connection.execute(
        "UPDATE totals SET passages = totals.passages + ? * added.passages, words = totals.words + ? * added.words "
        "FROM (SELECT count(*) AS passages, coalesce(sum(length), 0) AS words FROM passages WHERE file = ?) AS added",
        (sign, sign, file),
    )


def _connect(path: Path) -> sqlite3.Connection:
    """A connection that threads may hand on to each other, one at a time."""
    connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
    connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    return connection


def _version_of(path: Path) -> int | None:
    """0 for a file that is new, None for one that no database is in."""
    with closing(_connect(path)) as connection:
        try:
            (version,) = connection.execute("PRAGMA user_version").fetchone()
        except sqlite3.OperationalError:
            raise  # locked, or not to be read: it may be whole
        except sqlite3.DatabaseError:
            return None
        return version
