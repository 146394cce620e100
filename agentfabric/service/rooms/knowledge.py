"""The room of knowledge, put together and taken apart."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

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
from agentfabric.service.knowledge_vectors import VectorCache
from agentfabric.service.knowledge_work import WORKERS, KnowledgeWork
from agentfabric.service.mcp_resources import McpResources
from agentfabric.service.rooms.abilities import Abilities
from agentfabric.service.rooms.drafts import Drafts
from agentfabric.service.rooms.ground import Ground
from agentfabric.service.rooms.minds import Minds
from agentfabric.store.checks import CheckStore
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
    ground: Ground, minds: Minds, drafts: Drafts, abilities: Abilities
) -> AsyncGenerator[Knowledge]:
    """What agents know, with the work for it, until the block ends."""
    folder = ground.settings.home / "knowledge"
    database, files, process, agents = ground.database, ground.files, ground.process, drafts.agents
    seers, sources = Seers(agents, minds.models), Sources(ground.http, McpResources(abilities.mcp))
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
        vectors = VectorCache(folder / "vectors.db")
        stack.push_async_callback(vectors.close)
        await vectors.forget_old()
        models = FindingModels(minds.catalog, minds.keyring, minds.clients, vectors)
        place = await stack.enter_async_context(open_place(folder, database))
        indexes = AgentIndexes(opened, finding_of, partial(place.forget, "agents"))
        stack.push_async_callback(indexes.close)
        room = await stack.enter_async_context(ReadingRoom())
        judgements = Judgements(NoteStore(database))
        checks = KnowledgeChecks(readings, indexes, CheckStore(database), judgements)
        model_checks = ModelCheckQueue(database, process)
        by_model = ChecksByModel(agents, minds.models, checks, judgements, model_checks)
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
