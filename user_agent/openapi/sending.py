"""A call on its way to an API and back: signed, sent, and read as text without what it was signed with."""

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from user_agent.answers import Fetched
from user_agent.openapi.requests import ApiRequest, build_request
from user_agent.openapi.stored import KEY_PREFIX, Api, Operation, digest
from user_agent.tools.base import ToolContext
from user_agent.tools.calling import without_keys
from user_agent.urls import NotAnUrl, origin_of
from user_agent.web_text import text_of

TIMEOUT_S = 30.0


@dataclass(frozen=True, slots=True)
class Answered:
    """What an API answered with, as a model reads it."""

    status: int
    text: str
    headers: Mapping[str, str]


def key_address(api: Api) -> str:
    """The address that the API's key is sent to: the server, or where it is changed for a token."""
    return api.auth.token_url if api.auth.kind == "oauth2" else api.server


def key_name(api_id: str, api: Api) -> str:
    """What the API's key is called among the secrets. The origin is part of it: elsewhere there is no such key.

    Of one that is changed for tokens, so is the server that gets these.
    """
    try:
        name = f"{KEY_PREFIX}{api_id}:{origin_of(key_address(api))}"
        return f"{name}:{digest(origin_of(api.server))}" if api.auth.kind == "oauth2" else name
    except NotAnUrl:
        return f"{KEY_PREFIX}{api_id}:"


def is_signed(api: Api, operation: Operation) -> bool:
    """Whether the key goes along: only to the API's own server."""
    if api.auth.kind == "none":
        return False
    try:
        return origin_of(operation.server or api.server) == origin_of(api.server)
    except NotAnUrl:
        return False


async def answer_to(
    api_id: str, api: Api, operation: Operation, arguments: Mapping[str, JsonValue], context: ToolContext
) -> Answered:
    """What the API answers to a call, whatever its status. Raises `ToolError` where it does not."""
    secret = context.secrets.get(key_name(api_id, api), "") if is_signed(api, operation) else ""
    keys = [secret]
    if api.auth.kind == "oauth2" and secret:
        token = await context.tokens.get(api.auth, secret, context.http, context.language)
        answer = await _sent(operation, build_request(api, operation, arguments, token), context)
        if answer.status == 401:
            keys.append(token)
            token = await context.tokens.get(api.auth, secret, context.http, context.language, instead_of=token)
            answer = await _sent(operation, build_request(api, operation, arguments, token), context)
        keys.append(token)
    else:
        answer = await _sent(operation, build_request(api, operation, arguments, secret), context)
    if api.auth.kind in ("basic", "oauth2"):
        keys += secret.split(":", 1)  # the user and the password are two texts
    # An API may repeat what it was asked with.
    text = without_keys(_text(answer), [each for each in keys if len(each) >= 4])
    return Answered(answer.status, text, answer.headers)


async def _sent(operation: Operation, request: ApiRequest, context: ToolContext) -> Fetched:
    return await context.http.fetch(
        request.url,
        method=request.method,
        headers=request.headers,
        body=request.body,
        max_redirects=0 if operation.writes else 3,
        total_timeout_s=TIMEOUT_S - 2,
        language=context.language,
        any_status=True,
    )


def _text(answer: Fetched) -> str:
    """The body as text; what is no text is only named."""
    text = text_of(answer)
    return f"It sent {len(answer.body):,} bytes of {answer.media_type}, no text." if text is None else text
