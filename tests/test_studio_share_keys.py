"""The *Share* tab's keys: one is made, shown once, used by a program, and revoked."""

import re

from playwright.async_api import Page, expect

from tests.axe import violations
from tests.browser import BROWSER_TEST
from tests.client import Client
from tests.studio_page import held, named, opened

pytestmark = BROWSER_TEST


async def test_a_key_is_made_used_and_revoked(page: Page, guided: str) -> None:
    async with Client(guided) as client:
        agent = (await client.post("/api/agents", json={"config": {"name": "Guide", "language": "en"}}))["id"]
        await client.post(f"/api/agents/{agent}/releases", json={})
        studio = await opened(page, f"{guided}/?agent={agent}")
        await studio.tab(3)
        keys = page.locator("#share_keys")
        await page.set_viewport_size({"width": 390, "height": 844})
        await expect(keys.get_by_role("textbox")).to_have_count(0)
        await keys.get_by_text("New key").click()
        await keys.get_by_role("textbox", name="What the key is for").fill("Our website")
        await keys.get_by_role("checkbox", name="A2A").uncheck()
        await expect(keys.get_by_role("spinbutton", name="Money per day")).to_have_count(0)
        await keys.get_by_role("spinbutton", name="Answers per day").fill("100")
        await page.keyboard.press("Enter")
        key = await keys.get_by_role("textbox", name="The new key").input_value()
        await expect(keys.locator("pre")).to_contain_text(f"Bearer {key}")
        found = await violations(page, at="a new key on a phone")
        asked = {"model": agent, "messages": [{"role": "user", "content": "Hello"}]}
        bearer = {"Authorization": f"Bearer {key}"}
        answer = await client.call("POST", "/v1/chat/completions", headers=bearer, json=asked)
        assert answer.status == 200, answer.body
        await page.reload()
        await page.wait_for_selector("html[data-af-ready]")
        await studio.tab(3)
        row = keys.get_by_role("listitem").filter(has_text="Our website")
        await expect(row).to_contain_text(re.compile(r"OpenAI, MCP · last used"))
        await expect(row).to_contain_text("Today: 1 of 100 answers")
        await expect(keys).not_to_contain_text(key)
        await keys.get_by_text("How to call it").click()
        await keys.get_by_role("button", name="MCP", exact=True).click()
        await expect(keys.locator("pre")).to_contain_text(f"{guided}/agents/{agent}/mcp")
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        await row.get_by_role("button", name="Revoke the key: Our website").click()
        await row.get_by_role("button", name="Really revoke the key: Our website").click()
        await expect(row).to_have_count(0)
        assert (await client.call("GET", "/v1/models", headers=bearer)).status == 401
    assert not found, "\n".join(found)


async def test_what_is_typed_and_made_for_one_agent_is_not_shown_at_another(page: Page, guided: str) -> None:
    for name in ("Otter", "Heron"):
        await named(guided, name)
    studio = await opened(page, guided)
    await expect(studio.card).to_contain_text("Heron")
    await studio.tab(3)
    keys = page.locator("#share_keys")
    label = keys.get_by_role("textbox", name="What the key is for")

    async def turn_to(name: str) -> None:
        await studio.open_library()
        await studio.library.get_by_role("button", name=name).first.click()
        await expect(studio.card).to_contain_text(name)

    async with page.expect_response(lambda it: it.request.method == "POST"), held(page, "**/keys", "POST"):
        await keys.get_by_text("New key").click()
        await label.fill("Heron's website")
        await keys.get_by_role("spinbutton", name="Answers per day").fill("100")
        await page.keyboard.press("Enter")
        await turn_to("Otter")
        await expect(label).to_be_hidden()
    await keys.get_by_text("New key").click()
    await expect(label).to_have_value("")
    await expect(keys.get_by_role("spinbutton", name="Answers per day")).to_have_value("")
    await turn_to("Heron")
    await expect(keys.get_by_text("Heron's website")).to_be_visible()
    await expect(keys.get_by_role("textbox", name="The new key")).to_have_value(re.compile("."))
