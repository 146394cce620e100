"""The keys that models and tools ask for: each user's own, else the environment's."""

from collections.abc import Iterator, Mapping
from functools import lru_cache

from agentfabric.service.own_entries import KEY_PREFIX
from agentfabric.settings import Settings
from agentfabric.store.secrets import KeptSecret, SecretStore
from user_agent.models.catalog import Catalog
from user_agent.openapi.sending import key_address, key_name
from user_agent.openapi.stored import KEY_PREFIX as API_KEY_PREFIX
from user_agent.openapi.stored import Api
from user_agent.tools.base import SecretNeed, Tool
from user_agent.urls import NotAnUrl, origin_of


class Keys(Mapping[str, str]):
    """The keys of one user, by name. Never shown, logged or sent to a page."""

    def __init__(self, stored: Mapping[str, KeptSecret], environment: Mapping[str, str]) -> None:
        self._stored = stored
        self._environment = environment
        self._all = {**environment, **{name: secret.value.get_secret_value() for name, secret in stored.items()}}

    def __getitem__(self, name: str) -> str:
        return self._all[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)

    def __repr__(self) -> str:
        return f"Keys({sorted(self._all)})"

    def at(self, url: str) -> Mapping[str, str]:
        """The keys that may be sent to the origin of `url`: those that were entered for it, else the environment's."""
        origin = _origin(url)
        elsewhere = [name for name, secret in self._stored.items() if origin not in (secret.origins or (origin,))]
        if not elsewhere:
            return self
        stored = {name: secret for name, secret in self._stored.items() if name not in elsewhere}
        return Keys(stored, self._environment)


class Keyring:
    """Which keys there can be, and which of them a user has."""

    def __init__(self, settings: Settings, secrets: SecretStore, catalog: Catalog, tools: Mapping[str, Tool]) -> None:
        self._settings = settings
        self._secrets = secrets
        asking = (*catalog.entries.values(), *catalog.embeddings.values(), *catalog.rerankers.values())
        self._models = [entry for entry in asking if entry.needs_key]
        models = {entry.secret_name for entry in self._models}
        self._needs = {need.name: need for tool in tools.values() for need in tool.secrets}
        self.names = frozenset(models | self._needs.keys())
        """The names under which a model or a tool of this server asks for a key."""

    async def of(self, user: str) -> Keys:
        """The keys that `user` can use now, those of endpoints that they added included."""
        kept = await self._secrets.kept(user)
        # For endpoints' keys nobody's environment is asked: they are the person's own or not there.
        own = (KEY_PREFIX, API_KEY_PREFIX)
        stored = {name: key for name, key in kept.items() if name in self.names or name.startswith(own)}
        found = {name: self._settings.environment_secret(name) for name in self.names}
        environment = {name: key.get_secret_value() for name, key in found.items() if key is not None}
        return Keys(stored, environment)

    def for_tools(self, keys: Keys) -> dict[str, str]:
        """Those that tools may be lent: no key goes to an origin that it was not entered for."""
        lent = {name: keys.at(self._address(need)).get(name, "") for name, need in self._needs.items()}
        return {name: key for name, key in lent.items() if key}

    def for_apis(self, keys: Keys, apis: Mapping[str, Api]) -> dict[str, str]:
        """Those of an agent's imported APIs: each is only ever for the origin that it was entered for."""
        named = {key_name(api_id, api): key_address(api) for api_id, api in apis.items() if api.auth.kind != "none"}
        lent = {name: keys.at(server).get(name, "") for name, server in named.items()}
        return {name: key for name, key in lent.items() if key}

    def origins_of(self, name: str) -> frozenset[str]:
        """Where the models, and the vendors of tools, are that ask for a key of that name now."""
        asking = {_origin(entry.api_base) for entry in self._models if entry.secret_name == name}
        if name in self._needs:
            asking.add(_origin(self._address(self._needs[name])))
        return frozenset(asking)

    def _address(self, need: SecretNeed) -> str:
        return self._settings.base_urls.get(need.base_url) or need.sent_to


@lru_cache(1024)
def _origin(url: str) -> str:
    try:
        return origin_of(url)
    except NotAnUrl:
        return url  # in a spelling of the operator's own, who may write what a person may not
