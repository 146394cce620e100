"""A real Chromium for tests, and pages that nothing wrong may happen on.

A module that drives it says `pytestmark = BROWSER_TEST`: the browser lives in the session's event loop, and so do
the tests.
"""

import os
import shutil
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from playwright.async_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Dialog,
    Page,
    Request,
    async_playwright,
    expect,
)

from tests.browser_profiles import PATIENCE_MS, Profiles, new_profile

BROWSER_TEST = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
REQUIRED = os.environ.get("AGENTFABRIC_BROWSER_TESTS") == "required"
"""Whether a machine without a browser fails these tests instead of skipping them."""

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")
SHELLS = ("chromium-headless-shell", "chrome-headless-shell")
"""The same engine without the windows around the pages, which cost a test a fifth of its time."""

LASTING_SERVERS = frozenset({"guided_server", "modelled_server"})
"""The fixtures of servers that live as long as the session (`tests/studio_server.py`)."""


def chromium_path(*names: str) -> str | None:
    """The browser that `CHROMIUM_PATH` names, else one that is installed; None where there is none."""
    return os.environ.get("CHROMIUM_PATH") or next(filter(None, map(shutil.which, names or CHROMIUMS)), None)


@dataclass
class Watch:
    """What went wrong on a page so far. `expected` are parts of console messages that a test provokes."""

    complaints: list[str] = field(default_factory=list[str])
    expected: list[str] = field(default_factory=list[str])

    def follow(self, page: Page) -> None:
        page.on("request", self._requested)
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.complaints.append(f"page error: {error}"))
        page.on("dialog", self._asked)

    @property
    def unexpected(self) -> list[str]:
        return [said for said in self.complaints if not any(part in said for part in self.expected)]

    def _requested(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme not in ("data", "blob") and address.hostname != "127.0.0.1":
            self.complaints.append(f"request to another host: {request.url}")

    async def _asked(self, dialog: Dialog) -> None:
        self.complaints.append(f"dialog: {dialog.message}")
        await dialog.dismiss()

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"console: {message.text}")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncGenerator[Browser, None]:
    """One Chromium for all tests; `CHROMIUM_PATH` names another than Debian's."""
    path = chromium_path(*SHELLS, *CHROMIUMS)
    if path is None:
        missing = "There is no Chromium: install one (Debian: apt install chromium), or set CHROMIUM_PATH."
        pytest.fail(missing) if REQUIRED else pytest.skip(missing)
    expect.set_options(timeout=PATIENCE_MS)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        await browser.close()


@pytest.fixture
def locale() -> str:
    """What the browser says its person reads; a module with tests in another language has its own."""
    return "en-US"


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def profiles(browser: Browser) -> Profiles:
    """Profiles with what browsers may keep of the servers that live as long as the session."""
    return Profiles(browser)


@pytest_asyncio.fixture(loop_scope="session")
async def context(
    request: pytest.FixtureRequest, browser: Browser, profiles: Profiles, locale: str
) -> AsyncGenerator[BrowserContext, None]:
    """A browser profile of the test's own: no cookies, no storage, 1440 pixels wide.

    Only where many tests open the same server's page has it been used before, unless a test is marked `first_visit`.
    """
    again = not LASTING_SERVERS.isdisjoint(request.fixturenames) and "first_visit" not in request.keywords
    if not again:
        context = await new_profile(browser, locale)
        yield context
        await context.close()
        return
    kept = await profiles.of(locale)
    yield kept.context
    await kept.emptied()


@pytest.fixture
def watch() -> Watch:
    """What `page` complains about; a test names here the console messages that it provokes."""
    return Watch()


@pytest_asyncio.fixture(loop_scope="session")
async def page(context: BrowserContext, watch: Watch) -> AsyncGenerator[Page, None]:
    """A page on which a request to another host, an error in the console or in a script fails the test."""
    page = await context.new_page()
    watch.follow(page)
    yield page
    assert watch.unexpected == []
