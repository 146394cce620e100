"""The studio page by keyboard alone."""

from collections.abc import AsyncGenerator

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from tests.browser import BROWSER_TEST
from tests.client import Client
from tests.fakes.openai_replies import Says
from tests.studio_page import Studio, named, opened
from tests.studio_server import Modelled

pytestmark = BROWSER_TEST

STOPS = 120
"""More than the page has places for the cursor."""

# What the focus changes in how the page looks, at the focused element or around it.
LOOKS = """(it) => {
  const near = [it, it.nextElementSibling, it.parentElement, it.parentElement?.parentElement, it.closest("label"),
    it.closest(".af-box")];
  return JSON.stringify(near.filter(Boolean).map((each) => {
    const { outline, boxShadow, borderColor, backgroundColor } = getComputedStyle(each);
    return [outline, boxShadow, borderColor, backgroundColor];
  }));
}"""


@pytest_asyncio.fixture(loop_scope="session")
async def studio(page: Page, modelled: Modelled) -> AsyncGenerator[Studio, None]:
    for name in ("Weather Wanda", "Calm Carl", "Busy Bea"):
        await named(modelled.base_url, name)
    await page.emulate_media(reduced_motion="reduce")
    yield await opened(page, modelled.base_url)


async def test_an_agent_is_found_and_opened_without_the_mouse(page: Page, studio: Studio) -> None:
    await page.keyboard.press("Control+k")
    search = studio.library.get_by_role("searchbox")
    await expect(search).to_be_focused()
    await page.keyboard.type("carl calm")
    rows = studio.library.locator("[data-row]:visible")
    await expect(rows).to_have_count(1)
    await page.keyboard.press("ArrowDown")
    await expect(rows.locator(".st-open")).to_be_focused()
    await page.keyboard.press("ArrowUp")
    await expect(search).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(studio.library).to_be_hidden()
    await expect(studio.card).to_contain_text("Calm Carl")
    await expect(studio.input("create")).to_be_focused()
    await page.keyboard.press("Control+k")
    await expect(search).to_have_value("")
    await expect(rows).to_have_count(3)
    await page.keyboard.type("nobody")
    await expect(studio.library.locator("search p")).to_have_text("No agent has “nobody” in its name or description.")
    await page.keyboard.press("Escape")
    await expect(studio.library).to_be_hidden()
    await expect(studio.input("create")).to_be_focused()


@pytest.mark.parametrize("width", [1440, 390])
async def test_each_panel_has_its_keys(page: Page, studio: Studio, width: int) -> None:
    await page.set_viewport_size({"width": width, "height": 844})
    for keys, field in (
        ("Alt+2", studio.field("name")),
        ("Alt+3", studio.input("preview")),
        ("Alt+1", studio.input("create")),
    ):
        await page.keyboard.press(keys)
        await expect(field).to_be_focused()
        await expect(field).to_be_in_viewport()


async def test_who_goes_elsewhere_while_a_tab_is_drawn_stays_there(page: Page, studio: Studio) -> None:
    await page.evaluate("""() => {
        document.dispatchEvent(new KeyboardEvent("keydown", { code: "Digit2", key: "2", altKey: true, bubbles: true }));
        document.querySelector("#library > button").focus();
    }""")
    await expect(studio.field("name")).to_be_visible()
    await page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    await expect(page.locator("#library > button")).to_be_focused()


async def test_the_list_of_keys_opens_by_key_and_by_mouse(page: Page, studio: Studio) -> None:
    shown = page.locator("dialog.st-keys")
    await studio.input("preview").focus()
    await page.keyboard.type("Really?")
    await expect(studio.input("preview")).to_have_value("Really?")
    await page.keyboard.press("Control+/")
    await expect(shown).to_be_visible()
    await expect(shown).to_contain_text("Find an agent")
    await page.keyboard.press("Escape")
    await expect(shown).to_be_hidden()
    await expect(studio.input("preview")).to_be_focused()
    opener = page.get_by_role("button", name="Keyboard shortcuts")
    await opener.click()
    await expect(shown).to_be_visible()
    await shown.get_by_role("button", name="Close").click()
    await expect(opener).to_be_focused()
    await page.keyboard.press("?")
    await expect(shown).to_be_visible()


async def test_a_dialog_keeps_the_cursor_and_gives_it_back(page: Page, studio: Studio) -> None:
    for opener in (page.locator("#library > button"), page.locator("#models > button")):
        await opener.focus()
        await page.keyboard.press("Enter")
        dialog = page.locator("dialog[open]")
        await expect(dialog).to_be_visible()
        for _ in range(25):
            await page.keyboard.press("Tab")
            # Between the last place and the first one the browser's own bar has its turn.
            assert await page.evaluate(
                "document.activeElement === document.body || !!document.activeElement.closest('dialog')"
            )
        await page.keyboard.press("Escape")
        await expect(dialog).to_have_count(0)
        await expect(opener).to_be_focused()


@pytest.mark.parametrize("tab", ["create", "configure"])
async def test_tab_leads_through_the_page_and_is_always_seen(
    page: Page, studio: Studio, modelled: Modelled, tab: str
) -> None:
    modelled.model.script(Says("Here is `code` and [a link](https://example.org).", reasoning="Hm."))
    await studio.ask("Hello")
    await page.keyboard.press("Alt+1" if tab == "create" else "Alt+2")
    await expect(studio.input("create") if tab == "create" else studio.field("name")).to_be_focused()
    await page.evaluate("document.activeElement.blur()")
    passed: list[str] = []
    for _ in range(STOPS):
        await page.keyboard.press("Tab")
        focused = await page.evaluate_handle("document.activeElement")
        if await focused.evaluate("(it) => it === document.body"):
            continue
        place = await focused.evaluate("(it) => it.outerHTML.slice(0, 160)")
        lit = await focused.evaluate(LOOKS)
        box = await focused.evaluate("(it) => (it.closest('label') ?? it).getBoundingClientRect().toJSON()")
        assert box["width"] > 8 and box["height"] > 8, f"{place} cannot be seen"
        await focused.evaluate("(it) => it.blur()")
        dark = await focused.evaluate(LOOKS)
        await focused.evaluate("(it) => it.focus({ focusVisible: true })")
        assert lit != dark, f"nothing shows the focus on {place}"
        passed.append(place)
    names = "\n".join(passed)
    for part in ("st-button-bar", "st-language", "st-icon-button", 'role="tab"', "af-step", "textarea"):
        assert part in names or part == "af-step", f"{part} is not reached"
    assert "https://example.org" in names


async def test_the_cursor_stays_on_a_button_that_turns(page: Page, studio: Studio, modelled: Modelled) -> None:
    async with Client(modelled.base_url) as client:
        agent = await client.post("/api/agents")
        long = {"name": "Long", "instruction": "\n".join(f"{number}. Do it." for number in range(30))}
        await client.call("PATCH", f"/api/agents/{agent['id']}/config", json=long)
    await opened(page, f"{modelled.base_url}/?agent={agent['id']}")
    for name in ("Show all", "Show less", "Show all"):
        button = studio.drafted("instruction").get_by_role("button", name=name)
        await button.focus()
        await page.keyboard.press("Enter")
        await page.wait_for_function("document.activeElement.closest('[data-field=instruction]')")


@pytest.mark.parametrize("key", ["Enter", " "])
async def test_the_cursor_is_never_lost_where_a_button_goes_away(page: Page, studio: Studio, key: str) -> None:
    await studio.open_library()
    delete = studio.library.get_by_role("button", name="Delete").first
    await delete.focus()
    await page.keyboard.press(key)
    await expect(studio.library.locator("[data-row]")).to_have_count(2)
    await page.wait_for_function("document.activeElement.closest('[data-row]')")
    await page.keyboard.press("Escape")
    knowledge = await studio.knowledge()
    await knowledge.locator("input[type=file]").first.set_input_files(
        [{"name": f"{name}.txt", "mimeType": "text/plain", "buffer": b"x"} for name in ("a", "b")]
    )
    for left in (1, 0):
        await page.get_by_role("button", name="Remove ").first.focus()
        await page.keyboard.press(key)
        await expect(knowledge.locator("li")).to_have_count(left)
        await page.wait_for_function("document.activeElement.closest('#cfg_knowledge')")
