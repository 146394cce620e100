"""Failures as JSON: `{code, message, params}`, the same shape from every door."""

import json
import secrets

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from user_agent.errors import (
    ConfigError,
    FabricError,
    FetchFailed,
    FieldConflict,
    LimitReached,
    NotSignedIn,
    TooManyGuesses,
)

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

_CODES = {404: "not_found", 405: "bad_request", 413: "too_large"}


class _Ascii(JSONResponse):
    """JSON in ASCII: what a request got wrong may hold characters that no encoding carries."""

    def render(self, content: object) -> bytes:
        return json.dumps(content).encode("ascii")


def failure(status: int, code: str, message: str, params: dict[str, str | int | float] | None = None) -> JSONResponse:
    return _Ascii({"code": code, "message": message, "params": params or {}}, status_code=status)


def refusal(error: FabricError) -> JSONResponse:
    """What a door answers with where that is raised."""
    body: dict[str, object] = {"code": error.code, "message": error.message, "params": error.params}
    if isinstance(error, ConfigError):
        body |= {"field": error.field, "reason": error.reason}
    if isinstance(error, FieldConflict):
        body["clashes"] = {
            field: {"wanted": wanted, "current": current} for field, (wanted, current) in error.clashes.items()
        }
    if isinstance(error, FetchFailed) and error.told:
        body["reasons"] = {"zh": error.told.zh, "en": error.told.en}
    response = _Ascii(body, status_code=error.status)
    response.headers.update(headers_of(error))
    return response


def headers_of(error: FabricError) -> dict[str, str]:
    """What programs go by where that is raised: when to ask again, and with what."""
    if isinstance(error, LimitReached | TooManyGuesses):
        return {"retry-after": str(error.params["seconds"])}
    return {"www-authenticate": "Bearer"} if isinstance(error, NotSignedIn) else {}


async def known(request: Request, error: Exception) -> JSONResponse:
    """The answer to a `FabricError`."""
    assert isinstance(error, FabricError)  # noqa: S101  registered for it
    return refusal(error)


async def http(request: Request, error: Exception) -> JSONResponse:
    """The answer to what no route takes."""
    assert isinstance(error, HTTPException)  # noqa: S101  registered for it
    return failure(error.status_code, _CODES.get(error.status_code, "bad_request"), str(error.detail))


async def gone(request: Request, error: Exception) -> Response:
    """The answer where the client left in the middle of its request: nobody reads it, and nothing is wrong here."""
    return Response(status_code=499)


async def defect(request: Request, error: Exception) -> JSONResponse:
    """The answer to everything else, which the log has under the incident that it names."""
    incident = secrets.token_hex(4)
    log.error("request_failed", incident=incident, path=request.url.path, exc_info=error)
    message = f"Something went wrong here. The log has it under incident {incident}."
    return failure(500, "internal", message, {"incident": incident})
