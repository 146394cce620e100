"""What a person does on the studio page, and what they see there."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any, Literal

from playwright.async_api import BrowserContext, Locator, Page, Route, expect

from tests.browser import Watch
from tests.client import Client

Pane = Literal["create", "preview"]
BUILT_TIMEOUT_MS = 20_000


async def opened(page: Page, url: str) -> "Studio":
    """The studio at `url`, drawn and ready to be used."""
    await page.goto(url)
    await page.wait_for_selector("html[data-af-ready]")
    return Studio(page)


async def configuring(page: Page, base_url: str) -> "Studio":
    """*Configure* of a new agent."""
    async with Client(base_url) as client:
        agent = await client.post("/api/agents")
    studio = await opened(page, f"{base_url}/?agent={agent['id']}")
    await studio.configure()
    return studio


async def another_page(context: BrowserContext, watch: Watch) -> Page:
    """One more tab, which nothing wrong may happen on either."""
    page = await context.new_page()
    watch.follow(page)
    return page


class Studio:
    """The page, by what people call its parts."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.draft = page.locator("#draft")
        self.card = page.locator("#preview_card")
        self.suggestions = page.locator("#preview_suggestions").get_by_role("button")
        self.saved = page.locator("#topbar").get_by_role("status")
        self.library = page.locator("#library dialog.st-library")
        self.models = page.locator("#models dialog")
        self.endpoint = page.locator("dialog.st-endpoint-dialog")

    def log(self, pane: Pane) -> Locator:
        """The conversation of a chat."""
        return self.page.locator(f"#{pane}_chat")

    def input(self, pane: Pane) -> Locator:
        """The field in which a message is written."""
        return self.page.locator(f"#{pane}_input textarea")

    def answers(self, pane: Pane) -> Locator:
        """The answers of a chat, in order; the agent's opening message is none."""
        return self.log(pane).locator(".af-turns .af-answer")

    def said(self, pane: Pane) -> Locator:
        """What the person said in a chat."""
        return self.log(pane).locator(".af-bubble")

    def drafted(self, field: str) -> Locator:
        """One field of the live draft."""
        return self.draft.locator(f"[data-field={field}]")

    def field(self, name: str) -> Locator:
        """The field of *Configure* in which `name` is written."""
        return self.page.locator(f"#cfg_{name}").locator("textarea, input").first

    def tool(self, tool: str) -> Locator:
        """A tool's card under *Configure*."""
        return self.page.locator(f"#cfg_tools [data-tool={tool}]")

    def tool_key(self, name: str) -> Locator:
        """Where a key that tools need is entered under *Configure*, or said to be there."""
        return self.page.locator(f"#cfg_tools [data-row={name}]")

    async def say(self, pane: Pane, text: str) -> None:
        """Types a message and presses Enter."""
        await self.input(pane).fill(text)
        await self.input(pane).press("Enter")
        await expect(self.said(pane).last).to_have_text(text)

    async def is_running(self, pane: Pane) -> None:
        """An answer is being written."""
        await expect(self._chat(pane)).to_have_attribute("data-running", "")

    async def answered(self, pane: Pane) -> None:
        """The answer is there, and nothing runs any more."""
        await expect(self._chat(pane)).not_to_have_attribute("data-running", "", timeout=BUILT_TIMEOUT_MS)

    async def stop(self, pane: Pane) -> None:
        """Presses the button that ends a running answer."""
        await self._chat(pane).locator("button[data-action=stop]").click()

    def _chat(self, pane: Pane) -> Locator:
        return self.page.locator(".af-chat").filter(has=self.log(pane))

    async def build(self, text: str) -> None:
        """Tells the builder, and waits for what it says to that."""
        await self.say("create", text)
        await self.answered("create")

    async def ask(self, text: str) -> None:
        """Asks the agent, and waits for its answer."""
        await self.say("preview", text)
        await self.answered("preview")

    async def tab(self, number: Literal[0, 1, 2, 3]) -> None:
        """Turns to *Create* (0), *Configure* (1), *Knowledge* (2) or *Share* (3)."""
        await self.page.locator("#build_tabs").get_by_role("tab").nth(number).click()

    async def configure(self) -> None:
        await self.tab(1)
        await expect(self.field("name")).to_be_visible()

    async def knowledge(self) -> Locator:
        """Turns to what the agent knows; gives its files."""
        await self.tab(2)
        files = self.page.locator("#cfg_knowledge")
        await expect(files).to_be_visible()
        return files

    async def set(self, name: str, text: str) -> None:
        """Writes into a field of *Configure* and waits until it is stored."""
        await self.field(name).fill(text)
        await self.stored()

    async def stored(self) -> None:
        await expect(self.saved).to_have_attribute("data-kind", "saved")

    async def open_library(self) -> None:
        await self.page.locator("#library > button").click()
        await expect(self.library).to_be_visible()

    async def open_models(self) -> None:
        await self.page.locator("#models > button").click()
        await expect(self.models).to_be_visible()

    async def language(self, name: Literal["中文", "English"]) -> None:
        await self.page.locator("#ui_language").get_by_text(name, exact=True).click()


async def names_of(part: Locator) -> list[str]:
    """What the buttons and fields that one sees in a part are called, in order."""
    controls = "button, input:not([type=radio], [type=file]), textarea, select"
    return await part.locator(controls).evaluate_all(
        """(all) => all.filter((it) => it.checkVisibility({ opacityProperty: false })).map((it) =>
          (it.ariaLabel || it.labels?.[0]?.textContent || it.textContent).trim())"""
    )


@asynccontextmanager
async def held(page: Page, url: str, method: str = "GET") -> AsyncGenerator[None, None]:
    """Answers to such requests wait until the block is over."""
    release = asyncio.Event()

    async def hold(route: Route) -> None:
        if route.request.method == method:
            await release.wait()
        await route.continue_()

    await page.route(url, hold)
    yield
    release.set()


async def loaded(picture: Locator) -> bool:
    """Whether an image is really there, and not a broken one."""
    await expect(picture).to_be_visible()
    return bool(await picture.evaluate("async (image) => { await image.decode(); return image.naturalWidth > 0; }"))


async def fetched(page: Page, path: str) -> Any:
    """What the server answers to this page."""
    return json.loads(await page.evaluate("async (path) => (await fetch(path)).text()", path))


async def named(base_url: str, name: str) -> None:
    """Makes an agent of that name."""
    async with Client(base_url) as client:
        agent = await client.post("/api/agents")
        await client.call("PATCH", f"/api/agents/{agent['id']}/config", json={"name": name})
