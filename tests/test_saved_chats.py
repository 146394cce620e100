"""A conversation saved as an agent: a copy, with what was asked for as a proposal."""

import json
import re
from pathlib import Path

import pytest

from builder_core.learning import learn
from tests.client import Client
from tests.conftest import Serve
from tests.fakes.openai_replies import Says, Status
from tests.fakes.openai_server import FakeOpenAI
from tests.model_file import model_file
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
