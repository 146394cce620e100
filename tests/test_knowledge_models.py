"""Finding by meaning, over the API: which model is chosen, what it is sent, and what happens when it dies half way."""

import asyncio
import json
import time
from pathlib import Path
from typing import Any

import pytest

from agentfabric.service.knowledge_vectors import KEPT, VectorCache
from tests.client import Client
from tests.conftest import Serve
from tests.fakes.embedding_server import KEY, FakeEmbeddings
from tests.knowing import add, checked, knowing, search, settled

FRUIT = ("plum", "cherry", "quince", "medlar", "fig", "pear", "grape", "lemon", "melon", "peach", "date", "olive")
NOTES = {"doctor.md": "A physician looks at the throat every Monday.", "car.md": "The automobile stands in the yard."}
OTHERS = {"others.md": "\n\n".join(f"# {name}\n\nA note on {name}, which is for sale at the market." for name in FRUIT)}
QUESTION = "Which doctor is there?"
"""It shares no word with the note that answers it."""


def models(tmp_path: Path, server: FakeEmbeddings, **key: str) -> str:
    entry = {"kind": "embedding", "type": "openai", "model": "embed", "api_base": f"{server.origin}/v1", "batch": 2}
    file = tmp_path / "models.json"
    entries = {"embed": {**entry, "retry_for_s": 0, **(key or {"api_key": KEY})}}
    file.write_text(json.dumps({**entries, "order": {**entries["embed"], "kind": "rerank"}}))
    return str(file)


async def statistics(client: Client, agent: str, **options: Any) -> dict[str, Any]:
    return await client.get(f"/api/agents/{agent}/knowledge/statistics", **options)


async def retrieval(client: Client, agent: str, **settings: Any) -> None:
    answer = await client.call("PATCH", f"/api/agents/{agent}/config", json={"retrieval": settings})
    assert answer.status == 200, answer.body


async def test_the_first_model_that_is_ready_finds_by_meaning_until_another_is_chosen(
    serve: Serve, tmp_path: Path
) -> None:
    async with FakeEmbeddings() as server, serve(MODEL_CONFIG_FILE=models(tmp_path, server)) as client:
        agent = await knowing(client, NOTES | OTHERS)
        found = await search(client, agent, QUESTION)
        assert (found["engine"], found["hits"][0]["name"], found["problem"]) == ("hybrid", "doctor.md", None)
        told = await statistics(client, agent)
        assert (told["embedding"], told["with_vectors"], told["reranker"]) == ("embed", told["passages"], "")
        offered = await client.get(f"/api/agents/{agent}/knowledge/models")
        assert [(each["key"], each["ready"]) for each in offered["embedding"]] == [("embed", True)]
        await retrieval(client, agent, embedding="")
        await checked(client, agent)
        asked = len(server.requests)
        assert (await search(client, agent, QUESTION))["engine"] == "lexical"
        assert len(server.requests) == asked
        await retrieval(client, agent, embedding="gone")
        told = await statistics(client, agent)
        assert (told["embedding"], "gone" in told["problem"]["en"]) == ("", True)
        await retrieval(client, agent, embedding=None, reranker="order")
        assert (await statistics(client, agent))["reranker"] == "order"
        assert (await search(client, agent, QUESTION))["engine"] == "hybrid"


async def test_a_key_that_comes_later_is_used_and_is_the_persons_own(serve: Serve, tmp_path: Path) -> None:
    async with (
        FakeEmbeddings() as server,
        serve(MODEL_CONFIG_FILE=models(tmp_path, server, api_key_env="EMBED_API_KEY")) as client,
    ):
        agent = await knowing(client, NOTES)
        assert (await search(client, agent, QUESTION))["engine"] == "lexical"
        assert server.requests == []
        assert (await client.call("PUT", "/api/secrets/EMBED_API_KEY", json={"value": KEY})).status == 204
        assert (await statistics(client, agent))["embedding"] == "embed"
        async with asyncio.timeout(5):
            while (await search(client, agent, QUESTION))["engine"] == "lexical":  # noqa: ASYNC110  nothing tells
                await asyncio.sleep(0.02)
        assert {request.headers["authorization"] for request in server.requests} == {f"Bearer {KEY}"}


async def test_a_server_of_embeddings_that_dies_half_way_harms_nothing_but_the_meaning(
    serve: Serve, tmp_path: Path
) -> None:
    async with FakeEmbeddings() as server, serve(MODEL_CONFIG_FILE=models(tmp_path, server)) as client:
        agent = await knowing(client, NOTES)
        server.replies.extend([(503, "gone")] * 50)
        await add(client, agent, {"dog.md": "The hound sleeps at noon.", "price.md": "The fee is due in May."})
        assert [file["state"] for file in await settled(client, agent)] == ["ready"] * 4
        found = await search(client, agent, "When does the hound sleep?")
        assert found["hits"][0]["name"] == "dog.md"
        assert found["problem"]["en"]
        assert found["problem"]["zh"]
        assert (await statistics(client, agent))["with_vectors"] == 2


async def test_only_files_with_a_tag_are_searched_where_the_configuration_says_so(client: Client) -> None:
    agent = await knowing(client, NOTES)
    path = f"/api/agents/{agent}/knowledge"
    doctor, car = await client.get(path)
    await client.call("PUT", f"{path}/{car['id']}/tags", json={"tags": ["garage"]})
    await retrieval(client, agent, tags=["garage"])
    assert (await search(client, agent, "physician"))["hits"] == []
    assert (await search(client, agent, "automobile"))["hits"]
    assert (await search(client, agent, "physician", files=[doctor["id"]]))["hits"]
    await retrieval(client, agent, tags=[])
    assert (await search(client, agent, "physician"))["hits"]


async def test_the_same_text_is_embedded_once_for_its_owner_and_again_for_anybody_else(
    serve: Serve, tmp_path: Path, home: Path
) -> None:
    tokens = "ann:the-token-of-ann,bob:the-token-of-bob"
    ann, bob = ({"Authorization": f"Bearer the-token-of-{name}"} for name in ("ann", "bob"))
    doctor = NOTES["doctor.md"]
    async with FakeEmbeddings() as server:
        started = {"MODEL_CONFIG_FILE": models(tmp_path, server), "AGENTFABRIC_TOKENS": tokens}
        async with serve(**started) as client:
            await knowing(client, NOTES, headers=ann)
            agent = await knowing(client, {"copy.md": doctor} | OTHERS, headers=ann)
            found = await search(client, agent, QUESTION, headers=ann)
            assert (found["engine"], found["hits"][0]["name"]) == ("hybrid", "copy.md")
            assert server.texts().count(doctor) == 1
            await knowing(client, {"mine.md": doctor}, headers=bob)
            assert server.texts().count(doctor) == 2
        # One that is damaged costs no more than its vectors.
        (home / "knowledge" / "vectors.db").write_bytes(b"no database at all" * 100)
        async with serve(**started) as client:
            agent = await knowing(client, {"again.md": doctor}, headers=ann)
            assert server.texts().count(doctor) == 3
            assert (await statistics(client, agent, headers=ann))["with_vectors"] == 1


async def test_vectors_that_nobody_used_for_a_month_are_forgotten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = VectorCache(tmp_path / "vectors.db")
    await cache.put("ann", "embed", {"old": b"1234", "used": b"5678"})
    later = time.time() + KEPT.total_seconds() / 2
    monkeypatch.setattr(time, "time", lambda: later)
    assert await cache.get("ann", "embed", ["used"]) == {"used": b"5678"}
    assert await cache.get("bob", "embed", ["used"]) == {}
    assert await cache.get("ann", "another", ["used"]) == {}
    much_later = later + KEPT.total_seconds() / 2 + 86_400
    monkeypatch.setattr(time, "time", lambda: much_later)
    await cache.forget_old()
    assert await cache.get("ann", "embed", ["old", "used"]) == {"used": b"5678"}
    await cache.close()
