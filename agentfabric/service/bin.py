"""A person's bin: deleted agents wait there, are brought back, or are erased with everything that is theirs."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import structlog

from agentfabric.service.knowledge import Knowledge
from agentfabric.service.knowledge_sources import name_for_reader
from agentfabric.service.mcp_sign_ins import SignIns
from agentfabric.service.server_secrets import secret_name
from agentfabric.store.bin import Binned, BinStore, Leaving, LeftFile
from agentfabric.store.blobs import Blobs
from agentfabric.store.secrets import SecretStore
from user_agent.config import AgentConfig
from user_agent.errors import NotFound
from user_agent.openapi.sending import key_name
from user_agent.sandbox.workshop import Workshop
from user_agent.serve.shared_readings import digest_of

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Bin:
    """The use cases. The first argument of each is the user; foreign ids are `NotFound`."""

    store: BinStore
    blobs: Blobs
    secrets: SecretStore
    sign_ins: SignIns
    knowledge: Knowledge
    workshop: Workshop

    async def all(self, user: str) -> Sequence[Binned]:
        """The deleted agents that can be brought back, the last one first."""
        return await self.store.list(user)

    async def erase(self, user: str, agent_id: str) -> None:
        """Erase a deleted agent now. Raises `NotFound` for one that is in no bin."""
        await self.store.claim(user, agent_id)
        await self._erase(agent_id)

    async def erase_old(self) -> None:
        """Erase what nobody brought back in time, of every user."""
        for agent_id in await self.store.claim_old():
            await self._erase(agent_id)

    async def _erase(self, agent_id: str) -> None:
        """What is outside of the database goes first: as long as the row is there, an interrupted work goes on."""
        leaving = await self.store.leaving(agent_id)
        if leaving is None:
            return
        await self._forget_secrets(leaving)
        for file in leaving.files:
            await self._forget_bytes(file)
        await self.workshop.forget(leaving.conversations)
        await self.knowledge.attached.forget(leaving.conversations)
        await self.knowledge.erase(agent_id)
        await self.store.erase(agent_id)
        # Who was still reading one of its files found that out by now, and left nothing that stays.
        await self.knowledge.erase(agent_id)
        log.info("agent_erased", agent=agent_id)

    async def _forget_bytes(self, file: LeftFile) -> None:
        """A file's bytes, and what was read of them: another agent with the same file has its own."""
        if file.blob is None:
            return
        with suppress(NotFound):  # they went before, and were interrupted then
            data = await self.blobs.read(file.blob)
            for name in {file.name, name_for_reader(file.name, file.media_type)}:
                await self.knowledge.forget_reading(file.owner, await asyncio.to_thread(digest_of, data, name))
        await self.blobs.delete(file.blob)

    async def _forget_secrets(self, leaving: Leaving) -> None:
        """Keys of its APIs and servers, and sign-ins, unless another agent of the person uses them."""
        used = {name for config in leaving.others for name in _secrets_of(config)}
        for config in leaving.configs:
            for name in _secrets_of(config) - used:
                await self.secrets.delete(leaving.owner, name)
            for name, server in config.mcp_servers.items():
                if secret_name(name, server) not in used:
                    await self.sign_ins.sign_out(leaving.owner, name, server)


def _secrets_of(config: AgentConfig) -> set[str]:
    apis = {key_name(api_id, api) for api_id, api in config.openapi.items()}
    return apis | {secret_name(name, server) for name, server in config.mcp_servers.items()}
