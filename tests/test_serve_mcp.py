"""The agent as an MCP server, asked by the official SDK's client."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from io import BytesIO
from typing import Any

import httpx2
import pytest
from mcp.client.client import Client as McpClient
from mcp.client.streamable_http import streamable_http_client

from tests.client import Client
from tests.loop import ADD, tool_of
from tests.surfaces import KEY, HeldModel, SilentModel, Surfaces, surfaces
from user_agent.errors import LimitReached
from user_agent.models.scripted import calls
from user_agent.serve.body_limit import Pace
from user_agent.tools.base import ToolContext, ToolOutput

LIST: dict[str, Any] = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
ACCEPTED = {"accept": "application/json, text/event-stream", "content-type": "application/json"}


@asynccontextmanager
async def mcp_client(url: str, key: str) -> AsyncGenerator[McpClient, None]:
    async with httpx2.AsyncClient(headers={"authorization": f"Bearer {key}"}) as http:
        streams: Any = streamable_http_client(url, http_client=http)
        async with McpClient(streams) as client:
            yield client


def _client(server: Surfaces) -> AbstractAsyncContextManager[McpClient]:
    return mcp_client(f"{server.base_url}/agents/weather/mcp", KEY)


async def test_the_sdks_client_finds_one_tool_and_is_told_how_the_work_goes() -> None:
    heard: list[str | None] = []

    async def hear(progress: float, total: float | None, message: str | None) -> None:
        heard.append(message)

    async with surfaces([calls(("add", '{"left": 2}')), "It is 3."], ADD) as server, _client(server) as client:
        (tool,) = (await client.list_tools()).tools
        answer = await client.call_tool("ask", {"message": "2 and 1?"}, progress_callback=hear)
        server.model.assert_complete()

    assert (tool.name, tool.title) == ("ask", "Weather guide")
    assert "Tells the weather of any city." in (tool.description or "")
    assert answer.structured_content["text"] == "It is 3." and not answer.is_error
    assert any("add" in (message or "") for message in heard)
    assert {caller.surface for caller in server.served.callers} == {"mcp"}


async def test_a_conversation_goes_on_for_its_caller() -> None:
    async with surfaces(["Hello, Ann.", "You are Ann."]) as server, _client(server) as client:
        first = await client.call_tool("ask", {"message": "I am Ann."})
        again = {"message": "Who am I?", "conversation": first.structured_content["conversation"]}
        second = await client.call_tool("ask", again)
        unknown = await client.call_tool("ask", {"message": "?", "conversation": "of-somebody-else"})
    said = [message.text for message in server.model.requests[1].messages]

    assert said == ["I am Ann.", "Hello, Ann.", "Who am I?"]
    assert second.structured_content["conversation"] == first.structured_content["conversation"]
    assert unknown.is_error and "Begin a new one" in str(unknown.content)


async def test_a_conversation_that_is_answering_takes_no_other_message() -> None:
    model = HeldModel()
    async with surfaces(model) as server, _client(server) as client, _client(server) as other:
        model.go_on.set()
        talk = (await client.call_tool("ask", {"message": "I am Ann."})).structured_content["conversation"]
        model.go_on.clear()
        asking = asyncio.create_task(client.call_tool("ask", {"message": "One", "conversation": talk}))
        await model.asked(2)
        busy = await other.call_tool("ask", {"message": "Two", "conversation": talk})
        fresh = asyncio.create_task(other.call_tool("ask", {"message": "Elsewhere"}))
        await model.asked(3)
        model.go_on.set()
        await asyncio.gather(asking, fresh)
        await client.call_tool("ask", {"message": "Three", "conversation": talk})
    assert busy.is_error and "still answering" in str(busy.content)
    assert model.said() == ["I am Ann.", "Yes.", "One", "Yes.", "Three"]


async def test_a_conversation_is_free_again_where_a_client_left_or_a_process_died(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model = HeldModel()
    async with surfaces(model) as server, _client(server) as client:
        model.go_on.set()
        talk = (await client.call_tool("ask", {"message": "I am Ann."})).structured_content["conversation"]
        again: dict[str, Any] = {"message": "And?", "conversation": talk}
        params, headers = {"name": "ask", "arguments": again}, {"authorization": f"Bearer {KEY}"}
        call = {**LIST, "method": "tools/call", "params": params}
        model.go_on.clear()
        async with Client(server.base_url, {**ACCEPTED, **headers}) as leaving:
            asking = asyncio.create_task(leaving.call("POST", "/agents/weather/mcp", json=call))
            await model.asked(2)
            server.served.ended.clear()
            asking.cancel()
            await asyncio.wait([asking])
        notes = server.keys.notes.of("key-1")
        async with asyncio.timeout(5):
            await server.served.ended.wait()
            while await notes.get("busy", talk):  # noqa: ASYNC110  notes are silent
                await asyncio.sleep(0.01)
        model.go_on.set()
        assert not (await client.call_tool("ask", again)).is_error
        await notes.put("busy", talk, b"of a dead one", at_most=9)
        assert (await client.call_tool("ask", again)).is_error
        monkeypatch.setattr("user_agent.serve.brief_talks.LOST_S", -1)
        assert not (await client.call_tool("ask", again)).is_error
    assert model.said() == ["I am Ann.", "Yes.", "And?", "Yes.", "And?"]


async def test_a_client_that_leaves_ends_the_run() -> None:
    call = {**LIST, "method": "tools/call", "params": {"name": "ask", "arguments": {"message": "Hello"}}}
    headers = {**ACCEPTED, "authorization": f"Bearer {KEY}"}
    async with surfaces(SilentModel()) as server, Client(server.base_url, headers) as client:
        asking = asyncio.create_task(client.call("POST", "/agents/weather/mcp", json=call))
        await server.served.begun.wait()
        asking.cancel()
        await asyncio.wait([asking])
        async with asyncio.timeout(5):
            await server.served.ended.wait()


async def test_suggestions_are_prompts_and_files_are_resources() -> None:
    async def draw(context: ToolContext) -> ToolOutput:
        """Draw a chart."""
        return ToolOutput("Drawn.", files=(await context.keep(b"<svg/>", name="c.svg", media_type="image/svg+xml"),))

    async with surfaces([calls(("draw", "{}")), "There."], tool_of(draw)) as server, _client(server) as client:
        prompts = (await client.list_prompts()).prompts
        said: Any = (await client.get_prompt(prompts[0].name)).messages[0].content
        answer = await client.call_tool("ask", {"message": "Draw"})
        link: Any = answer.content[1]
        (read,) = (await client.read_resource(link.uri)).contents

    assert [prompt.title for prompt in prompts] == ["Weather in Hangzhou?", "Do I need a coat?"]
    assert said.text == "Weather in Hangzhou?"
    assert (link.name, read.mime_type) == ("c.svg", "image/svg+xml")


async def test_what_cannot_be_answered_is_an_error_of_the_tool() -> None:
    async with surfaces([]) as server, _client(server) as client:
        nothing = await client.call_tool("ask", {"message": ""})
        server.served.refusing = LimitReached("Enough for today.", retry_after_s=60)
        limited = await client.call_tool("ask", {"message": "Hello"})
    assert nothing.is_error and "message" in str(nothing.content)
    assert limited.is_error and "Enough for today." in str(limited.content)


@pytest.mark.parametrize(
    ("headers", "path", "status"),
    [
        ({}, "/agents/weather/mcp", 401),
        ({"authorization": "Bearer af-wrong"}, "/agents/weather/mcp", 401),
        ({"authorization": f"Bearer {KEY}"}, "/agents/another/mcp", 404),
        ({"authorization": f"Bearer {KEY}", "origin": "https://evil.example"}, "/agents/weather/mcp", 403),
        ({"authorization": f"Bearer {KEY}"}, "/agents/weather/mcp", 200),
    ],
    ids=["no key", "a wrong key", "another agent", "a web page", "all right"],
)
async def test_who_may_not_ask_is_turned_away_before_the_protocol(
    headers: dict[str, str], path: str, status: int
) -> None:
    async with surfaces([]) as server, Client(server.base_url, {**ACCEPTED, **headers}) as client:
        assert (await client.call("POST", path, json=LIST)).status == status
        assert (await client.call("GET", path)).status == 405


async def test_a_body_that_is_too_large_or_too_slow_is_refused_before_the_protocol(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def begun() -> AsyncGenerator[bytes]:
        yield b"{"
        await asyncio.Event().wait()

    headers = {**ACCEPTED, "authorization": f"Bearer {KEY}"}
    async with surfaces([]) as server, Client(server.base_url, headers) as client:
        large = await client.call("POST", "/agents/weather/mcp", data=BytesIO(b" " * 4_000_001))
        monkeypatch.setattr("user_agent.serve.body_limit.PACE", Pace(silence_s=0.05))
        slow = await client.call("POST", "/agents/weather/mcp", data=begun())
    assert [(answer.status, answer.body["code"]) for answer in (large, slow)] == [(413, "too_large"), (408, "too_slow")]
