"""The use cases behind the doors, by what they are about."""

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import SecretStr

from agentfabric.service.agent_keys import AgentKeys
from agentfabric.service.agents import Agents
from agentfabric.service.answers import Answers
from agentfabric.service.apis import Apis
from agentfabric.service.bin import Bin
from agentfabric.service.bundles import Bundles
from agentfabric.service.chat import BUILDER_MODEL, Chat
from agentfabric.service.comparing import Comparing
from agentfabric.service.conversations import Conversations
from agentfabric.service.endpoints import Endpoints
from agentfabric.service.exports import Exports
from agentfabric.service.facts import Facts
from agentfabric.service.gallery import Gallery
from agentfabric.service.history import History
from agentfabric.service.imports import Imports
from agentfabric.service.keyring import Keyring
from agentfabric.service.knowledge import Knowledge
from agentfabric.service.links import Links
from agentfabric.service.mcp import McpServers
from agentfabric.service.mcp_prompts import McpPrompts
from agentfabric.service.models import Models
from agentfabric.service.originals import Originals
from agentfabric.service.publications import Publications
from agentfabric.service.readiness import Readiness
from agentfabric.service.releases import Releases
from agentfabric.service.saved_chats import SavedChats
from agentfabric.service.storage import Storage
from agentfabric.service.surroundings import Lender
from agentfabric.service.trials import Trials
from agentfabric.store.agents import StoredAgent
from agentfabric.store.guesses import Guesses
from agentfabric.store.preferences import Preferences
from agentfabric.store.secrets import SecretStore
from user_agent.config_files import Problem
from user_agent.errors import NoModel, NotFound
from user_agent.tools.catalog import ToolCatalog
from user_agent.tools.mixing import mixture_of
from user_agent.words import Words


@dataclass(frozen=True, slots=True)
class Studio:
    """The use cases, by what they are about."""

    agents: Agents
    imports: Imports
    bin: Bin
    gallery: Gallery
    knowledge: Knowledge
    originals: Originals
    history: History
    releases: Releases
    agent_keys: AgentKeys
    comparing: Comparing
    readiness: Readiness
    bundles: Bundles
    publications: Publications
    chat: Chat
    answers: Answers
    conversations: Conversations
    exports: Exports
    links: Links
    saved_chats: SavedChats
    models: Models
    endpoints: Endpoints
    apis: Apis
    mcp: McpServers
    mcp_prompts: McpPrompts
    trials: Trials
    keyring: Keyring
    lender: Lender
    storage: Storage
    facts: Facts
    secrets: SecretStore
    preferences: Preferences
    guesses: Guesses
    tools: ToolCatalog
    problems: tuple[Problem, ...]
    """What is wrong with the files that people edit."""
    local: bool
    """Whether this is one person's own server, without sign-in."""

    async def delete_agent(self, user: str, agent_id: str) -> None:
        """Put an agent away, and end what it is answering. `Agents.undelete` brings it back."""
        await self.agents.delete(user, agent_id)
        await self.chat.stop_all(user, agent_id)

    async def duplicate_agent(self, user: str, agent_id: str) -> StoredAgent:
        """A copy that knows what the original knows, from files of its own."""
        copy = await self.agents.duplicate(user, agent_id)
        await self.knowledge.settle(user, copy.id)
        return copy

    async def warnings(self, user: str, agent_id: str) -> list[Words]:
        """What the agent's person should know of what has come together in it. Raises `NotFound`."""
        mixture = mixture_of((await self.agents.get(user, agent_id)).config, self.tools.tools)
        return [mixture.warning] if mixture else []

    async def builder_model(self, user: str) -> str:
        """The key of the model that the builder uses; empty for the agent's own."""
        return await self.preferences.get(user, BUILDER_MODEL) or ""

    async def set_builder_model(self, user: str, key: str) -> None:
        """Raises `NoModel` for a key that the user's list does not have."""
        if key and key not in await self.models.entries(user):
            raise NoModel(f"There is no model {key!r} in the model list. Choose one that is.", model=key)
        await self.preferences.set(user, BUILDER_MODEL, key)

    async def remove_endpoint(self, user: str, endpoint_id: str) -> None:
        """Forget an endpoint, its key and its models. Agents that name one of these say so until they get another."""
        await self._without(user, await self.endpoints.remove(user, endpoint_id))

    async def remove_model(self, user: str, model_id: str) -> None:
        """Take a model of an own endpoint off the list, as `remove_endpoint` does with all of them."""
        await self._without(user, (await self.endpoints.remove_model(user, model_id),))

    async def _without(self, user: str, gone: Sequence[str]) -> None:
        # The builder goes back to the agent's model: nothing on the page would say why it does not answer.
        if await self.builder_model(user) in gone:
            await self.preferences.set(user, BUILDER_MODEL, "")

    async def set_secret(self, user: str, name: str, value: SecretStr) -> None:
        """Keep a key for a user, to be sent where models and tools ask for it now.

        Raises `NotFound` for a name that no model and no tool asks for.
        """
        if name not in self.keyring.names:
            raise NotFound(f"Nothing here asks for a key named {name!r}.")
        await self.secrets.set(user, name, value, origins=self.keyring.origins_of(name))
