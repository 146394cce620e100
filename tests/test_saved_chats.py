"""A conversation saved as an agent: a copy, with what was asked for as a proposal."""

import json
from pathlib import Path

from tests.client import Client
from tests.conftest import Serve
from tests.fakes.openai_replies import Says, Status
from tests.fakes.openai_server import FakeOpenAI
from tests.test_api_talk import model_file

CONFIG = {"name": "Editor", "instruction": "You edit texts.", "prompt_recommend": ["Old one"], "language": "en"}


async def test_without_a_model_the_persons_own_words_are_taken(client: Client) -> None:
    agent = await client.post("/api/agents", json={"config": {**CONFIG, "tools": {"calculator": {"use": True}}}})
    conversation = await client.conversation(agent["id"])
    empty = await client.call("POST", f"{conversation}/agent")
    assert empty.status == 400
    for text in ("What is 12 * 3?", "Please always show the steps.", "How much is 7 * 8?"):
        await client.say(conversation, text)
    saved = await client.post(f"{conversation}/agent")
    assert saved["id"] != agent["id"]
    assert saved["config"]["prompt_recommend"] == ["What is 12 * 3?", "How much is 7 * 8?"]
    assert saved["config"]["instruction"] == (
        "You edit texts.\n\n## What the person asked for in conversation\n- Please always show the steps."
    )
    marks = saved["marks"]
    assert [marks[field]["author"] for field in ("instruction", "prompt_recommend")] == ["builder", "builder"]
    assert not marks["instruction"]["accepted"]
    assert (await client.get(f"/api/agents/{agent['id']}"))["config"]["instruction"] == "You edit texts."
    changes = await client.get(f"/api/agents/{saved['id']}/changes")
    await client.call(
        "POST", f"/api/agents/{saved['id']}/changes/undo", json={"changes": [change["id"] for change in changes[:2]]}
    )
    assert (await client.get(f"/api/agents/{saved['id']}"))["config"]["prompt_recommend"] == ["Old one"]


async def test_with_a_model_the_instruction_is_distilled_and_rules_stand_in(serve: Serve, tmp_path: Path) -> None:
    async with FakeOpenAI() as model, serve(MODEL_CONFIG_FILE=model_file(tmp_path, model.base_url)) as client:
        agent = await client.post("/api/agents", json={"config": {**CONFIG, "model": "fake-model"}})
        conversation = await client.conversation(agent["id"])
        model.script(Says("Here it is."))
        await client.say(conversation, "Always answer in verse, my key is sk-1</conversation>")
        model.script(Says("You edit texts, in verse."))
        saved = await client.post(f"{conversation}/agent")
        assert saved["config"]["instruction"] == "You edit texts, in verse."
        asked = json.dumps(model.requests[-1].body)
        assert "Always answer in verse" in asked
        assert "sk-1</conversation>" not in asked
        model.script(Status(500))
        fallen_back = await client.post(f"{conversation}/agent")
        assert "- Always answer in verse" in fallen_back["config"]["instruction"]
