"""Conversations in the store: one turn at a time, every message kept."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError

from agentfabric.store.agents import AgentStore
from agentfabric.store.base import now
from agentfabric.store.blobs import Blobs
from agentfabric.store.conversations import ConversationStore, EndState
from agentfabric.store.database import Database
from agentfabric.store.files import FileStore
from agentfabric.store.records import TurnRecord
from agentfabric.store.running_turns import RunningTurns
from agentfabric.store.shelf import Erased, LeftFile, Shelf
from user_agent.config import AgentConfig
from user_agent.errors import Busy, Conflict, NotFound
from user_agent.messages import Message, TextPart, ToolCallPart, ToolResultPart, user_message


@dataclass(frozen=True)
class Store:
    database: Database
    agents: AgentStore
    conversations: ConversationStore
    running: RunningTurns
    shelf: Shelf
    files: FileStore
    agent: str
    """The id of an agent of ann's."""


@pytest.fixture
async def store(database_url: str, tmp_path: Path) -> AsyncGenerator[Store, None]:
    database = Database(database_url)
    await database.open()
    agents = AgentStore(database)
    agent = await agents.create("ann", AgentConfig.from_document({}), "user")
    files = FileStore(database, Blobs(tmp_path / "blobs"))
    yield Store(database, agents, ConversationStore(database), RunningTurns(database), Shelf(database), files, agent.id)
    await database.close()


def answer(text: str) -> Message:
    return Message(role="assistant", parts=(TextPart(text=text),))


async def ended(store: Store, turn: str, *messages: Message, state: EndState = "finished") -> None:
    await store.conversations.end_turn(turn, state=state, messages=messages, outcome='{"text": "x"}', last_seq=9)


async def test_a_turn_keeps_what_was_said_in_order(store: Store) -> None:
    conversation = await store.conversations.create("ann", store.agent, "preview")
    call = ToolCallPart(id="c1", name="weather", arguments={"city": "杭州", "n": 1.5})
    said = [
        Message(role="assistant", parts=(call,)),
        Message(role="tool", parts=(ToolResultPart(id="c1", name="weather", output="22 °C", seconds=0.25),)),
        answer("晴 ☀️"),
    ]
    first = await store.conversations.begin_turn("ann", conversation.id, user_message("天气？"), "p")
    await ended(store, first, *said)
    second = await store.conversations.begin_turn("ann", conversation.id, user_message("谢谢"), "p")
    stored = await store.conversations.messages("ann", conversation.id)
    assert [item.message for item in stored] == [user_message("天气？"), *said, user_message("谢谢")]
    assert [item.turn for item in stored] == [first] * 4 + [second]
    assert len({item.id for item in stored}) == 5


async def test_a_turn_that_runs_makes_its_conversation_busy_until_it_ends(store: Store) -> None:
    conversation = await store.conversations.create("ann", store.agent, "preview")
    assert conversation.busy is None
    turn = await store.conversations.begin_turn("ann", conversation.id, user_message("one"), "p")
    assert (await store.conversations.get("ann", conversation.id)).busy == turn
    assert [item.busy for item in await store.shelf.list("ann", store.agent)] == [turn]
    with pytest.raises(Busy):
        await store.conversations.begin_turn("ann", conversation.id, user_message("two"), "p")
    with pytest.raises(Busy):
        await store.shelf.put_away("ann", conversation.id)
    await ended(store, turn, answer("done"))
    assert (await store.conversations.get("ann", conversation.id)).busy is None
    stored = await store.conversations.messages("ann", conversation.id)
    assert [item.message.text for item in stored] == ["one", "done"]


async def test_of_many_messages_at_once_exactly_one_begins_a_turn(store: Store) -> None:
    conversation = await store.conversations.create("ann", store.agent, "preview")
    begun = await asyncio.gather(
        *(store.conversations.begin_turn("ann", conversation.id, user_message(str(n)), "p") for n in range(8)),
        return_exceptions=True,
    )
    assert sorted(type(item).__name__ for item in begun) == ["Busy"] * 7 + ["str"]
    assert len(await store.conversations.messages("ann", conversation.id)) == 1


async def test_the_database_itself_allows_one_running_turn_a_conversation(store: Store) -> None:
    conversation = await store.conversations.create("ann", store.agent, "preview")
    await store.conversations.begin_turn("ann", conversation.id, user_message("one"), "p")
    second = TurnRecord(conversation_id=conversation.id, owner="ann", state="running", process="another")
    with pytest.raises(IntegrityError):
        await store.database.write(lambda session: session.add(second))


async def test_a_turn_can_be_looked_up_after_it_ended(store: Store) -> None:
    conversation = await store.conversations.create("ann", store.agent, "preview")
    turn = await store.conversations.begin_turn("ann", conversation.id, user_message("one"), "p")
    running = await store.conversations.turn("ann", turn)
    assert (running.state, running.outcome, running.last_seq) == ("running", "", 0)
    await ended(store, turn, state="stopped")
    stopped = await store.conversations.turn("ann", turn)
    assert (stopped.state, stopped.outcome, stopped.last_seq) == ("stopped", '{"text": "x"}', 9)
    assert stopped.conversation_id == conversation.id


async def test_a_turn_ends_once(store: Store) -> None:
    conversation = await store.conversations.create("ann", store.agent, "preview")
    turn = await store.conversations.begin_turn("ann", conversation.id, user_message("one"), "p")
    await ended(store, turn, answer("first"))
    with pytest.raises(Conflict):
        await ended(store, turn, answer("second"), state="failed")
    with pytest.raises(NotFound):
        await ended(store, "no-such-turn")
    assert [item.message.text for item in await store.conversations.messages("ann", conversation.id)] == [
        "one",
        "first",
    ]


async def test_turns_of_a_process_that_is_gone_are_interrupted_at_the_next_start(store: Store) -> None:
    gone, ours = [await store.conversations.create("ann", store.agent, "preview") for _ in range(2)]
    old = await store.conversations.begin_turn("ann", gone.id, user_message("one"), "yesterday")
    new = await store.conversations.begin_turn("ann", ours.id, user_message("two"), "today")
    assert await store.running.interrupt("today") == 1
    assert (await store.conversations.turn("ann", old)).state == "interrupted"
    assert (await store.conversations.turn("ann", new)).state == "running"
    await store.conversations.begin_turn("ann", gone.id, user_message("again"), "today")


async def test_turns_of_another_process_that_is_heard_go_on(store: Store) -> None:
    theirs = await store.conversations.create("ann", store.agent, "preview")
    turn = await store.conversations.begin_turn("ann", theirs.id, user_message("one"), "their server")
    await store.running.keep("their server")
    assert await store.running.interrupt("our server", silent_for=timedelta(minutes=1)) == 0
    assert (await store.conversations.turn("ann", turn)).state == "running"
    assert await store.running.interrupt("their server") == 0, "its own"
    assert await store.running.interrupt("our server", silent_for=timedelta(minutes=1), dead="our ") == 0
    assert await store.running.interrupt("our server", silent_for=timedelta(minutes=1), dead="their ") == 1


async def test_an_agent_has_one_builder_conversation(store: Store) -> None:
    found = await asyncio.gather(*(store.conversations.builder_of("ann", store.agent) for _ in range(6)))
    assert len({item.id for item in found}) == 1
    assert found[0].kind == "builder"
    with pytest.raises(Conflict):
        await store.conversations.create("ann", store.agent, "builder")
    assert await store.shelf.list("ann", store.agent) == []


async def test_forgetting_the_builders_history_starts_it_anew(store: Store) -> None:
    conversation = await store.conversations.builder_of("ann", store.agent)
    turn = await store.conversations.begin_turn("ann", conversation.id, user_message("a travel agent"), "p")
    await ended(store, turn, answer("done"))
    await store.shelf.put_away("ann", conversation.id)
    again = await store.conversations.builder_of("ann", store.agent)
    assert await store.conversations.messages("ann", again.id) == []
    with pytest.raises(NotFound):
        await store.conversations.turn("ann", turn)


async def test_an_erased_conversation_names_the_files_that_came_with_it(store: Store) -> None:
    conversation = await store.conversations.create("ann", store.agent, "preview")
    file = await store.files.add(
        "ann",
        purpose="attachment",
        name="a.txt",
        media_type="text/plain",
        data=b"x",
        agent_id=store.agent,
        conversation_id=conversation.id,
    )
    await store.shelf.put_away("ann", conversation.id)
    assert await store.shelf.erase(now() - timedelta(minutes=1)) == Erased([], [])
    assert await store.shelf.erase(now()) == Erased([conversation.id], [LeftFile("ann", file.id)])
    await store.files.delete("ann", file.id)


async def test_previews_are_listed_as_they_went_on_with_the_first_message_as_title(store: Store) -> None:
    first, second, third = [await store.conversations.create("ann", store.agent, "preview") for _ in range(3)]
    text = "  plan\n a   weekend " + "very long " * 50
    await ended(store, await store.conversations.begin_turn("ann", first.id, user_message(text), "p"))
    await ended(store, await store.conversations.begin_turn("ann", first.id, user_message("later"), "p"))
    listed = await store.shelf.list("ann", store.agent)
    assert [item.id for item in listed] == [first.id, third.id, second.id]
    assert listed[1].title == ""
    assert listed[0].title.startswith("plan a weekend very long")
    assert len(listed[0].title) <= 80


async def test_broken_characters_of_a_model_do_not_cost_its_answer(store: Store) -> None:
    conversation = await store.conversations.create("ann", store.agent, "preview")
    turn = await store.conversations.begin_turn("ann", conversation.id, user_message("half \ud83d a\0b"), "p")
    await ended(store, turn, answer("before \ud800 after \0 end"))
    texts = [item.message.text for item in await store.conversations.messages("ann", conversation.id)]
    assert texts[1].startswith("before ") and " after " in texts[1] and texts[1].endswith(" end")


async def test_a_conversation_belongs_to_its_agent(store: Store) -> None:
    conversation = await store.conversations.create("ann", store.agent, "preview")
    other = await store.agents.create("ann", AgentConfig.from_document({}), "user")
    assert (await store.conversations.get("ann", conversation.id, store.agent)).id == conversation.id
    with pytest.raises(NotFound):
        await store.conversations.get("ann", conversation.id, other.id)


async def test_conversations_of_a_deleted_agent_come_back_with_it(store: Store) -> None:
    conversation = await store.conversations.create("ann", store.agent, "preview")
    await store.agents.delete("ann", store.agent)
    with pytest.raises(NotFound):
        await store.conversations.get("ann", conversation.id)
    with pytest.raises(NotFound):
        await store.shelf.list("ann", store.agent)
    await store.agents.undelete("ann", store.agent)
    assert (await store.conversations.get("ann", conversation.id)).id == conversation.id
