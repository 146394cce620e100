"""Finding by meaning: embeddings and rerankers over their wires, and what stays where they fail."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from pydantic import SecretStr

from tests.fakes.embedding_server import KEY, FakeEmbeddings
from tests.knowledge import Place, files_found, passages
from user_agent.errors import ModelError
from user_agent.knowledge.embeddings.base import Embedder
from user_agent.knowledge.embeddings.opening import open_embedder, open_reranker
from user_agent.knowledge.finding.fused import FusedIndex
from user_agent.models.entry import ModelEntry
from user_agent.runtime import ModelClients

Indexes = Callable[..., FusedIndex]
FILES = {
    "garage": passages("We repair every automobile within a week."),
    "surgery": passages("The physician sees patients from nine to noon."),
    "kennel": passages("A hound sleeps in the yard."),
    "shop": passages("The fee is printed on the label."),
    **{f"other {number}": passages(f"Entirely different things, number {number}.") for number in range(20)},
}


@pytest.fixture
async def server() -> AsyncIterator[FakeEmbeddings]:
    async with FakeEmbeddings() as server:
        yield server


@pytest.fixture
async def clients() -> AsyncIterator[ModelClients]:
    async with ModelClients() as clients:
        yield clients


@pytest.fixture
async def indexes(place: Place) -> AsyncIterator[Indexes]:
    """Makes indexes at one place, and closes them."""
    made: list[FusedIndex] = []

    def make(*embedders: Embedder, **more: Any) -> FusedIndex:
        made.append(FusedIndex(place("index"), embedders=embedders, **more))
        return made[-1]

    yield make
    for index in made:
        await index.close()


def entry(server: FakeEmbeddings, **fields: Any) -> ModelEntry:
    given = {"kind": "embedding", "model": "embed", "api_base": f"{server.origin}/v1", "retry_for_s": 0, **fields}
    return ModelEntry.model_validate({"display_key": "mine", **given})


def embedder(clients: ModelClients, server: FakeEmbeddings, **fields: Any) -> Embedder:
    return open_embedder(clients, entry(server, **fields), SecretStr(fields.get("key", KEY)))


async def filled(index: FusedIndex) -> FusedIndex:
    for file, found in FILES.items():
        await index.put(file, found)
    return index


@pytest.mark.parametrize(
    ("fields", "path", "batches"),
    [
        ({}, "/v1/embeddings", [32, 32, 6]),
        ({"batch": 50}, "/v1/embeddings", [50, 20]),
        (
            {"type": "dashscope", "api_base": "/api/v1"},
            "/api/v1/services/embeddings/text-embedding/text-embedding",
            [10] * 7,
        ),
        (
            {"type": "dashscope", "api_base": "/api/v1", "model": "text-embedding-v2"},
            "/api/v1/services/embeddings/text-embedding/text-embedding",
            [25, 25, 20],
        ),
        ({"type": "dashscope", "api_base": "/compatible-mode/v1"}, "/compatible-mode/v1/embeddings", [10] * 7),
    ],
    ids=["OpenAI", "a batch of one's own", "DashScope", "an older model", "DashScope, compatible"],
)
async def test_texts_go_out_in_batches_and_vectors_come_back_in_order(
    server: FakeEmbeddings, clients: ModelClients, fields: dict[str, Any], path: str, batches: list[int]
) -> None:
    if "api_base" in fields:
        fields = {**fields, "api_base": server.origin + fields["api_base"]}
    texts = [f"text {number}" for number in range(70)]
    model = embedder(clients, server, **fields)
    if path.startswith("/compatible"):
        with pytest.raises(ModelError):  # the fake does not speak there: what counts is what was asked
            await model.embed(texts, "document")
        sizes = [len(asked.body["input"]) for asked in server.requests]
        assert {asked.path for asked in server.requests} == {path}
        assert set(sizes) == {10}
        return
    vectors = await model.embed(texts, "document")
    alone = [(await model.embed([text], "document"))[0] for text in ("text 0", "text 69")]
    assert vectors.shape == (70, 64)
    assert [float(vectors[0] @ alone[0]), float(vectors[69] @ alone[1])] == pytest.approx([1, 1], abs=1e-5)
    native = "api/v1" in path
    sent = [asked.body["input"]["texts"] if native else asked.body["input"] for asked in server.requests[:-2]]
    assert sorted(map(len, sent), reverse=True) == sorted(batches, reverse=True)
    assert {asked.path for asked in server.requests} == {path}
    if native:
        await model.embed(["why?"], "query")
        kinds = [asked.body["parameters"]["text_type"] for asked in server.requests]
        assert (kinds[0], kinds[-1]) == ("document", "query")


async def test_a_length_of_vectors_that_the_entry_names_is_asked_for(
    server: FakeEmbeddings, clients: ModelClients
) -> None:
    assert (await embedder(clients, server, dimension=16).embed(["a"], "query")).shape == (1, 16)
    assert server.requests[-1].body["dimensions"] == 16


async def test_what_words_miss_is_found_by_meaning_and_is_so_after_a_restart(
    server: FakeEmbeddings, clients: ModelClients, indexes: Indexes
) -> None:
    index = await filled(indexes(embedder(clients, server)))
    for query, file in {"轿车": "garage", "Where is the doctor?": "surgery", "dogs": "kennel"}.items():
        found = await index.search(query, 3)
        assert (found.engine, found.problem) == ("hybrid", None)
        assert found.hits[0].file == file
    assert (await index.statistics()).with_vectors == 24
    documents = len(server.texts())
    again = indexes(embedder(clients, server))
    assert (await again.search("轿车", 3)).hits[0].file == "garage"
    assert len(server.texts()) == documents + 1


async def test_meaning_stays_within_the_files_that_are_named_and_forgets_what_is_removed(
    server: FakeEmbeddings, clients: ModelClients, indexes: Indexes
) -> None:
    index = await filled(indexes(embedder(clients, server)))
    assert "garage" not in await files_found(index, "轿车", files=["kennel", "shop"])
    assert await files_found(index, "轿车", files=["garage", "shop"]) == ["garage"]
    await index.remove("garage")
    assert "garage" not in await files_found(index, "轿车")
    await index.put("kennel", passages("Cars are kept elsewhere."))
    assert (await files_found(index, "轿车"))[0] == "kennel"


async def test_what_a_file_has_again_is_not_embedded_again(
    server: FakeEmbeddings, clients: ModelClients, indexes: Indexes
) -> None:
    pages = [f"{'A page of words. ' * 30}{number}" for number in range(5)]
    index = indexes(embedder(clients, server))
    await index.put("book", passages(*pages))
    assert (await index.search("an automobile", 5)).engine == "hybrid"
    await index.put("book", passages("A new page about every automobile. " * 10, *pages[:3]))
    assert len(server.texts()) == 5 + 1 + 1
    assert (await index.statistics()).with_vectors == 4
    assert (await index.search("轿车", 1)).hits[0].passage.number == 0
    assert len(server.texts()) == 5 + 1 + 1 + 1


FAILURES = {
    "no numbers": (200, '{"data": [{"index": 0, "embedding": [NaN, 1.0]}]}', "BrokenStream"),
    "words": (200, '{"data": [{"index": 0, "embedding": ["a", "b"]}]}', "BrokenStream"),
    "nothing": (200, '{"data": []}', "BrokenStream"),
    "too few": (200, '{"data": [{"index": 3, "embedding": [1.0, 2.0]}]}', "BrokenStream"),
    "zeros": (200, '{"data": [{"index": 0, "embedding": [0.0, 0.0]}]}', "BrokenStream"),
    "no JSON": (200, "<html>Welcome</html>", "BrokenStream"),
    "out of order": (500, '{"error": {"message": "boom"}}', "Unavailable"),
    "too often": (429, '{"error": {"message": "slow down"}}', "RateLimited"),
    "no such model": (400, '{"error": {"message": "model not found"}}', "ModelRequestRefused"),
}


@pytest.mark.parametrize(("status", "body", "kind"), FAILURES.values(), ids=FAILURES)
async def test_an_endpoint_that_fails_is_told_of_and_words_still_find(
    server: FakeEmbeddings, clients: ModelClients, indexes: Indexes, status: int, body: str, kind: str
) -> None:
    server.replies.append((status, body))
    with pytest.raises(ModelError) as raised:
        await embedder(clients, server).embed(["a"], "document")
    assert type(raised.value).__name__ == kind
    assert KEY not in str(raised.value)
    server.replies.append((status, body))
    index = indexes(embedder(clients, server))
    await index.put("shop", FILES["shop"])
    found = await index.search("label fee", 3)
    assert [hit.file for hit in found.hits] == ["shop"]
    assert found.engine == "lexical"
    assert found.problem is not None
    assert "mine" in found.problem.en
    assert "mine" in found.problem.zh
    assert "这次只按词语查找" in found.problem.zh


@pytest.mark.parametrize("what", ["a wrong key", "nobody there"])
async def test_nobody_to_ask_is_told_of_and_words_still_find(
    server: FakeEmbeddings, clients: ModelClients, indexes: Indexes, what: str
) -> None:
    given = {"key": "sk-wrong"} if what == "a wrong key" else {"api_base": "http://127.0.0.1:9/v1"}
    index = indexes(embedder(clients, server, **given))
    await index.put("shop", FILES["shop"])
    found = await index.search("label fee", 3)
    assert [hit.file for hit in found.hits] == ["shop"]
    assert found.problem is not None
    assert ("key" if what == "a wrong key" else "server") in found.problem.en
    # It is left alone for a while.
    asked = len(server.requests)
    await index.put("kennel", FILES["kennel"])
    assert len(server.requests) == asked


def ten(last: str, *, length: int = 64) -> tuple[int, str]:
    """An answer for ten texts: vectors of that length, and one more of that number after such."""
    halves = "0.5, " * (length - 1)
    rows = [f"[{halves}{number}]" for number in (*["0.5"] * 9, last)]
    told = [f'{{"index": {at}, "embedding": {row}}}' for at, row in enumerate(rows)]
    return 200, f'{{"data": [{", ".join(told)}]}}'


HALF_WAY = {
    "gone": (503, "{}"),
    "NaN": ten("NaN"),
    "infinity": ten("-Infinity"),
    "null": ten("null"),
    "too large for a number": ten("1e300"),
    "too large when squared": ten("1e30"),
    "another dimension": ten("0.5", length=32),
    "another dimension for one": ten("0.5, 0.5"),
}


@pytest.mark.parametrize("reply", HALF_WAY.values(), ids=HALF_WAY)
async def test_one_that_dies_or_raves_half_way_loses_nothing_that_it_made(
    server: FakeEmbeddings,
    clients: ModelClients,
    indexes: Indexes,
    monkeypatch: pytest.MonkeyPatch,
    reply: tuple[int, str],
) -> None:
    monkeypatch.setattr("user_agent.knowledge.finding.meaning.AT_A_TIME", 10)
    large = passages(*(f"{'Long words of a page. ' * 20}{number}" for number in range(40)))
    server.replies.extend([(0, ""), (0, ""), reply])
    index = indexes(embedder(clients, server))
    await index.put("large", large)
    assert (await index.statistics()).with_vectors == 20
    assert (await index.search("page 39", 3)).problem is not None
    await index.use([embedder(clients, server)], None)
    await index.complete()
    assert (await index.statistics()).with_vectors == 40
    # Only those of the request that failed were asked for twice.
    assert sorted(server.texts()) == sorted(passage.text for passage in (*large, *large[20:30]))
    found = await index.search("page 39", 3)
    assert (found.engine, found.problem) == ("hybrid", None)


async def test_vectors_of_another_length_are_refused_and_words_still_find(
    server: FakeEmbeddings, clients: ModelClients, indexes: Indexes
) -> None:
    index = indexes(embedder(clients, server))
    await index.put("garage", FILES["garage"])
    server.length = 32
    await index.put("shop", FILES["shop"])
    found = await index.search("fee", 3)
    assert [hit.file for hit in found.hits] == ["shop"]
    assert found.problem is not None
    assert "dimension" in found.problem.zh


async def test_another_model_is_indexed_in_the_background_while_the_old_one_serves(
    server: FakeEmbeddings, clients: ModelClients, indexes: Indexes
) -> None:
    old, new = embedder(clients, server), embedder(clients, server, model="newer", dimension=48)
    await filled(indexes(old))
    server.held = "newer"
    index = indexes(new, old)
    found = await index.search("轿车", 3)
    assert (found.engine, found.hits[0].file) == ("hybrid", "garage")
    # The background asks the new one meanwhile.
    assert [asked.body["model"] for asked in server.requests if asked.body["input"] == ["轿车"]] == ["embed"]
    server.release.set()
    await index.complete()
    found = await index.search("轿车", 3)
    assert (found.engine, found.hits[0].file) == ("hybrid", "garage")
    assert server.requests[-1].body["model"] == "newer"
    # The old vectors are gone, and nothing was embedded twice.
    assert (await index.statistics()).with_vectors == 24
    newer = [text for asked in server.requests if asked.body["model"] == "newer" for text in asked.body["input"]]
    assert len(newer) == 24 + 1


async def test_a_model_can_be_changed_and_taken_away_while_the_index_is_open(
    server: FakeEmbeddings, clients: ModelClients, indexes: Indexes
) -> None:
    index = await filled(indexes())
    assert (await index.search("轿车", 3)).hits == ()
    await index.use([embedder(clients, server)], None)
    await index.complete()
    assert (await files_found(index, "轿车"))[0] == "garage"
    await index.use([], None)
    found = await index.search("轿车", 3)
    assert (found.engine, found.hits, found.problem) == ("lexical", (), None)


@pytest.mark.parametrize("base", ["/v1", "/api/v1"], ids=["Jina and Cohere", "DashScope"])
async def test_a_reranker_orders_what_was_found_and_its_scores_count(
    server: FakeEmbeddings, clients: ModelClients, indexes: Indexes, base: str
) -> None:
    kind = "dashscope" if base == "/api/v1" else "openai"
    ranks = entry(server, kind="rerank", type=kind, api_base=server.origin + base, model="gte-rerank-v2")
    index = indexes(reranker=open_reranker(clients, ranks, SecretStr(KEY)))
    await index.put("a", passages("The word once."))
    await index.put("b", passages("The word zzz."))
    found = await index.search("word zzzz", 1)
    assert ([hit.file for hit in found.hits], found.reranked) == (["b"], True)
    assert 0 < found.hits[0].score <= 1
    server.replies.append((200, '{"results": [{"index": 7, "relevance_score": 1}]}'))
    found = await index.search("word once", 2)
    assert ([hit.file for hit in found.hits], found.reranked) == (["a", "b"], False)
    assert found.problem is not None
    assert "没有重排" in found.problem.zh


async def test_closing_ends_what_is_made_in_the_background(
    server: FakeEmbeddings, clients: ModelClients, indexes: Indexes
) -> None:
    index = await filled(indexes())
    server.held = "embed"
    await index.use([embedder(clients, server)], None)
    async with asyncio.timeout(5):
        await index.close()
