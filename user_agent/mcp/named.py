"""MCP servers that a program names in a configuration of its own, opened for it: nobody is there to look and choose."""

import asyncio
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

import structlog
from pydantic import SecretStr

from user_agent.config import AgentConfig
from user_agent.errors import ConfigError
from user_agent.mcp.connection import Connection
from user_agent.mcp.connections import Connections
from user_agent.mcp.endpoint import Endpoint, endpoint_of
from user_agent.mcp.failures import ServerUnavailable
from user_agent.mcp.pasted import FIELD, read_pasted, without_secrets
from user_agent.mcp.programs import Program, program_of
from user_agent.mcp.stored import MAX_CHOSEN, McpServer

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

_OWNER = "caller"
_NOT_IN_VARIABLES = re.compile(r"[^A-Z0-9]+")


@dataclass(frozen=True, slots=True)
class Opened:
    """The configuration with the servers' tools, and the connections by the servers' names."""

    config: AgentConfig
    connections: Mapping[str, Connection]


async def open_servers(
    config: AgentConfig, connections: Connections, environ: Mapping[str, str], programs: Mapping[str, Program]
) -> Opened:
    """Connections to the servers that the configuration names.

    What their headers want stands there, or in `environ`. One with `tools`, as the studio keeps them, has those; one
    without has all that it offers, and is left out where it does not answer. Raises `ConfigError`.
    """
    entries = config.document.get(FIELD)
    if not isinstance(entries, dict) or not entries:
        return Opened(config, {})
    read_pasted(json.dumps({FIELD: entries}))  # raises where one makes no sense
    plain = without_secrets(config.document)
    held = {pasted.name: pasted.held for pasted in plain.servers}
    config = AgentConfig.from_document(plain.document)
    endpoints = {
        name: _endpoint(name, server, held.get(name, {}), environ, programs)
        for name, server in config.mcp_servers.items()
    }
    opened = {name: await connections.of(_OWNER, endpoint) for name, endpoint in endpoints.items()}
    for connection in opened.values():
        connection.begin()
    whole = {name: opened[name] for name, entry in entries.items() if name in opened and not _has_tools(entry)}
    looked = await asyncio.gather(*(_with_all(name, config.mcp_servers[name], each) for name, each in whole.items()))
    servers = {**config.mcp_servers, **{name: server for name, server in zip(whole, looked, strict=True) if server}}
    return Opened(config.model_copy(update={"mcp_servers": servers}), opened)


def variable_of(server: str, wanted: str) -> str:
    """The name in `environ` of what a server's header, or a part of its address, holds."""
    return "_".join(("MCP", *(_NOT_IN_VARIABLES.sub("_", word.upper()).strip("_") for word in (server, wanted))))


def _has_tools(entry: object) -> bool:
    return isinstance(entry, dict) and "tools" in entry


async def _with_all(name: str, server: McpServer, connection: Connection) -> McpServer | None:
    try:
        listing = await connection.offered()
    except ServerUnavailable as error:
        log.warning("mcp_server_left_out", server=name, reason=error.words.en)
        return None
    return server.model_copy(update={"tools": listing.tools[:MAX_CHOSEN]})


def _endpoint(
    name: str,
    server: McpServer,
    held: Mapping[str, SecretStr],
    environ: Mapping[str, str],
    programs: Mapping[str, Program],
) -> Endpoint:
    if server.kind == "stdio":
        program = program_of(server, programs)
        if program is None:
            raise _unusable(
                name,
                f"it would start {server.command!r}, which is not allowed here. Name the command with its arguments in "
                "`mcp_commands`, and write nothing but that name here",
            )
        return Endpoint("stdio", program=program)
    known = {wanted: environ.get(variable_of(name, wanted), "").strip() for wanted in server.wants}
    known |= {wanted: value.get_secret_value() for wanted, value in held.items()}
    endpoint = endpoint_of(server, known)
    if endpoint is None:
        missing = next(wanted for wanted in server.wants if not known.get(wanted))
        raise _unusable(name, f"it wants {missing.removeprefix('?')}: set {variable_of(name, missing)} in `environ`")
    return endpoint


def _unusable(name: str, reason: str) -> ConfigError:
    return ConfigError(f"{FIELD}: {name!r} cannot be used: {reason}.", field=FIELD, reason=reason)
