"""What an agent knows: its files, how far each has come, and what is found in them."""

from collections.abc import AsyncGenerator, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from agentfabric.service.agents import Agents
from agentfabric.service.attached_help import AttachedHelp
from agentfabric.service.knowledge_by_model import ChecksByModel, Outlook
from agentfabric.service.knowledge_cache import ReadingCache
from agentfabric.service.knowledge_checks import KnowledgeChecks
from agentfabric.service.knowledge_going_through import GoingThrough
from agentfabric.service.knowledge_indexes import AgentIndexes
from agentfabric.service.knowledge_models import Finding, FindingModels
from agentfabric.service.knowledge_sources import Sources, shown_name
from agentfabric.service.knowledge_work import KnowledgeWork
from agentfabric.service.mcp_resources import source_of
from agentfabric.store.files import FileStore, StoredFile
from agentfabric.store.readings import KnownFile, ReadingStore, Settled
from agentfabric.store.releases import ReleaseStore
from user_agent.errors import NotFound
from user_agent.events import FileReading
from user_agent.knowledge.index import Carried, Found, Statistics
from user_agent.knowledge.passages import Passage
from user_agent.mcp.resources import McpResource
from user_agent.serve.attached import AttachedFiles, FileRead
from user_agent.serve.uploads import MAX_ATTACHMENT_BYTES, Upload
from user_agent.words import Words

NOTHING_FOUND = Found(hits=(), engine="lexical")


@dataclass(frozen=True, slots=True)
class Known:
    """How much of an agent's files can be found, and which models help."""

    statistics: Statistics
    finding: Finding

    @property
    def problem(self) -> Words | None:
        """Why a model that was chosen is not at work."""
        return self.finding.problem or self.statistics.problem


@dataclass(frozen=True, slots=True)
class Knowledge:
    """The use cases of what agents know. The first argument of each is the user; foreign ids are `NotFound`.

    The configuration says which files an agent knows, whoever wrote it and however it came to be: every use case
    makes the rest follow it first.
    """

    agents: Agents
    readings: ReadingStore
    files: FileStore
    indexes: AgentIndexes
    work: KnowledgeWork
    sources: Sources
    checks: KnowledgeChecks
    by_model: ChecksByModel
    going: GoingThrough
    models: FindingModels
    releases: ReleaseStore
    attached: AttachedFiles
    """What came with the messages of conversations."""
    cache: ReadingCache
    helping: AttachedHelp
    """Who helps with that."""

    async def learn(self, user: str, attachment: StoredFile) -> KnownFile:
        """Have an agent know a file that came with a message in one of its conversations. Raises as `add`."""
        if attachment.agent_id is None or attachment.purpose != "attachment":
            raise NotFound(f"There is no file {attachment.id!r} that came with a message.")
        data = await self.files.read(user, attachment.id)
        upload = Upload(name=attachment.name, media_type=attachment.media_type, data=data)
        [added] = await self.add(user, attachment.agent_id, [upload])
        return added

    async def ahead(self, user: str, agent_id: str, upload: Upload) -> AsyncGenerator[FileReading | FileRead]:
        """Read a file that is about to be sent to the agent, and tell how far that is. Raises `NotFound`, and
        `TooLarge` for one that no message takes."""
        config = (await self.agents.get(user, agent_id)).config
        upload.require_at_most(MAX_ATTACHMENT_BYTES)
        return self.attached.ahead(user, upload, self.helping.of(user, agent_id, config.retrieval))

    async def add(self, user: str, agent_id: str, uploads: Sequence[Upload]) -> list[KnownFile]:
        """More files for the agent to know: all of them, or none. Raises as `Agents.add_knowledge`."""
        added = {file.id for file in await self.agents.add_knowledge(user, agent_id, uploads)}
        return [file for file in await self.all(user, agent_id) if file.id in added]

    async def add_address(self, user: str, agent_id: str, address: str) -> list[KnownFile]:
        """A web page for the agent to know, or every page that a sitemap lists. They are fetched and read like files.

        Raises `AddressUnusable`, `FetchFailed` where nothing is there, `ConfigError` for too many, and `Locked`.
        """
        await self.agents.get(user, agent_id)
        pages = await self.sources.pages(address.strip())
        return await self._add_sources(user, agent_id, {page: shown_name(page) for page in pages})

    async def resources(self, user: str, agent_id: str, server_id: str) -> tuple[McpResource, ...]:
        """What one of the agent's MCP servers lists now. Raises `ConfigError` where it does not answer."""
        return await self.sources.resources.all(user, agent_id, server_id)

    async def add_resource(self, user: str, agent_id: str, server_id: str, uri: str) -> list[KnownFile]:
        """A resource that one of the agent's MCP servers lists. It is fetched and read like a file.

        Raises `ConfigError` where the server does not answer, or for too many files, and `Locked`.
        """
        resource = await self.sources.resources.named(user, agent_id, server_id, uri)
        return await self._add_sources(user, agent_id, {source_of(server_id, uri): resource.name})

    async def _add_sources(self, user: str, agent_id: str, names: Mapping[str, str]) -> list[KnownFile]:
        """Files that are fetched from these sources, each under its name."""
        files = [
            await self.files.add(
                user, purpose="knowledge", name=name, media_type="", data=None, agent_id=agent_id, source=source
            )
            for source, name in names.items()
        ]
        await self.agents.know(user, agent_id, files)
        added = {file.id for file in files}
        return [file for file in await self.all(user, agent_id) if file.id in added]

    async def refresh(self, user: str, agent_id: str, file_id: str) -> KnownFile:
        """Fetch a page anew. Raises `BadRequest` for a file that comes from no address.

        One that a release knows stays what it is: the draft gets the new content as a file of its own, in its place.
        """
        file = await self.file(user, agent_id, file_id)
        if file.source is not None and await self.releases.naming(user, agent_id, file_id):
            file_id = (await self.agents.replace_knowledge(user, agent_id, file_id)).id
            await self.settle(user, agent_id, fetch=(file_id,))
        else:
            await self.readings.refresh(user, agent_id, file_id)
            self.work.wake()
        return await self.file(user, agent_id, file_id)

    async def file_under(self, user: str, agent_id: str, file_id: str, tags: Sequence[str]) -> KnownFile:
        """File it under these tags, and no others."""
        await self.file(user, agent_id, file_id)
        await self.files.file_under(user, file_id, [*dict.fromkeys(tags)])
        return await self.file(user, agent_id, file_id)

    async def remove(self, user: str, agent_id: str, file_id: str) -> None:
        """The agent knows the file no more, from now on. Raises `Locked`."""
        await self.agents.remove_knowledge(user, agent_id, file_id)
        await self.settle(user, agent_id)

    async def all(self, user: str, agent_id: str) -> tuple[KnownFile, ...]:
        """The files in the configuration's order."""
        return (await self.settle(user, agent_id)).files

    async def settle(self, user: str, agent_id: str, *, fetch: Collection[str] = ()) -> Settled:
        """Have what the configuration names anew read, and what neither it nor the live release names forgotten. New
        files of `fetch` are fetched from their source first."""
        settled = await self.readings.settle(user, agent_id, fetch=fetch)
        if settled.gone:
            async with self.indexes.of(user, agent_id) as index:
                for file_id in settled.gone:
                    await index.remove(file_id)
        if settled.queued:
            self.work.wake()
        return settled

    async def search(
        self,
        user: str,
        agent_id: str,
        query: str,
        *,
        limit: int = 8,
        files: Collection[str] | None = None,
        tags: Collection[str] | None = None,
    ) -> Found:
        """What a question finds in the files that were read; with `files`, in those of them, and with `tags`, in those
        that have one of them, as the configuration says where neither is named. Raises `NotFound`."""
        known = await self.all(user, agent_id)
        if files is None and tags is None:
            tags = (await self.agents.get(user, agent_id)).config.retrieval.tags or None
        if files is not None and (foreign := set(files) - {file.id for file in known}):
            raise _no_file(min(foreign))
        return await self._search(user, agent_id, query, limit, _among(known, files, tags))

    async def carried(self, user: str, agent_id: str) -> Mapping[str, Sequence[Carried]]:
        """All that the agent's index has, by file, for taking it along."""
        await self.settle(user, agent_id)
        async with self.indexes.of(user, agent_id) as index:
            return await index.carried()

    async def released(self, user: str, agent_id: str) -> tuple[KnownFile, ...]:
        """The files of the release that is live, whatever the configuration names by now."""
        return (await self.settle(user, agent_id)).released

    async def search_released(
        self,
        user: str,
        agent_id: str,
        query: str,
        *,
        limit: int = 8,
        files: Collection[str] | None = None,
        tags: Collection[str] | None = None,
    ) -> Found:
        """What a question finds in the files of the release that is live; with `files` and `tags` as in `search`."""
        known = await self.released(user, agent_id)
        return await self._search(user, agent_id, query, limit, _among(known, files, tags or None))

    async def _search(self, user: str, agent_id: str, query: str, limit: int, wanted: Collection[str]) -> Found:
        if not wanted or not query.strip():
            return NOTHING_FOUND
        async with self.indexes.of(user, agent_id) as index:
            return await index.search(query, limit, wanted)

    async def passages(
        self, user: str, agent_id: str, file_id: str, start: int = 0, limit: int = 50
    ) -> tuple[Passage, ...]:
        """What was made of a file, from passage number `start` on; nothing while it is not read."""
        return await self._passages(user, agent_id, await self.file(user, agent_id, file_id), start, limit)

    async def released_passages(
        self, user: str, agent_id: str, file_id: str, start: int = 0, limit: int = 50
    ) -> tuple[Passage, ...]:
        """As `passages`, of a file of the release that is live."""
        file = _one_of(await self.released(user, agent_id), file_id)
        return await self._passages(user, agent_id, file, start, limit)

    async def _passages(self, user: str, agent_id: str, file: KnownFile, start: int, limit: int) -> tuple[Passage, ...]:
        if not file.is_found:
            return ()
        async with self.indexes.of(user, agent_id) as index:
            return await index.passages(file.id, start, limit)

    async def file(self, user: str, agent_id: str, file_id: str) -> KnownFile:
        return _one_of(await self.all(user, agent_id), file_id)

    async def kept(self, user: str, agent_id: str, file_id: str) -> StoredFile:
        """A file as it is kept, whether it was read or not: of those that the agent knows by now, and no other."""
        if file_id not in (await self.agents.get(user, agent_id)).config.knowledge:
            raise _no_file(file_id)
        return await self.files.get(user, file_id)

    async def erase(self, agent_id: str) -> None:
        """The index of an agent that is erased."""
        await self.indexes.forget(agent_id)

    async def forget_reading(self, owner: str, digest: str) -> None:
        """What was read of a content: should somebody bring it again, it is read anew."""
        await self.cache.forget(owner, digest)

    async def retry(self, user: str, agent_id: str, file_id: str) -> KnownFile:
        """Read a file again that could not be read, or that was cancelled."""
        await self.readings.retry(user, agent_id, file_id)
        self.work.wake()
        return await self.file(user, agent_id, file_id)

    async def cancel(self, user: str, agent_id: str, file_id: str) -> KnownFile:
        """Leave a file unread that waits or is being read."""
        await self.readings.cancel(user, agent_id, file_id)
        return await self.file(user, agent_id, file_id)

    async def statistics(self, user: str, agent_id: str) -> Known:
        """How much of it can be found, and by what."""
        known = [file.id for file in await self.all(user, agent_id)]
        async with self.indexes.of(user, agent_id) as index:
            return Known(await index.statistics(known), await self.finding(user, agent_id))

    async def look_by_model(self, user: str, agent_id: str) -> Outlook:
        """Have the agent's model look for what is wrong, in the background. Raises as `ChecksByModel.begin`."""
        await self.by_model.begin(user, agent_id)
        self.going.wake()
        return await self.by_model.outlook(user, agent_id)

    async def finding(self, user: str, agent_id: str) -> Finding:
        """Which models are at work for the agent."""
        return await self.models.of(user, (await self.agents.get(user, agent_id)).config.retrieval)


def _among(
    known: Collection[KnownFile], files: Collection[str] | None, tags: Collection[str] | None
) -> Collection[str]:
    """The files that can be found: of `files`, and with one of `tags`, where these are named."""
    return [
        file.id
        for file in known
        if file.is_found and (files is None or file.id in files) and (tags is None or {*tags} & {*file.tags})
    ]


def _one_of(files: Iterable[KnownFile], file_id: str) -> KnownFile:
    """Raises `NotFound`."""
    for file in files:
        if file.id == file_id:
            return file
    raise _no_file(file_id)


def _no_file(file_id: str) -> NotFound:
    return NotFound(f"The agent has no file {file_id[:40]!r}.")
