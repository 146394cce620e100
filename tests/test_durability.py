"""What was acknowledged is there after a kill -9 at any moment."""

import asyncio
import multiprocessing
import os
import random
import sqlite3
import sys
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from agentfabric.store.agents import AgentStore
from agentfabric.store.blobs import Blobs
from agentfabric.store.conversations import ConversationStore
from agentfabric.store.database import Database
from agentfabric.store.files import FileStore
from agentfabric.store.running_turns import RunningTurns
from user_agent.config import AgentConfig
from user_agent.messages import Message, TextPart, user_message

ROUNDS = 24
LONGEST_START_S = 0.08
MOST_WRITES = 40
LONGEST_WRITE_S = 0.01

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no kill -9")


def instructed(text: str) -> Callable[[AgentConfig], AgentConfig]:
    return lambda config: config.replaced({"instruction": text})


def write_until_killed(home: str, round_number: int, acknowledgements: Connection) -> None:
    """The life of a server process: write, say so, write again."""

    async def write() -> None:
        database = Database(f"sqlite:///{home}/agentfabric.db")
        await database.open()
        agents, conversations = AgentStore(database), ConversationStore(database)
        files = FileStore(database, Blobs(Path(home) / "blobs"))
        process = f"process {os.getpid()}"
        await RunningTurns(database).interrupt(process)
        agent = await agents.create("ann", AgentConfig.from_document({"name": f"round {round_number}"}), "user")
        conversation = await conversations.create("ann", agent.id, "preview")
        acknowledgements.send(("agent", agent.id, f"round {round_number}"))
        number = 0
        while True:
            number += 1
            said = f"{round_number}.{number} " + "字" * 2_000
            acknowledgements.send(("begun", agent.id, said))
            await agents.edit("ann", agent.id, instructed(said), author_of=lambda _: "form")
            acknowledgements.send(("edited", agent.id, said))
            file = await files.add("ann", purpose="knowledge", name="n", media_type="", data=said.encode())
            acknowledgements.send(("file", file.id, said))
            turn = await conversations.begin_turn("ann", conversation.id, user_message(said), process)
            acknowledgements.send(("asked", conversation.id, said))
            reply = Message(role="assistant", parts=(TextPart(text="re: " + said),))
            await conversations.end_turn(turn, state="finished", messages=[reply], outcome="{}", last_seq=1)
            acknowledgements.send(("answered", conversation.id, "re: " + said))

    asyncio.run(write())


def killed_at_a_random_moment(home: Path, round_number: int) -> list[tuple[str, str, str]]:
    """Let a process write, kill it, and return what it had acknowledged by then."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    ours, theirs = context.Pipe(duplex=False)
    writer = context.Process(target=write_until_killed, args=(str(home), round_number, theirs))
    writer.start()
    theirs.close()
    acknowledged: list[tuple[str, str, str]] = []
    # Every third process dies while it starts; the others while they write, each after another number of writes.
    if round_number % 3 == 0:
        time.sleep(random.uniform(0, LONGEST_START_S))
    else:
        acknowledged.extend(ours.recv() for _ in range(random.randint(1, MOST_WRITES)))
        time.sleep(random.uniform(0, LONGEST_WRITE_S))
    writer.kill()
    writer.join()
    try:
        while True:
            acknowledged.append(ours.recv())
    except (EOFError, OSError):
        pass  # nothing more, or half of a message: the kill cut it off
    finally:
        ours.close()
        writer.close()
    return acknowledged


def test_every_acknowledged_write_survives_a_kill_at_any_moment(tmp_path: Path) -> None:
    home = tmp_path / "home"
    acknowledged = [item for number in range(ROUNDS) for item in killed_at_a_random_moment(home, number)]
    kinds = [kind for kind, _, _ in acknowledged]
    assert kinds.count("agent") >= ROUNDS // 2
    assert kinds.count("answered") > ROUNDS
    asyncio.run(everything_is_there(home, acknowledged))
    with sqlite3.connect(home / "agentfabric.db") as connection:
        assert connection.execute("pragma integrity_check").fetchall() == [("ok",)]
        assert connection.execute("pragma foreign_key_check").fetchall() == []
    connection.close()


async def everything_is_there(home: Path, acknowledged: list[tuple[str, str, str]]) -> None:
    database = Database(f"sqlite:///{home}/agentfabric.db")
    await database.open()
    agents, conversations = AgentStore(database), ConversationStore(database)
    files = FileStore(database, Blobs(home / "blobs"))
    begun: dict[str, str] = {}
    edited: dict[str, str] = {}
    messages: dict[str, list[str]] = {}
    for kind, where, text in acknowledged:
        match kind:
            case "begun":
                begun[where] = text
            case "edited":
                edited[where] = text
            case "asked" | "answered":
                messages.setdefault(where, []).append(text)
            case "file":
                assert await files.read("ann", where) == text.encode()
            case _:
                assert (await agents.get("ann", where)).config.name == text
    for agent_id, text in edited.items():
        stored = (await agents.get("ann", agent_id)).config.instruction
        # The edit that was under way when the process died may have arrived: nobody was told, nobody may complain.
        assert stored in (text, begun[agent_id])
    for conversation_id, texts in messages.items():
        stored_texts = [item.message.text for item in await conversations.messages("ann", conversation_id)]
        assert stored_texts[: len(texts)] == texts
        assert len(stored_texts) <= len(texts) + 1
    await database.close()
