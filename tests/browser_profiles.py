"""Browser profiles that one test hands to the next, emptied of all that a page could find there.

What stays is the cache of files that servers let a browser keep: half of what it costs to open the studio.
"""

from typing import Any, Protocol, cast
from urllib.parse import urlsplit

from playwright.async_api import Browser, BrowserContext, Frame, Page

PATIENCE_MS = 20_000
"""How long something may take to show: other tests keep the machine busy too."""


class _Wire(Protocol):
    """Chromium's own protocol; Playwright's types leave the parameters open."""

    async def send(self, method: str, params: dict[str, Any], /) -> object: ...


async def new_profile(browser: Browser, locale: str) -> BrowserContext:
    """No cookies, no storage, 1440 pixels wide."""
    context = await browser.new_context(viewport={"width": 1440, "height": 900}, locale=locale)
    context.set_default_timeout(PATIENCE_MS)
    return context


_TIME_PASSES = """async () => {
  const then = Date.now();
  await new Promise((done) => setTimeout(done, 5));
  return Date.now() > then;
}"""


class KeptProfile:
    """One profile for test after test. Each test gets `context` as if it was new, and `emptied` comes after it."""

    def __init__(self, context: BrowserContext, keeper: Page, wire: _Wire) -> None:
        self.context = context
        self._keeper = keeper
        """An empty page, through which the browser is told what to forget when all others are closed."""
        self._wire = wire
        self._origins: set[str] = set()
        context.on("page", lambda page: page.on("framenavigated", self._visited))

    @classmethod
    async def made(cls, browser: Browser, locale: str) -> "KeptProfile":
        context = await new_profile(browser, locale)
        keeper = await context.new_page()
        return cls(context, keeper, cast(_Wire, await context.new_cdp_session(keeper)))

    async def emptied(self) -> None:
        """Closes what is open, and takes away cookies, storage, permissions and whatever else the profile was told.

        Fails where a time was set, which no profile forgets: such a test is marked `first_visit`."""
        for page in self.context.pages:
            if page is not self._keeper:
                await page.close()
        for origin in self._origins:
            await self._wire.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": "all"})
        self._origins.clear()
        await self.context.clear_cookies()
        await self.context.clear_permissions()
        await self.context.unroute_all()
        await self.context.set_extra_http_headers({})
        await self.context.set_offline(False)
        assert await self._keeper.evaluate(_TIME_PASSES), "the time stands still for all tests that follow"

    def _visited(self, frame: Frame) -> None:
        address = urlsplit(frame.url)
        if address.scheme in ("http", "https"):
            self._origins.add(f"{address.scheme}://{address.netloc}")


class Profiles:
    """The profiles that are kept, one for each language that a browser says its person reads."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._kept: dict[str, KeptProfile] = {}

    async def of(self, locale: str) -> KeptProfile:
        if locale not in self._kept:
            self._kept[locale] = await KeptProfile.made(self._browser, locale)
        return self._kept[locale]
