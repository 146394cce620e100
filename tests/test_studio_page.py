"""The studio page as such: its language and light, its library, and how it fits a phone."""

import json
import re
from collections.abc import AsyncGenerator
from typing import Any, Literal
from urllib.parse import parse_qs, urlsplit

import pytest
import pytest_asyncio
from aiohttp import FormData
from playwright.async_api import BrowserContext, FilePayload, Page, expect

from tests.browser import BROWSER_TEST, Watch
from tests.client import Client
from tests.studio_page import Studio, another_page, opened

pytestmark = BROWSER_TEST

CHINESE = re.compile(r"[\u4e00-\u9fff]")
LATIN = re.compile(r"[A-Za-z]{2,}")
OWN_NAMES = re.compile(r"AgentFabric|English|中文")
AGENT = {"name": "007", "description": "42", "instruction": "1 2 3", "prologue": "!", "prompt_recommend": ["?"]}
"""An agent whose own words are of no language."""

OLD_CONFIG = json.dumps(
    {
        "name": "Old heron",
        "knowledge": ["/tmp/config/guide.md"],
        "openAPIConfigs": [{"apiKey": "canary"}],
        "unknown": {"ratio": 1.0, "big": 2**60},
    }
)
"""As an earlier AgentFabric wrote it, with a key and with a path of its machine."""

EVERY_TEXT = """() => {
  const seen = (element) => element?.checkVisibility({ visibilityProperty: true });
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const texts = [];
  while (walker.nextNode()) {
    const { parentElement: parent, data } = walker.currentNode;
    if (seen(parent) && !parent.closest("style, script, code")) texts.push(data);
  }
  for (const element of document.querySelectorAll("[placeholder], [aria-label], [title]")) {
    if (!seen(element)) continue;
    for (const name of ["placeholder", "aria-label", "title"]) texts.push(element.getAttribute(name) ?? "");
  }
  return texts.map((text) => text.trim()).filter(Boolean);
}"""


@pytest_asyncio.fixture(loop_scope="session")
async def studio(page: Page, guided: str) -> AsyncGenerator[Studio, None]:
    """The page with an agent whose own words are of no language."""
    async with Client(guided) as client:
        agent = await client.post("/api/agents")
        path = f"/api/agents/{agent['id']}"
        await client.call("PATCH", f"{path}/config", json={**AGENT, "language": "en", "tools": {"weather": True}})
        files = FormData()
        files.add_field("files", b"%PDF", filename="42")
        assert (await client.call("POST", f"{path}/knowledge", data=files)).status == 201
    yield await opened(page, f"{guided}/?agent={agent['id']}")


@pytest.mark.parametrize("part", ["create", "configure", "library", "models"])
async def test_the_language_changes_every_text_without_a_reload(page: Page, studio: Studio, part: str) -> None:
    await page.evaluate("window.sameDocument = true")
    await studio.language("中文")
    await _turn_to(studio, part)
    assert [text for text in await _texts(page) if LATIN.search(text) and not CHINESE.search(text)] == []
    await page.keyboard.press("Escape")
    await studio.language("English")
    await _turn_to(studio, part)
    assert [text for text in await _texts(page) if CHINESE.search(text)] == []
    assert await page.evaluate("window.sameDocument")
    assert await page.locator("html").get_attribute("lang") == "en-GB"


async def test_the_chosen_language_stays(page: Page, studio: Studio) -> None:
    await studio.language("中文")
    await page.reload()
    await expect(page.get_by_role("tab", name="配置")).to_be_visible()


@pytest.mark.parametrize(("locale", "title"), [("zh-TW", "配置"), ("fr-FR", "Configure")], ids=["zh", "other"])
async def test_the_first_language_is_the_browsers(page: Page, guided: str, title: str) -> None:
    await opened(page, guided)
    await expect(page.get_by_role("tab", name=title)).to_be_visible()


@pytest.mark.parametrize("system", ["light", "dark"])
async def test_the_light_is_the_systems_until_somebody_chooses(
    page: Page, guided: str, system: Literal["light", "dark"]
) -> None:
    await page.emulate_media(color_scheme=system)
    await opened(page, guided)
    assert await _is_dark(page) == (system == "dark")
    await page.get_by_role("button", name="Switch to").click()
    assert await _is_dark(page) == (system == "light")
    await page.reload()
    await page.wait_for_selector("html[data-af-ready]")
    assert await _is_dark(page) == (system == "light")


async def test_the_library_opens_makes_copies_and_renames(page: Page, guided: str) -> None:
    await _named(guided, "Otter")
    await _named(guided, "Heron")
    studio = await opened(page, guided)
    await expect(studio.card).to_contain_text("Heron")
    await studio.open_library()
    await studio.library.get_by_role("button", name=re.compile("^Otter")).click()
    await expect(studio.library).to_be_hidden()
    await expect(studio.card).to_contain_text("Otter")
    await studio.open_library()
    rows = studio.library.get_by_role("listitem")
    await rows.filter(has_text="Otter").get_by_role("button", name="Duplicate").click()
    await expect(rows).to_have_count(3)
    await rows.filter(has_text="Heron").get_by_role("button", name="Rename").click()
    await studio.library.get_by_role("textbox", name="Name").fill("Grey heron")
    await page.keyboard.press("Enter")
    await expect(rows.filter(has_text="Grey heron")).to_be_visible()
    await studio.library.get_by_role("button", name="New agent").click()
    await expect(page.get_by_role("heading", name="Describe the agent you want")).to_be_visible()
    await expect(studio.card).to_contain_text("Untitled agent")


async def test_an_old_configuration_is_imported_and_what_was_changed_is_told(page: Page, guided: str) -> None:
    studio = await opened(page, guided)
    await _import(studio, "builder_config.json", OLD_CONFIG)
    told = page.locator("dialog.st-imported")
    await expect(told.get_by_role("listitem")).to_contain_text(["guide.md", "openAPIConfigs.0.apiKey"])
    await expect(studio.library).to_be_hidden()
    await told.get_by_role("button", name="Got it").click()
    await expect(studio.card).to_contain_text("Old heron")
    agent = parse_qs(urlsplit(page.url).query)["agent"][0]
    config = await _fetched(page, f"/api/agents/{agent}")
    assert config["config"]["unknown"] == {"ratio": 1.0, "big": 2**60}
    await studio.configure()
    await expect(page.locator("#cfg_knowledge").get_by_role("listitem")).to_contain_text("missing")


@pytest.mark.parametrize("text", ["not json", "[1]", ""], ids=["text", "list", "empty"])
async def test_a_file_that_is_no_configuration_is_refused(page: Page, guided: str, text: str) -> None:
    studio = await opened(page, guided)
    await _import(studio, "notes.json", text)
    await expect(page.get_by_text("“notes.json” is no configuration")).to_be_visible()
    await expect(studio.library).to_be_visible()
    assert await _fetched(page, "/api/agents") == []


async def test_a_deleted_agent_can_be_brought_back(page: Page, guided: str) -> None:
    await _named(guided, "Heron")
    studio = await opened(page, guided)
    await studio.ask("Who are you?")
    await studio.open_library()
    await studio.library.get_by_role("button", name="Delete").click()
    await expect(studio.library).to_contain_text("No agents yet")
    await expect(studio.said("preview")).to_have_count(0)
    await page.get_by_role("button", name="Undo").click()
    await expect(studio.library.get_by_role("listitem")).to_contain_text("Heron")
    await page.keyboard.press("Escape")
    await expect(studio.said("preview")).to_have_text(["Who are you?"])


async def test_the_api_is_described_without_asking_another_host(page: Page, guided: str) -> None:
    await page.goto(f"{guided}/docs")
    operations = page.locator(".opblock")
    await expect(operations.first).to_be_visible()
    described = await _fetched(page, "/openapi.json")
    assert await operations.count() == sum(len(methods) for methods in described["paths"].values())
    await page.locator(".opblock-post", has_text="Create Agent").click()
    await expect(page.locator(".opblock-body")).to_contain_text("prompt_recommend")


async def test_undo_outlives_the_dialog_and_the_cursor_stays_in_the_list(page: Page, guided: str) -> None:
    for name in ("Otter", "Heron", "Stork"):
        await _named(guided, name)
    studio = await opened(page, guided)
    await studio.open_library()
    rows = studio.library.get_by_role("listitem")
    await rows.filter(has_text="Heron").get_by_role("button", name="Delete").press("Enter")
    await expect(rows).to_have_count(2)
    await expect(rows.filter(has_text="Otter").locator("button.st-open")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(studio.library).to_be_hidden()
    await studio.open_library()
    await page.get_by_role("button", name="Undo").click()
    await expect(rows.filter(has_text="Heron").locator("button.st-open")).to_be_focused()
    for name in ("Heron", "Otter", "Stork"):
        await rows.filter(has_text=name).get_by_role("button", name="Delete").press("Enter")
        await expect(rows.filter(has_text=name)).to_have_count(0)
    await expect(studio.library.get_by_role("button", name="New agent")).to_be_focused()
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="Undo").last.click()
    await expect(studio.card).to_contain_text("Stork")


async def test_a_long_conversation_makes_only_itself_longer(page: Page, guided: str) -> None:
    await page.set_viewport_size({"width": 1024, "height": 700})
    studio = await opened(page, guided)
    for city in ("Hangzhou", "Beijing", "Paris"):
        await studio.build(f"I want an agent that knows the weather in {city}")
    assert await page.evaluate(
        """() => [...document.querySelectorAll("html, body, .gradio-container, #studio, #panes, .tabitem, .st-pane-chat")]
          .filter((part) => part.scrollHeight > part.clientHeight + 1).map((part) => part.className || part.id)"""
    ) == []


@pytest.mark.parametrize("size", [(1440, 900), (390, 844), (640, 360)], ids=str)
async def test_what_is_told_covers_neither_composer_nor_dialog(page: Page, guided: str, size: tuple[int, int]) -> None:
    await page.set_viewport_size({"width": size[0], "height": size[1]})
    for name in ("Otter", "Heron"):
        await _named(guided, name)
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
  const buttons = [...document.querySelectorAll(selector)].flatMap((part) => [...part.querySelectorAll("button, textarea, label")]);
  return buttons.filter((button) => !button.closest(".st-toast, .st-dialog-body li") && meets(button.getBoundingClientRect()))
    .map((button) => button.outerHTML);
}"""


async def test_a_new_conversation_starts_empty_and_is_the_one_that_is_reopened(page: Page, guided: str) -> None:
    studio = await opened(page, guided)
    await studio.ask("First of all, hello")
    await page.get_by_role("button", name="New conversation").click()
    await expect(studio.said("preview")).to_have_count(0)
    await studio.ask("Once more, hello")
    await page.reload()
    await expect(studio.said("preview")).to_have_text(["Once more, hello"])


async def test_a_file_goes_with_a_message_and_can_be_fetched_again(page: Page, guided: str) -> None:
    studio = await opened(page, guided)
    note = FilePayload(name="packing list.txt", mimeType="text/plain", buffer=b"Boots, map, tea.")
    await page.locator("#preview_pane input[type=file]").set_input_files([note])
    await studio.ask("What is in here?")
    await page.reload()
    link = studio.log("preview").get_by_role("link", name="packing list.txt")
    address = await link.get_attribute("href")
    assert await page.evaluate("async (url) => (await fetch(url)).text()", address) == "Boots, map, tea."


async def test_a_tab_that_is_looked_at_again_shows_what_another_one_changed(
    context: BrowserContext, page: Page, watch: Watch, guided: str
) -> None:
    await _named(guided, "Heron")
    first = await opened(page, guided)
    second = await opened(await another_page(context, watch), page.url)
    await second.configure()
    await second.set("name", "Grey heron")
    await page.bring_to_front()
    await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    await expect(first.card).to_contain_text("Grey heron")
    await first.configure()
    await expect(first.field("name")).to_have_value("Grey heron")


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


async def _turn_to(studio: Studio, part: str) -> None:
    match part:
        case "create":
            await studio.tab(0)
        case "configure":
            await studio.configure()
        case "library":
            await studio.open_library()
        case _:
            await studio.open_models()


async def _texts(page: Page) -> list[str]:
    """Everything that can be read or heard on the page, without what is the same in every language."""
    codes = {model["key"] for model in (await _fetched(page, "/api/models"))["models"]}
    texts: list[str] = await page.evaluate(EVERY_TEXT)
    return [text for text in texts if not OWN_NAMES.fullmatch(text) and not set(text.split(" · ")) <= codes]


async def _fetched(page: Page, path: str) -> Any:
    return json.loads(await page.evaluate("async (path) => (await fetch(path)).text()", path))


async def _import(studio: Studio, name: str, text: str) -> None:
    await studio.open_library()
    file = FilePayload(name=name, mimeType="application/json", buffer=text.encode())
    await studio.library.locator("input[type=file]").set_input_files(file)


async def _is_dark(page: Page) -> bool:
    """Whether the page is darker than its words."""
    return await page.evaluate(
        """() => {
      const light = (colour) => colour.match(/\\d+/g).slice(0, 3).reduce((sum, part) => sum + Number(part), 0);
      const { backgroundColor, color } = getComputedStyle(document.querySelector("#studio"));
      return light(backgroundColor) < light(color);
    }"""
    )


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


async def _named(base_url: str, name: str) -> None:
    async with Client(base_url) as client:
        agent = await client.post("/api/agents")
        await client.call("PATCH", f"/api/agents/{agent['id']}/config", json={"name": name})
