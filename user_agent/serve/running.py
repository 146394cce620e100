"""One answer of an agent: what is found for the question, what of the past is shown, and the run itself.

Whoever owns an agent lends it what it needs; the studio and a bundle answer by the same steps.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from user_agent.agent import Limits
from user_agent.assembly import Surroundings, assemble
from user_agent.config import AgentConfig
from user_agent.events import Decision, EventBase, KnowledgeUsed, RunFinished
from user_agent.knowledge.searching import KnowledgeSearch, found_in
from user_agent.knowledge.wording import query_of
from user_agent.mcp.connection import Connection
from user_agent.memory.facts import Person
from user_agent.memory.tokens import Room, Size, text_size
from user_agent.messages import Message
from user_agent.models.base import ChatModel, FileContent
from user_agent.models.entry import LengthConstraint, ModelEntry
from user_agent.serve.conversations import StoredMessage
from user_agent.serve.finding import TurnFinder
from user_agent.serve.past import GUIDE_HISTORY, Past, Summaries
from user_agent.serve.record import shown_to_model
from user_agent.tools.asking import Questions
from user_agent.tools.base import Tool, ToolContext
from user_agent.tools.selection import ToolIndexes

if TYPE_CHECKING:
    from user_agent.models.guide import Guide

GUIDE_ROOM = LengthConstraint(knowledge=8_000)
"""What the guide is shown of files."""

Pictures = Callable[[Sequence[Message]], Awaitable[Mapping[str, FileContent]]]
"""The contents of the pictures that came with messages, by id."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """A model made live, with what its entry says."""

    entry: ModelEntry
    model: ChatModel


@dataclass(frozen=True, slots=True)
class Lent:
    """What the owner of an agent lends it for one answer."""

    chosen: Chosen | None
    """None where only the guide is there."""
    context: ToolContext
    limits: Limits
    tools: Mapping[str, Tool]
    """What a configuration can tick, by id."""
    tool_indexes: ToolIndexes
    finder: TurnFinder
    summaries: Summaries
    pictures: Pictures
    servers: Mapping[str, Connection] = field(default_factory=dict[str, Connection])
    questions: Questions | None = None
    person: Person | None = None
    summarises: bool = True
    """Whether what of the past has no room is summarised, to be kept for the next time; else it is left out."""
    to_strangers: bool = False
    strangers_may: Collection[str] = ()
    """Both as in `Surroundings`."""


async def run_agent(
    config: AgentConfig,
    lent: Lent,
    *,
    conversation: str,
    stored: Sequence[StoredMessage],
    decisions: Mapping[str, Decision],
) -> AsyncGenerator[EventBase, None]:
    """Answers the last of the stored messages, or goes on after decisions on calls. Ends with `RunFinished`, or raises
    a `FabricError`."""
    shown, chosen = shown_to_model(stored), lent.chosen
    room = chosen.entry.knowledge_room(config.retrieval.budget) if chosen else GUIDE_ROOM.knowledge
    async with aclosing(lent.finder.read()) as readings:
        async for reading in readings:
            yield reading
    found = await lent.finder.found_for(_asked(shown), room)
    if found:
        yield found
    model = chosen.model if chosen else await _guide_of(config, found)
    search = KnowledgeSearch(lent.finder, (*(found.hits if found else ()), *found_in(shown)), room)
    surroundings = Surroundings(
        model,
        lent.context,
        # The guide knows its tools by name and reads nothing of them: it is offered all.
        lent.limits if chosen else replace(lent.limits, tools=None),
        found.hits if found and found.is_told else None,
        search=search.tool if chosen and (found or config.knowledge) else None,
        tools=lent.tools,
        servers=lent.servers,
        questions=lent.questions,
        person=lent.person if chosen else None,
        tool_indexes=lent.tool_indexes,
        to_strangers=lent.to_strangers,
        strangers_may=lent.strangers_may,
    )
    agent = assemble(config, surroundings)
    writer = chosen.model if chosen and lent.summarises else None
    past = Past(lent.summaries, conversation, stored, config.language, writer)
    room_left = (await agent.room_in(history_room(chosen), shown)).without(_attached_size(found))
    async for told in past.fit(room_left):
        yield told
    contents = await lent.pictures(past.messages) if model.facts.vision else None
    async with aclosing(agent.run(past.messages, contents or {}, decisions)) as events:
        async for event in events:
            if isinstance(event, RunFinished):
                event = event.model_copy(update={"usage": event.usage + past.usage})
            yield event
            for changed in lent.person.take_changes() if lent.person else ():
                yield changed


def history_room(chosen: Chosen | None) -> Room:
    """How much of a conversation whoever answers may be shown."""
    return chosen.entry.history if chosen else GUIDE_HISTORY


def load_guide() -> "type[Guide]":
    """The guide, imported when it is first needed, as the builder's is."""
    from user_agent.models.guide import Guide

    return Guide


async def _guide_of(config: AgentConfig, found: KnowledgeUsed | None) -> ChatModel:
    guide = await asyncio.to_thread(load_guide)
    return guide(config.language, name=config.name, description=config.description, found=found)


def _attached_size(found: KnowledgeUsed | None) -> Size:
    """How much the model reads of what came with messages: it is a part of the conversation."""
    hits = [hit for hit in found.hits if hit.attached and hit.number is not None] if found else []
    return sum((text_size(hit.text) for hit in hits), Size())


def _asked(messages: Sequence[Message]) -> str:
    """What to search for the last message; empty where nothing."""
    return query_of([message.text for message in messages if message.role == "user"])
