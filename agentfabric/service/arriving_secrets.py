"""Secrets that come with a configuration from outside: kept with it, or as they were before."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from agentfabric.service.arriving import Arrived
from agentfabric.service.server_secrets import ServerSecrets, secret_name
from agentfabric.store.secrets import SecretStore


@asynccontextmanager
async def keeping_secrets(secrets: SecretStore, user: str, arrived: Arrived) -> AsyncGenerator[None]:
    """What came is kept. Where what is done within fails, all of it is as it was."""
    before = dict(await secrets.kept(user))
    try:
        for name, value in arrived.adopted.secrets.items():
            await secrets.set(user, name, value)
        for pasted in arrived.servers:
            await ServerSecrets(secrets).keep(user, pasted)
        yield
    except BaseException:
        for name in (*arrived.adopted.secrets, *(secret_name(each.name, each.server) for each in arrived.servers)):
            if name in before:
                await secrets.set(user, name, before[name].value, origins=before[name].origins)
            else:
                await secrets.delete(user, name)
        raise
