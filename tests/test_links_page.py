"""A link in a browser: opened on a phone, put on a page of another site, and made in the Share tab."""

import re
from typing import Any

from playwright.async_api import Page, Route, expect

from tests.browser import BROWSER_TEST, Watch
from tests.client import Client
from tests.fakes.openai_replies import Call, Says
from tests.studio_page import another_page
from tests.studio_server import Modelled

pytestmark = BROWSER_TEST

ENDLESS = Says("Once upon a time there was a sock. " * 40, pieces=200, delay_s=0.1)


async def published(base_url: str, **link: Any) -> tuple[str, dict[str, Any]]:
    """The path of a published agent in the API, and a link to it."""
    async with Client(base_url) as client:
        agent = f"/api/agents/{(await client.post('/api/agents'))['id']}"
        config: dict[str, Any] = {"name": "Socks", "language": "en", "prologue": "Ask me about socks."}
        config["tools"] = {"RenewInstance": True}
        assert (await client.call("PATCH", f"{agent}/config", json=config)).status == 200
        await client.post(f"{agent}/releases", json={})
        return agent, await client.post(f"{agent}/links", json=link)


async def test_a_link_on_a_phone_answers_until_it_is_revoked(modelled: Modelled, page: Page, watch: Watch) -> None:
    agent, link = await published(modelled.base_url, tools=["RenewInstance"])
    await page.set_viewport_size({"width": 390, "height": 844})
    await page.goto(modelled.base_url + link["path"])
    await expect(page.get_by_text("Ask me about socks.")).to_be_visible()
    await page.get_by_text("Kept for 90 days after your last message").click()
    for told in ("goes to the language model", "whoever runs the server could read it", "erases it at once"):
        await expect(page.locator(".af-page-kept")).to_contain_text(told)
    modelled.model.script(Says("Wool keeps warm."))
    await page.locator("#agent_input").fill("Which socks?")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("Wool keeps warm.").last).to_be_visible()

    arguments = '{"instance_id": "i-of-the-sock", "period": 2}'
    modelled.model.script(Says(calls=(Call("RenewInstance", arguments),)), Says("It is renewed."))
    await page.locator("#agent_input").fill("Renew it")
    await page.keyboard.press("Enter")
    asked = page.get_by_role("group", name="Allow “Renew an ECS instance (demo)”?")
    await expect(asked).to_contain_text("i-of-the-sock")
    await expect(asked.get_by_role("button")).to_have_text(["Allow", "Refuse"])
    await asked.get_by_role("button", name="Allow").click()
    await expect(page.get_by_text("It is renewed.").last).to_be_visible()

    modelled.model.script(ENDLESS)
    await page.locator("#agent_input").fill("A story")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("Once upon a time").first).to_be_visible()
    async with Client(modelled.base_url) as client:
        assert (await client.call("DELETE", f"{agent}/links/{link['id']}")).status == 204
    await expect(page.locator(".af-chat")).to_contain_text("stopped", timeout=5_000, ignore_case=True)
    watch.expected += ["404"]
    await expect(page.get_by_role("alert")).to_contain_text("This agent is not shared any more.")
    await page.reload()
    await expect(page.get_by_role("heading", name="This link does not open")).to_be_visible()


async def test_a_visitor_is_told_why_nothing_was_forgotten(modelled: Modelled, page: Page, watch: Watch) -> None:
    watch.expected += ["ERR_FAILED"]
    agent, link = await published(modelled.base_url)
    async with Client(modelled.base_url) as client:
        await client.call("PATCH", f"{agent}/config", json={"memory": True})
        await client.post(f"{agent}/releases", json={})
    await page.goto(modelled.base_url + link["path"])
    modelled.model.script(Says(calls=(Call("remember", '{"fact": "Is called Ann"}'),)), Says("Hello Ann."))
    await page.locator("#agent_input").fill("Call me Ann")
    await page.keyboard.press("Enter")
    await page.get_by_text("What it knows of you (1)").click()
    forget = page.get_by_role("button", name="Forget “Is called Ann”")
    everything = page.get_by_role("button", name="Forget everything")
    undo = page.get_by_role("button", name="Undo: Remembered")
    notice = page.locator(".af-notice")
    field = page.locator("#agent_input textarea")
    await page.route(re.compile("/memory"), cut_off)
    for presses in ([forget], [everything, everything], [undo]):
        await field.fill("x")
        await expect(notice).to_be_empty()
        await field.clear()
        for button in presses:
            await button.click()
        await expect(notice).to_contain_text("server")
    await page.unroute(re.compile("/memory"))
    await expect(undo).to_be_enabled()
    await forget.click()
    await expect(page.get_by_text("What it knows of you (0)")).to_be_focused()


async def cut_off(route: Route) -> None:
    await (route.continue_() if route.request.method == "GET" else route.abort())


async def test_the_list_is_up_to_date_in_a_window_that_is_looked_at_again(
    modelled: Modelled, page: Page, watch: Watch
) -> None:
    _, link = await published(modelled.base_url)
    await page.goto(modelled.base_url + link["path"])
    other = await another_page(page.context, watch)
    await other.goto(page.url)
    for text in ("Wool", "Silk", "Linen"):
        await other.get_by_role("banner").get_by_role("button", name="New conversation").click()
        modelled.model.script(Says("Warm."))
        await other.locator("#agent_input").fill(text)
        await other.keyboard.press("Enter")
        await expect(other.get_by_text("Warm.").last).to_be_visible()
    titles = page.get_by_role("navigation").locator(".af-page-item")
    await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    await expect(titles).to_have_text(["Linen", "Silk", "Wool"])
    await page.get_by_role("button", name="Delete “Silk”").focus()
    for left in (["Linen", "Wool"], ["Linen"], []):
        await page.keyboard.press("Enter")
        await page.keyboard.press("Enter")
        await expect(titles).to_have_text(left)
    await expect(page.get_by_role("navigation").get_by_role("button", name="New conversation")).to_be_focused()
