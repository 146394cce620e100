"""What agents keep: lent to the `storage` tool of one agent of one user, and shown to that user."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from agentfabric.store.values import StoredValue, ValueStore


@dataclass(frozen=True, slots=True)
class AgentStorage:
    """The `Storage` of one agent, as its tool is lent it."""

    values: ValueStore
    user: str
    agent_id: str

    async def get(self, key: str) -> JsonValue:
        value = await self.values.get(self.user, self.agent_id, key)
        if value is None:
            raise KeyError(key)
        return json.loads(value)

    async def put(self, key: str, value: JsonValue) -> bool:
        return await self.values.put(self.user, self.agent_id, key, json.dumps(value, ensure_ascii=False))

    async def delete(self, key: str) -> bool:
        return await self.values.delete(self.user, self.agent_id, key)

    async def keys(self) -> Sequence[str]:
        return [value.key for value in await self.values.list(self.user, self.agent_id)]


@dataclass(frozen=True, slots=True)
class Storage:
    """The use cases of what agents keep. The first argument of each is the user; foreign ids are `NotFound`."""

    values: ValueStore

    def of(self, user: str, agent_id: str) -> AgentStorage:
        return AgentStorage(self.values, user, agent_id)

    async def all(self, user: str, agent_id: str) -> Sequence[StoredValue]:
        """In the order of their keys."""
        return await self.values.list(user, agent_id)

    async def clear(self, user: str, agent_id: str) -> None:
        """Nothing is kept afterwards."""
        await self.values.clear(user, agent_id)

    async def forget(self, user: str, agent_id: str, key: str) -> None:
        """The value is gone afterwards; nothing happens if it was already."""
        await self.values.delete(user, agent_id, key)
