"""What is live of an agent, for strangers: whoever comes by a link, or with a key."""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import timedelta

from pydantic import JsonValue

from agentfabric.service.accounts import Account, Reserve
from agentfabric.service.answers import Answers
from agentfabric.service.beginning import Beginning, Begun, Place
from agentfabric.service.conversations import Conversations
from agentfabric.service.facts import Facts
from agentfabric.service.link_watch import STRANGER, Guest, LinkWatch
from agentfabric.service.metering import Meter
from agentfabric.service.models import Models
from agentfabric.service.releases import Releases
from agentfabric.service.replay import events_of_ended
from agentfabric.service.running import Occasion, Running
from agentfabric.store.agent_keys import AgentKeyStore, OpenKey
from agentfabric.store.releases import Frozen
from agentfabric.store.shares import GONE, OpenLink, ShareStore, visitor_of
from agentfabric.store.usage import UsageStore
from user_agent.assembly import is_for_strangers
from user_agent.errors import NotAllowed, NotFound
from user_agent.events import EventBase, KnowledgeUsed
from user_agent.messages import Message
from user_agent.models.base import FileContent
from user_agent.models.entry import ModelEntry
from user_agent.questions import Action
from user_agent.serve.conversations import ConversationHead, Thread, as_turns
from user_agent.serve.decisions import Decided
from user_agent.serve.served import NO_FILES, Caller, Profile, Remembered, ServedFile, remembers_nothing
from user_agent.serve.turns import Envelope
from user_agent.serve.uploads import Upload

_LOOKING = frozenset({"qwen_vl", "image_edit", "style_repaint", "image_enhancement"})
_LISTENING = frozenset({"paraformer_asr"})
"""Tools that pictures, and sounds, are of use to."""


@dataclass(frozen=True, slots=True)
class Publishing:
    """What published agents are served with."""

    releases: Releases
    running: Running
    beginning: Beginning
    conversations: Conversations
    facts: Facts
    answers: Answers
    models: Models
    shares: ShareStore
    keys: AgentKeyStore
    usage: UsageStore
    watch: LinkWatch

    def of_link(self, link: OpenLink, guest: Guest) -> "Published":
        """The agent of a link, within the link's limits and as long as it opens to this guest."""
        return Published(self, link.owner, link.agent_id, link.release, link=link, guest=guest)

    def of_key(self, key: OpenKey) -> "Published":
        """The agent for whoever has this key of it, within the key's limits. Whether it opens yet, its door says."""
        return Published(self, key.owner, key.agent_id, key.release, key=key.id)


@dataclass(frozen=True, slots=True)
class Published:
    """One agent, as `Served` has it. Whatever is another visitor's is `NotFound`."""

    using: Publishing
    owner: str
    agent_id: str
    release: str | None
    """The id of what was live when its door was opened; None where nothing was."""
    link: OpenLink | None = None
    guest: Guest = STRANGER
    key: str | None = None
    """The id of the key that its door was opened with."""

    async def profile(self) -> Profile:
        release = await self._release()
        config, entry = release.config, await self._entry(release)
        known = self.using.running.tools.known
        tools = {name: known[name] for name in config.enabled_tools if name in known}
        asked = self.link.tools if self.link else ()
        offered = {name: tool for name, tool in tools.items() if name in asked or is_for_strangers(tool, config)}
        return Profile(
            name=config.name,
            description=config.description,
            language=config.language,
            prologue=config.prologue,
            suggestions=tuple(config.prompt_recommend),
            avatar=f"avatar?v={release.number}",
            version=str(release.number),
            sees_pictures=entry is not None and (entry.vision or bool(_LOOKING & offered.keys())),
            hears_sounds=entry is not None and bool(_LISTENING & offered.keys()),
            tool_titles={name: {"zh": tool.label.zh, "en": tool.label.en} for name, tool in offered.items()},
            remembers=config.memory and entry is not None,
            asks_model=entry is not None,
            kept_days=self.using.conversations.visits_kept / timedelta(days=1),
        )

    async def avatar(self) -> ServedFile | None:
        picture = await self.using.releases.avatar(self.owner, (await self._release()).config, self.agent_id)
        return ServedFile("avatar.png", "image/png", picture)

    async def run(
        self, caller: Caller, messages: Sequence[Message], files: Mapping[str, FileContent] = NO_FILES
    ) -> AsyncGenerator[EventBase, None]:
        """As `Answering` has it. What tools make is kept for a day."""
        release, account = await self._release(), self._account()
        also, speaker = account.reserving(await self._reserving(caller, release)), self._speaker(caller)
        store = self.using.conversations.store
        beginning = asyncio.create_task(store.create(self.owner, self.agent_id, "call", visitor=speaker, also=also))
        try:
            place = await asyncio.shield(beginning)
            occasion = Occasion(
                owner=self.owner,
                agent_id=self.agent_id,
                config=release.config,
                speaker=speaker,
                conversation=place.id,
                said=as_turns(messages),
                released=True,
                files=files,
                meter=account.meter,
                tokens=account.grant.tokens if account.grant else None,
            )
            async with aclosing(self.using.running.run(occasion)) as events:
                async for event in events:
                    yield _for_strangers(event)
        finally:
            await account.settle_after(beginning)

    async def conversations(self, caller: Caller) -> Sequence[ConversationHead]:
        await self._release()
        return await self.using.conversations.shelf.visits(self._speaker(caller), self.agent_id)

    async def begin(self, caller: Caller) -> ConversationHead:
        await self._release()
        return await self.using.conversations.visit(self.owner, self.agent_id, self._speaker(caller))

    async def conversation(self, caller: Caller, conversation_id: str) -> Thread:
        head = await self._visit(caller, conversation_id)
        shown = await self.using.conversations.store.shown(self._speaker(caller), head.id)
        return Thread(shown.conversation, shown.messages, shown.versions)

    async def show(self, caller: Caller, conversation_id: str, turn_id: str) -> ConversationHead:
        await self._visit(caller, conversation_id)
        await self.using.conversations.store.show(self._speaker(caller), conversation_id, turn_id)
        return await self._visit(caller, conversation_id)

    async def delete(self, caller: Caller, conversation_id: str) -> None:
        """Erase a conversation, and with the last one what the agent noted of the visitor. Raises `Busy`."""
        await self._visit(caller, conversation_id)
        speaker = self._speaker(caller)
        await self.using.conversations.discard(speaker, conversation_id)
        if not await self.using.conversations.shelf.visits(speaker, self.agent_id):
            await self.using.facts.forget(self.owner, self.agent_id, about=speaker)

    async def remembered(self, caller: Caller) -> Remembered:
        if not (await self._release()).config.memory:
            raise remembers_nothing()
        return self.using.facts.of_visitor(self.owner, self.agent_id, about=self._speaker(caller))

    async def say(
        self,
        caller: Caller,
        conversation_id: str,
        text: str | None,
        uploads: Sequence[Upload] = (),
        *,
        instead_of: str | None = None,
        key: str | None = None,
    ) -> AsyncGenerator[list[Envelope], None]:
        """As `Served` has it. Raises `LimitReached`, of which nothing is kept."""
        release, account = await self._release(), self._account()
        place = Place(self._speaker(caller), self.agent_id, conversation_id, "visit")
        also = account.reserving(await self._reserving(caller, release, with_files=bool(uploads)))
        begun = await self.using.beginning.say(place, text, uploads, instead_of=instead_of, key=key, also=also)
        return await self._started(caller, begun, place, release, account)

    async def decide(
        self, caller: Caller, conversation_id: str, decided: Decided, *, key: str | None = None
    ) -> AsyncGenerator[list[Envelope], None]:
        if "always" in decided.calls.values():
            raise NotAllowed("You can allow this call. What the agent may always do, its owner decides.")
        release, account = await self._release(), self._account()
        place = Place(self._speaker(caller), self.agent_id, conversation_id, "visit")
        also = account.reserving(await self._reserving(caller, release))
        begun = await self.using.beginning.decide(place, decided, key=key, also=also)
        return await self._started(caller, begun, place, release, account, decided)

    async def events(self, caller: Caller, turn_id: str, after: int = 0) -> AsyncGenerator[list[Envelope], None]:
        stored = await self.using.conversations.store.turn(self._speaker(caller), turn_id)
        turns = self.using.beginning.turns
        return turns.subscribe(turn_id, after) if turns.knows(turn_id) else events_of_ended(stored, after)

    async def stop(self, caller: Caller, turn_id: str) -> None:
        await self.using.conversations.store.turn(self._speaker(caller), turn_id)
        await self.using.beginning.turns.stop(turn_id)

    async def answer(
        self, caller: Caller, turn_id: str, question_id: str, action: Action, content: Mapping[str, JsonValue]
    ) -> None:
        await self.using.answers.answer(self._speaker(caller), turn_id, question_id, action, content)

    async def file(self, caller: Caller, file_id: str) -> ServedFile:
        file = await self.using.conversations.file(self._speaker(caller), file_id)
        data = await self.using.conversations.files.read(self._speaker(caller), file.id)
        return ServedFile(file.name, file.media_type, data)

    async def _started(
        self,
        caller: Caller,
        begun: Begun,
        place: Place,
        release: Frozen,
        account: Account,
        decided: Decided | None = None,
    ) -> AsyncGenerator[list[Envelope], None]:
        if begun.before:
            return await self.events(caller, begun.turn)
        link, watch = self.link, self.using.watch

        def ended() -> None:
            if link is not None:
                watch.ended(link.id, begun.turn)

        if link is not None:
            watch.began(link.id, begun.turn, self.guest)
        answer = self._answer(begun.turn, place, release, account, decided)
        self.using.beginning.run(begun.turn, answer, account, ended)
        return self.using.beginning.turns.subscribe(begun.turn)

    async def _answer(
        self, turn_id: str, place: Place, release: Frozen, account: Account, decided: Decided | None
    ) -> AsyncGenerator[EventBase, None]:
        occasion = Occasion(
            owner=self.owner,
            agent_id=self.agent_id,
            config=release.config,
            speaker=place.speaker,
            conversation=place.conversation_id,
            said=await self.using.conversations.store.messages(place.speaker, place.conversation_id),
            turn=turn_id,
            decided=decided,
            speaker_may=self.link.tools if self.link else (),
            released=True,
            meter=account.meter,
            tokens=account.grant.tokens if account.grant else None,
        )
        async with aclosing(self.using.running.run(occasion)) as events:
            async for event in events:
                yield _for_strangers(event)

    def _account(self) -> Account:
        return Account(self.using.usage, Meter())

    async def _release(self) -> Frozen:
        """What is live, or was when the door was opened. Raises `NotFound` where nothing was."""
        release = await self.using.releases.frozen(self.release) if self.release else None
        if release is None:
            raise NotFound(GONE, fault="shared")
        return release

    async def _visit(self, caller: Caller, conversation_id: str) -> ConversationHead:
        found = await self.using.conversations.store.get(self._speaker(caller), conversation_id, self.agent_id)
        if found.kind != "visit":
            raise NotFound(f"There is no conversation {conversation_id[:40]!r}.")
        return found

    def _speaker(self, caller: Caller) -> str:
        """Whose conversations they are: this visitor's of this link."""
        return visitor_of(self.link.id if self.link else self.agent_id, caller.visitor)

    async def _entry(self, release: Frozen) -> ModelEntry | None:
        """The model that answers; None where only the guide is there."""
        entries = await self.using.models.entries(self.owner)
        return entries.get(release.config.model or await self.using.models.default(self.owner))

    async def _reserving(self, caller: Caller, release: Frozen, *, with_files: bool = False) -> Reserve | None:
        entry = await self._entry(release)
        price, process = entry.price if entry else None, self.using.beginning.process
        if self.link is not None:
            return self.using.shares.reserving(self.link.id, caller.visitor, price, process, with_files=with_files)
        return self.using.keys.reserving(self.key, price, process) if self.key else None


def _for_strangers(event: EventBase) -> EventBase:
    """The event without the names of files that the agent knows and did not answer from."""
    if not isinstance(event, KnowledgeUsed):
        return event
    told = {hit.file for hit in event.hits}
    return event.model_copy(update={"files": tuple(file for file in event.files if file.file in told)})
