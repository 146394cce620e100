"""What agents can do besides speaking: code, pages, APIs, MCP servers, and what they keep."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from agentfabric.service.apis import Apis
from agentfabric.service.facts import Facts
from agentfabric.service.mcp import McpServers
from agentfabric.service.mcp_sign_ins import SignIns
from agentfabric.service.rooms.ground import Ground
from agentfabric.service.rooms.minds import Minds
from agentfabric.service.sandbox import workshop_of
from agentfabric.service.server_secrets import ServerSecrets
from agentfabric.service.setting_problems import browser_problems
from agentfabric.service.storage import Storage
from agentfabric.service.surroundings import Lender
from agentfabric.store.facts import FactStore
from agentfabric.store.values import ValueStore
from user_agent.config_files import Problem
from user_agent.pages.chromium import Chromium
from user_agent.sandbox.workshop import Workshop


@dataclass(frozen=True, slots=True)
class Abilities:
    workshop: Workshop
    lender: Lender
    apis: Apis
    server_secrets: ServerSecrets
    sign_ins: SignIns
    mcp: McpServers
    storage: Storage
    facts: Facts
    problems: tuple[Problem, ...]
    """Why something that the settings ask for cannot be done here."""


@asynccontextmanager
async def open_abilities(ground: Ground, minds: Minds) -> AsyncGenerator[Abilities]:
    settings, tools = ground.settings, ground.tools
    problems = browser_problems(settings)
    browser = settings.browser if not problems else None
    server_secrets, sign_ins = ServerSecrets(ground.secrets), SignIns(ground.secrets, ground.http)
    async with AsyncExitStack() as stack:
        renderer = await stack.enter_async_context(Chromium(browser)) if browser else None
        workshop = await stack.enter_async_context(workshop_of(settings))
        lender = Lender(settings.base_urls, tools.options, ground.files, ground.http, workshop, renderer)
        yield Abilities(
            workshop=workshop,
            lender=lender,
            apis=Apis(ground.agents, ground.secrets, minds.keyring, lender, tools.known),
            server_secrets=server_secrets,
            sign_ins=sign_ins,
            mcp=McpServers(ground.agents, server_secrets, sign_ins, ground.connections, settings.mcp_commands),
            storage=Storage(ValueStore(ground.database)),
            facts=Facts(FactStore(ground.database)),
            problems=problems,
        )
