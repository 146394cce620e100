"""The indexes of agents: each opened when it is first asked, lent while it is used, closed when others need room."""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Protocol

from agentfabric.service.knowledge_models import WORDS_ALONE, Finding
from user_agent.knowledge.embeddings.base import Embedder, Reranker
from user_agent.knowledge.index import KnowledgeIndex

MOST_OPEN = 32


class AgentIndex(KnowledgeIndex, Protocol):
    """An index that can be told which models help it."""

    async def use(self, embedders: Sequence[Embedder], reranker: Reranker | None) -> None: ...


OpenIndex = Callable[[str], Awaitable[AgentIndex]]
"""Opens the index of the agent with that id."""
EraseIndex = Callable[[str], Awaitable[None]]
"""Takes away the index of the agent with that id, which is not open."""
FindingOf = Callable[[str, str], Awaitable[Finding | None]]
"""Which models are at work for a user's agent; None for those that are already."""


@dataclass(slots=True)
class _Lent:
    """An index that is open or being opened, and how many use it just now."""

    opening: asyncio.Task[AgentIndex]
    users: int = 0
    finding: Finding = WORDS_ALONE
    """What it finds by just now."""


class AgentIndexes:
    """Lends the index of each agent. They are told apart by the agents' ids, which were made here, and nothing else."""

    def __init__(
        self, open_index: OpenIndex, finding_of: FindingOf, erase: EraseIndex, *, most: int = MOST_OPEN
    ) -> None:
        self._open_index = open_index
        self._finding_of = finding_of
        self._erase = erase
        self._most = most
        self._lent: OrderedDict[str, _Lent] = OrderedDict()

    @asynccontextmanager
    async def of(self, user: str, agent_id: str, finding: Finding | None = None) -> AsyncGenerator[KnowledgeIndex]:
        """The agent's index, which stays open as long as the block lasts, with the models that are chosen by now, or
        with those of `finding`.

        Raises `NotFound` for an agent that is not the user's.
        """
        finding = finding or await self._finding_of(user, agent_id)
        lent = self._lent.get(agent_id)
        if lent is None:
            lent = self._lent[agent_id] = _Lent(asyncio.create_task(self._opened(agent_id)))
        self._lent.move_to_end(agent_id)
        lent.users += 1
        try:
            index = await asyncio.shield(lent.opening)
            if finding is not None and lent.finding != finding:
                lent.finding = finding
                await index.use(finding.embedders, finding.live_reranker)
            yield index
        finally:
            lent.users -= 1
            await self._make_room()

    async def close(self) -> None:
        """Close all of them. Nobody uses any by then."""
        while self._lent:
            await self._close(next(iter(self._lent)))

    async def forget(self, agent_id: str) -> None:
        """Do away with an index that nobody uses any more, and with what is in it."""
        if agent_id in self._lent:
            await self._close(agent_id)
        await self._erase(agent_id)

    async def _opened(self, agent_id: str) -> AgentIndex:
        try:
            return await self._open_index(agent_id)
        except BaseException:
            self._lent.pop(agent_id, None)
            raise

    async def _make_room(self) -> None:
        idle = [agent_id for agent_id, lent in self._lent.items() if lent.users == 0 and lent.opening.done()]
        for agent_id in idle[: max(0, len(self._lent) - self._most)]:
            await self._close(agent_id)

    async def _close(self, agent_id: str) -> None:
        lent = self._lent.pop(agent_id)
        await (await lent.opening).close()
