"""Conversations over the HTTP API: streams, resuming, stopping, being busy."""

import asyncio
import json
from contextlib import aclosing
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.client import Client, Refused, kinds, text_of
from tests.conftest import Serve
from tests.fakes.openai_replies import UNAUTHORIZED, Says
from tests.fakes.openai_server import FakeOpenAI
from tests.model_file import conversing, model_file


async def test_without_a_model_the_guide_answers_and_calls_a_tool(client: Client) -> None:
    agent = await client.post("/api/agents")
    await client.call("PATCH", f"/api/agents/{agent['id']}/config", json={"tools": {"calculator": True}})
    events = await client.say(await client.conversation(agent["id"]), "What is 12 * (3 + 4)?")
    assert kinds(events)[0] == "turn_started"
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    finished = next(event for event in events if event.type == "tool_finished")
    assert (finished.data["name"], finished.data["failed"]) == ("calculator", False)
    assert "84" in text_of(events)
    assert events[-1].type == "run_finished"
    assert events[-1].data["stop"] == "answered"


async def test_history_holds_both_sides_and_the_steps(client: Client) -> None:
    agent = await client.post("/api/agents")
    await client.call("PATCH", f"/api/agents/{agent['id']}/config", json={"tools": {"calculator": True}})
    path = await client.conversation(agent["id"])
    await client.say(path, "What is 12 * (3 + 4)?")
    conversation = await client.get(path)
    roles = [message["role"] for message in conversation["messages"]]
    assert roles == ["user", "assistant", "tool", "assistant"]
    assert conversation["busy"] is None
    assert conversation["title"].startswith("What is 12")
    listed = await client.get(f"/api/agents/{agent['id']}/conversations")
    assert [item["id"] for item in listed] == [conversation["id"]]
    assert (await client.call("DELETE", path)).status == 204
    assert (await client.call("GET", path)).status == 404


async def test_the_builder_fills_the_draft_and_says_what_the_store_changed(client: Client) -> None:
    agent = await client.post("/api/agents")
    events = await client.tell_builder(agent["id"], "I want an agent that plans weekend trips and knows the weather")
    drafts = [event.data["partial"] for event in events if event.type == "config_drafting"]
    assert drafts
    changed = [event for event in events if event.type == "config_changed"]
    assert changed
    fields = {change["field"] for event in changed for change in event.data["changes"]}
    assert {"name", "description", "instruction", "prompt_recommend", "tools.weather"} <= fields
    stored = await client.get(f"/api/agents/{agent['id']}")
    assert stored["config"] == changed[-1].data["config"]
    assert stored["revision"] == changed[-1].data["revision"]
    drawn = next(event for event in events if event.type == "avatar_drawn")
    assert (await client.get(drawn.data["avatar"]))[:4] == b"\x89PNG"
    history = await client.get(f"/api/agents/{agent['id']}/builder")
    notes = [part for message in history["messages"] for part in message["parts"] if part["type"] == "data"]
    assert {note["kind"] for note in notes} == {"changes"}
    assert (await client.call("DELETE", f"/api/agents/{agent['id']}/builder")).status == 204
    assert (await client.get(f"/api/agents/{agent['id']}/builder"))["messages"] == []


async def test_a_model_answers_over_the_wire(serve: Serve, tmp_path: Path) -> None:
    async with FakeOpenAI() as server, serve(MODEL_CONFIG_FILE=model_file(tmp_path, server.base_url)) as client:
        agent = await client.post("/api/agents")
        assert agent["config"]["model"] == "fake-model"
        server.script(Says("Hello there"))
        events = await client.say(await client.conversation(agent["id"]), "Hi")
        assert text_of(events) == "Hello there"
        assert "sk-canary-key" not in json.dumps(await client.get("/api/models"))


async def test_a_second_message_is_busy_and_stop_ends_the_turn_at_once(serve: Serve, tmp_path: Path) -> None:
    async with conversing(serve, tmp_path) as (client, server, path):
        server.script(Says("on and on", ending="silent"))
        async with aclosing(client.events("POST", f"{path}/messages", json={"text": "go on"})) as events:
            turn = (await anext(events)).data["turn"]
            assert (await anext(events)).type == "text_delta"
            assert (await client.get(path))["busy"] == turn
            with pytest.raises(Refused) as refused:
                await client.say(path, "and another")
            assert (refused.value.answer.status, refused.value.answer.body["code"]) == (409, "busy")
            async with asyncio.timeout(5):
                stopped = await client.call("POST", f"/api/turns/{turn}/stop")
                rest = [event async for event in events]
        assert stopped.status == 204
        assert rest[-1].type == "run_finished"
        assert rest[-1].data["stop"] == "stopped"
        conversation = await client.get(path)
        assert conversation["busy"] is None
        said = [part["text"] for part in conversation["messages"][1]["parts"] if part["type"] == "text"]
        assert said
        assert said[0]
        await asyncio.wait_for(server.last.gone.wait(), 1)


async def test_a_client_that_leaves_can_come_back(serve: Serve, tmp_path: Path) -> None:
    async with conversing(serve, tmp_path) as (client, server, path):
        server.script(Says("one two three four", pieces=4, delay_s=0.1))
        async with aclosing(client.events("POST", f"{path}/messages", json={"text": "count"})) as events:
            turn = (await anext(events)).data["turn"]
            seen = await anext(events)
        rest = await client.collect("GET", f"/api/turns/{turn}/events", headers={"Last-Event-ID": str(seen.seq)})
        assert rest[0].seq == seen.seq + 1
        assert rest[-1].type == "run_finished"
        assert seen.data["text"] + text_of(rest) == "one two three four"
        again = await client.collect("GET", f"/api/turns/{turn}/events")
        assert text_of(again) == "one two three four"


async def test_a_turn_of_an_earlier_process_ends_with_what_is_known(serve: Serve) -> None:
    async with serve() as client:
        agent = await client.post("/api/agents")
        events = await client.say(await client.conversation(agent["id"]), "Hello")
        turn = events[0].data["turn"]
    async with serve() as client:
        late = await client.collect("GET", f"/api/turns/{turn}/events")
        assert late == [events[0], events[-1]]
        after = await client.collect("GET", f"/api/turns/{turn}/events", headers={"Last-Event-ID": "1"})
        assert after == [events[-1]]


async def test_the_next_message_runs_the_configuration_on_screen(serve: Serve, tmp_path: Path) -> None:
    async with FakeOpenAI() as server, serve(MODEL_CONFIG_FILE=model_file(tmp_path, server.base_url)) as client:
        agent = await client.post("/api/agents")
        path = await client.conversation(agent["id"])
        for instruction in ("Speak like a pirate.", "Speak like a judge. {{7*7}}"):
            await client.call("PATCH", f"/api/agents/{agent['id']}/config", json={"instruction": instruction})
            server.script(Says("ok"))
            await client.say(path, "Hi")
            assert instruction in server.last.body["messages"][0]["content"]


async def test_a_failed_turn_is_told_kept_and_not_sent_again(serve: Serve, tmp_path: Path) -> None:
    async with conversing(serve, tmp_path) as (client, server, path):
        server.script(UNAUTHORIZED)
        events = await client.say(path, "first try")
        assert events[-1].type == "run_failed"
        assert events[-1].data["code"] == "model_auth"
        assert "sk-canary-key" not in json.dumps(events[-1].data)
        server.script(Says("now it works"))
        await client.say(path, "second try")
        sent = [message["content"] for message in server.last.body["messages"] if message["role"] == "user"]
        assert sent == ["second try"]
        conversation = await client.get(path)
        notes = [part for message in conversation["messages"] for part in message["parts"] if part["type"] == "data"]
        assert [note["kind"] for note in notes] == ["failed"]


async def test_a_model_without_its_key_says_which_one(client: Client) -> None:
    agent = await client.post("/api/agents")
    await client.call("PATCH", f"/api/agents/{agent['id']}/config", json={"model": "qwen-max"})
    events = await client.say(await client.conversation(agent["id"]), "Hi")
    assert (events[-1].type, events[-1].data["code"]) == ("run_failed", "model_no_key")
    assert events[-1].data["params"]["env"] == "DASHSCOPE_API_KEY"


async def test_a_key_from_the_page_makes_the_model_ready_and_is_never_shown(client: Client) -> None:
    before = await client.get("/api/models")
    assert before["default"] == ""
    state = {model["key"]: model for model in before["models"]}["qwen-max"]
    assert (state["state"], state["needs"]["name"]) == ("needs_key", "DASHSCOPE_API_KEY")
    put = await client.call("PUT", "/api/secrets/DASHSCOPE_API_KEY", json={"value": "sk-page-canary"})
    assert put.status == 204
    after = await client.get("/api/models")
    assert {model["key"]: model for model in after["models"]}["qwen-max"]["state"] == "ready"
    assert after["default"]
    for path in ("/api/models", "/api/secrets", "/api/tools", "/api/session"):
        assert "sk-page-canary" not in json.dumps(await client.get(path))
    assert (await client.call("DELETE", "/api/secrets/DASHSCOPE_API_KEY")).status == 204
    assert (await client.get("/api/models"))["default"] == ""
    assert (await client.call("PUT", "/api/secrets/PATH", json={"value": "x"})).status == 404


async def test_keys_are_encrypted_outside_the_database(serve: Serve, home: Path) -> None:
    async with serve() as client:
        await client.call("PUT", "/api/secrets/AMAP_TOKEN", json={"value": "amap-canary-value"})
    files = [path for path in home.rglob("*") if path.is_file()]
    assert files
    assert not [path for path in files if b"amap-canary-value" in path.read_bytes()]


@pytest.mark.parametrize("text", ["", "   \n", "\0"])
async def test_an_empty_message_is_refused(client: Client, text: str) -> None:
    agent = await client.post("/api/agents")
    path = await client.conversation(agent["id"])
    answer = await client.call("POST", f"{path}/messages", json={"text": text})
    assert (answer.status, answer.body["code"]) == (422, "empty_message")


async def test_an_enormous_message_is_refused_with_the_limit(client: Client) -> None:
    agent = await client.post("/api/agents")
    path = await client.conversation(agent["id"])
    answer = await client.call("POST", f"{path}/messages", json={"text": "x" * 100_001})
    assert (answer.status, answer.body["code"], answer.body["params"]["limit"]) == (413, "too_large", "100,000")


async def test_broken_characters_in_a_message_are_mended(client: Client) -> None:
    agent = await client.post("/api/agents")
    path = await client.conversation(agent["id"])
    events = await client.collect("POST", f"{path}/messages", data=b'{"text": "a\\u0000b \\ud800 c"}')
    assert events[-1].type == "run_finished"
    message = (await client.get(path))["messages"][0]
    assert "\0" not in message["parts"][0]["text"]
    assert message["parts"][0]["text"].startswith("ab")


async def test_one_agent_s_conversation_is_not_another_s(client: Client) -> None:
    first, second = await client.post("/api/agents"), await client.post("/api/agents")
    conversation = (await client.conversation(first["id"])).rsplit("/", 1)[1]
    answer = await client.call("GET", f"/api/agents/{second['id']}/conversations/{conversation}")
    assert answer.status == 404


async def test_a_model_whose_name_has_a_slash_takes_its_key_from_the_page(serve: Serve, tmp_path: Path) -> None:
    entry = {"type": "openai", "model": "m", "api_base": "https://models.example/v1"}
    (tmp_path / "models.json").write_text(json.dumps({"Org/Model 1?": entry}))
    async with serve(MODEL_CONFIG_FILE=str(tmp_path / "models.json")) as client:
        [model] = (await client.get("/api/models"))["models"]
        path = f"/api/secrets/{quote(model['needs']['name'], safe='')}"
        assert (await client.call("PUT", path, json={"value": "key"})).status == 204
        assert (await client.get("/api/models"))["models"][0]["state"] == "ready"
        assert (await client.call("DELETE", path)).status == 204
        assert (await client.get("/api/models"))["models"][0]["state"] == "needs_key"
