"""What all the other rooms stand on: the database, what is kept in it and beside it, and the way out into the web."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from agentfabric.service.abandoned import process_name
from agentfabric.settings import Settings
from agentfabric.store.agents import AgentStore
from agentfabric.store.blobs import Blobs
from agentfabric.store.database import Database
from agentfabric.store.files import FileStore
from agentfabric.store.keys import Cipher
from agentfabric.store.preferences import Preferences
from agentfabric.store.secrets import SecretStore
from user_agent.mcp.connections import Connections
from user_agent.net import Http
from user_agent.tools.catalog import ToolCatalog, load_tools


@dataclass(frozen=True, slots=True)
class Ground:
    settings: Settings
    process: str
    """What this process is called among those that share the database."""
    database: Database
    blobs: Blobs
    files: FileStore
    secrets: SecretStore
    preferences: Preferences
    agents: AgentStore
    tools: ToolCatalog
    http: Http
    connections: Connections


@asynccontextmanager
async def open_ground(settings: Settings) -> AsyncGenerator[Ground]:
    async with AsyncExitStack() as stack:
        database = Database(settings.database_url)
        stack.push_async_callback(database.close)
        await database.open()
        tools = await asyncio.to_thread(load_tools, settings.tool_config_file, settings.tools)
        http = await stack.enter_async_context(
            Http(trusted_origins=settings.trusted_origins, vendor_origins=_vendors(settings, tools))
        )
        connections = await stack.enter_async_context(Connections(http))
        blobs = Blobs(settings.home / "blobs")
        await blobs.tidy()
        yield Ground(
            settings=settings,
            process=await asyncio.to_thread(process_name, settings.home),
            database=database,
            blobs=blobs,
            files=FileStore(database, blobs),
            secrets=SecretStore(database, Cipher(settings)),
            preferences=Preferences(database),
            agents=AgentStore(database),
            tools=tools,
            http=http,
            connections=connections,
        )


def _vendors(settings: Settings, tools: ToolCatalog) -> list[str]:
    """Addresses of tools' vendors: nobody but the operator and this code chose them."""
    vendors = [address for tool in tools.known.values() for address in tool.vendors]
    return [*settings.base_urls.values(), *vendors]
