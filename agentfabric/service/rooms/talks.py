"""Conversations, and the turns that run in them. Turns that still run are interrupted when the room closes."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from agentfabric.service.answers import Answers
from agentfabric.service.beginning import Beginning
from agentfabric.service.rooms.ground import Ground
from agentfabric.store.conversations import ConversationStore
from user_agent.serve.turns import Turns


@dataclass(frozen=True, slots=True)
class Talks:
    conversations: ConversationStore
    turns: Turns
    beginning: Beginning
    answers: Answers


@asynccontextmanager
async def open_talks(ground: Ground) -> AsyncGenerator[Talks]:
    conversations, turns = ConversationStore(ground.database), Turns()
    beginning = Beginning(conversations, ground.files, turns, ground.process)
    try:
        yield Talks(conversations, turns, beginning, Answers(conversations))
    finally:
        await turns.close()
