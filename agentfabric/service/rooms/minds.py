"""The models that agents think by, and the keys that open them."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from agentfabric.service.endpoints import Endpoints
from agentfabric.service.keyring import Keyring
from agentfabric.service.models import Models
from agentfabric.service.reach import Reach
from agentfabric.service.rooms.ground import Ground
from agentfabric.store.endpoints import EndpointStore
from user_agent.addresses import AddressPolicy
from user_agent.models.catalog import Catalog, load_catalog
from user_agent.runtime import ModelClients


@dataclass(frozen=True, slots=True)
class Minds:
    catalog: Catalog
    clients: ModelClients
    """For the models of the catalogue; `models` has others for endpoints that people add."""
    keyring: Keyring
    reach: Reach
    endpoints: Endpoints
    models: Models


@asynccontextmanager
async def open_minds(ground: Ground) -> AsyncGenerator[Minds]:
    settings = ground.settings
    catalog = await asyncio.to_thread(load_catalog, settings.model_config_file)
    keyring = Keyring(settings, ground.secrets, catalog, ground.tools.known)
    reach = Reach(AddressPolicy(own_network=not settings.tokens), settings.trusted_origins, settings.local_model_ports)
    endpoints = Endpoints(EndpointStore(ground.database), ground.secrets, reach, catalogue=catalog.entries.keys())
    async with (
        ModelClients() as clients,
        ModelClients(policy=reach.policy, trusted_origins=reach.trusted_origins) as own_clients,
    ):
        models = Models(catalog, keyring, endpoints, ground.preferences, clients=clients, own_clients=own_clients)
        yield Minds(catalog, clients, keyring, reach, endpoints, models)
