"""The room of knowledge, put together and taken apart."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path

from agentfabric.service.agents import Agents
from agentfabric.service.attached_help import AttachedHelp
from agentfabric.service.knowledge import Knowledge
from agentfabric.service.knowledge_by_model import ChecksByModel
from agentfabric.service.knowledge_cache import ReadingCache
from agentfabric.service.knowledge_checks import KnowledgeChecks
from agentfabric.service.knowledge_going_through import GoingThrough
from agentfabric.service.knowledge_indexes import AgentIndex, AgentIndexes
from agentfabric.service.knowledge_judgements import Judgements
from agentfabric.service.knowledge_models import Finding, FindingModels
from agentfabric.service.knowledge_places import IndexPlace, open_place
from agentfabric.service.knowledge_seeing import Seers
from agentfabric.service.knowledge_sources import Sources
from agentfabric.service.knowledge_work import WORKERS, KnowledgeWork
from agentfabric.service.models import Models
from agentfabric.store.checks import CheckStore
from agentfabric.store.database import Database
from agentfabric.store.files import FileStore
from agentfabric.store.model_checks import ModelCheckQueue
from agentfabric.store.notes import NoteStore
from agentfabric.store.reading_queue import ReadingQueue
from agentfabric.store.readings import ReadingStore
from agentfabric.store.releases import ReleaseStore
from user_agent.knowledge.reading import ReadingRoom
from user_agent.serve.attached import AttachedFiles


@asynccontextmanager
async def _conversations(place: IndexPlace) -> AsyncGenerator[AgentIndexes]:
    """An index for each conversation, which finds by words alone where no search says otherwise."""

    async def opened(conversation_id: str) -> AgentIndex:
        return place.index("conversations", conversation_id)

    async def finding_of(user: str, conversation_id: str) -> None:
        return None

    indexes = AgentIndexes(opened, finding_of, partial(place.forget, "conversations"))
    try:
        yield indexes
    finally:
        await indexes.close()


@asynccontextmanager
async def open_knowledge(
    folder: Path,
    database: Database,
    files: FileStore,
    agents: Agents,
    models: FindingModels,
    talkers: Models,
    seers: Seers,
    sources: Sources,
    process: str,
) -> AsyncGenerator[Knowledge]:
    """What agents know, with the work for it, until the block ends. `folder` holds what was read, and the indexes
    that are not in the database. `models` help to find, `talkers` are the ones that agents speak by."""
    readings = ReadingStore(database)

    async def finding_of(user: str, agent_id: str) -> Finding:
        return await models.of(user, (await agents.get(user, agent_id)).config.retrieval)

    async def opened(agent_id: str) -> AgentIndex:
        """The agent's index, holding what it should: it may have been begun anew, or left in the middle of a change."""
        index = place.index("agents", agent_id)
        compared = await readings.compare(agent_id, await index.files())
        for file_id in compared.left:
            await index.remove(file_id)
        if compared.queued:
            work.wake()
        return index

    async with AsyncExitStack() as stack:
        place = await stack.enter_async_context(open_place(folder, database))
        indexes = AgentIndexes(opened, finding_of, partial(place.forget, "agents"))
        stack.push_async_callback(indexes.close)
        room = await stack.enter_async_context(ReadingRoom())
        judgements = Judgements(NoteStore(database))
        checks = KnowledgeChecks(readings, indexes, CheckStore(database), judgements)
        model_checks = ModelCheckQueue(database, process)
        by_model = ChecksByModel(agents, talkers, checks, judgements, model_checks)
        cache = ReadingCache(folder / "readings")
        await cache.forget_old()
        talks = await stack.enter_async_context(_conversations(place))
        attached, helping = AttachedFiles(files, cache, room, talks), AttachedHelp(seers, models, talks)
        queues = [ReadingQueue(database, f"{process} {number}") for number in range(WORKERS)]
        if not database.is_postgresql:  # the home, and the database in it, are this process's alone
            await queues[0].take_over()
            await model_checks.take_over()
        work = KnowledgeWork(queues, files, cache, indexes, room, sources, seers, checks.check)
        await stack.enter_async_context(work)
        going = await stack.enter_async_context(GoingThrough(by_model))
        published = ReleaseStore(database)
        yield Knowledge(
            agents,
            readings,
            files,
            indexes,
            work,
            sources,
            checks,
            by_model,
            going,
            models,
            published,
            attached,
            cache,
            helping,
        )
