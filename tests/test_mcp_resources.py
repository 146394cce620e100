"""Resources of an agent's MCP server: listed, taken as knowledge, fetched anew."""

import base64
from collections.abc import AsyncGenerator

import pytest

from tests.client import Client, an_agent
from tests.conftest import Serve
from tests.fakes.mcp_server import FakeMcp
from tests.foreign_mcp import serving
from tests.knowing import search, settled
from tests.test_endpoints import two_people
from tests.test_mcp import KEY, added, pasted

OTTERS = "note://otters"
HERONS = "note://herons.md"


@pytest.fixture
async def server() -> AsyncGenerator[FakeMcp, None]:
    async with FakeMcp() as server:
        herons = base64.b64encode(b"# Herons\n\nHerons stand on one leg.\n").decode()
        server.resources = {
            OTTERS: {"text": "Otters sleep on their backs.", "mimeType": "text/plain"},
            HERONS: {"blob": herons, "mimeType": "application/octet-stream"},
        }
        yield server


@pytest.fixture
async def client(serve: Serve, server: FakeMcp) -> AsyncGenerator[Client, None]:
    async with serve(AGENTFABRIC_TRUSTED_ORIGINS=server.origin) as client:
        yield client


async def given(client: Client, server: FakeMcp) -> tuple[str, str]:
    """An agent that has the server, and the server's id."""
    agent = await an_agent(client)
    await added(client, agent, pasted(server, headers={"X-Key": KEY}), "look")
    (state,) = await client.get(f"{agent}/mcp")
    assert state["has_resources"]
    return agent, state["id"]


async def test_a_resource_becomes_knowledge_and_is_fetched_anew(client: Client, server: FakeMcp) -> None:
    agent, server_id = await given(client, server)
    listed = await client.get(f"{agent}/mcp/{server_id}/resources")
    assert [(each["uri"], each["name"], each["size_bytes"]) for each in listed] == [
        (OTTERS, "otters", None),
        (HERONS, "herons.md", None),
    ]
    for uri in (OTTERS, HERONS):
        (file,) = await client.post(f"{agent}/knowledge/resources", json={"server": server_id, "uri": uri})
        assert file["source"] == f"mcp:{server_id}/{uri}"
    otters, herons = await settled(client, agent.rpartition("/")[2])
    assert (otters["state"], herons["state"]) == ("ready", "ready"), (otters["reason"], herons["reason"])
    assert (await search(client, agent.rpartition("/")[2], "herons"))["hits"][0]["file"] == herons["id"]
    server.resources[OTTERS] = {"text": "Otters hold hands.", "mimeType": "text/plain"}
    await client.call("POST", f"{agent}/knowledge/{otters['id']}/refresh")
    await settled(client, agent.rpartition("/")[2])
    assert (await search(client, agent.rpartition("/")[2], "hold hands"))["hits"]
    # What it had stays where the server does not answer, and the reason is told.
    del server.resources[OTTERS]
    await client.call("POST", f"{agent}/knowledge/{otters['id']}/refresh")
    otters, _ = await settled(client, agent.rpartition("/")[2])
    assert otters["state"] == "ready" and otters["notes"]
    assert (await client.call("DELETE", f"{agent}/mcp/{server_id}")).status == 200
    await client.call("POST", f"{agent}/knowledge/{herons['id']}/refresh")
    _, herons = await settled(client, agent.rpartition("/")[2])
    assert "no more" in herons["notes"][0]["en"]


async def test_what_a_server_does_not_list_is_not_taken(client: Client, server: FakeMcp) -> None:
    agent, server_id = await given(client, server)
    for uri in ("file:///etc/passwd", "note://another"):
        answer = await client.call("POST", f"{agent}/knowledge/resources", json={"server": server_id, "uri": uri})
        assert answer.status == 404
    server.refused = 500
    answer = await client.call("POST", f"{agent}/knowledge/resources", json={"server": server_id, "uri": OTTERS})
    assert (answer.status, answer.body["code"]) == (422, "config_invalid")
    assert await client.get(f"{agent}/knowledge") == []


async def test_nobody_is_given_what_another_s_key_opens(serve: Serve, server: FakeMcp) -> None:
    async with two_people(serve, AGENTFABRIC_TRUSTED_ORIGINS=server.origin) as (ann, bob):
        agent, server_id = await given(ann, server)
        taken = await bob.post("/api/agents", json={"config": (await ann.get(agent))["config"]})
        path = f"/api/agents/{taken['id']}"
        answer = await bob.call("POST", f"{path}/knowledge/resources", json={"server": server_id, "uri": OTTERS})
        assert (answer.status, answer.body["code"]) == (422, "config_invalid")
        assert (await bob.call("GET", f"{agent}/mcp/{server_id}/resources")).status == 404


async def test_a_document_of_the_server_of_others_is_known(serve: Serve) -> None:
    async with (
        serving("streamableHttp") as url,
        serve(AGENTFABRIC_TRUSTED_ORIGINS=url.removesuffix("/mcp")) as client,
    ):
        agent = await an_agent(client)
        await added(client, agent, url, "echo")
        (state,) = await client.get(f"{agent}/mcp")
        listed = await client.get(f"{agent}/mcp/{state['id']}/resources")
        first = next(each for each in listed if each["media_type"].startswith("text/"))
        taken = {"server": state["id"], "uri": first["uri"]}
        await client.post(f"{agent}/knowledge/resources", json=taken)
        (file,) = await settled(client, agent.rpartition("/")[2])
        assert (file["name"], file["state"]) == (first["name"], "ready"), file["reason"]
