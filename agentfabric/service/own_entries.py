"""A model at an endpoint that a person added, as an entry of their list, and the name of the key it is asked with."""

from agentfabric.store.endpoints import StoredEndpoint, StoredModel
from user_agent.models.entry import ModelEntry
from user_agent.urls import origin_of

KEY_PREFIX = "endpoint:"
"""What the names of endpoints' keys begin with in the store of secrets: no variable and no tool can be called so."""


class OwnEntry(ModelEntry):
    """A model at an endpoint that a person added. It is asked with that person's key for that origin, or with none."""

    id: str = ""
    endpoint: str = ""
    endpoint_name: str = ""
    title: str = ""
    """What the person calls it."""
    key_name: str = ""
    wants_key: bool = False
    keeps_json: bool | None = None
    checked: str = ""
    """When it was last tried, as an ISO date with time; empty for never."""

    @property
    def is_native(self) -> bool:
        # A vendor's own SDK makes connections of its own, which no policy guards.
        return False

    @property
    def key_place(self) -> str:
        return "the endpoint's key under Models & keys"

    @property
    def needs_key(self) -> bool:
        return self.wants_key

    @property
    def secret_name(self) -> str:
        return self.key_name


def key_name(endpoint_id: str, base_url: str) -> str:
    """The origin is part of the name: at another origin there is no such key, whatever else happens."""
    return f"{KEY_PREFIX}{endpoint_id}:{origin_of(base_url)}"


def own_entry(endpoint: StoredEndpoint, model: StoredModel) -> OwnEntry:
    """The entry. Raises `ValidationError` for what another version stored."""
    entry = OwnEntry.of_user(
        {**model.facts, "type": endpoint.type, "model": model.model, "api_base": endpoint.base_url, "key_url": ""}
    )
    own = {
        "display_key": model.key,
        "id": model.id,
        "endpoint": endpoint.id,
        "endpoint_name": endpoint.name,
        "title": model.name,
        "key_name": key_name(endpoint.id, endpoint.base_url),
        "wants_key": endpoint.wants_key,
    }
    return entry.model_copy(update=own)
