"""A real browser that has no network: what its pages ask for, the guarded client fetches.

Chromium runs in a sandbox of bubblewrap's with no network, no file of this machine that it does not need to run, and
nothing that outlives it. Playwright speaks with it over pipes, gets each of its requests before it is made, and answers
it with what `net.py` fetched, under the rules that hold for every address that somebody chose.
"""

import asyncio
import importlib
import importlib.util
import os
import shlex
import shutil
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

import structlog

from user_agent.answers import Fetched
from user_agent.net import Http
from user_agent.pages.rendering import NotRendered, Rendered
from user_agent.pages.visit import Visit, drawn
from user_agent.walls import Shown, Walls, walled
from user_agent.words import Language, Words

if TYPE_CHECKING:
    from playwright.async_api import Browser, BrowserContext, Playwright

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

RENDER_TIMEOUT_S = 12.0
"""Of everything: waiting for a place, the browser's start, the page's scripts and what they fetch."""
CLOSE_TIMEOUT_S = 3.0
IDLE_S = 60.0
PAGES_AT_ONCE = 2

_SETTINGS = Path("/etc/chromium.d")
"""What the command of Debian's Chromium reads before it starts it."""

_LOCALES: Mapping[Language, str] = {"zh": "zh-CN", "en": "en-US"}
_ARGUMENTS = (
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    # Should a request ever get past the pipes: no name resolves, no proxy answers, and there is no network.
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--proxy-server=http://127.0.0.1:9",
    "--proxy-bypass-list=<-loopback>",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--js-flags=--max-old-space-size=512",
)


def browser_problem(browser: Path) -> Words | None:
    """Why pages cannot be drawn on this machine, with the cure; None where they can."""
    if not os.access(browser, os.X_OK):
        return Words(
            zh=f"没有可以运行的浏览器“{browser}”，所以网页不用浏览器打开。"
            "请填写 Chromium 的路径，例如 /usr/bin/chromium。",
            en=f"There is no browser {str(browser)!r} that could be run, so pages are read without one. Set it to the "
            "path of Chromium, such as /usr/bin/chromium.",
        )
    if shutil.which("bwrap") is None:
        return Words(
            zh="没有 bubblewrap，浏览器就没有沙箱，所以网页不用浏览器打开。"
            "请安装它（Debian：apt install bubblewrap）。",
            en="Without bubblewrap the browser would have no sandbox, so pages are read without it. Install it "
            "(Debian: apt install bubblewrap).",
        )
    if importlib.util.find_spec("playwright") is None:
        return Words(
            zh="没有安装 Playwright，所以网页不用浏览器打开。请运行 pip install -r requirements-browser.txt。",
            en="Playwright is not installed, so pages are read without the browser. Run "
            "pip install -r requirements-browser.txt.",
        )
    return None


class Chromium:
    """One browser for all, started when the first page needs it and ended when none has for a minute.

    Opened with `async with`. Every page has a profile of its own, without cookies, that ends with it.
    """

    def __init__(self, browser: Path) -> None:
        self._path = browser
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._playwright: Playwright | None = None
        self._browser: Browser | None = None
        self._starting = asyncio.Lock()
        self._places = asyncio.Semaphore(PAGES_AT_ONCE)
        self._drawing = 0
        self._idle: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._idle is not None:
            self._idle.cancel()
        await self._end()

    async def render(self, page: Fetched, http: Http, language: Language) -> Rendered:
        """See `Renderer`."""
        self._drawing += 1
        try:
            async with asyncio.timeout(RENDER_TIMEOUT_S), self._places:
                return await self._render(Visit(http, page, language))
        except TimeoutError as error:
            raise NotRendered("The page took too long to draw itself.") from error
        finally:
            self._drawing -= 1
            self._rest()

    async def _render(self, visit: Visit) -> Rendered:
        from playwright.async_api import Error

        try:
            browser = await self._started()
            context = await browser.new_context(
                locale=_LOCALES[visit.language], accept_downloads=False, service_workers="block"
            )
            try:
                return await drawn(context, visit)
            finally:
                await self._close(context)
        except Error as error:
            log.warning("page_not_rendered", problem=str(error).partition("\n")[0][:200])
            raise NotRendered("The browser could not draw the page.") from error

    async def _close(self, context: "BrowserContext") -> None:
        """A page whose scripts never end may hold up its own closing: then the browser goes with it."""
        closing = asyncio.create_task(context.close())
        done, _ = await asyncio.wait([closing], timeout=CLOSE_TIMEOUT_S)
        if not done:
            closing.cancel()
            await self._end()
        await asyncio.gather(closing, return_exceptions=True)

    async def _started(self) -> "Browser":
        async with self._starting:
            if self._browser is None or not self._browser.is_connected():
                await self._end()
                module = await asyncio.to_thread(importlib.import_module, "playwright.async_api")
                self._folder = await asyncio.to_thread(tempfile.TemporaryDirectory, prefix="agentfabric-browser-")
                command = await asyncio.to_thread(_sandboxed, Path(self._folder.name), self._path)
                playwright: Playwright = await module.async_playwright().start()
                self._playwright = playwright
                # Its own sandbox cannot be had inside of bubblewrap's, which is the stricter one.
                self._browser = await playwright.chromium.launch(
                    executable_path=command,
                    args=list(_ARGUMENTS),
                    chromium_sandbox=False,
                    handle_sigint=False,
                    handle_sigterm=False,
                    timeout=RENDER_TIMEOUT_S * 1_000,
                )
            return self._browser

    def _rest(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
        self._idle = asyncio.create_task(self._end_when_idle())

    async def _end_when_idle(self) -> None:
        await asyncio.sleep(IDLE_S)
        async with self._starting:
            if not self._drawing:
                await self._end()

    async def _end(self) -> None:
        browser, self._browser = self._browser, None
        playwright, self._playwright = self._playwright, None
        folder, self._folder = self._folder, None
        for closing in (browser and browser.close(), playwright and playwright.stop()):
            if closing is not None:
                with suppress(Exception):  # it is gone already, or goes with the pipes
                    await asyncio.wait_for(closing, CLOSE_TIMEOUT_S)
        if folder is not None:
            await asyncio.to_thread(folder.cleanup)


def _sandboxed(folder: Path, browser: Path) -> Path:
    """A command in the folder that starts the browser inside of walls: it sees `/usr` and may write to nothing."""
    own = () if browser.resolve().is_relative_to("/usr") else (browser.resolve().parent,)
    shown = [Shown(path, str(path), may_be_missing=True) for path in (_SETTINGS, *own)]
    variables = {"PATH": "/usr/bin:/bin", "HOME": "/tmp"}  # noqa: S108  the sandbox's own
    walls = walled("bwrap", [str(browser)], Walls(variables, shown))
    command = folder / "browser"
    command.write_text(f'#!/bin/sh\nexec {shlex.join(walls)} "$@"\n', encoding="utf-8")
    command.chmod(0o700)
    return command
