"""The studio page over a reload, and over a network that is away for a while: nothing lost, nothing twice."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Locator, Page, expect

from tests.browser import BROWSER_TEST, Watch
from tests.client import Client
from tests.fakes.line import Line, line
from tests.fakes.openai_replies import Call, Says
from tests.studio_page import Pane, Studio, opened
from tests.studio_server import Modelled

pytestmark = BROWSER_TEST

THOUGHT = " ".join(f"thought{number}" for number in range(30))
WORDS = " ".join(f"word{number}" for number in range(30)) + " and $x_1^2$, then\n\n$$\\frac{a}{b}$$\n\n- the end"
PATCH = '{"name": "Sunny Trips", "description": "Plans a weekend by the sea, or in the hills, whatever the weather."}'
CALLS = {"preview": Call("calculator", '{"expression": "6 * 7"}'), "create": Call("update_agent", PATCH)}
MOMENTS = {"thinking": "thought3", "calling": "", "writing": "word3"}
WHERE_AND_WHEN: list[tuple[Pane, str]] = [("preview", "thinking"), ("create", "calling"), ("preview", "writing")]
_MENDED_FIRST = """() => {
  const ask = fetch;
  window.fetch = (...what) => ask(...what).catch(async (failure) => { await mend(); throw failure; });
  const { addEventListener } = XMLHttpRequest.prototype;
  XMLHttpRequest.prototype.addEventListener = function (kind, heard) {
    addEventListener.call(this, kind, kind === "error" ? async (event) => { await mend(); heard(event); } : heard);
  };
}"""
"""Whatever fails is told to the test before the page hears of it."""
REFUSED = "net::ERR_"


@pytest_asyncio.fixture(loop_scope="session")
async def wire(modelled: Modelled) -> AsyncGenerator[Line, None]:
    async with line(modelled.base_url) as wire:
        yield wire


@pytest.fixture
def pane() -> Pane:
    return "preview"


async def asked(page: Page, modelled: Modelled, url: str, pane: Pane) -> Studio:
    """The studio, where an answer has begun that thinks, calls a tool, and writes formulas."""
    async with Client(modelled.base_url) as client:
        agent = await client.post("/api/agents")
        config: dict[str, Any] = {"name": "Trips", "tools": {"calculator": True}}
        answer = await client.call("PATCH", f"/api/agents/{agent['id']}/config", json=config)
        assert answer.status == 200, answer
    modelled.model.script(
        Says(reasoning=THOUGHT, calls=(CALLS[pane],), pieces=30, delay_s=0.04),
        Says(WORDS, pieces=40, delay_s=0.06),
    )
    studio = await opened(page, f"{url}/?agent={agent['id']}")
    await studio.say(pane, "Tell me everything")
    return studio


async def reached(answer: Locator, moment: str) -> None:
    """The answer has come as far as that."""
    if moment == "calling":
        await expect(answer.locator(".af-step[data-tool]")).to_be_visible()
    else:
        part = answer.locator(".af-thought" if moment == "thinking" else ".af-text")
        await expect(part).to_contain_text(MOMENTS[moment])


async def is_whole(studio: Studio, pane: Pane) -> None:
    """The answer is there, each part of it once."""
    await studio.answered(pane)
    answer = studio.answers(pane)
    await expect(answer).to_have_count(1)
    await expect(answer.locator(".af-step")).to_have_count(2)
    await expect(answer.locator(".af-thought")).to_have_text(THOUGHT)
    await expect(answer.locator(".af-step[data-tool]")).to_have_attribute("data-state", "done")
    await expect(answer.locator(".af-text")).to_have_count(1)
    await expect(answer.locator(".af-text p").first).to_contain_text(WORDS.split(" and ")[0])
    await expect(answer.locator(".af-text li")).to_have_text(["the end"])
    await expect(answer.locator(".af-formula .katex-html")).to_have_count(2)
    await expect(studio.said(pane)).to_have_text(["Tell me everything"])
    if pane == "create":
        await expect(answer.locator(".af-change")).to_have_count(2)
        await expect(studio.drafted("name")).to_contain_text("Sunny Trips")


@pytest.mark.parametrize(("pane", "moment"), WHERE_AND_WHEN)
async def test_an_answer_with_all_its_parts_goes_on_over_a_reload(
    page: Page, modelled: Modelled, pane: Pane, moment: str
) -> None:
    studio = await asked(page, modelled, modelled.base_url, pane)
    await reached(studio.answers(pane), moment)
    await page.reload()
    await is_whole(studio, pane)
    assert len(modelled.model.requests) == 2


@pytest.mark.parametrize(("pane", "moment"), WHERE_AND_WHEN)
async def test_an_answer_goes_on_where_it_was_once_the_network_is_back(
    page: Page, modelled: Modelled, watch: Watch, wire: Line, pane: Pane, moment: str
) -> None:
    watch.expected.append(REFUSED)
    studio = await asked(page, modelled, wire.base_url, pane)
    await reached(studio.answers(pane), moment)
    gap = page.locator(".af-chat").filter(has=studio.log(pane)).locator(".af-gap")
    async with page.expect_event("requestfailed", lambda request: "/events" in request.url):
        await wire.cut()
    await expect(gap).to_have_text("The connection is gone. The answer goes on as soon as it is back…")
    await studio.is_running(pane)
    # The second attempt to come back fails too, while the model goes on.
    await page.wait_for_event("requestfailed", lambda request: "/events" in request.url)
    await wire.mend()
    await is_whole(studio, pane)
    await expect(gap).to_be_hidden()
    assert len(modelled.model.requests) == 2


async def test_an_answer_goes_on_as_soon_as_the_browser_is_online_again(
    page: Page, modelled: Modelled, watch: Watch, wire: Line
) -> None:
    watch.expected.append(REFUSED)
    studio = await asked(page, modelled, wire.base_url, "preview")
    await reached(studio.answers("preview"), "writing")
    await page.context.set_offline(True)
    await wire.cut()
    await expect(page.locator("#preview_pane .af-gap")).to_be_visible()
    await wire.mend()
    await page.context.set_offline(False)
    await is_whole(studio, "preview")


async def test_a_browser_that_changed_its_network_asks_anew(page: Page, modelled: Modelled) -> None:
    studio = await asked(page, modelled, modelled.base_url, "preview")
    await reached(studio.answers("preview"), "writing")
    async with page.expect_request("**/api/turns/*/events") as again:
        await page.evaluate("dispatchEvent(new Event('online'))")
    assert (await (await again.value).all_headers())["last-event-id"].isdigit()
    await is_whole(studio, "preview")


@pytest.mark.parametrize("pane", ["create", "preview"])
async def test_a_message_whose_answer_is_lost_is_sent_once(
    page: Page, modelled: Modelled, watch: Watch, wire: Line, pane: Pane
) -> None:
    watch.expected.append(REFUSED)
    modelled.model.script(Says("Here I am."))
    studio = await opened(page, wire.base_url)
    async with one_lost(page, wire):
        await studio.say(pane, "Are you there?")
    await is_answered_once(studio, pane, modelled)


@pytest.mark.parametrize(("pane", "again"), [("create", "Enter"), ("preview", "Try again")])
async def test_a_message_that_is_sent_again_by_hand_is_still_the_same_one(
    page: Page, modelled: Modelled, watch: Watch, wire: Line, pane: Pane, again: str
) -> None:
    watch.expected.append(REFUSED)
    modelled.model.script(Says("Here I am."))
    studio = await opened(page, wire.base_url)
    wire.loses_answers = True
    await studio.say(pane, "Are you there?")
    await expect(studio.answers(pane).get_by_role("alert")).to_contain_text("The server could not be reached.")
    await expect(studio.input(pane)).to_have_value("Are you there?")
    wire.loses_answers = False
    if again == "Enter":
        await studio.input(pane).press("Enter")
    else:
        await studio.answers(pane).get_by_role("button", name=again).click()
    await expect(studio.answers(pane)).to_contain_text("Here I am.")
    await is_answered_once(studio, pane, modelled)


@asynccontextmanager
async def one_lost(page: Page, wire: Line) -> AsyncGenerator[None]:
    """The first answer to a message is lost. The page learns of it when nothing is lost any more.

    A browser tries again by itself where a connection that it had before breaks: those are lost, too.
    """
    told = asyncio.Event()

    def mend() -> None:
        wire.loses_answers = False
        told.set()

    await page.expose_function("mend", mend)  # pyright: ignore[reportUnknownMemberType]  Playwright types no callbacks
    await page.evaluate(_MENDED_FIRST)
    wire.loses_answers = True
    yield
    await asyncio.wait_for(told.wait(), 20)


async def is_answered_once(studio: Studio, pane: Pane, modelled: Modelled) -> None:
    """The message was taken once, answered once, and is shown so, now and after a reload."""
    for _ in ("now", "after a reload"):
        await studio.answered(pane)
        await expect(studio.said(pane)).to_have_text(["Are you there?"])
        await expect(studio.answers(pane)).to_have_count(1)
        await expect(studio.answers(pane)).to_contain_text("Here I am.")
        await expect(studio.answers(pane).get_by_role("alert")).to_have_count(0)
        await expect(studio.input(pane)).to_have_value("")
        await studio.page.reload()
        await studio.page.wait_for_selector("html[data-af-ready]")
    assert len(modelled.model.requests) == 1


async def test_a_file_that_was_on_its_way_is_sent_once_too(
    page: Page, modelled: Modelled, watch: Watch, wire: Line
) -> None:
    watch.expected.append(REFUSED)
    modelled.model.script(Says("Here I am."))
    studio = await opened(page, wire.base_url)
    picker = page.locator("#preview_pane .af-composer input[type=file]")
    await picker.set_input_files({"name": "notes.md", "mimeType": "text/markdown", "buffer": b"# Notes"})
    async with one_lost(page, wire):
        await studio.say("preview", "Are you there?")
    await is_answered_once(studio, "preview", modelled)
    await expect(studio.log("preview").locator(".af-user .af-chip")).to_have_count(1)


async def test_what_is_sent_while_nobody_answers_stays_in_the_field(
    page: Page, modelled: Modelled, watch: Watch, wire: Line
) -> None:
    watch.expected.append(REFUSED)
    studio = await opened(page, wire.base_url)
    await wire.cut()
    for pane in ("create", "preview"):
        await studio.input(pane).fill(f"Written in {pane}")
        await studio.input(pane).press("Enter")
        await expect(studio.answers(pane).get_by_role("alert")).to_contain_text("The server could not be reached.")
        await expect(studio.input(pane)).to_have_value(f"Written in {pane}")
    banner = page.locator(".st-banner")
    await expect(banner).to_contain_text("does not answer right now")
    await wire.mend()
    await expect(banner).to_be_hidden()
    await studio.input("preview").press("Enter")
    await studio.answered("preview")
    await expect(studio.said("preview")).to_have_text(["Written in preview"])
    await expect(studio.answers("preview")).to_contain_text("You said: 'Written in preview'.")
    await expect(studio.input("create")).to_have_value("Written in create")
