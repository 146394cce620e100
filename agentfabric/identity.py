"""Who is asking: one door in front of everything, page, API, Gradio's own endpoints and `/docs` alike."""

import hashlib
import hmac
import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from starlette.datastructures import Headers
from starlette.requests import Request, cookie_parser
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from agentfabric.settings import LOCAL_USER
from agentfabric.signin import sign_in_page
from user_agent.config import Language

RawHeaders = list[tuple[bytes, bytes]]
LANGUAGE_COOKIE = "af_language"
OPEN_PATHS = frozenset({"/healthz"})
LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[^\s\[\]:/?#@,\\]+)(:[0-9]{1,5})?")

SECURITY_HEADERS: tuple[tuple[bytes, bytes], ...] = (
    (
        b"content-security-policy",
        # Gradio needs inline and evaluated scripts; pictures and requests stay on this origin.
        b"default-src 'self' 'unsafe-inline' 'unsafe-eval'; img-src 'self' data: blob:; media-src 'self' data: blob:; "
        b"font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; frame-ancestors 'none'; "
        b"base-uri 'self'; form-action 'self'; object-src 'none'",
    ),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
)


@dataclass(frozen=True, slots=True)
class Doorkeeper:
    """The rules of the door.

    Without tokens there is one local user, and only requests that were addressed to this machine by its loopback names
    pass. With tokens, whoever brings one is the user it belongs to.
    """

    tokens: Mapping[str, str]
    """User name -> token. Empty: one local user."""
    signing_key: bytes
    allowed_hosts: frozenset[str] = frozenset()
    """Host names to accept besides, for a server behind a proxy. Matters only without tokens, and for `Origin`."""

    @property
    def cookie(self) -> str:
        """The name of the session's cookie: each server's own, since browsers share cookies between ports."""
        return f"af_session_{hashlib.sha256(self.signing_key).hexdigest()[:8]}"

    def user_of(self, headers: Headers) -> str | None:
        """The user that a request's token or cookie belongs to; None for a stranger."""
        if not self.tokens:
            return LOCAL_USER
        scheme, _, given = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            # Headers are bytes: whoever chose a token beyond ASCII sends it as UTF-8.
            return self.user_of_token(given.strip().encode("latin-1").decode("utf-8", "replace"))
        return self._user_of_cookie(headers.get("cookie", ""))

    def user_of_token(self, given: str) -> str | None:
        """The owner of a token. Every token is compared, each in constant time."""
        found = None
        for user, token in self.tokens.items():
            if hmac.compare_digest(given.encode("utf-8", "replace"), token.encode()):
                found = user
        return found

    def session(self, user: str) -> str:
        """The cookie of a user: a signature over name and token, worthless once the token is changed."""
        return hmac.new(self.signing_key, f"{user}\n{self.tokens[user]}".encode(), hashlib.sha256).hexdigest()

    def addressed_here(self, headers: Headers) -> bool:
        """Whether the request means this server, so that a web page that renamed itself to us is turned away."""
        if self.tokens:
            return True
        hosts = headers.getlist("host")
        name = _host_name(hosts[0]) if len(hosts) == 1 else ""
        return is_loopback(name) or name in self.allowed_hosts

    def from_own_page(self, headers: Headers, method: str) -> bool:
        """Whether a browser sent it from our own page, or from the address bar, or it is no browser at all."""
        origin = headers.get("origin")
        if origin is not None:
            scheme, _, theirs = origin.lower().partition("://")
            own = headers.get("host", "").lower()
            return scheme in ("http", "https") and (theirs == own or _host_name(theirs) in self.allowed_hosts)
        if headers.get("sec-fetch-site") in ("cross-site", "same-site"):
            return method in ("GET", "HEAD") and headers.get("sec-fetch-mode") == "navigate"
        return True

    def without_foreign_hosts(self, headers: RawHeaders) -> RawHeaders:
        """The headers, without an `X-Forwarded-Host` that no proxy of ours can have written, and without the address
        that Gradio's own proxies write: Gradio believes both."""
        return [
            (name, value)
            for name, value in headers
            if name not in (b"x-forwarded-host", b"x-gradio-server")
            or (name == b"x-forwarded-host" and _host_name(value.decode("latin-1")) in self.allowed_hosts)
        ]

    def _user_of_cookie(self, header: str) -> str | None:
        # Not the standard library's parser: one odd cookie of another program on this host, and it finds none.
        given = cookie_parser(header).get(self.cookie, "")
        found = None
        for user in self.tokens:
            if hmac.compare_digest(given.encode("utf-8", "replace"), self.session(user).encode()):
                found = user
        return found


class Door:
    """ASGI middleware: decides for every request, before anything else sees it."""

    def __init__(self, app: ASGIApp, keeper: Doorkeeper) -> None:
        self._app = app
        self._keeper = keeper

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            # Nothing here speaks WebSocket; an unanswered upgrade would be a second door.
            await send({"type": "websocket.close", "code": 1008})
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *SECURITY_HEADERS]
            await send(message)

        answer = self._decide(Request(scope))
        if answer is None:
            scope["headers"] = self._keeper.without_foreign_hosts(scope["headers"])
            await self._app(scope, receive, send_guarded)
        else:
            await answer(scope, receive, send_guarded)

    def _decide(self, request: Request) -> Response | None:
        """None lets the request in; else this is the answer."""
        keeper, headers = self._keeper, request.headers
        if not keeper.addressed_here(headers):
            return _refusal(403, "not_allowed", f"This server does not answer to the name {headers.get('host', '')!r}.")
        if not keeper.from_own_page(headers, request.method):
            return _refusal(403, "not_allowed", "Requests from other web pages are not accepted.")
        if request.scope["path"] in OPEN_PATHS:
            return None
        if keeper.tokens and request.method == "GET" and "token" in request.query_params:
            return self._exchange(request)
        user = keeper.user_of(headers)
        if user is None:
            return self._stranger(request)
        request.state.user = user
        return None

    def _exchange(self, request: Request) -> Response:
        """The token in a URL becomes a cookie, and leaves the address bar."""
        given = request.query_params["token"]
        user = self._keeper.user_of_token(given)
        if user is None:
            return self._stranger(request, wrong=True)
        if request.headers.get("sec-fetch-site") in ("cross-site", "same-site"):
            # A link on another page may sign somebody in as its author, who then reads along: they have to agree.
            return HTMLResponse(sign_in_page(_language(request), offered=(user, given)), status_code=401)
        kept = [(key, value) for key, value in parse_qsl(request.url.query) if key != "token"]
        path = "/" + request.scope["path"].lstrip("/\\")
        response = RedirectResponse(path + (f"?{urlencode(kept)}" if kept else ""), status_code=303)
        response.set_cookie(
            self._keeper.cookie,
            self._keeper.session(user),
            max_age=30 * 24 * 3600,
            httponly=True,
            samesite="lax",
            secure=request.url.scheme == "https",
        )
        return response

    def _stranger(self, request: Request, *, wrong: bool = False) -> Response:
        if request.method == "GET" and "text/html" in request.headers.get("accept", ""):
            return HTMLResponse(sign_in_page(_language(request), wrong=wrong), status_code=401)
        response = _refusal(401, "not_signed_in", "Send the token of this server as `Authorization: Bearer …`.")
        response.headers["www-authenticate"] = "Bearer"
        return response


def is_loopback(host: str) -> bool:
    """Whether a server bound to `host` can only be reached from this machine."""
    if host in LOOPBACK_NAMES:
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _language(request: Request) -> Language:
    """The language that was chosen on a page of ours, else the browser's."""
    chosen = cookie_parser(request.headers.get("cookie", "")).get(LANGUAGE_COOKIE)
    if chosen in ("zh", "en"):
        return chosen
    return "zh" if request.headers.get("accept-language", "").lower().startswith("zh") else "en"


def _host_name(host: str) -> str:
    """The name in a `Host` header, without port and brackets; empty where it is no name."""
    found = _HOST.fullmatch(host.lower())
    return found[1].strip("[]").rstrip(".") if found else ""


def _refusal(status: int, code: str, message: str) -> JSONResponse:
    return JSONResponse({"code": code, "message": message, "params": {}}, status_code=status)
