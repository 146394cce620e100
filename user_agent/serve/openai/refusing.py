"""Failures in the shape that clients of OpenAI read: `{"error": {message, type, param, code}}`."""

from collections.abc import Mapping

import orjson
from starlette.responses import Response

from user_agent.errors import FabricError, LimitReached, NotAllowed, NotFound, NotSignedIn
from user_agent.serve.failures import headers_of

_CODES = {
    NotSignedIn: "invalid_api_key",
    NotAllowed: "insufficient_permissions",
    NotFound: "model_not_found",
    LimitReached: "rate_limit_exceeded",
}


class Refused(Exception):
    """A request that is not answered. `param` names the field that is at fault."""

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        code: str | None = None,
        param: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.code = code
        self.param = param
        self.headers = headers or {}

    @property
    def body(self) -> dict[str, object]:
        return {
            "error": {"message": self.message, "type": self._type, "param": self.param, "code": self.code},
        }

    @property
    def response(self) -> Response:
        return Response(orjson.dumps(self.body), self.status, media_type="application/json", headers=dict(self.headers))

    @property
    def _type(self) -> str:
        match self.status:
            case 401:
                return "authentication_error"
            case 403:
                return "permission_error"
            case 429:
                return "rate_limit_error"
            case status:
                return "server_error" if status >= 500 else "invalid_request_error"


def refusal_of(error: FabricError) -> Refused:
    """A failure of ours as these clients know it."""
    code = next((code for kind, code in _CODES.items() if isinstance(error, kind)), error.code)
    return Refused(error.message, status=error.status, code=code, headers=headers_of(error))
