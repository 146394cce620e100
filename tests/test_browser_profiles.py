"""Tests that follow each other in one browser profile see nothing of each other."""

import pytest
from playwright.async_api import Browser, Page

from tests.browser import BROWSER_TEST
from tests.browser_profiles import KeptProfile
from tests.fakes.chat_backend import ChatBackend

pytestmark = BROWSER_TEST

LEAVE = """async () => {
  localStorage.left = sessionStorage.left = "here";
  document.cookie = "left=here";
  await new Promise((done) => { indexedDB.open("left").onsuccess = done; });
  await (await caches.open("left")).put("/left", new Response("here"));
  addEventListener("pagehide", () => { localStorage.parting = "here"; });
}"""
FOUND = """async () => JSON.stringify([
  { ...localStorage }, { ...sessionStorage }, document.cookie, (await indexedDB.databases()).length,
  await caches.keys(), (await navigator.permissions.query({ name: "geolocation" })).state, navigator.onLine,
  innerWidth, matchMedia("(prefers-color-scheme: dark)").matches,
])"""


async def test_a_page_finds_nothing_of_what_another_left(browser: Browser, backend: ChatBackend) -> None:
    profile = await KeptProfile.made(browser, "en-US")
    context = profile.context

    async def visiting() -> Page:
        page = await context.new_page()
        await page.goto(backend.base_url)
        return page

    first = await visiting()
    new = await first.evaluate(FOUND)
    await context.grant_permissions(["geolocation"])
    await first.set_viewport_size({"width": 390, "height": 844})
    await first.emulate_media(color_scheme="dark")
    await first.evaluate(LEAVE)
    await (await visiting()).evaluate("localStorage.other = 'here'")
    assert await first.evaluate(FOUND) != new
    await first.goto(f"{backend.base_url}/healthz")
    await context.set_offline(True)

    await profile.emptied()

    assert await (await visiting()).evaluate(FOUND) == new
    await context.close()


async def test_a_profile_in_which_the_time_was_set_is_not_handed_on(browser: Browser, backend: ChatBackend) -> None:
    profile = await KeptProfile.made(browser, "en-US")
    page = await profile.context.new_page()
    await page.goto(backend.base_url)
    await page.clock.set_fixed_time(0)
    with pytest.raises(AssertionError, match="the time stands still"):
        await profile.emptied()
    await profile.context.close()
