"""The studio on PostgreSQL: its tables, and what an agent knows, from the first file to the next start."""

import asyncio
import threading
from contextlib import aclosing
from datetime import timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from agentfabric.service import abandoned
from agentfabric.store.base import Record
from agentfabric.store.conversations import ConversationStore
from agentfabric.store.database import Database
from agentfabric.store.knowledge import vectors
from agentfabric.store.knowledge.keeping import KnowledgeDatabase
from agentfabric.store.share_limits import Grant, Share, ShareLimits
from agentfabric.store.shares import ShareStore, Terms
from agentfabric.store.usage import UsageStore
from bench import knowledge as bench
from bench.retrieval import read
from tests.client import text_of
from tests.conftest import Serve
from tests.fakes.embedding_server import KEY, FakeEmbeddings
from tests.fakes.openai_replies import NeverAnswers, Says
from tests.fakes.openai_server import FakeOpenAI
from tests.knowing import RETURNS, RETURNS_ZH, knowing, search
from tests.knowledge import files_found, passages
from tests.model_file import model_file
from tests.test_embeddings import FILES, embedder
from tests.test_finding import DATA
from tests.test_foreign_ids import TOKENS
from tests.test_links import Visitor, published, sharing
from tests.test_store import PARTIAL_INDEXES
from user_agent.events import Usage
from user_agent.knowledge.finding.fused import FusedIndex
from user_agent.knowledge.pieces import Piece
from user_agent.messages import user_message
from user_agent.runtime import ModelClients

BOTH = {"AGENTFABRIC_TOKENS": "ann:the-token-of-ann,bob:the-token-of-bob"}
ANN, BOB = ({"Authorization": f"Bearer the-token-of-{name}"} for name in ("ann", "bob"))


async def test_the_migrated_tables_are_those_of_the_records(postgres: str) -> None:
    database = Database(postgres)
    await database.open()
    await database.close()
    engine = create_engine(postgres)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, Record.metadata) == []
        partial = text("select indexname from pg_indexes where indexdef like '% WHERE %'")
        assert set(connection.scalars(partial)) == PARTIAL_INDEXES
    engine.dispose()


async def test_files_are_found_forgotten_at_once_never_somebody_elses_and_there_after_a_restart(
    serve: Serve, postgres: str, home: Path
) -> None:
    async with serve(DATABASE_URL=postgres, **BOTH) as client:
        agent = await knowing(client, {"returns.md": RETURNS, "退货.md": RETURNS_ZH}, headers=ANN)
        other = await knowing(client, {"secret.md": "Socks of Bob are returned within 90 days."}, headers=BOB)
        assert (await search(client, agent, "袜子多久可以退？", headers=ANN))["hits"][0]["name"] == "退货.md"
        found = await search(client, agent, "When can socks be returned?", headers=ANN)
        assert {hit["name"] for hit in found["hits"]} == {"returns.md"}
        foreign = f"/api/agents/{other}/knowledge/search"
        assert (await client.call("POST", foreign, json={"query": "socks"}, headers=ANN)).status == 404
        path = f"/api/agents/{agent}/knowledge"
        files = {file["name"]: file["id"] for file in await client.get(path, headers=ANN)}
        assert (await client.call("DELETE", f"{path}/{files['退货.md']}", headers=ANN)).status == 204
        assert (await search(client, agent, "袜子多久可以退？", headers=ANN))["hits"] == []
    assert not list(home.rglob("index.db"))
    async with serve(DATABASE_URL=postgres, **BOTH) as client:
        assert (await search(client, agent, "socks", headers=ANN))["hits"][0]["name"] == "returns.md"
        assert (await search(client, agent, "袜子", headers=ANN))["hits"] == []
        created = await client.post(f"/api/agents/{agent}/conversations", headers=ANN)
        said = {"text": "When can socks be returned?"}
        talk = f"/api/agents/{agent}/conversations/{created['id']}"
        told = text_of(await client.collect("POST", f"{talk}/messages", json=said, headers=ANN))
        assert "within 30 days" in told and "[1]" in told


async def test_a_server_that_starts_beside_another_ends_only_what_the_dead_left(
    serve: Serve, postgres: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(abandoned, "HEARD_EVERY_S", 0.05)
    monkeypatch.setattr(abandoned, "SILENT", timedelta(seconds=1))
    async with FakeOpenAI(NeverAnswers()) as model:
        shared = {"DATABASE_URL": postgres, "MODEL_CONFIG_FILE": model_file(tmp_path, model.base_url)}
        async with serve(AGENTFABRIC_HOME=str(tmp_path / "one"), **shared) as one:
            agent = (await one.post("/api/agents", json={"config": {"model": "fake-model"}}))["id"]
            path = f"/api/agents/{agent}/conversations"
            alive, dead = [(await one.post(path))["id"] for _ in range(2)]
            asking = asyncio.create_task(one.collect("POST", f"{path}/{alive}/messages", json={"text": "Hello?"}))
            database = Database(postgres)
            await database.open()
            conversations = ConversationStore(database)
            turn = await conversations.begin_turn("local", dead, user_message("Hello?"), "a server that was killed")
            async with serve(AGENTFABRIC_HOME=str(tmp_path / "two"), **shared), asyncio.timeout(20):
                while (await conversations.turn("local", turn)).state == "running":  # noqa: ASYNC110  a database is silent
                    await asyncio.sleep(0.05)
                [running] = await conversations.running("local", agent)
                left = await conversations.turn("local", running)
                assert left.conversation_id == alive, "the other server is heard"
            await one.call("POST", f"/api/turns/{running}/stop")
            await asking
            await database.close()


async def test_what_a_dead_server_had_reserved_is_counted_while_others_keep_theirs(
    serve: Serve, postgres: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(abandoned, "HEARD_EVERY_S", 0.05)
    monkeypatch.setattr(abandoned, "SILENT", timedelta(seconds=1))
    one, two = ({"DATABASE_URL": postgres, "AGENTFABRIC_HOME": str(tmp_path / name)} for name in ("one", "two"))
    async with sharing(serve, tmp_path, settings=one) as shared:
        link = await shared.link(limits={"visitor": {}, "everybody": {"tokens": 70_000}})
        visitor = Visitor(shared.client, link["path"])
        talk = await visitor.conversation()
        shared.model.script(Says("Once.", ending="silent"))
        path = f"{visitor.path}{talk}/messages"
        asked = shared.client.events("POST", path, json={"text": "Tell"}, headers=visitor.cookie)
        async with aclosing(asked) as events:
            turn = (await anext(events)).data["turn"]
        database = Database(postgres)
        await database.open()
        try:
            reserving = ShareStore(database).reserving(link["id"], "gone", None, "a server that was killed")
            assert (await database.write(reserving)).tokens == 30_000
            async with serve(**two, **TOKENS), asyncio.timeout(20):
                while (await shared.today())["tokens"] < 30_000:  # noqa: ASYNC110  a database is silent
                    await asyncio.sleep(0.05)
                assert (await shared.today())["tokens"] == 30_000, "the other server is heard"
                other = await database.write(ShareStore(database).reserving(link["id"], "two", None, "a third"))
                assert other.tokens == 10_000
        finally:
            await database.close()
        assert (await visitor.call("POST", f"turns/{turn}/stop")).status == 204


@pytest.mark.skipif(not DATA.is_dir(), reason=f"{DATA} is not here; AGENTFABRIC_TEST_DATA names the test data")
async def test_what_one_answer_gives_back_is_not_lost_to_one_that_begins_at_that_moment(postgres: str) -> None:
    database, beginning, go_on = Database(postgres), threading.Event(), threading.Event()
    await database.open()
    try:
        await published(database)
        shares, usage = ShareStore(database), UsageStore(database)
        limits = ShareLimits(visitor=Share(), everybody=Share(tokens=100_000))
        link = await shares.create("ann", "agent", Terms("link", limits, (), None), None, at_most=1)
        first = await database.write(shares.reserving(link.id, "one", None, "a server"))

        def slowly(session: Session) -> Grant:
            grant = shares.reserving(link.id, "one", None, "a server")(session)
            beginning.set()
            assert go_on.wait(20)
            return grant

        second = asyncio.create_task(database.write(slowly))
        assert await asyncio.to_thread(beginning.wait, 20)
        settling = asyncio.create_task(usage.settle(first, Usage(input_tokens=1_000)))
        await asyncio.wait([settling], timeout=0.2)
        go_on.set()
        await asyncio.gather(second, settling)
        # Of 100,000, one answer used 1,000 and one has 30,000: two more have as much, and then there are 9,000.
        left = [(await database.write(shares.reserving(link.id, "two", None, "a server"))).tokens for _ in range(3)]
        assert left == [30_000, 30_000, 9_000]
    finally:
        go_on.set()
        await database.close()


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_what_is_found_and_its_scores_are_those_of_sqlite(
    knowledge_database: KnowledgeDatabase, language: str
) -> None:
    collection = read(DATA / language)
    kept = knowledge_database.kept(f"set {language}")
    async with bench.indexed(collection) as one, bench.indexed(collection, kept=kept) as other:
        for question in collection.questions[::20]:
            assert await other.search(question.text, 5) == await one.search(question.text, 5)


async def test_many_vectors_have_an_index_which_finds_what_comes_later_too(
    knowledge_database: KnowledgeDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vectors, "EXACT", 10)
    async with FakeEmbeddings() as server, ModelClients() as clients:
        index = FusedIndex(knowledge_database.kept("many"), embedders=[embedder(clients, server)])
        for file, found in FILES.items():
            await index.put(file, found)
        plan = "SELECT count(*) FROM pg_indexes WHERE indexdef LIKE '%USING hnsw%'"
        assert await knowledge_database.database.read(lambda session: session.scalar(text(plan))) == 1
        assert (await files_found(index, "轿车"))[0] == "garage"
        assert (await files_found(index, "Where is the doctor?"))[0] == "surgery"
        many = ["garage", "shop", *(f"other {number}" for number in range(12))]
        assert await files_found(index, "轿车", files=many) == ["garage"]
        counted = await index.statistics(["garage", "shop", "elsewhere"])
        assert (counted.files, counted.passages, counted.with_vectors) == (2, 2, 2)
        await index.remove("garage")
        assert "garage" not in await files_found(index, "轿车")
        await index.close()


async def test_without_the_extension_words_carry_the_search_and_it_is_told(postgres: str) -> None:
    engine = create_engine(postgres)
    with engine.begin() as connection:
        # Whoever may not add extensions is in the same place as who has none.
        connection.execute(text("CREATE ROLE plain LOGIN"))
        connection.execute(text(f"GRANT CREATE ON DATABASE {engine.url.database} TO plain"))
        connection.execute(text("GRANT ALL ON SCHEMA public TO plain"))
    engine.dispose()
    known = KnowledgeDatabase(Database(postgres.replace("//postgres@", "//plain@")))
    await known.open()
    async with FakeEmbeddings() as server, ModelClients() as clients:
        index = FusedIndex(known.kept("plain"), embedders=[embedder(clients, server, key=KEY)])
        await index.put("shop", FILES["shop"])
        found = await index.search("label fee", 3)
        assert ([hit.file for hit in found.hits], found.engine) == (["shop"], "lexical")
        assert found.problem is not None
        assert "CREATE EXTENSION vector" in found.problem.zh
        assert server.requests == []
        await index.close()
    await known.close()


async def test_what_is_no_text_for_the_database_costs_itself_alone(knowledge_database: KnowledgeDatabase) -> None:
    index = FusedIndex(knowledge_database.kept("odd"))
    odd = Piece(f"Zero \0 and 'quotes' \\ and {'x' * 5_000} and cheese.", headings=("A\0B",))
    await index.put("odd", passages(odd))
    assert await files_found(index, "cheese") == ["odd"]
    await index.put("odd", passages("Nothing of it."))
    assert await files_found(index, "cheese") == []
    await index.close()


async def test_an_index_that_is_done_away_with_leaves_nothing(knowledge_database: KnowledgeDatabase) -> None:
    async with FakeEmbeddings() as server, ModelClients() as clients:
        index = FusedIndex(knowledge_database.kept("gone"), embedders=[embedder(clients, server)])
        await index.put("shop", FILES["shop"])
        await index.close()
    await knowledge_database.forget("gone")
    again = FusedIndex(knowledge_database.kept("gone"))
    assert await again.files() == frozenset()
    assert (await again.statistics()).with_vectors == 0
    assert await files_found(again, "label fee") == []
    await again.close()
