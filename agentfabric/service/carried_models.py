"""Which models go along with an agent that leaves: the one that answers, and those that help it to find."""

from collections.abc import Mapping
from dataclasses import dataclass

from agentfabric.service.knowledge_models import FindingModels
from agentfabric.service.models import Models
from user_agent.config import AgentConfig
from user_agent.models.entry import ModelEntry
from user_agent.models.providers import LOCAL_FOLDER


@dataclass(frozen=True, slots=True)
class Vectors:
    """The embedding model whose vectors go along."""

    key: str
    name: str
    """What its vectors are told from those of others by."""


@dataclass(frozen=True, slots=True)
class ModelsTaken:
    """The models of one agent."""

    answering: str
    """The key of the one that answers; empty for the guide."""
    entries: Mapping[str, ModelEntry]
    vectors: Vectors | None
    """None where words alone are searched, or the model is a folder of this machine."""


@dataclass(frozen=True, slots=True)
class CarriedModels:
    """Says it for agents of a user."""

    models: Models
    finding: FindingModels

    async def of(self, user: str, config: AgentConfig, *, knows: bool) -> ModelsTaken:
        """`knows`: whether there is anything to find."""
        known = await self.models.entries(user)
        answering = config.model or await self.models.default(user)
        entries = {answering: known[answering]} if answering in known else {}
        if not knows:
            return ModelsTaken(answering, entries, None)
        vectors = await self._vectors(user, config)
        if vectors is not None:
            entries[vectors.key] = self.models.catalog.embeddings[vectors.key]
        reranker = config.retrieval.reranker or ""
        if reranker in self.models.catalog.rerankers:
            entries[reranker] = self.models.catalog.rerankers[reranker]
        return ModelsTaken(answering, entries, vectors)

    async def _vectors(self, user: str, config: AgentConfig) -> Vectors | None:
        finding = await self.finding.of(user, config.retrieval)
        entry = self.models.catalog.embeddings.get(finding.embedding)
        if entry is None or entry.type == LOCAL_FOLDER:
            return None
        return Vectors(finding.embedding, finding.embedders[0].name)
