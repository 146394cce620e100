"""The studio's dialogs for everybody: axe-core finds nothing in them, and their colours are told apart."""

import json
import re
from collections.abc import AsyncGenerator

import pytest
import pytest_asyncio
from playwright.async_api import FilePayload, Page, expect

from tests.axe import violations_in_dialog
from tests.browser import BROWSER_TEST, Watch
from tests.client import Client
from tests.fakes.openai_server import FakeOpenAI, refused_base_url
from tests.fakes.openai_talents import Talents
from tests.studio_page import Studio, opened
from tests.studio_server import LOCKED_MODEL, LOCKED_MODEL_KEY, Modelled

pytestmark = BROWSER_TEST

IMPORTED = {
    "name": "Heron",
    "model": LOCKED_MODEL,
    "knowledge": ["/tmp/a.md"],
    "openAPIConfigs": [{"apiKey": "canary"}],
}


@pytest_asyncio.fixture(loop_scope="session")
async def vendor() -> AsyncGenerator[FakeOpenAI, None]:
    async with FakeOpenAI(fallback=Talents(calls="words", sees="guesses")) as server:
        yield server


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_axe_finds_nothing_wrong_in_a_dialog(
    page: Page, modelled: Modelled, vendor: FakeOpenAI, watch: Watch, language: str
) -> None:
    watch.expected += ["status of 401", "status of 502"]
    async with Client(modelled.base_url) as client:
        await client.call("PUT", f"/api/secrets/{LOCKED_MODEL_KEY}", json={"value": "sk-of-this-test"})
        await client.post(
            "/api/endpoints", json={"url": vendor.base_url, "name": "Acme", "models": [{"model": "fake"}]}
        )
        await client.post("/api/endpoints", json={"url": refused_base_url(), "name": "Gone", "key": "sk-gone"})
        agent = await client.post("/api/agents", json={"config": {"name": "Otter", "description": "Swims."}})
        for field, value in (("name", "Grey otter"), ("description", "Dives."), ("prompt_recommend", ["Where?"])):
            await client.call("PATCH", f"/api/agents/{agent['id']}/config", json={field: value})
    await page.add_init_script(f"localStorage.af_language = '{language}'")
    studio = await opened(page, modelled.base_url)
    found = await _in_lists(studio)
    found += await _in_models(studio)
    found += await _in_endpoints(studio)
    found += await _in_imports(studio)
    await page.evaluate("dispatchEvent(new Event('af-signed-out'))")
    await page.locator("dialog.st-sign-in input").fill("wrong")
    await page.keyboard.press("Enter")
    await expect(page.locator("dialog.st-sign-in").get_by_role("alert")).to_be_visible()
    found += await violations_in_dialog(page, "st-sign-in")
    assert not found, "\n".join(found)


async def _in_lists(studio: Studio) -> list[str]:
    """The agents, with a name that is changed and a toast over them; the history with what changed; JSON; shortcuts."""
    page = studio.page
    await studio.open_library()
    await studio.library.locator(".st-agents .st-icon-button").nth(1).click()
    await expect(studio.library.get_by_role("listitem")).to_have_count(2)
    await studio.library.locator(".st-agents .st-icon-button").nth(2).click()
    await expect(page.locator(".st-toast")).to_be_visible()
    await studio.library.locator(".st-agents .st-icon-button").first.click()
    found = await violations_in_dialog(page, "st-library")
    await page.keyboard.press("Escape")
    await studio.library.locator(".st-dialog-body > .st-button").click()
    await page.locator("dialog.st-bin li .st-button").last.click()
    found += await violations_in_dialog(page, "st-bin")
    await page.keyboard.press("Escape")
    await page.locator(".st-toast button").click()
    await expect(studio.library.get_by_role("listitem")).to_have_count(2)
    await page.keyboard.press("Escape")
    await page.locator("[data-af=history] button").click()
    await page.locator(".st-version-head").first.click()
    await expect(page.locator(".st-version-head[aria-expanded=true]")).to_be_visible()
    found += await violations_in_dialog(page, "st-history")
    await page.keyboard.press("Escape")
    for slot, kind in (("document", "st-json"), ("shortcuts", "st-keys")):
        await page.locator(f"#{slot} > button").click()
        found += await violations_in_dialog(page, kind)
        await page.keyboard.press("Escape")
    return found


async def _in_models(studio: Studio) -> list[str]:
    """Models and keys: with endpoints, one to be removed and one without its key, a trial, local servers, a new key."""
    page = studio.page
    await studio.open_models()
    await studio.models.locator("[data-row=endpoints] button").last.click()
    await expect(studio.models.locator(".st-local")).to_be_visible()
    await studio.models.locator("[data-model=fake] .st-button").first.click()
    await expect(studio.models.locator("[data-model=fake] .st-outcome p").first).to_be_visible()
    await studio.models.locator(".st-endpoint-head .st-icon-button").nth(1).click()
    await expect(studio.models.locator(".st-confirm")).to_be_visible()
    await studio.models.locator(".st-stored .st-button").first.click()
    await expect(studio.models.locator(f"input[data-secret={LOCKED_MODEL_KEY}]")).to_be_focused()
    return await violations_in_dialog(page, "st-models")


async def _in_endpoints(studio: Studio) -> list[str]:
    """An endpoint with a list of its models, one with a key that is not there, and a model of one's own."""
    page = studio.page
    await studio.models.locator(".st-endpoint-head .st-icon-button").first.click()
    await expect(studio.endpoint.get_by_role("checkbox")).to_be_checked()
    found = await violations_in_dialog(page, "st-endpoint-dialog")
    await page.keyboard.press("Escape")
    await studio.models.locator("[data-model=fake] .st-icon-button").first.click()
    found += await violations_in_dialog(page, "st-own-model")
    await page.keyboard.press("Escape")
    await studio.models.locator(".st-endpoint").last.locator(".st-endpoint-head .st-icon-button").first.click()
    await expect(studio.endpoint.locator(".st-listing .st-problem")).to_be_visible()
    found += await violations_in_dialog(page, "st-endpoint-dialog")
    await page.keyboard.press("Escape")
    await page.keyboard.press("Escape")
    return found


async def _in_imports(studio: Studio) -> list[str]:
    page = studio.page
    async with Client(page.url.split("/?")[0].rstrip("/")) as client:
        await client.call("DELETE", f"/api/secrets/{LOCKED_MODEL_KEY}")
    await studio.open_models()
    await page.keyboard.press("Escape")
    await studio.open_library()
    body = json.dumps(IMPORTED).encode()
    file = FilePayload(name="builder_config.json", mimeType="application/json", buffer=body)
    await studio.library.get_by_role("button", name=re.compile("^(Import|导入)…$")).click()
    await page.locator("dialog.st-incoming input[type=file]").set_input_files(file)
    take = page.locator("dialog.st-incoming .st-button-main")
    await expect(take).to_be_visible()
    found = await violations_in_dialog(page, "st-incoming")
    await take.click()
    await expect(page.locator("dialog.st-imported")).to_be_visible()
    found += await violations_in_dialog(page, "st-imported")
    await page.keyboard.press("Escape")
    return found
