"""One answer of an agent, whoever speaks with it: the one way from a configuration and messages to events.

Two people are told apart, who are one in the preview. Keys, models, knowledge, MCP servers and the notebook are the
agent's owner's; the conversation with its files, the facts about a person and the folder of code are the speaker's.
"""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from agentfabric.service.answers import Answers
from agentfabric.service.drafts import Editor
from agentfabric.service.facts import Facts, changes_told
from agentfabric.service.keyring import Keyring
from agentfabric.service.mcp import McpServers
from agentfabric.service.models import Chosen, Models
from agentfabric.service.permissions import allow_always, decisions_of, keys_for_good
from agentfabric.service.storage import Storage
from agentfabric.service.surroundings import Lender
from agentfabric.service.turn_finding import TurnFinder, TurnFinders
from agentfabric.store.summaries import SummaryStore
from user_agent.agent import Limits
from user_agent.assembly import Surroundings, assemble
from user_agent.config import AgentConfig
from user_agent.events import EventBase, KnowledgeUsed
from user_agent.knowledge.searching import KnowledgeSearch, found_in
from user_agent.knowledge.wording import query_of
from user_agent.memory.facts import Person
from user_agent.memory.tokens import Room, Size, text_size
from user_agent.messages import Message
from user_agent.models.base import ChatModel
from user_agent.models.entry import LengthConstraint
from user_agent.serve.conversations import StoredMessage
from user_agent.serve.decisions import Decided
from user_agent.serve.past import GUIDE_HISTORY, Past
from user_agent.serve.record import shown_to_model
from user_agent.tools.catalog import ToolCatalog
from user_agent.tools.context import ToolContext

if TYPE_CHECKING:
    from user_agent.models.guide import Guide

GUIDE_ROOM = LengthConstraint(knowledge=8_000)
"""What the guide is shown of files."""


@dataclass(frozen=True, slots=True)
class Occasion:
    """What one answer is given to: by whose agent, as it is configured, and to whom, in which conversation."""

    owner: str
    agent_id: str
    config: AgentConfig
    speaker: str
    conversation: str
    turn: str
    said: Sequence[StoredMessage]
    """What is shown of the conversation, the question included."""
    decided: Decided | None = None

    @property
    def is_owners(self) -> bool:
        """Whether the owner speaks with their own agent, and may change it by what they decide."""
        return self.owner == self.speaker


@dataclass(frozen=True, slots=True)
class Running:
    """Runs agents."""

    summaries: SummaryStore
    facts: Facts
    models: Models
    keyring: Keyring
    tools: ToolCatalog
    editor: Editor
    lender: Lender
    storage: Storage
    mcp: McpServers
    answers: Answers
    finders: TurnFinders
    limits: Limits
    """What one answer may spend."""

    async def run(self, occasion: Occasion) -> AsyncGenerator[EventBase, None]:
        """The events of an answer; ends with `RunFinished`. Raises `FabricError`."""
        shown, decided = shown_to_model(occasion.said), occasion.decided
        if decided and occasion.is_owners:
            for_good = keys_for_good(occasion.config, decided, shown, self.tools.known)
            if for_good:
                changed = await allow_always(self.editor, occasion.owner, occasion.agent_id, for_good)
                yield changed
                occasion = replace(occasion, config=AgentConfig.from_document(changed.config))
        config = occasion.config
        chosen = await self.models.choose(occasion.owner, config.model)
        room = chosen.entry.room if chosen else GUIDE_ROOM
        finder = self._finder(occasion, shown)
        found = await finder.found_for(_asked(shown), room.knowledge)
        if found:
            yield found
        model = chosen.model if chosen else await _guide_of(config, found)
        search = KnowledgeSearch(finder, (*(found.hits if found else ()), *found_in(shown)), room.knowledge)
        person = await self._person(occasion) if chosen else None
        agent = assemble(
            config,
            Surroundings(
                model,
                await self._context(occasion),
                # The guide knows its tools by name and reads nothing of them: it is offered all.
                self.limits if chosen else replace(self.limits, tools=None),
                found.hits if found and found.is_told else None,
                search=search.tool if chosen and (found or config.knowledge) else None,
                tools=self.tools.known,
                servers=await self.mcp.lent(occasion.owner, config),
                questions=self.answers.begin(occasion.turn),
                person=person,
                tool_indexes=self.lender.tool_indexes,
            ),
        )
        past = self._past(occasion, chosen)
        room_left = (await agent.room_in(history_room(chosen), shown)).without(_attached_size(found))
        async for told in past.fit(room_left):
            yield told
        contents = await self.lender.pictures(occasion.speaker, past.messages) if model.facts.vision else {}
        async with aclosing(agent.run(past.messages, contents, decisions_of(decided))) as events:
            async for event in events:
                yield event
                for changed in changes_told(person):
                    yield changed

    def _finder(self, occasion: Occasion, shown: Sequence[Message]) -> TurnFinder:
        return self.finders.of(
            occasion.owner,
            occasion.agent_id,
            occasion.config,
            shown,
            speaker=occasion.speaker,
            conversation_id=occasion.conversation,
        )

    async def _context(self, occasion: Occasion) -> ToolContext:
        """What tools are lent: the owner's keys, and the speaker's conversation."""
        owner, speaker, config = occasion.owner, occasion.speaker, occasion.config
        keys = await self.keyring.of(owner)
        context = self.lender.context(
            {**self.keyring.for_tools(keys), **self.keyring.for_apis(keys, config.openapi)},
            config.language,
            self.lender.keep(speaker, "artefact", occasion.agent_id, occasion.conversation),
            self.lender.files_of(speaker, occasion.conversation),
            # One notebook for each agent: what it holds of its owner is no other speaker's to read.
            self.storage.of(owner, occasion.agent_id) if occasion.is_owners else None,
            await self.lender.unavailable(config.enabled_tools),
            self.lender.bench(occasion.conversation),
        )
        return replace(context, tokens=self.lender.tokens_of(owner))

    async def _person(self, occasion: Occasion) -> Person | None:
        if not occasion.config.memory:
            return None
        return await self.facts.person(occasion.owner, occasion.agent_id, about=occasion.speaker)

    def _past(self, occasion: Occasion, chosen: Chosen | None) -> Past:
        writer = chosen.model if chosen else None
        return Past(self.summaries, occasion.conversation, occasion.said, occasion.config.language, writer)


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
