"""The studio page in windows of every size: nothing is covered, cut off or out of reach."""

import pytest
from playwright.async_api import Page, expect

from tests.browser import BROWSER_TEST
from tests.studio_page import named, opened

pytestmark = BROWSER_TEST


async def test_a_phone_shows_both_panes_and_never_scrolls_sideways(page: Page, guided: str) -> None:
    await page.set_viewport_size({"width": 390, "height": 844})
    studio = await opened(page, guided)
    panes = page.locator("#pane_switch").get_by_role("tab")
    await _fits(page)
    await studio.build("I want an agent that plans weekend trips and knows the weather")
    await expect(studio.drafted("name")).to_be_visible()
    await expect(studio.input("preview")).to_be_hidden()
    await _fits(page)
    await studio.configure()
    await _fits(page)
    await panes.nth(1).click()
    await studio.ask("How is the weather in Hangzhou?")
    await expect(studio.card).to_be_visible()
    await expect(studio.input("create")).to_be_hidden()
    await _fits(page)
    for dialog in (studio.open_library, studio.open_models):
        await dialog()
        await _fits(page)
        await page.keyboard.press("Escape")
    await panes.nth(0).click()
    await expect(studio.field("name")).to_be_visible()


async def test_a_long_conversation_makes_only_itself_longer(page: Page, guided: str) -> None:
    await page.set_viewport_size({"width": 1024, "height": 700})
    studio = await opened(page, guided)
    for city in ("Hangzhou", "Beijing", "Paris"):
        await studio.build(f"I want an agent that knows the weather in {city}")
    assert await page.evaluate(STRETCHED) == []


STRETCHED = """() => {
  const frames = document.querySelectorAll("html, body, .gradio-container, #studio, #panes, .tabitem, .st-pane-chat");
  const isStretched = (part) => part.scrollHeight > part.clientHeight + 1;
  return [...frames].filter(isStretched).map((part) => part.className || part.id);
}"""


@pytest.mark.parametrize("size", [(1440, 900), (390, 844), (640, 360)], ids=str)
async def test_what_is_told_covers_neither_composer_nor_dialog(page: Page, guided: str, size: tuple[int, int]) -> None:
    await page.set_viewport_size({"width": size[0], "height": size[1]})
    for name in ("Otter", "Heron"):
        await named(guided, name)
    studio = await opened(page, guided)
    await studio.open_library()
    await studio.library.get_by_role("button", name="Delete").first.press("Enter")
    toast = page.locator(".st-toast")
    await expect(toast).to_be_visible()
    assert await page.evaluate(COVERED, "dialog[open]") == []
    await page.keyboard.press("Escape")
    await expect(studio.library).to_be_hidden()
    await expect(toast).to_be_visible()
    assert await page.evaluate(COVERED, ".af-dock") == []


COVERED = """(selector) => {
  const toast = document.querySelector(".st-toast").getBoundingClientRect();
  const meets = ({ left, right, top, bottom, width }) =>
    width > 0 && left < toast.right && right > toast.left && top < toast.bottom && bottom > toast.top;
  return [...document.querySelectorAll(selector)]
    .flatMap((part) => [...part.querySelectorAll("button, textarea, label")])
    .filter((button) => !button.closest(".st-toast, .st-dialog-body li") && meets(button.getBoundingClientRect()))
    .map((button) => button.outerHTML);
}"""


async def _fits(page: Page) -> None:
    """Nothing reaches beyond the sides of the window, and nothing can be scrolled there."""
    assert await page.evaluate("document.documentElement.scrollWidth") == 390
    await page.evaluate("window.scrollTo(50, 0)")
    assert await page.evaluate("window.scrollX") == 0
    wide = """() => [...document.querySelectorAll("button, input, textarea, select, h1, h2, h3, p, img")]
      .filter((element) => element.checkVisibility() && !element.closest("[role=group], .af-table, pre"))
      .filter((element) => element.getBoundingClientRect().right > innerWidth + 1)
      .map((element) => element.outerHTML.slice(0, 200))"""
    assert await page.evaluate(wide) == []
