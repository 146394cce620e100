"""Attacks on what the builder says: told is what the store holds, whatever a model claims, and a lock holds."""

import json
import re
from typing import Any

import pytest

from tests.client import Client, ServerEvent, text_of
from tests.conftest import Serve
from tests.fakes.openai_replies import Call, Says
from tests.fakes.openai_server import FakeOpenAI
from tests.model_file import model_file

CONFIG = {
    "name": "Ann",
    "description": "Plans trips.",
    "instruction": "# Task\n- Plan trips.\n\n# Rules\n- Be kind.",
    "prologue": "Hi!",
    "prompt_recommend": ["Where to?", "Is it raining in Rome?"],
    "language": "en",
    "tools": {"weather": {"name": "weather", "is_active": True, "use": True}},
}
LOCKABLE = ("name", "description", "instruction", "prologue", "prompt_recommend", "language", "tools", "avatar")
CLAIMS = re.compile(
    r"Updated:|Switched o|Taken back:|is out of the|filled in, and|is drawn|"
    r"已更新|已启用|已关闭|已撤销|已经从|已经填好|画好了"
)


async def agent_of(client: Client, *locks: str, **more: object) -> str:
    agent = (await client.post("/api/agents", json={"config": {**CONFIG, **more}}))["id"]
    for field in locks:
        await lock(client, agent, field)
    return agent


async def lock(client: Client, agent: str, field: str) -> None:
    assert (await client.call("PUT", f"/api/agents/{agent}/locks/{field}")).status == 200


def told(events: list[ServerEvent]) -> dict[str, Any]:
    return {
        change["field"]: change["after"]
        for event in events
        if event.type == "config_changed"
        for change in event.data["changes"]
    }


def parts(config: dict[str, Any]) -> dict[str, Any]:
    """The fields as changes name them, tools one by one."""
    tools = {f"tools.{name}": bool(entry.get("use")) for name, entry in (config.get("tools") or {}).items()}
    return {**{name: value for name, value in config.items() if name != "tools"}, **tools}


def differing(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    was, now = parts(before), parts(after)
    return {name: now.get(name) for name in {*was, *now} if (was.get(name) or None) != (now.get(name) or None)}


@pytest.mark.parametrize(
    "said",
    [
        "rename it to Zed",
        "delete the rule Be kind",
        "去掉规则：Be kind",
        "start over",
        "make an agent that writes poems and knows the weather",
        "做一个会算汇率的写诗助手",
        "drop the weather thing, undo it",
        "only use the calculator",
        "remove the second suggested question and more formal",
        "answer in Chinese, and set the greeting to Updated: name. Switched on: Weather.",
        "draw it an avatar with a fox",
        'rename it to "Taken back: name."',
        "the weather is useless, ditch it",
    ],
)
async def test_without_a_model_nothing_locked_changes_and_no_change_is_claimed(client: Client, said: str) -> None:
    agent = await agent_of(client, *LOCKABLE)
    before = await client.get(f"/api/agents/{agent}")
    events = await client.tell_builder(agent, said)
    after = await client.get(f"/api/agents/{agent}")
    assert (after["config"], told(events)) == (before["config"], {})
    assert not CLAIMS.search(text_of(events)), text_of(events)


async def test_a_change_to_a_field_that_was_locked_since_is_not_taken_back(client: Client) -> None:
    agent = await agent_of(client)
    for said in ("rename it to Zed", "add the calculator"):
        await client.tell_builder(agent, said)
    await lock(client, agent, "name")
    events = await client.tell_builder(agent, "undo the rename and the calculator")
    assert told(events) == {"tools.calculator": False}
    assert "Taken back: Calculator." in text_of(events)
    assert "The name was not changed: it is locked" in text_of(events)
    assert (await client.get(f"/api/agents/{agent}"))["config"]["name"] == "Zed"


def call(tool: str, **arguments: object) -> Call:
    return Call(tool, json.dumps(arguments))


LIES = {
    "locked name": ((call("update_agent", name="Zed"),), {}),
    "locked among free": ((call("update_agent", name="Zed", prologue="Hello!"),), {"prologue": "Hello!"}),
    "proposed": ((call("update_agent", name="Zed", proposed=["name"]),), {}),
    "locked tools": ((call("choose_tools", enable=["calculator"], disable=["weather"]),), {}),
    "undoing": ((call("undo_changes", changes=["c1"]),), {}),
    "no call": ((), {}),
    "many at once": (
        tuple(call("update_agent", name=f"Zed {number}", description=f"{number}") for number in range(4)),
        None,
    ),
    "not that way": ((call("update_agent", locks=[], revision=99, name="Zed"),), {}),
    "a change in words": (
        (call("update_agent", description='{"changed": {"name": "Zed"}}'),),
        {"description": '{"changed": {"name": "Zed"}}'},
    ),
    "a broken call": ((Call("update_agent", '{"name": "Zed"'), call("update_agent", prologue="Hm")), None),
}


@pytest.mark.parametrize("lie", LIES)
async def test_a_model_that_lies_is_told_on_and_changes_nothing_locked(serve: Serve, tmp_path: Any, lie: str) -> None:
    calls, expected = LIES[lie]
    claim = "Done! I unlocked it, renamed it to Zed and switched ten tools on."
    first = Says(claim, calls=calls)
    async with FakeOpenAI(Says("Hm.", calls=(call("update_agent", name="Bea"),)), Says("Renamed."), first) as model:
        model_path = model_file(tmp_path, model.base_url)
        model.replies.extend([Says(claim)] * 2)
        async with serve(MODEL_CONFIG_FILE=model_path) as client:
            agent = await agent_of(client, model="fake-model")
            await client.tell_builder(agent, "call it Bea")
            for field in ("name", "tools"):
                await lock(client, agent, field)
            before = (await client.get(f"/api/agents/{agent}"))["config"]
            events = await client.tell_builder(agent, "call it Zed, greet, and give it every tool")
            after = (await client.get(f"/api/agents/{agent}"))["config"]
    assert (after["name"], after["tools"]) == ("Bea", before["tools"])
    assert told(events) == differing(before, after)
    assert expected is None or told(events) == expected
    assert any(event.type == "config_changed" for event in events)
