"""The tables of all indexes in PostgreSQL, in a schema of their own: what is in them can be made again from the files.

Indexes share them, each row with the number of its collection. The full-text index has that number before each word,
so that a search reads what its own collection has of a word and nothing of others. Vectors of one collection by one
model are a table of their own, for they have their length, are searched alone, and go together.
"""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Row, TextClause, text
from sqlalchemy.orm import Session

from user_agent.knowledge.finding.reading import READING
from user_agent.knowledge.finding.tables import passage_of
from user_agent.knowledge.index import Statistics
from user_agent.knowledge.passages import Passage

SCHEMA = "fabric_knowledge"
_LAYOUT = 1
"""Raised when the tables change. Those of another version are made anew; whoever fills them sees what is missing."""
_VERSION = _LAYOUT * 1_000 + READING
_LOCK = 0x41674662  # any number that nobody else locks
_DROPPED_AT_A_TIME = 200
"""A transaction has room for so many locks, and each table takes several."""

_TABLES = """
CREATE SCHEMA fabric_knowledge;
CREATE TABLE fabric_knowledge.about (version integer NOT NULL);
CREATE TABLE fabric_knowledge.collections (
    id serial PRIMARY KEY,
    name text NOT NULL UNIQUE,
    passages bigint NOT NULL DEFAULT 0,
    words bigint NOT NULL DEFAULT 0,
    tokens bigint NOT NULL DEFAULT 0
);
CREATE TABLE fabric_knowledge.files (
    id bigserial PRIMARY KEY, collection integer NOT NULL, name text NOT NULL, UNIQUE (collection, name)
);
CREATE TABLE fabric_knowledge.passages (
    id bigserial PRIMARY KEY,
    collection integer NOT NULL,
    file bigint NOT NULL,
    number integer NOT NULL,
    text text NOT NULL,
    kind text NOT NULL,
    place text NOT NULL,
    tokens integer NOT NULL,
    terms text NOT NULL,
    above text NOT NULL,
    UNIQUE (file, number)
);
CREATE INDEX passages_of_collections ON fabric_knowledge.passages (collection, id);
CREATE TABLE fabric_knowledge.words (
    passage bigint PRIMARY KEY, collection integer NOT NULL, length integer NOT NULL, words tsvector NOT NULL
) WITH (toast_tuple_target = 8160);
CREATE INDEX words_found ON fabric_knowledge.words USING gin (words) WITH (fastupdate = off);
CREATE TABLE fabric_knowledge.vocabulary (
    collection integer NOT NULL, term text COLLATE "C" NOT NULL, doc integer NOT NULL, PRIMARY KEY (collection, term)
);
CREATE TABLE fabric_knowledge.models (
    id serial PRIMARY KEY,
    collection integer NOT NULL,
    name text NOT NULL,
    dimension integer NOT NULL,
    vectors bigint NOT NULL DEFAULT 0,
    UNIQUE (collection, name)
)
"""


def sql(statement: str, **names: str) -> TextClause:
    """A statement, with `names` of tables, which were made here, in the place of `<their keys>`."""
    for key, name in names.items():
        statement = statement.replace(f"<{key}>", name)
    return text(statement)


def prepare(session: Session) -> bool:
    """Makes the tables where they are missing. Returns False where more of another version are to be dropped first."""
    session.execute(sql("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    if session.scalar(sql("SELECT to_regclass(:name)"), {"name": "fabric_knowledge.about"}) is not None:
        if session.scalar(sql("SELECT version FROM fabric_knowledge.about")) == _VERSION:
            return True
        named = "SELECT tablename FROM pg_tables WHERE schemaname = :schema AND tablename LIKE 'vectors%' LIMIT :limit"
        old = session.scalars(sql(named), {"schema": SCHEMA, "limit": _DROPPED_AT_A_TIME}).all()
        for name in old:
            session.execute(sql("DROP TABLE <table>", table=f"{SCHEMA}.{name}"))
        if old:
            return False
        session.execute(sql("DROP SCHEMA fabric_knowledge CASCADE"))
    for statement in _TABLES.split(";"):
        session.execute(sql(statement))
    session.execute(sql("INSERT INTO fabric_knowledge.about VALUES (:version)"), {"version": _VERSION})
    return True


def number_of(session: Session, name: str) -> int | None:
    """The number of a collection. None while nothing was put into it."""
    return session.scalar(sql("SELECT id FROM fabric_knowledge.collections WHERE name = :name"), {"name": name})


def locked(session: Session, name: str) -> int:
    """The number of a collection, which nobody else changes until the transaction ends. Made where it is new."""
    session.execute(
        sql("INSERT INTO fabric_knowledge.collections (name) VALUES (:name) ON CONFLICT DO NOTHING"), {"name": name}
    )
    found = session.scalar(
        sql("SELECT id FROM fabric_knowledge.collections WHERE name = :name FOR UPDATE"), {"name": name}
    )
    if found is None:
        raise RuntimeError("a collection went while it was being made")
    return found


def erase(session: Session, name: str) -> None:
    """A collection is gone, with its vectors."""
    collection = number_of(session, name)
    if collection is None:
        return
    locked(session, name)
    for model in session.scalars(
        sql("SELECT id FROM fabric_knowledge.models WHERE collection = :of"), {"of": collection}
    ):
        session.execute(sql("DROP TABLE <vectors>", vectors=vectors_table(model)))
    for table in ("models", "vocabulary", "words", "passages", "files"):
        session.execute(
            sql("DELETE FROM <table> WHERE collection = :of", table=f"{SCHEMA}.{table}"), {"of": collection}
        )
    session.execute(sql("DELETE FROM fabric_knowledge.collections WHERE id = :of"), {"of": collection})


def vectors_table(model: int) -> str:
    return f"{SCHEMA}.vectors_{model}"


def passages_of(session: Session, name: str, file: str, start: int, limit: int) -> tuple[Passage, ...]:
    rows = session.execute(
        sql("""
            SELECT number, text, kind, place FROM fabric_knowledge.passages
            WHERE file = (
                SELECT files.id FROM fabric_knowledge.files
                JOIN fabric_knowledge.collections ON collections.id = files.collection
                WHERE collections.name = :name AND files.name = :file
            ) AND number >= :start
            ORDER BY number LIMIT :limit
        """),
        {"name": name, "file": file, "start": start, "limit": limit},
    )
    return tuple(passage_of(_plain(row)) for row in rows)


def files_of(session: Session, name: str) -> frozenset[str]:
    found = session.scalars(
        sql("""
            SELECT files.name FROM fabric_knowledge.files
            JOIN fabric_knowledge.collections ON collections.id = files.collection WHERE collections.name = :name
        """),
        {"name": name},
    )
    return frozenset(found)


def statistics_of(session: Session, name: str, files: Collection[str] | None) -> Statistics:
    """How much there is; of `files` alone where they are named."""
    if files is not None:
        return _statistics_among(session, number_of(session, name), files)
    row = session.execute(
        sql("""
            SELECT
                (SELECT count(*) FROM fabric_knowledge.files WHERE collection = collections.id),
                passages,
                tokens,
                coalesce((SELECT max(vectors) FROM fabric_knowledge.models WHERE collection = collections.id), 0)
            FROM fabric_knowledge.collections WHERE name = :name
        """),
        {"name": name},
    ).first()
    return Statistics(*row) if row else Statistics(files=0, passages=0, tokens=0, with_vectors=0)


def _statistics_among(session: Session, collection: int | None, files: Collection[str]) -> Statistics:
    asked = {"of": collection, "files": [*files]}
    among = "JOIN fabric_knowledge.files ON files.id = file WHERE files.collection = :of AND files.name = ANY(:files)"
    count, passages, tokens = session.execute(
        sql(
            """
            SELECT
                (SELECT count(*) FROM fabric_knowledge.files WHERE collection = :of AND name = ANY(:files)),
                count(*),
                coalesce(sum(tokens), 0)
            FROM fabric_knowledge.passages <among>
            """,
            among=among,
        ),
        asked,
    ).one()
    models = session.scalars(sql("SELECT id FROM fabric_knowledge.models WHERE collection = :of"), asked)
    having = "SELECT count(*) FROM <vectors> JOIN fabric_knowledge.passages ON passages.id = passage <among>"
    vectors = [
        session.scalar(sql(having, vectors=vectors_table(model), among=among), asked) or 0 for model in models.all()
    ]
    return Statistics(files=count, passages=passages, tokens=tokens, with_vectors=max(vectors, default=0))


def _plain(row: Row[Any]) -> Sequence[Any]:
    return tuple(row)


def rows_among(session: Session, collection: int, files: Collection[str]) -> list[int]:
    """The rows of all passages of files."""
    found = session.scalars(
        sql("""
            SELECT passages.id FROM fabric_knowledge.passages JOIN fabric_knowledge.files ON files.id = passages.file
            WHERE files.collection = :of AND files.name = ANY(:files)
        """),
        {"of": collection, "files": [*files]},
    )
    return [*found]
