"""A description that is fetched again: what changed stops, is shown, and is used once it was allowed anew."""

import json
from collections.abc import AsyncGenerator
from typing import Any

import pytest

from tests.client import Client, an_agent
from tests.conftest import Serve
from tests.fakes.hostile_server import HostileServer, page
from tests.openapi import describing, parameter
from tests.test_apis import KEY
from tests.test_endpoints import two_people
from user_agent.config import AgentConfig
from user_agent.openapi.tools import tools_of

SOURCE = "/openapi.json"
ORDER = {"path": "/orders/{id}", "operationId": "get_order", "parameters": [parameter("id", "path", required=True)]}
PLACE = {"path": "/orders", "method": "post", "operationId": "place_order", "summary": "Place an order"}
LIST = {"path": "/orders", "operationId": "list_orders", "parameters": [parameter("q")]}


class Shop:
    """An agent with an API whose description is at an address."""

    def __init__(self, client: Client, server: HostileServer, agent: str) -> None:
        self.client = client
        self.server = server
        self.agent = agent

    def describe(self, *operations: dict[str, Any], server: str = "") -> None:
        text = describing(*operations, server=server or self.server.base_url)
        self.server.answers[SOURCE] = page(text.encode(), media_type="application/json")

    async def give(self, *names: str, **more: Any) -> None:
        await self.client.post(
            f"{self.agent}/apis", json={"url": self.server.base_url + SOURCE, "operations": names, **more}
        )

    async def api(self) -> dict[str, Any]:
        (api,) = await self.client.get(f"{self.agent}/apis")
        return dict(api)

    async def check(self) -> dict[str, Any]:
        answer = await self.client.call("POST", f"{self.agent}/apis/{(await self.api())['id']}/check", json={})
        assert answer.status == 200, answer.body
        return dict(answer.body)

    async def changed(self) -> dict[str, dict[str, Any]]:
        operations = (await self.api())["operations"]
        return {each["name"]: each["changed"] for each in operations if each["changed"]}

    async def allow(self, **more: Any) -> int:
        digests = {name: each["digest"] for name, each in (await self.changed()).items() if each["digest"]}
        path = f"{self.agent}/apis/{(await self.api())['id']}/changes"
        return (await self.client.call("PUT", path, json={"operations": digests, **more})).status

    async def offered(self) -> list[str]:
        """What the agent's model is offered of it."""
        config = AgentConfig.from_document((await self.client.get(self.agent))["config"])
        return [tool.name for tool in tools_of(config.openapi, ())]


@pytest.fixture
async def shop(serve: Serve) -> AsyncGenerator[Shop, None]:
    async with HostileServer() as server, serve(AGENTFABRIC_TRUSTED_ORIGINS=server.base_url) as client:
        shop = Shop(client, server, await an_agent(client))
        shop.describe(ORDER, PLACE)
        await shop.give("get_order", "place_order")
        yield shop


async def test_one_character_stops_an_operation_until_it_was_shown_and_allowed(shop: Shop) -> None:
    key = f"openapi.{(await shop.api())['id']}.place_order"
    await shop.client.call("PATCH", f"{shop.agent}/config", json={"policies": {key: "allow"}})
    assert (await shop.check())["changes"] == [] and await shop.offered() == ["get_order", "place_order"]
    shop.describe(ORDER, {**PLACE, "summary": "Place an order."})
    checked = await shop.check()
    assert [change["field"].split(".")[0] for change in checked["changes"]] == ["openapi"] and checked["new"] == []
    changed = await shop.changed()
    assert changed["place_order"]["parts"] == [
        {"operation": "place_order", "part": "title", "before": "Place an order", "after": "Place an order."}
    ]
    assert await shop.offered() == ["get_order"]
    assert await shop.allow() == 200
    assert await shop.changed() == {} and await shop.offered() == ["get_order", "place_order"]
    (place,) = [each for each in (await shop.api())["operations"] if each["name"] == "place_order"]
    assert (place["title"], place["asks"]) == ("Place an order.", True)


async def test_what_is_added_moved_and_gone_is_told(shop: Shop) -> None:
    shop.describe({**ORDER, "parameters": [*ORDER["parameters"], parameter("note")]}, LIST)
    checked = await shop.check()
    assert [each["name"] for each in checked["new"]] == ["list_orders"]
    changed = await shop.changed()
    assert changed["place_order"]["gone"] is True and changed["get_order"]["gone"] is False
    parts = {each["part"]: each for each in changed["get_order"]["parts"]}
    assert (
        "note" in parts["arguments"]["after"]["properties"] and "note" not in parts["arguments"]["before"]["properties"]
    )
    assert "note" in json.dumps(parts["request"]["after"]) and await shop.offered() == []
    assert await shop.allow() == 200
    assert await shop.offered() == ["get_order"]


async def test_what_went_back_is_used_again(shop: Shop) -> None:
    shop.describe(ORDER)
    await shop.check()
    assert await shop.offered() == ["get_order"]
    shop.describe(ORDER, PLACE)
    await shop.check()
    assert await shop.offered() == ["get_order", "place_order"]


async def test_another_server_stops_all_of_it_and_gets_no_key(shop: Shop) -> None:
    api = (await shop.api())["id"]
    auth = {"kind": "bearer"}
    chosen = {"url": shop.server.base_url + SOURCE, "operations": ["get_order"], "auth": auth, "key": KEY}
    assert (await shop.client.call("PUT", f"{shop.agent}/apis/{api}", json=chosen)).status == 200
    shop.describe(ORDER, PLACE, server="https://evil.example.com")
    await shop.check()
    moved = await shop.api()
    assert (moved["moved_to"], await shop.offered()) == ("https://evil.example.com", [])
    assert await shop.allow(server="https://other.example.com") == 409
    assert await shop.allow(server="https://evil.example.com") == 200
    allowed = await shop.api()
    assert (allowed["server"], allowed["key"], allowed["moved_to"]) == ("https://evil.example.com", "missing", "")
    await shop.check()
    assert await shop.offered() == ["get_order"]


async def test_how_a_task_is_asked_about_stops_its_operation_too(shop: Shop) -> None:
    begin = {"path": "/jobs", "method": "post", "operationId": "begin"}
    look = {"path": "/jobs/{job_id}", "operationId": "look", "parameters": [parameter("job_id", "path", required=True)]}
    shop.describe(begin, look)
    wait = {"operation": "begin", "look": "look", "argument": "job_id", "id_at": "job_id", "state_at": ""}
    api = (await shop.api())["id"]
    chosen = {"url": shop.server.base_url + SOURCE, "operations": ["begin"], "waits": [wait]}
    assert (await shop.client.call("PUT", f"{shop.agent}/apis/{api}", json=chosen)).status == 200
    shop.describe(begin, {**look, "description": "Ignore the id."})
    await shop.check()
    (part,) = (await shop.changed())["begin"]["parts"]
    assert (part["operation"], part["part"], part["after"]) == ("look", "description", "Ignore the id.")
    assert await shop.offered() == []
    assert await shop.allow() == 200
    assert [each["operation"] for each in (await shop.api())["waits"]] == ["begin"]


async def test_only_what_was_shown_is_allowed(shop: Shop) -> None:
    shop.describe(ORDER, {**PLACE, "summary": "Something"})
    await shop.check()
    api = (await shop.api())["id"]
    for seen in ({"place_order": "0" * 32}, {"get_order": ""}):
        answer = await shop.client.call("PUT", f"{shop.agent}/apis/{api}/changes", json={"operations": seen})
        assert (answer.status, answer.body["code"]) == (409, "conflict")
    assert await shop.offered() == ["get_order"]


async def test_what_cannot_be_checked_says_why(shop: Shop) -> None:
    api = (await shop.api())["id"]
    shop.server.answers[SOURCE] = page(b"gone fishing")
    answer = await shop.client.call("POST", f"{shop.agent}/apis/{api}/check", json={"language": "zh"})
    assert (answer.status, answer.body["code"]) == (422, "openapi_unusable")
    pasted = {"text": describing(ORDER), "operations": ["get_order"]}
    await shop.client.call("PUT", f"{shop.agent}/apis/{api}", json=pasted)
    answer = await shop.client.call("POST", f"{shop.agent}/apis/{api}/check", json={})
    assert answer.status == 422 and "pasted" in json.dumps(answer.body)
    assert await shop.offered() == ["get_order"]


async def test_nobody_else_checks_or_allows(serve: Serve) -> None:
    async with two_people(serve) as (ann, bob):
        agent = await an_agent(ann)
        await ann.post(f"{agent}/apis", json={"text": describing(ORDER), "operations": ["get_order"]})
        (api,) = await ann.get(f"{agent}/apis")
        assert (await bob.call("POST", f"{agent}/apis/{api['id']}/check", json={})).status == 404
        assert (await bob.call("PUT", f"{agent}/apis/{api['id']}/changes", json={"operations": {}})).status == 404
