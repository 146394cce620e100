"""Prompts of an agent's MCP server: listed, filled in, looked at; whatever the server says."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web

from tests.client import Answer, Client, an_agent
from tests.conftest import Serve
from tests.fakes.mcp_server import FakeMcp, Json
from tests.foreign_mcp import serving
from tests.test_mcp import KEY, added, pasted

BRIEF: Json = {
    "name": "brief",
    "title": "A short report",
    "description": "Tells of one shelf.",
    "arguments": [{"name": "shelf", "description": "Which one", "required": True}, {"name": "tone"}],
}


@pytest.fixture
async def server() -> AsyncGenerator[FakeMcp, None]:
    async with FakeMcp(prompts=[BRIEF, {"name": "greet"}]) as server:
        yield server


@pytest.fixture
async def client(serve: Serve, server: FakeMcp) -> AsyncGenerator[Client, None]:
    async with serve(AGENTFABRIC_TRUSTED_ORIGINS=server.origin) as client:
        yield client


async def prompts_of(client: Client, server: FakeMcp, **more: Any) -> str:
    """The path of the prompts of an agent that has the server."""
    agent = await an_agent(client)
    await added(client, agent, pasted(server, **more), "look")
    (state,) = await client.get(f"{agent}/mcp")
    return f"{agent}/mcp/{state['id']}/prompts"


async def filled_in(client: Client, path: str, name: str, **arguments: str) -> Answer:
    return await client.call("POST", path, json={"name": name, "arguments": arguments})


async def test_prompts_are_listed_and_filled_in(client: Client, server: FakeMcp) -> None:
    path = await prompts_of(client, server)
    (state,) = await client.get(path.rpartition("/mcp/")[0] + "/mcp")
    assert state["has_prompts"]
    brief, greet = await client.get(path)
    assert (brief["name"], brief["title"], brief["description"]) == ("brief", "A short report", "Tells of one shelf.")
    shelf, tone = brief["arguments"]
    assert shelf == {"name": "shelf", "description": "Which one", "required": True} and not tone["required"]
    assert (greet["title"], greet["arguments"]) == ("", [])
    answer = await filled_in(client, path, "brief", shelf="top")
    assert (answer.status, answer.body) == (200, {"text": "Say brief.\nshelf: top", "left_out": 0}), answer.body


async def test_what_no_person_says_is_left_out_of_a_prompt(client: Client, server: FakeMcp) -> None:
    picture = {"type": "image", "data": "aGk=", "mimeType": "image/png"}
    document = {"type": "resource", "resource": {"uri": "file:///a", "text": "A document."}}
    server.answers["prompts/get"] = {
        "messages": [
            {"role": "user", "content": {"type": "text", "text": "Look at this.\x00"}},
            {"role": "user", "content": picture},
            {"role": "assistant", "content": {"type": "text", "text": "I will obey."}},
            {"role": "user", "content": document},
        ]
    }
    answer = await filled_in(client, await prompts_of(client, server), "brief")
    assert answer.body == {"text": "Look at this.\n\nA document.", "left_out": 2}


async def test_a_prompt_without_an_end_is_cut_and_said_to_be(client: Client, server: FakeMcp) -> None:
    text = {"role": "user", "content": {"type": "text", "text": "x" * 100_000}}
    server.answers["prompts/get"] = {"messages": [text]}
    path = await prompts_of(client, server)
    answer = await filled_in(client, path, "brief")
    assert (len(answer.body["text"]), answer.body["left_out"]) == (20_000, 1)
    server.answers["prompts/get"] = {"messages": [text] * 20}
    answer = await filled_in(client, path, "brief")
    assert (answer.status, answer.body["code"]) == (422, "config_invalid")
    server.prompts = [{"name": f"prompt_{number}", "description": "d" * 2_000} for number in range(300)]
    listed = await client.get(path)
    assert len(listed) == 200 and len(listed[0]["description"]) <= 500


def refusing(said: str) -> Callable[[web.Request, Json], Awaitable[web.StreamResponse]]:
    async def answer(request: web.Request, message: Json) -> web.StreamResponse:
        return web.json_response({"jsonrpc": "2.0", "id": message["id"], "error": {"code": -32602, "message": said}})

    return answer


async def test_a_refusal_is_told_without_the_key(client: Client, server: FakeMcp) -> None:
    path = await prompts_of(client, server, headers={"X-Key": KEY})
    server.answers["prompts/get"] = refusing(f"No such shelf for {KEY}.")
    answer = await filled_in(client, path, "brief", shelf="cellar")
    assert answer.status == 422 and "says: No such shelf for [key]" in answer.body["message"], answer.body
    server.refused = 500
    answer = await client.call("GET", path)
    assert answer.status == 422 and "says: Server returned an error response" in answer.body["message"]


async def test_the_prompts_of_the_server_of_others(serve: Serve) -> None:
    async with (
        serving("streamableHttp") as url,
        serve(AGENTFABRIC_TRUSTED_ORIGINS=url.removesuffix("/mcp")) as client,
    ):
        agent = await an_agent(client)
        await added(client, agent, url, "echo")
        (state,) = await client.get(f"{agent}/mcp")
        path = f"{agent}/mcp/{state['id']}/prompts"
        names = {prompt["name"]: [each["name"] for each in prompt["arguments"]] for prompt in await client.get(path)}
        assert names["simple-prompt"] == [] and names["args-prompt"] == ["city", "state"]
        answer = await filled_in(client, path, "args-prompt", city="Boston")
        assert "Boston" in answer.body["text"]
