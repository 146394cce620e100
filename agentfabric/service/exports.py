"""Conversations as files: to be read, kept, and taken elsewhere."""

import asyncio
import zipfile
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass

from agentfabric.service.agents import Agents
from agentfabric.service.conversations import Conversations
from agentfabric.service.file_names import file_name
from agentfabric.service.written import Form, Written
from agentfabric.store.heads import Conversation
from user_agent.errors import NotFound
from user_agent.words import Language

ENDINGS: Mapping[Form, str] = {"markdown": "md", "json": "json"}


@dataclass(frozen=True, slots=True)
class Exported:
    """One conversation as a file."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Archive:
    """A zip that is made while it is read, one conversation at a time: it may be larger than memory."""

    name: str
    parts: AsyncGenerator[bytes, None]


@dataclass(frozen=True, slots=True)
class Exports:
    """The use cases. The first argument of each is the user; foreign ids are `NotFound`."""

    agents: Agents
    conversations: Conversations

    async def one(self, user: str, agent_id: str, conversation_id: str, form: Form, language: Language) -> Exported:
        """What is shown of a conversation, as it is now."""
        agent = (await self.agents.get(user, agent_id)).config.name
        conversation = await self.conversations.get(user, agent_id, conversation_id)
        written = Written(agent, await self.conversations.shown(user, conversation))
        text = await asyncio.to_thread(written.as_text, form, language)
        return Exported(file_name(conversation.title or conversation.id, ENDINGS[form]), text.encode())

    async def all(self, user: str, agent_id: str, language: Language) -> Archive:
        """Every conversation with the agent in which something was said, in both forms, numbered by age."""
        agent = (await self.agents.get(user, agent_id)).config.name
        listed = await self.conversations.list(user, agent_id)
        begun = sorted((item for item in listed if item.head), key=lambda item: (item.created, item.id))
        return Archive(file_name(agent, "conversations.zip"), self._packed(user, agent, begun, language))

    async def _packed(
        self, user: str, agent: str, begun: Sequence[Conversation], language: Language
    ) -> AsyncGenerator[bytes, None]:
        pack = _Pack()
        for number, conversation in enumerate(begun, start=1):
            try:
                written = Written(agent, await self.conversations.shown(user, conversation))
            except NotFound:
                continue  # deleted meanwhile
            yield await asyncio.to_thread(pack.add, written, number, language)
        yield pack.end()


class _Pack:
    """A zip of which each part is given away as soon as it is written."""

    def __init__(self) -> None:
        self._sink = _Sink()
        self._archive = zipfile.ZipFile(self._sink, "w", zipfile.ZIP_DEFLATED)

    def add(self, written: Written, number: int, language: Language) -> bytes:
        """The bytes of the next conversation in the zip."""
        conversation = written.shown.conversation
        at = conversation.updated
        for form, ending in ENDINGS.items():
            name = file_name(f"{number:03} {conversation.title}", ending)
            entry = zipfile.ZipInfo(name, (at.year, at.month, at.day, at.hour, at.minute, at.second))
            entry.external_attr = 0o600 << 16  # without it nobody may read what comes out of the zip
            self._archive.writestr(entry, written.as_text(form, language), zipfile.ZIP_DEFLATED)
        return self._sink.taken()

    def end(self) -> bytes:
        """The bytes that end the zip."""
        self._archive.close()
        return self._sink.taken()


class _Sink:
    """What `zipfile` asks of a file that it cannot go back in."""

    def __init__(self) -> None:
        self._written = bytearray()

    def write(self, data: bytes, /) -> int:
        self._written += data
        return len(data)

    def flush(self) -> None:
        """Nothing is held back."""

    def close(self) -> None:
        """Nothing was opened."""

    def taken(self) -> bytes:
        """What was written since the last time."""
        taken = bytes(self._written)
        self._written.clear()
        return taken
