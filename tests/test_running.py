"""An agent that somebody else speaks with: whose keys and knowledge serve, and whose the conversation is."""

import asyncio
import gc
import json
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from agentfabric.service.agent_keys import Wanted
from agentfabric.service.opening import open_studio
from agentfabric.service.running import Occasion
from agentfabric.service.studio import Studio
from agentfabric.service.uploads import kept
from agentfabric.settings import Settings
from agentfabric.store.conversations import ConversationStore
from agentfabric.store.heads import Conversation
from agentfabric.store.share_limits import RESERVED_TOKENS, Share
from tests.fakes.openai_replies import Call, Says
from tests.fakes.openai_server import FakeOpenAI
from tests.model_file import model_file
from user_agent.events import EventBase, MemoryChanged, RunFinished, ToolFinished
from user_agent.messages import FilePart, user_message
from user_agent.sandbox.bench import Bench
from user_agent.serve.uploads import Upload

KEY = "sk-of-the-owner"
NUTS = "The person is allergic to peanuts."
VISITOR = "somebody else"


async def _said(studio: Studio, agent_id: str, conversation: str, text: str, *files: FilePart) -> list[EventBase]:
    """The answer to the visitor, as whoever runs a turn of theirs has it."""
    turn = await studio.chat.conversations.begin_turn(VISITOR, conversation, user_message(text, *files), "a process")
    material = await studio.chat.conversations.material(VISITOR, conversation)
    occasion = Occasion(
        owner="ann",
        agent_id=agent_id,
        config=material.config,
        speaker=VISITOR,
        conversation=conversation,
        turn=turn,
        said=material.messages,
    )
    return [event async for event in studio.chat.running.run(occasion)]


async def test_what_is_the_owners_serves_a_speaker_who_keeps_what_is_theirs(tmp_path: Path) -> None:
    async with FakeOpenAI() as model:
        file = model_file(tmp_path, model.base_url, api_key=None, api_key_env="FAKE_API_KEY")
        settings = {
            "AGENTFABRIC_HOME": str(tmp_path / "home"),
            "MODEL_CONFIG_FILE": file,
            "AGENTFABRIC_TOKENS": "ann:the-token-of-ann",
        }
        async with open_studio(Settings.load(settings)) as studio:
            await studio.set_secret("ann", "FAKE_API_KEY", SecretStr(KEY))
            agent = (await studio.agents.create("ann", None, language="en")).agent.id
            fields = {"memory": True, "tools": {"storage": True}, "model": "fake-model"}
            await studio.agents.patch("ann", agent, fields, None)
            await studio.storage.of("ann", agent).put("secret", "of the owner")
            await studio.facts.add("ann", agent, "The person is called Ann.")
            socks = Upload("socks.md", "text/markdown", b"# Returns\n\nSocks go back within thirty days.\n")
            [known] = await studio.knowledge.add("ann", agent, [socks])
            await _read(studio, agent, known.id)
            there = await studio.chat.conversations.create("ann", agent, "visit", visitor=VISITOR)
            order = Upload("order.txt", "text/plain", b"My order is number 4711.")
            sent = await kept(order, studio.chat.files, VISITOR, "attachment", agent, there.id)

            model.script(
                Says("", calls=(Call("remember", json.dumps({"fact": NUTS})),)),
                Says("", calls=(Call("storage", json.dumps({"operate": "get", "key": "secret"})),)),
                Says("Within thirty days."),
            )
            part = FilePart(file=sent.id, name=sent.name, media_type=sent.media_type, size_bytes=sent.size_bytes)
            events = await _said(studio, agent, there.id, "Can my socks go back?", part)

            model.assert_complete()
            asked = str([request.body for request in model.requests])
            assert model.last.headers["Authorization"] == f"Bearer {KEY}"
            assert "thirty days" in asked and "4711" in asked, "the agent's knowledge, and the speaker's file"
            assert "called Ann" not in asked and "of the owner" not in asked
            assert [event.text for event in events if isinstance(event, MemoryChanged)] == [NUTS]
            [_, stored] = [event for event in events if isinstance(event, ToolFinished)]
            assert "no place here to keep anything" in stored.output
            known_of = {who: await studio.facts.person("ann", agent, about=who) for who in ("ann", VISITOR)}
            assert NUTS not in known_of["ann"].section("en") and NUTS in known_of[VISITOR].section("en")
            assert [fact.text for fact in await studio.facts.list("ann", agent)] == ["The person is called Ann."]
            assert await studio.conversations.list("ann", agent) == [], "the owner is shown no conversation of others"
            files = await studio.chat.files.of_conversation("ann", there.id)
            assert files == [], "and none of their files"


async def _read(studio: Studio, agent: str, file: str) -> None:
    async with asyncio.timeout(10):
        while not (await studio.knowledge.file("ann", agent, file)).is_found:  # noqa: ASYNC110  it is read by itself
            await asyncio.sleep(0.02)


async def test_whoever_leaves_while_an_answer_begins_holds_nothing_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, left, create = asyncio.Event(), asyncio.Event(), ConversationStore.create

    async def slowly(*given: Any, **more: Any) -> Conversation:
        made = await create(*given, **more)
        begun.set()
        await left.wait()
        return made

    async with open_studio(Settings.load({"AGENTFABRIC_HOME": str(tmp_path / "home")})) as studio:
        agent = (await studio.agents.create("local", None, language="en")).agent.id
        await studio.releases.publish("local", agent)
        limits = Share(tokens=RESERVED_TOKENS)
        _, key = await studio.agent_keys.make("local", agent, Wanted("site", ("openai",), limits=limits))
        opened = await studio.agent_keys.opened(key, "openai", "127.0.0.1")
        monkeypatch.setattr(ConversationStore, "create", slowly)
        answer = opened.served.run(opened.caller, [user_message("Hello")])
        leaving = asyncio.create_task(anext(answer))
        await begun.wait()
        leaving.cancel()
        await asyncio.sleep(0)
        left.set()
        await asyncio.wait([leaving])
        events = [event async for event in opened.served.run(opened.caller, [user_message("Hello")])]
    assert isinstance(events[-1], RunFinished)


async def test_nothing_is_looked_after_for_an_agent_that_runs_no_code(tmp_path: Path) -> None:
    async with open_studio(Settings.load({"AGENTFABRIC_HOME": str(tmp_path / "home")})) as studio:
        agent = (await studio.agents.create("local", None, language="en")).agent.id
        lent = [_benches()]
        for tools in ({"code_interpreter": False}, {"code_interpreter": True}):
            await studio.agents.patch("local", agent, {"tools": tools}, None)
            conversation = await studio.conversations.create("local", agent)
            turn = await studio.chat.say("local", agent, conversation.id, "Hello")
            async with aclosing(await studio.chat.answer("local", turn)) as events:
                assert [event async for event in events]
            lent.append(_benches())
    assert [number - lent[0] for number in lent[1:]] == [0, 1]


def _benches() -> int:
    gc.collect()
    return sum(isinstance(each, Bench) for each in gc.get_objects())
