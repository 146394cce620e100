"""MCP servers of agents: named by a person, asked what they offer, chosen from, and lent to a turn."""

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from pydantic import SecretStr

from agentfabric.service.agents import require_unlocked
from agentfabric.service.mcp_choice import Chosen, chosen_tools
from agentfabric.service.mcp_sign_ins import Beginning, SignIns
from agentfabric.service.mcp_states import Looked, ServerState
from agentfabric.service.server_secrets import ServerSecrets
from agentfabric.store.agents import AgentStore, Edited
from agentfabric.store.writing import BY_HAND, Source
from builder_core.draft import Author
from user_agent.config import AgentConfig, Document
from user_agent.errors import ConfigError, NotFound
from user_agent.mcp.connection import Connection
from user_agent.mcp.connections import Connections
from user_agent.mcp.endpoint import Endpoint, endpoint_of, origin_at
from user_agent.mcp.failures import MISSING, NO_COMMAND, SIGN_IN, ServerUnavailable
from user_agent.mcp.pasted import FIELD, Pasted, read_pasted
from user_agent.mcp.programs import Program, program_of
from user_agent.mcp.stored import MAX_SERVERS, McpServer
from user_agent.mcp.tools import POLICY_KEY, served
from user_agent.urls import NotAnUrl
from user_agent.words import Words


@dataclass(frozen=True, slots=True)
class _Reached:
    """A way to a server, or why there is none."""

    endpoint: Endpoint | None
    missing: tuple[str, ...] = ()
    problem: Words | None = None


@dataclass(frozen=True, slots=True)
class McpServers:
    """The use cases of MCP servers. The first argument of each is the user; foreign ids are `NotFound`."""

    agents: AgentStore
    secrets: ServerSecrets
    sign_ins: SignIns
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

        One that wants a sign-in is added without any: there is none to see before. Raises `ConfigError` where a server
        does not answer or describes a tool otherwise than the person saw, and `Locked`.
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
                state = await self._state(user, name, server)
                return state if state.problem else replace(state, state="failed", problem=error.words)
        return await self._state(user, name, server)

    async def sign_in(
        self, user: str, agent_id: str, server_id: str, redirect_uri: str, client_id: str, client_secret: str
    ) -> Beginning:
        """Where the person signs in to the server; they come back to `redirect_uri`. Raises `ConfigError`."""
        name, server = await self._server(user, agent_id, server_id)
        if not origin_at(server):
            raise _unusable(name, "it has no web address to sign in at")
        return await self.sign_ins.begin(user, name, server, redirect_uri, client_id, client_secret)

    async def sign_out(self, user: str, agent_id: str, server_id: str) -> ServerState:
        """End the person's sign-in to the server."""
        name, server = await self._server(user, agent_id, server_id)
        await self._end_sign_in(user, name, server)
        return await self._state(user, name, server)

    async def choose(self, user: str, agent_id: str, server_id: str, chosen: Chosen) -> Edited:
        """Allow these tools of the server, as the person saw them described, and no others. Raises as `add`."""
        name, server = await self._server(user, agent_id, server_id)
        _, connection = await self.reached(user, agent_id, server_id)
        try:
            listing = await connection.look()
        except ServerUnavailable as error:
            raise _unusable(name, error.words.en) from error
        kept = tuple(tool for tool in server.tools if chosen.get(tool.name) == tool.digest)
        tools = chosen_tools(name, listing, chosen, kept)
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
        if await self.secrets.forget(user, name, server, self.agents):
            await self._end_sign_in(user, name, server)
        return edited

    async def reached(self, user: str, agent_id: str, server_id: str) -> tuple[str, Connection]:
        """The server's name, and the connection to it. Raises `ConfigError` where there is no way to it."""
        name, server = await self._server(user, agent_id, server_id)
        reached = await self._way(user, name, server)
        if reached.endpoint is None:
            raise _unusable(name, (reached.problem or MISSING).en)
        return name, await self.connections.of(user, reached.endpoint)

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
        if looked.wants_sign_in and not chosen:
            return pasted.server
        if looked.listing is None:
            raise _unusable(pasted.name, (looked.problem or MISSING).en)
        return pasted.server.model_copy(update={"tools": chosen_tools(pasted.name, looked.listing, chosen)})

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

    async def _end_sign_in(self, user: str, name: str, server: McpServer) -> None:
        if (connection := await self._connection(user, name, server)) and connection.endpoint.bearer:
            await connection.close()
        await self.sign_ins.sign_out(user, name, server)

    async def _state(self, user: str, name: str, server: McpServer) -> ServerState:
        reached = await self._way(user, name, server)
        if reached.endpoint is None:
            return ServerState(
                name, server, "missing" if reached.missing else "failed", reached.missing, reached.problem
            )
        connection = await self.connections.of(user, reached.endpoint)
        problem = connection.failure
        return ServerState(
            name,
            server,
            "sign_in" if problem is SIGN_IN else connection.state,
            problem=problem,
            listing=connection.listing,
            signed_in=reached.endpoint.bearer is not None,
        )

    async def _connection(self, user: str, name: str, server: McpServer) -> Connection | None:
        reached = await self._way(user, name, server)
        return await self.connections.of(user, reached.endpoint) if reached.endpoint else None

    async def _way(self, user: str, name: str, server: McpServer) -> _Reached:
        """The way to a stored server, with what the person entered for it and their sign-in."""
        reached = self._reached(server, await self.secrets.held(user, name, server))
        if reached.endpoint is None or not reached.endpoint.url:
            return reached
        bearer = await self.sign_ins.bearer(user, name, server)
        return replace(reached, endpoint=replace(reached.endpoint, bearer=bearer)) if bearer else reached

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


def _unusable(field_name: str, reason: str) -> ConfigError:
    return ConfigError(f"{field_name!r}: {reason}.", field=field_name, reason=reason)
