"""How quickly the nearest of very many vectors are found, and the room they take: simulated, 384 numbers each.

    python -m bench.vectors [--vectors 1000000] [--postgresql postgresql+psycopg://…]

In memory (FAISS, as beside SQLite), or in a PostgreSQL with pgvector, whose table and index are made at once and
dropped afterwards. The vectors are drawn around 2,000 centres, as those of texts lie around what they are about; a
question is a vector among them, moved. Recall is the share of the ten nearest, compared one by one, that are found.
"""

import argparse
import asyncio
import os
import random
import resource
import time
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
from sqlalchemy import text

from agentfabric.store.database import Database
from agentfabric.store.knowledge import tables
from agentfabric.store.knowledge import vectors as in_postgresql
from user_agent.knowledge.embeddings.vectors import Vectors, unit_vectors
from user_agent.knowledge.finding.dense import InMemory
from user_agent.knowledge.finding.keeping import Dense
from user_agent.knowledge.finding.standing import NEAREST

DIMENSION = 384
AT_A_TIME = 50_000
QUESTIONS = 200
_APART = 0.8
"""How far texts about the same are from its centre, beside a centre's own length of 1."""


def drawn(count: int, seed: int, centres: int = 2_000) -> Vectors:
    """So many vectors: others for every seed, around the same centres."""
    middles = np.random.default_rng(1).standard_normal((centres, DIMENSION), dtype=np.float32)
    draw = np.random.default_rng(seed)
    about = draw.integers(centres, size=count)
    return unit_vectors(middles[about] + _APART * draw.standard_normal((count, DIMENSION), dtype=np.float32))


def batches(count: int) -> Iterator[tuple[int, Vectors]]:
    """All of them, with the number of the first of each batch."""
    for first in range(0, count, AT_A_TIME):
        yield first, drawn(min(AT_A_TIME, count - first), 100 + first)


@asynccontextmanager
async def in_memory(count: int) -> AsyncGenerator[Dense]:
    before, started = _resident(), time.perf_counter()
    everything = np.empty((count, DIMENSION), dtype=np.float32)
    for first, vectors in batches(count):
        everything[first : first + len(vectors)] = vectors
    started = time.perf_counter()
    dense = InMemory(range(count), everything)
    made_s = time.perf_counter() - started
    del everything
    each = (_resident() - before) / count
    print(f"| made | {made_s:.0f} s |\n| memory for each | {each:,.0f} bytes |")
    yield dense


@asynccontextmanager
async def in_database(url: str, count: int) -> AsyncGenerator[Dense]:
    database = Database(url)
    await database.open()
    while not await database.write(tables.prepare):
        pass
    await database.write(lambda session: session.execute(text("CREATE EXTENSION IF NOT EXISTS vector")))
    await database.write(lambda session: tables.erase(session, "bench"))
    model = await database.write(
        lambda session: in_postgresql.made(session, tables.locked(session, "bench"), "bench", DIMENSION)
    )
    copied = f"COPY {model.table} (passage, vector) FROM STDIN"
    filled_s = 0.0
    for first, vectors in batches(count):
        lines = [f"{first + at}\t{in_postgresql.written(vector)}" for at, vector in enumerate(vectors)]
        started = time.perf_counter()
        await database.write(lambda session, lines=lines: _copy(session, copied, lines))
        filled_s += time.perf_counter() - started
    started = time.perf_counter()
    counted = text("UPDATE fabric_knowledge.models SET vectors = :count WHERE id = :id")
    await database.write(lambda session: session.execute(counted, {"count": count, "id": model.id}))
    await database.write(lambda session: _index(session))
    made_s = time.perf_counter() - started
    size = text("SELECT pg_table_size(CAST(:table AS regclass)), pg_indexes_size(CAST(:table AS regclass))")
    of_table, of_indexes = await database.read(lambda session: session.execute(size, {"table": model.table}).one())
    print(f"| filled | {filled_s:.0f} s |\n| HNSW index made, on two processors | {made_s:.0f} s |")
    print(f"| on disk for each: table, indexes | {of_table / count:,.0f} and {of_indexes / count:,.0f} bytes |")
    dense = await database.read(lambda session: in_postgresql.load(session, database, "bench", "bench"))
    if dense is None:
        raise SystemExit("no vectors were kept")
    yield dense
    await database.write(lambda session: tables.erase(session, "bench"))
    await database.close()


def _copy(session, statement: str, lines: list[str]) -> None:
    with session.connection().connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.write("\n".join(lines) + "\n")


def _index(session) -> None:
    session.execute(text("SET LOCAL maintenance_work_mem = '3GB'"))
    session.execute(text("SET LOCAL max_parallel_maintenance_workers = 1"))
    in_postgresql.ensure_index(session, "bench", "bench")


async def measured(dense: Dense, count: int) -> None:
    questions = unit_vectors(
        drawn(QUESTIONS, 100)[:QUESTIONS] + 0.02 * np.random.default_rng(9).standard_normal((QUESTIONS, DIMENSION))
    )
    exact = _exact(questions, count)
    taken: list[float] = []
    first: list[bool] = []
    recalled: list[float] = []
    for question, nearest in zip(questions, exact, strict=True):
        others = random.Random(3).sample(range(count), NEAREST)  # what words found
        started = time.perf_counter()
        found = await dense.near(question, others, None)
        taken.append(time.perf_counter() - started)
        first.append(nearest[0] in found)
        recalled.append(len({*nearest} & {*found}) / len(nearest))
    taken.sort()
    print(f"| query p50 | {1000 * taken[QUESTIONS // 2]:.1f} ms |")
    print(f"| query p95 | {1000 * taken[QUESTIONS * 19 // 20]:.1f} ms |")
    print(f"| the very nearest is found | {100 * sum(first) / QUESTIONS:.1f} % |")
    print(f"| recall of the ten nearest | {100 * sum(recalled) / QUESTIONS:.1f} % |")


def _exact(questions: Vectors, count: int, most: int = 10) -> list[list[int]]:
    best: list[list[tuple[float, int]]] = [[] for _ in questions]
    for first, vectors in batches(count):
        near = questions @ vectors.T
        for at, places in enumerate(np.argpartition(-near, most, axis=1)[:, :most]):
            best[at] = sorted([*best[at], *((-float(near[at, place]), first + int(place)) for place in places)])[:most]
    return [[row for _, row in found] for found in best]


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * resource.getpagesize()


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--vectors", type=int, default=1_000_000)
    parser.add_argument("--postgresql", metavar="URL")
    given = parser.parse_args()
    print(f"{given.vectors:,} vectors\n\n| what | measured |\n|---|---|")
    opened = in_database(given.postgresql, given.vectors) if given.postgresql else in_memory(given.vectors)
    async with opened as dense:
        await measured(dense, given.vectors)


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    asyncio.run(main())
