"""The one door in front of everything: page, API, Gradio's own endpoints and `/docs` alike."""

import time
from typing import cast
from urllib.parse import parse_qsl, urlencode

from starlette.requests import Request, cookie_parser
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from agentfabric.headers import GuardedSend
from agentfabric.identity import SESSION_S, Doorkeeper
from agentfabric.service.studio import Studio
from agentfabric.settings import LOCAL_USER
from agentfabric.signin import sign_in_page
from user_agent.errors import FabricError, NotAllowed, NotSignedIn, TooManyGuesses
from user_agent.words import Language

LANGUAGE_COOKIE = "af_language"
OPEN_PATHS = frozenset({"/healthz"})
SHARED = "/a/"
"""Where the agents are that their owners share."""
PROGRAMS = ("/v1/", "/agents/")
"""Where programs ask agents with keys of these, which open nothing else here."""


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

        request = Request(scope)
        is_shared = scope["path"].startswith(SHARED)
        guarded = GuardedSend(scope["path"], send)
        try:
            answer = await self._let_by(request) if is_shared else await self._decide(request)
        except FabricError as error:
            answer = _refusal(request, error)
        if answer is None:
            scope["headers"] = self._keeper.without_foreign_hosts(scope["headers"])
            # Shared agents have a door of their own, which says what browsers are told there.
            await self._app(scope, receive, send if is_shared else guarded)
        else:
            await answer(scope, receive, guarded)

    async def _let_by(self, request: Request) -> Response | None:
        """Let anybody go on to the shared agents, known where they are users; whoever signs in there becomes one.

        Raises `FabricError` as `_decide` does.
        """
        if not self._keeper.addressed_here(request.headers):
            raise _other_name(request)
        if self._signs_in(request):
            self._require_own_page(request)
            return await self._exchange(request)
        user = self._keeper.user_of_cookie(request.headers, time.time()) if self._keeper.tokens else LOCAL_USER
        request.state.user, request.state.language = user, language_of(request)
        request.state.studio = request.app.state.studio
        return None

    async def _decide(self, request: Request) -> Response | None:
        """None lets the request in; else this is the answer. Raises `FabricError` for whoever stays outside."""
        keeper, headers = self._keeper, request.headers
        if not keeper.addressed_here(headers):
            raise _other_name(request)
        self._require_own_page(request)
        if request.scope["path"] in OPEN_PATHS or request.scope["path"].startswith(PROGRAMS):
            return None
        if self._signs_in(request):
            return await self._exchange(request)
        request.state.user = await self._user(request)
        request.state.language = language_of(request)
        return None

    def _require_own_page(self, request: Request) -> None:
        if not self._keeper.from_own_page(request.headers, request.method):
            raise NotAllowed(
                "Requests from other web pages are not accepted. If this is the server's own page, the proxy in front "
                "has to pass `Host` on, or whoever runs the server names the host in `AGENTFABRIC_ALLOWED_HOSTS`."
            )

    def _signs_in(self, request: Request) -> bool:
        return bool(self._keeper.tokens) and request.method == "GET" and "token" in request.query_params

    async def _user(self, request: Request) -> str:
        """Who is asking. Raises `NotSignedIn` for a stranger."""
        if not self._keeper.tokens:
            return LOCAL_USER
        token = self._keeper.token_in(request.headers)
        if token is not None:
            return await self._owner(request, token)
        user = self._keeper.user_of_cookie(request.headers, time.time())
        if user is None:
            raise NotSignedIn("Send the token of this server as `Authorization: Bearer …`.")
        return user

    async def _owner(self, request: Request, token: str) -> str:
        """The owner of a token. Raises `NotSignedIn` for a wrong one, and `TooManyGuesses` for any after too many."""
        guesses = cast(Studio, request.app.state.studio).guesses
        client = request.client.host if request.client else ""
        user = self._keeper.user_of_token(token)
        await guesses.judge(client, right=user is not None)
        if user is None:
            raise NotSignedIn("Send the token of this server as `Authorization: Bearer …`. This one is not right.")
        return user

    async def _exchange(self, request: Request) -> Response:
        """The token in a URL becomes a cookie, and leaves the address bar, where all else stays: nothing that a
        request brings says where to go next."""
        given = request.query_params["token"]
        user = await self._owner(request, given)
        if request.headers.get("sec-fetch-site") in ("cross-site", "same-site"):
            # A link on another page may sign somebody in as its author, who then reads along: they have to agree.
            return HTMLResponse(sign_in_page(language_of(request), offered=(user, given)), status_code=401)
        kept = [(key, value) for key, value in parse_qsl(request.url.query) if key != "token"]
        path = "/" + request.scope["path"].lstrip("/\\")
        response = RedirectResponse(path + (f"?{urlencode(kept)}" if kept else ""), status_code=303)
        response.headers["cache-control"] = "no-store"
        response.set_cookie(
            self._keeper.cookie,
            self._keeper.session(user, int(time.time())),
            max_age=SESSION_S,
            httponly=True,
            samesite="lax",
            secure=request.url.scheme == "https",
        )
        return response


def _other_name(request: Request) -> NotAllowed:
    name = request.headers.get("host", "")[:100]
    return NotAllowed(
        f"This server does not answer to the name {name!r}. On its own machine it is called 127.0.0.1 or localhost; "
        "whoever runs it names others in `AGENTFABRIC_ALLOWED_HOSTS`."
    )


def _refusal(request: Request, error: FabricError) -> Response:
    """What a stranger is told: a page where a browser asks for one, else JSON as the API has it."""
    outside = isinstance(error, NotSignedIn | TooManyGuesses)
    if outside and request.method == "GET" and "text/html" in request.headers.get("accept", ""):
        fault = "slow" if isinstance(error, TooManyGuesses) else "wrong" if "token" in request.query_params else None
        return HTMLResponse(sign_in_page(language_of(request), fault=fault), status_code=error.status)
    response = JSONResponse(
        {"code": error.code, "message": error.message, "params": error.params}, status_code=error.status
    )
    if isinstance(error, NotSignedIn):
        response.headers["www-authenticate"] = "Bearer"
    if isinstance(error, TooManyGuesses):
        response.headers["retry-after"] = str(error.params["seconds"])
    return response


def language_of(request: Request) -> Language:
    """The language that was chosen on a page of ours, else the browser's."""
    chosen = cookie_parser(request.headers.get("cookie", "")).get(LANGUAGE_COOKIE)
    if chosen in ("zh", "en"):
        return chosen
    return "zh" if request.headers.get("accept-language", "").lower().startswith("zh") else "en"
