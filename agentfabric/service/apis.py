"""APIs that a person gives an agent by their description: read, chosen from, kept with the agent, signed in to."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import JsonValue, SecretStr, ValidationError

from agentfabric.service.agents import require_unlocked
from agentfabric.service.endpoints import usable_key
from agentfabric.service.keyring import Keyring
from agentfabric.service.surroundings import Lender
from agentfabric.store.agents import AgentStore, Edited
from agentfabric.store.base import new_id
from agentfabric.store.secrets import SecretStore
from agentfabric.store.writing import BY_HAND
from agentfabric.store.writing import Source as Turn
from builder_core.draft import Author
from builder_core.policies import APIS, with_policies_of
from user_agent.config import AgentConfig, Document, Language
from user_agent.errors import AddressUnusable, ConfigError, DescriptionUnusable, FabricError, NotFound, ToolError
from user_agent.openapi.description import Description, read_description
from user_agent.openapi.loading import MAX_BYTES
from user_agent.openapi.references import Unusable
from user_agent.openapi.sending import key_address, key_name
from user_agent.openapi.stored import MAX_CHOSEN, Api, Auth, Operation
from user_agent.openapi.tools import operation_tool, tools_of
from user_agent.openapi.trying import Trial, try_dry, try_live
from user_agent.policies import OperationPlace
from user_agent.tools.base import Tool, ToolContext
from user_agent.urls import NotAnUrl, origin_of, web_address
from user_agent.words import Words

KeyState = Literal["none", "stored", "missing"]

_NO_KEY = Words(
    zh="这个 API 在等密钥。请先填写密钥，再发送。",
    en="This API waits for its key. Enter it first, then send.",
)
_BAD_SERVER = Words(zh="服务器地址不能用：{why}。", en="The server's address cannot be used: {why}.")

_BAD_TOKEN_URL = Words(zh="令牌地址不能用：{why}。", en="The address of the token cannot be used: {why}.")


@dataclass(frozen=True, slots=True)
class Source:
    """Where a description is: in a text, or at a web address."""

    text: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """What a person takes of a description. `operations` are names; an empty `server` is the first of the description.

    `auth` is None for the way to sign in that the description names first. `key` is None where none was entered.
    """

    operations: Sequence[str]
    server: str = ""
    auth: Auth | None = None
    key: SecretStr | None = None
    proposed_by: Turn | None = None
    """The builder's turn that only proposes it: nothing of it is used until a person allows it. None by hand."""


@dataclass(frozen=True, slots=True)
class ApiState:
    """An API of an agent as its person sees it."""

    id: str
    api: Api
    key: KeyState
    tools: Mapping[str, Tool]
    """What the agent's model is offered, by the operation's name."""


class Apis:
    """The use cases of imported APIs. The first argument of each is the user; foreign ids are `NotFound`."""

    def __init__(
        self, agents: AgentStore, secrets: SecretStore, keyring: Keyring, lender: Lender, taken: Collection[str]
    ) -> None:
        """`taken` are the names of tools, which operations do not get."""
        self._agents = agents
        self._secrets = secrets
        self._keyring = keyring
        self._lender = lender
        self._http = lender.http
        self._taken = taken

    async def read(self, source: Source, language: Language) -> Description:
        """What a description offers. Nothing is stored. Raises `DescriptionUnusable`, `FetchFailed`, in `language`."""
        text, came_from = source.text, ""
        if not text.strip():
            fetched = await self._http.fetch(source.url.strip(), max_bytes=MAX_BYTES, language=language)
            text, came_from = fetched.body.decode("utf-8", "replace"), fetched.url
        try:
            return await asyncio.to_thread(read_description, text, source=came_from)
        except Unusable as error:
            reason = error.words[language]
            raise DescriptionUnusable(f"The description cannot be used: {reason}.", reason=reason) from error

    async def all(self, user: str, agent_id: str) -> list[ApiState]:
        config = (await self._agents.get(user, agent_id)).config
        names = set(await self._secrets.names(user))
        return [_state(config, api_id, names, self._taken) for api_id in config.openapi]

    async def put(
        self, user: str, agent_id: str, source: Source, choice: Choice, language: Language, *, api_id: str | None = None
    ) -> Edited:
        """Give the agent what was chosen of a description, in the place of the API `api_id` if that is named.

        Raises as `read` does, `ConfigError` for a choice that does not fit, `AddressUnusable`, and `Locked`.
        """
        config = (await self._agents.get(user, agent_id)).config
        if api_id is not None:
            _api(config, api_id)
        description = await self.read(source, language)
        api = _chosen(description, source, choice, language)
        author: Author = "builder" if choice.proposed_by else "form"
        key = choice.key or description.key
        usable = _usable(api, key) if key is not None and api.auth.kind != "none" else None
        wanted = api_id or new_id()

        def with_it(config: AgentConfig) -> AgentConfig:
            stored = config.document.get(APIS)
            apis = stored if isinstance(stored, dict) else {}
            changed: Document = {**apis, wanted: api.model_dump(mode="json", exclude_defaults=True)}
            # What was chosen of operations that are as they were goes on; what changed asks again.
            return config.replaced({APIS: with_policies_of(changed, config)})

        edited = await self._agents.edit(
            user, agent_id, with_it, author_of=lambda _: author, source=choice.proposed_by or BY_HAND
        )
        require_unlocked(edited, APIS)
        if usable is not None:
            await self._keep_key(user, wanted, api, usable)
        before = config.openapi.get(wanted)
        if before is not None and key_name(wanted, before) != key_name(wanted, api):
            await self._forget_key(user, wanted, before)
        return edited

    async def try_operation(
        self,
        user: str,
        agent_id: str,
        api_id: str,
        name: str,
        arguments: Mapping[str, JsonValue],
        language: Language,
        *,
        live: bool,
    ) -> Trial:
        """What a call of an operation sends, and what comes of it: of a live one from the API, else made up.

        Whoever asks for a live one is the person who presses the button: it is not asked about again. Raises
        `ToolError`.
        """
        config = (await self._agents.get(user, agent_id)).config
        api = _api(config, api_id)
        operation = api.operation(name)
        if operation is None:
            raise NotFound(f"The API has no operation {name!r}.")
        if not live:
            return await try_dry(api, operation, arguments)
        secrets = self._keyring.for_apis(await self._keyring.of(user), {api_id: api})
        if api.auth.kind != "none" and not secrets:
            raise ToolError(_NO_KEY[language])
        context = ToolContext(http=self._http, language=language, secrets=secrets, tokens=self._lender.tokens_of(user))
        return await try_live(api_id, api, operation, arguments, context)

    async def set_key(self, user: str, agent_id: str, api_id: str, key: SecretStr) -> ApiState:
        """Keep the key of an API, for its server's origin alone. Raises `ConfigError`."""
        config = (await self._agents.get(user, agent_id)).config
        api = _api(config, api_id)
        await self._keep_key(user, api_id, api, _usable(api, key))
        return _state(config, api_id, {key_name(api_id, api)}, self._taken)

    async def remove(self, user: str, agent_id: str, api_id: str) -> Edited:
        """The agent has the API no more, and its key is forgotten. Raises `Locked`."""
        api = _api((await self._agents.get(user, agent_id)).config, api_id)

        def without(config: AgentConfig) -> AgentConfig:
            stored = config.document.get(APIS)
            apis = stored if isinstance(stored, dict) else {}
            return config.replaced({APIS: {key: value for key, value in apis.items() if key != api_id}})

        edited = await self._agents.edit(user, agent_id, without, author_of=lambda _: "form")
        require_unlocked(edited, APIS)
        await self._forget_key(user, api_id, api)
        return edited

    async def _keep_key(self, user: str, api_id: str, api: Api, key: SecretStr) -> None:
        await self._secrets.set(user, key_name(api_id, api), key, origins={origin_of(key_address(api))})

    async def _forget_key(self, user: str, api_id: str, api: Api) -> None:
        """Forget the key, unless a copy of the agent still uses it."""
        name = key_name(api_id, api)
        for summary in await self._agents.list(user):
            try:
                used = (await self._agents.get(user, summary.id)).config.openapi.get(api_id)
            except FabricError:
                continue  # it was deleted meanwhile
            if used is not None and key_name(api_id, used) == name:
                return
        await self._secrets.delete(user, name)


def _chosen(description: Description, source: Source, choice: Choice, language: Language) -> Api:
    server = choice.server.strip() or next(iter(description.servers), "")
    try:
        server = _plain(server)
    except NotAnUrl as error:
        reason = _BAD_SERVER[language].format(why=error.words[language])
        raise AddressUnusable(reason, reason=reason) from error
    auth = choice.auth or next(iter(description.auths), Auth())
    if auth.kind == "oauth2":
        auth = auth.model_copy(update={"token_url": _token_url(auth.token_url, language)})
    if auth.kind == "api_key" and not auth.name:
        reason = "the name of what carries the key is missing"
        raise ConfigError(f"{reason.capitalize()}.", field="auth", reason=reason)
    try:
        return Api(
            title=description.title,
            server=server,
            source="" if source.text.strip() else _plain(source.url),
            auth=auth,
            proposed=choice.proposed_by is not None,
            operations=_named(description.operations, choice.operations),
        )
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(step) for step in first["loc"])
        raise ConfigError(f"{place!r}: {first['msg']}.", field=place, reason=first["msg"]) from error


def _token_url(address: str, language: Language) -> str:
    """Raises `AddressUnusable`."""
    try:
        return str(web_address(address.strip()))
    except NotAnUrl as error:
        reason = _BAD_TOKEN_URL[language].format(why=error.words[language])
        raise AddressUnusable(reason, reason=reason) from error


def _plain(address: str) -> str:
    """A web address without its query, which may hold a key. Raises `NotAnUrl`."""
    return str(web_address(address.strip()).with_query(None).with_fragment(None)).rstrip("/")


def _named(operations: Sequence[Operation], names: Collection[str]) -> tuple[Operation, ...]:
    """The operations of these names, in the description's order. Raises `ConfigError`."""
    found = tuple(operation for operation in operations if operation.name in names)
    if not found:
        raise ConfigError("Choose at least one operation.", field="operations", reason="none is chosen")
    if len(found) > MAX_CHOSEN:
        reason = f"more than {MAX_CHOSEN} are chosen"
        raise ConfigError(f"An agent takes {MAX_CHOSEN} operations of an API.", field="operations", reason=reason)
    return found


def _usable(api: Api, key: SecretStr) -> SecretStr:
    """The key as requests can carry it. Raises `ConfigError`."""
    is_pair = api.auth.kind in ("basic", "oauth2")
    usable = key if is_pair else usable_key(key)
    if usable is None:
        raise ConfigError("The key is empty. Enter it again.", field="key", reason="it is empty")
    if is_pair and ":" not in key.get_secret_value():
        reason = "it is no user name and password, or ID and secret, with a colon between them"
        raise ConfigError(f"The key does not fit: {reason}.", field="key", reason=reason)
    return usable


def _api(config: AgentConfig, api_id: str) -> Api:
    """Raises `NotFound` for an id that the agent does not have."""
    api = config.openapi.get(api_id)
    if api is None:
        raise NotFound(f"The agent has no API {api_id!r}.")
    return api


def _state(config: AgentConfig, api_id: str, names: Collection[str], taken: Collection[str]) -> ApiState:
    """`names` are those of the keys that are kept."""
    api = config.openapi[api_id]
    made = {tool.policy_key: tool for tool in tools_of(config.openapi, taken)}
    tools = {
        # What is only proposed is nobody's tool yet.
        each.name: made.get(OperationPlace(api_id, each.name).key) or operation_tool(api_id, api, each, each.name)
        for each in api.operations
    }
    stored: KeyState = "stored" if key_name(api_id, api) in names else "missing"
    return ApiState(api_id, api, "none" if api.auth.kind == "none" else stored, tools)
