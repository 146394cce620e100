"""Operations that change something: they wait for a person, who may allow one for good and take that back."""

import json
import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.client import Client, ServerEvent, an_agent, text_of
from tests.conftest import Serve
from tests.fakes.hostile_server import HostileServer, page
from tests.fakes.openai_replies import Call, Says
from tests.fakes.openai_server import FakeOpenAI
from tests.model_file import model_file
from tests.openapi import body, describing, parameter

FOLDER = Path(os.environ.get("AGENTFABRIC_TEST_DATA", "../shared/data")) / "openapi"
SHOP = "https://shop.example.com"
ORDER = {"path": "/orders", "method": "post", "operationId": "place_order", "requestBody": body("application/json", {})}
LOOK = {"path": "/orders", "operationId": "list_orders"}


def shop(server: str = SHOP, **changed: Any) -> str:
    return describing({**ORDER, **changed}, LOOK, server=server)


@dataclass(frozen=True)
class Talk:
    """A conversation with an agent that has an API."""

    client: Client
    model: FakeOpenAI
    server: HostileServer
    agent: str
    path: str

    async def give(self, text: str, *operations: str, api: str = "", **more: Any) -> dict[str, Any]:
        choice = {"text": text, "operations": list(operations), **more}
        answer = await self.client.call("PUT" if api else "POST", f"{self.agent}/apis{api and '/' + api}", json=choice)
        assert answer.status in (200, 201), answer.body
        return dict(answer.body)

    async def say(self, text: str = "Do it") -> list[ServerEvent]:
        return await self.client.collect("POST", f"{self.path}/messages", json={"text": text})

    async def decide(self, choice: str) -> list[ServerEvent]:
        stored = await self.client.get(self.path)
        calls = {part["id"]: choice for part in stored["messages"][-1]["parts"][0]["data"]["calls"]}
        return await self.client.collect(
            "POST", f"{self.path}/decisions", json={"turn": stored["waiting"], "calls": calls}
        )

    async def api(self) -> dict[str, Any]:
        (api,) = await self.client.get(f"{self.agent}/apis")
        return dict(api)

    async def asks(self, name: str = "place_order") -> bool:
        operations = {each["name"]: each for each in (await self.api())["operations"]}
        return bool(operations[name]["asks"])

    async def choose(self, key: str, policy: str) -> dict[str, Any]:
        answer = await self.client.call("PATCH", f"{self.agent}/config", json={"policies": {key: policy}})
        return dict(answer.body)

    async def undo(self, *changes: str) -> list[dict[str, Any]]:
        answer = await self.client.call("POST", f"{self.agent}/changes/undo", json={"changes": changes})
        return list(answer.body["changes"])


@asynccontextmanager
async def talking(serve: Serve, tmp_path: Path) -> AsyncGenerator[Talk]:
    async with FakeOpenAI() as model, HostileServer() as server:
        server.fallback = page(b'{"sid": "1", "status": "queued"}', media_type="application/json")
        file = model_file(tmp_path, model.base_url)
        async with serve(MODEL_CONFIG_FILE=file, AGENTFABRIC_TRUSTED_ORIGINS=server.base_url) as client:
            agent = await an_agent(client)
            conversation = await client.conversation(agent.rpartition("/")[2])
            yield Talk(client, model, server, agent, conversation)


@pytest.fixture
async def talk(serve: Serve, tmp_path: Path) -> AsyncGenerator[Talk]:
    async with talking(serve, tmp_path) as talk:
        yield talk


def types(events: list[ServerEvent]) -> list[str]:
    return [event.type for event in events if event.type not in ("text_delta", "tool_drafting", "config_changed")]


@pytest.mark.skipif(not FOLDER.is_dir(), reason=f"{FOLDER} is not here; point AGENTFABRIC_TEST_DATA at the test data")
async def test_a_twilio_description_drafts_an_sms_and_sends_it_when_it_is_allowed(talk: Talk) -> None:
    text = (FOLDER / "twilio-oai__twilio_supersim_v1.json").read_text()
    await talk.give(text, "CreateSmsCommand", server=talk.server.base_url, key="AC1:canary-token")
    arguments = {"body": {"Sim": "HS" + "a" * 32, "Payload": "Where are you?"}}
    talk.model.script(
        Says("I will send it.", calls=(Call("CreateSmsCommand", json.dumps(arguments)),)), Says("It is on its way.")
    )
    events = await talk.say("Ask the device where it is, by SMS")
    assert types(events) == ["turn_started", "tool_started", "input_needed", "run_finished"]
    assert events[-2].data["calls"][0]["arguments"] == arguments
    assert talk.server.asked == []
    events = await talk.decide("allow")
    assert text_of(events) == "It is on its way."
    (sent,) = talk.server.asked
    assert (sent.method, sent.target) == ("POST", "/v1/SmsCommands")
    assert sent.headers["content-type"] == "application/x-www-form-urlencoded"
    assert sent.headers["authorization"] == "Basic QUMxOmNhbmFyeS10b2tlbg=="
    assert sent.body == f"Sim=HS{'a' * 32}&Payload=Where%20are%20you%3F".encode()
    assert "canary" not in json.dumps([event.data for event in events])


async def test_what_is_refused_is_not_sent(talk: Talk) -> None:
    await talk.give(shop(talk.server.base_url), "place_order")
    talk.model.script(Says(calls=(Call("place_order", "{}"),)), Says("Left undone."))
    await talk.say()
    assert text_of(await talk.decide("refuse")) == "Left undone."
    assert talk.server.asked == []


async def test_always_is_kept_for_the_operation_told_as_a_change_and_taken_back(talk: Talk) -> None:
    await talk.give(shop(talk.server.base_url), "place_order", "list_orders")
    key = f"openapi.{(await talk.api())['id']}.place_order"
    call = Says(calls=(Call("place_order", "{}"),))
    talk.model.script(call, Says("Done."), call, Says("Done again."))
    assert await talk.asks()
    await talk.say()
    events = await talk.decide("always")
    (change,) = next(event for event in events if event.type == "config_changed").data["changes"]
    assert (change["field"], change["before"], change["after"], change["author"]) == (
        f"{key}.policy",
        None,
        "allow",
        "form",
    )
    assert not await talk.asks() and await talk.asks("list_orders") is False
    assert "input_needed" not in types(await talk.say("And again"))
    assert len(talk.server.asked) == 2
    stored = await talk.client.get(talk.agent)
    assert stored["marks"][f"{key}.policy"]["author"] == "form"
    assert [each["after"] for each in await talk.undo(change["id"])] == [None]
    assert await talk.asks()
    await talk.choose(key, "allow")
    assert not await talk.asks()
    await talk.choose(key, "ask")
    assert await talk.asks()
    assert (await talk.choose("openapi.none.place_order", "allow"))["refused"][0]["why"] == "there is no such tool"


async def test_nobody_is_asked_about_arguments_that_do_not_fit(talk: Talk) -> None:
    await talk.give(shop(talk.server.base_url), "place_order")
    talk.model.script(Says(calls=(Call("place_order", '{"what": 1}'),)), Says("Sorry."))
    assert types(await talk.say()) == ["turn_started", "tool_started", "tool_finished", "run_finished"]


@pytest.mark.parametrize(
    "changed",
    [{"path": "/refunds"}, {"description": "Places an order."}, {"server": "https://other.example.com"}],
    ids=["path", "description", "host"],
)
async def test_a_leave_ends_with_whatever_changes_of_the_operation(talk: Talk, changed: dict[str, Any]) -> None:
    await talk.give(shop(), "place_order")
    api = (await talk.api())["id"]
    await talk.choose(f"openapi.{api}.place_order", "allow")
    await talk.give(shop(), "place_order", "list_orders", api=api)
    assert not await talk.asks()
    edited = await talk.give(shop(**changed), "place_order", api=api)
    assert await talk.asks()
    assert {change["field"] for change in edited["changes"]} == {f"openapi.{api}", f"openapi.{api}.place_order.policy"}
    back = [change["id"] for change in edited["changes"] if change["field"] == f"openapi.{api}"]
    await talk.undo(*back)
    assert await talk.asks()


async def test_a_removed_api_comes_back_without_its_leaves(talk: Talk) -> None:
    await talk.give(shop(), "place_order")
    api = (await talk.api())["id"]
    await talk.choose(f"openapi.{api}.place_order", "allow")
    removed = await talk.client.call("DELETE", f"{talk.agent}/apis/{api}")
    apis = [change["id"] for change in removed.body["changes"] if change["field"] == f"openapi.{api}"]
    await talk.undo(*apis)
    assert await talk.asks()


async def test_a_restored_version_does_not_bring_back_a_leave_that_was_taken_away(talk: Talk) -> None:
    await talk.give(shop(), "place_order")
    key = f"openapi.{(await talk.api())['id']}.place_order"
    await talk.client.call("PATCH", f"{talk.agent}/config", json={"tools": {"http_request": True}})
    await talk.client.call("PATCH", f"{talk.agent}/config", json={"policies": {key: "allow", "http_request": "allow"}})
    number = (await talk.client.get(f"{talk.agent}/versions"))[0]["number"]
    again = await talk.client.call("POST", f"{talk.agent}/versions/{number}/restore")
    assert again.status == 200 and not await talk.asks()  # they stand: nothing was taken away
    await talk.client.call("PATCH", f"{talk.agent}/config", json={"name": "Another"})  # begins another version
    await talk.client.call("PATCH", f"{talk.agent}/config", json={"policies": {key: "ask", "http_request": "ask"}})
    restored = await talk.client.call("POST", f"{talk.agent}/versions/{number}/restore")
    assert restored.status == 200 and await talk.asks()
    assert restored.body["config"]["tools"]["http_request"].get("policy") != "allow"


@pytest.mark.parametrize("name", ["X-HTTP-Method-Override", "x-http-method", "X-Method-Override"])
async def test_a_reading_operation_that_can_be_made_to_write_asks(talk: Talk, name: str) -> None:
    override = parameter(name, "header", description="Another method")
    await talk.give(describing({**LOOK, "parameters": [override]}, server=talk.server.base_url), "list_orders")
    assert await talk.asks("list_orders")
    talk.model.script(Says(calls=(Call("list_orders", json.dumps({name: "DELETE"})),)))
    assert "input_needed" in types(await talk.say()) and talk.server.asked == []


async def test_a_leave_does_not_come_with_a_document(talk: Talk) -> None:
    await talk.give(shop(), "place_order")
    api = (await talk.api())["id"]
    await talk.choose(f"openapi.{api}.place_order", "allow")
    stored = await talk.client.get(talk.agent)
    brought = await talk.client.post("/api/agents", json={"config": stored["config"]})
    key = f"openapi.{api}.place_order"
    assert brought["notices"] == [{"kind": "asks_again", "field": f"{key}.policy", "name": key}]
    (api_there,) = await talk.client.get(f"/api/agents/{brought['id']}/apis")
    assert api_there["operations"][0]["asks"] is True
    headers = {"If-Match": f'"{stored["revision"]}"'}
    same = await talk.client.call("PUT", f"{talk.agent}/config", json=stored["config"], headers=headers)
    assert same.status == 200 and not await talk.asks()
    stored["config"]["openapi"][api]["operations"][0]["path"] = "/refunds"
    headers = {"If-Match": f'"{same.body["revision"]}"'}
    await talk.client.call("PUT", f"{talk.agent}/config", json=stored["config"], headers=headers)
    assert await talk.asks()


async def test_two_operations_of_one_name_share_no_leave(talk: Talk) -> None:
    await talk.give(shop(), "place_order")
    config = (await talk.client.get(talk.agent))["config"]
    (api,) = config["openapi"].values()
    api["operations"].append({**api["operations"][0], "path": "/refunds"})
    brought = await talk.client.post("/api/agents", json={"config": config})
    (there,) = await talk.client.get(f"/api/agents/{brought['id']}/apis")
    assert [each["path"] for each in there["operations"]] == ["/orders"]


async def test_a_lock_of_the_apis_holds_their_leaves_too(talk: Talk) -> None:
    await talk.give(shop(talk.server.base_url), "place_order")
    key = f"openapi.{(await talk.api())['id']}.place_order"
    talk.model.script(Says(calls=(Call("place_order", "{}"),)), Says("Done."))
    await talk.say()
    assert (await talk.client.call("PUT", f"{talk.agent}/locks/openapi")).status == 200
    stored = await talk.client.get(talk.path)
    calls = {part["id"]: "always" for part in stored["messages"][-1]["parts"][0]["data"]["calls"]}
    decision = {"turn": stored["waiting"], "calls": calls}
    answer = await talk.client.call("POST", f"{talk.path}/decisions", json=decision)
    assert (answer.status, answer.body["params"]["field"]) == (409, "openapi")
    assert (await talk.choose(key, "allow"))["refused"][0]["why"] == "it is locked"
    assert (await talk.client.call("PUT", f"{talk.agent}/locks/tools")).status == 200
    assert (await talk.client.call("DELETE", f"{talk.agent}/locks/openapi")).status == 200
    assert text_of(await talk.decide("always")) == "Done."
    assert not await talk.asks()
