"""Talking: with the builder about an agent, and with the agent itself."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from agentfabric.service.answers import Answers
from agentfabric.service.apis import Apis
from agentfabric.service.connecting import AgentServices
from agentfabric.service.drafts import Editor, StoredDraft, is_redrawn
from agentfabric.service.facts import Facts, changes_told
from agentfabric.service.keyring import Keyring
from agentfabric.service.mcp import McpServers
from agentfabric.service.models import Chosen, Models
from agentfabric.service.permissions import allow_always, decisions_of, keys_for_good, require_free
from agentfabric.service.record import as_messages
from agentfabric.service.replay import events_of_ended
from agentfabric.service.saying import attached, dropped_unless_begun, require_descriptions, texts_of
from agentfabric.service.storage import Storage
from agentfabric.service.surroundings import Lender
from agentfabric.service.turn_finding import TurnFinders
from agentfabric.store.agents import AgentStore
from agentfabric.store.conversations import ConversationStore
from agentfabric.store.files import FileStore
from agentfabric.store.history import HistoryStore
from agentfabric.store.preferences import Preferences
from agentfabric.store.repeats import Repeated
from agentfabric.store.summaries import SummaryStore
from agentfabric.store.writing import Source
from builder_core.builder import Builder
from builder_core.events import AvatarDrawn, ConfigChanged
from builder_core.recommend import offers
from user_agent.agent import Limits
from user_agent.assembly import Surroundings, assemble
from user_agent.config import AgentConfig, Language
from user_agent.events import EventBase, KnowledgeUsed
from user_agent.knowledge.searching import KnowledgeSearch, found_in
from user_agent.knowledge.wording import query_of
from user_agent.memory.tokens import Room, Size, text_size
from user_agent.memory.window import window
from user_agent.messages import FilePart, Message, user_message
from user_agent.models.base import ChatModel
from user_agent.models.entry import LengthConstraint
from user_agent.serve.decisions import Decided, decided_message
from user_agent.serve.past import GUIDE_HISTORY, Past
from user_agent.serve.record import shown_to_model
from user_agent.serve.turns import Ending, Envelope, Turns, TurnStarted
from user_agent.serve.uploads import Upload, sayable
from user_agent.tools.catalog import ToolCatalog

if TYPE_CHECKING:
    from user_agent.models.guide import Guide

GUIDE_ROOM = LengthConstraint(knowledge=8_000)
"""What the guide is shown of files."""

BUILDER_MODEL = "builder_model"
"""The preference that holds the builder's own model key."""


@dataclass(frozen=True, slots=True)
class Chat:
    """The use cases of conversations. The first argument of each is the user; foreign ids are `NotFound`."""

    agents: AgentStore
    conversations: ConversationStore
    summaries: SummaryStore
    facts: Facts
    files: FileStore
    preferences: Preferences
    models: Models
    keyring: Keyring
    tools: ToolCatalog
    editor: Editor
    past: HistoryStore
    lender: Lender
    storage: Storage
    apis: Apis
    mcp: McpServers
    answers: Answers
    finders: TurnFinders
    turns: Turns
    builder_model: str
    """The builder's model where a person has set none; empty for the agent's own."""
    limits: Limits
    """What one answer of an agent may spend."""
    process: str
    """A name for this process, new at every start: turns of earlier ones were interrupted."""

    async def say_to_builder(
        self,
        user: str,
        agent_id: str,
        text: str,
        language: Language,
        key: str | None = None,
        uploads: Sequence[Upload] = (),
    ) -> str:
        """Begin a builder turn and return its id. Raises `NotFound`, `Busy`, `EmptyMessage`, `TooLarge`, and
        `NothingToConnect` for a file that describes no service.

        With `key`, the client's name for the message: one that comes again gives the turn that it began, and another
        message under the same name is `IdempotencyKeyReused`.
        """
        said = sayable(text, files=bool(uploads))
        await require_descriptions(uploads)
        conversation = await self.conversations.builder_of(user, agent_id)
        parts = await attached(self.files, uploads, user=user, agent_id=agent_id, conversation_id=conversation.id)
        message = user_message(said, *parts)
        try:
            async with dropped_unless_begun(self.files, user, parts):
                turn_id = await self.conversations.begin_turn(user, conversation.id, message, self.process, key=key)
        except Repeated as same:
            return same.turn
        source = Source(turn=turn_id, said=message.text)
        self._start(turn_id, self._builder_run(user, agent_id, conversation.id, language, source))
        return turn_id

    async def say(
        self,
        user: str,
        agent_id: str,
        conversation_id: str,
        text: str | None,
        uploads: Sequence[Upload] = (),
        instead_of: str | None = None,
        key: str | None = None,
    ) -> str:
        """Begin a turn of the agent as it is configured now, and return its id. Raises as `say_to_builder`.

        With `instead_of`, the new turn takes the place of that one: the files of its question stay, and so do its words
        where `text` is None.
        """
        kept: tuple[FilePart, ...] = ()
        if instead_of is not None:
            asked = await self.conversations.question(user, instead_of)
            instead_of = asked.turn
            kept = tuple(part for part in asked.message.parts if isinstance(part, FilePart))
            text = asked.message.text if text is None else text
        said = sayable(text or "", files=bool(uploads or kept))
        parts = await attached(self.files, uploads, user=user, agent_id=agent_id, conversation_id=conversation_id)
        message = user_message(said, *kept, *parts)
        try:
            async with dropped_unless_begun(self.files, user, parts):
                turn_id = await self.conversations.begin_turn(
                    user,
                    conversation_id,
                    message,
                    self.process,
                    agent_id=agent_id,
                    kind="preview",
                    instead_of=instead_of,
                    key=key,
                )
        except Repeated as same:
            return same.turn
        self._start(turn_id, self._agent_run(user, agent_id, conversation_id, turn_id))
        return turn_id

    async def decide(
        self, user: str, agent_id: str, conversation_id: str, decided: Decided, key: str | None = None
    ) -> str:
        """Go on after the calls in which a turn ended, as a turn of its own, and return its id.

        Calls that are not named wait on. Raises `NotWaiting`, `Busy`, `BadRequest` for a call that did not wait, and
        `Locked` where what is to be allowed for good is locked. `key` is as in `say_to_builder`.
        """
        if "always" in decided.calls.values():
            material = await self.conversations.material(user, conversation_id)
            locks = (await self.agents.get(user, agent_id)).locks
            require_free(
                locks, keys_for_good(material.config, decided, shown_to_model(material.messages), self.tools.known)
            )
        message = decided_message(decided)
        try:
            turn_id = await self.conversations.begin_turn(
                user, conversation_id, message, self.process, agent_id=agent_id, kind="preview", key=key
            )
        except Repeated as same:
            return same.turn
        self._start(turn_id, self._agent_run(user, agent_id, conversation_id, turn_id, decided))
        return turn_id

    async def answer(self, user: str, turn_id: str) -> AsyncGenerator[list[Envelope], None]:
        """All events of a turn that this user's message began, now or when it came first."""
        return self.turns.subscribe(turn_id) if self.turns.knows(turn_id) else await self.events(user, turn_id, 0)

    async def events(self, user: str, turn_id: str, after: int) -> AsyncGenerator[list[Envelope], None]:
        """The events of a turn after number `after`. Of a turn that ended long ago, its first and its last."""
        stored = await self.conversations.turn(user, turn_id)
        if self.turns.knows(turn_id):
            return self.turns.subscribe(turn_id, after)
        return events_of_ended(stored, after)

    async def stop(self, user: str, turn_id: str) -> None:
        """End a turn. Nothing happens if it has ended already."""
        await self.conversations.turn(user, turn_id)
        await self.turns.stop(turn_id)

    async def stop_all(self, user: str, agent_id: str) -> None:
        """End every turn of an agent, also of one that was deleted."""
        for turn_id in await self.conversations.running(user, agent_id):
            await self.turns.stop(turn_id)

    def _start(self, turn_id: str, events: AsyncGenerator[EventBase, None]) -> None:
        """Run a turn that the store knows, and store how it ends."""

        async def finish(events: list[EventBase], ending: Ending) -> None:
            await self.conversations.end_turn(
                turn_id,
                state=ending.state,
                messages=as_messages(events, ending),
                outcome=ending.last.model_dump_json(),
                last_seq=ending.seq,
            )

        self.turns.start(turn_id, TurnStarted(turn=turn_id), events, finish)

    async def _builder_run(
        self, user: str, agent_id: str, conversation_id: str, language: Language, source: Source
    ) -> AsyncGenerator[EventBase, None]:
        draft = StoredDraft(self.editor, self.agents, self.past, user, agent_id, source)
        own = await self.preferences.get(user, BUILDER_MODEL) or self.builder_model
        secrets = self.keyring.for_tools(await self.keyring.of(user))
        chosen = await self.models.choose(user, own or (await draft.current()).model)
        stored = await self.conversations.messages(user, conversation_id)
        messages = window(shown_to_model(stored), history_room(chosen))
        builder = Builder(
            model=chosen.model if chosen else None,
            http=self.lender.http,
            catalogue=offers(self.tools.tools.values(), secrets, await self.lender.unavailable(self.tools.tools)),
            language=language,
            services=AgentServices(self.apis, self.mcp, self.agents, user, agent_id, language, source),
            files=await texts_of(self.files, user, messages),
            context=self.lender.context(secrets, language, self.lender.keep(user, "avatar", agent_id)),
        )
        async with aclosing(builder.turn(draft, messages)) as events:
            async for event in events:
                yield event
                if isinstance(event, ConfigChanged) and is_redrawn(event):
                    yield AvatarDrawn(avatar=f"/api/agents/{agent_id}/avatar?v={event.revision}")

    async def _agent_run(
        self, user: str, agent_id: str, conversation_id: str, turn_id: str, decided: Decided | None = None
    ) -> AsyncGenerator[EventBase, None]:
        material = await self.conversations.material(user, conversation_id)
        shown = shown_to_model(material.messages)
        config = material.config
        if decided and (for_good := keys_for_good(config, decided, shown, self.tools.known)):
            changed = await allow_always(self.editor, user, agent_id, for_good)
            yield changed
            config = AgentConfig.from_document(changed.config)
        keys = await self.keyring.of(user)
        secrets = {**self.keyring.for_tools(keys), **self.keyring.for_apis(keys, config.openapi)}
        chosen = await self.models.choose(user, config.model)
        room = _room(chosen)
        finder = self.finders.of(user, agent_id, conversation_id, shown)
        found = await finder.found_for(_asked(shown), room.knowledge)
        if found:
            yield found
        keep = self.lender.keep(user, "artefact", agent_id, conversation_id)
        files, storage = self.lender.files_of(user, conversation_id), self.storage.of(user, agent_id)
        unavailable = await self.lender.unavailable(config.enabled_tools)
        bench = self.lender.bench(conversation_id)
        around = self.lender.context(secrets, config.language, keep, files, storage, unavailable, bench)
        context = replace(around, tokens=self.lender.tokens_of(user))
        model = chosen.model if chosen else await _guide_of(config, found)
        # The guide knows its tools by name and reads nothing of them: it is offered all.
        limits = self.limits if chosen else replace(self.limits, tools=None)
        servers = await self.mcp.lent(user, config)
        person = await self.facts.person(user, agent_id) if config.memory and chosen else None
        search = KnowledgeSearch(finder, (*(found.hits if found else ()), *found_in(shown)), room.knowledge)
        lent = Surroundings(
            model,
            context,
            limits,
            found.hits if found and found.is_told else None,
            search=search.tool if chosen and (found or config.knowledge) else None,
            tools=self.tools.known,
            servers=servers,
            questions=self.answers.begin(turn_id),
            person=person,
            tool_indexes=self.lender.tool_indexes,
        )
        agent = assemble(config, lent)
        writer = chosen.model if chosen else None
        past = Past(self.summaries, conversation_id, material.messages, config.language, writer)
        room_left = (await agent.room_in(history_room(chosen), shown)).without(_attached_size(found))
        async for told in past.fit(room_left):
            yield told
        contents = await self.lender.pictures(user, past.messages) if model.facts.vision else {}
        async with aclosing(agent.run(past.messages, contents, decisions_of(decided))) as events:
            async for event in events:
                yield event
                for changed in changes_told(person):
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


def _room(chosen: Chosen | None) -> LengthConstraint:
    return chosen.entry.room if chosen else GUIDE_ROOM
