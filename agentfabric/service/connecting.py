"""The services that a builder's turn may look at and propose, for one agent of one user."""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from agentfabric.service.api_choice import Choice, Source
from agentfabric.service.apis import Apis
from agentfabric.service.mcp import McpServers
from agentfabric.service.mcp_states import Looked
from agentfabric.store.agents import AgentStore, Edited
from agentfabric.store.writing import Source as Turn
from builder_core.draft import Change
from builder_core.services import Operation, Service, Where
from user_agent.errors import ToolError
from user_agent.mcp.failures import MISSING
from user_agent.mcp.listing import Listing
from user_agent.mcp.stored import McpTool
from user_agent.openapi.description import Description
from user_agent.orders import orders_of
from user_agent.words import Language, Words

MAX_NAME_CHARS = 64
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9_-]+")
_NO_SERVER = Words(
    "这份描述里没有可用的服务器地址。请用户在“配置 → API”里添加，并在那里写上地址。",
    "The description names no server that can be asked. The person adds it under Configure, APIs, with its address.",
)
_SEVERAL = Words(
    "里面有 {count} 个 MCP 服务器。请用户把这段 JSON 粘贴到“配置 → MCP 服务器”，在那里为每个服务器选择工具。",
    "{count} MCP servers stand in it. The person pastes it under Configure, MCP servers, and chooses tools there.",
)
_KNOWN = Words(
    "智能体已经接入 {host}。要改用哪些接口，由用户在“配置”里选择。",
    "The agent uses {host} already. Which of its operations is chosen by the person, under Configure.",
)


@dataclass(frozen=True, slots=True)
class AgentServices:
    """Implements `builder_core.services.Services`. `turn` is the builder's, which proposes."""

    apis: Apis
    mcp: McpServers
    agents: AgentStore
    user: str
    agent_id: str
    language: Language
    turn: Turn

    async def look(self, where: Where) -> Service:
        return await (self._api(where) if where.kind == "openapi" else self._server(where))

    async def propose(self, service: Service, names: Sequence[str]) -> Change:
        if service.where.kind == "openapi":
            choice = Choice(names, waits=None, proposed_by=self.turn)
            source = Source(service.where.text, service.where.url)
            replaced = await self._proposed_before(service.host)
            edited = await self.apis.put(self.user, self.agent_id, source, choice, self.language, api_id=replaced)
        else:
            edited = await self._propose_server(service, names)
        return edited.change

    async def _api(self, where: Where) -> Service:
        description = await self.apis.read(Source(where.text, where.url), self.language)
        server = next(iter(description.servers), "")
        if not server:
            raise ToolError(_NO_SERVER[self.language])
        # In a thread, as below: there may be thousands, and all that is said of each is counted.
        operations = await asyncio.to_thread(_operations, description)
        return Service(where, urlsplit(server).netloc, operations, needs_key=bool(description.auths))

    async def _proposed_before(self, host: str) -> str | None:
        """The API at this host that was proposed and not allowed yet: another proposal takes its place."""
        for api_id, api in (await self.agents.get(self.user, self.agent_id)).config.openapi.items():
            if urlsplit(api.server).netloc == host:
                if not api.proposed:
                    raise ToolError(_KNOWN[self.language].format(host=host))
                return api_id
        return None

    async def _server(self, where: Where) -> Service:
        looked, listing = await self._looked(where)
        operations = await asyncio.to_thread(_operations_of_server, listing)
        host = urlsplit(looked.pasted.server.url).netloc or looked.pasted.name
        return Service(where, host, operations, needs_key=False)

    async def _looked(self, where: Where) -> tuple[Looked, Listing]:
        """What the one server at an address or in a text offers. Raises `ToolError`."""
        looked = await self.mcp.look_at(self.user, where.text or where.url)
        if len(looked) != 1:
            raise ToolError(_SEVERAL[self.language].format(count=len(looked)))
        if looked[0].listing is None:
            raise ToolError((looked[0].problem or MISSING)[self.language])
        return looked[0], looked[0].listing

    async def _propose_server(self, service: Service, names: Sequence[str]) -> Edited:
        looked, listing = await self._looked(service.where)
        known = (await self.agents.get(self.user, self.agent_id)).config.mcp_servers.get(looked.pasted.name)
        if known is not None and not known.proposed:
            raise ToolError(_KNOWN[self.language].format(host=service.host))
        tools = _by_plain_names(listing)
        chosen = {tools[name].name: tools[name].digest for name in names if name in tools}
        return await self.mcp.add(
            self.user,
            self.agent_id,
            service.where.text or service.where.url,
            {looked.pasted.name: chosen},
            proposed_by=self.turn,
        )


def _operations(description: Description) -> tuple[Operation, ...]:
    return tuple(
        Operation(
            each.name,
            f"{each.title} {each.description} {each.path}",
            each.arguments,
            each.writes,
            each.tokens,
            gives_orders=bool(orders_of(each)),
        )
        for each in description.operations
    )


def _operations_of_server(listing: Listing) -> tuple[Operation, ...]:
    return tuple(
        Operation(
            name,
            f"{tool.title} {tool.description}",
            tool.arguments,
            not tool.read_only,
            tool.tokens,
            gives_orders=bool(orders_of(tool)),
        )
        for name, tool in _by_plain_names(listing).items()
    )


def _by_plain_names(listing: Listing) -> dict[str, McpTool]:
    """A server's tools by names that hold no sentence: others wrote them, and a model reads them."""
    return {_NOT_IN_NAMES.sub("_", tool.name)[:MAX_NAME_CHARS]: tool for tool in listing.tools}
