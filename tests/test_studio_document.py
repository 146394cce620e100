"""The draft as JSON: seen as it is, followed live, taken along and brought back."""

import json
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.browser import BROWSER_TEST
from tests.client import Client
from tests.fakes.openai_replies import Call, Says
from tests.studio_page import opened
from tests.studio_server import Modelled

pytestmark = BROWSER_TEST

UNKNOWN = {"somebody_elses_field": {"deep": [1, 2.5, None, "{{7*7}}", "<b>"]}}


async def test_the_document_is_seen_and_follows_what_is_typed_and_built(page: Page, modelled: Modelled) -> None:
    async with Client(modelled.base_url) as client:
        agent = await client.post("/api/agents", json={"config": {"name": "Wanda", **UNKNOWN}})
    studio = await opened(page, f"{modelled.base_url}/?agent={agent['id']}")
    opener = page.locator("#document > button")
    await opener.click()
    shown = page.locator("dialog.st-json")
    code = shown.locator("pre code")
    assert json.loads(await code.inner_text()) == agent["config"]
    await expect(code.locator(".hljs-attr").first).to_be_visible()
    async with Client(modelled.base_url) as client:
        await client.call("PATCH", f"/api/agents/{agent['id']}/config", json={"description": "From elsewhere"})
    await page.evaluate("dispatchEvent(new Event('focus'))")
    await expect(code).to_contain_text('"description": "From elsewhere"')
    await page.keyboard.press("Escape")
    await expect(opener).to_be_focused()

    half = '{"name": "Sunny Trips", "description": "Plans a weekend by the sea, or in the hi'
    modelled.model.script(Says(calls=(Call("update_agent", half),), pieces=8, delay_s=0.08, ending="silent"))
    await studio.say("create", "I want an agent that plans trips")
    await opener.click()
    await expect(code).to_contain_text('"name": "Sunny Trips"')
    await page.keyboard.press("Escape")
    await studio.stop("create")
    await studio.answered("create")
    await opener.click()
    await expect(code).to_contain_text('"name": "Wanda"')


@pytest.mark.parametrize(
    ("name", "file"),
    [
        pytest.param("Sunny Trips", "Sunny Trips.builder_config.json", id="english"),
        pytest.param("旅行/助手 ..", "旅行 助手.builder_config.json", id="chinese with a slash"),
        pytest.param("", "builder_config.json", id="no name"),
    ],
)
async def test_the_document_is_taken_along_whole_and_can_be_imported(
    page: Page, modelled: Modelled, tmp_path: Path, name: str, file: str
) -> None:
    async with Client(modelled.base_url) as client:
        agent = await client.post("/api/agents", json={"config": {"name": name, "description": "Old", **UNKNOWN}})
    studio = await opened(page, f"{modelled.base_url}/?agent={agent['id']}")
    await studio.configure()
    await studio.field("description").fill("Typed just now")
    await page.locator("#document > button").click()
    async with page.expect_download() as started:
        await page.get_by_role("button", name="Download").click()
    download = await started.value
    assert download.suggested_filename == file
    kept = tmp_path / "kept.json"
    await download.save_as(kept)
    text = kept.read_text(encoding="utf-8")
    async with Client(modelled.base_url) as client:
        stored = (await client.get(f"/api/agents/{agent['id']}"))["config"]
        again = await client.post("/api/agents", json={"config": json.loads(text)})
    assert stored["description"] == "Typed just now"
    assert text == json.dumps(stored, ensure_ascii=False, indent=2) + "\n"
    assert again["config"] == stored
