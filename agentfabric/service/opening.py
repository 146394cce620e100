"""Everything behind the doors, put together once and closed by whoever opened it."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager

import structlog

from agentfabric.service.abandoned import Abandoned
from agentfabric.service.exports import Exports
from agentfabric.service.history import History
from agentfabric.service.import_fitting import Fitting
from agentfabric.service.imports import Imports
from agentfabric.service.knowledge import Knowledge
from agentfabric.service.mcp_prompts import McpPrompts
from agentfabric.service.models import load_adapter
from agentfabric.service.originals import Originals
from agentfabric.service.rooms.abilities import Abilities, open_abilities
from agentfabric.service.rooms.answering import Answering, answering_of
from agentfabric.service.rooms.drafts import Drafts, drafts_of
from agentfabric.service.rooms.ground import Ground, open_ground
from agentfabric.service.rooms.keeping import Keeping, open_keeping
from agentfabric.service.rooms.knowledge import open_knowledge
from agentfabric.service.rooms.minds import Minds, open_minds
from agentfabric.service.rooms.sharing import Sharing, open_sharing
from agentfabric.service.rooms.talks import Talks, open_talks
from agentfabric.service.saved_chats import SavedChats
from agentfabric.service.setting_problems import builder_problems
from agentfabric.service.studio import Studio
from agentfabric.service.tidying import meanwhile
from agentfabric.service.trials import Trials
from agentfabric.service.warming import warm_up
from agentfabric.settings import LOCAL_USER, Settings
from agentfabric.store.reservations import Reservations
from agentfabric.store.running_turns import RunningTurns
from builder_core.builder import load_guide as load_builders_guide
from user_agent.config_files import Problem
from user_agent.serve.running import load_guide

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


@asynccontextmanager
async def open_studio(settings: Settings) -> AsyncGenerator[Studio, None]:
    """The studio over its database, files and connections; turns still running are interrupted when it closes."""
    async with AsyncExitStack() as stack:
        enter = stack.enter_async_context
        ground = await enter(open_ground(settings))
        minds = await enter(open_minds(ground))
        drafts = await drafts_of(ground, minds)
        abilities = await enter(open_abilities(ground, minds))
        await enter(_warmed_up(minds, abilities))
        problems = _problems(ground, minds, drafts, abilities)
        await enter(_without_abandoned(ground))
        knowledge = await enter(open_knowledge(ground, minds, drafts, abilities))
        # After all that turns are lent, so that they end before it goes: an answer would take that for its own fault.
        talks = await enter(open_talks(ground))
        answering = answering_of(ground, minds, drafts, talks, abilities, knowledge)
        keeping = await enter(open_keeping(ground, talks, abilities, knowledge))
        sharing = await enter(open_sharing(ground, minds, drafts, talks, abilities, knowledge, answering, keeping))
        yield _studio(ground, minds, drafts, talks, abilities, knowledge, answering, keeping, sharing, problems)


@asynccontextmanager
async def _warmed_up(minds: Minds, abilities: Abilities) -> AsyncGenerator[None]:
    needed = (load_adapter,) if await minds.models.default(LOCAL_USER) else (load_guide, load_builders_guide)
    async with meanwhile(warm_up(needed, abilities.workshop)):
        yield


@asynccontextmanager
async def _without_abandoned(ground: Ground) -> AsyncGenerator[None]:
    """The turns of servers that died are ended, and what was reserved for their answers is counted: once, or again and
    again where other servers share the database."""
    database = ground.database
    abandoned = Abandoned(RunningTurns(database), Reservations(database), ground.process)
    if not database.is_postgresql:
        await abandoned.end_all()
        yield
        return
    await abandoned.end_dead()
    async with meanwhile(abandoned.watch()):
        yield


def _problems(ground: Ground, minds: Minds, drafts: Drafts, abilities: Abilities) -> tuple[Problem, ...]:
    """What is wrong with the files and settings that people edit; it is in the log, too."""
    problems = (
        *minds.catalog.problems,
        *ground.tools.problems,
        *drafts.template.problems,
        *abilities.problems,
        *builder_problems(ground.settings, minds.catalog),
    )
    for problem in problems:
        log.warning("config_problem", file=problem.file, line=problem.line, problem=problem.message.en)
    return problems


def _studio(
    ground: Ground,
    minds: Minds,
    drafts: Drafts,
    talks: Talks,
    abilities: Abilities,
    knowledge: Knowledge,
    answering: Answering,
    keeping: Keeping,
    sharing: Sharing,
    problems: tuple[Problem, ...],
) -> Studio:
    agents, models = drafts.agents, minds.models
    fitting = Fitting(models, ground.tools, ground.files, drafts.template.document)
    return Studio(
        agents=agents,
        gallery=drafts.gallery,
        imports=Imports(agents, knowledge, fitting, ground.http),
        bin=keeping.bin,
        knowledge=knowledge,
        originals=Originals(ground.files),
        history=History(drafts.past, drafts.versions, ground.files),
        releases=sharing.releases,
        agent_keys=sharing.agent_keys,
        comparing=sharing.comparing,
        readiness=sharing.readiness,
        bundles=sharing.bundles,
        publications=sharing.publications,
        chat=answering.chat,
        answers=talks.answers,
        conversations=keeping.conversations,
        exports=Exports(agents, keeping.conversations),
        links=sharing.links,
        saved_chats=SavedChats(agents, keeping.conversations, models, knowledge),
        models=models,
        endpoints=minds.endpoints,
        apis=abilities.apis,
        mcp=abilities.mcp,
        mcp_prompts=McpPrompts(abilities.mcp),
        trials=Trials(models, minds.endpoints, talks.turns),
        keyring=minds.keyring,
        lender=abilities.lender,
        storage=abilities.storage,
        facts=abilities.facts,
        secrets=ground.secrets,
        preferences=ground.preferences,
        guesses=sharing.guesses,
        tools=ground.tools,
        problems=problems,
        local=not ground.settings.tokens,
    )
