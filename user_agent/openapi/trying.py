"""A call of an operation as somebody tries it: the request that it makes, and what comes back or could."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from pydantic import JsonValue

from user_agent.openapi.checking import fitting
from user_agent.openapi.requests import ApiRequest, build_request
from user_agent.openapi.sending import answer_to, is_signed
from user_agent.openapi.stored import Api, Operation
from user_agent.tools.base import ToolContext
from user_agent.tools.calling import cut

_KEY = "[key]"
"""What stands for the key in a request that is shown: the real one is not in it at all."""
_SPELLINGS = (base64.b64encode(_KEY.encode()).decode(), quote(_KEY, safe=""))


@dataclass(frozen=True, slots=True)
class Trial:
    """What is sent, without any key, and what came of it."""

    request: ApiRequest
    status: int | None
    """None where nothing was sent."""
    answer: str
    """As a model would read it. Of a dry trial it is made up from the description; empty where that tells nothing."""


async def try_dry(api: Api, operation: Operation, arguments: Mapping[str, JsonValue]) -> Trial:
    """Nothing is sent. Raises `ToolError` for arguments that do not fit."""
    request = _shown_request(api, operation, await fitting(operation.name, operation, arguments))
    mock = operation.answer
    answer = "" if mock is None else mock if isinstance(mock, str) else json.dumps(mock, ensure_ascii=False, indent=2)
    return Trial(request, None, answer)


async def try_live(
    api_id: str, api: Api, operation: Operation, arguments: Mapping[str, JsonValue], context: ToolContext
) -> Trial:
    """Sends the request. A refusal is an answer, too. Raises `ToolError` as `try_dry` does, and where none came."""
    given = await fitting(operation.name, operation, arguments)
    request = _shown_request(api, operation, given)
    answer = await answer_to(api_id, api, operation, given, context)
    return Trial(request, answer.status, cut(answer.text))


def _shown_request(api: Api, operation: Operation, arguments: Mapping[str, JsonValue]) -> ApiRequest:
    request = build_request(api, operation, arguments, _KEY if is_signed(api, operation) else "")
    for written in _SPELLINGS:
        request.url = request.url.replace(written, _KEY)
        request.headers = {name: value.replace(written, _KEY) for name, value in request.headers.items()}
    return request
