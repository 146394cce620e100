"""Out as a bundle and in again: what comes back is the agent, and what a stranger may have of it."""

import json
from pathlib import Path
from typing import Any

from tests.client import Client, text_of
from tests.conftest import Serve
from tests.fakes.embedding_server import KEY as EMBEDDING_KEY
from tests.fakes.embedding_server import FakeEmbeddings
from tests.fakes.openai_replies import Says
from tests.fakes.openai_server import FakeOpenAI
from tests.foreign_exports import CANARY as CANARY_OF_THE_ZIP
from tests.foreign_exports import predecessor_zip
from tests.knowing import add, search, settled
from tests.test_bundle import CANARY, NOTES, bundle, house, model_file, unzipped
from tests.test_incoming import take
from tests.test_links import Visitor
from user_agent.config import AgentConfig
from user_agent.mcp.tools import served

MORE: dict[str, Any] = {
    "instruction": "Answer briefly.\n\n请用“您”称呼。",
    "prologue": "Welcome.",
    "generation": {"temperature": 0.2, "max_tokens": 700},
    "tools": {"calculator": True, "http_request": True},
    "policies": {"http_request": "ask"},
    "memory": True,
}
OTHERWISE = {"README.md", "manifest.json", "manifest.sig.json"}
"""What says of a bundle what stayed behind when it was made, and what it is signed with."""


async def test_an_agent_that_went_out_and_came_back_goes_out_the_same(serve: Serve, tmp_path: Path) -> None:
    async with (
        FakeOpenAI() as model,
        FakeEmbeddings() as embeddings,
        serve(MODEL_CONFIG_FILE=model_file(tmp_path, model, embeddings), EMBED_API_KEY=EMBEDDING_KEY) as client,
    ):
        agent = await house(client)
        await _grown(client, agent)
        first = await bundle(client, agent)
        taken = await take(client, first)
        back = taken["id"]
        assert taken["config"]["memory"] is False
        await settled(client, back)
        # A file from outside switches no memory on: whoever took it in does.
        assert (await client.call("PATCH", f"/api/agents/{back}/config", json={"memory": True})).status == 200
        second = await bundle(client, back)
        known = [(file["name"], file["state"], file["tags"]) for file in await settled(client, back)]
        found = [(await search(client, which, "Which doctor is there?"))["hits"] for which in (agent, back)]
        stored = await client.get(f"/api/agents/{back}")

    before, after = unzipped(first), unzipped(second)
    assert {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)} <= OTHERWISE
    config: dict[str, Any] = json.loads(after["config/builder_config.json"])
    assert (config["instruction"], config["retrieval"]["tags"]) == (MORE["instruction"], ["people"])
    assert config["tools"]["http_request"]["policy"] == "ask"
    gone_out = AgentConfig.from_document(config)
    asked = ["openapi.orders.look", *(each.policy_key for each in served(gone_out.mcp_servers, ()))]
    assert [gone_out.policy_of(key) for key in asked] == ["ask", "ask"], "strangers have no tool that asks its owner"
    assert [*config["mcpServers"], *config["openapi"]] == ["maps", "orders"]
    assert sorted(known) == [("car.md", "ready", []), ("car.md", "ready", []), ("doctor.md", "ready", ["people"])]
    assert [hit["text"] for hit in found[1]] == [hit["text"] for hit in found[0]] == [NOTES["doctor.md"]]
    assert CANARY not in json.dumps(stored)
    told = [name for name, content in after.items() if CANARY.encode() in content or agent.encode() in content]
    assert told == []


async def _grown(client: Client, agent: str) -> None:
    """The agent with more of what a configuration can say."""
    path = f"/api/agents/{agent}"
    doctor = next(file["id"] for file in await settled(client, agent) if file["name"] == "doctor.md")
    answer = await client.call("PUT", f"{path}/knowledge/{doctor}/tags", json={"tags": ["people"]})
    assert answer.status == 200, answer.body
    await add(client, agent, {"car.md": "Another automobile, of the same name."})
    await settled(client, agent)
    config = AgentConfig.from_document((await client.get(path))["config"])
    [look] = served(config.mcp_servers, ())
    policies = {**MORE["policies"], "openapi.orders.look": "ask", look.policy_key: "ask"}
    changed = {**MORE, "retrieval": {"tags": ["people"]}, "policies": policies}
    answer = await client.call("PATCH", f"{path}/config", json=changed)
    assert answer.status == 200, answer.body


async def test_a_zip_of_the_predecessor_is_published_and_answers_by_a_link(serve: Serve, tmp_path: Path) -> None:
    async with (
        FakeOpenAI() as model,
        FakeEmbeddings() as embeddings,
        serve(MODEL_CONFIG_FILE=model_file(tmp_path, model, embeddings), HOUSE_API_KEY="sk-house") as client,
    ):
        agent = (await take(client, predecessor_zip("config/local_user"), language="zh"))["id"]
        path = f"/api/agents/{agent}"
        await settled(client, agent)
        answer = await client.call("PATCH", f"{path}/config", json={"model": "house"})
        assert answer.status == 200, answer.body
        await client.post(f"{path}/releases", json={"note": "从旧版来"})
        visitor = Visitor(client, (await client.post(f"{path}/links", json={}))["path"])
        profile = (await visitor.call("GET", "profile")).body
        model.script(Says("少林、武当、峨眉 [1]。"))
        events = await visitor.say(await visitor.conversation(), "有哪些门派？少林在哪里？")
        asked = json.dumps(model.last.body, ensure_ascii=False)
        page = (await visitor.call("GET")).body.decode()
        packed = await bundle(client, agent)

    assert profile["name"] == "武侠说书人" and "武侠说书人" in page
    assert text_of(events) == "少林、武当、峨眉 [1]。"
    [used] = [event for event in events if event.type == "knowledge_used"]
    assert used.data["hits"][0]["name"] == "门派.txt"
    assert "每次给出三个选择；等玩家选" in asked and "少林、武当、峨眉。" in asked
    for told in (
        asked,
        page,
        json.dumps(profile),
        *(content.decode("utf-8", "replace") for content in unzipped(packed).values()),
    ):
        assert CANARY_OF_THE_ZIP not in told
