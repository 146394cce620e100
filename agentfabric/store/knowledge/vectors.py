"""Finding by meaning in PostgreSQL: pgvector compares, so nothing but a sample of the vectors is in memory."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson
from sqlalchemy.orm import Session

from agentfabric.store.database import Database
from agentfabric.store.knowledge.tables import locked, number_of, sql, vectors_table
from agentfabric.store.knowledge.writing import add_to_count
from user_agent.knowledge.embeddings.problems import OtherLength
from user_agent.knowledge.embeddings.vectors import Vectors
from user_agent.knowledge.finding.standing import NEAREST, SAMPLE, sample_of

EXACT = 20_000
"""Up to so many vectors each is compared. Then an HNSW index is made, which those that come later are added to: so
nobody waits for minutes until a large one is made."""
MOST_INDEXED = 2_000
"""Longer vectors pgvector has no index for, and a row has no room for in its page: each is compared."""
_LOOKED_AT = 200
"""So many neighbours the index looks at."""
_LOOKED_AT_AMONG = 1_000
"""The same where only some files count: what it finds of others is left out."""
# Evenly spread over the rows: there are numbers between that other collections have.
_EVENLY = """(
    SELECT DISTINCT near.passage
    FROM (SELECT min(passage) AS first, max(passage) AS last FROM <vectors>) AS ends,
    generate_series(first, last, greatest(1, (last - first) / :most)) AS wanted (passage),
    LATERAL (SELECT passage FROM <vectors> WHERE passage >= wanted.passage ORDER BY passage LIMIT 1) AS near
)"""


@dataclass(frozen=True, slots=True)
class Model:
    """The vectors of one model over one collection."""

    id: int
    dimension: int
    vectors: int

    @property
    def table(self) -> str:
        return vectors_table(self.id)


def model_of(session: Session, collection: int | None, name: str) -> Model | None:
    row = session.execute(
        sql("SELECT id, dimension, vectors FROM fabric_knowledge.models WHERE collection = :of AND name = :name"),
        {"of": collection, "name": name},
    ).first()
    return Model(*row) if row else None


def made(session: Session, collection: int, name: str, dimension: int) -> Model:
    """A model of a collection that had none of its vectors yet."""
    added = (
        "INSERT INTO fabric_knowledge.models (collection, name, dimension) VALUES (:of, :name, :dimension) RETURNING id"
    )
    id: int = session.execute(sql(added), {"of": collection, "name": name, "dimension": dimension}).scalar_one()
    model = Model(id, dimension, 0)
    session.execute(
        sql(
            "CREATE TABLE <vectors> (passage bigint PRIMARY KEY, vector vector(<length>) NOT NULL)",
            length=str(dimension),
            vectors=model.table,
        )
    )
    if dimension <= MOST_INDEXED:
        # In its row, and not beside the table, where each costs a look of its own.
        session.execute(sql("ALTER TABLE <vectors> ALTER COLUMN vector SET STORAGE PLAIN", vectors=model.table))
    return model


def missing(session: Session, name: str, model_name: str, after: int, limit: int) -> list[tuple[int, str]]:
    """Passages without a vector of a model, from a row on: their rows, and what is to be embedded of each."""
    collection = number_of(session, name)
    model = model_of(session, collection, model_name)
    having = "AND NOT EXISTS (SELECT 1 FROM <vectors> WHERE passage = passages.id)" if model else ""
    rows = session.execute(
        sql(
            """
            SELECT id, text, place FROM fabric_knowledge.passages WHERE collection = :of AND id > :after <having>
            ORDER BY id LIMIT :limit
        """,
            having=having,
            vectors=model.table if model else "",
        ),
        {"of": collection, "after": after, "limit": limit},
    )
    return [(id, "\n".join([*orjson.loads(place)["headings"], words])) for id, words, place in rows]


def store(session: Session, name: str, model_name: str, rows: Sequence[int], vectors: Vectors) -> list[int]:
    """Keeps vectors of a model. Returns the rows that are still there to have one. Raises `OtherLength`."""
    collection = locked(session, name)
    model = model_of(session, collection, model_name)
    model = model or made(session, collection, model_name, int(vectors.shape[1]))
    if model.dimension != vectors.shape[1]:
        raise OtherLength(model_name)
    stored = session.execute(
        sql(
            """
            INSERT INTO <vectors> (passage, vector)
            SELECT passages.id, CAST(new.vector AS vector)
            FROM unnest(CAST(:rows AS bigint[]), CAST(:vectors AS text[])) AS new (passage, vector)
            JOIN fabric_knowledge.passages ON passages.id = new.passage AND passages.collection = :of
            ON CONFLICT (passage) DO UPDATE SET vector = excluded.vector
            RETURNING passage, xmax = 0
        """,
            vectors=model.table,
        ),
        {"of": collection, "rows": [*rows], "vectors": [written(vector) for vector in vectors]},
    ).all()
    add_to_count(session, model.id, sum(is_new for _, is_new in stored))
    there = {row for row, _ in stored}
    return [row for row in rows if row in there]


def ensure_index(session: Session, name: str, model_name: str) -> None:
    """Where there are many vectors by now, they are given an index."""
    model = model_of(session, number_of(session, name), model_name)
    if model and model.vectors > EXACT and model.dimension <= MOST_INDEXED:
        session.execute(
            sql(
                "CREATE INDEX IF NOT EXISTS <index> ON <vectors> USING hnsw (vector vector_ip_ops)",
                index=f"nearest_{model.id}",
                vectors=model.table,
            )
        )


def sampled(session: Session, name: str, model_name: str, most: int) -> list[tuple[int, str]]:
    """The rows and texts of some passages that have a vector of a model, evenly spread."""
    model = model_of(session, number_of(session, name), model_name)
    if model is None:
        return []
    chosen = "SELECT id, text FROM fabric_knowledge.passages JOIN <chosen> AS chosen ON passage = id ORDER BY id"
    found = session.execute(sql(chosen, chosen=_EVENLY, vectors=model.table), {"most": most - 1})
    return [(row, words) for row, words in found]


def vectors_of(session: Session, name: str, model_name: str, rows: Sequence[int]) -> tuple[list[int], Vectors] | None:
    """Those of a model that some rows have, and which rows. None where there are none."""
    model = model_of(session, number_of(session, name), model_name)
    if model is None:
        return None
    found = session.execute(
        sql("SELECT passage, CAST(vector AS text) FROM <vectors> WHERE passage = ANY(:rows)", vectors=model.table),
        {"rows": [*rows]},
    ).all()
    return ([row for row, _ in found], _read([vector for _, vector in found])) if found else None


def coverage(session: Session, name: str) -> dict[str, int]:
    """How many passages have a vector, by model."""
    rows = session.execute(
        sql("SELECT name, vectors FROM fabric_knowledge.models WHERE collection = :of"),
        {"of": number_of(session, name)},
    )
    return {model: vectors for model, vectors in rows}


def forget_others(session: Session, name: str, model_name: str) -> None:
    """The vectors of all other models are gone."""
    asked = {"of": locked(session, name), "name": model_name}
    others = "FROM fabric_knowledge.models WHERE collection = :of AND name <> :name"
    for model in session.scalars(sql("SELECT id <others>", others=others), asked).all():
        session.execute(sql("DROP TABLE <vectors>", vectors=vectors_table(model)))
    session.execute(sql("DELETE <others>", others=others), asked)


class InDatabase:
    """A `Dense` whose vectors stay where they are kept."""

    def __init__(self, database: Database, model: Model, sample: Vectors) -> None:
        self._database = database
        self._model = model
        self.sample = sample
        self.dimension = model.dimension

    async def count(self) -> int:
        asked = sql("SELECT vectors FROM fabric_knowledge.models WHERE id = :model")
        return await self._database.read(lambda session: session.scalar(asked, {"model": self._model.id}) or 0)

    async def add(self, rows: Sequence[int], vectors: Vectors) -> None:
        if len(self.sample) < SAMPLE:
            self.sample = sample_of(np.concatenate([self.sample, vectors]))

    async def remove(self, rows: Collection[int]) -> None:
        """They went with their passages."""

    async def near(self, vector: Vectors, others: Collection[int], among: Collection[int] | None) -> dict[int, float]:
        return await self._database.read(lambda session: _near(session, self._model, vector, others, among))


def load(session: Session, database: Database, name: str, model_name: str) -> InDatabase | None:
    """All vectors of a model, ready to be searched. None where there are none."""
    model = model_of(session, number_of(session, name), model_name)
    if model is None or not model.vectors:
        return None
    found = session.scalars(
        sql(
            "SELECT CAST(vector AS text) FROM <chosen> AS chosen JOIN <vectors> USING (passage) ORDER BY passage",
            chosen=_EVENLY,
            vectors=model.table,
        ),
        {"most": SAMPLE - 1},
    ).all()
    return InDatabase(database, model, sample_of(_read(found)))


def _near(
    session: Session, model: Model, vector: Vectors, others: Collection[int], among: Collection[int] | None
) -> dict[int, float]:
    """The nearest passages, and the others, with their similarity."""
    if among is None:
        scope, source = "", "<vectors>"
    elif len(among) <= EXACT:
        # Kept apart, so that all of them are compared and not what the index finds.
        scope = "WITH few AS MATERIALIZED (SELECT passage, vector FROM <vectors> WHERE passage = ANY(:among))"
        source = "few"
    else:
        scope, source = "", "(SELECT passage, vector FROM <vectors> WHERE passage = ANY(:among)) AS several"
    looked_at = _LOOKED_AT if among is None else _LOOKED_AT_AMONG
    settings = "SELECT set_config('jit', 'off', true), set_config('hnsw.ef_search', :looked_at, true)"
    session.execute(sql(settings), {"looked_at": str(looked_at)})
    asked: dict[str, Any] = {"vector": written(vector), "others": [*others], "nearest": NEAREST}
    if among is not None:
        asked["among"] = [*among]
    rows = session.execute(
        sql(
            """
            <scope>
            (
                SELECT passage, -(vector <#> CAST(:vector AS vector)) FROM <source>
                ORDER BY vector <#> CAST(:vector AS vector) LIMIT :nearest
            ) UNION (
                SELECT passage, -(vector <#> CAST(:vector AS vector)) FROM <vectors> WHERE passage = ANY(:others)
            )
        """,
            scope=scope,
            source=source,
            vectors=model.table,
        ),
        asked,
    )
    return {row: similarity for row, similarity in rows}


def written(vector: Vectors) -> str:
    return orjson.dumps(np.ascontiguousarray(vector), option=orjson.OPT_SERIALIZE_NUMPY).decode()


def _read(written: Sequence[str]) -> Vectors:
    return np.asarray([orjson.loads(one) for one in written], dtype=np.float32)
