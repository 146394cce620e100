"""Failures as JSON: `{code, message, params}`, the same shape from every route."""

from collections.abc import Iterable

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.routing import BaseRoute, Match
from starlette.types import Scope

from user_agent.errors import FabricError, NotFound
from user_agent.serve.failures import defect, failure, gone, http, known

_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


def install(app: FastAPI) -> None:
    """Answer every failure of the API in one shape."""
    app.add_exception_handler(FabricError, known)
    app.add_exception_handler(RequestValidationError, _malformed)
    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(ClientDisconnect, gone)
    app.add_exception_handler(Exception, defect)


def install_last(app: FastAPI) -> None:
    """Answer for what no route of the API takes, before the page does in its own way. Call it after all routes."""

    routes = [*app.routes]

    @app.api_route("/api/{path:path}", methods=[*_METHODS], include_in_schema=False)
    async def nothing(request: Request, path: str) -> JSONResponse:  # pyright: ignore[reportUnusedFunction]  a route
        there = f"The API has no {request.method} /api/{path[:200]}. /docs shows what it has."
        taken = [method for method in _METHODS if _takes(routes, request.scope, method)]
        if not taken:
            raise NotFound(there)
        answer = failure(405, "bad_request", there)
        answer.headers["allow"] = ", ".join(taken)
        return answer


def _takes(routes: Iterable[BaseRoute], scope: Scope, method: str) -> bool:
    return any(route.matches({**scope, "method": method})[0] is Match.FULL for route in routes)


async def _malformed(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101  registered for it
    first = error.errors()[0]
    field = ".".join(str(step) for step in first["loc"][1:]) or "body"
    return failure(422, "bad_request", f"{field!r}: {first['msg']}.", {"field": field, "reason": first["msg"]})
