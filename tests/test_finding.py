"""An agent's index: what is found by what, what is not, and what it costs to change it."""

import asyncio
import os
import sqlite3
from pathlib import Path

import pytest

from bench import knowledge as bench
from bench.retrieval import Collection, read
from bench.simulated import Simulated
from tests.knowledge import Place, files_found, opened, passages, texts_found
from user_agent.errors import StorageFailed
from user_agent.knowledge.finding.fused import FusedIndex
from user_agent.knowledge.finding.sqlite import SqliteKeeping
from user_agent.knowledge.index import Statistics
from user_agent.knowledge.pieces import Piece

DATA = Path(os.environ.get("AGENTFABRIC_TEST_DATA", "../shared/data")) / "retrieval"
FILES = {
    "hours": passages(Piece("周一闭馆，其他日子九点开门。", headings=("图书馆", "开放时间"))),
    "prices": passages("Tickets cost ten euros. Children under six enter for free."),
    "tower": passages("The television tower was built in 1969 by Hermann Henselmann. It is 368 metres high."),
    "garden": passages("植物园里有一座玻璃温室，建于1907年，里面种着睡莲。"),
    "steps": passages(
        "1. Turn the knob.\n\n2. Wait until the red light is off.", Piece("def open_door(): ...", "code")
    ),
}


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("图书馆什么时候开门？", "hours"),
        ("圖書館禮拜一開門嗎", "hours"),
        ("温室", "garden"),
        ("睡莲种在哪里", "garden"),
        ("莲", "garden"),
        ("how much is a ticket for children", "prices"),
        ("Who built the TV tower?", "tower"),
        ("building of the towers", "tower"),
        ("1969", "tower"),
        ("door", "steps"),
        ("openDoor", "steps"),
        ('red "light" OR NOT (knob*', "steps"),
    ],
)
async def test_the_right_file_comes_first(place: Place, query: str, first: str) -> None:
    async with opened(place, FILES) as index:
        assert (await files_found(index, query))[0] == first


@pytest.mark.parametrize("query", ["", "？！", "the of and", "zzz", "量子力学", '"', "什么"])
async def test_what_shares_nothing_is_not_found(place: Place, query: str) -> None:
    async with opened(place, FILES) as index:
        assert await files_found(index, query) == []


async def test_scores_are_shares_and_tell_what_fits_from_what_hardly_does(place: Place) -> None:
    async with opened(place, FILES) as index:
        whole = (await index.search("Children under six enter for free", 5)).hits[0]
        hardly = (await index.search("Do children in Norwegian kindergartens drink more milk than parents?", 5)).hits[0]
    assert (whole.file, hardly.file) == ("prices", "prices")
    assert 1 >= whole.score > 0.6
    assert 0.25 > hardly.score > 0


async def test_a_search_stays_among_the_files_that_are_named(place: Place) -> None:
    async with opened(place, FILES) as index:
        assert await files_found(index, "built 1907 1969 玻璃温室", files=["tower"]) == ["tower"]
        assert await files_found(index, "built 1907 1969 玻璃温室", files=["prices", "elsewhere"]) == []
        assert await files_found(index, "built 1907 1969 玻璃温室", files=[]) == []


async def test_a_file_is_replaced_and_removed_at_once_and_the_others_stay(place: Place) -> None:
    async with opened(place, FILES) as index:
        await index.put("tower", passages("The water tower holds 300 litres."))
        assert texts_found(await index.search("tower", 5)) == ["The water tower holds 300 litres."]
        assert await files_found(index, "Henselmann") == []
        await index.remove("tower")
        await index.remove("never there")
        assert await files_found(index, "tower") == []
        assert await files_found(index, "ticket") == ["prices"]
        assert await index.files() == FILES.keys() - {"tower"}


async def test_what_was_put_is_there_after_a_restart(place: Place) -> None:
    async with opened(place, FILES) as index:
        before = await index.search("玻璃温室", 5)
        statistics = await index.statistics()
    async with opened(place, {}) as index:
        assert await index.search("玻璃温室", 5) == before
        assert await index.statistics() == statistics
        assert statistics == Statistics(files=5, passages=6, tokens=statistics.tokens, with_vectors=0)
        assert 60 < statistics.tokens < 140


async def test_passages_come_back_whole_and_in_order(place: Place) -> None:
    pieces = [Piece(f"{'Word ' * 150}{number}.", headings=("A", "B"), page=number) for number in range(1, 8)]
    put = passages(*pieces, Piece("| a |\n|---|\n| 1 |", "table", sheet="Sheet", member="b.xlsx"))
    async with opened(place, {"file": put}) as index:
        assert await index.passages("file") == tuple(put)
        assert await index.passages("file", 2, 3) == tuple(put[2:5])
        assert await index.passages("elsewhere") == ()


async def test_searches_go_on_while_a_large_file_is_put(place: Place) -> None:
    large = passages(*(f"{'Some words of a long novel. ' * 20}{number}" for number in range(300)))
    async with opened(place, FILES) as index:
        putting = asyncio.create_task(index.put("novel", large))
        while not putting.done():
            assert await files_found(index, "ticket") == ["prices"]
        await putting
        assert (await files_found(index, "novel 299"))[0] == "novel"


async def test_a_damaged_or_foreign_file_is_begun_anew(tmp_path: Path) -> None:
    (tmp_path / "damaged").write_bytes(b"not a database at all" * 100)
    with sqlite3.connect(tmp_path / "foreign") as connection:
        connection.execute("PRAGMA user_version = 77")
    connection.close()
    for name in ("damaged", "foreign"):
        async with opened(lambda name: SqliteKeeping(tmp_path / name), {}, name) as index:
            assert await index.files() == frozenset()
            await index.put("a", passages("Tickets cost ten euros."))
            assert await files_found(index, "ticket") == ["a"]


async def test_a_file_that_cannot_be_written_is_told_and_nothing_has_changed(tmp_path: Path) -> None:
    kept = SqliteKeeping(tmp_path / "index")
    async with opened(lambda _: kept, FILES) as index:
        other = sqlite3.connect(tmp_path / "index", isolation_level=None)
        (most,) = other.execute("PRAGMA page_count").fetchone()
        other.close()
        await kept.writing.take(lambda connection: connection.execute(f"PRAGMA max_page_count = {most}"))
        with pytest.raises(StorageFailed, match="full"):
            await index.put("tower", passages(*(f"{'Very many words. ' * 60}{number}" for number in range(200))))
        assert await files_found(index, "Henselmann") == ["tower"]


async def test_a_closed_index_says_so(place: Place) -> None:
    index = FusedIndex(place("index"))
    await index.close()
    with pytest.raises(RuntimeError, match="closed"):
        await index.search("anything", 5)


@pytest.mark.skipif(
    not DATA.is_dir(), reason=f"{DATA} is not here; point AGENTFABRIC_TEST_DATA at the folder with the test data"
)
@pytest.mark.parametrize(("language", "first", "near"), [("zh", 98, 99.3), ("en", 84, 96.5)])
async def test_the_right_passage_is_found(language: str, first: float, near: float) -> None:
    collection = read(DATA / language)
    async with bench.indexed(collection) as index:
        ranks = await bench.ranks(index, collection.questions)
    assert bench.share(ranks, 1) >= first
    assert bench.share(ranks, 5) >= near


@pytest.mark.skipif(
    not DATA.is_dir(), reason=f"{DATA} is not here; point AGENTFABRIC_TEST_DATA at the folder with the test data"
)
async def test_vectors_that_know_nothing_or_mislead_cost_nothing_and_those_that_know_something_help() -> None:
    collection = read(DATA / "en")
    questions = collection.questions[::5]
    first: dict[str, float] = {}
    for name, embedders in {
        "words": [],
        "nothing": [Simulated(collection, 0.0)],
        "misled": [Misled(collection)],
        "something": [Simulated(collection, 0.2)],
    }.items():
        async with bench.indexed(collection, *embedders) as index:
            first[name] = bench.share(await bench.ranks(index, questions), 1)
            found = await index.search(questions[0].text, 1)
            assert found.engine == ("hybrid" if name == "something" else "lexical")
            assert (found.problem is None) == (name in ("words", "something"))
    assert first["nothing"] == first["misled"] == first["words"]
    assert first["something"] > first["words"] + 1


class Misled(Simulated):
    """A model for another language: sure of itself, and of the wrong passage."""

    def __init__(self, collection: Collection) -> None:
        super().__init__(collection, 1.0)

    def _right_of(self, text: str) -> str:
        return "one passage" if not super()._right_of(text) else self._texts[3]
