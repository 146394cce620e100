"""Vectors in memory: few are compared one by one, more are rounded, very many are looked at by heaps."""

from collections.abc import Iterable

import numpy as np
import pytest

from bench.vectors import drawn
from user_agent.knowledge.embeddings.vectors import unit_vectors
from user_agent.knowledge.finding import dense
from user_agent.knowledge.finding.dense import InMemory

COUNT = 3_000


@pytest.mark.parametrize(
    ("exact", "clustered", "found_again"),
    [(COUNT, COUNT, 1.0), (100, COUNT, 0.98), (100, 200, 0.9)],
    ids=["each", "rounded", "by heaps"],
)
@pytest.mark.filterwarnings("ignore:builtin type .* has no __module__ attribute:DeprecationWarning")
async def test_the_nearest_are_found_among_what_is_there(
    monkeypatch: pytest.MonkeyPatch, exact: int, clustered: int, found_again: float
) -> None:
    monkeypatch.setattr(dense, "EXACT", exact)
    monkeypatch.setattr(dense, "CLUSTERED", clustered)
    monkeypatch.setattr(dense, "HEAPS", 16)
    monkeypatch.setattr(dense, "LOOKED_AT", 4)
    vectors = drawn(COUNT, 5, centres=40)
    numbers = [7 * row for row in range(COUNT)]
    index = InMemory(numbers[:-1], vectors[:-1])
    await index.add(numbers[-1:], vectors[-1:])
    assert await index.count() == COUNT
    shift = np.random.default_rng(9).standard_normal((COUNT // 50, vectors.shape[1]), dtype=np.float32)
    moved = unit_vectors([*(vectors[::50] + 0.02 * shift)])
    recalled: list[float] = []
    for question in moved:
        nearest = np.argsort(-(vectors @ question))[:10]
        found = await index.near(question, [], None)
        recalled.append(len({7 * int(row) for row in nearest} & _best(found, 12)) / 10)
    assert sum(recalled) / len(recalled) >= found_again
    # What words found counts, too, wherever it lies; what is unknown does not.
    assert (await index.near(moved[0], [7, 8], None))[7] == pytest.approx(float(vectors[1] @ moved[0]), abs=0.01)
    assert 8 not in await index.near(moved[0], [7, 8], None)
    assert {*await index.near(moved[0], [], [14, 21, 28])} == {14, 21, 28}
    await index.remove([0, 5_000_000])
    assert await index.count() == COUNT - 1
    assert 0 not in await index.near(moved[0], [0], None)


def _best(found: dict[int, float], most: int) -> set[int]:
    best: Iterable[int] = sorted(found, key=lambda row: -found[row])[:most]
    return {*best}
