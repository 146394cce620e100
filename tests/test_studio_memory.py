"""The studio page: what an agent knows of the person is switched on, told in the chat, seen and changed."""

import asyncio
import json
from collections.abc import AsyncGenerator

import pytest_asyncio
from playwright.async_api import Page, Route, expect

from tests.browser import BROWSER_TEST
from tests.fakes.openai_replies import Call, Says
from tests.studio_page import Studio, fetched, opened
from tests.studio_server import Modelled

pytestmark = BROWSER_TEST


@pytest_asyncio.fixture(loop_scope="session")
async def studio(page: Page, modelled: Modelled) -> AsyncGenerator[Studio, None]:
    yield await opened(page, modelled.base_url)


async def test_what_an_agent_notes_is_told_taken_back_and_changed_by_the_person(
    studio: Studio, modelled: Modelled
) -> None:
    page = studio.page
    await page.get_by_role("tab", name="Configure").click()
    await page.get_by_label("It may note facts about you").check()
    await expect(page.locator("#cfg_memory")).to_contain_text("It knows nothing of you yet.")
    notes = [
        Call("remember", json.dumps({"fact": fact})) for fact in ("The person is vegetarian.", "They live in Ulm.")
    ]
    first, second = notes
    modelled.model.script(Says("", calls=(first,)), Says("", calls=(second,), first_delay_s=0.5), Says("Noted both."))
    both_told = asyncio.Event()

    async def late(route: Route) -> None:
        answer = await route.fetch()  # what is known before the second
        await both_told.wait()
        await route.fulfill(response=answer)

    await page.route("**/memory", late)
    await studio.ask("I am vegetarian and live in Ulm.")
    facts = page.locator("#cfg_memory li > span")
    await expect(studio.log("preview").locator(".af-memory")).to_have_count(2)
    both_told.set()
    await expect(facts).to_have_text(["The person is vegetarian.", "They live in Ulm."])
    told = studio.log("preview").locator(".af-memory")
    await expect(told).to_contain_text(["Remembered: The person is vegetarian.", "Remembered: They live in Ulm."])
    await told.last.get_by_role("button").click()
    await expect(told.last).to_contain_text("Taken back")
    await expect(facts).to_have_text(["The person is vegetarian."])
    await page.reload()
    await expect(told.last).to_contain_text("Taken back")
    await expect(told.first.get_by_role("button")).to_have_text("Undo")
    await studio.configure()

    await page.get_by_role("button", name="Correct “The person is vegetarian.”").click()
    await page.locator("#cfg_memory li input").fill("The person is vegan.")
    await page.keyboard.press("Enter")
    await expect(facts).to_have_text(["The person is vegan."])
    await page.get_by_role("textbox", name="A fact about you").fill("Call me Ann")
    await page.keyboard.press("Enter")
    await expect(facts).to_have_text(["The person is vegan.", "Call me Ann"])
    agent = page.url.partition("agent=")[2]
    assert [
        fact["text"] for fact in await fetched(page, f"/api/agents/{agent}/memory")
    ] == await facts.all_text_contents()
    await page.get_by_role("button", name="Forget all 2").click()
    await page.get_by_role("button", name="Press again").click()
    await expect(facts).to_have_count(0)
