"""Which models there are, which are ready for whom, and one of them made live."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from pydantic import SecretStr

from agentfabric.service.keyring import Keys
from user_agent.errors import NoKey, NoModel
from user_agent.models.base import ChatModel
from user_agent.models.catalog import Catalog
from user_agent.models.entry import ModelEntry
from user_agent.runtime import ModelClients


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
    """The model catalogue, as it is for somebody with these keys."""

    def __init__(self, catalog: Catalog, clients: ModelClients) -> None:
        self.catalog = catalog
        self._clients = clients

    def states(self, keys: Keys) -> list[ModelState]:
        """Every model in the catalogue's order."""
        return [ModelState(entry, entry.is_ready(keys)) for entry in self.catalog.entries.values()]

    def default(self, keys: Keys) -> str:
        """The display key of the first ready model; empty where only the guide is there."""
        ready = {state.entry.display_key for state in self.states(keys) if state.ready}
        entry = self.catalog.default_model(ready)
        return entry.display_key if entry else ""

    async def choose(self, keys: Keys, wanted: str) -> Chosen | None:
        """The wanted model; without a wish the first ready one, and None where only the guide is there.

        Raises `NoModel`, or `NoKey` naming the key to give.
        """
        wanted = wanted or self.default(keys)
        if not wanted:
            return None
        entry = self.catalog.entries.get(wanted)
        if entry is None:
            cure = "Choose another one under Configure."
            raise NoModel(f"There is no model {wanted!r} in the model list. {cure}", model=wanted)
        if not entry.is_ready(keys):
            cure = f"Set `{entry.secret_name}` in the environment, or enter it under Models & keys."
            raise NoKey(f"{wanted!r} needs a key. {cure}", model=wanted, env=entry.secret_name)
        open_model = await asyncio.to_thread(load_adapter)
        return Chosen(entry, open_model(self._clients, entry, entry.key_in(keys)))


def load_adapter() -> "Callable[[ModelClients, ModelEntry, SecretStr | None], ChatModel]":
    """Imported after the start: the SDK takes half a second, and a server on the guide needs none of it."""
    from user_agent.models.opening import open_model

    return open_model
