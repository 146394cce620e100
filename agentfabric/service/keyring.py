"""The keys that models and tools ask for: each user's own, else the environment's."""

from collections.abc import Mapping

from agentfabric.service.own_entries import KEY_PREFIX
from agentfabric.settings import Settings
from agentfabric.store.secrets import SecretStore
from user_agent.models.catalog import Catalog
from user_agent.tools.registry import all_tools

Keys = Mapping[str, str]
"""Keys by name. Never shown, logged or sent to a page."""


class Keyring:
    """Which keys there can be, and which of them a user has."""

    def __init__(self, settings: Settings, secrets: SecretStore, catalog: Catalog) -> None:
        self._settings = settings
        self._secrets = secrets
        models = {entry.secret_name for entry in catalog.entries.values() if entry.needs_key}
        self.names = frozenset(models | {need.name for tool in all_tools() for need in tool.secrets})
        """The names under which a model or a tool of this server asks for a key."""

    async def of(self, user: str) -> Keys:
        """The keys that `user` can use now, those of endpoints that they added included."""
        given = await self._secrets.values(user)
        found = {name: given.get(name) or self._settings.environment_secret(name) for name in self.names}
        # For these, nobody's environment is asked: they are the person's own or not there.
        found |= {name: key for name, key in given.items() if name.startswith(KEY_PREFIX)}
        return {name: key.get_secret_value() for name, key in found.items() if key is not None}
