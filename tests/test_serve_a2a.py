"""The agent for other agents, asked by the official SDK's client."""

import asyncio
import sys
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from io import BytesIO

import httpx
import pytest
from a2a.client import A2ACardResolver, Client, ClientConfig, ClientFactory
from a2a.types import (
    AgentCard,
    CancelTaskRequest,
    GetTaskRequest,
    Message,
    Part,
    Role,
    SendMessageRequest,
    StreamResponse,
    Task,
    TaskState,
)

from tests.client import Client as HttpClient
from tests.loop import ADD, tool_of
from tests.surfaces import KEY, HeldModel, SilentModel, Surfaces, surfaces
from tests.terminal import ROOT
from user_agent.models.scripted import calls

PATH = "/agents/weather/a2a"


@asynccontextmanager
async def a2a_client(url: str, key: str, *, streaming: bool = True) -> AsyncGenerator[tuple[Client, AgentCard], None]:
    async with httpx.AsyncClient(headers={"authorization": f"Bearer {key}"}, timeout=10) as http:
        card = await A2ACardResolver(http, url).get_agent_card()
        yield ClientFactory(ClientConfig(streaming=streaming, httpx_client=http)).create(card), card


def _client(server: Surfaces, *, streaming: bool = True) -> AbstractAsyncContextManager[tuple[Client, AgentCard]]:
    return a2a_client(f"{server.base_url}{PATH}", KEY, streaming=streaming)


def asking(text: str, task: Task | None = None, context: str = "") -> SendMessageRequest:
    message = Message(message_id=f"m-{text}", context_id=context, role=Role.ROLE_USER, parts=[Part(text=text)])
    if task is not None:
        message.task_id, message.context_id = task.id, task.context_id
    return SendMessageRequest(message=message)


async def last_task(client: Client, asked: SendMessageRequest) -> Task:
    events = [event async for event in client.send_message(asked)]
    return events[-1].task


def text_of(task: Task) -> str:
    return "".join(part.text for artifact in task.artifacts if artifact.name == "answer" for part in artifact.parts)


def _words(events: list[StreamResponse]) -> str:
    return "".join(part.text for event in events for part in event.artifact_update.artifact.parts)


async def test_the_sdks_client_reads_the_card_and_asks() -> None:
    async with surfaces([calls(("add", '{"left": 2}'), text="One moment."), "It is 3."], ADD) as server:
        async with _client(server, streaming=False) as (client, card):
            task = await last_task(client, asking("2 and 1?"))
            kept = await client.get_task(GetTaskRequest(id=task.id))
        server.model.assert_complete()

    assert (card.name, card.version, card.capabilities.streaming) == ("Weather guide", "3", True)
    assert [*card.skills[0].examples] == ["Weather in Hangzhou?", "Do I need a coat?"]
    assert card.supported_interfaces[0].url == f"{server.base_url}{PATH}"
    assert task.status.state == TaskState.TASK_STATE_COMPLETED
    assert text_of(task) == text_of(kept) == "One moment.\n\nIt is 3."
    assert {caller.surface for caller in server.served.callers} == {"a2a"}


async def test_an_answer_streams_and_its_context_goes_on() -> None:
    async with surfaces(["Hello, Ann.", "You are Ann."]) as server, _client(server) as (client, _):
        events = [event async for event in client.send_message(asking("I am Ann."))]
        context = events[0].task.context_id
        again = [event async for event in client.send_message(asking("Who am I?", context=context))]
    said = [message.text for message in server.model.requests[1].messages]

    assert _words(events) == "Hello, Ann."
    assert _words(again) == "You are Ann."
    assert events[-1].status_update.status.state == TaskState.TASK_STATE_COMPLETED
    assert said == ["I am Ann.", "Hello, Ann.", "Who am I?"]


async def test_a_context_that_is_answering_takes_no_other_message() -> None:
    model = HeldModel()
    agent = surfaces(model)
    async with agent as server, _client(server, streaming=False) as (client, _), _client(server) as (other, _):
        first = asyncio.create_task(last_task(client, asking("One", context="ours")))
        await model.asked(1)
        busy = [event async for event in other.send_message(asking("Two", context="ours"))]
        model.go_on.set()
        done = await first
        again = await last_task(client, asking("Three", context="ours"))
    refused = busy[-1].status_update.status
    assert refused.state == TaskState.TASK_STATE_REJECTED and "still answering" in refused.message.parts[0].text
    assert [done.status.state, again.status.state] == [TaskState.TASK_STATE_COMPLETED] * 2
    assert model.said() == ["One", "Yes.", "Three"]


async def test_who_cancels_a_task_goes_on_in_its_context_at_once() -> None:
    model = HeldModel()
    async with surfaces(model) as server, _client(server) as (client, _):
        for number in range(1, 4):
            stream = client.send_message(asking("One", context="ours"))
            task = (await anext(stream)).task
            await model.asked(number)
            await client.cancel_task(CancelTaskRequest(id=task.id))
        model.go_on.set()
        events = [event async for event in client.send_message(asking("Two", context="ours"))]
    assert events[-1].status_update.status.state == TaskState.TASK_STATE_COMPLETED
    assert model.said() == ["Two"]


async def test_a_call_that_needs_leave_asks_for_input_and_goes_on_with_it() -> None:
    async def book(day: str) -> str:
        """Book a table."""
        raise AssertionError("nobody allowed it")

    script = [calls(("book", '{"day": "Monday"}')), "Then not."]
    agent = surfaces(script, tool_of(book, effect="writes"))
    async with agent as server, _client(server, streaming=False) as (client, _):
        waiting = await last_task(client, asking("Book Monday"))
        done = await last_task(client, asking("Leave it.", waiting))
    assert waiting.status.state == TaskState.TASK_STATE_INPUT_REQUIRED
    assert "book" in waiting.status.message.parts[0].text
    assert (done.id, done.status.state) == (waiting.id, TaskState.TASK_STATE_COMPLETED)
    assert text_of(done) == "Then not."


async def test_a_task_can_be_cancelled_and_is_its_callers_alone() -> None:
    async with surfaces(SilentModel()) as server, _client(server) as (client, _):
        stream = client.send_message(asking("Hello"))
        task = (await anext(stream)).task
        await server.served.begun.wait()
        server.keys.visitor = "somebody-else"
        with pytest.raises(Exception, match=r"(?i)not found"):
            await client.cancel_task(CancelTaskRequest(id=task.id))
        assert not server.served.ended.is_set()
        server.keys.visitor = "key-1"
        cancelled = await client.cancel_task(CancelTaskRequest(id=task.id))
        async with asyncio.timeout(5):
            await server.served.ended.wait()
    assert cancelled.status.state == TaskState.TASK_STATE_CANCELED


async def test_clients_of_the_protocol_before_are_answered_too() -> None:
    said = {"kind": "message", "messageId": "1", "role": "user", "parts": [{"kind": "text", "text": "Hello"}]}
    asked = {"jsonrpc": "2.0", "id": 1, "method": "message/send", "params": {"message": said}}
    headers = {"authorization": f"Bearer {KEY}"}
    async with surfaces(["Hi."]) as server, HttpClient(server.base_url, headers) as client:
        answer = await client.call("POST", PATH, json=asked)
        card = await client.get(f"{PATH}/.well-known/agent-card.json")
    assert answer.body["result"]["artifacts"][0]["parts"][0]["text"] == "Hi."
    assert (card["url"], card["preferredTransport"]) == (f"{server.base_url}{PATH}", "JSONRPC")


async def test_the_card_and_the_endpoint_need_the_key() -> None:
    async with surfaces([]) as server, HttpClient(server.base_url) as stranger:
        assert (await stranger.call("GET", f"{PATH}/.well-known/agent-card.json")).status == 401
        refused = await stranger.call("POST", PATH, json={})
        assert (refused.status, refused.headers["www-authenticate"]) == (401, "Bearer")


async def test_without_the_sdk_whoever_has_a_key_is_told_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    async with surfaces([]) as server, HttpClient(server.base_url) as client:
        for name in [*sys.modules]:
            if name.partition(".")[0] == "a2a":
                monkeypatch.setitem(sys.modules, name, None)
            elif name.startswith("user_agent.serve.a2a.") and not name.endswith(".app"):
                monkeypatch.delitem(sys.modules, name)
        bearer = {"authorization": f"Bearer {KEY}"}
        card = f"{PATH}/.well-known/agent-card.json"
        asked = {"jsonrpc": "2.0", "id": 1, "method": "SendMessage"}
        told = [
            await client.call("GET", card, headers=bearer),
            await client.call("POST", PATH, headers=bearer, json=asked),
        ]
        strangers = [await client.call("GET", card), await client.call("POST", PATH, json=asked)]
        others = await client.call("GET", "/v1/models", headers=bearer)
    for answer in told:
        assert (answer.status, answer.body["code"]) == (404, "not_found")
        pinned = (ROOT / "requirements-a2a.txt").read_text(encoding="utf-8").splitlines()[-1]
        assert f"`pip install {pinned}`" in answer.body["message"]
    assert [answer.status for answer in strangers] == [401, 401]
    assert others.status == 200


async def test_a_body_that_no_client_sends_is_answered_in_the_protocols_words() -> None:
    async with surfaces(["Never."]) as server, HttpClient(server.base_url, {"authorization": f"Bearer {KEY}"}) as http:
        said = b'{"jsonrpc":"2.0","id":"%s","method":"SendMessage","params":{"message":{"messageId":"%s"}}}'
        for body in (said % (b"\\ud800", b"m"), said % (b"1", b"\\ud800"), b"[" * 10_000, b"\xff", b"", b'{"id":NaN}'):
            answer = await http.call("POST", PATH, data=body, headers={"A2A-Version": "1.0"})
            assert (answer.status, answer.body["error"]["code"]) == (200, -32700), body[:60]
        large = await http.call("POST", PATH, data=BytesIO(b" " * 30_000_001))
        assert (large.status, large.body["code"]) == (413, "too_large")
        assert server.served.callers == []
