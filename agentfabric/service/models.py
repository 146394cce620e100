"""Which models there are, which are ready for whom, and one of them made live."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agentfabric.settings import Settings
from agentfabric.store.secrets import SecretStore
from user_agent.errors import NoKey, NoModel
from user_agent.models.base import ChatModel
from user_agent.models.catalog import Catalog
from user_agent.models.entry import ModelEntry
from user_agent.runtime import ModelClients

if TYPE_CHECKING:
    from user_agent.models.openai_compatible import OpenAICompatible


@dataclass(frozen=True, slots=True)
class ModelState:
    """A model as the page lists it, for one user."""

    entry: ModelEntry
    ready: bool


@dataclass(frozen=True, slots=True)
class Chosen:
    """A model of the catalogue, made live."""

    entry: ModelEntry
    model: ChatModel


class Models:
    """The model catalogue as each user sees it, with the keys that are theirs."""

    def __init__(self, catalog: Catalog, settings: Settings, secrets: SecretStore, clients: ModelClients) -> None:
        self.catalog = catalog
        self._settings = settings
        self._secrets = secrets
        self._clients = clients

    async def states(self, user: str) -> list[ModelState]:
        """Every model in the catalogue's order."""
        keys = await self._keys(user)
        return [ModelState(entry, entry.is_ready(keys)) for entry in self.catalog.entries.values()]

    async def default(self, user: str) -> str:
        """The display key of the first ready model; empty where only the guide is there."""
        ready = {state.entry.display_key for state in await self.states(user) if state.ready}
        entry = self.catalog.default_model(ready)
        return entry.display_key if entry else ""

    async def choose(self, user: str, wanted: str) -> Chosen | None:
        """The wanted model; without a wish the first ready one, and None where only the guide is there.

        Raises `NoModel`, or `NoKey` naming the key to give.
        """
        wanted = wanted or await self.default(user)
        if not wanted:
            return None
        entry = self.catalog.entries.get(wanted)
        if entry is None:
            cure = "Choose another one under Configure."
            raise NoModel(f"There is no model {wanted!r} in the model list. {cure}", model=wanted)
        keys = await self._keys(user)
        if not entry.is_ready(keys):
            cure = f"Set `{entry.secret_name}` in the environment, or enter it under Models."
            raise NoKey(f"{wanted!r} needs a key. {cure}", model=wanted, env=entry.secret_name)
        adapter = await asyncio.to_thread(_adapter)
        return Chosen(entry, adapter(self._clients, entry, entry.key_in(keys)))

    def secret_names(self) -> set[str]:
        """The names under which a person may leave a model's key."""
        return {entry.secret_name for entry in self.catalog.entries.values() if entry.needs_key}

    async def _keys(self, user: str) -> Mapping[str, str]:
        """Keys by name: a person's own first, else the environment's."""
        given = await self._secrets.values(user)
        found = {name: given.get(name) or self._settings.environment_secret(name) for name in self.secret_names()}
        return {name: key.get_secret_value() for name, key in found.items() if key is not None}


def _adapter() -> "type[OpenAICompatible]":
    """Imported when a model is first asked: the SDK takes half a second, and a server on the guide needs none of it."""
    from user_agent.models.openai_compatible import OpenAICompatible

    return OpenAICompatible
