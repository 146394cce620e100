"""APIs that a person gives an agent: read, chosen, signed in to, used, taken away; through the HTTP API."""

import json
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest

from tests.client import Client, an_agent, text_of
from tests.conftest import Serve
from tests.fakes.hostile_server import HostileServer, page
from tests.fakes.openai_replies import Call, Says
from tests.fakes.openai_server import FakeOpenAI
from tests.model_file import model_file
from tests.openapi import describing, parameter
from tests.test_endpoints import two_people

KEY = "canary-api-key-4711"
BEARER = {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}}


@pytest.fixture
async def shop() -> AsyncGenerator[HostileServer, None]:
    """An API with orders, and its own description."""
    async with HostileServer() as server:
        server.fallback = page(b'{"state": "on its way"}', media_type="application/json")
        server.answers["/openapi.json"] = page(shop_text(server.base_url).encode(), media_type="application/json")
        yield server


def shop_text(server: str) -> str:
    return describing(
        {
            "path": "/orders/{id}",
            "operationId": "get_order",
            "summary": "Look up an order",
            "parameters": [parameter("id", "path")],
        },
        {"path": "/orders", "method": "post", "operationId": "place_order"},
        {"path": "/raw", "method": "put", "requestBody": {"content": {"image/png": {}}}},
        server=server,
        components=BEARER,
    )


async def added(client: Client, agent: str, text: str, **more: Any) -> dict[str, Any]:
    chosen = {"text": text, "operations": ["get_order", "place_order"], **more}
    return await client.post(f"{agent}/apis", json=chosen)


async def test_a_description_shows_what_there_is_to_choose(client: Client) -> None:
    answer = await client.call("POST", "/api/openapi", json={"text": shop_text("https://shop.example.com")})
    found = answer.body
    assert (found["title"], found["servers"], found["auths"][0]["kind"]) == (
        "Shop",
        ["https://shop.example.com"],
        "bearer",
    )
    names = [(each["name"], each["effect"]) for each in found["operations"]]
    assert names == [("get_order", "reads"), ("place_order", "writes")]
    assert found["operations"][0]["tokens"] > 20
    assert found["left_out"][0]["operation"] == "PUT /raw" and "image/png" in found["left_out"][0]["why"]["en"]


async def test_an_agent_uses_what_was_chosen_with_its_key(serve: Serve, shop: HostileServer, tmp_path: Path) -> None:
    async with FakeOpenAI() as model:
        file = model_file(tmp_path, model.base_url)
        async with serve(MODEL_CONFIG_FILE=file, AGENTFABRIC_TRUSTED_ORIGINS=shop.base_url) as client:
            agent = await an_agent(client)
            edited = await added(client, agent, shop_text(shop.base_url), key=KEY)
            assert KEY not in json.dumps(edited)
            model.script(Says(calls=(Call("get_order", '{"id": "a/1"}'),)), Says("It is on its way."))
            events = await client.say(await client.conversation(agent.rpartition("/")[2]), "Where is my order?")
            assert text_of(events) == "It is on its way."
            model.assert_complete()
            offered = [tool["function"]["name"] for tool in model.requests[0].body["tools"]]
            assert {"get_order", "place_order"} <= set(offered)
            assert shop.paths == ["/orders/a%2F1"]
            assert shop.asked[0].headers["authorization"] == f"Bearer {KEY}"


async def test_a_description_at_an_address_is_read_through_the_guarded_client(
    serve: Serve, shop: HostileServer
) -> None:
    async with serve(AGENTFABRIC_TRUSTED_ORIGINS=shop.base_url) as client:
        answer = await client.call("POST", "/api/openapi", json={"url": f"{shop.base_url}/openapi.json"})
        assert answer.body["title"] == "Shop"
    async with serve() as client:
        answer = await client.call("POST", "/api/openapi", json={"url": f"{shop.base_url}/openapi.json"})
        assert (answer.status, answer.body["code"]) == (502, "fetch_failed")
        assert shop.paths == ["/openapi.json"]


async def test_an_api_is_listed_with_its_key_named_and_never_shown(client: Client) -> None:
    agent = await an_agent(client)
    await added(client, agent, shop_text("https://shop.example.com"))
    (api,) = await client.get(f"{agent}/apis")
    assert api["key"] == "missing"
    asks = [(each["name"], each["tool"], each["asks"]) for each in api["operations"]]
    assert asks == [("get_order", "get_order", False), ("place_order", "place_order", True)]
    answer = await client.call("PUT", f"{agent}/apis/{api['id']}/key", json={"key": KEY})
    assert (answer.status, answer.body["key"]) == (200, "stored")
    everything = [await client.get(path) for path in (f"{agent}/apis", agent, "/api/secrets")]
    assert KEY not in json.dumps(everything)
    assert everything[2] == {"names": []}


async def test_a_key_is_for_its_server_alone_and_goes_with_its_api(client: Client) -> None:
    agent = await an_agent(client)
    await added(client, agent, shop_text("https://shop.example.com"), key=KEY)
    (api,) = await client.get(f"{agent}/apis")
    path = f"{agent}/apis/{api['id']}"
    moved = {
        "text": shop_text("https://shop.example.com"),
        "operations": ["get_order"],
        "server": "https://evil.example.com",
    }
    assert (await client.call("PUT", path, json=moved)).status == 200
    assert [each["key"] for each in await client.get(f"{agent}/apis")] == ["missing"]
    back = {**moved, "server": "", "key": KEY}
    assert (await client.call("PUT", path, json=back)).status == 200
    copy = (await client.post(f"{agent}/duplicate"))["id"]
    assert (await client.call("DELETE", path)).status == 200
    assert await client.get(f"{agent}/apis") == []
    (twin,) = await client.get(f"/api/agents/{copy}/apis")
    assert twin["key"] == "stored"
    await client.post(f"/api/agents/{copy}/releases", json={})
    assert await key_after_going(client, f"/api/agents/{copy}", twin["id"]) == "stored", "what is live calls it yet"
    await client.call("DELETE", f"/api/agents/{copy}/releases/1/live")
    assert await key_after_going(client, f"/api/agents/{copy}", twin["id"]) == "missing"


async def key_after_going(client: Client, agent: str, api: str) -> str:
    """Whether the key is there for an API that was taken away and came back with its version."""
    assert (await client.call("DELETE", f"{agent}/apis/{api}")).status == 200
    assert (await client.call("POST", f"{agent}/versions/1/restore")).status == 200
    (back,) = await client.get(f"{agent}/apis")
    return str(back["key"])


async def test_a_plugin_file_of_the_predecessor_brings_its_key_to_the_store(client: Client) -> None:
    auth = {"type": "API Key", "apikey": KEY, "apikey_type": "Bearer"}
    plugin = json.dumps({"schema": json.loads(shop_text("https://shop.example.com")), "auth": auth})
    answer = await client.call("POST", "/api/openapi", json={"text": plugin})
    assert answer.body["has_key"] is True and KEY not in json.dumps(answer.body)
    agent = await an_agent(client)
    edited = await added(client, agent, plugin)
    assert KEY not in json.dumps(edited)
    assert [api["key"] for api in await client.get(f"{agent}/apis")] == ["stored"]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"operations": ["none such"]}, "config_invalid"),
        ({"server": "file:///etc/passwd"}, "address_unusable"),
        ({"server": "https://user:pass@shop.example.com"}, "address_unusable"),
        ({"text": "no description"}, "openapi_unusable"),
        ({"key": "two\nlines"}, "config_invalid"),
        ({"auth": {"kind": "api_key"}}, "config_invalid"),
        ({"auth": {"kind": "basic"}, "key": "no colon"}, "config_invalid"),
    ],
)
async def test_a_choice_that_cannot_work_says_so(client: Client, changed: dict[str, Any], code: str) -> None:
    agent = await an_agent(client)
    chosen = {"text": shop_text("https://shop.example.com"), "operations": ["get_order"], **changed}
    answer = await client.call("POST", f"{agent}/apis", json=chosen)
    assert answer.status == 422 and answer.body["code"] == code, answer.body
    assert await client.get(f"{agent}/apis") == []


async def test_an_api_is_of_its_owner_alone(serve: Serve) -> None:
    async with two_people(serve) as (ann, bob):
        agent = await an_agent(ann)
        await added(ann, agent, shop_text("https://shop.example.com"), key=KEY)
        (api,) = await ann.get(f"{agent}/apis")
        assert (await bob.call("GET", f"{agent}/apis")).status == 404
        assert (await bob.call("DELETE", f"{agent}/apis/{api['id']}")).status == 404
        config = (await ann.get(agent))["config"]
        taken = await bob.post("/api/agents", json={"config": config})
        assert [each["key"] for each in await bob.get(f"/api/agents/{taken['id']}/apis")] == ["missing"]


async def test_adding_an_api_can_be_undone_and_respects_a_lock(client: Client) -> None:
    agent = await an_agent(client)
    edited = await added(client, agent, shop_text("https://shop.example.com"))
    (change,) = edited["changes"]
    answer = await client.call("POST", f"{agent}/changes/undo", json={"changes": [change["id"]]})
    assert answer.status == 200, answer.body
    assert await client.get(f"{agent}/apis") == []
    assert (await client.call("PUT", f"{agent}/locks/openapi")).status == 200
    chosen = {"text": shop_text("https://a.example.com"), "operations": ["get_order"]}
    answer = await client.call("POST", f"{agent}/apis", json=chosen)
    assert (answer.status, answer.body["code"]) == (409, "locked")
