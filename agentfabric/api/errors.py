"""Failures as JSON: `{code, message, params}`, the same shape from every route."""

import json
import secrets
from collections.abc import Iterable

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Match
from starlette.types import Scope

from user_agent.errors import ConfigError, FabricError, FieldConflict, NotFound

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

_CODES = {404: "not_found", 405: "bad_request", 413: "too_large"}


_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


def install(app: FastAPI) -> None:
    """Answer every failure of the API in one shape."""
    app.add_exception_handler(FabricError, _known)
    app.add_exception_handler(RequestValidationError, _malformed)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _defect)


def install_last(app: FastAPI) -> None:
    """Answer for what no route of the API takes, before the page does in its own way. Call it after all routes."""

    known = [*app.routes]

    @app.api_route("/api/{path:path}", methods=[*_METHODS], include_in_schema=False)
    async def nothing(request: Request, path: str) -> JSONResponse:  # pyright: ignore[reportUnusedFunction]  a route
        there = f"The API has no {request.method} /api/{path[:200]}. /docs shows what it has."
        taken = [method for method in _METHODS if _takes(known, request.scope, method)]
        if not taken:
            raise NotFound(there)
        answer = failure(405, "bad_request", there)
        answer.headers["allow"] = ", ".join(taken)
        return answer


def _takes(routes: Iterable[BaseRoute], scope: Scope, method: str) -> bool:
    return any(route.matches({**scope, "method": method})[0] is Match.FULL for route in routes)


class _Ascii(JSONResponse):
    """JSON in ASCII: what a request got wrong may hold characters that no encoding carries."""

    def render(self, content: object) -> bytes:
        return json.dumps(content).encode("ascii")


def failure(status: int, code: str, message: str, params: dict[str, str | int | float] | None = None) -> JSONResponse:
    return _Ascii({"code": code, "message": message, "params": params or {}}, status_code=status)


async def _known(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, FabricError)  # noqa: S101  registered for it
    body: dict[str, object] = {"code": error.code, "message": error.message, "params": error.params}
    if isinstance(error, ConfigError):
        body |= {"field": error.field, "reason": error.reason}
    if isinstance(error, FieldConflict):
        body["clashes"] = {
            field: {"wanted": wanted, "current": current} for field, (wanted, current) in error.clashes.items()
        }
    return _Ascii(body, status_code=error.status)


async def _malformed(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101  registered for it
    first = error.errors()[0]
    field = ".".join(str(step) for step in first["loc"][1:]) or "body"
    return failure(422, "bad_request", f"{field!r}: {first['msg']}.", {"field": field, "reason": first["msg"]})


async def _http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101  registered for it
    return failure(error.status_code, _CODES.get(error.status_code, "bad_request"), str(error.detail))


async def _defect(request: Request, error: Exception) -> JSONResponse:
    incident = secrets.token_hex(4)
    log.error("request_failed", incident=incident, path=request.url.path, exc_info=error)
    message = f"Something went wrong here. The log has it under incident {incident}."
    return failure(500, "internal", message, {"incident": incident})
