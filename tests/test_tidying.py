"""What is done again and again goes on, whatever comes of it once, and finds what was left half done."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import aiohttp
from structlog.testing import capture_logs

from agentfabric.service.tidying import every, meanwhile
from tests.conftest import Serve
from user_agent.errors import StorageFailed


async def test_what_fails_once_is_tried_again_and_keeps_nothing_else_from_being_done() -> None:
    failures = [StorageFailed("The disk is full."), PermissionError(13, "Permission denied"), None]
    failed, done, enough = list[BaseException](), list[int](), asyncio.Event()

    async def fails() -> None:
        failure = failures.pop(0)
        if failure is not None:
            failed.append(failure)
            raise failure

    async def works() -> None:
        done.append(len(failed))
        if not failures:
            enough.set()
            await asyncio.Event().wait()

    with capture_logs() as told:
        async with meanwhile(every(0.0, fails, works)):
            await asyncio.wait_for(enough.wait(), 20)
    assert done == [1, 2, 2]
    assert [entry["log_level"] for entry in told] == ["warning", "error"]


async def test_files_go_whose_conversation_was_erased_before_the_server_ended(serve: Serve, home: Path) -> None:
    async with serve() as client:
        agent = await client.post("/api/agents")
        conversation = await client.conversation(agent["id"])
        form = aiohttp.FormData({"text": "Read this"})
        form.add_field("files", b"What is mine alone.", filename="mine.txt", content_type="text/plain")
        await client.collect("POST", f"{conversation}/messages", data=form)
        with closing(sqlite3.connect(home / "agentfabric.db")) as database, database:
            database.execute("PRAGMA foreign_keys = ON")
            database.execute("DELETE FROM conversations")
            assert database.execute("SELECT count(*) FROM files").fetchone() == (1,)
    assert [path for path in (home / "blobs").rglob("*") if path.is_file()]
    async with serve():
        pass
    with closing(sqlite3.connect(home / "agentfabric.db")) as database:
        assert database.execute("SELECT count(*) FROM files").fetchone() == (0,)
    assert not [path for path in (home / "blobs").rglob("*") if path.is_file()]


async def test_an_agent_that_cannot_be_read_is_in_the_way_of_no_other_and_of_no_start(serve: Serve, home: Path) -> None:
    async with serve() as client:
        odd, agent = await client.post("/api/agents"), await client.post("/api/agents")
        path = f"/api/agents/{agent['id']}"
        look = {"name": "look", "method": "GET", "path": "/look"}
        auth = {"kind": "api_key", "name": "X-Key"}
        api = {"title": "Orders", "server": "https://orders.example/v1", "auth": auth, "operations": [look]}
        config = {**(await client.get(path))["config"], "openapi": {"orders": api}}
        seen = {"if-match": f'"{agent["revision"]}"'}
        assert (await client.call("PUT", f"{path}/config", json=config, headers=seen)).status == 200
        with closing(sqlite3.connect(home / "agentfabric.db")) as database, database:
            database.execute("UPDATE agents SET document = ? WHERE id = ?", ['{"name": 3}', odd["id"]])
        assert (await client.call("DELETE", f"{path}/apis/orders")).status == 200
        assert (await client.call("DELETE", path)).status == 204
        with closing(sqlite3.connect(home / "agentfabric.db")) as database, database:
            database.execute("UPDATE agents SET deleted_at = '2020-01-01 00:00:00.000000' WHERE deleted_at IS NOT NULL")
    async with serve() as client:
        assert [each["id"] for each in await client.get("/api/agents")] == [odd["id"]]
    with closing(sqlite3.connect(home / "agentfabric.db")) as database:
        assert database.execute("SELECT count(*) FROM agents").fetchone() == (1,)
