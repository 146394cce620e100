"""MCP servers of agents: named by a person, asked what they offer, chosen from, and lent to a turn."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import SecretStr

from agentfabric.service.agents import require_unlocked
from agentfabric.service.server_secrets import ServerSecrets
from agentfabric.store.agents import AgentStore, Edited
from agentfabric.store.writing import BY_HAND, Source
from builder_core.draft import Author
from user_agent.config import AgentConfig, Document
from user_agent.errors import ConfigError, NotFound
from user_agent.mcp.connections import Connection, Connections
from user_agent.mcp.endpoint import Endpoint, endpoint_of
from user_agent.mcp.failures import MISSING, NO_COMMAND, ServerUnavailable
from user_agent.mcp.listing import Listing
from user_agent.mcp.pasted import FIELD, Pasted, read_pasted
from user_agent.mcp.programs import Program, program_of
from user_agent.mcp.stored import MAX_CHOSEN, MAX_SERVERS, McpServer, McpTool
from user_agent.mcp.tools import POLICY_KEY, served
from user_agent.urls import NotAnUrl
from user_agent.words import Words

ServerStateName = Literal["unknown", "connecting", "ready", "failed", "missing"]


@dataclass(frozen=True, slots=True)
class Looked:
    """What a server answered when it was asked what it offers; `problem` where it did not."""

    pasted: Pasted
    listing: Listing | None
    problem: Words | None = None


@dataclass(frozen=True, slots=True)
class ServerState:
    """A server of an agent as its person sees it."""

    name: str
    server: McpServer
    state: ServerStateName
    missing: tuple[str, ...] = ()
    """What has to be entered: names of headers, and `?name` for parts of its address."""
    problem: Words | None = None
    listing: Listing | None = None
    """What it offers now, as far as it was asked."""


@dataclass(frozen=True, slots=True)
class _Reached:
    """A way to a server, or why there is none."""

    endpoint: Endpoint | None
    missing: tuple[str, ...] = ()
    problem: Words | None = None


Chosen = Mapping[str, str]
"""Tools by name, each with the digest of the description that the person saw."""


@dataclass(frozen=True, slots=True)
class McpServers:
    """The use cases of MCP servers. The first argument of each is the user; foreign ids are `NotFound`."""

    agents: AgentStore
    secrets: ServerSecrets
    connections: Connections
    programs: Mapping[str, Program]
    """What whoever runs this server allowed to be started, by name."""

    async def look_at(self, user: str, text: str) -> list[Looked]:
        """What the servers in a pasted text offer. Nothing is stored. Raises `ConfigError`."""
        pasted = await asyncio.to_thread(read_pasted, text)
        return list(await asyncio.gather(*(self._looked(user, each) for each in pasted)))

    async def add(
        self,
        user: str,
        agent_id: str,
        text: str,
        chosen: Mapping[str, Chosen],
        *,
        proposed_by: Source | None = None,
    ) -> Edited:
        """Give the agent the chosen tools of the servers in a pasted text, by the servers' names.

        `proposed_by` is the builder's turn that only proposes them: they are not asked until a person allows it.

        Raises `ConfigError` where a server does not answer or describes a tool otherwise than the person saw, and
        `Locked`.
        """
        await self.agents.get(user, agent_id)
        wanted = [each for each in await asyncio.to_thread(read_pasted, text) if each.name in chosen]
        if not wanted:
            raise ConfigError("Choose the tools of at least one server.", field=FIELD, reason="none is chosen")
        servers = {each.name: await self._with_tools(user, each, chosen[each.name]) for each in wanted}
        if proposed_by:
            servers = {name: server.model_copy(update={"proposed": True}) for name, server in servers.items()}
        edited = await self._write(user, agent_id, servers, proposed_by=proposed_by)
        for each in wanted:
            await self.secrets.keep(user, each)
        return edited

    async def all(self, user: str, agent_id: str) -> list[ServerState]:
        """The agent's servers as they are known to be now: none is waited for."""
        config = (await self.agents.get(user, agent_id)).config
        return [await self._state(user, name, server) for name, server in config.mcp_servers.items()]

    async def look(self, user: str, agent_id: str, server_id: str) -> ServerState:
        """The server asked anew what it offers."""
        name, server = await self._server(user, agent_id, server_id)
        connection = await self._connection(user, name, server)
        if connection is not None:
            try:
                await connection.look()
            except ServerUnavailable as error:
                return ServerState(name, server, "failed", problem=error.words, listing=connection.listing)
        return await self._state(user, name, server)

    async def choose(self, user: str, agent_id: str, server_id: str, chosen: Chosen) -> Edited:
        """Allow these tools of the server, as the person saw them described, and no others. Raises as `add`."""
        name, server = await self._server(user, agent_id, server_id)
        connection = await self._connection(user, name, server)
        if connection is None:
            raise _unusable(name, MISSING.en)
        try:
            listing = await connection.look()
        except ServerUnavailable as error:
            raise _unusable(name, error.words.en) from error
        kept = tuple(tool for tool in server.tools if chosen.get(tool.name) == tool.digest)
        tools = _tools(name, listing, chosen, kept)
        return await self._write(user, agent_id, {name: server.model_copy(update={"tools": tools, "proposed": False})})

    async def set_secrets(
        self, user: str, agent_id: str, server_id: str, values: Mapping[str, SecretStr]
    ) -> ServerState:
        """Keep what the server wants to know, for its origin alone. Raises `ConfigError`."""
        name, server = await self._server(user, agent_id, server_id)
        unknown = [each for each in values if each not in server.wants]
        if unknown or not values:
            raise _unusable(name, f"it does not ask for {unknown[0][:60]!r}" if unknown else "nothing was entered")
        values = {each: SecretStr(value.get_secret_value().strip()) for each, value in values.items()}
        for each, value in values.items():
            text = value.get_secret_value()
            if not text or not (text.isascii() and text.isprintable()):
                raise _unusable(each, "this is no text that a request can carry")
        await self.secrets.keep(user, Pasted(name, server, values))
        return await self._state(user, name, server)

    async def remove(self, user: str, agent_id: str, server_id: str) -> Edited:
        """The agent has the server no more, and its secrets are forgotten. Raises `Locked`."""
        name, server = await self._server(user, agent_id, server_id)

        def without(config: AgentConfig) -> AgentConfig:
            left = {key: value for key, value in _entries(config).items() if key != name}
            return _without_old_leaves(config.replaced({FIELD: left}))

        edited = await self.agents.edit(user, agent_id, without, author_of=lambda _: "form")
        require_unlocked(edited, FIELD)
        await self.secrets.forget(user, name, server, self.agents)
        return edited

    async def lent(self, user: str, config: AgentConfig) -> dict[str, Connection]:
        """The connections for a turn, by the servers' names. They are opened in the background: nobody waits."""
        found: dict[str, Connection] = {}
        for name, server in config.mcp_servers.items():
            if server.tools and not server.proposed and (connection := await self._connection(user, name, server)):
                connection.begin()
                found[name] = connection
        return found

    async def _looked(self, user: str, pasted: Pasted) -> Looked:
        reached = self._reached(pasted.server, {name: value.get_secret_value() for name, value in pasted.held.items()})
        if reached.endpoint is None:
            return Looked(pasted, None, reached.problem)
        connection = await self.connections.of(user, reached.endpoint)
        try:
            return Looked(pasted, await connection.look())
        except ServerUnavailable as error:
            return Looked(pasted, None, error.words)

    async def _with_tools(self, user: str, pasted: Pasted, chosen: Chosen) -> McpServer:
        looked = await self._looked(user, pasted)
        if looked.listing is None:
            raise _unusable(pasted.name, (looked.problem or MISSING).en)
        return pasted.server.model_copy(update={"tools": _tools(pasted.name, looked.listing, chosen)})

    async def _write(
        self, user: str, agent_id: str, servers: Mapping[str, McpServer], *, proposed_by: Source | None = None
    ) -> Edited:
        """Store these servers; what else stands in an entry of the same name stays."""

        def with_them(config: AgentConfig) -> AgentConfig:
            entries = _entries(config)
            for name, server in servers.items():
                old = entries.get(name)
                new = server.model_dump(mode="json", exclude_defaults=True)
                entries[name] = {**(_but_leave(old) if isinstance(old, dict) else {}), "tools": [], **new}
            if len(entries) > MAX_SERVERS:
                raise _unusable(FIELD, f"an agent takes {MAX_SERVERS} servers")
            return _without_old_leaves(config.replaced({FIELD: entries}))

        author: Author = "builder" if proposed_by else "form"
        edited = await self.agents.edit(
            user, agent_id, with_them, author_of=lambda _: author, source=proposed_by or BY_HAND
        )
        require_unlocked(edited, FIELD)
        return edited

    async def _server(self, user: str, agent_id: str, server_id: str) -> tuple[str, McpServer]:
        config = (await self.agents.get(user, agent_id)).config
        for name, server in config.mcp_servers.items():
            if server.known_as(name) == server_id:
                return name, server
        raise NotFound(f"The agent has no MCP server {server_id[:60]!r}.")

    async def _state(self, user: str, name: str, server: McpServer) -> ServerState:
        reached = self._reached(server, await self.secrets.held(user, name, server))
        if reached.endpoint is None:
            return ServerState(
                name, server, "missing" if reached.missing else "failed", reached.missing, reached.problem
            )
        connection = await self.connections.of(user, reached.endpoint)
        return ServerState(name, server, connection.state, problem=connection.failure, listing=connection.listing)

    async def _connection(self, user: str, name: str, server: McpServer) -> Connection | None:
        reached = self._reached(server, await self.secrets.held(user, name, server))
        return await self.connections.of(user, reached.endpoint) if reached.endpoint else None

    def _reached(self, server: McpServer, held: Mapping[str, str]) -> _Reached:
        if server.kind == "stdio":
            program = program_of(server, self.programs)
            endpoint = Endpoint("stdio", program=program) if program else None
            return _Reached(endpoint, problem=None if endpoint else NO_COMMAND)
        missing = tuple(name for name in server.wants if not held.get(name))
        if missing:
            return _Reached(None, missing, MISSING)
        try:
            return _Reached(endpoint_of(server, held))
        except NotAnUrl as error:
            return _Reached(None, problem=error.words)


def _entries(config: AgentConfig) -> Document:
    stored = config.document.get(FIELD)
    return dict(stored) if isinstance(stored, dict) else {}


def _without_old_leaves(config: AgentConfig) -> AgentConfig:
    """The same without what was chosen of tools that are described otherwise by now, or gone."""
    stored = config.document.get("tools")
    known = {each.policy_key for each in served(config.mcp_servers, ())}
    if not isinstance(stored, dict) or not any(_is_old(key, known) for key in stored):
        return config
    return config.replaced({"tools": {key: value for key, value in stored.items() if not _is_old(key, known)}})


def _is_old(key: str, known: Collection[str]) -> bool:
    return key.startswith(POLICY_KEY) and key not in known


def _but_leave(entry: Document) -> Document:
    """An entry without what says that it was only proposed: whoever writes it anew says that again, or allows it."""
    return {key: value for key, value in entry.items() if key != "proposed"}


def _tools(server: str, listing: Listing, chosen: Chosen, kept: Sequence[McpTool] = ()) -> tuple[McpTool, ...]:
    """The tools of these names as the person saw them. Raises `ConfigError`."""
    if not 0 < len(chosen) <= MAX_CHOSEN:
        reason = f"more than {MAX_CHOSEN} are chosen" if chosen else "none is chosen"
        raise ConfigError(f"{server!r}: {reason}.", field=server, reason=reason)
    old = {tool.name: tool for tool in kept}
    found: list[McpTool] = []
    for name, digest in chosen.items():
        tool = listing.tool(name)
        if tool is not None and tool.digest == digest:
            found.append(tool)
        elif name in old:
            found.append(old[name])
        else:
            reason = f"{name[:100]!r} is described differently by now, or is gone: look at it again"
            raise ConfigError(f"{server!r}: {reason}.", field=server, reason=reason)
    return tuple(found)


def _unusable(field_name: str, reason: str) -> ConfigError:
    return ConfigError(f"{field_name!r}: {reason}.", field=field_name, reason=reason)
