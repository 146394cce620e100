"""A conversation saved as an agent: a copy with the documents of the messages, and what was asked for as a proposal."""

import json
import re
from pathlib import Path

import pytest

from builder_core.learning import learn
from tests.client import Client
from tests.conftest import Serve
from tests.fakes.openai_replies import Says, Status
from tests.fakes.openai_server import FakeOpenAI
from tests.knowing import RETURNS, form_of, knowing, search, settled
from tests.model_file import model_file
from tests.pictures import png
from tests.test_attached_files import told
from tests.test_knowledge import ANN, BOB, BOTH
from user_agent.config import AgentConfig
from user_agent.messages import Message, TextPart, user_message

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


async def test_its_documents_become_the_new_agents_knowledge_and_media_are_said_to_stay(client: Client) -> None:
    agent = await knowing(client, {"returns.md": RETURNS})
    elsewhere, path = await client.conversation(agent), await client.conversation(agent)
    await told(client, elsewhere, "Look at this", {"private.md": "The safe opens with a plum."})
    others = {
        "fruit.md": "The quince is kept in the cellar.",
        "broken.docx": "PK\x03\x04 and nothing",
        "cat.png": png(2, 2),
    }
    await told(client, path, "Always answer from these", {"socks.md": RETURNS, **others})
    await told(client, path, "And once more", {"again.md": "The quince is kept in the cellar."})
    saved = await client.post(f"{path}/agent")
    assert saved["attached"]["known"] == ["socks.md", "fruit.md", "broken.docx", "again.md"]
    [left] = saved["attached"]["left"]
    assert left["name"] == "cat.png" and "stay behind" in left["why"]["en"] and "没有带过来" in left["why"]["zh"]
    files = {file["name"]: file for file in await settled(client, saved["id"])}
    # What the agent knows already, under whatever name, is there once.
    assert {name: file["state"] for name, file in files.items()} == {
        "returns.md": "ready",
        "fruit.md": "ready",
        "broken.docx": "failed",
    }
    assert "broken.docx" in files["broken.docx"]["reason"]["en"]
    assert len(saved["config"]["knowledge"]) == 3
    assert (await search(client, saved["id"], "quince"))["hits"][0]["name"] == "fruit.md"
    # They are copies: the conversation can go, and the agent that was talked with knows no more than before.
    assert [file["name"] for file in await settled(client, agent)] == ["returns.md"]


async def test_a_full_knowledge_takes_no_more_files_of_a_conversation(client: Client) -> None:
    full = [f"/elsewhere/{number}.md" for number in range(1_000)]
    agent = await client.post("/api/agents", json={"config": {**CONFIG, "knowledge": full}})
    path = await client.conversation(agent["id"])
    await told(client, path, "Always answer from this", {"fruit.md": "The quince is kept in the cellar."})
    saved = await client.post(f"{path}/agent")
    assert saved["attached"]["known"] == []
    assert [(file["name"], file["why"]["en"]) for file in saved["attached"]["left"]] == [
        ("fruit.md", "The knowledge takes no more files.")
    ]
    assert len(saved["config"]["knowledge"]) == 1_000


async def test_nobody_elses_conversation_is_saved(serve: Serve) -> None:
    async with serve(**BOTH) as client:
        mine, foreign = [(await client.post("/api/agents", headers=who))["id"] for who in (BOB, ANN)]
        path = f"/api/agents/{foreign}/conversations"
        conversation = (await client.post(path, headers=ANN))["id"]
        form = form_of({"fruit.md": "The quince is kept in the cellar."})
        form.add_field("text", "Always answer from this")
        await client.collect("POST", f"{path}/{conversation}/messages", data=form, headers=ANN)
        for agent in (foreign, mine):
            theirs = f"/api/agents/{agent}/conversations/{conversation}/agent"
            assert (await client.call("POST", theirs, headers=BOB)).status == 404
        assert [agent["id"] for agent in await client.get("/api/agents", headers=BOB)] == [mine]


PUT_RIGHT = """Make it shorter, please|Use bullet points|I prefer metric units
In British English, please|Keep it under 100 words
Could you answer in Chinese from now on?
Next time ask me for the budget first|You forgot the sources|Less formal please
That's too long|Be more concise|Answer without jargon|Give the sources|Ask me about the audience first
I'd rather have a table
短一点|用表格列出来|以后先问我的预算|我更喜欢列要点|不用客套|语气正式一些|请用繁体|每次都要给出处|能不能以后都用中文回答？|记得带上单位
下次先给结论|太啰嗦了|控制在一百字以内|先给结论再解释|少用术语"""
ASKED = """What is always true of primes?|Write a poem about cats|Give me three ideas for lunch
How long is the Nile?|Plan a trip to Rome
今天天气怎么样？|写一首关于秋天的诗|给我三个晚饭的点子|推荐一本书|翻译这句话：好久不见"""


@pytest.mark.parametrize("said", re.split(r"[|\n]", PUT_RIGHT))
async def test_what_somebody_put_right_is_taken_and_is_no_suggestion(said: str) -> None:
    learnt = await learn(None, AgentConfig.from_document(CONFIG), _talk("What is new?", said, "Thanks!"))
    assert learnt.instruction.splitlines()[-1] == f"- {said}"
    assert learnt.suggestions == ("What is new?",)


@pytest.mark.parametrize("said", re.split(r"[|\n]", ASKED))
async def test_what_somebody_only_asked_for_once_is_a_suggestion_and_no_rule(said: str) -> None:
    learnt = await learn(None, AgentConfig.from_document(CONFIG), _talk(said, "Thanks!", "好的"))
    assert learnt.instruction == "You edit texts."
    assert learnt.suggestions == (said,)


def _talk(*said: str) -> list[Message]:
    answered = Message(role="assistant", parts=(TextPart(text="Here it is."),))
    return [message for text in said for message in (user_message(text), answered)]
