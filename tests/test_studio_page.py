"""The studio page as such: its language and light, its library, and how it fits a phone."""

import re
from collections.abc import AsyncGenerator
from typing import Literal

import pytest
import pytest_asyncio
from aiohttp import FormData
from playwright.async_api import FilePayload, Page, expect

from tests.browser import BROWSER_TEST
from tests.client import Client
from tests.studio_page import Studio, fetched, opened

pytestmark = BROWSER_TEST

CHINESE = re.compile(r"[\u4e00-\u9fff]")
LATIN = re.compile(r"[A-Za-z]{2,}")
OWN_NAMES = re.compile(r"AgentFabric|English|中文|JSON")
AGENT = {"name": "007", "description": "42", "instruction": "1 2 3", "prologue": "!", "prompt_recommend": ["?"]}
"""An agent whose own words are of no language."""

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


async def test_the_builder_asks_for_an_agent_first_and_then_for_changes(page: Page, guided: str) -> None:
    studio = await opened(page, guided)
    field = studio.input("create")
    await expect(field).to_have_attribute("placeholder", "I want an agent that…")
    await studio.build("I want an agent that plans weekend trips and knows the weather")
    await expect(field).to_have_attribute("placeholder", "What to change?")
    await studio.language("中文")
    await expect(field).to_have_attribute("placeholder", "还想改哪里？")
    await page.reload()
    await expect(field).to_have_attribute("placeholder", "还想改哪里？")
    await studio.open_library()
    await studio.library.get_by_role("button", name="新建").click()
    await expect(field).to_have_attribute("placeholder", "我想要一个智能体，它能……")


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


SCROLLED = """() => new Promise((done) => {
  scrollBy(0, 500);
  requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 20)));
})"""


async def test_the_api_is_described_without_asking_another_host(page: Page, guided: str) -> None:
    await page.goto(f"{guided}/docs")
    operations = page.locator(".opblock")
    await expect(operations.first).to_be_visible()
    described = await fetched(page, "/openapi.json")
    number = sum(len(methods) for methods in described["paths"].values())
    seen = set[str]()
    # Of so many it draws those that are looked at.
    for _ in range(200):
        seen.update(await operations.evaluate_all("(all) => all.map((each) => each.id)"))
        if len(seen) == number:
            break
        await page.evaluate(SCROLLED)
    assert len(seen) == number
    await page.reload()
    await page.locator(".opblock-post", has_text="Create Agent").click()
    await expect(page.locator(".opblock-body")).to_contain_text("prompt_recommend")


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
    models = (await fetched(page, "/api/models"))["models"]
    codes = {model["key"] for model in models} | {model["provider_name"]["zh"] for model in models}
    texts: list[str] = await page.evaluate(EVERY_TEXT)
    return [text for text in texts if not OWN_NAMES.fullmatch(text) and not set(text.split(" · ")) <= codes]


async def _is_dark(page: Page) -> bool:
    """Whether the page is darker than its words."""
    return await page.evaluate(
        """() => {
      const light = (colour) => colour.match(/\\d+/g).slice(0, 3).reduce((sum, part) => sum + Number(part), 0);
      const { backgroundColor, color } = getComputedStyle(document.querySelector("#studio"));
      return light(backgroundColor) < light(color);
    }"""
    )
