"""Everything behind the doors, put together once and closed by whoever opened it."""

import asyncio
from collections.abc import AsyncGenerator, Set
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta

import structlog

from agentfabric.publish.manifest import Signer
from agentfabric.publish.targets.all import targets_of
from agentfabric.service.abandoned import Abandoned, process_name
from agentfabric.service.agent_keys import AgentKeys
from agentfabric.service.agents import Agents
from agentfabric.service.answers import Answers
from agentfabric.service.apis import Apis
from agentfabric.service.beginning import Beginning
from agentfabric.service.bin import Bin
from agentfabric.service.bundles import Bundles
from agentfabric.service.carried_models import CarriedModels
from agentfabric.service.chat import Chat
from agentfabric.service.comparing import Comparing
from agentfabric.service.conversations import Conversations
from agentfabric.service.drafts import Editor
from agentfabric.service.endpoints import Endpoints
from agentfabric.service.exports import Exports
from agentfabric.service.facts import Facts
from agentfabric.service.gallery import FOLDER, Gallery
from agentfabric.service.history import History
from agentfabric.service.import_fitting import Fitting
from agentfabric.service.imports import Imports
from agentfabric.service.keyring import Keyring
from agentfabric.service.knowledge_models import FindingModels
from agentfabric.service.knowledge_opening import open_knowledge
from agentfabric.service.knowledge_seeing import Seers
from agentfabric.service.knowledge_sources import Sources
from agentfabric.service.knowledge_vectors import VectorCache
from agentfabric.service.link_watch import LinkWatch
from agentfabric.service.links import Links
from agentfabric.service.mcp import McpServers
from agentfabric.service.mcp_prompts import McpPrompts
from agentfabric.service.mcp_resources import McpResources
from agentfabric.service.mcp_sign_ins import SignIns
from agentfabric.service.models import Models, load_adapter
from agentfabric.service.originals import Originals
from agentfabric.service.prices import Prices
from agentfabric.service.publications import Publications
from agentfabric.service.published import Publishing
from agentfabric.service.reach import Reach
from agentfabric.service.readiness import Readiness
from agentfabric.service.releases import Releases
from agentfabric.service.running import Running
from agentfabric.service.sandbox import workshop_of
from agentfabric.service.saved_chats import SavedChats
from agentfabric.service.server_secrets import ServerSecrets
from agentfabric.service.setting_problems import browser_problems, builder_problems
from agentfabric.service.storage import Storage
from agentfabric.service.studio import Studio
from agentfabric.service.surroundings import Lender
from agentfabric.service.template import load_template
from agentfabric.service.tidying import every_day
from agentfabric.service.trials import Trials
from agentfabric.service.turn_finding import TurnFinders
from agentfabric.service.warming import warm_up
from agentfabric.settings import LOCAL_USER, Settings
from agentfabric.store.agent_keys import AgentKeyStore
from agentfabric.store.agents import AgentStore
from agentfabric.store.bin import BinStore
from agentfabric.store.blobs import Blobs
from agentfabric.store.brief_notes import BriefNoteStore
from agentfabric.store.conversations import ConversationStore
from agentfabric.store.database import Database
from agentfabric.store.endpoints import EndpointStore
from agentfabric.store.facts import FactStore
from agentfabric.store.files import FileStore
from agentfabric.store.guesses import Guesses
from agentfabric.store.history import HistoryStore
from agentfabric.store.keys import Cipher, bundle_key
from agentfabric.store.preferences import Preferences
from agentfabric.store.releases import ReleaseStore
from agentfabric.store.running_turns import RunningTurns
from agentfabric.store.secrets import SecretStore
from agentfabric.store.shares import ShareStore
from agentfabric.store.shelf import Shelf
from agentfabric.store.summaries import SummaryStore
from agentfabric.store.usage import UsageStore
from agentfabric.store.values import ValueStore
from agentfabric.store.versions import VersionStore
from builder_core.builder import load_guide as load_builders_guide
from user_agent.addresses import AddressPolicy
from user_agent.agent import Limits
from user_agent.mcp.connections import Connections
from user_agent.models.catalog import load_catalog
from user_agent.net import Http
from user_agent.pages.chromium import Chromium
from user_agent.runtime import ModelClients
from user_agent.serve.running import load_guide
from user_agent.serve.turns import Turns
from user_agent.tools.catalog import ToolCatalog, load_tools

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


@asynccontextmanager
async def open_studio(settings: Settings) -> AsyncGenerator[Studio, None]:
    """The studio over its database, files and connections; turns still running are interrupted when it closes."""
    async with AsyncExitStack() as stack:
        database = Database(settings.database_url)
        stack.push_async_callback(database.close)
        await database.open()
        tools = await asyncio.to_thread(load_tools, settings.tool_config_file, settings.tools)
        vendors = _vendors(settings, tools)
        http = await stack.enter_async_context(Http(trusted_origins=settings.trusted_origins, vendor_origins=vendors))
        connections = await stack.enter_async_context(Connections(http))
        clients = await stack.enter_async_context(ModelClients())
        secret_store = SecretStore(database, Cipher(settings))
        blobs = Blobs(settings.home / "blobs")
        await blobs.tidy()
        files = FileStore(database, blobs)
        agents, conversations = AgentStore(database), ConversationStore(database)
        servers = ServerSecrets(secret_store), SignIns(secret_store, http)
        mcp = McpServers(agents, *servers, connections, settings.mcp_commands)
        past, versions, releases = HistoryStore(database), VersionStore(database), ReleaseStore(database)
        preferences = Preferences(database)
        catalog = await asyncio.to_thread(load_catalog, settings.model_config_file)
        keyring = Keyring(settings, secret_store, catalog, tools.known)
        reach = Reach(
            AddressPolicy(own_network=not settings.tokens), settings.trusted_origins, settings.local_model_ports
        )
        own_clients = await stack.enter_async_context(
            ModelClients(policy=reach.policy, trusted_origins=reach.trusted_origins)
        )
        endpoints = Endpoints(EndpointStore(database), secret_store, reach, catalogue=catalog.entries.keys())
        models = Models(catalog, keyring, endpoints, preferences, clients=clients, own_clients=own_clients)

        async def models_of(user: str) -> Set[str]:
            return (await models.entries(user)).keys()

        editor = Editor(agents, files, models_of, tools.known)
        turns = Turns()
        stack.push_async_callback(turns.close)
        storage, facts = Storage(ValueStore(database)), Facts(FactStore(database))
        unusable = browser_problems(settings)
        usable = settings.browser if not unusable else None
        renderer = await stack.enter_async_context(Chromium(usable)) if usable else None
        workshop = await stack.enter_async_context(workshop_of(settings))
        lender = Lender(settings.base_urls, tools.options, files, http, workshop, renderer)
        apis = Apis(agents, secret_store, keyring, lender, tools.known)
        template = await asyncio.to_thread(load_template, settings.builder_config_file, tools)
        needed = (load_adapter,) if await models.default(LOCAL_USER) else (load_guide, load_builders_guide)
        stack.push_async_callback(_ended, asyncio.create_task(warm_up(needed, workshop)))
        problems = (*catalog.problems, *tools.problems, *template.problems, *unusable)
        problems = (*problems, *builder_problems(settings, catalog))
        for problem in problems:
            log.warning("config_problem", file=problem.file, line=problem.line, problem=problem.message.en)
        process = await asyncio.to_thread(process_name, settings.home)
        abandoned = Abandoned(RunningTurns(database), process)
        if database.is_postgresql:  # which other servers may share
            await abandoned.end_dead()
            stack.push_async_callback(_ended, asyncio.create_task(abandoned.watch()))
        else:
            await abandoned.end_all()
        use_cases = Agents(agents, files, secret_store, models, keyring, editor, template.document)
        vectors = VectorCache(settings.home / "knowledge" / "vectors.db")
        stack.push_async_callback(vectors.close)
        await vectors.forget_old()
        finding = FindingModels(catalog, keyring, clients, vectors)
        knowledge = await stack.enter_async_context(
            open_knowledge(
                settings.home / "knowledge",
                database,
                files,
                use_cases,
                finding,
                models,
                Seers(use_cases, models),
                Sources(http, McpResources(mcp)),
                process,
            )
        )
        answers = Answers(conversations)
        beginning = Beginning(conversations, files, turns, process)
        running = Running(
            summaries=SummaryStore(database),
            facts=facts,
            models=models,
            keyring=keyring,
            tools=tools,
            editor=editor,
            lender=lender,
            storage=storage,
            mcp=mcp,
            answers=answers,
            finders=TurnFinders(knowledge),
            limits=Limits(tools=settings.tools_per_turn, tool_tokens=settings.tool_tokens_per_turn),
        )
        kept = timedelta(days=settings.visits_kept_days)
        listed = Conversations(conversations, Shelf(database), files, workshop, knowledge.attached, kept)
        put_away = Bin(BinStore(database), blobs, secret_store, servers[1], knowledge, workshop)
        notes = BriefNoteStore(database)
        usage = UsageStore(database)
        tidying = (listed.erase_old, listed.erase_silent, put_away.erase_old, notes.forget_old, usage.forget_old)
        for work in tidying:
            await work()
        stack.push_async_callback(_ended, asyncio.create_task(every_day(*tidying)))
        gallery = Gallery(FOLDER, tools)
        signer = Signer(await asyncio.to_thread(bundle_key, settings))
        published, shares = Releases(releases, files, knowledge), ShareStore(database)
        watch = LinkWatch(shares, turns)
        stack.push_async_callback(watch.close)
        keys, prices = AgentKeyStore(database), Prices(use_cases, published, models)
        publishing = Publishing(
            published, running, beginning, listed, facts, answers, models, shares, keys, usage, watch
        )
        guesses = Guesses(database)
        carried = CarriedModels(models, knowledge.models)
        bundles = Bundles(use_cases, published, knowledge, carried, tools, signer)
        yield Studio(
            agents=use_cases,
            gallery=gallery,
            imports=Imports(use_cases, knowledge, Fitting(models, tools, files, template.document), http),
            bin=put_away,
            knowledge=knowledge,
            originals=Originals(files),
            history=History(past, versions, files),
            releases=published,
            agent_keys=AgentKeys(keys, notes, guesses, publishing, prices, http),
            comparing=Comparing(agents, versions, releases, files),
            readiness=Readiness(agents, models, carried, keyring, lender, knowledge, servers[0], tools.known),
            bundles=bundles,
            publications=Publications(bundles, published, secret_store, turns, targets_of(settings, reach.policy)),
            chat=Chat(
                gallery=gallery,
                agents=agents,
                conversations=conversations,
                files=files,
                preferences=preferences,
                models=models,
                keyring=keyring,
                tools=tools,
                editor=editor,
                past=past,
                lender=lender,
                apis=apis,
                mcp=mcp,
                knowledge=knowledge,
                beginning=beginning,
                running=running,
                turns=turns,
                builder_model=settings.builder_model if settings.builder_model in catalog.entries else "",
            ),
            answers=answers,
            conversations=listed,
            exports=Exports(use_cases, listed),
            links=Links(shares, publishing, prices),
            saved_chats=SavedChats(use_cases, listed, models, knowledge),
            models=models,
            endpoints=endpoints,
            apis=apis,
            mcp=mcp,
            mcp_prompts=McpPrompts(mcp),
            trials=Trials(models, endpoints, turns),
            keyring=keyring,
            lender=lender,
            storage=storage,
            facts=facts,
            secrets=secret_store,
            preferences=preferences,
            guesses=guesses,
            tools=tools,
            problems=problems,
            local=not settings.tokens,
        )


def _vendors(settings: Settings, tools: ToolCatalog) -> list[str]:
    """Addresses of tools' vendors: nobody but the operator and this code chose them."""
    vendors = [address for tool in tools.known.values() for address in tool.vendors]
    return [*settings.base_urls.values(), *vendors]


async def _ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait([task])
