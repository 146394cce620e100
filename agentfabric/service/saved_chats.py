"""A conversation saved as an agent: a copy of the one that was talked with, which knows the documents of the messages,
and has what was asked for as a proposal."""

from collections.abc import Sequence
from dataclasses import dataclass

from agentfabric.service.agents import Agents
from agentfabric.service.conversations import Conversations
from agentfabric.service.knowledge import Knowledge
from agentfabric.service.models import Models
from agentfabric.store.agents import StoredAgent
from agentfabric.store.writing import Source
from builder_core.draft import ConfigPatch
from builder_core.learning import learn
from user_agent.errors import BadRequest, ConfigError, ModelError, NotFound
from user_agent.messages import FilePart, Message
from user_agent.serve.attached import searchable
from user_agent.serve.record import shown_to_model
from user_agent.serve.uploads import Upload
from user_agent.words import Words

_NO_DOCUMENT = Words(
    "图片、声音和视频不是文档，没有带过来。", "Pictures, sounds and videos are no documents and stay behind."
)
_FULL = Words("知识里放不下更多文件了。", "The knowledge takes no more files.")
_GONE = Words("它的内容已经不在了。", "Its content is gone.")


@dataclass(frozen=True, slots=True)
class Left:
    """A file of the conversation that the new agent does not know, and why."""

    name: str
    why: Words


@dataclass(frozen=True, slots=True)
class SavedChat:
    """The new agent, the names of the files that it was given to know, and what stayed behind."""

    agent: StoredAgent
    known: tuple[str, ...]
    left: tuple[Left, ...]


@dataclass(frozen=True, slots=True)
class SavedChats:
    """The use case. The first argument is the user; foreign ids are `NotFound`."""

    agents: Agents
    conversations: Conversations
    models: Models
    knowledge: Knowledge

    async def save(self, user: str, agent_id: str, conversation_id: str) -> SavedChat:
        """A new agent from a conversation, with its documents as knowledge. What it has otherwise than the one that was
        talked with is proposed: the person keeps or discards it. Raises `BadRequest` where nothing was said yet."""
        conversation = await self.conversations.get(user, agent_id, conversation_id)
        stored = await self.conversations.store.messages(user, conversation.id)
        shown = shown_to_model(stored)
        messages = [message for message in shown if message.text.strip()]
        if not any(message.role == "user" for message in messages):
            raise BadRequest("Nothing was said in this conversation yet. Say something first.")
        config = (await self.agents.get(user, agent_id)).config
        try:
            chosen = await self.models.choose(user, config.model)
        except ModelError:  # it answered once, and has no key by now
            chosen = None
        learnt = await learn(chosen.model if chosen else None, config, messages)
        copy = await self.agents.duplicate(user, agent_id)
        known, left = list[str](), list[Left]()
        for part, is_document in await self._attached(user, conversation_id, shown):
            why = await self._taught(user, copy.id, part) if is_document else _NO_DOCUMENT
            if why is None:
                known.append(part.name)
            else:
                left.append(Left(part.name, why))
        await self.knowledge.settle(user, copy.id)
        patch = ConfigPatch(
            instruction=learnt.instruction,
            prompt_recommend=[*learnt.suggestions],
            proposed=("instruction", "prompt_recommend"),
        )
        source = Source(said=conversation.title)
        written = await self.agents.editor.rewrite(user, copy.id, lambda _: patch, author="builder", source=source)
        return SavedChat(written.agent, tuple(known), tuple(left))

    async def _attached(
        self, user: str, conversation_id: str, messages: Sequence[Message]
    ) -> list[tuple[FilePart, bool]]:
        """What the person sent, each once, the first ones first, and whether it is a document. A picture is one where
        the conversation was searched for the words in it."""
        sent = [part for said in messages if said.role == "user" for part in said.parts if isinstance(part, FilePart)]
        documents = {part.file for part in searchable(messages)}
        return [
            (
                part,
                file in documents or bool(await self.knowledge.attached.passages(user, conversation_id, file, limit=1)),
            )
            for file, part in {part.file: part for part in sent}.items()
        ]

    async def _taught(self, user: str, agent_id: str, part: FilePart) -> Words | None:
        """Have the agent know a copy of a file, unless it knows the very same; what is in the way, if anything is."""
        files = self.knowledge.files
        try:
            data = await files.read(user, part.file)
        except NotFound:
            return _GONE
        for known in await self.knowledge.all(user, agent_id):
            if not known.missing and known.size_bytes == len(data) and await files.read(user, known.id) == data:
                return None
        try:
            await self.knowledge.add(user, agent_id, [Upload(part.name, part.media_type, data)])
        except ConfigError:
            return _FULL
        return None
