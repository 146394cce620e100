"""What an agent knows, over the API: files are read, found, forgotten, and never somebody else's."""

import asyncio
import os
import resource
import signal
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from agentfabric.service.knowledge_cache import KEPT
from agentfabric.service.knowledge_work import WORKERS
from agentfabric.store.agents import AgentStore
from agentfabric.store.base import now
from agentfabric.store.blobs import Blobs
from agentfabric.store.database import Database
from agentfabric.store.files import FileStore
from agentfabric.store.reading_queue import LEASE_S, MAX_ATTEMPTS, ReadingQueue
from agentfabric.store.readings import ReadingStore
from builder_core.draft import Author
from tests.client import Client, text_of
from tests.conftest import Serve
from tests.knowing import RETURNS, RETURNS_ZH, add, form_of, knowing, search, settled
from user_agent.config import AgentConfig

BOTH = {"AGENTFABRIC_TOKENS": "ann:the-token-of-ann,bob:the-token-of-bob"}
ANN, BOB = ({"Authorization": f"Bearer the-token-of-{name}"} for name in ("ann", "bob"))


@pytest.mark.parametrize(
    ("file", "question", "answer", "heading"),
    [
        ("returns.md", "When can I return socks?", "within 30 days", "Returns"),
        ("退货.md", "袜子多久可以退？", "三十天", "退货"),
    ],
    ids=["en", "zh"],
)
async def test_a_file_is_read_found_shown_and_forgotten_at_once(
    client: Client, file: str, question: str, answer: str, heading: str
) -> None:
    agent = await knowing(client, {file: RETURNS if file.isascii() else RETURNS_ZH})
    path = f"/api/agents/{agent}/knowledge"
    found = await search(client, agent, question)
    first = found["hits"][0]
    assert answer in first["text"]
    assert (first["name"], first["place"]["headings"], found["engine"]) == (file, [heading], "lexical")
    assert 0 < first["score"] <= 1
    [known] = await client.get(path)
    shown = await client.get(f"{path}/{known['id']}/passages?start=1&limit=1")
    assert (shown["all"], [passage["number"] for passage in shown["passages"]]) == (known["passages"], [1])
    counted = await client.get(f"{path}/statistics")
    assert (counted["files"], counted["passages"]) == (1, known["passages"])
    assert (await client.call("DELETE", f"{path}/{known['id']}")).status == 204
    assert (await search(client, agent, question))["hits"] == []
    assert (await client.get(f"{path}/statistics"))["passages"] == 0


@pytest.mark.parametrize("question", ["袜子多久可以退？", "袜子多久能退", "多少天内可以退袜子"])
async def test_an_everyday_question_is_answered_from_a_file_without_a_model(client: Client, question: str) -> None:
    agent = await knowing(client, {"退货.md": RETURNS_ZH})
    told = text_of(await client.say(await client.conversation(agent), question))
    assert "三十天" in told and "[1]" in told


async def test_copies_of_a_file_are_quoted_once_and_both_are_named(client: Client) -> None:
    agent = await knowing(client, {"a.md": RETURNS_ZH, "b.md": RETURNS_ZH, "c.md": "鞋子可以在七天内退回，须未穿过。"})
    told = text_of(await client.say(await client.conversation(agent), "袜子多久可以退？"))
    assert told.count("三十天") == 1
    assert "[1][2]" in told


async def test_a_file_that_cannot_be_read_says_why_and_harms_no_other(client: Client) -> None:
    agent = (await client.post("/api/agents"))["id"]
    await add(client, agent, {"broken.docx": b"PK\x03\x04 and then nothing", "returns.md": RETURNS, "old.xls": b"\xd0"})
    broken, good, _ = await settled(client, agent)
    assert (broken["state"], good["state"], broken["passages"]) == ("failed", "ready", 0)
    assert all("broken.docx" in broken["reason"][language] for language in ("zh", "en"))
    assert "within 30 days" in (await search(client, agent, "return socks"))["hits"][0]["text"]
    again = await client.call("POST", f"/api/agents/{agent}/knowledge/{broken['id']}/retry")
    assert again.status == 200
    assert next(file["state"] for file in await settled(client, agent)) == "failed"


async def test_a_question_is_asked_among_the_files_that_are_named(client: Client) -> None:
    agent = await knowing(client, {"returns.md": RETURNS, "shoes.md": "Shoes can be returned within 14 days."})
    returns, shoes = await client.get(f"/api/agents/{agent}/knowledge")
    among = await search(client, agent, "returned within", files=[shoes["id"]])
    assert {hit["file"] for hit in among["hits"]} == {shoes["id"]}
    assert {hit["file"] for hit in (await search(client, agent, "returned within"))["hits"]} == {
        returns["id"],
        shoes["id"],
    }
    foreign = {"query": "returned", "files": ["0" * 24]}
    assert (await client.call("POST", f"/api/agents/{agent}/knowledge/search", json=foreign)).status == 404


async def test_nobody_finds_what_another_agent_or_another_person_was_given(serve: Serve, home: Path) -> None:
    async with serve(**BOTH) as client:
        anns = await knowing(client, {"returns.md": RETURNS}, headers=ANN)
        bobs = await knowing(client, {"returns.md": RETURNS.replace("30 days", "7 days")}, headers=BOB)
        empty = (await client.post("/api/agents", headers=BOB))["id"]
        assert (await search(client, empty, "return socks", headers=BOB))["hits"] == []
        hits = (await search(client, bobs, "return socks", headers=BOB))["hits"]
        assert "7 days" in hits[0]["text"]
        assert "30 days" not in str(hits)
        await add(client, empty, {"same.md": RETURNS}, headers=BOB)
        await settled(client, empty, headers=BOB)
    kept = {path.name for path in (home / "knowledge" / "agents").iterdir()}
    assert {anns, bobs} <= kept
    # The same bytes, read once for each of the two people.
    assert len([*(home / "knowledge" / "readings").iterdir()]) == 3


async def test_a_copy_knows_what_the_original_knows_and_goes_its_own_way(client: Client) -> None:
    agent = await knowing(client, {"returns.md": RETURNS})
    copy = (await client.post(f"/api/agents/{agent}/duplicate"))["id"]
    [known] = await settled(client, copy)
    assert (await search(client, copy, "return socks"))["hits"]
    await client.call("DELETE", f"/api/agents/{copy}/knowledge/{known['id']}")
    assert (await search(client, copy, "return socks"))["hits"] == []
    assert (await search(client, agent, "return socks"))["hits"]


async def test_what_comes_back_with_a_version_is_found_again_and_read_no_second_time(
    client: Client, home: Path
) -> None:
    agent = await knowing(client, {"returns.md": RETURNS})
    [known] = await client.get(f"/api/agents/{agent}/knowledge")
    [cached] = (home / "knowledge" / "readings").iterdir()
    before = cached.stat().st_mtime_ns
    await client.call("DELETE", f"/api/agents/{agent}/knowledge/{known['id']}")
    assert (await search(client, agent, "return socks"))["hits"] == []
    change = (await client.get(f"/api/agents/{agent}/changes"))[0]
    undone = await client.call("POST", f"/api/agents/{agent}/changes/undo", json={"changes": [change["id"]]})
    assert undone.status == 200, undone.body
    assert [file["state"] for file in await settled(client, agent)] == ["ready"]
    assert (await search(client, agent, "return socks"))["hits"]
    assert cached.stat().st_mtime_ns == before


async def test_a_new_name_for_the_agent_costs_its_knowledge_nothing(client: Client, home: Path) -> None:
    agent = await knowing(client, {"returns.md": RETURNS})
    await search(client, agent, "socks")
    folder = home / "knowledge" / "agents" / agent
    before = {path.name: path.read_bytes() for path in folder.iterdir() if not path.name.endswith("-shm")}
    await client.call("PATCH", f"/api/agents/{agent}/config", json={"name": "Socks", "instruction": "Be kind."})
    assert [file["state"] for file in await client.get(f"/api/agents/{agent}/knowledge")] == ["ready"]
    assert (await search(client, agent, "return socks"))["hits"]
    after = {path.name: path.read_bytes() for path in folder.iterdir() if not path.name.endswith("-shm")}
    assert after == before


async def test_a_server_that_ends_in_the_middle_goes_on_where_it_was(serve: Serve) -> None:
    async with serve() as client:
        agent = (await client.post("/api/agents"))["id"]
        await add(client, agent, {f"{number}.md": f"{RETURNS}\nNumber {number}." for number in range(12)})
    async with serve() as client:
        assert [file["state"] for file in await settled(client, agent)] == ["ready"] * 12
        assert (await search(client, agent, "Number 11"))["hits"]


async def test_a_disk_that_takes_nothing_is_told_and_tried_again(client: Client, home: Path) -> None:
    (home / "knowledge").mkdir(exist_ok=True)
    (home / "knowledge" / "agents").write_text("no folder can be made here")
    agent = (await client.post("/api/agents"))["id"]
    [file] = await add(client, agent, {"returns.md": RETURNS})
    [failed] = await settled(client, agent)
    assert failed["state"] == "failed"
    assert "disk" in failed["reason"]["en"]
    (home / "knowledge" / "agents").unlink()
    await client.call("POST", f"/api/agents/{agent}/knowledge/{file['id']}/retry")
    assert [file["state"] for file in await settled(client, agent)] == ["ready"]


async def test_a_disk_that_is_full_harms_nothing_else_and_there_is_room_again(client: Client) -> None:
    agent = await knowing(client, {"returns.md": RETURNS})
    path = f"/api/agents/{agent}/knowledge"
    long = "\n\n".join(f"Paragraph {number} is about otters and number {number * 7919}." for number in range(9_000))
    with no_file_larger_than(600_000):
        refused = await client.call("POST", path, data=form_of({"larger.txt": long * 2}))
        assert (refused.status, refused.body["code"]) == (503, "storage_failed")
        await add(client, agent, {"long.txt": long})
        kept, failed = await settled(client, agent)
        assert (kept["state"], failed["state"]) == ("ready", "failed")
        assert "disk" in failed["reason"]["en"]
        assert (await search(client, agent, "return socks"))["hits"]
    await client.call("POST", f"{path}/{failed['id']}/retry")
    assert [file["state"] for file in await settled(client, agent)] == ["ready", "ready"]
    assert (await search(client, agent, "otters"))["hits"]


@contextmanager
def no_file_larger_than(size_bytes: int) -> Generator[None]:
    """Writing beyond that fails in this process, as on a disk that is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)


async def test_no_two_processes_read_the_same_file_and_what_one_left_another_takes(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/agentfabric.db")
    await database.open()
    try:
        files = await _two_files(database, tmp_path)
        passed = timedelta()
        one, other, later = (
            ReadingQueue(database, name, clock=lambda: now() + passed) for name in ("one", "other", "later")
        )
        mine, others = await one.take(), await other.take()
        assert mine and others
        assert {mine.file, others.file} == {*files.ids}
        assert await later.take() is None
        assert await one.report(mine.file, "indexing", 0.5)
        assert not await other.report(mine.file, "indexing", 0.5)
        for _ in range(MAX_ATTEMPTS - 1):
            passed += timedelta(seconds=LEASE_S + 1)
            assert {(await later.take()), (await later.take())} == {mine, others}
        assert await later.finish(mine.file, digest="d", passages=1, notes=())
        passed += timedelta(seconds=LEASE_S + 1)
        assert await later.take() is None
        known = (await ReadingStore(database).settle("ann", files.agent)).files
        assert {file.id: file.state for file in known} == {mine.file: "ready", others.file: "failed"}
    finally:
        await database.close()


async def test_what_a_killed_server_was_reading_the_next_one_reads_at_once(serve: Serve, home: Path) -> None:
    async with serve() as client:
        agent = await knowing(client, {"returns.md": RETURNS})
    database = Database(f"sqlite:///{home}/agentfabric.db")
    await database.open()
    try:  # as it is after `kill -9`: the file is still leased to a process that is no more
        await ReadingStore(database).compare(agent, held=[])
        killed = await ReadingQueue(database, "killed").take()
        assert killed
        assert await ReadingQueue(database, "next").take() is None
    finally:
        await database.close()
    async with serve() as client, asyncio.timeout(LEASE_S / 2):
        assert [(file["id"], file["state"]) for file in await settled(client, agent)] == [(killed.file, "ready")]
        assert (await search(client, agent, "return socks"))["hits"]


@dataclass(frozen=True)
class _Files:
    agent: str
    ids: list[str]


async def _two_files(database: Database, folder: Path) -> _Files:
    """An agent with two files that nobody has read."""
    agents, files = AgentStore(database), FileStore(database, Blobs(folder / "blobs"))
    agent = (await agents.create("ann", AgentConfig.from_document({}), "user")).id
    added = [
        await files.add("ann", purpose="knowledge", name=name, media_type="", data=b"x", agent_id=agent)
        for name in ("a.txt", "b.txt")
    ]
    ids = [file.id for file in added]

    def author(_: str, /) -> Author:
        return "form"

    await agents.edit("ann", agent, lambda config: config.replaced({"knowledge": ids}), author_of=author)
    await ReadingStore(database).settle("ann", agent)
    return _Files(agent, ids)


async def test_files_are_left_unread_when_somebody_says_so(client: Client) -> None:
    agent = (await client.post("/api/agents"))["id"]
    added = await add(client, agent, {f"{number}.md": RETURNS * 200 for number in range(8)})
    path = f"/api/agents/{agent}/knowledge"
    answers = await asyncio.gather(*(client.call("POST", f"{path}/{file['id']}/cancel") for file in added))
    states = [file["state"] for file in await settled(client, agent)]
    assert [answer.body["state"] for answer in answers] == states
    assert "failed" in states
    [first, *_] = [file for file in await client.get(path) if file["state"] == "failed"]
    assert "Cancelled" in first["reason"]["en"]
    await client.call("POST", f"{path}/{first['id']}/retry")
    assert {file["state"] for file in await settled(client, agent) if file["id"] == first["id"]} == {"ready"}


async def test_what_goes_while_it_is_read_stops_nobody_elses_reading(client: Client) -> None:
    # As many as there are workers.
    for _ in range(WORKERS):
        agent = (await client.post("/api/agents"))["id"]
        [file] = await add(client, agent, {"long.md": RETURNS * 5_000})
        path = f"/api/agents/{agent}/knowledge"
        async with asyncio.timeout(10):
            while (await client.get(path))[0]["state"] == "queued":  # noqa: ASYNC110  nothing tells of it
                await asyncio.sleep(0.02)
        assert (await client.call("DELETE", f"{path}/{file['id']}")).status == 204
        assert (await client.call("DELETE", f"/api/agents/{agent}")).status == 204
    await knowing(client, {"returns.md": RETURNS})


async def test_what_was_read_of_a_file_is_kept_no_longer_than_it_is_used(serve: Serve, home: Path) -> None:
    async with serve() as client:
        await knowing(client, {"returns.md": RETURNS, "news.md": "Nothing new."})
    one, other = (home / "knowledge" / "readings").iterdir()
    os.utime(one, (time.time() - KEPT.total_seconds() - 60, time.time()))
    async with serve() as client:
        assert [*(home / "knowledge" / "readings").iterdir()] == [other]
