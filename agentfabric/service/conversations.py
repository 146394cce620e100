"""A person's conversations as things: listed, searched, named, put away and brought back; which version is shown."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from agentfabric.store.base import now
from agentfabric.store.conversations import ConversationStore, Shown
from agentfabric.store.files import FileStore, StoredFile
from agentfabric.store.heads import Conversation
from agentfabric.store.shelf import Erased, FoundConversation, Shelf
from user_agent.errors import NotFound
from user_agent.sandbox.workshop import Workshop
from user_agent.serve.attached import AttachedFiles

KEPT_AWAY = timedelta(days=1)
"""How long a deleted conversation can be brought back. Later it is erased with its files."""
MAX_EMPTY_VISITS = 50
"""How many conversations a visitor can have begun without a word."""


@dataclass(frozen=True, slots=True)
class Conversations:
    """The use cases. The first argument of each is the user; foreign ids are `NotFound`."""

    store: ConversationStore
    shelf: Shelf
    files: FileStore
    workshop: Workshop
    attached: AttachedFiles
    visits_kept: timedelta
    """How long conversations of visitors are kept who come no more."""

    async def create(self, user: str, agent_id: str) -> Conversation:
        return await self.store.create(user, agent_id, "preview")

    async def visit(self, owner: str, agent_id: str, visitor: str) -> Conversation:
        """A new conversation of somebody else with the owner's agent. Of too many without a word the oldest goes."""
        visits = await self.shelf.visits(visitor, agent_id)
        empty = [visit for visit in visits if visit.head is None]
        if len(empty) >= MAX_EMPTY_VISITS:
            await self.discard(visitor, empty[-1].id)
        return await self.store.create(owner, agent_id, "visit", visitor=visitor)

    async def list(self, user: str, agent_id: str) -> Sequence[Conversation]:
        """Those with the agent itself, the one that went on last first."""
        return await self.shelf.list(user, agent_id)

    async def search(self, user: str, agent_id: str, search: str) -> Sequence[FoundConversation]:
        """Those in which that was said, or that are called so, each with the place."""
        return await self.shelf.search(user, agent_id, search)

    async def builder(self, user: str, agent_id: str) -> Conversation:
        return await self.store.builder_of(user, agent_id)

    async def get(self, user: str, agent_id: str, conversation_id: str) -> Conversation:
        """A conversation with the agent itself."""
        conversation = await self.store.get(user, conversation_id, agent_id)
        if conversation.kind != "preview":
            raise NotFound(f"There is no conversation {conversation_id!r}.")
        return conversation

    async def shown(self, user: str, conversation: Conversation) -> Shown:
        return await self.store.shown(user, conversation.id)

    async def file(self, user: str, file_id: str) -> StoredFile:
        """A file that came with a message, or that a tool made. `NotFound` while its conversation is put away."""
        file = await self.files.get(user, file_id)
        if file.purpose not in ("attachment", "artefact"):
            raise NotFound(f"There is no file {file_id!r}.")
        if file.conversation_id is not None:
            await self.store.get(user, file.conversation_id)
        return file

    async def rename(self, user: str, agent_id: str, conversation_id: str, title: str) -> None:
        """Raises `BadRequest` for an empty title."""
        await self.get(user, agent_id, conversation_id)
        await self.shelf.rename(user, conversation_id, title)

    async def show(self, user: str, agent_id: str, conversation_id: str, turn_id: str) -> None:
        """Go back to another version of a question or an answer. Raises `Busy` while it is answering."""
        await self.get(user, agent_id, conversation_id)
        await self.store.show(user, conversation_id, turn_id)

    async def delete(self, user: str, conversation: Conversation) -> None:
        """Put a conversation away; for a day it can be brought back. Raises `Busy` while it is answering."""
        await self.shelf.put_away(user, conversation.id)
        await self.workshop.sleep(conversation.id)
        await self.erase_old()

    async def undelete(self, user: str, agent_id: str, conversation_id: str) -> Conversation:
        await self.shelf.bring_back(user, agent_id, conversation_id)
        return await self.get(user, agent_id, conversation_id)

    async def undelete_builder(self, user: str, agent_id: str) -> Conversation:
        """Bring back what was last said to the builder. Raises `Conflict` where something was said since."""
        await self.shelf.bring_back_builder(user, agent_id)
        return await self.builder(user, agent_id)

    async def discard(self, user: str, conversation_id: str) -> None:
        """Erase a conversation at once, with its files. Raises `Busy` while it is answering."""
        await self._forget(await self.shelf.discard(user, conversation_id))

    async def erase_old(self) -> None:
        """Erase what nobody brought back in time, with its files and what its code left."""
        await self._forget(await self.shelf.erase(now() - KEPT_AWAY))

    async def erase_silent(self) -> None:
        """Erase what visitors left who were silent for too long, with what agents noted of them, and what they began
        without a word: whoever brings no cookie is another visitor each time, and could fill the disk."""
        while (erased := await self.shelf.erase_empty(now() - KEPT_AWAY)).conversations:
            await self._forget(erased)
        while (erased := await self.shelf.erase_silent(now() - self.visits_kept)).conversations:
            await self._forget(erased)

    async def _forget(self, erased: Erased) -> None:
        for file in erased.files:
            with suppress(NotFound):  # somebody else, who erases at the same moment, was quicker
                await self.files.delete(file.owner, file.id)
        await self.workshop.forget(erased.conversations)
        await self.attached.forget(erased.conversations)
