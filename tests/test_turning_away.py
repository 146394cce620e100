"""Whoever turns to another conversation, or agent, with something on its way: late, it comes to where it belongs."""

from contextlib import AsyncExitStack

import pytest
import pytest_asyncio
from playwright.async_api import Locator, Page, expect

from tests.browser import BROWSER_TEST, Watch
from tests.fakes.openai_replies import Says
from tests.studio_page import held, named, opened
from tests.studio_server import Modelled
from tests.test_links_page import ENDLESS, published

pytestmark = BROWSER_TEST


@pytest_asyncio.fixture(loop_scope="session")
async def visited(modelled: Modelled, page: Page) -> Page:
    """The page of a link, with two conversations of its visitor: the second one is open."""
    _, link = await published(modelled.base_url)
    await page.goto(modelled.base_url + link["path"])
    for text in ("About wool", "About silk"):
        await begin_anew(page)
        await answered(modelled, page, text)
        await expect(listed(page, text)).to_have_attribute("aria-current", "true")
    return page


def listed(page: Page, title: str) -> Locator:
    return page.get_by_role("navigation").get_by_role("button", name=title, exact=True)


async def begin_anew(page: Page) -> None:
    await page.get_by_role("banner").get_by_role("button", name="New conversation").click()


async def say(page: Page, text: str) -> None:
    await page.locator("#agent_input").fill(text)
    await page.keyboard.press("Enter")
    await expect(page.locator(".af-bubble").last).to_have_text(text)


async def answered(modelled: Modelled, page: Page, text: str) -> None:
    modelled.model.script(Says(f"{text}: warm."))
    await say(page, text)
    await expect(page.get_by_text(f"{text}: warm.").last).to_be_visible()


@pytest.mark.parametrize("late", ["conversations", "messages"])
async def test_a_message_on_its_way_is_sent_and_takes_nobody_along(
    modelled: Modelled, visited: Page, late: str
) -> None:
    await begin_anew(visited)
    modelled.model.script(Says("Of what?: warm."))
    async with visited.expect_response("**/messages"), held(visited, f"**/{late}", "POST"):
        async with visited.expect_request(lambda it: it.method == "POST" and it.url.endswith(late)):
            await say(visited, "On its way")
        await listed(visited, "About wool").click()
        await expect(visited.get_by_text("About wool: warm.").last).to_be_visible()
        here = visited.url
    assert visited.url == here
    await answered(modelled, visited, "Of what?")
    await expect(listed(visited, "On its way")).to_be_visible()
    await visited.reload()
    await expect(visited.locator(".af-bubble")).to_have_text(["About wool", "Of what?"])


async def test_a_conversation_that_is_made_late_is_not_that_of_another_agent(modelled: Modelled, page: Page) -> None:
    for name in ("Otter", "Heron"):
        await named(modelled.base_url, name)
    studio = await opened(page, modelled.base_url)
    await expect(studio.card).to_contain_text("Heron")
    async with AsyncExitStack() as late:
        modelled.model.script(Says("I fish."), Says("I fish."))
        await late.enter_async_context(page.expect_response("**/messages"))
        await late.enter_async_context(held(page, "**/conversations", "POST"))
        async with page.expect_request(lambda it: it.method == "POST" and it.url.endswith("/conversations")):
            await studio.say("preview", "On its way")
        await studio.open_library()
        await studio.library.get_by_role("button", name="Otter").first.click()
        await expect(studio.card).to_contain_text("Otter")
    await studio.ask("What do you do?")
    await expect(studio.answers("preview")).to_contain_text("I fish.")
    await page.reload()
    await expect(studio.said("preview")).to_have_text(["What do you do?"])


async def test_a_list_that_comes_late_marks_what_is_open_now(modelled: Modelled, visited: Page) -> None:
    await listed(visited, "About wool").click()
    async with held(visited, "**/conversations"):
        async with visited.expect_request("**/conversations"):
            await answered(modelled, visited, "Of what?")
        await listed(visited, "About silk").click()
    await expect(visited.get_by_role("navigation").locator(".af-page-item").first).to_have_text("About wool")
    await expect(listed(visited, "About silk")).to_have_attribute("aria-current", "true")


async def test_whoever_is_in_the_list_stays_there_while_it_changes(modelled: Modelled, visited: Page) -> None:
    await listed(visited, "About wool").click()
    async with held(visited, "**/conversations"):
        async with visited.expect_request("**/conversations"):
            await answered(modelled, visited, "Of what?")
        delete = visited.get_by_role("button", name="Delete “About silk”")
        await delete.focus()
    await expect(visited.get_by_role("navigation").locator(".af-page-item").first).to_have_text("About wool")
    await expect(delete).to_be_focused()


async def test_why_a_conversation_is_not_deleted_is_said(modelled: Modelled, visited: Page, watch: Watch) -> None:
    watch.expected += ["409"]
    delete = visited.get_by_role("button", name="Delete “About silk”")
    modelled.model.script(ENDLESS)
    await say(visited, "A story")
    await expect(visited.get_by_text("Once upon a time").first).to_be_visible()
    await delete.click()
    await delete.click()
    await expect(visited.locator(".af-notice")).to_contain_text("still answering")
    await visited.get_by_role("button", name="Stop", exact=True).click()
    await expect(visited.locator(".af-chat")).to_contain_text("Stopped.")
    await delete.click()
    await delete.click()
    await expect(listed(visited, "About silk")).to_have_count(0)
