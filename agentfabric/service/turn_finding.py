"""What is found for a turn: in what the agent knows, and in the files of the conversation."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from agentfabric.service.knowledge import Knowledge
from agentfabric.store.readings import KnownFile
from user_agent.config import AgentConfig
from user_agent.events import KnowledgeFile
from user_agent.knowledge.index import Found
from user_agent.knowledge.passages import Passage
from user_agent.messages import Message
from user_agent.serve.finding import Searched, TurnFinder
from user_agent.words import Words

_MISSING = Words("文件的内容没有一起导入，请重新添加。", "Its content never came along. Add it again.")


@dataclass(frozen=True, slots=True)
class _OfAgent:
    """What an agent knows, as it is configured."""

    knowledge: Knowledge
    owner: str
    agent_id: str
    config: AgentConfig

    async def files(self) -> tuple[Searched, ...]:
        if not self.config.knowledge:  # as with most agents: the store is asked nothing before their first word
            return ()
        named, wanted = {*self.config.knowledge}, {*(self.config.retrieval.tags or ())}
        known = await self.knowledge.all(self.owner, self.agent_id)
        return tuple(_known(file) for file in known if file.id in named and (not wanted or wanted & {*file.tags}))

    async def search(self, query: str, limit: int, files: Collection[str]) -> Found:
        return await self.knowledge.search(self.owner, self.agent_id, query, limit=limit, files=files)

    async def passages(self, file: str, limit: int) -> tuple[Passage, ...]:
        return await self.knowledge.passages(self.owner, self.agent_id, file, limit=limit)


@dataclass(frozen=True, slots=True)
class _OfRelease:
    """What the release of an agent knows that is live, whose configuration this is."""

    knowledge: Knowledge
    owner: str
    agent_id: str
    config: AgentConfig

    async def files(self) -> tuple[Searched, ...]:
        if not self.config.knowledge:
            return ()
        wanted = {*(self.config.retrieval.tags or ())}
        known = await self.knowledge.released(self.owner, self.agent_id)
        return tuple(_known(file) for file in known if not wanted or wanted & {*file.tags})

    async def search(self, query: str, limit: int, files: Collection[str]) -> Found:
        return await self.knowledge.search_released(self.owner, self.agent_id, query, limit=limit, files=files)

    async def passages(self, file: str, limit: int) -> tuple[Passage, ...]:
        return await self.knowledge.released_passages(self.owner, self.agent_id, file, limit=limit)


@dataclass(frozen=True, slots=True)
class TurnFinders:
    """Searches for the turns of conversations."""

    knowledge: Knowledge

    def of(
        self,
        owner: str,
        agent_id: str,
        config: AgentConfig,
        messages: Sequence[Message],
        *,
        speaker: str,
        conversation_id: str | None,
        sees: bool,
        released: bool = False,
    ) -> TurnFinder:
        """For the turn that answers the last of these messages. The agent is its owner's, the conversation the
        speaker's, if it is kept here. `sees`: whether whoever answers is shown pictures, which are read for others.
        `released`: whether what is live of the agent answers."""
        known = (_OfRelease if released else _OfAgent)(self.knowledge, owner, agent_id, config)
        place, here = conversation_id or "", messages if conversation_id else ()
        help = self.knowledge.helping.of(owner, agent_id, config.retrieval, speaker=speaker, conversation=place)
        return TurnFinder.of(known, self.knowledge.attached, speaker, place, here, sees=sees, help=help)


def _known(file: KnownFile) -> Searched:
    if file.missing or file.state == "failed":
        told = KnowledgeFile(file=file.id, name=file.name, state="failed", why=file.reason or _MISSING)
    else:
        told = KnowledgeFile(file=file.id, name=file.name, state="searched" if file.is_found else "waiting")
    return Searched(told, file.tags)
