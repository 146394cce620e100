"""What one page of the browser may fetch, and what is left of it when its scripts have drawn it."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from user_agent.answers import Fetched
from user_agent.errors import FetchFailed
from user_agent.net import Http
from user_agent.pages.rendering import NotRendered, Rendered
from user_agent.words import Language

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, Page, Route, WebSocketRoute

SETTLE_TIMEOUT_S = 4.0
"""How long a page that goes on fetching is waited for after it was parsed."""
MAX_TURNS = 3
"""How often a page may lead to another while it is read."""
MAX_REQUESTS = 80
MAX_BYTES = 20_000_000
"""Of all that a page fetches, itself included."""
MAX_HTML_CHARS = 5_000_000

_WANTED = frozenset({"document", "script", "stylesheet", "xhr", "fetch"})
"""What the words of a page may hang on; pictures, fonts, films and pings do not."""
_PASSED_ON = ("accept", "origin", "referer")
_NOT_PASSED_BACK = frozenset({"content-encoding", "content-length", "transfer-encoding", "set-cookie", "connection"})
# Everything that a person would not see, whatever style hides it, is marked as the reader knows it.
_MARK_HIDDEN = """() => {
  for (const element of [...document.body.querySelectorAll("*")].slice(0, 50000)) {
    const seen = element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
    if (!seen || getComputedStyle(element).fontSize === "0px") element.setAttribute("hidden", "");
  }
}"""


@dataclass
class Visit:
    """What one page may fetch."""

    http: Http
    page: Fetched
    language: Language
    requests: int = 0
    bytes: int = 0
    begun: bool = False
    popups: set["asyncio.Task[None]"] = field(default_factory=set["asyncio.Task[None]"])

    async def answer(self, route: "Route") -> None:
        """Answers a request of the browser's, or says that it failed."""
        from playwright.async_api import Error

        with suppress(Error):  # the page is closed already
            answer = await self._fetched(route)
            if answer is None:
                await route.abort()
                return
            headers = {name: value for name, value in answer.headers.items() if name.lower() not in _NOT_PASSED_BACK}
            await route.fulfill(status=answer.status, headers=headers, body=answer.body)

    async def _fetched(self, route: "Route") -> Fetched | None:
        request = route.request
        own = request.is_navigation_request() and request.frame.parent_frame is None
        if own and not self.begun:
            self.begun = True
            self.bytes += len(self.page.body)
            return self.page
        self.requests += 1
        # What a tool that only reads may ask: no form is sent, and no frame of another site drawn.
        asks = request.method in ("GET", "HEAD") and request.resource_type in _WANTED
        if not asks or (request.resource_type == "document" and not own):
            return None
        if self.requests > MAX_REQUESTS or self.bytes >= MAX_BYTES:
            return None
        headers = {name: value for name in _PASSED_ON if (value := request.headers.get(name))}
        try:
            answer = await self.http.fetch(
                request.url,
                method=request.method,
                headers=headers,
                max_bytes=MAX_BYTES - self.bytes,
                any_status=True,
                language=self.language,
            )
        except FetchFailed:
            return None
        self.bytes += len(answer.body)
        return answer

    def close(self, popup: "Page") -> None:
        """A window that the page opened; nobody looks at it."""
        task = asyncio.create_task(popup.close())
        self.popups.add(task)
        task.add_done_callback(self.popups.discard)


async def drawn(context: "BrowserContext", visit: Visit) -> Rendered:
    """The page after its scripts ran, in a profile of its own. Raises `NotRendered`, and Playwright's `Error`."""
    from playwright.async_api import Error
    from playwright.async_api import TimeoutError as Late

    await context.route("**/*", visit.answer)
    await context.route_web_socket("**/*", _refuse)
    page = await context.new_page()
    page.on("popup", visit.close)
    await page.goto(visit.page.url, wait_until="domcontentloaded", timeout=0)  # who waits has a limit
    for _ in range(MAX_TURNS):
        with suppress(Late):
            await page.wait_for_load_state("networkidle", timeout=SETTLE_TIMEOUT_S * 1_000)
        try:
            if await page.evaluate("location.protocol") not in ("http:", "https:"):
                raise NotRendered("The page led to where nothing is to be read.")
            await page.evaluate(_MARK_HIDDEN)
            html = await page.content()
        except Error:
            continue  # it went on to another page meanwhile
        if len(html) > MAX_HTML_CHARS:
            raise NotRendered("The page drew more than can be read.")
        return Rendered(page.url, html)
    raise NotRendered("The page goes on and on to others.")


async def _refuse(socket: "WebSocketRoute") -> None:
    await socket.close()
