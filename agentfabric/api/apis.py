"""APIs that an agent uses by their OpenAPI description."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import Field, JsonValue, SecretStr

from agentfabric.api.agents import edited_view
from agentfabric.api.bodies import LANGUAGE, TheStudio, TheUser, an_object, described
from agentfabric.service.api_choice import Choice, Source, WaitChoice
from agentfabric.service.apis import ApiState
from user_agent.errors import ToolError
from user_agent.openapi.changing import differences
from user_agent.openapi.description import Description
from user_agent.openapi.stored import MAX_CHOSEN, Api, Auth, Operation, Wait
from user_agent.orders import orders_of
from user_agent.serve.bodies import Given, read_body
from user_agent.storable import check_values
from user_agent.words import Language

router = APIRouter(prefix="/api", tags=["apis"])

Json = dict[str, Any]

Key = Annotated[SecretStr | None, Field(max_length=10_000, description="stored encrypted, never given out")]


class Where(Given):
    """A description as `text` (JSON or YAML), or the `url` that it is at."""

    text: str = ""
    url: Annotated[str, Field(max_length=1_000)] = ""
    language: Language = "en"


States = Annotated[list[Annotated[str, Field(max_length=100)]], Field(max_length=20, default_factory=list)]


class Waited(Given):
    """How the result of `operation` is waited for, which only begins a task: `look` is asked, with the id that stands
    at `id_at` of the first answer as its `argument`, until what stands at `state_at` is in `done` or `failed`."""

    operation: Annotated[str, Field(max_length=64)]
    look: Annotated[str, Field(max_length=64)]
    argument: Annotated[str, Field(max_length=64)]
    id_at: Annotated[str, Field(max_length=200)]
    state_at: Annotated[str, Field(max_length=200)] = ""
    done: States
    failed: States


class Chosen(Where):
    """What is taken of a description: `operations` by name, the `server` to ask, how to sign in there, and which
    operations only begin a task whose result is waited for."""

    operations: Annotated[list[Annotated[str, Field(max_length=64)]], Field(min_length=1, max_length=MAX_CHOSEN)]
    server: Annotated[str, Field(max_length=1_000)] = ""
    auth: Auth | None = None
    key: Key = None
    waits: Annotated[list[Waited], Field(max_length=MAX_CHOSEN, default_factory=list)]


class Tried(Given):
    """A call to try. `live` sends it; without, nothing is sent, and the answer is made up from the description."""

    arguments: Annotated[dict[str, JsonValue], Field(default_factory=dict)]
    live: bool = False
    language: Language = "en"


class Checking(Given):
    language: Language = "en"


class Allowed(Given):
    """Changes to allow: operations by name, each with the `digest` of the change that was seen, and the `server` that
    the description names by now."""

    operations: Annotated[dict[str, str], Field(max_length=MAX_CHOSEN)]
    server: Annotated[str, Field(max_length=1_000)] = ""


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
_WAITED = {
    **an_object(
        **dict.fromkeys(("operation", "look", "argument", "id_at", "state_at"), _TEXT),
        **{name: {"type": "array", "items": _TEXT} for name in ("done", "failed")},
    ),
    "description": "how a result is waited for; `id_at` and `state_at` are places in answers: `output.task_id`, a name "
    "alone wherever it stands, or `header:Location`; without a `state_at`, status 202 says that it is not there yet",
}
_CHOSEN = {
    **_WHERE,
    "operations": {"type": "array", "items": _TEXT},
    "server": _TEXT,
    "auth": _AUTH,
    "key": {
        **_TEXT,
        "description": 'stored encrypted; for "basic", `user:password`; for "oauth2", `id:secret`',
    },
    "waits": {"type": "array", "items": _WAITED},
}


@router.post("/openapi", openapi_extra=described(json=an_object(**_WHERE)))
async def read_openapi(request: Request, studio: TheStudio, user: TheUser) -> Json:
    """What a description offers: OpenAPI 3.0, 3.1, Swagger 2, or a plugin file. Nothing is stored.

    `left_out` names each operation that cannot be imported, and why. References are followed within it alone. `waits`
    guesses which operations only begin a task, and how its result could be waited for. `orders` of an operation is what
    of its description gives a model orders, as far as rules can tell.
    """
    where = await read_body(request, Where, 'The body is JSON with a "text" or a "url".')
    description = await studio.apis.read(Source(where.text, where.url), where.language)
    return await asyncio.to_thread(_description, description)


@router.get("/agents/{agent_id}/apis")
async def list_apis(agent_id: str, studio: TheStudio, user: TheUser) -> list[Json]:
    """The agent's APIs. `key` is `none`, `stored`, or `missing`: until it is entered, their operations are not used.

    `moved_to` is the server that the description names by now, where that is another one: until it is allowed, none is
    asked.
    """
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


@router.post("/agents/{agent_id}/apis/{api_id}/check")
async def check_api(agent_id: str, api_id: str, checking: Checking, studio: TheStudio, user: TheUser) -> Json:
    """Fetch the description from its address again. What changed is stopped, as `changed` of each operation tells.

    `new` are the operations that it had not when it was chosen from.
    """
    checked = await studio.apis.check(user, agent_id, api_id, checking.language)
    return {**edited_view(checked.edited), "new": [_operation(operation) for operation in checked.new]}


@router.put("/agents/{agent_id}/apis/{api_id}/changes")
async def allow_changes(agent_id: str, api_id: str, changes: Allowed, studio: TheStudio, user: TheUser) -> Json:
    """Use operations as they are described by now; one that is gone is taken away."""
    return edited_view(await studio.apis.allow(user, agent_id, api_id, changes.operations, server=changes.server))


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
    waits = [WaitChoice(**each.model_dump()) for each in chosen.waits]
    choice = Choice(chosen.operations, chosen.server, chosen.auth, chosen.key, waits)
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
        "waits": [_wait(name, wait) for name, wait in description.waits.items()],
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
                "changed": _changed(api, operation),
            }
            for operation in api.operations
        ],
        "waits": [_wait(name, wait) for name, wait in api.waits.items()],
        "moved_to": api.moved_to,
    }


def _changed(api: Api, operation: Operation) -> Json | None:
    """How it is described by now, where that is not as it was allowed. Without a digest, only its server moved."""
    stopped = api.stopped.get(operation.name)
    if stopped is None:
        return {"gone": False, "digest": "", "parts": [], "orders": []} if api.has_moved(operation) else None
    parts = [
        {"operation": each.operation, "part": each.part, "before": each.before, "after": each.after}
        for each in differences(api, operation)
    ]
    orders = list(orders_of(stopped.now)) if stopped.now else []
    return {"gone": stopped.now is None, "digest": stopped.digest, "parts": parts, "orders": orders}


def _wait(operation: str, wait: Wait) -> Json:
    return {"operation": operation, **wait.model_dump(mode="json", exclude={"look"}), "look": wait.look.name}


def _operation(operation: Operation) -> Json:
    return {
        "name": operation.name,
        "title": operation.title,
        "description": operation.description,
        "method": operation.method,
        "path": operation.path,
        "effect": "writes" if operation.writes else "reads",
        "tokens": operation.tokens,
        "arguments": list(operation.argument_names),
        "orders": list(orders_of(operation)),
    }
