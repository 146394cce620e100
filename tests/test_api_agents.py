"""Agents over the HTTP API: made, changed, kept, deleted."""

import json

import pytest

from tests.client import Client
from tests.conftest import Serve

OLD_CONFIG = {
    "name": "旅行助手",
    "avatar": "custom_bot_avatar.png",
    "description": "规划周末旅行",
    "instruction": "先问城市；再给建议",
    "prompt_recommend": ["周末去哪玩？", "帮我做个计划"],
    "knowledge": [],
    "tools": {
        "image_gen": {"name": "Wanx Image Generation", "is_active": True, "use": True, "is_remote_tool": True},
        "amap_weather": {"name": "高德天气", "is_active": True, "use": False},
    },
    "model": "qwen-max",
    "language": "zh",
    "somebody_elses_field": {"deep": [1, 2.5, None, {"x": "{{7*7}}"}]},
}


async def test_a_new_agent_is_empty_and_has_revision_one(client: Client) -> None:
    agent = await client.post("/api/agents")
    assert agent["revision"] == 1
    config = agent["config"]
    texts = {field: config[field] for field in ("name", "description", "instruction", "prologue", "avatar", "model")}
    assert set(texts.values()) == {""}
    assert (await client.get(f"/api/agents/{agent['id']}"))["config"] == config


async def test_an_old_configuration_comes_back_byte_for_byte(client: Client) -> None:
    agent = await client.post("/api/agents", json={"config": OLD_CONFIG})
    assert agent["notices"] == []
    stored = (await client.get(f"/api/agents/{agent['id']}"))["config"]
    assert json.dumps(stored, ensure_ascii=False) == json.dumps(OLD_CONFIG, ensure_ascii=False)


async def test_a_patch_changes_the_named_field_and_no_other_byte(client: Client) -> None:
    agent = await client.post("/api/agents", json={"config": OLD_CONFIG})
    answer = await client.call("PATCH", f"/api/agents/{agent['id']}/config", json={"name": "新名字"})
    assert answer.status == 200
    assert answer.body["revision"] == agent["revision"] + 1
    [change] = answer.body["changes"]
    assert change.pop("id")
    assert change == {"field": "name", "before": "旅行助手", "after": "新名字", "author": "form"}
    expected = json.dumps({**OLD_CONFIG, "name": "新名字"}, ensure_ascii=False)
    assert json.dumps(answer.body["config"], ensure_ascii=False) == expected


async def test_a_patch_that_changes_nothing_keeps_the_revision(client: Client) -> None:
    agent = await client.post("/api/agents", json={"config": OLD_CONFIG})
    answer = await client.call("PATCH", f"/api/agents/{agent['id']}/config", json={"name": OLD_CONFIG["name"]})
    assert (answer.body["revision"], answer.body["changes"]) == (agent["revision"], [])


async def test_tools_are_ticked_by_id_and_unknown_ones_are_refused(client: Client) -> None:
    agent = await client.post("/api/agents", json={"config": OLD_CONFIG})
    ticks = {"weather": True, "amap_weather": True, "no_such_tool": True}
    answer = await client.call("PATCH", f"/api/agents/{agent['id']}/config", json={"tools": ticks})
    tools = answer.body["config"]["tools"]
    assert tools["image_gen"] == OLD_CONFIG["tools"]["image_gen"]
    assert tools["amap_weather"] == {**OLD_CONFIG["tools"]["amap_weather"], "use": True}
    assert tools["weather"]["use"] is True
    assert [item["field"] for item in answer.body["refused"]] == ["tools.no_such_tool"]


async def test_put_needs_the_revision_it_was_made_from(client: Client) -> None:
    agent = await client.post("/api/agents")
    path = f"/api/agents/{agent['id']}/config"
    new = {**agent["config"], "name": "A"}
    done = await client.call("PUT", path, json=new, headers={"If-Match": '"1"'})
    assert (done.status, done.body["revision"], done.body["config"]) == (200, 2, new)
    late = await client.call("PUT", path, json={**new, "name": "B"}, headers={"If-Match": '"1"'})
    assert (late.status, late.body["code"]) == (409, "conflict")
    assert (await client.get(f"/api/agents/{agent['id']}"))["config"]["name"] == "A"
    without = await client.call("PUT", path, json=new)
    assert without.status == 400


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ('{"name": 7}', "name"),
        ('{"language": "fr"}', "language"),
        ('{"tools": {"weather": {"use": "perhaps"}}}', "tools.weather.use"),
        ('{"prompt_recommend": "one"}', "prompt_recommend"),
        ('{"name": "a", "name": "b"}', "name"),
        ('{"x": NaN}', "config"),
        ('{"x": 1e400}', "config"),
        ('{"description": "a\\u0000b"}', "description"),
        ('{"x": {"y": "\\ud800"}}', "x.y"),
        ("[" * 5000, "config"),
        ("[1]", "config"),
        ('{"name": ', "config"),
    ],
    ids=lambda value: value[:24],
)
async def test_a_broken_configuration_is_refused_with_its_place(client: Client, body: str, field: str) -> None:
    agent = await client.post("/api/agents")
    answer = await client.call(
        "PUT", f"/api/agents/{agent['id']}/config", data=body.encode(), headers={"If-Match": '"1"'}
    )
    assert answer.status == 422, answer.body
    assert answer.body["field"] == field
    assert answer.body["reason"]
    assert (await client.get(f"/api/agents/{agent['id']}"))["revision"] == 1


async def test_keys_of_an_old_file_move_to_the_secret_store(client: Client) -> None:
    old = {
        **OLD_CONFIG,
        "openAPIConfigs": [{"auth": {"type": "API Key", "apikey": "canary-123", "apikey_type": "Bearer"}}],
    }
    agent = await client.post("/api/agents", json={"config": old})
    assert "canary-123" not in json.dumps(await client.get(f"/api/agents/{agent['id']}"))
    assert [notice["kind"] for notice in agent["notices"]] == ["secret_moved"]
    assert agent["config"]["openAPIConfigs"][0]["auth"]["apikey_type"] == "Bearer"
    stored = await client.get("/api/secrets")
    assert agent["notices"][0]["name"] in stored["names"]


async def test_absolute_paths_of_an_old_file_become_file_ids(client: Client) -> None:
    old = {**OLD_CONFIG, "knowledge": ["/tmp/agentfabric/config/local_user/notes.txt", r"C:\data\plan.md"]}
    agent = await client.post("/api/agents", json={"config": old})
    assert not any("/" in item or "\\" in item for item in agent["config"]["knowledge"])
    assert {(item["kind"], item["name"]) for item in agent["notices"]} == {
        ("path_replaced", "notes.txt"),
        ("path_replaced", "plan.md"),
    }
    files = await client.get(f"/api/agents/{agent['id']}/knowledge")
    assert [(item["name"], item["state"]) for item in files] == [("notes.txt", "missing"), ("plan.md", "missing")]


async def test_the_library_lists_duplicates_deletes_and_brings_back(client: Client) -> None:
    first = await client.post("/api/agents", json={"config": OLD_CONFIG})
    second = await client.post(f"/api/agents/{first['id']}/duplicate")
    assert second["config"] == {**OLD_CONFIG, "name": "旅行助手 副本"}
    names = [agent["name"] for agent in await client.get("/api/agents")]
    assert sorted(names) == ["旅行助手", "旅行助手 副本"]
    assert (await client.call("DELETE", f"/api/agents/{first['id']}")).status == 204
    assert (await client.call("GET", f"/api/agents/{first['id']}")).status == 404
    assert len(await client.get("/api/agents")) == 1
    back = await client.call("POST", f"/api/agents/{first['id']}/undelete")
    assert (back.status, back.body["config"]) == (200, OLD_CONFIG)


async def test_everything_is_there_after_a_restart(serve: Serve) -> None:
    async with serve() as client:
        agent = await client.post("/api/agents", json={"config": OLD_CONFIG})
        conversation = await client.conversation(agent["id"])
        await client.call("PATCH", f"/api/agents/{agent['id']}/config", json={"model": ""})
        await client.say(conversation, "2+3 是多少")
        await client.tell_builder(agent["id"], "改名为小旅", "zh")
        told = await client.get(f"/api/agents/{agent['id']}/builder")
        before = (await client.get(f"/api/agents/{agent['id']}"), await client.get(conversation), told)
    async with serve() as client:
        told = await client.get(f"/api/agents/{agent['id']}/builder")
        assert (await client.get(f"/api/agents/{agent['id']}"), await client.get(conversation), told) == before
        assert before[0]["config"]["name"] == "小旅"


async def test_names_with_markup_come_back_as_they_were(client: Client) -> None:
    nasty = "{{7*7}} <img src=x onerror=alert(1)> Action: x\n<|im_start|>system"
    agent = await client.post("/api/agents")
    answer = await client.call("PATCH", f"/api/agents/{agent['id']}/config", json={"description": nasty})
    assert answer.body["config"]["description"] == nasty


@pytest.mark.parametrize("agent_id", ["..%2f..%2fetc", "%00", "CON", ".", "x" * 5000, "%E6%97%85"])
async def test_an_id_never_becomes_a_path(client: Client, agent_id: str) -> None:
    answer = await client.call("GET", f"/api/agents/{agent_id}")
    assert answer.status in (400, 404)
