"""An agent's tools of a fake MCP server, called as the loop calls them."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from tests.fakes.mcp_server import FakeMcp
from user_agent.addresses import AddressPolicy
from user_agent.events import ToolFinished
from user_agent.mcp.connection import Connection
from user_agent.mcp.connections import Connections
from user_agent.mcp.endpoint import Endpoint
from user_agent.mcp.patience import Patience
from user_agent.mcp.stored import McpServer, McpTool
from user_agent.mcp.tools import tools_of_servers
from user_agent.messages import FilePart, ToolCallPart
from user_agent.net import Http
from user_agent.questions import Question, Reply
from user_agent.tools.base import Tool, ToolContext
from user_agent.tools.calling import call_tool

OWN_NETWORK = AddressPolicy(own_network=True)
SHORT = Patience(connect_s=1.5, retry_after_s=60, call_s=1, listing_s=60)
"""For servers that do not answer: what would be waited for is a part of the test."""
LOOK = McpTool(
    name="look",
    title="Look it up",
    description="What is on the shelf.",
    arguments={"type": "object", "properties": {"shelf": {"type": "string"}}, "required": ["shelf"]},
    read_only=True,
)
"""The fake's first tool as it is kept."""


@dataclass
class Kept:
    """Files that tools made."""

    files: list[bytes] = field(default_factory=list[bytes])

    async def __call__(self, data: bytes, *, name: str, media_type: str) -> FilePart:
        self.files.append(data)
        return FilePart(file=str(len(self.files)), name=name, media_type=media_type, size_bytes=len(data))


@dataclass
class Shelf:
    """A connection to a server, and the tools that were allowed of it."""

    connection: Connection
    http: Http
    kept: Kept = field(default_factory=Kept)
    reported: list[tuple[float | None, str]] = field(default_factory=list[tuple[float | None, str]])
    asked: list[Question] = field(default_factory=list[Question])
    answer: Callable[[Question], Awaitable[Reply]] | None = None
    """What a person does with what the server asks."""
    pinned: Sequence[McpTool] = (LOOK,)
    server: FakeMcp | None = None

    @property
    def tools(self) -> dict[str, Tool]:
        servers = {"shelf": McpServer(url=self.connection.endpoint.url, tools=tuple(self.pinned))}
        return {tool.name: tool for tool in tools_of_servers(servers, {"shelf": self.connection}, ())}

    def report(self, share: float | None, text: str = "") -> None:
        self.reported.append((share, text))

    async def call(self, name: str = "shelf__look", **arguments: Any) -> ToolFinished:
        context = ToolContext(http=self.http, language="en", keep=self.kept, report=self.report)
        if self.answer:
            context = replace(context, ask=self.answer)
        call = ToolCallPart(
            id="1",
            name=name,
            arguments={key: value for key, value in (arguments or {"shelf": "top"}).items() if key != "_"},
        )
        return await call_tool(call, self.tools, context, timeout_s=30)


@asynccontextmanager
async def connected(
    server: FakeMcp, patience: Patience | None = None, headers: Mapping[str, str] | None = None
) -> AsyncGenerator[Shelf]:
    async with Http(policy=OWN_NETWORK) as http, Connections(http, patience) as connections:
        endpoint = Endpoint("http", server.url, tuple((headers or {}).items()))
        yield Shelf(await connections.of("ann", endpoint), http)
