"""Endpoints that a person adds: their addresses, their keys, and the models there as entries beside the catalogue's."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import structlog
from pydantic import JsonValue, SecretStr, ValidationError

from agentfabric.service.own_entries import KEY_PREFIX, OwnEntry, key_name, own_entry
from agentfabric.service.reach import Reach
from agentfabric.store.base import new_id
from agentfabric.store.endpoints import EndpointStore, StoredEndpoint, StoredModel
from agentfabric.store.secrets import SecretStore
from user_agent.errors import ConfigError, NotAllowed
from user_agent.models.listing import (
    MAX_MODEL_CHARS,
    Listing,
    Offered,
    find_local,
    list_models,
    provider_type,
    shown_origin,
)
from user_agent.net import Http
from user_agent.urls import origin_of
from user_agent.words import Language

KeyState = Literal["none", "stored", "missing"]
"""No key is needed; it is stored; it has to be entered (again)."""

_LOCAL_TYPES = frozenset({"vllm", "llamacpp", "ollama", "lmstudio"})
log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class EndpointState:
    """An endpoint as its person sees it."""

    endpoint: StoredEndpoint
    key: KeyState


class Endpoints:
    """The use cases of a person's endpoints. The first argument of each is the user; foreign ids are `NotFound`."""

    def __init__(self, store: EndpointStore, secrets: SecretStore, reach: Reach, *, catalogue: Collection[str]) -> None:
        self._store = store
        self._secrets = secrets
        self._reach = reach
        self._catalogue = catalogue
        # Made once for what the store gives: a person may have hundreds of models, and every turn asks for one.
        self._entries: dict[str, tuple[tuple[StoredEndpoint, ...], dict[str, OwnEntry]]] = {}

    async def all(self, user: str) -> list[EndpointState]:
        names = set(await self._secrets.names(user))
        return [_state(endpoint, names) for endpoint in await self._store.list(user)]

    async def get(self, user: str, endpoint_id: str) -> EndpointState:
        return _state(await self._store.get(user, endpoint_id), set(await self._secrets.names(user)))

    async def entries(self, user: str) -> dict[str, OwnEntry]:
        """The models of all endpoints as entries, by the keys that agents name them by. Do not change it."""
        stored = await self._store.list(user)
        known = self._entries.get(user)
        if known is None or known[0] is not stored:
            known = self._entries[user] = (stored, _entries(stored))
        return known[1]

    async def look(self, url: str, key: SecretStr | None, language: Language) -> Listing:
        """The models at an address, which is only asked. Raises `FetchFailed` in `language`."""
        self._reach.checked(url, language)
        async with self._reach.http(url) as http:
            return await list_models(http, url, usable_key(key), language=language)

    async def look_again(self, user: str, endpoint_id: str, language: Language) -> Listing:
        """The models that an endpoint has now. Raises `FetchFailed` in `language`."""
        endpoint = await self._store.get(user, endpoint_id)
        key = (await self._secrets.values(user)).get(key_name(endpoint.id, endpoint.base_url))
        return await self.look(endpoint.base_url, key if endpoint.wants_key else None, language)

    async def find_local(self) -> list[Listing]:
        """Servers for models that answer on this machine. Raises `NotAllowed` where it is not the person's own."""
        if not self._reach.policy.own_network:
            raise NotAllowed(
                "Local models are looked for only where the server is your own machine. Add one by its address."
            )
        async with Http(policy=self._reach.policy) as http:
            return await find_local(http, self._reach.local_servers)

    async def add(
        self,
        user: str,
        *,
        url: str,
        key: SecretStr | None,
        name: str,
        kind: str,
        models: Sequence[Offered],
        language: Language,
    ) -> EndpointState:
        """A new endpoint with these models, not asked. Raises `FetchFailed` for its address, and `ConfigError`."""
        base = self._reach.checked(url, language)
        key = usable_key(key)
        facts = _checked_models(models)
        endpoint_id = new_id()
        await self._store.add(
            user,
            endpoint_id,
            name=name.strip() or shown_origin(base).partition("://")[2],
            base_url=base,
            kind=_kind(base, kind),
            wants_key=key is not None,
        )
        if key is not None:
            await self._secrets.set(user, key_name(endpoint_id, base), key)
        await self._store.add_models(user, endpoint_id, facts, taken=self._catalogue)
        return await self.get(user, endpoint_id)

    async def change(
        self,
        user: str,
        endpoint_id: str,
        *,
        name: str | None,
        url: str | None,
        key: SecretStr | Literal["none"] | None,
        language: Language,
    ) -> EndpointState:
        """An endpoint with what is given set; `key` "none" says that it needs none.

        A stored key stays with the origin it was entered for: at another origin it has to be entered again.
        """
        before = await self._store.get(user, endpoint_id)
        base = before.base_url if url is None else self._reach.checked(url, language)
        fields: dict[str, Any] = {"base_url": base, **({} if name is None or not name.strip() else {"name": name})}
        if base != before.base_url:
            fields["type"] = _kind(base, before.type if origin_of(base) == origin_of(before.base_url) else "")
        if key == "none":
            fields["wants_key"] = False
        elif key is not None:
            fields["wants_key"] = True
            # First the key, under the name of its origin, where nothing finds it yet: then what leads to it.
            await self._secrets.set(user, key_name(endpoint_id, base), usable_key(key) or key)
        await self._store.change(user, endpoint_id, fields)
        kept = {key_name(endpoint_id, base)} if key != "none" else set[str]()
        await self._forget_keys(user, endpoint_id, keep=kept)
        return await self.get(user, endpoint_id)

    async def remove(self, user: str, endpoint_id: str) -> tuple[str, ...]:
        """The endpoint is gone, with its key and its models. Gives the keys of those models."""
        gone = await self._store.get(user, endpoint_id)
        await self._store.remove(user, endpoint_id)
        await self._forget_keys(user, endpoint_id)
        return tuple(model.key for model in gone.models)

    async def add_models(self, user: str, endpoint_id: str, models: Sequence[Offered]) -> EndpointState:
        await self._store.add_models(user, endpoint_id, _checked_models(models), taken=self._catalogue)
        return await self.get(user, endpoint_id)

    async def change_model(
        self, user: str, model_id: str, *, name: str | None = None, facts: Mapping[str, JsonValue] | None = None
    ) -> StoredModel:
        """A model renamed, or told what it can do; a fact that is None is unknown again."""
        return await self._store.change_model(user, model_id, name=name, facts=facts)

    async def remove_model(self, user: str, model_id: str) -> str:
        """The model is gone from the list. Gives the key it had."""
        return (await self._store.remove_model(user, model_id)).key

    async def _forget_keys(self, user: str, endpoint_id: str, keep: Collection[str] = ()) -> None:
        mine = f"{KEY_PREFIX}{endpoint_id}:"
        for name in await self._secrets.names(user):
            if name.startswith(mine) and name not in keep:
                await self._secrets.delete(user, name)


def _entries(stored: Sequence[StoredEndpoint]) -> dict[str, OwnEntry]:
    found: dict[str, OwnEntry] = {}
    for endpoint in stored:
        for model in endpoint.models:
            try:
                found[model.key] = own_entry(endpoint, model)
            except ValidationError as error:
                # Stored by another version: it costs this one model, which then counts as gone.
                log.warning("own_model_not_readable", model=model.id, fields=[item["loc"] for item in error.errors()])
    return found


def _state(endpoint: StoredEndpoint, names: Collection[str]) -> EndpointState:
    stored = key_name(endpoint.id, endpoint.base_url) in names
    return EndpointState(endpoint, "none" if not endpoint.wants_key else "stored" if stored else "missing")


def _kind(base: str, wished: str) -> str:
    """The vendor whose address it is, else the local server that it was found to be."""
    vendor = provider_type(base)
    return wished if vendor == "openai" and wished in _LOCAL_TYPES else vendor


def usable_key(key: SecretStr | None) -> SecretStr | None:
    """The key as a header can carry it; None where nothing was entered. Raises `ConfigError`."""
    value = key.get_secret_value().strip() if key else ""
    if not value.isascii() or not value.isprintable():
        raise ConfigError(
            "The key holds characters that no key has. Copy it again, without spaces or line breaks.",
            field="key",
            reason="it holds characters that no key has",
        )
    return SecretStr(value) if value else None


def _checked_models(models: Sequence[Offered]) -> dict[str, Mapping[str, JsonValue]]:
    """Facts by the endpoint's own names. Raises `ConfigError`."""
    facts: dict[str, Mapping[str, JsonValue]] = {}
    for offered in models:
        name = offered.model.strip()
        if not name or len(name) > MAX_MODEL_CHARS or not name.isprintable():
            reason = f"not 1 to {MAX_MODEL_CHARS} printable characters"
            raise ConfigError(f"A model's name has {reason}.", field="models", reason=reason)
        facts[name] = {"context_length": offered.context_length} if offered.context_length else {}
    return facts
