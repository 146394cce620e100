"""The MCP servers of a bundle's agent: with keys of the environment, as programs where its operator allows these."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Self

from user_agent.config import AgentConfig
from user_agent.errors import ConfigError
from user_agent.mcp.connection import Connection
from user_agent.mcp.connections import Connections
from user_agent.mcp.endpoint import Endpoint, endpoint_of
from user_agent.mcp.programs import Program, program_of, read_programs
from user_agent.mcp.stored import McpServer
from user_agent.serve.variables import held_by_server
from user_agent.words import Words

COMMANDS = "MCP_COMMANDS"


@dataclass(frozen=True, slots=True)
class FolderServers:
    """The servers by name, and what they are asked with."""

    servers: Mapping[str, McpServer]
    environment: Mapping[str, str] = field(repr=False)
    programs: Mapping[str, Program]

    @classmethod
    def of(cls, config: AgentConfig, environment: Mapping[str, str]) -> Self:
        """Those that somebody allowed the agent. Raises `ConfigError` where the programs cannot be read."""
        servers = {name: each for name, each in config.mcp_servers.items() if each.tools and not each.proposed}
        return cls(servers, environment, _programs_in(environment))

    async def lent(self, connections: Connections) -> dict[str, Connection]:
        """The connections that all visitors share: the keys are those of whoever runs this."""
        found: dict[str, Connection] = {}
        for name, server in self.servers.items():
            if endpoint := self._endpoint_of(name, server):
                connection = await connections.of("", endpoint)
                connection.begin()
                found[name] = connection
        return found

    def not_started(self) -> Iterator[Words]:
        """Which of them are programs that nobody allowed here, a sentence each."""
        for name, server in self.servers.items():
            if server.kind == "stdio" and program_of(server, self.programs) is None:
                yield Words(
                    f"MCP 服务器“{name}”没有启动：{COMMANDS} 没有写明程序 {server.command}。",
                    f"The MCP server {name!r} is not started: {COMMANDS} does not name its program {server.command!r}.",
                )

    def _endpoint_of(self, name: str, server: McpServer) -> Endpoint | None:
        """Where it is asked; None where something that it wants is not there: a key, or leave to start its program."""
        if server.kind == "stdio":
            program = program_of(server, self.programs)
            return Endpoint("stdio", program=program) if program else None
        return endpoint_of(server, held_by_server(name, server, self.environment))


def _programs_in(environment: Mapping[str, str]) -> dict[str, Program]:
    text = environment.get(COMMANDS, "").strip()
    try:
        return read_programs(text) if text else {}
    except ValueError as error:
        example = 'Write it as {"time": ["mcp-server-time"]}.'
        message = f"`{COMMANDS}` cannot be used: {error}. {example}"
        raise ConfigError(message, field=COMMANDS, reason=str(error)) from None
