"""Talking: with the builder about an agent, and with the agent itself."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from agentfabric.service.apis import Apis
from agentfabric.service.beginning import Beginning, Place
from agentfabric.service.connecting import AgentServices
from agentfabric.service.drafts import Editor, StoredDraft, is_redrawn
from agentfabric.service.gallery import Gallery
from agentfabric.service.history import named
from agentfabric.service.keyring import Keyring
from agentfabric.service.knowledge import Knowledge
from agentfabric.service.knowledge_care import AgentCare
from agentfabric.service.mcp import McpServers
from agentfabric.service.models import Models
from agentfabric.service.permissions import keys_for_good, require_free
from agentfabric.service.replay import events_of_ended
from agentfabric.service.running import Occasion, Running
from agentfabric.service.saying import require_descriptions, texts_of
from agentfabric.service.surroundings import Lender
from agentfabric.store.agents import AgentStore
from agentfabric.store.conversations import ConversationStore
from agentfabric.store.files import FileStore
from agentfabric.store.history import HistoryStore
from agentfabric.store.preferences import Preferences
from agentfabric.store.writing import Source
from builder_core.builder import Builder
from builder_core.events import AvatarDrawn, ConfigChanged
from builder_core.recommend import offers
from user_agent.events import EventBase
from user_agent.memory.window import window
from user_agent.serve.decisions import Decided
from user_agent.serve.record import shown_to_model
from user_agent.serve.running import history_room
from user_agent.serve.turns import Envelope, Turns
from user_agent.serve.uploads import Upload, sayable
from user_agent.tools.catalog import ToolCatalog
from user_agent.words import Language

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
    beginning: Beginning
    running: Running
    turns: Turns
    builder_model: str
    """The builder's model where a person has set none; empty for the agent's own."""

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
        begun = await self.beginning.say(Place(user, agent_id, conversation.id, "builder"), said, uploads, key=key)
        if not begun.before:
            source = Source(turn=begun.turn, said=said)
            self.beginning.run(begun.turn, self._builder_run(user, agent_id, conversation.id, language, source))
        return begun.turn

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
        """Begin a turn of the agent as it is configured now, and return its id. Raises as `Beginning.say`."""
        place = Place(user, agent_id, conversation_id, "preview")
        begun = await self.beginning.say(place, text, uploads, instead_of=instead_of, key=key)
        if not begun.before:
            self.beginning.run(begun.turn, self._agent_run(user, agent_id, conversation_id, begun.turn))
        return begun.turn

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
        begun = await self.beginning.decide(Place(user, agent_id, conversation_id, "preview"), decided, key=key)
        if not begun.before:
            self.beginning.run(begun.turn, self._agent_run(user, agent_id, conversation_id, begun.turn, decided))
        return begun.turn

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
                yield await self._shown(user, agent_id, event)
                if isinstance(event, ConfigChanged) and is_redrawn(event):
                    yield AvatarDrawn(avatar=f"/api/agents/{agent_id}/avatar?v={event.revision}")

    async def _shown(self, user: str, agent_id: str, event: EventBase) -> EventBase:
        """An event of a builder as a person sees it: files by their names."""
        if not isinstance(event, ConfigChanged) or not any(change.field == "knowledge" for change in event.changes):
            return event
        names = {file.id: file.name for file in await self.files.list(user, agent_id, "knowledge")}
        return event.model_copy(update={"changes": named(event.changes, names)})

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
