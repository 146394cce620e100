"""A message that comes again under the same `Idempotency-Key` is the same message: one turn answers it."""

import asyncio
from contextlib import aclosing
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.client import Client, Refused, ServerEvent, text_of
from tests.conftest import Serve
from tests.fakes.openai_replies import Says
from tests.fakes.openai_server import FakeOpenAI
from tests.model_file import model_file

KEY = {"Idempotency-Key": "8e03978e-40d5-43dd-bc93-6894a57f9324"}


@pytest.fixture(params=["builder", "preview"])
async def door(request: pytest.FixtureRequest, client: Client) -> str:
    """Where a message is sent to. The guide answers."""
    agent = await client.post("/api/agents")
    if request.param == "builder":
        return f"/api/agents/{agent['id']}/builder"
    return f"{await client.conversation(agent['id'])}/messages"


def history_of(door: str) -> str:
    return door.removesuffix("/messages")


async def sent(
    client: Client, door: str, text: str = "I want an agent that plans trips", **options: Any
) -> list[ServerEvent]:
    return await client.collect("POST", door, json={"text": text, "language": "en"}, **options)


async def questions(client: Client, door: str) -> list[str]:
    """What the person said there, as it is stored."""
    messages = (await client.get(history_of(door)))["messages"]
    return [message["parts"][0]["text"] for message in messages if message["role"] == "user"]


async def test_the_same_message_again_gives_the_answer_that_is_there(client: Client, door: str) -> None:
    first = await sent(client, door, headers=KEY)
    stored = await client.get(history_of(door))
    assert await sent(client, door, headers=KEY) == first
    quoted = {"Idempotency-Key": f'"{KEY["Idempotency-Key"]}"'}
    assert await sent(client, door, headers=quoted) == first
    assert await client.get(history_of(door)) == stored
    assert len(await questions(client, door)) == 1


async def test_several_at_once_are_one_message(client: Client, door: str) -> None:
    answers = await asyncio.gather(*(sent(client, door, headers=KEY) for _ in range(6)))
    assert all(answer == answers[0] for answer in answers)
    assert len(await questions(client, door)) == 1


async def test_without_a_key_or_with_another_it_is_another_message(client: Client, door: str) -> None:
    turns = [
        (await sent(client, door, headers=headers))[0].data["turn"]
        for headers in (KEY, {"Idempotency-Key": "another"}, {"Idempotency-Key": ""}, {}, {})
    ]
    assert len(set(turns)) == 5


async def test_another_text_under_the_same_key_is_refused(client: Client, door: str) -> None:
    await sent(client, door, headers=KEY)
    with pytest.raises(Refused) as refused:
        await sent(client, door, "Something else", headers=KEY)
    answer = refused.value.answer
    assert (answer.status, answer.body["code"]) == (422, "idempotency_key_reused")
    assert "key of its own" in answer.body["message"]
    assert len(await questions(client, door)) == 1


async def test_a_key_that_is_too_long_is_refused(client: Client, door: str) -> None:
    with pytest.raises(Refused) as refused:
        await sent(client, door, headers={"Idempotency-Key": "k" * 201})
    assert (refused.value.answer.status, refused.value.answer.body["params"]["field"]) == (422, "idempotency-key")


async def test_conversations_have_their_own_keys(client: Client) -> None:
    agent = await client.post("/api/agents")
    doors = [f"{await client.conversation(agent['id'])}/messages" for _ in range(2)]
    turns = {(await sent(client, door, headers=KEY))[0].data["turn"] for door in doors}
    assert len(turns) == 2


async def test_the_same_message_joins_the_answer_that_runs(serve: Serve, tmp_path: Path) -> None:
    async with FakeOpenAI() as server, serve(MODEL_CONFIG_FILE=model_file(tmp_path, server.base_url)) as client:
        agent = await client.post("/api/agents")
        door = f"{await client.conversation(agent['id'])}/messages"
        server.script(Says("on and on", pieces=1, ending="silent"))
        body = {"text": "go on", "language": "en"}
        async with aclosing(client.events("POST", door, json=body, headers=KEY)) as cut:
            turn = (await anext(cut)).data["turn"]
        async with aclosing(client.events("POST", door, json=body, headers=KEY)) as again:
            assert (await anext(again)).data["turn"] == turn
            assert (await anext(again)).data["text"] == "on and on"
            await client.call("POST", f"/api/turns/{turn}/stop")
            assert [event async for event in again][-1].data["stop"] == "stopped"
        with pytest.raises(Refused) as refused:
            await sent(client, door, "stop", headers=KEY)
        assert refused.value.answer.status == 422
        assert len(server.requests) == 1


async def test_the_same_message_is_known_after_a_restart(serve: Serve) -> None:
    async with serve() as client:
        agent = await client.post("/api/agents")
        door = f"{await client.conversation(agent['id'])}/messages"
        first = await sent(client, door, "What is 6 * 7?", headers=KEY)
    async with serve() as client:
        again = await sent(client, door, "What is 6 * 7?", headers=KEY)
        assert again == [first[0], first[-1]]
        assert await questions(client, door) == ["What is 6 * 7?"]


def form(text: str, content: bytes) -> aiohttp.FormData:
    data = aiohttp.FormData()
    data.add_field("text", text)
    data.add_field("files", content, filename="notes.md", content_type="text/markdown")
    return data


async def test_a_message_with_files_is_told_from_one_with_others(client: Client, home: Path) -> None:
    agent = await client.post("/api/agents")
    door = f"{await client.conversation(agent['id'])}/messages"
    first = await client.collect("POST", door, data=form("read", b"# Notes"), headers=KEY)
    kept = blobs(home)
    assert await client.collect("POST", door, data=form("read", b"# Notes"), headers=KEY) == first
    with pytest.raises(Refused) as refused:
        await client.collect("POST", door, data=form("read", b"# Other notes"), headers=KEY)
    assert refused.value.answer.status == 422
    assert blobs(home) == kept, "what came along with the same message again is not kept twice"


def blobs(home: Path) -> list[Path]:
    return sorted(path for path in (home / "blobs").rglob("*") if path.is_file())


async def test_asking_the_same_again_takes_a_key_too(client: Client) -> None:
    agent = await client.post("/api/agents")
    door = f"{await client.conversation(agent['id'])}/messages"
    old = (await sent(client, door, "What is 6 * 7?"))[0].data["turn"]
    first = await client.collect("POST", door, json={"instead_of": old}, headers=KEY)
    assert text_of(first)
    assert await client.collect("POST", door, json={"instead_of": old}, headers=KEY) == first
    assert len((await client.get(history_of(door)))["versions"][first[0].data["turn"]]) == 2
