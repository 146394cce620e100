"""People's sign-ins to MCP servers: begun, come back from, renewed, ended. Each is one person's, for one server."""

import asyncio
import hashlib
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakValueDictionary

import structlog
from pydantic import BaseModel, ConfigDict, SecretStr, ValidationError

from agentfabric.store.secrets import MAX_NAME_CHARS, SecretStore
from user_agent.mcp.endpoint import origin_at
from user_agent.mcp.grants import Begun, Grant, OAuthClient, SignInFailed, SignInOver
from user_agent.mcp.sign_in_failures import NO_REGISTRATION, NOT_REGISTERED, OVER, UNKNOWN
from user_agent.mcp.stored import SIGN_IN_PREFIX, McpServer
from user_agent.net import Http
from user_agent.urls import origin_of, web_address
from user_agent.words import Words

BEGUN_S = 15 * 60.0
"""How long a person may take to come back."""
MAX_BEGUN = 20
MAX_SENT = 5
"""How many of the last tokens are kept from being shown, should a server repeat them."""
_BEGUN = f"{SIGN_IN_PREFIX}begun:"
_DONE = f"{SIGN_IN_PREFIX}done:"

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


class _Account(BaseModel):
    """What is stored for one server: what its authorization server knows the studio as, and the sign-in."""

    model_config = ConfigDict(frozen=True)

    client: OAuthClient
    grant: Grant | None = None


class _Waiting(BaseModel):
    """What is stored of a sign-in that was begun."""

    model_config = ConfigDict(frozen=True)

    name: str
    """Of the secret that the account will be."""
    server_name: str
    begun: Begun


@dataclass(frozen=True, slots=True)
class Beginning:
    """Where a person signs in, or why they cannot. `redirect_uri` is what has to be registered by hand where
    `needs_client`."""

    redirect_uri: str
    url: str = ""
    problem: Words | None = None
    needs_client: bool = False


@dataclass(frozen=True, slots=True)
class Returned:
    """How a sign-in ended: `problem` is None where it is done."""

    server: str = ""
    problem: Words | None = None


class SignIns:
    """The sign-ins of everybody; the first argument of each use case is the user."""

    def __init__(self, secrets: SecretStore, http: Http) -> None:
        self._secrets = secrets
        self._http = http
        self._locks = WeakValueDictionary[tuple[str, str], asyncio.Lock]()
        self._renewing: set[asyncio.Task[Grant | None]] = set()

    async def bearer(self, user: str, name: str, server: McpServer) -> "StoredBearer | None":
        """The person's sign-in to a server of theirs; None where there is none."""
        secret = _secret_name(name, server)
        account = await self._account(user, secret)
        if account is None or account.grant is None or account.grant.server != _plain(server):
            return None
        return StoredBearer(self, user, secret, account.grant.id, origin_at(server))

    async def begin(
        self, user: str, name: str, server: McpServer, redirect_uri: str, client_id: str, client_secret: str
    ) -> Beginning:
        """Ask the server where to sign in, and remember that the person went there.

        `client_id` and `client_secret` are what a person was given for this studio where the authorization server
        registers none by itself.
        """
        sdk = await _load()
        secret = _secret_name(name, server)
        try:
            place = await sdk.place_of(self._http, _plain(server), server.kind)
            client = None if client_id else await self._known_client(user, secret, place, redirect_uri)
            if client is None:
                given = sdk.Registered(client_id, client_secret)
                client = await sdk.client_at(self._http, place, redirect_uri, given)
            begun, state, url = sdk.begun(_plain(server), place, client)
        except SignInFailed as error:
            needs_client = error.words in (NO_REGISTRATION, NOT_REGISTERED)
            return Beginning(redirect_uri, problem=error.words, needs_client=needs_client)
        await self._tidy(user, secret)
        waiting = _Waiting(name=secret, server_name=name, begun=begun)
        await self._secrets.set(user, _state_name(state), _closed(waiting), origins={origin_at(server)})
        return Beginning(redirect_uri, url)

    async def finish(self, user: str, came: Mapping[str, str]) -> Returned:
        """What became of a sign-in of this person's, with the query that they came back with. A state counts once."""
        state = _state_name(came.get("state", ""))
        kept = (await self._secrets.kept(user)).get(state)
        if kept is None:
            return Returned(problem=UNKNOWN)
        await self._secrets.delete(user, state)
        waiting = _Waiting.model_validate_json(kept.value.get_secret_value())
        if time.time() - waiting.begun.begun_at > BEGUN_S:
            return Returned(waiting.server_name, UNKNOWN)
        sdk = await _load()
        try:
            grant = await sdk.granted(self._http, waiting.begun, came)
        except SignInFailed as error:
            return Returned(waiting.server_name, error.words)
        await self._keep(user, waiting.name, _Account(client=grant.client, grant=grant))
        return Returned(waiting.server_name)

    async def sign_out(self, user: str, name: str, server: McpServer) -> None:
        """Forget the sign-in, and tell the authorization server so where it can be told."""
        secret = _secret_name(name, server)
        account = await self._account(user, secret)
        await self._secrets.delete(user, secret)
        if account is not None and account.grant is not None:
            sdk = await _load()
            with suppress(SignInFailed):
                await sdk.revoke(self._http, account.grant)

    async def grant(self, user: str, secret: str, grant_id: str) -> Grant | None:
        account = await self._account(user, secret)
        return account.grant if account is not None and account.grant and account.grant.id == grant_id else None

    async def renew(self, user: str, secret: str, grant_id: str, rejected: str) -> Grant | None:
        """The sign-in with another token than `rejected`; None where it is over. Of many who ask, one renews it.

        Raises `SignInFailed` where it could not be renewed just now. Whoever stops waiting does not stop the renewal:
        its answer would be lost, and the old token may count no more.
        """
        task = asyncio.create_task(self._renew(user, secret, grant_id, rejected))
        self._renewing.add(task)
        task.add_done_callback(self._renewing.discard)
        return await asyncio.shield(task)

    async def _renew(self, user: str, secret: str, grant_id: str, rejected: str) -> Grant | None:
        lock = self._locks.setdefault((user, secret), asyncio.Lock())
        async with lock:
            grant = await self.grant(user, secret, grant_id)
            if grant is None or not (grant.access_token == rejected or grant.ran_out):
                return grant
            try:
                if not grant.refresh_token:
                    raise SignInOver(OVER)
                grant = await (await _load()).renewed(self._http, grant)
            except SignInOver as error:
                log.info("mcp_sign_in_over", origin=origin_of(grant.server), reason=error.words.en)
                await self._keep(user, secret, _Account(client=grant.client))
                return None
            await self._keep(user, secret, _Account(client=grant.client, grant=grant))
            return grant

    async def _known_client(self, user: str, secret: str, place: Any, redirect_uri: str) -> OAuthClient | None:
        """The registration of before, where it is for the same place, and did not fail the last time."""
        account = await self._account(user, secret)
        if account is None or await self._begun(user, secret):
            return None  # who did not come back may have been told there that this studio is not known any more
        client = account.client
        is_same = (client.issuer, client.redirect_uri) == (str(place.metadata.issuer), redirect_uri)
        return client if is_same else None

    async def _account(self, user: str, secret: str) -> _Account | None:
        kept = (await self._secrets.kept(user)).get(secret)
        try:
            return _Account.model_validate_json(kept.value.get_secret_value()) if kept else None
        except ValidationError:
            return None

    async def _keep(self, user: str, secret: str, account: _Account) -> None:
        server = account.grant.server if account.grant else account.client.issuer
        await self._secrets.set(user, secret, _closed(account), origins={origin_of(server)})

    async def _begun(self, user: str, secret: str = "") -> dict[str, _Waiting]:
        """Sign-ins that wait for the person to come back, the oldest first; those for one server where it is named."""
        kept = await self._secrets.kept(user)
        found = {
            name: _Waiting.model_validate_json(each.value.get_secret_value())
            for name, each in kept.items()
            if name.startswith(_BEGUN)
        }
        mine = {name: each for name, each in found.items() if secret in ("", each.name)}
        return dict(sorted(mine.items(), key=lambda item: item[1].begun.begun_at))

    async def _tidy(self, user: str, secret: str) -> None:
        """Forget what was begun and will not be ended: for the same server, too long ago, or too many."""
        begun = await self._begun(user)
        for number, (name, each) in enumerate(begun.items()):
            is_old = time.time() - each.begun.begun_at > BEGUN_S
            if each.name == secret or is_old or number <= len(begun) - MAX_BEGUN:
                await self._secrets.delete(user, name)


@dataclass(frozen=True, slots=True)
class StoredBearer:
    """The token of one sign-in, as it is stored when a request is sent."""

    sign_ins: SignIns = field(compare=False, repr=False)
    user: str
    secret: str
    grant_id: str
    origin: str
    _sent: dict[str, None] = field(default_factory=dict[str, None], compare=False, repr=False)

    @property
    def sent(self) -> tuple[str, ...]:
        return tuple(self._sent)

    async def token(self, rejected: str = "") -> str:
        grant = await self.sign_ins.grant(self.user, self.secret, self.grant_id)
        if grant is not None and (grant.access_token == rejected or grant.ran_out):
            grant = await self.sign_ins.renew(self.user, self.secret, self.grant_id, rejected)
        if grant is None:
            return ""
        self._sent[grant.access_token] = None
        for old in list(self._sent)[:-MAX_SENT]:
            del self._sent[old]
        return grant.access_token


async def _load() -> Any:  # Any: a module
    """The part that imports the SDK, which takes a while, when it is first needed."""

    def load() -> Any:
        from user_agent.mcp import sign_in

        return sign_in

    return await asyncio.to_thread(load)


def _plain(server: McpServer) -> str:
    """The server's address without its query, which may hold a key."""
    return str(web_address(server.url).with_query(None))


def _secret_name(name: str, server: McpServer) -> str:
    return f"{_DONE}{server.known_as(name)}:{origin_at(server)}"[:MAX_NAME_CHARS]


def _state_name(state: str) -> str:
    # Hashed: the names of secrets are listed and logged.
    return f"{_BEGUN}{hashlib.sha256(state.encode('utf-8', 'surrogatepass')).hexdigest()}"


def _closed(value: BaseModel) -> SecretStr:
    return SecretStr(value.model_dump_json())
