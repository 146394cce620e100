"""Operations of imported APIs as tools of an agent."""

import asyncio
from collections.abc import Collection, Iterator, Mapping
from urllib.parse import urlsplit

from pydantic import JsonValue

from user_agent.errors import ToolError
from user_agent.net import Fetched
from user_agent.openapi.checking import check_arguments
from user_agent.openapi.requests import build_request
from user_agent.openapi.stored import KEY_PREFIX, Api, Operation
from user_agent.policies import OperationPlace
from user_agent.tools.base import SecretNeed, Tool, ToolContext
from user_agent.tools.calling import without_keys
from user_agent.urls import NotAnUrl, origin_of
from user_agent.web_text import text_of
from user_agent.words import NOTHING, Words

TIMEOUT_S = 30.0
MAX_REFUSAL_CHARS = 1_500
_CURES = {
    401: " The key was not accepted: whoever runs this agent has to enter it again under Tools.",
    403: " The key may not do this.",
    404: " Check the ids and names that you gave.",
    429: " It is asked too often: wait, or do without it.",
}


def key_name(api_id: str, api: Api) -> str:
    """What the API's key is called among the secrets. The origin is part of it: elsewhere there is no such key."""
    try:
        return f"{KEY_PREFIX}{api_id}:{origin_of(api.server)}"
    except NotAnUrl:
        return f"{KEY_PREFIX}{api_id}:"


def tools_of(apis: Mapping[str, Api], taken: Collection[str]) -> Iterator[Tool]:
    """A tool for each operation. Names in `taken`, of built-in tools, stay theirs."""
    names = set(taken)
    for api_id, api in apis.items():
        for operation in () if api.proposed else api.operations:
            name, number = operation.name, 1
            while name in names:
                number += 1
                name = f"{operation.name[:60]}_{number}"
            names.add(name)
            yield operation_tool(api_id, api, operation, name)


def operation_tool(api_id: str, api: Api, operation: Operation, name: str) -> Tool:
    """One operation as a tool of that name."""
    secret = key_name(api_id, api)
    host = urlsplit(operation.server or api.server).netloc

    async def checked(arguments: Mapping[str, JsonValue]) -> Mapping[str, JsonValue]:
        given = {argument: value for argument, value in arguments.items() if value is not None}
        await asyncio.to_thread(check_arguments, name, operation.arguments, given)
        return given

    async def check(arguments: Mapping[str, JsonValue]) -> None:
        await checked(arguments)

    async def call(arguments: Mapping[str, JsonValue], context: ToolContext) -> str:
        given = await checked(arguments)
        key = context.secrets.get(secret, "") if _same_origin(operation.server or api.server, api.server) else ""
        return await _answer(api, operation, given, key, context)

    words = operation.title or operation.name
    about = f"{operation.title}\n{operation.description}".strip() or f"{operation.method} {operation.path}"
    return Tool.from_schema(
        call,
        name=name,
        description=about,
        parameters=operation.arguments,
        label=Words(words, words),
        summary=Words(api.title, api.title) if api.title else NOTHING,
        secrets=() if api.auth.kind == "none" else (SecretNeed(secret, Words(api.title, api.title), url=""),),
        effect="writes" if operation.writes else "reads",
        sends=Words(f"参数会发到 {host}", f"What it is asked goes to {host}"),
        timeout_s=TIMEOUT_S,
        policy_key=OperationPlace(api_id, operation.name).key,
        check=check,
    )


async def _answer(
    api: Api, operation: Operation, arguments: Mapping[str, JsonValue], key: str, context: ToolContext
) -> str:
    request = build_request(api, operation, arguments, key)
    answer = await context.http.fetch(
        request.url,
        method=request.method,
        headers=request.headers,
        body=request.body,
        max_redirects=0 if operation.writes else 3,
        total_timeout_s=TIMEOUT_S - 2,
        language=context.language,
        any_status=True,
    )
    # An API may repeat what it was asked with. The user and the password of a basic one are two texts.
    keys = [key, *(key.split(":", 1) if api.auth.kind == "basic" else ())]
    text = without_keys(_text(answer), [each for each in keys if len(each) >= 4])
    if 200 <= answer.status < 300:
        return text or f"It answered {answer.status} and said nothing more."
    cure = _CURES.get(answer.status, " It fails for now." if answer.status >= 500 else "")
    said = f" It said: {text[:MAX_REFUSAL_CHARS]}" if text else ""
    raise ToolError(f"{operation.name} was refused with status {answer.status}.{cure}{said}")


def _text(answer: Fetched) -> str:
    """The body as text; what is no text is only named."""
    text = text_of(answer)
    return f"It sent {len(answer.body):,} bytes of {answer.media_type}, no text." if text is None else text


def _same_origin(one: str, other: str) -> bool:
    try:
        return origin_of(one) == origin_of(other)
    except NotAnUrl:
        return False
