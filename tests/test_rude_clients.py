"""Clients that keep no manners: bodies that never come, and what else a socket can do to a public server."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import aclosing, asynccontextmanager, suppress
from pathlib import Path

import pytest
from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send

from tests.client import Answer, Client, Refused
from tests.conftest import Serve
from tests.fakes.openai_replies import Says
from tests.fakes.openai_server import FakeOpenAI
from tests.server import listening
from tests.test_folder import begun, opened, visited
from tests.test_links import ANN, ENDLESS, Visitor, sharing
from user_agent.errors import LimitReached
from user_agent.serve.body_limit import Pace
from user_agent.serve.connection import MAX_HEAD_BYTES, MAX_PIPELINED
from user_agent.serve.limits import Streams

MESSAGE = b'{"text": "Hello"}'
FORM = b'--x\r\ncontent-disposition: form-data; name="files"; filename="a.txt"\r\n\r\n'


@asynccontextmanager
async def connected(base_url: str) -> AsyncGenerator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    host, _, port = base_url.partition("://")[2].partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        yield reader, writer
    finally:
        writer.close()


def head_of(method: str, path: str, **headers: str | int) -> bytes:
    lines = (f"{name.replace('_', '-')}: {value}" for name, value in {"host": "127.0.0.1", **headers}.items())
    return "\r\n".join((f"{method} {path} HTTP/1.1", *lines, "", "")).encode()


async def answer_of(reader: asyncio.StreamReader) -> Answer:
    """The answer to one request, which is heard to its end."""
    head, body = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n"), b""
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
    if "content-length" in headers:
        body = await reader.readexactly(int(headers["content-length"]))
    is_json = headers.get("content-type") == "application/json"
    return Answer(int(head[0].split()[1]), json.loads(body) if is_json else body, headers)


async def trickle(writer: asyncio.StreamWriter, *, each_s: float) -> None:
    """A byte now and then, as long as somebody listens."""
    while True:
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(each_s)


async def test_a_body_that_trickles_is_given_up_at_every_door(
    serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("user_agent.serve.body_limit.PACE", Pace(silence_s=0.15, grace_s=0.3, bytes_per_s=200))
    async with sharing(serve, tmp_path) as shared:
        visitor, base_url = await shared.visitor(), shared.client.base_url
        talk = await visitor.conversation()
        key = (await shared.client.post(f"{shared.agent}/keys", json={}, headers=ANN))["key"]
        agent = shared.agent.rpartition("/")[2]
        program = {"Authorization": f"Bearer {key}", "Accept": "application/json, text/event-stream"}
        mine = visitor.cookie
        doors = {
            f"POST {visitor.path}{talk}/messages": mine,
            f"PATCH {visitor.path}{talk}": mine,
            "POST /v1/chat/completions": program,
            f"POST /api/agents/{agent}/links": ANN,  # read by the framework
            f"POST /api/agents/{agent}/builder": ANN,
        }

        async def send(door: str, headers: dict[str, str], first: bytes = b"", each_s: float = 0.02) -> Answer:
            kind = "multipart/form-data; boundary=x" if first else "application/json"
            async with connected(base_url) as (reader, writer):
                writer.write(head_of(*door.split(), content_type=kind, content_length=9_999, **headers) + first)
                sending = asyncio.create_task(trickle(writer, each_s=each_s))
                answer = await answer_of(reader)
                sending.cancel()
                with suppress(ConnectionResetError):
                    assert await reader.read() == b"", "the connection is closed"
            return answer

        saying, *_ = doors
        asked = {door: send(door, headers) for door, headers in doors.items()}
        asked |= {"silent": send(saying, mine, each_s=9), "form": send(saying, mine, FORM)}
        answers = dict(zip(asked, await asyncio.gather(*asked.values()), strict=True))
        assert {door: answer.status for door, answer in answers.items()} == dict.fromkeys(answers, 408)
        codes = {door: answer.body.get("code") or answer.body["error"]["code"] for door, answer in answers.items()}
        assert codes == dict.fromkeys(answers, "too_slow")
        assert "send it again" in answers["silent"].body["message"]
        monkeypatch.setattr("user_agent.serve.body_limit.PACE", Pace(silence_s=5, grace_s=0.1, bytes_per_s=100))
        shared.model.script(Says("Good day."))
        assert "Good day." in await _said_slowly(base_url, visitor, talk)


async def _said_slowly(base_url: str, visitor: Visitor, talk: str) -> str:
    """The answer to a message that takes longer than any may, but comes at a fair pace."""
    async with connected(base_url) as (reader, writer):
        path, pieces = f"{visitor.path}{talk}/messages", [MESSAGE + b" " * 100, *[b" " * 40] * 8]
        length = sum(map(len, pieces))
        writer.write(head_of("POST", path, content_length=length, connection="close", **visitor.cookie))
        for piece in pieces:
            writer.write(piece)
            await asyncio.sleep(0.03)
        return (await reader.read()).decode()


async def test_a_visitor_follows_so_many_answers_at_once_and_another_when_one_is_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("user_agent.serve.limits.STREAMS_OF_A_VISITOR", 2)
    async with (
        FakeOpenAI(ENDLESS, Says("Hi.")) as model,
        opened(tmp_path, model) as agent,
        visited(agent) as (one, other),
    ):
        talk, another = await begun(one), await begun(one)
        async with aclosing(one.events("POST", f"{talk}/messages", json={"text": "Tell"})) as first:
            turn = (await anext(first)).data["turn"]
            while (await anext(first)).type != "text_delta":
                pass
            path = f"/turns/{turn}/events"
            async with aclosing(one.events("GET", path)) as second:
                await anext(second)
                refused = await one.call("GET", path)
                unsaid = await one.call("POST", f"{another}/messages", json={"text": "Tell more"})
                assert [answer.status for answer in (refused, unsaid)] == [429, 429]
                assert refused.headers["retry-after"] == str(refused.body["params"]["seconds"])
                assert refused.body["params"]["fault"] == "streams" and "Close other windows" in refused.body["message"]
                assert (await one.get(another))["messages"] == [], "what was refused is not asked"
                assert (await other.call("POST", f"{await begun(other)}/messages", json={"text": "Hi"})).status == 200
            await _followed(one, path)
            assert (await one.call("POST", f"/turns/{turn}/stop")).status == 204
        for _ in range(3):
            assert (await one.call("GET", path)).status == 200, "what has ended counts no more"


async def _followed(client: Client, path: str) -> None:
    """Wait until the server has noticed that a reader has gone, and lets another one in."""
    async with asyncio.timeout(5):
        while True:
            with suppress(Refused):
                async with aclosing(client.events("GET", path)) as events:
                    await anext(events)
                    return
            await asyncio.sleep(0.01)


def test_an_address_has_its_share_of_streams_and_everybody_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("user_agent.serve.limits.STREAMS_FROM_AN_ADDRESS", 2)
    streams = Streams(most=6)
    over = [streams.admit("a", "203.0.113.7"), streams.admit("b", "203.0.113.7")]
    over += [streams.admit("c", "2001:db8:1:1::1"), streams.admit("d", "2001:db8:1:1:ffff::2")]
    for address in ("203.0.113.7", "::ffff:203.0.113.7", "2001:db8:1:1::3"):
        with pytest.raises(LimitReached, match="where you are"):
            streams.admit("somebody else", address)
    over[0]()
    over += [streams.admit(name, "10.0.0.1") for name in "efg"]  # a proxy, say
    with pytest.raises(LimitReached, match="as there may be"):
        streams.admit("h", "127.0.0.1")
    for end in over[1:]:
        end()
    assert len([streams.admit("a", "203.0.113.7") for _ in range(2)]) == 2


async def _greets(scope: Scope, receive: Receive, send: Send) -> None:
    await JSONResponse({"said": "Good day."})(scope, receive, send)


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"GET / HTTP/1.1\r\nhost: x\r\nx-more: ", id="half a head"),
        pytest.param(head_of("POST", "/", content_length=9), id="no body for an answer that was given"),
    ],
)
async def test_a_connection_without_a_request_is_not_held(sent: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("user_agent.serve.connection.HEAD_S", 0.1)
    async with asyncio.timeout(3), listening(_greets) as base_url, connected(base_url) as (reader, writer):
        writer.write(sent)
        sending = asyncio.create_task(trickle(writer, each_s=0.02)) if sent else None
        with suppress(ConnectionResetError):
            assert b"Good day." in await reader.read() or not sent.startswith(b"POST")
        if sending is not None:
            sending.cancel()


async def test_a_head_without_an_end_fills_no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    async with listening(_greets) as base_url:
        for piece, first in ((b"y" * 50_000, b"x-long: "), (b"x-short: y\r\n" * 5_000, b"")):
            async with connected(base_url) as (reader, writer):
                writer.write(b"GET / HTTP/1.1\r\nhost: x\r\n" + first)
                sent = 0
                with suppress(ConnectionError):
                    while not reader.at_eof() and sent < 20_000_000:
                        writer.write(piece)
                        await writer.drain()
                        sent += len(piece)
                        await asyncio.sleep(0)
                assert sent < 20_000_000
        cookies = "; ".join(f"c{number}=v" for number in range(1_000))
        async with connected(base_url) as (reader, writer):
            writer.write(head_of("GET", "/", cookie=cookies))
            assert (await answer_of(reader)).status == 200, "many cookies are no attack"
            writer.write(head_of("GET", "/", cookie="x" * MAX_HEAD_BYTES))
            assert (await answer_of(reader)).status == 400


async def test_so_many_requests_wait_in_one_connection_and_no_more() -> None:
    async with listening(_greets) as base_url:
        for count, answered in ((20, 20), (MAX_PIPELINED + 2, 1)):
            async with connected(base_url) as (reader, writer):
                writer.write(head_of("GET", "/") * (count - 1) + head_of("GET", "/", connection="close"))
                with suppress(ConnectionResetError):
                    assert (await reader.read()).count(b"Good day.") == answered


async def test_whoever_leaves_in_the_middle_of_a_message_leaves_no_trace_in_the_log(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with FakeOpenAI() as model, opened(tmp_path, model) as agent, visited(agent) as (one, _):
        path = f"{await begun(one)}/messages"
        async with connected(one.base_url) as (_, writer):
            writer.write(head_of("POST", path, content_length=99) + b"{")
            await writer.drain()
        async with connected(one.base_url) as (reader, writer):
            writer.write(head_of("POST", path, transfer_encoding="chunked") + b"5\r\n")
            await asyncio.sleep(0.05)
            writer.write(b"nonsense")
            assert (await reader.read()).startswith(b"HTTP/1.1 400")
    told = capsys.readouterr()
    assert "Traceback" not in told.err + told.out and "request_failed" not in told.err + told.out
