"""APIs that an agent uses by their OpenAPI description."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import Field, JsonValue, SecretStr

from agentfabric.api.agents import edited_view
from agentfabric.api.bodies import LANGUAGE, Given, TheStudio, TheUser, an_object, described, read_body
from agentfabric.service.apis import ApiState, Choice, Source
from user_agent.config import Language, check_values
from user_agent.errors import ToolError
from user_agent.openapi.description import Description
from user_agent.openapi.stored import MAX_CHOSEN, Auth, Operation

router = APIRouter(prefix="/api", tags=["apis"])

Json = dict[str, Any]

Key = Annotated[SecretStr | None, Field(max_length=10_000, description="stored encrypted, never given out")]


class Where(Given):
    """A description as `text` (JSON or YAML), or the `url` that it is at."""

    text: str = ""
    url: Annotated[str, Field(max_length=1_000)] = ""
    language: Language = "en"


class Chosen(Where):
    """What is taken of a description: `operations` by name, the `server` to ask, and how to sign in there."""

    operations: Annotated[list[Annotated[str, Field(max_length=64)]], Field(min_length=1, max_length=MAX_CHOSEN)]
    server: Annotated[str, Field(max_length=1_000)] = ""
    auth: Auth | None = None
    key: Key = None


class Tried(Given):
    """A call to try. `live` sends it; without, nothing is sent, and the answer is made up from the description."""

    arguments: Annotated[dict[str, JsonValue], Field(default_factory=dict)]
    live: bool = False
    language: Language = "en"


class NewKey(Given):
    key: Annotated[SecretStr, Field(min_length=1, max_length=10_000)]


_TEXT = {"type": "string"}
_WHERE = {"text": _TEXT, "url": _TEXT, "language": LANGUAGE}
_AUTH = an_object(
    kind={"type": "string", "enum": ["none", "api_key", "bearer", "basic", "oauth2"]},
    place={"type": "string", "enum": ["header", "query", "cookie"]},
    name=_TEXT,
    token_url=_TEXT,
    scopes=_TEXT,
)
_CHOSEN = {
    **_WHERE,
    "operations": {"type": "array", "items": _TEXT},
    "server": _TEXT,
    "auth": _AUTH,
    "key": {
        **_TEXT,
        "description": 'stored encrypted; for "basic", `user:password`; for "oauth2", `id:secret`',
    },
}


@router.post("/openapi", openapi_extra=described(json=an_object(**_WHERE)))
async def read_openapi(request: Request, studio: TheStudio, user: TheUser) -> Json:
    """What a description offers: OpenAPI 3.0, 3.1, Swagger 2, or a plugin file. Nothing is stored.

    `left_out` names each operation that cannot be imported, and why. References are followed within it alone.
    """
    where = await read_body(request, Where, 'The body is JSON with a "text" or a "url".')
    description = await studio.apis.read(Source(where.text, where.url), where.language)
    return await asyncio.to_thread(_description, description)


@router.get("/agents/{agent_id}/apis")
async def list_apis(agent_id: str, studio: TheStudio, user: TheUser) -> list[Json]:
    """The agent's APIs. `key` is `none`, `stored`, or `missing`: until it is entered, their operations are not used."""
    return [_state(state) for state in await studio.apis.all(user, agent_id)]


@router.post("/agents/{agent_id}/apis", status_code=201, openapi_extra=described(json=an_object(**_CHOSEN)))
async def add_api(agent_id: str, request: Request, studio: TheStudio, user: TheUser) -> Json:
    """Give the agent operations of an API. The key is kept for the server's scheme, host and port alone."""
    return await _put(agent_id, None, request, studio, user)


@router.put("/agents/{agent_id}/apis/{api_id}", openapi_extra=described(json=an_object(**_CHOSEN)))
async def replace_api(agent_id: str, api_id: str, request: Request, studio: TheStudio, user: TheUser) -> Json:
    """Choose anew, from a description that is sent again. A key that was entered stays for the same server."""
    return await _put(agent_id, api_id, request, studio, user)


@router.put("/agents/{agent_id}/apis/{api_id}/key")
async def put_api_key(agent_id: str, api_id: str, new: NewKey, studio: TheStudio, user: TheUser) -> Json:
    """Store the key of an API; for one with a user name and a password, `user:password`."""
    return _state(await studio.apis.set_key(user, agent_id, api_id, new.key))


@router.post("/agents/{agent_id}/apis/{api_id}/operations/{name}/try")
async def try_operation(agent_id: str, api_id: str, name: str, tried: Tried, studio: TheStudio, user: TheUser) -> Json:
    """Try an operation: the request as it is sent, with `[key]` for the key, and what came of it.

    `status` is null where nothing was sent. `failed` says why nothing could be, or why no answer came.
    """
    for key, value in tried.arguments.items():
        check_values({key: value}, "arguments")
    try:
        trial = await studio.apis.try_operation(
            user, agent_id, api_id, name, tried.arguments, tried.language, live=tried.live
        )
    except ToolError as error:
        return {"request": None, "status": None, "answer": "", "failed": error.message}
    request = trial.request
    shown = {
        "method": request.method,
        "url": request.url,
        "headers": request.headers,
        "body": (request.body or b"").decode("utf-8", "replace"),
    }
    return {"request": shown, "status": trial.status, "answer": trial.answer, "failed": None}


@router.delete("/agents/{agent_id}/apis/{api_id}")
async def remove_api(agent_id: str, api_id: str, studio: TheStudio, user: TheUser) -> Json:
    """Take an API from the agent, and forget its key."""
    return edited_view(await studio.apis.remove(user, agent_id, api_id))


async def _put(agent_id: str, api_id: str | None, request: Request, studio: TheStudio, user: TheUser) -> Json:
    chosen = await read_body(request, Chosen, 'The body is JSON with a "text" or a "url", and "operations".')
    choice = Choice(chosen.operations, chosen.server, chosen.auth, chosen.key)
    source = Source(chosen.text, chosen.url)
    return edited_view(await studio.apis.put(user, agent_id, source, choice, chosen.language, api_id=api_id))


def _description(description: Description) -> Json:
    return {
        "title": description.title,
        "version": description.version,
        "servers": list(description.servers),
        "auths": [auth.model_dump(mode="json") for auth in description.auths],
        "other_auths": list(description.other_auths),
        "has_key": description.key is not None,
        "operations": [_operation(operation) for operation in description.operations],
        "left_out": [
            {"operation": each.operation, "why": {"zh": each.why.zh, "en": each.why.en}, "line": each.line}
            for each in description.left_out
        ],
        "webhooks": description.webhooks,
    }


def _state(state: ApiState) -> Json:
    api = state.api
    return {
        "id": state.id,
        "title": api.title,
        "server": api.server,
        "source": api.source,
        "auth": api.auth.model_dump(mode="json"),
        "key": state.key,
        "proposed": api.proposed,
        "operations": [
            {
                **_operation(operation),
                "tool": state.tools[operation.name].name,
                "asks": state.tools[operation.name].asks_first(api.policy_of(operation.name), {}),
            }
            for operation in api.operations
        ],
    }


def _operation(operation: Operation) -> Json:
    return {
        "name": operation.name,
        "title": operation.title,
        "description": operation.description,
        "method": operation.method,
        "path": operation.path,
        "effect": "writes" if operation.writes else "reads",
        "tokens": operation.tokens,
    }
