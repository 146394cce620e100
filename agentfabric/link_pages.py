"""What is below `/a/` beside the agents' own pages: the list of public ones, frames and their script, and what is shown
where a link does not open."""

import asyncio
import json
import time
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import cast

from jinja2 import Environment, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from agentfabric.embedding import LIVES_S, Frame, FrameTokens
from agentfabric.headers import page_policy
from agentfabric.link_door import FRAME_PATH, LinkDoor, links_of
from agentfabric.signin import sign_in_page
from user_agent.errors import FabricError, NotSignedIn
from user_agent.serve.app import agent_app
from user_agent.serve.door import Entered
from user_agent.serve.headers import with_headers
from user_agent.serve.limits import Streams
from user_agent.serve.page import filled, language_of
from user_agent.serve.page_files import chat_files
from user_agent.words import Language

_WORDS: dict[str, dict[Language, dict[str, str]]] = {
    "gone": {
        "zh": {
            "title": "这个链接打不开",
            "lead": "这里没有智能体，或者它不再分享。请要一个新的链接。",
        },
        "en": {
            "title": "This link does not open",
            "lead": "There is no agent here, or it is not shared any more. Ask for a new link.",
        },
    },
    "listed": {
        "zh": {"title": "公开的智能体", "lead": "这台服务器上的人公开分享的智能体。"},
        "en": {"title": "Public agents", "lead": "Agents that people on this server share with everybody."},
    },
    "none": {
        "zh": {"title": "公开的智能体", "lead": "现在还没有人公开分享智能体。"},
        "en": {"title": "Public agents", "lead": "Nobody shares an agent with everybody yet."},
    },
}
_FOLDER = Path(__file__).parent
_STATIC = _FOLDER.parent / "static"
# Read once, at import: requests are answered inside the event loop.
_MARK = (_STATIC / "studio" / "mark.svg").read_text(encoding="utf-8").strip()
_TOKENS = (_STATIC / "chat" / "tokens.css").read_text(encoding="utf-8")
_SCRIPT = (_STATIC / "chat" / "embed.js").read_text(encoding="utf-8")
_TEMPLATES = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
_PAGE = _TEMPLATES.from_string((_FOLDER / "shared.html.j2").read_text(encoding="utf-8"))
_PREVIEW = _TEMPLATES.from_string((_FOLDER / "framed_preview.html.j2").read_text(encoding="utf-8"))
_PREVIEW_WORDS: dict[Language, dict[str, str]] = {
    "zh": {"title": "嵌入网页的效果", "lead": "你的网页上会是这样：右下角的按钮打开聊天。"},
    "en": {
        "title": "How it looks on a page",
        "lead": "This is how it looks on a page of yours: the button at the bottom right opens the chat.",
    },
}
_PLAIN_PAGE = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; "
    "form-action 'none'"
)


def shared_routes(door: LinkDoor, streams: Streams) -> list[BaseRoute]:
    """Everything below `/a/`."""
    agents = agent_app(door, _STATIC, more=_framed(door.frames), streams=streams)
    return [
        Route("/a/", _listed),
        Route("/a/{slug}", _with_slash),
        Route("/a/{slug}/embed.js", _script),
        Route(f"/a/{{slug}}{FRAME_PATH}/preview", _preview),
        Mount("/a/{slug}", _LinkPages(agents)),
    ]


class _LinkPages:
    """ASGI middleware: a person who opens a link that does not open is told so on a page."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        below = scope["path"].removeprefix(scope.get("root_path", ""))
        if below != "/" or request.method not in ("GET", "HEAD"):
            await self._app(scope, receive, send)
            return
        try:
            link, _ = await links_of(request).opened(request.path_params["slug"], request.state.user)
        except NotSignedIn as error:
            html = sign_in_page(request.state.language)
            page = HTMLResponse(html, status_code=error.status)
            await page(scope, receive, _told_by(send, page_policy(html.encode())))
        except FabricError as error:
            page = _page("gone", request.state.language, status=error.status)
            await page(scope, receive, _told_by(send, _PLAIN_PAGE))
        else:
            await self._app(scope, receive, send if link.visibility == "public" else _unlisted(send))


async def _listed(request: Request) -> Response:
    language = cast(Language, request.state.language)
    agents: list[dict[str, str]] = []
    for link, served in await links_of(request).public():
        profile = await served.profile()
        agents.append({"slug": link.slug, "name": profile.name or link.slug, "description": profile.description})
    page = _page("listed" if agents else "none", language, agents=agents)
    page.headers.update(_headers(_PLAIN_PAGE))
    return page


async def _with_slash(request: Request) -> Response:
    return RedirectResponse(f"/a/{request.path_params['slug']}/", status_code=308, headers=_headers(_PLAIN_PAGE))


async def _script(request: Request) -> Response:
    """The script for other people's pages: the same for every agent, and it says nothing of any."""
    headers = _headers("default-src 'none'") | {"cross-origin-resource-policy": "cross-origin"}
    headers |= {"cache-control": "public, max-age=300"}
    return Response(_SCRIPT, media_type="text/javascript", headers=headers)


async def _preview(request: Request) -> Response:
    """A page that shows how the agent looks on one."""
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; frame-src 'self'; frame-ancestors 'self'; "
        "base-uri 'none'; form-action 'none'"
    )
    headers = _headers(policy)
    del headers["x-frame-options"]
    language = cast(Language, request.state.language)
    return HTMLResponse(_PREVIEW.render(language=language, **_PREVIEW_WORDS[language]), headers=headers)


def _framed(frames: FrameTokens) -> list[BaseRoute]:
    """The page in a frame, and more time for the token that it was given."""
    template = cache(lambda: chat_files(_STATIC).page("framed.html"))

    def told(frame: Frame) -> dict[str, str | int]:
        now = time.time()
        return {
            "token": frames.signed(frame, now),
            "files": frames.signed(frame, now, "files"),
            "origin": frame.origin,
            "lives_s": LIVES_S,
        }

    async def page(request: Request) -> Response:
        entered, frame = cast(Entered, request.state.entered), cast(Frame, request.state.frame)
        profile = await entered.served.profile()
        # Into the template before what the agent says of itself, which may hold anything.
        framed = (await asyncio.to_thread(template)).replace(
            "{{frame}}", json.dumps(told(frame)).replace("<", "\\u003c")
        )
        html = filled(framed, profile, language_of(request, profile))
        return HTMLResponse(html, headers={"cache-control": "no-store"})

    async def renew(request: Request) -> Response:
        frame = cast("Frame | None", getattr(request.state, "frame", None))
        if frame is None:
            raise NotSignedIn("There is no frame's token to renew. Reload the page.")
        return JSONResponse(told(frame), headers={"cache-control": "no-store"})

    return [Route(FRAME_PATH, page), Route(f"{FRAME_PATH}/token", renew, methods=["POST"])]


def _page(
    kind: str, language: Language, *, status: int = 200, agents: Sequence[Mapping[str, str]] = ()
) -> HTMLResponse:
    html = _PAGE.render(words=_WORDS[kind], language=language, agents=agents, mark=_MARK, tokens=_TOKENS)
    return HTMLResponse(html, status_code=status, headers={"cache-control": "no-store"})


def _headers(policy: str) -> dict[str, str]:
    """What browsers are told about a page that is not an agent's own."""
    start = with_headers({"type": "http.response.start", "status": 200, "headers": []}, policy)
    return {name.decode(): value.decode() for name, value in start["headers"]}


def _told_by(send: Send, policy: str) -> Send:
    async def told(message: Message) -> None:
        await send(with_headers(message, policy) if message["type"] == "http.response.start" else message)

    return told


def _unlisted(send: Send) -> Send:
    """Search engines are asked to leave the page out."""

    async def told(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message["headers"], (b"x-robots-tag", b"noindex")]}
        await send(message)

    return told
