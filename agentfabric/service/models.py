"""Which models there are, which are ready for whom, and one of them made live."""

import asyncio
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from pydantic import SecretStr

from agentfabric.service.endpoints import Endpoints
from agentfabric.service.keyring import Keyring, Keys
from agentfabric.service.own_entries import OwnEntry
from agentfabric.store.preferences import Preferences
from user_agent.errors import NoEndpointKey, NoKey, NoModel
from user_agent.models.base import ChatModel
from user_agent.models.catalog import Catalog
from user_agent.models.entry import ModelEntry
from user_agent.runtime import ModelClients
from user_agent.serve.running import Chosen

TRIED_MODEL = "tried_model"
"""The preference that holds the key of the local model which last answered when it was tried."""

OpenModel = Callable[[ModelClients, ModelEntry, SecretStr | None], ChatModel]
"""Makes an entry a model that is asked with that key."""


@dataclass(frozen=True, slots=True)
class ModelState:
    """A model as the page lists it, for one user."""

    entry: ModelEntry
    ready: bool


class Models:
    """The models that a person can choose: the catalogue's, and those at endpoints that they added themselves.

    The first argument of each method is the user. `own_clients` lead to no address that a person may not choose.
    """

    def __init__(
        self,
        catalog: Catalog,
        keyring: Keyring,
        endpoints: Endpoints,
        preferences: Preferences,
        *,
        clients: ModelClients,
        own_clients: ModelClients,
    ) -> None:
        self.catalog = catalog
        self._keyring = keyring
        self._endpoints = endpoints
        self._preferences = preferences
        self._clients = clients
        self._own_clients = own_clients
        self._open_model: OpenModel | None = None

    async def entries(self, user: str) -> dict[str, ModelEntry]:
        """Every model by its key, the catalogue's first, in its order.

        Where the catalogue came to use the key of somebody's own model later, it stays theirs for them: what their
        agents are told must not go to another place than they chose.
        """
        return {**self.catalog.entries, **await self._endpoints.entries(user)}

    async def states(self, user: str) -> list[ModelState]:
        """Every model, and whether it is ready."""
        entries, keys = await self.entries(user), await self._keyring.of(user)
        return [ModelState(entry, _is_ready(entry, keys)) for entry in entries.values()]

    async def default(self, user: str) -> str:
        """The key of the model that is used where none is named; empty where only the guide is there."""
        return await self.default_of(user, await self.states(user))

    async def default_of(self, user: str, states: Collection[ModelState]) -> str:
        """The first of these that may be chosen by itself, else the local one that answered when it was tried."""
        ready = {state.entry.display_key for state in states if state.ready}
        chosen = Catalog({state.entry.display_key: state.entry for state in states}).default_model(ready)
        if chosen is not None:
            return chosen.display_key
        tried = await self._preferences.get(user, TRIED_MODEL)
        return tried if tried in ready else ""

    async def note_trial(self, user: str, entry: ModelEntry, *, answered: bool) -> None:
        """A model was tried. Of a local one of the file nobody knows before whether it is started."""
        if isinstance(entry, OwnEntry) or entry.needs_key:
            return
        if answered:
            await self._preferences.set(user, TRIED_MODEL, entry.display_key)
        elif await self._preferences.get(user, TRIED_MODEL) == entry.display_key:
            await self._preferences.set(user, TRIED_MODEL, "")

    async def choose(self, user: str, wanted: str) -> Chosen | None:
        """The wanted model; without a wish the default, and None where only the guide is there.

        Raises `NoModel`, or `NoKey` naming the key to give.
        """
        entries, keys = await self.entries(user), await self._keyring.of(user)
        if not wanted:
            states = [ModelState(entry, _is_ready(entry, keys)) for entry in entries.values()]
            wanted = await self.default_of(user, states)
        if not wanted:
            return None
        entry = _ready(entries, keys, wanted)
        return Chosen(entry, (await self.opener(keys))(entry))

    async def ready(self, user: str, key: str) -> tuple[ModelEntry, Keys]:
        """The entry of that key, which can be asked with these keys. Raises `NoModel` and `NoKey`."""
        entries, keys = await self.entries(user), await self._keyring.of(user)
        return _ready(entries, keys, key), keys

    async def opener(self, keys: Keys) -> Callable[[ModelEntry], ChatModel]:
        """What makes an entry a model that answers."""
        open_model = self._open_model = self._open_model or await asyncio.to_thread(load_adapter)

        def live(entry: ModelEntry) -> ChatModel:
            clients = self._own_clients if isinstance(entry, OwnEntry) else self._clients
            return open_model(clients, entry, entry.key_in(keys.at(entry.api_base)))

        return live


def _is_ready(entry: ModelEntry, keys: Keys) -> bool:
    return entry.is_ready(keys.at(entry.api_base))


def _ready(entries: Mapping[str, ModelEntry], keys: Keys, wanted: str) -> ModelEntry:
    entry = entries.get(wanted)
    if entry is None:
        cure = "Choose another one under Configure."
        raise NoModel(f"There is no model {wanted!r} in the model list. {cure}", model=wanted)
    if _is_ready(entry, keys):
        return entry
    if isinstance(entry, OwnEntry):
        told = f"{entry.title!r} needs the key of its endpoint {entry.origin} again. Enter it under Models & keys."
        raise NoEndpointKey(told, model=entry.title, base_url=entry.origin)
    cure = f"Set `{entry.secret_name}` in the environment, or enter it under Models & keys."
    raise NoKey(f"{wanted!r} needs a key. {cure}", model=wanted, env=entry.secret_name)


def load_adapter() -> OpenModel:
    """Imported after the start: the SDK takes half a second, and a server on the guide needs none of it."""
    from user_agent.models.opening import open_model

    return open_model
