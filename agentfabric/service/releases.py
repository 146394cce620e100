"""What a person publishes of an agent: a frozen version with a note, of which one is live."""

import asyncio
from dataclasses import dataclass

from agentfabric.service.knowledge import Knowledge
from agentfabric.store.files import FileStore
from agentfabric.store.releases import Frozen, Release, ReleaseStore, WholeRelease
from builder_core.avatar import monogram
from user_agent.config import AgentConfig
from user_agent.errors import BadRequest
from user_agent.knowledge.index import Found
from user_agent.storable import cleaned

MAX_NOTE_CHARS = 2_000


@dataclass(frozen=True, slots=True)
class Releases:
    """The use cases of publishing. The first argument of each is the user; foreign ids are `NotFound`.

    The draft goes on beside what is live: nothing that is written to the agent changes a release.
    """

    store: ReleaseStore
    files: FileStore
    knowledge: Knowledge

    async def all(self, user: str, agent_id: str) -> list[Release]:
        """Every release, the newest first."""
        return await self.store.list(user, agent_id)

    async def get(self, user: str, agent_id: str, number: int) -> WholeRelease:
        return await self.store.get(user, agent_id, number)

    async def live(self, user: str, agent_id: str) -> WholeRelease | None:
        """What strangers are shown; None while nothing is."""
        return await self.store.live(user, agent_id)

    async def is_live(self, user: str, agent_id: str) -> bool:
        """Whether strangers are shown anything of it."""
        return await self.store.is_live(user, agent_id)

    async def frozen(self, release_id: str) -> Frozen | None:
        """The release that was live when its id was found. None for one that is not there any more."""
        return await self.store.frozen(release_id)

    async def publish(
        self, user: str, agent_id: str, *, note: str = "", version: int | None = None, revision: int | None = None
    ) -> WholeRelease:
        """Freeze a version, the newest where none is named, and show it to strangers from now on.

        Raises `Conflict` where the agent is not at that `revision`, and `NothingToPublish`.
        """
        if len(note) > MAX_NOTE_CHARS:
            raise BadRequest(f"The note is longer than {MAX_NOTE_CHARS:,} characters. Shorten it.")
        published = await self.store.publish(
            user, agent_id, version=version, note=cleaned(note).strip(), expected_revision=revision
        )
        await self.knowledge.settle(user, agent_id)
        return published

    async def make_live(self, user: str, agent_id: str, number: int) -> WholeRelease:
        """Show strangers a release again. What only it knows is read anew."""
        release = await self.store.make_live(user, agent_id, number)
        await self.knowledge.settle(user, agent_id)
        return release

    async def unpublish(self, user: str, agent_id: str, number: int) -> WholeRelease:
        """Show strangers this release no more. What only it knows is found no more."""
        release = await self.store.unpublish(user, agent_id, number)
        await self.knowledge.settle(user, agent_id)
        return release

    async def search(self, user: str, agent_id: str, number: int, query: str, limit: int = 8) -> Found:
        """What a question finds in the files of a release; nothing while it is not live."""
        release = await self.store.get(user, agent_id, number)
        if not release.release.live:
            return await self.knowledge.search_released(user, agent_id, query, limit=limit, files=())
        return await self.knowledge.search_released(
            user, agent_id, query, limit=limit, tags=release.config.retrieval.tags
        )

    async def avatar(self, user: str, config: AgentConfig, agent_id: str) -> bytes:
        """The picture of a release as PNG: the one that was uploaded, else a monogram drawn from its name."""
        pictures = {file.id: file for file in await self.files.list(user, agent_id, "avatar")}
        chosen = pictures.get(config.avatar)
        if chosen is not None and chosen.blob is not None:
            return await self.files.read(user, chosen.id)
        return await asyncio.to_thread(monogram, config.name, agent_id)
