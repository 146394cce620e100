"""APIs that a person gives an agent by their description: read, chosen from, kept with the agent, signed in to."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import JsonValue, SecretStr

from agentfabric.service.agents import require_unlocked
from agentfabric.service.api_choice import Choice, Source, chosen_of
from agentfabric.service.endpoints import usable_key
from agentfabric.service.keyring import Keyring
from agentfabric.service.surroundings import Lender
from agentfabric.store.agents import AgentStore, Edited
from agentfabric.store.base import new_id
from agentfabric.store.secrets import SecretStore
from agentfabric.store.writing import BY_HAND
from builder_core.draft import Author
from builder_core.policies import APIS, with_policies_of
from user_agent.config import AgentConfig, Document
from user_agent.errors import ConfigError, Conflict, DescriptionUnusable, NotFound, ToolError
from user_agent.openapi.changing import allowed, compared, new_in
from user_agent.openapi.description import Description, read_description
from user_agent.openapi.loading import MAX_BYTES
from user_agent.openapi.references import Unusable
from user_agent.openapi.sending import key_address, key_name
from user_agent.openapi.stored import Api, Operation
from user_agent.openapi.tools import operation_tool, tools_of
from user_agent.openapi.trying import Trial, try_dry, try_live
from user_agent.policies import OperationPlace
from user_agent.tools.base import Tool, ToolContext
from user_agent.urls import origin_of
from user_agent.words import Language, Words

KeyState = Literal["none", "stored", "missing"]

_NO_KEY = Words(
    zh="这个 API 在等密钥。请先填写密钥，再发送。",
    en="This API waits for its key. Enter it first, then send.",
)


@dataclass(frozen=True, slots=True)
class ApiState:
    """An API of an agent as its person sees it."""

    id: str
    api: Api
    key: KeyState
    tools: Mapping[str, Tool]
    """What the agent's model is offered, by the operation's name."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of fetching a description again: what changed is stopped, and `new` was not there before."""

    edited: Edited
    new: Sequence[Operation]


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
        api = chosen_of(description, source, choice, language)
        author: Author = "builder" if choice.proposed_by else "form"
        key = choice.key or description.key
        usable = _usable(api, key) if key is not None and api.auth.kind != "none" else None
        wanted = api_id or new_id()

        edited = await self._agents.edit(
            user,
            agent_id,
            lambda config: _with_api(config, wanted, api),
            author_of=lambda _: author,
            source=choice.proposed_by or BY_HAND,
        )
        require_unlocked(edited, APIS)
        if usable is not None:
            await self._keep_key(user, wanted, api, usable)
        before = config.openapi.get(wanted)
        if before is not None and key_name(wanted, before) != key_name(wanted, api):
            await self._forget_key(user, wanted, before)
        return edited

    async def check(self, user: str, agent_id: str, api_id: str, language: Language) -> Checked:
        """Fetch a description again, and stop each operation that it has otherwise than it was allowed.

        Raises as `read` does, `ConfigError` for one that was pasted, and `Locked`.
        """
        source = _api((await self._agents.get(user, agent_id)).config, api_id).source
        if not source:
            reason = "the description was pasted, so there is no address to fetch it from"
            raise ConfigError(
                "The description was pasted: choose anew, and paste it again.", field="url", reason=reason
            )
        description = await self.read(Source(url=source), language)

        def stopping(config: AgentConfig) -> AgentConfig:
            return _with_api(config, api_id, compared(_api(config, api_id), description))

        edited = await self._agents.edit(user, agent_id, stopping, author_of=lambda _: "form")
        require_unlocked(edited, APIS)
        return Checked(edited, new_in(edited.agent.config.openapi[api_id], description))

    async def allow(
        self, user: str, agent_id: str, api_id: str, digests: Mapping[str, str], *, server: str = ""
    ) -> Edited:
        """Use operations as they are described by now, each named with the digest of the change that was seen.

        `server` is the one that the description names by now, where that was seen, too. Raises `Conflict` where
        something changed once more, and `Locked`.
        """

        def allowing(config: AgentConfig) -> AgentConfig:
            api = _api(config, api_id)
            known = {name: stopped.digest for name, stopped in api.stopped.items()}
            if server not in ("", api.moved_to) or any(known.get(name) != seen for name, seen in digests.items()):
                raise Conflict("It changed again. Look at the changes as they are now, and allow those.")
            return _with_api(config, api_id, allowed(api, digests, server=bool(server)))

        before = _api((await self._agents.get(user, agent_id)).config, api_id)
        edited = await self._agents.edit(user, agent_id, allowing, author_of=lambda _: "form")
        require_unlocked(edited, APIS)
        if key_name(api_id, before) != key_name(api_id, edited.agent.config.openapi[api_id]):
            await self._forget_key(user, api_id, before)
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
        """Forget the key, unless what is live of the agent, or a copy of it, still uses it."""
        name = key_name(api_id, api)
        for config in await self._agents.in_use(user):
            used = config.openapi.get(api_id)
            if used is not None and key_name(api_id, used) == name:
                return
        await self._secrets.delete(user, name)


def _with_api(config: AgentConfig, api_id: str, api: Api) -> AgentConfig:
    """What was chosen of operations that are as they were goes on; what changed asks again."""
    stored = config.document.get(APIS)
    apis = stored if isinstance(stored, dict) else {}
    changed: Document = {**apis, api_id: api.model_dump(mode="json", exclude_defaults=True)}
    return config.replaced({APIS: with_policies_of(changed, config)})


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
