"""The door of shared agents, below `/a/`: nobody needs a token of the server there, and nothing of the studio is."""

import hashlib
import secrets
import time
from dataclasses import dataclass, replace
from typing import cast

from starlette.requests import Request

from agentfabric.embedding import Frame, FrameTokens
from agentfabric.service.links import Links
from agentfabric.service.studio import Studio
from agentfabric.store.shares import OpenLink
from user_agent.errors import NotAllowed, NotSignedIn
from user_agent.serve.door import Entered
from user_agent.serve.served import Caller
from user_agent.serve.visitors import Visitors, is_from_own_page
from user_agent.urls import NotAnUrl, page_origin

FRAME_PATH = "/embed"
"""The page that is shown in frames."""


@dataclass(frozen=True, slots=True)
class LinkDoor:
    """Lets a visitor in to the agent of the link whose address they have."""

    visitors: Visitors
    frames: FrameTokens

    async def enter(self, request: Request) -> Entered:
        """Raises `NotFound` for a link that does not open, `NotSignedIn`, and `NotAllowed` for other web pages."""
        links = links_of(request)
        user = cast("str | None", request.state.user)
        link, served = await links.opened(request.path_params["slug"], user)
        if _below(request) == FRAME_PATH:
            origin = framing_origin(request, link)
            request.state.frame = Frame(link.id, origin, secrets.token_hex(16))
            return Entered(served, Caller(request.state.frame.visitor, "embed"), frame_ancestors=(origin,))
        if not is_from_own_page(request):
            raise NotAllowed("Requests from other web pages are not accepted. Open the agent at its own address.")
        frame = self._frame(request)
        if frame is not None:
            if frame.link != link.id or not _may_frame(request, link, frame.origin):
                raise NotSignedIn("This token is for another agent or another page. Reload the page.")
            request.state.frame = frame
            site = None if frame.origin == own_origin(request) else frame.origin
            served = replace(served, guest=replace(served.guest, site=site))
            return Entered(served, Caller(f"frame-{frame.visitor}", "embed"))
        if link.visibility == "private" and user is not None:
            return Entered(served, Caller(f"user-{hashlib.sha256(user.encode()).hexdigest()[:32]}", "page"))
        visitor = self.visitors.of(request)
        return Entered(served, Caller(visitor.name, "page"), visitor.set_cookie)

    def _frame(self, request: Request) -> Frame | None:
        """What the token says that a page in a frame brings; a picture in it can bring one only in its address."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            return self.frames.read(token.strip(), time.time())
        if "frame" in request.query_params and _below(request).startswith("/files/"):
            return self.frames.read(request.query_params["frame"], time.time(), "files")
        return None


def links_of(request: Request) -> Links:
    """The use cases, as the door in front of everything hands them on."""
    return cast(Studio, request.state.studio).links


def framing_origin(request: Request, link: OpenLink) -> str:
    """The origin of the page that shows the frame, as it says itself; the browser is told to show it nowhere else.

    Raises `NotAllowed` for one that the link does not allow, and where nothing says which it is.
    """
    origin = request.query_params.get("origin", "")
    if not _may_frame(request, link, origin):
        raise NotAllowed("This page may not show the agent. Its owner allows the pages that may, by their origin.")
    referer = request.headers.get("referer")
    if referer is not None and _origin(referer) != origin:
        raise NotAllowed(
            "This page is shown by another one than it says. Its address names the site in `origin`: correct that."
        )
    return origin


def own_origin(request: Request) -> str:
    """Empty where the request names no host that could be one."""
    return _origin(f"{request.scope['scheme']}://{request.headers.get('host', '')}")


def _may_frame(request: Request, link: OpenLink, origin: str) -> bool:
    # The server's own page shows the owner how it looks.
    return origin in link.origins or (origin != "" and origin == own_origin(request))


def _below(request: Request) -> str:
    """The path below the link's address."""
    return request.scope["path"].removeprefix(request.scope.get("root_path", ""))


def _origin(address: str) -> str:
    try:
        return page_origin(address)
    except NotAnUrl:
        return ""
