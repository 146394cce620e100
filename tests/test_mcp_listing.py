"""What a server says of its tools is read as far as anybody needs it, whatever it sends."""

import json
from collections.abc import AsyncGenerator, Awaitable, Callable

import pytest
from aiohttp import web

from tests.fakes.mcp_server import LOOK as LOOK_ON_WIRE
from tests.fakes.mcp_server import FakeMcp, Json, reply, silence
from tests.mcp import SHORT, Shelf, connected
from user_agent.mcp.failures import ServerUnavailable
from user_agent.mcp.patience import Patience


@pytest.fixture
async def server() -> AsyncGenerator[FakeMcp, None]:
    async with FakeMcp() as server:
        yield server


@pytest.fixture
async def shelf(server: FakeMcp) -> AsyncGenerator[Shelf, None]:
    async with connected(server) as shelf:
        yield shelf


def streamed(result: Json) -> Callable[[web.Request, Json], Awaitable[web.StreamResponse]]:
    """The answer as an event of a stream, as servers that others wrote send it."""

    async def answer(request: web.Request, message: Json) -> web.StreamResponse:
        text = f"event: message\ndata: {json.dumps(reply(message, result))}\n\n"
        return web.Response(text=text, content_type="text/event-stream")

    return answer


def described(name: str, kilobytes: int) -> Json:
    return {**LOOK_ON_WIRE, "name": name, "description": "x" * kilobytes * 1_000}


@pytest.mark.parametrize("is_stream", [False, True], ids=["JSON", "a stream"])
async def test_a_list_that_nobody_could_read_is_told_in_a_sentence(server: FakeMcp, is_stream: bool) -> None:
    page: Json = {"tools": [described(f"look_{number}", 600) for number in range(7)]}
    server.answers["tools/list"] = streamed(page) if is_stream else page
    async with connected(server, SHORT) as shelf:
        with pytest.raises(ServerUnavailable, match="says more of its tools than the 4 MB that are read"):
            await shelf.connection.look()
        finished = await shelf.call()
        assert finished.failed and "more of its tools" in finished.output


async def test_pages_are_counted_together(server: FakeMcp, shelf: Shelf) -> None:
    server.answers["tools/list"] = {"tools": [described("look", 300)], "nextCursor": "again"}
    with pytest.raises(ServerUnavailable, match="says more of its tools"):
        await shelf.connection.look()
    assert server.methods.count("tools/list") == 14


@pytest.mark.parametrize("is_stream", [False, True], ids=["JSON", "a stream"])
async def test_of_a_big_page_what_is_used_is_read_and_the_rest_said_to_be_left_out(
    server: FakeMcp, shelf: Shelf, is_stream: bool
) -> None:
    more: Json = {"outputSchema": {"type": "object", "properties": {"a": {"enum": ["x" * 900]}}}}
    few: Json = {"tools": [{**described(f"look_{number}", 1), **more} for number in range(700)], "nextCursor": "rest"}
    many: Json = {"tools": [{"name": f"put_{number}", "inputSchema": {"type": "object"}} for number in range(30_000)]}

    async def pages(request: web.Request, message: Json) -> web.StreamResponse | Json:
        page = many if message.get("params", {}).get("cursor") == "rest" else few
        return await streamed(page)(request, message) if is_stream else page

    server.answers["tools/list"] = pages
    listing = await shelf.connection.look()
    names = [tool.name for tool in listing.tools]
    assert listing.cut and len(names) == 1_000 and names[699] == "look_699" and names[-1] == "put_299"
    assert listing.tools[0].arguments == LOOK_ON_WIRE["inputSchema"] and listing.tools[0].read_only


async def test_a_big_answer_comes_over_a_stream(server: FakeMcp, shelf: Shelf) -> None:
    text = {"content": [{"type": "text", "text": "x" * 3_000_000}]}
    server.answers["tools/call"] = streamed(text)
    finished = await shelf.call()
    assert not finished.failed and "[cut: 3,000,000 characters in all]" in finished.output


async def test_a_list_that_does_not_come_again_is_given_up(server: FakeMcp) -> None:
    async with connected(server, Patience(connect_s=1, call_s=600)) as shelf:
        await shelf.connection.look()
        server.answers["tools/list"] = silence
        with pytest.raises(ServerUnavailable, match="did not answer in time"):
            await shelf.connection.look()
