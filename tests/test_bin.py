"""The bin: a deleted agent waits thirty days; what is erased then is nowhere any more, but where others have it."""

import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp

from tests.client import Client
from tests.conftest import Serve
from tests.knowing import add, knowing, search, settled
from tests.openapi import describing
from tests.pictures import png
from tests.test_apis import BEARER

CANARY = "Quetzalcoatlus"
TEXT = f"# Birds\n\nThe {CANARY} was the largest animal that ever flew.\n"
FILE = {f"{CANARY}.md": TEXT}
BOTH = {"AGENTFABRIC_TOKENS": "ann:the-token-of-ann,bob:the-token-of-bob"}
ANN, BOB = ({"Authorization": f"Bearer the-token-of-{name}"} for name in ("ann", "bob"))


async def full(client: Client, **options: Any) -> str:
    """An agent that has one of everything; all of it says the canary."""
    agent = await knowing(client, FILE, **options)
    path = f"/api/agents/{agent}"
    config = {"name": CANARY, "prompt_recommend": [CANARY]}
    await client.call("PATCH", f"{path}/config", json=config, **options)
    await client.call("PUT", f"{path}/avatar", data=png(8, 8), **options)
    await client.post(f"{path}/memory", json={"text": f"Likes the {CANARY}"}, **options)
    described = describing({"path": "/x", "operationId": "x"}, components=BEARER)
    api = {"text": described, "operations": ["x"], "key": "sk-of-the-api"}
    await client.post(f"{path}/apis", json=api, **options)
    await client.post(f"{path}/releases", json={"note": CANARY}, **options)
    await client.post(f"{path}/links", json={}, **options)
    await client.post(f"{path}/keys", json={"label": CANARY}, **options)
    asked = aiohttp.FormData()
    asked.add_field("text", f"What is a {CANARY}?")
    asked.add_field("files", TEXT.encode(), filename="also.md")
    conversation = (await client.post(f"{path}/conversations", **options))["id"]
    await client.collect("POST", f"{path}/conversations/{conversation}/messages", data=asked, **options)
    await client.collect("POST", f"{path}/builder", json={"text": f"Call it {CANARY} two"}, **options)
    return agent


def rows(home: Path) -> Mapping[str, list[tuple[Any, ...]]]:
    """Every row of every table."""
    with closing(sqlite3.connect(home / "agentfabric.db")) as database:
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {table: [*database.execute(f"SELECT * FROM {table}")] for table in tables}


def files(home: Path) -> Iterator[Path]:
    """Every file that the server keeps beside its database and its key."""
    for folder, _, names in os.walk(home):
        yield from (Path(folder) / name for name in names)


def told(home: Path) -> set[str]:
    """The tables that say the canary."""
    return {table for table, found in rows(home).items() if CANARY in str(found)}


def aged(home: Path, agent: str, days: int) -> None:
    """As if the agent had been deleted so many days ago."""
    moment = (datetime.now(UTC) - timedelta(days=days)).strftime("%Y-%m-%d %H:%M:%S.%f")
    with closing(sqlite3.connect(home / "agentfabric.db")) as database:
        database.execute("UPDATE agents SET deleted_at = ? WHERE id = ?", (moment, agent))
        database.commit()


async def test_after_thirty_days_nothing_is_left_in_any_table_or_folder(serve: Serve, home: Path) -> None:
    async with serve() as client:
        clean = {table: len(found) for table, found in rows(home).items()}
        clean_files = {path.parent for path in files(home)}
        agent = await full(client)
        assert {"agents", "versions", "releases", "agent_keys", "changes", "files", "facts", "messages"} <= told(home)
        assert (len(rows(home)["shares"]), len(rows(home)["secrets"])) == (1, 1)
        await client.call("DELETE", f"/api/agents/{agent}")
    aged(home, agent, 29)
    async with serve() as client:
        [waiting] = await client.get("/api/bin")
        assert (waiting["id"], waiting["name"]) == (agent, f"{CANARY} two")
        left = datetime.fromisoformat(waiting["erased"]) - datetime.now(UTC)
        assert timedelta(hours=23) < left < timedelta(hours=25)
    aged(home, agent, 31)
    async with serve() as client:
        assert await client.get("/api/bin") == []
        assert (await client.call("POST", f"/api/agents/{agent}/undelete")).status == 404
        assert told(home) == set()
        left_rows = {table: len(found) for table, found in rows(home).items() if len(found) > clean[table]}
        assert left_rows == {}
        assert {path for path in files(home) if path.parent not in clean_files} == set()
        assert [*(home / "blobs").iterdir()] == []


async def test_what_is_erased_now_is_kept_where_another_agent_has_it(serve: Serve, home: Path) -> None:
    async with serve(**BOTH) as client:
        agents = [await full(client, headers=ANN), await knowing(client, FILE, headers=ANN)]
        agents.append(await knowing(client, FILE, headers=BOB))
        twin = (await client.post(f"/api/agents/{agents[0]}/duplicate", headers=ANN))["id"]
        await settled(client, twin, headers=ANN)
        await client.post(f"/api/agents/{twin}/releases", headers=ANN, json={})
        [api] = await client.get(f"/api/agents/{twin}/apis", headers=ANN)
        assert (await client.call("DELETE", f"/api/agents/{twin}/apis/{api['id']}", headers=ANN)).status == 200
        [kept] = rows(home)["secrets"]
        path = f"/api/bin/{agents[0]}"
        assert (await client.call("DELETE", path, headers=ANN)).status == 404, "it is in no bin"
        await client.call("DELETE", f"/api/agents/{agents[0]}", headers=ANN)
        assert (await client.call("DELETE", path, headers=BOB)).status == 404
        assert (await client.call("DELETE", path, headers=ANN)).status == 204
        assert (await client.call("DELETE", path, headers=ANN)).status == 404
        assert await client.get("/api/bin", headers=ANN) == []
        for agent, headers in ((agents[1], ANN), (agents[2], BOB), (twin, ANN)):
            found = await search(client, agent, "Which animal was the largest that flew?", headers=headers)
            assert CANARY in found["hits"][0]["text"]
        assert rows(home)["secrets"] == [kept], "what is live of the copy calls the same API"
        await add(client, twin, {"again.md": TEXT}, headers=ANN)
        assert {file["state"] for file in await settled(client, twin, headers=ANN)} == {"ready"}
