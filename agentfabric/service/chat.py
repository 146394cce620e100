"""Talking: with the builder about an agent, and with the agent itself."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from agentfabric.service.apis import Apis
from agentfabric.service.connecting import AgentServices
from agentfabric.service.drafts import Editor, StoredDraft, is_redrawn
from agentfabric.service.gallery import Gallery
from agentfabric.service.keyring import Keyring
from agentfabric.service.knowledge import Knowledge
from agentfabric.service.knowledge_care import AgentCare
from agentfabric.service.mcp import McpServers
from agentfabric.service.models import Models
from agentfabric.service.permissions import keys_for_good, require_free
from agentfabric.service.record import as_messages
from agentfabric.service.replay import events_of_ended
from agentfabric.service.running import Occasion, Running
from agentfabric.service.saying import attached, dropped_unless_begun, require_descriptions, texts_of
from agentfabric.service.surroundings import Lender
from agentfabric.store.agents import AgentStore
from agentfabric.store.conversations import ConversationStore
from agentfabric.store.files import FileStore
from agentfabric.store.history import HistoryStore
from agentfabric.store.preferences import Preferences
from agentfabric.store.repeats import Repeated
from agentfabric.store.writing import Source
from builder_core.builder import Builder
from builder_core.events import AvatarDrawn, ConfigChanged
from builder_core.recommend import offers
from user_agent.config import Language
from user_agent.events import EventBase
from user_agent.memory.window import window
from user_agent.messages import FilePart, user_message
from user_agent.serve.decisions import Decided, decided_message
from user_agent.serve.record import shown_to_model
from user_agent.serve.running import history_room
from user_agent.serve.turns import Ending, Envelope, Turns, TurnStarted
from user_agent.serve.uploads import Upload, sayable
from user_agent.tools.catalog import ToolCatalog

BUILDER_MODEL = "builder_model"
"""The preference that holds the builder's own model key."""


@dataclass(frozen=True, slots=True)
class Chat:
    """The use cases of conversations. The first argument of each is the user; foreign ids are `NotFound`."""

    agents: AgentStore
    conversations: ConversationStore
    files: FileStore
    preferences: Preferences
    models: Models
    keyring: Keyring
    tools: ToolCatalog
    editor: Editor
    past: HistoryStore
    lender: Lender
    apis: Apis
    mcp: McpServers
    knowledge: Knowledge
    gallery: Gallery
    running: Running
    turns: Turns
    builder_model: str
    """The builder's model where a person has set none; empty for the agent's own."""
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
            care=AgentCare(self.knowledge, user, agent_id),
            templates=await self.gallery.all(),
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
        """The preview: the owner speaks with the agent as it is configured now."""
        material = await self.conversations.material(user, conversation_id)
        occasion = Occasion(
            owner=user,
            agent_id=agent_id,
            config=material.config,
            speaker=user,
            conversation=conversation_id,
            turn=turn_id,
            said=material.messages,
            decided=decided,
        )
        async with aclosing(self.running.run(occasion)) as events:
            async for event in events:
                yield event
