"""Everything behind the doors, put together once and closed by whoever opened it."""

import asyncio
import secrets
from collections.abc import AsyncGenerator, Callable, Sequence, Set
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

import structlog
from pydantic import SecretStr

from agentfabric.publish.manifest import Signer
from agentfabric.publish.targets.all import targets_of
from agentfabric.service.agent_keys import AgentKeys
from agentfabric.service.agents import Agents
from agentfabric.service.answers import Answers
from agentfabric.service.apis import Apis
from agentfabric.service.beginning import Beginning
from agentfabric.service.bin import Bin
from agentfabric.service.bundles import Bundles
from agentfabric.service.chat import BUILDER_MODEL, Chat
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
from agentfabric.service.knowledge import Knowledge
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
from agentfabric.service.publications import Publications
from agentfabric.service.published import Publishing
from agentfabric.service.reach import Reach
from agentfabric.service.readiness import Readiness
from agentfabric.service.releases import Releases
from agentfabric.service.running import Running
from agentfabric.service.sandbox import workshop_of
from agentfabric.service.saved_chats import SavedChats
from agentfabric.service.server_secrets import ServerSecrets
from agentfabric.service.storage import Storage
from agentfabric.service.surroundings import Lender
from agentfabric.service.template import load_template
from agentfabric.service.tidying import every_day
from agentfabric.service.trials import Trials
from agentfabric.service.turn_finding import TurnFinders
from agentfabric.settings import LOCAL_USER, Settings
from agentfabric.store.agent_key_usage import AgentKeyUsage
from agentfabric.store.agent_keys import AgentKeyStore
from agentfabric.store.agents import AgentStore, StoredAgent
from agentfabric.store.bin import BinStore
from agentfabric.store.blobs import Blobs
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
from agentfabric.store.secrets import SecretStore
from agentfabric.store.shares import ShareStore
from agentfabric.store.shelf import Shelf
from agentfabric.store.summaries import SummaryStore
from agentfabric.store.values import ValueStore
from agentfabric.store.versions import VersionStore
from builder_core.builder import load_guide as load_builders_guide
from user_agent.addresses import AddressPolicy
from user_agent.agent import Limits
from user_agent.config_files import Problem
from user_agent.errors import NoModel, NotFound
from user_agent.mcp.connections import Connections
from user_agent.models.catalog import Catalog, load_catalog
from user_agent.net import Http
from user_agent.pages.chromium import Chromium, browser_problem
from user_agent.runtime import ModelClients
from user_agent.sandbox.workshop import Workshop
from user_agent.serve.record import interruption
from user_agent.serve.running import load_guide
from user_agent.serve.turns import INTERRUPTED, Turns
from user_agent.tools.catalog import ToolCatalog, load_tools
from user_agent.tools.mixing import mixture_of
from user_agent.words import Words

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


WARM_UP_AFTER_S = 1.0


@dataclass(frozen=True, slots=True)
class Studio:
    """The use cases, by what they are about."""

    agents: Agents
    imports: Imports
    bin: Bin
    gallery: Gallery
    knowledge: Knowledge
    originals: Originals
    history: History
    releases: Releases
    agent_keys: AgentKeys
    comparing: Comparing
    readiness: Readiness
    bundles: Bundles
    publications: Publications
    chat: Chat
    answers: Answers
    conversations: Conversations
    exports: Exports
    links: Links
    saved_chats: SavedChats
    models: Models
    endpoints: Endpoints
    apis: Apis
    mcp: McpServers
    mcp_prompts: McpPrompts
    trials: Trials
    keyring: Keyring
    lender: Lender
    storage: Storage
    facts: Facts
    secrets: SecretStore
    preferences: Preferences
    guesses: Guesses
    tools: ToolCatalog
    problems: tuple[Problem, ...]
    """What is wrong with the files that people edit."""
    local: bool
    """Whether this is one person's own server, without sign-in."""

    async def delete_agent(self, user: str, agent_id: str) -> None:
        """Put an agent away, and end what it is answering. `Agents.undelete` brings it back."""
        await self.agents.delete(user, agent_id)
        await self.chat.stop_all(user, agent_id)

    async def duplicate_agent(self, user: str, agent_id: str) -> StoredAgent:
        """A copy that knows what the original knows, from files of its own."""
        copy = await self.agents.duplicate(user, agent_id)
        await self.knowledge.settle(user, copy.id)
        return copy

    async def warnings(self, user: str, agent_id: str) -> list[Words]:
        """What the agent's person should know of what has come together in it. Raises `NotFound`."""
        mixture = mixture_of((await self.agents.get(user, agent_id)).config, self.tools.tools)
        return [mixture.warning] if mixture else []

    async def builder_model(self, user: str) -> str:
        """The key of the model that the builder uses; empty for the agent's own."""
        return await self.preferences.get(user, BUILDER_MODEL) or ""

    async def set_builder_model(self, user: str, key: str) -> None:
        """Raises `NoModel` for a key that the user's list does not have."""
        if key and key not in await self.models.entries(user):
            raise NoModel(f"There is no model {key!r} in the model list.", model=key)
        await self.preferences.set(user, BUILDER_MODEL, key)

    async def remove_endpoint(self, user: str, endpoint_id: str) -> None:
        """Forget an endpoint, its key and its models. Agents that name one of these say so until they get another."""
        await self._without(user, await self.endpoints.remove(user, endpoint_id))

    async def remove_model(self, user: str, model_id: str) -> None:
        """Take a model of an own endpoint off the list, as `remove_endpoint` does with all of them."""
        await self._without(user, (await self.endpoints.remove_model(user, model_id),))

    async def _without(self, user: str, gone: Sequence[str]) -> None:
        # The builder goes back to the agent's model: nothing on the page would say why it does not answer.
        if await self.builder_model(user) in gone:
            await self.preferences.set(user, BUILDER_MODEL, "")

    async def set_secret(self, user: str, name: str, value: SecretStr) -> None:
        """Keep a key for a user, to be sent where models and tools ask for it now.

        Raises `NotFound` for a name that no model and no tool asks for.
        """
        if name not in self.keyring.names:
            raise NotFound(f"Nothing here asks for a key named {name!r}.")
        await self.secrets.set(user, name, value, origins=self.keyring.origins_of(name))


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
        unusable = _browser_problem(settings)
        usable = settings.browser if not unusable else None
        renderer = await stack.enter_async_context(Chromium(usable)) if usable else None
        workshop = await stack.enter_async_context(workshop_of(settings))
        lender = Lender(settings.base_urls, tools.options, files, http, workshop, renderer)
        apis = Apis(agents, secret_store, keyring, lender, tools.known)
        template = await asyncio.to_thread(load_template, settings.builder_config_file, tools)
        needed = (load_adapter,) if await models.default(LOCAL_USER) else (load_guide, load_builders_guide)
        stack.push_async_callback(_ended, asyncio.create_task(_warm_up(needed, workshop)))
        problems = (*catalog.problems, *tools.problems, *template.problems, *unusable)
        problems = (*problems, *_builder_problem(settings, catalog))
        for problem in problems:
            log.warning("config_problem", file=problem.file, line=problem.line, problem=problem.message.en)
        process = secrets.token_hex(8)
        await conversations.interrupt_running(process, note=[interruption()], outcome=INTERRUPTED.model_dump_json())
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
        tidying = (listed.erase_old, listed.erase_silent, put_away.erase_old)
        for work in tidying:
            await work()
        stack.push_async_callback(_ended, asyncio.create_task(every_day(*tidying)))
        gallery = Gallery(FOLDER, tools)
        signer = Signer(await asyncio.to_thread(bundle_key, settings))
        published, shares = Releases(releases, files, knowledge), ShareStore(database)
        watch = LinkWatch(shares, turns)
        stack.push_async_callback(watch.close)
        publishing = Publishing(
            published, running, beginning, listed, facts, answers, models, shares, AgentKeyUsage(database), watch
        )
        guesses = Guesses(database)
        bundles = Bundles(use_cases, published, knowledge, models, tools, signer)
        yield Studio(
            agents=use_cases,
            gallery=gallery,
            imports=Imports(use_cases, knowledge, Fitting(models, tools, files, template.document), http),
            bin=put_away,
            knowledge=knowledge,
            originals=Originals(files),
            history=History(past, versions, files),
            releases=published,
            agent_keys=AgentKeys(AgentKeyStore(database), guesses, publishing, http),
            comparing=Comparing(agents, versions, releases, files),
            readiness=Readiness(agents, models, keyring, lender, knowledge, servers[0], tools.known),
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
            links=Links(shares, publishing, use_cases, published, models),
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


async def _warm_up(needed: Sequence[Callable[[], object]], workshop: Workshop) -> None:
    """Import what the first answer needs, so that nobody waits for it; after the start, which it would slow down."""
    await asyncio.sleep(WARM_UP_AFTER_S)
    for load in needed:
        await asyncio.to_thread(load)
    await workshop.problem()  # found out once, by trying


async def _ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait([task])


def _browser_problem(settings: Settings) -> tuple[Problem, ...]:
    """Why pages are not drawn though a browser was set, if they are not."""
    problem = browser_problem(settings.browser) if settings.browser else None
    return (Problem("AGENTFABRIC_BROWSER", 0, problem),) if problem else ()


def _builder_problem(settings: Settings, catalog: Catalog) -> tuple[Problem, ...]:
    """What is wrong with the builder's model in the settings, if something is."""
    model = settings.builder_model
    if not model or model in catalog.entries:
        return ()
    message = Words(
        zh=f"模型列表里没有“{model}”，所以搭建时用智能体自己的模型。请改正这个变量。",
        en=f"There is no model {model!r} in the model list, so the builder uses the agent's own. Correct the variable.",
    )
    return (Problem("AGENTFABRIC_BUILDER_MODEL", 0, message),)
