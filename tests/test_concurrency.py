"""Many things at once, and things in the wrong order: nothing is lost, nothing stays busy."""

import asyncio
import sqlite3
from contextlib import aclosing, closing
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.client import Client, Refused, kinds, text_of
from tests.conftest import Serve
from tests.fakes.openai_replies import Says
from tests.fakes.openai_server import FakeOpenAI
from tests.model_file import conversing, model_file
from tests.pictures import png


async def begun(client: Client, path: str, text: str = "go on") -> str:
    """The id of a turn that has begun to answer, and goes on without a listener."""
    async with aclosing(client.events("POST", path, json={"text": text})) as events:
        turn = (await anext(events)).data["turn"]
        assert (await anext(events)).type == "text_delta"
    return str(turn)


async def patched(client: Client, agent: dict[str, Any], fields: dict[str, Any]) -> Any:
    return (await client.call("PATCH", f"/api/agents/{agent['id']}/config", json=fields)).body


async def test_of_fifty_messages_at_once_exactly_one_is_answered(serve: Serve, tmp_path: Path) -> None:
    async with conversing(serve, tmp_path) as (client, server, path):
        server.script(*(Says("ok", ending="silent") for _ in range(50)))

        async def one(number: int) -> str:
            try:
                return await begun(client, f"{path}/messages", f"message {number}")
            except Refused as refused:
                assert (refused.answer.status, refused.answer.body["code"]) == (409, "busy")
                return ""

        turns = [turn for turn in await asyncio.gather(*map(one, range(50))) if turn]
        assert len(turns) == 1
        assert len(server.requests) == 1
        assert (await client.call("POST", f"/api/turns/{turns[0]}/stop")).status == 204
        conversation = await client.get(path)
        assert conversation["busy"] is None
        assert [message["role"] for message in conversation["messages"]].count("user") == 1


async def test_where_many_answers_run_words_are_read_and_sent_together(
    serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("user_agent.serve.turns.FEW", 0)
    monkeypatch.setattr("user_agent.serve.turns.PACE_S", 0.2)
    async with conversing(serve, tmp_path) as (client, server, path):
        server.script(Says("word " * 40, pieces=40, delay_s=0.005))
        events = await client.say(path, "go on")
        assert text_of(events) == "word " * 40
        assert sum(event.type == "text_delta" for event in events) < 20
        assert (await client.get(path))["messages"][-1]["parts"][0]["text"] == "word " * 40


async def test_files_sent_to_a_busy_conversation_are_not_kept(serve: Serve, tmp_path: Path, home: Path) -> None:
    async with conversing(serve, tmp_path) as (client, server, path):
        server.script(Says("ok", ending="silent"))
        turn = await begun(client, f"{path}/messages")
        with pytest.raises(Refused):
            await client.collect("POST", f"{path}/messages", data=_form("marker.txt", b"marker"))
            await client.call("POST", f"/api/turns/{turn}/stop")


async def test_a_hundred_conversations_answer_side_by_side(client: Client) -> None:
    agent = await client.post("/api/agents")
    await patched(client, agent, {"tools": {"calculator": True}})
    paths = await asyncio.gather(*(client.conversation(agent["id"]) for _ in range(100)))
    answers = await asyncio.gather(
        *(client.say(path, f"What is {number} * 1000?") for number, path in enumerate(paths))
    )
    for number, events in enumerate(answers):
        assert events[-1].type == "run_finished"
        assert f"{number * 1000}" in text_of(events).replace(",", "")


async def test_stopping_twice_at_once_and_once_more_afterwards(serve: Serve, tmp_path: Path) -> None:
    async with conversing(serve, tmp_path) as (client, server, path):
        server.script(Says("half an answer", ending="silent"))
        turn = await begun(client, f"{path}/messages")
        stops = await asyncio.gather(*(client.call("POST", f"/api/turns/{turn}/stop") for _ in range(20)))
        # Whoever stopped it may write again at once: the ending is kept when the answer to `stop` is there.
        server.script(Says("next"))
        assert text_of(await client.say(path, "again")) == "next"
        late = await client.call("POST", f"/api/turns/{turn}/stop")
        assert {stop.status for stop in (*stops, late)} == {204}
        messages = (await client.get(path))["messages"]
        assert [part for part in messages[1]["parts"] if part["type"] == "text"]
        assert [part["data"] for message in messages for part in message["parts"] if part["type"] == "data"] == [
            {"stop": "stopped"}
        ]


@pytest.mark.parametrize("number", ["999", "9" * 4999, "-1", "x", "1.5", "\u00b2"])
async def test_a_number_that_no_event_has_does_no_harm(serve: Serve, tmp_path: Path, number: str) -> None:
    async with conversing(serve, tmp_path) as (client, server, path):
        server.script(Says("on and on", ending="silent"))
        turn = await begun(client, f"{path}/messages")
        listening = asyncio.create_task(
            client.collect("GET", f"/api/turns/{turn}/events", headers={"Last-Event-ID": number})
        )
        async with asyncio.timeout(5):
            assert await client.get("/healthz") == {"status": "ok"}
            assert (await client.call("POST", f"/api/turns/{turn}/stop")).status == 204
            assert (await listening)[-1].type == "run_finished"
        assert (await client.call("GET", f"/api/turns/{turn}/events?after={number}")).status in (200, 422)


async def test_an_agent_deleted_in_the_middle_of_an_answer_stops_answering(serve: Serve, tmp_path: Path) -> None:
    async with FakeOpenAI() as server, serve(MODEL_CONFIG_FILE=model_file(tmp_path, server.base_url)) as client:
        agent = await client.post("/api/agents")
        path = await client.conversation(agent["id"])
        server.script(Says("on and on", ending="silent"))
        await begun(client, f"{path}/messages")
        assert (await client.call("DELETE", f"/api/agents/{agent['id']}")).status == 204
        await asyncio.wait_for(server.last.gone.wait(), 2)
        await client.call("POST", f"/api/agents/{agent['id']}/undelete")
        conversation = await client.get(path)
        assert conversation["busy"] is None
        assert "on" in conversation["messages"][1]["parts"][0]["text"]


async def test_a_conversation_that_answers_is_not_deleted(serve: Serve, tmp_path: Path) -> None:
    async with conversing(serve, tmp_path) as (client, server, path):
        server.script(Says("on and on", ending="silent"))
        turn = await begun(client, f"{path}/messages")
        refused = await client.call("DELETE", path)
        assert (refused.status, refused.body["code"]) == (409, "busy")
        await client.call("POST", f"/api/turns/{turn}/stop")
        deleted = await asyncio.gather(*(client.call("DELETE", path) for _ in range(5)))
        assert sorted(answer.status for answer in deleted) == [204, 404, 404, 404, 404]


async def test_two_forms_writing_different_fields_lose_nothing(client: Client) -> None:
    agent = await client.post("/api/agents")
    fields = ("name", "description", "instruction", "prologue")
    await asyncio.gather(*(patched(client, agent, {field: f"{field} {n}"}) for n in range(5) for field in fields))
    stored = await client.get(f"/api/agents/{agent['id']}")
    assert {field: stored["config"][field].split()[0] for field in fields} == {field: field for field in fields}
    assert stored["revision"] == 1 + 5 * len(fields)


async def test_of_two_writers_of_the_same_revision_one_is_told(client: Client) -> None:
    agent = await client.post("/api/agents")
    path = f"/api/agents/{agent['id']}/config"
    answers = await asyncio.gather(
        *(
            client.call("PUT", path, json={**agent["config"], "name": f"writer {n}"}, headers={"If-Match": '"1"'})
            for n in range(10)
        )
    )
    won = [answer for answer in answers if answer.status == 200]
    assert len(won) == 1
    assert {answer.body["code"] for answer in answers if answer.status != 200} == {"conflict"}
    assert (await client.get(f"/api/agents/{agent['id']}"))["config"] == won[0].body["config"]


async def test_a_refused_replacement_leaves_the_stored_key_alone(serve: Serve, home: Path) -> None:
    async with serve() as client:
        with_key = {"name": "n", "openapi": {"a": {"server": "https://a.example", "apikey": "first-value"}}}
        agent = await client.post("/api/agents", json={"config": with_key})
        newer = {"name": "n", "openapi": {"a": {"server": "https://a.example", "apikey": "second-value"}}}
        before = _ciphertexts(home)
        path = f"/api/agents/{agent['id']}/config"
        refused = await client.call("PUT", path, json=newer, headers={"If-Match": '"7"'})
        assert refused.status == 409
        assert _ciphertexts(home) == before


async def test_a_field_set_by_hand_while_the_builder_writes_is_kept(client: Client) -> None:
    agent = await client.post("/api/agents")
    path = f"/api/agents/{agent['id']}/builder"
    async with aclosing(
        client.events("POST", path, json={"text": "An agent that plans weekend trips", "language": "en"})
    ) as events:
        await anext(events)
        await patched(client, agent, {"prologue": "set by hand"})
        seen = [event async for event in events]
    assert "config_changed" in kinds(seen)
    config = (await client.get(f"/api/agents/{agent['id']}"))["config"]
    assert config["prologue"] == "set by hand"
    assert config["instruction"]


async def test_of_pictures_uploaded_at_once_one_is_shown(client: Client) -> None:
    agent = await client.post("/api/agents")
    path = f"/api/agents/{agent['id']}/avatar"
    monogram = (await client.call("GET", path)).body
    answers = await asyncio.gather(*(client.call("PUT", path, data=png(n, n, 99)) for n in range(40, 52)))
    assert {answer.status for answer in answers} == {200}
    shown = await client.call("GET", path)
    assert shown.body != monogram
    removed = await asyncio.gather(*(client.call("DELETE", path) for _ in range(4)))
    assert {answer.status for answer in removed} == {200}
    assert (await client.call("GET", path)).body == monogram


async def test_files_added_at_once_are_all_known_and_removed_once(client: Client) -> None:
    agent = await client.post("/api/agents")
    path = f"/api/agents/{agent['id']}/knowledge"
    await asyncio.gather(*(client.call("POST", path, data=_form(f"{n}.txt", b"text")) for n in range(12)))
    files = await client.get(path)
    assert {file["name"] for file in files} == {f"{n}.txt" for n in range(12)}
    first = f"{path}/{files[0]['id']}"
    removed = await asyncio.gather(*(client.call("DELETE", first) for _ in range(4)))
    assert {answer.status for answer in removed} <= {204, 404}
    assert len(await client.get(path)) == 11


def _form(name: str, content: bytes) -> aiohttp.FormData:
    form = aiohttp.FormData()
    form.add_field("files", content, filename=name)
    return form


def _ciphertexts(home: Path) -> list[str]:
    with closing(sqlite3.connect(home / "agentfabric.db")) as database:
        return [row[0] for row in database.execute("select ciphertext from secrets order by name")]
