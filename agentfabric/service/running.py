"""One answer of an agent, whoever speaks with it: the one way from a configuration and messages to events.

Two people are told apart, who are one in the preview. Keys, models, knowledge, MCP servers and the notebook are the
agent's owner's; the conversation with its files, the facts about a person and the folder of code are the speaker's.
"""

from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace

from agentfabric.service.answers import Answers
from agentfabric.service.drafts import Editor
from agentfabric.service.facts import Facts
from agentfabric.service.keyring import Keyring
from agentfabric.service.mcp import McpServers
from agentfabric.service.metering import Meter
from agentfabric.service.models import Models
from agentfabric.service.permissions import allow_always, keys_for_good
from agentfabric.service.storage import Storage
from agentfabric.service.surroundings import Lender
from agentfabric.service.turn_finding import TurnFinder, TurnFinders
from agentfabric.store.summaries import SummaryStore
from user_agent.agent import Limits
from user_agent.config import AgentConfig
from user_agent.events import EventBase
from user_agent.memory.facts import Person
from user_agent.messages import Message
from user_agent.models.base import FileContent
from user_agent.serve.conversations import StoredMessage
from user_agent.serve.decisions import Decided, decisions_of
from user_agent.serve.record import shown_to_model
from user_agent.serve.running import Chosen, Lent, run_agent
from user_agent.tools.catalog import ToolCatalog
from user_agent.tools.context import ToolContext


@dataclass(frozen=True, slots=True)
class Occasion:
    """What one answer is given to: by whose agent, as it is configured, and to whom, in which conversation."""

    owner: str
    agent_id: str
    config: AgentConfig
    speaker: str
    conversation: str
    """Where files and code of this answer belong. Where the speaker keeps the conversation, a name for this once."""
    said: Sequence[StoredMessage]
    """What is shown of the conversation, the question included."""
    turn: str | None = None
    """None where there is nobody to answer questions, and no conversation here."""
    decided: Decided | None = None
    speaker_may: Collection[str] = ()
    """The keys of policies of tools of which the speaker, who is not the owner, may allow calls one at a time."""
    released: bool = False
    """Whether it is the release that is live which answers, with the files that it knows."""
    files: Mapping[str, FileContent] | None = None
    """The contents of what the messages name, by id, where the speaker brings them along."""
    meter: Meter | None = None
    """What counts the tokens."""
    tokens: int | None = None
    """How many this answer may use, where that are fewer than any may."""

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
        person = await self._person(occasion)
        lent = await self._lent(occasion, shown, person)
        said, choices = occasion.said, decisions_of(decided)
        events = run_agent(occasion.config, lent, conversation=occasion.conversation, stored=said, decisions=choices)
        async with aclosing(events):
            async for event in events:
                yield event

    async def _lent(self, occasion: Occasion, shown: Sequence[Message], person: Person | None) -> Lent:
        async def pictures(messages: Sequence[Message]) -> Mapping[str, FileContent]:
            if occasion.files is not None:
                return occasion.files
            return await self.lender.pictures(occasion.speaker, messages)

        chosen = await self._chosen(occasion)
        sees = chosen is not None and chosen.model.facts.vision
        return Lent(
            chosen=chosen,
            context=await self._context(occasion),
            limits=self.limits if occasion.tokens is None else replace(self.limits, tokens=occasion.tokens),
            tools=self.tools.known,
            tool_indexes=self.lender.tool_indexes,
            finder=self._finder(occasion, shown, sees=sees),
            summaries=self.summaries,
            pictures=pictures,
            servers=await self.mcp.lent(occasion.owner, occasion.config),
            questions=self.answers.begin(occasion.turn) if occasion.turn else None,
            person=person,
            # Of a conversation that is kept elsewhere nothing is known the next time.
            summarises=occasion.turn is not None,
            to_strangers=not occasion.is_owners,
            strangers_may=occasion.speaker_may,
        )

    async def _chosen(self, occasion: Occasion) -> Chosen | None:
        chosen = await self.models.choose(occasion.owner, occasion.config.model)
        if chosen is None or occasion.meter is None:
            return chosen
        return replace(chosen, model=occasion.meter.measured(chosen.model))

    def _finder(self, occasion: Occasion, shown: Sequence[Message], *, sees: bool) -> TurnFinder:
        return self.finders.of(
            occasion.owner,
            occasion.agent_id,
            occasion.config,
            shown,
            speaker=occasion.speaker,
            conversation_id=occasion.conversation if occasion.turn else None,
            released=occasion.released,
            sees=sees,
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
            self.lender.bench(config.enabled_tools, occasion.conversation, None if occasion.is_owners else speaker),
        )
        return replace(context, tokens=self.lender.tokens_of(owner))

    async def _person(self, occasion: Occasion) -> Person | None:
        if not occasion.config.memory or occasion.turn is None:
            return None
        return await self.facts.person(occasion.owner, occasion.agent_id, about=occasion.speaker)
