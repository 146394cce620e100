"""Pictures that a tool makes, over the HTTP API: kept with their conversation, served by us, gone with it."""

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from agentfabric.service import conversations
from tests.client import Client
from tests.conftest import Serve
from tests.fakes.dashscope_images import ImageServer
from tests.fakes.openai_replies import Call, Says
from tests.fakes.openai_server import FakeOpenAI
from tests.model_file import model_file

KEY = "sk-dashscope-canary"
DRAWS = Says(calls=(Call("image_gen", '{"text": "a hill under the sun"}'),))


@asynccontextmanager
async def drawing(
    serve: Serve, tmp_path: Path, *, is_function_call: bool = True, **environment: str
) -> AsyncGenerator[tuple[Client, FakeOpenAI, ImageServer]]:
    """A studio whose model is a fake, with a vendor of pictures."""
    async with FakeOpenAI() as model, ImageServer(running=0) as vendor:
        names = {
            "MODEL_CONFIG_FILE": model_file(tmp_path, model.base_url, is_function_call=is_function_call),
            "DASHSCOPE_BASE_URL": vendor.base_url,
            "DASHSCOPE_API_KEY": KEY,
            **environment,
        }
        async with serve(**names) as client:
            yield client, model, vendor
        model.assert_complete()


async def an_agent(client: Client) -> str:
    agent = await client.post("/api/agents")
    await client.call("PATCH", f"/api/agents/{agent['id']}/config", json={"tools": {"image_gen": True}})
    return agent["id"]


async def test_a_drawn_picture_is_in_the_stream_and_the_history_and_served_by_us(serve: Serve, tmp_path: Path) -> None:
    async with drawing(serve, tmp_path) as (client, model, vendor):
        conversation = await client.conversation(await an_agent(client))
        model.script(DRAWS, Says("Here is your hill."))
        events = await client.say(conversation, "Draw a hill")
        [finished] = [event.data for event in events if event.type == "tool_finished"]
        [file] = finished["files"]
        assert (file["alt"], file["media_type"]) == ("a hill under the sun", "image/png")
        history = await client.get(conversation)
        [result] = [
            part for message in history["messages"] for part in message["parts"] if part["type"] == "tool_result"
        ]
        assert result["files"] == [file]
        answer = await client.call("GET", f"/api/files/{file['file']}")
        assert answer.status == 200
        assert answer.headers["content-type"] == "image/png"
        assert answer.body[:4] == b"\x89PNG"
        assert len(answer.body) == file["size_bytes"]
        told = [message["content"] for message in model.last.body["messages"] if message["role"] == "tool"]
        assert file["file"] in told[0]
        everything = json.dumps([history, [event.data for event in events], list(model.requests)[-1].body])
        assert vendor.url not in everything and KEY not in everything


async def test_a_key_for_a_tool_goes_to_no_origin_that_it_was_not_entered_for(serve: Serve, tmp_path: Path) -> None:
    async def state(client: Client) -> str:
        return next(tool["state"] for tool in await client.get("/api/tools") if tool["id"] == "image_gen")

    own = {"DASHSCOPE_API_KEY": ""}
    async with drawing(serve, tmp_path, **own) as (client, model, vendor):
        await client.call("PUT", "/api/secrets/DASHSCOPE_API_KEY", json={"value": KEY})
        agent = await an_agent(client)
        model.script(DRAWS, Says("Here is your hill."))
        await client.say(await client.conversation(agent), "Draw a hill")
        assert {asked.headers["Authorization"] for asked in vendor.asked("/api/")} == {f"Bearer {KEY}"}
    async with drawing(serve, tmp_path, **own) as (client, model, vendor):
        assert await state(client) == "waiting"
        model.script(DRAWS, Says("I cannot draw."))
        events = await client.say(await client.conversation(agent), "Draw another")
        assert [event.data["failed"] for event in events if event.type == "tool_finished"] == [True]
        assert vendor.requests == []
        await client.call("PUT", "/api/secrets/DASHSCOPE_API_KEY", json={"value": KEY})
        assert await state(client) == "ready"


async def test_the_picture_goes_with_its_conversation_and_comes_back_with_it(
    serve: Serve, tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with drawing(serve, tmp_path) as (client, model, _):
        agent = await an_agent(client)
        conversation = await client.conversation(agent)
        model.script(DRAWS, Says("Here it is."))
        file = f"/api/files/{_file_of(await client.say(conversation, 'Draw a hill'))}"
        assert (await client.call("DELETE", conversation)).status == 204
        assert (await client.call("GET", file)).status == 404
        assert (await client.call("POST", f"{conversation}/undelete")).status == 200
        assert (await client.call("GET", file)).status == 200
        assert (await client.call("DELETE", conversation)).status == 204
        # Whatever is deleted next finds it long gone.
        monkeypatch.setattr(conversations, "KEPT_AWAY", timedelta(0))
        assert (await client.call("DELETE", await client.conversation(agent))).status == 204
        assert list((home / "blobs").iterdir()) == []


async def test_another_persons_picture_is_not_there(serve: Serve, tmp_path: Path) -> None:
    async with drawing(serve, tmp_path, AGENTFABRIC_TOKENS="ann:token-of-ann,bob:token-of-bob") as (client, model, _):
        ann = Client(client.base_url, {"Authorization": "Bearer token-of-ann"})
        bob = Client(client.base_url, {"Authorization": "Bearer token-of-bob"})
        async with ann, bob:
            model.script(DRAWS, Says("Here it is."))
            file = _file_of(await ann.say(await ann.conversation(await an_agent(ann)), "Draw a hill"))
            assert (await ann.call("GET", f"/api/files/{file}")).status == 200
            assert (await bob.call("GET", f"/api/files/{file}")).status == 404


async def test_what_the_vendor_refuses_is_told_to_the_model_and_nothing_is_kept(serve: Serve, tmp_path: Path) -> None:
    async with drawing(serve, tmp_path) as (client, model, vendor):
        vendor.creating = "wrong_key"
        model.script(DRAWS, Says("It needs another key."))
        events = await client.say(await client.conversation(await an_agent(client)), "Draw a hill")
        [finished] = [event.data for event in events if event.type == "tool_finished"]
        assert (finished["failed"], finished["files"]) == (True, [])
        assert "DASHSCOPE_API_KEY" in finished["output"] and KEY not in finished["output"]


async def test_stopping_ends_the_waiting_for_a_picture(serve: Serve, tmp_path: Path) -> None:
    async with drawing(serve, tmp_path) as (client, model, vendor):
        vendor.ending = "never"
        conversation = await client.conversation(await an_agent(client))
        model.script(DRAWS)
        async for event in client.events("POST", f"{conversation}/messages", json={"text": "Draw a hill"}):
            if event.type == "turn_started":
                turn = event.data["turn"]
            if event.type == "tool_started":
                await vendor.polled.wait()
                assert (await client.call("POST", f"/api/turns/{turn}/stop")).status == 204
            last = event
        assert last.data["stop"] == "stopped"


async def test_an_agent_without_a_key_is_not_offered_the_tool_and_any_one_key_is_enough(
    serve: Serve, tmp_path: Path
) -> None:
    async with drawing(serve, tmp_path, DASHSCOPE_API_KEY="") as (client, model, _):
        agent = await an_agent(client)
        model.script(Says("I cannot draw."))
        await client.say(await client.conversation(agent), "Draw a hill")
        assert "tools" not in model.last.body
        waiting = await _tool(client)
        assert (waiting["state"], waiting["one_is_enough"]) == ("waiting", True)
        assert [secret["name"] for secret in waiting["secrets"]] == ["DASHSCOPE_API_KEY", "OPENAI_API_KEY"]
        await client.call("PUT", "/api/secrets/OPENAI_API_KEY", json={"value": "sk-openai"})
        assert (await _tool(client))["state"] == "ready"


@pytest.mark.parametrize("options", [{"model": "qwen-image-plus"}])
async def test_the_tool_file_says_which_model_draws(serve: Serve, tmp_path: Path, options: dict[str, str]) -> None:
    tools = tmp_path / "tools.json"
    tools.write_text(json.dumps({"image_gen": {"name": "画图", "options": options}}))
    async with drawing(serve, tmp_path, TOOL_CONFIG_FILE=str(tools)) as (client, model, vendor):
        model.script(DRAWS, Says("Here it is."))
        await client.say(await client.conversation(await an_agent(client)), "Draw a hill")
        assert vendor.tasks[0]["model"] == "qwen-image-plus"


def _file_of(events: list[Any]) -> str:
    return next(event.data["files"][0]["file"] for event in events if event.type == "tool_finished")


async def _tool(client: Client) -> dict[str, Any]:
    return next(tool for tool in await client.get("/api/tools") if tool["id"] == "image_gen")


async def test_a_model_that_calls_no_functions_draws_too(serve: Serve, tmp_path: Path) -> None:
    async with drawing(serve, tmp_path, is_function_call=False) as (client, model, vendor):
        conversation = await client.conversation(await an_agent(client))
        asks = 'Action: image_gen\nAction Input: {"text": "a hill", "resolution": "720*1280"}\n'
        model.script(Says(asks), Says("Answer: Here it is. ![IMAGEGEN](hill.png)"))
        events = await client.say(conversation, "Draw a hill")
        assert (await client.call("GET", f"/api/files/{_file_of(events)}")).status == 200
        assert vendor.tasks[0]["parameters"]["size"] == "720*1280"
