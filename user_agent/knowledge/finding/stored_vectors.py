"""Vectors as the file of an index keeps them: numbers of four bytes, by model and passage."""

import sqlite3
from collections.abc import Sequence

import numpy as np
import orjson

from user_agent.knowledge.embeddings.problems import OtherLength
from user_agent.knowledge.embeddings.vectors import Vectors
from user_agent.knowledge.finding.dense import InMemory
from user_agent.knowledge.finding.tables import transaction

_NUMBER = "<f4"


def missing(connection: sqlite3.Connection, model: str, after: int, limit: int) -> list[tuple[int, str]]:
    """Passages without a vector of a model, from a row on: their rows, and what is to be embedded of each."""
    rows = connection.execute(
        """
        SELECT id, text, place FROM passages
        WHERE id > ? AND NOT EXISTS (
            SELECT 1 FROM vectors
            WHERE vectors.passage = passages.id AND vectors.model = (SELECT id FROM models WHERE name = ?)
        )
        ORDER BY id LIMIT ?
        """,
        (after, model, limit),
    )
    return [(row, "\n".join([*orjson.loads(place)["headings"], text])) for row, text, place in rows]


def store(connection: sqlite3.Connection, model: str, rows: Sequence[int], vectors: Vectors) -> list[int]:
    """Keeps vectors of a model. Returns the rows that are still there to have one. Raises `OtherLength`."""
    with transaction(connection):
        dimension = int(vectors.shape[1])
        connection.execute("INSERT OR IGNORE INTO models (name, dimension) VALUES (?, ?)", (model, dimension))
        number, length = connection.execute("SELECT id, dimension FROM models WHERE name = ?", (model,)).fetchone()
        if length != dimension:
            raise OtherLength(model)
        asked = orjson.dumps([*rows]).decode()
        found = connection.execute("SELECT id FROM passages WHERE id IN (SELECT value FROM json_each(?))", (asked,))
        there = {row for (row,) in found}
        connection.executemany(
            "INSERT OR REPLACE INTO vectors (model, passage, vector) VALUES (?, ?, ?)",
            (
                (number, row, vector.astype(_NUMBER).tobytes())
                for row, vector in zip(rows, vectors, strict=True)
                if row in there
            ),
        )
    return [row for row in rows if row in there]


def load(connection: sqlite3.Connection, model: str) -> InMemory | None:
    """All vectors of a model, ready to be searched. None where there are none."""
    found = connection.execute(
        "SELECT passage, vector FROM vectors WHERE model = (SELECT id FROM models WHERE name = ?)", (model,)
    ).fetchall()
    return InMemory(*_read(found)) if found else None


def sampled(connection: sqlite3.Connection, model: str, most: int) -> list[tuple[int, str]]:
    """The rows and texts of some passages that have a vector of a model, evenly spread."""
    return connection.execute(
        """
        WITH numbered AS (
            SELECT passage, row_number() OVER (ORDER BY passage) AS place_of, count(*) OVER () AS all_of
            FROM vectors WHERE model = (SELECT id FROM models WHERE name = ?)
        )
        SELECT id, text FROM numbered JOIN passages ON id = passage
        WHERE place_of % max(1, all_of / ?) = 0 ORDER BY id LIMIT ?
        """,
        (model, most, most),
    ).fetchall()


def vectors_of(connection: sqlite3.Connection, model: str, rows: Sequence[int]) -> tuple[list[int], Vectors] | None:
    """Those of a model that some rows have, and which rows. None where there are none."""
    found = connection.execute(
        "SELECT passage, vector FROM vectors WHERE model = (SELECT id FROM models WHERE name = ?) "
        "AND passage IN (SELECT value FROM json_each(?))",
        (model, orjson.dumps([*rows]).decode()),
    ).fetchall()
    return _read(found) if found else None


def _read(found: Sequence[tuple[int, bytes]]) -> tuple[list[int], Vectors]:
    numbers = np.frombuffer(b"".join(vector for _, vector in found), dtype=_NUMBER).astype(np.float32)
    return [row for row, _ in found], numbers.reshape(len(found), -1)


def coverage(connection: sqlite3.Connection) -> dict[str, int]:
    """How many passages have a vector, by model."""
    return dict(
        connection.execute(
            "SELECT models.name, count(*) FROM vectors JOIN models ON models.id = vectors.model GROUP BY models.id"
        ).fetchall()
    )


def forget_others(connection: sqlite3.Connection, model: str) -> None:
    """The vectors of all other models are gone."""
    with transaction(connection):
        connection.execute("DELETE FROM vectors WHERE model NOT IN (SELECT id FROM models WHERE name = ?)", (model,))
        connection.execute("DELETE FROM models WHERE name <> ?", (model,))
