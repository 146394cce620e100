"""What is kept for programs for a while: in the memory of a bundle, and in the studio where every process finds it."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from a2a.client import Client
from a2a.types import AgentCard, CancelTaskRequest, GetTaskRequest, SubscribeToTaskRequest, TaskState
from mcp.client.client import Client as McpClient
from sqlalchemy import func, select

from agentfabric.store.agent_keys import AgentKeyStore
from agentfabric.store.agents import AgentStore
from agentfabric.store.brief_notes import BriefNoteStore
from agentfabric.store.database import Database
from agentfabric.store.records import BriefNoteRecord
from tests.conftest import Serve
from tests.fakes.openai_replies import Says
from tests.model_file import model_file
from tests.test_agent_keys import TOKENS, Keyed, keyed
from tests.test_serve_a2a import a2a_client, asking, last_task, text_of
from tests.test_serve_mcp import mcp_client
from user_agent.config import AgentConfig
from user_agent.errors import Conflict, NotFound
from user_agent.messages import user_message
from user_agent.serve import brief_talks
from user_agent.serve.brief_notes import KEPT_S, BriefNotes, NotesInMemory
from user_agent.serve.keyed import Opened


@dataclass
class Place:
    """Where two callers have their notes, and the clock there."""

    ann: BriefNotes
    bob: BriefNotes
    seconds: float = 0.0


@asynccontextmanager
async def _memory(_: Path) -> AsyncGenerator[Place, None]:
    notes = NotesInMemory(clock=lambda: place.seconds)
    place = Place(notes.of("ann"), notes.of("bob"))
    yield place


@asynccontextmanager
async def _database(folder: Path) -> AsyncGenerator[Place, None]:
    database = Database(f"sqlite:///{folder / 'agentfabric.db'}")
    await database.open()
    try:
        agent = await AgentStore(database).create("ann", AgentConfig(), "user")
        keys = AgentKeyStore(database)
        first, second = [(await keys.create("ann", agent.id, label="", scopes=["mcp"]))[0] for _ in range(2)]
        start = datetime(2026, 1, 1, tzinfo=UTC)
        store = BriefNoteStore(database, clock=lambda: start + timedelta(seconds=place.seconds))
        place = Place(store.of(first.id), store.of(second.id))
        yield place
        place.seconds += KEPT_S + 1
        await store.forget_old()
        count = select(func.count()).select_from(BriefNoteRecord)
        assert await database.read(lambda session: session.scalar(count)) == 0
    finally:
        await database.close()


@pytest.mark.parametrize("opened", [_memory, _database], ids=["memory", "database"])
async def test_notes_are_their_callers_and_are_forgotten(
    tmp_path: Path, opened: Callable[[Path], AbstractAsyncContextManager[Place]]
) -> None:
    async with opened(tmp_path) as place:
        ann, bob = place.ann, place.bob
        assert await ann.put("task", "t", b"1", follows=0, at_most=9) == 1
        for wrong in (0, 2):
            with pytest.raises(Conflict):
                await ann.put("task", "t", b"x", follows=wrong, at_most=9)
        assert await ann.put("task", "t", b"2", follows=1, at_most=9) == 2
        found = await ann.get("task", "t")
        assert found and (found.body, found.version, found.age_s) == (b"2", 2, 0)
        assert await ann.get("talk", "t") is None and await bob.get("task", "t") is None
        assert [note.body for note in await ann.all("task")] == [b"2"] and not await bob.all("task")

        talks = list[str]()
        for number in range(3):
            place.seconds += 1
            talks.append(await brief_talks.keep(ann, None, [user_message(str(number))]))
        place.seconds += 1
        await ann.put("talk", "more", b"[]", at_most=3)
        with pytest.raises(NotFound, match="Begin a new one"):
            await brief_talks.messages_of(ann, talks[0])
        with pytest.raises(NotFound):
            await brief_talks.messages_of(bob, talks[1])
        assert [said.text for said in await brief_talks.messages_of(ann, talks[1])] == ["1"]

        await ann.delete("talk", "more")
        assert await ann.get("talk", "more") is None
        place.seconds += KEPT_S - 1
        await ann.touch("talk", talks[1])
        place.seconds += 2
        assert await ann.get("talk", talks[1]) and await ann.get("talk", talks[2]) is None


@dataclass
class Two:
    """Two servers over one database."""

    world: Keyed
    other: str
    key: str
    """Of the agent, for every protocol."""

    @property
    def here(self) -> str:
        return self.world.client.base_url

    def a2a(self, server: str, *, streaming: bool = True) -> AbstractAsyncContextManager[tuple[Client, AgentCard]]:
        return a2a_client(f"{server}/agents/{self.world.agent}/a2a", self.key, streaming=streaming)

    def mcp(self, server: str) -> AbstractAsyncContextManager[McpClient]:
        return mcp_client(f"{server}/agents/{self.world.agent}/mcp", self.key)


@asynccontextmanager
async def _two(serve: Serve, folder: Path) -> AsyncGenerator[Two, None]:
    async with keyed(serve, folder) as world:
        environment = {**TOKENS, "MODEL_CONFIG_FILE": model_file(folder, world.model.base_url)}
        async with serve(**environment) as other:
            yield Two(world, other.base_url, (await world.key())["key"])


async def test_notes_in_memory_come_to_no_more_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("user_agent.serve.brief_notes.MAX_BYTES", 100)
    notes = NotesInMemory()
    for caller in ("ann", "bob", "eve"):
        await notes.of(caller).put("task", "t", bytes(45), at_most=9)
    there = [await notes.of(caller).get("task", "t") is not None for caller in ("ann", "bob", "eve")]
    assert there == [False, True, True]
    await notes.of("ann").put("talk", "large", bytes(200), at_most=9)
    assert await notes.of("ann").get("talk", "large") is not None, "what was written last is there"


async def test_a_conversation_goes_on_at_another_process(serve: Serve, tmp_path: Path) -> None:
    async with _two(serve, tmp_path) as two:
        model = two.world.model
        model.script(Says("Hello, Ann."), Says("You are Ann."), Says("Hello, Bo."), Says("You are Bo."))
        async with two.mcp(two.here) as client:
            first = await client.call_tool("ask", {"message": "I am Ann."})
        talk = first.structured_content["conversation"]
        async with two.mcp(two.other) as client:
            second = await client.call_tool("ask", {"message": "Who am I?", "conversation": talk})
        async with two.a2a(two.here, streaming=False) as (client, _):
            task = await last_task(client, asking("I am Bo."))
        async with two.a2a(two.other, streaming=False) as (client, _):
            kept = await client.get_task(GetTaskRequest(id=task.id))
            again = await last_task(client, asking("Who am I?", context=task.context_id))
        said = [[message["content"] for message in request.body["messages"][1:]] for request in model.requests]

    assert second.structured_content["text"] == "You are Ann."
    assert said[1] == ["I am Ann.", "Hello, Ann.", "Who am I?"]
    assert said[3] == ["I am Bo.", "Hello, Bo.", "Who am I?"]
    assert (kept.status.state, text_of(kept)) == (TaskState.TASK_STATE_COMPLETED, "Hello, Bo.")
    assert text_of(again) == "You are Bo."


async def test_a_conversation_that_is_answering_at_one_process_takes_no_message_at_another(
    serve: Serve, tmp_path: Path
) -> None:
    async with _two(serve, tmp_path) as two, two.a2a(two.here) as (here, _), two.a2a(two.other) as (other, _):
        two.world.model.script(*(Says("Well, ", ending="silent") for _ in range(2)), Says("Yes."))
        for _ in range(2):
            stream = here.send_message(asking("One", context="ours"))
            task = (await anext(stream)).task
            while not (await anext(stream)).HasField("artifact_update"):
                pass
            *_, refused = [event async for event in other.send_message(asking("Two", context="ours"))]
            await here.cancel_task(CancelTaskRequest(id=task.id))
            status = refused.status_update.status
            assert status.state == TaskState.TASK_STATE_REJECTED and "still answering" in status.message.parts[0].text
        *_, done = [event async for event in other.send_message(asking("Three", context="ours"))]
    assert done.status_update.status.state == TaskState.TASK_STATE_COMPLETED


async def test_a_task_is_followed_and_cancelled_at_another_process(
    serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agentfabric.service.agent_keys.Opened", partial(Opened, look_s=0.1))
    monkeypatch.setattr("user_agent.serve.a2a.tasks.LOOK_S", 0.1)
    async with _two(serve, tmp_path) as two, two.a2a(two.here) as (here, _), two.a2a(two.other) as (other, _):
        model = two.world.model
        model.script(Says("Well, ", ending="silent"))
        stream = here.send_message(asking("Hello"))
        task = (await anext(stream)).task
        while text_of(followed := await other.get_task(GetTaskRequest(id=task.id))) != "Well, ":
            await anext(stream)
        assert followed.status.state == TaskState.TASK_STATE_WORKING
        with monkeypatch.context() as later:
            later.setattr("user_agent.serve.a2a.tasks.LOST_S", -1)
            lost = await other.get_task(GetTaskRequest(id=task.id))
        following = other.subscribe(SubscribeToTaskRequest(id=task.id))
        assert (await anext(following)).task.id == task.id
        cancelled = await other.cancel_task(CancelTaskRequest(id=task.id))
        async with asyncio.timeout(5):
            *_, last = [event async for event in following]
            *_, ended = [event async for event in stream]
            await model.last.gone.wait()
    assert (lost.status.state, lost.status.message.parts[0].text) == (
        TaskState.TASK_STATE_FAILED,
        "The server that worked on this task ended. Ask again.",
    )
    states = [cancelled.status.state, last.task.status.state, ended.task.status.state]
    assert states == [TaskState.TASK_STATE_CANCELED] * 3
