"""The connections to MCP servers of one process."""

import asyncio
from types import TracebackType
from typing import Self

from user_agent.mcp.connection import Connection
from user_agent.mcp.endpoint import Endpoint
from user_agent.mcp.patience import Patience
from user_agent.net import Http

MAX_CONNECTIONS = 256
MAX_PROGRAMS = 32
"""How many servers that are processes are kept while nobody uses them."""


class Connections:
    """The connections of one process, each for one person alone. Opened with `async with`, closed by its owner."""

    def __init__(self, http: Http, patience: Patience | None = None) -> None:
        self._http = http
        self._patience = patience or Patience()
        # In the order of their last use.
        self._connections: dict[tuple[str, Endpoint], Connection] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        connections = list(self._connections.values())
        self._connections.clear()
        await asyncio.gather(*(connection.close() for connection in connections))

    async def of(self, owner: str, endpoint: Endpoint) -> Connection:
        """The connection of that person to that server, opened or not."""
        key = (owner, endpoint)
        connection = self._connections.pop(key, None) or Connection(endpoint, self._http, self._patience)
        self._connections[key] = connection
        for is_program, most in ((False, MAX_CONNECTIONS), (True, MAX_PROGRAMS)):
            of_kind = [known for known in self._connections if bool(known[1].program) is is_program]
            idle = [known for known in of_kind if not self._connections[known].is_used and known != key]
            for known in idle[: max(0, len(of_kind) - most)]:
                if gone := self._connections.pop(known, None):  # another caller may have closed it meanwhile
                    await gone.close()
        return connection
