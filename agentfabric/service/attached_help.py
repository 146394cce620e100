"""What an agent's owner lends to the files of messages: a model that sees, and one that finds by meaning."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from agentfabric.service.knowledge_indexes import AgentIndexes
from agentfabric.service.knowledge_models import FindingModels
from agentfabric.service.knowledge_seeing import Seers
from user_agent.config import Retrieval
from user_agent.knowledge.index import KnowledgeIndex
from user_agent.knowledge.looking import Describe


@dataclass(frozen=True, slots=True)
class OwnersHelp:
    """The `Help` of one agent's owner for one conversation, which is its speaker's."""

    seers: Seers
    models: FindingModels
    indexes: AgentIndexes
    """By conversation."""
    owner: str
    agent_id: str
    retrieval: Retrieval
    speaker: str
    conversation: str

    async def describe(self) -> Describe | None:
        return await self.seers.of(self.owner, self.agent_id)

    @asynccontextmanager
    async def index(self) -> AsyncGenerator[KnowledgeIndex]:
        finding = await self.models.of(self.owner, self.retrieval)
        async with self.indexes.of(self.speaker, self.conversation, finding) as index:
            yield index


@dataclass(frozen=True, slots=True)
class AttachedHelp:
    """Help for conversations."""

    seers: Seers
    models: FindingModels
    indexes: AgentIndexes

    def of(
        self, owner: str, agent_id: str, retrieval: Retrieval, *, speaker: str = "", conversation: str = ""
    ) -> OwnersHelp:
        """By an agent's owner. What is read ahead is of no conversation yet."""
        return OwnersHelp(self.seers, self.models, self.indexes, owner, agent_id, retrieval, speaker, conversation)
