"""A bundle is of one moment, whatever is changed while it is packed."""

import asyncio
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from agentfabric.service.agents import Agents
from agentfabric.service.bundles import AT_ONCE
from agentfabric.service.knowledge import Knowledge
from tests.client import Client
from tests.conftest import Serve
from tests.knowing import add, knowing, settled
from tests.test_api_history import patched
from tests.test_releases import published
from user_agent.knowledge.index import Carried

NOTES = {"a.md": "Socks come back within 30 days.", "b.md": "A parcel takes two days."}


def read(data: bytes) -> dict[str, Any]:
    """Of a bundle, by what it could be torn: its name, its files, and whose passages there are."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        config = json.loads(archive.read("config/builder_config.json"))
        files = {
            name: archive.read(f"config/{name}").decode() for name in NOTES if f"config/{name}" in archive.namelist()
        }
        lines = archive.read("config/knowledge.jsonl").splitlines() if files else []
    passages = [json.loads(line) for line in lines]
    return {
        "name": config["name"],
        "knowledge": config.get("knowledge", []),
        "files": files,
        "passages": {each["file"]: each["passage"]["text"] for each in passages},
    }


async def remove(client: Client, agent: str, name: str) -> None:
    [file] = [each for each in await client.get(f"/api/agents/{agent}/knowledge") if each["name"] == name]
    assert (await client.call("DELETE", f"/api/agents/{agent}/knowledge/{file['id']}")).status == 204


async def test_a_change_while_it_is_packed_is_in_all_of_it(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    async with serve() as client:
        agent = await knowing(client, NOTES)
        await patched(client, agent, name="Max")
        carried = Knowledge.carried
        changes = 0

        async def changed_before(self: Knowledge, user: str, agent_id: str) -> Mapping[str, Sequence[Carried]]:
            nonlocal changes
            changes += 1
            if changes == 1:
                await remove(client, agent, "b.md")
                await patched(client, agent, name="Zed")
            return await carried(self, user, agent_id)

        monkeypatch.setattr(Knowledge, "carried", changed_before)
        packed = read(await client.get(f"/api/agents/{agent}/bundle"))
        assert (packed["name"], packed["knowledge"], [*packed["files"]]) == ("Zed", ["config/a.md"], ["a.md"])
        assert packed["passages"].keys() == {"a.md"}
        await published(client, agent)
        changes = 0

        async def published_before(self: Knowledge, user: str, agent_id: str) -> Mapping[str, Sequence[Carried]]:
            nonlocal changes
            changes += 1
            if changes == 1:
                await add(client, agent, {"b.md": NOTES["b.md"]})
                await settled(client, agent)
                await patched(client, agent, name="Kit")
                await published(client, agent)
            return await carried(self, user, agent_id)

        monkeypatch.setattr(Knowledge, "carried", published_before)
        packed = read(await client.get(f"/api/agents/{agent}/bundle"))
        assert packed == {
            "name": "Kit",
            "knowledge": ["config/a.md", "config/b.md"],
            "files": NOTES,
            "passages": NOTES,
        }


async def test_an_agent_that_never_holds_still_is_not_packed_torn(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serve() as client:
        agent = await knowing(client, NOTES)
        avatar, changes = Agents.avatar, 0

        async def changed_before(self: Agents, user: str, agent_id: str) -> bytes:
            nonlocal changes
            changes += 1
            await patched(client, agent, name=f"Max {changes}")
            return await avatar(self, user, agent_id)

        monkeypatch.setattr(Agents, "avatar", changed_before)
        answer = await client.call("GET", f"/api/agents/{agent}/bundle")
        assert (answer.status, answer.body["code"]) == (409, "conflict")
        assert changes > 1


async def test_a_few_are_packed_at_a_time_and_the_rest_waits(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    async with serve() as client:
        agent = await knowing(client, NOTES)
        avatar, begun, go = Agents.avatar, asyncio.Semaphore(0), asyncio.Event()
        at_work: list[int] = [0]

        async def held(self: Agents, user: str, agent_id: str) -> bytes:
            at_work.append(at_work[-1] + 1)
            begun.release()
            await go.wait()
            at_work.append(at_work[-1] - 1)
            return await avatar(self, user, agent_id)

        monkeypatch.setattr(Agents, "avatar", held)
        asked = [asyncio.create_task(client.get(f"/api/agents/{agent}/bundle")) for _ in range(5)]
        for _ in range(AT_ONCE):
            await begun.acquire()
        assert await client.get(f"/api/agents/{agent}/knowledge"), "others are answered meanwhile"
        go.set()
        packed = await asyncio.gather(*asked)
        assert len({*packed}) == 1
        assert max(at_work) == AT_ONCE
