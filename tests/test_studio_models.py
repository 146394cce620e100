"""Models & keys: which models are ready, what the others need, and what a key opens."""

import re

from playwright.async_api import Page, expect

from tests.browser import BROWSER_TEST
from tests.client import Client
from tests.studio_page import Studio, held, names_of, opened
from tests.studio_server import BROKEN_LINE, LOCKED_MODEL, LOCKED_MODEL_KEY, MODEL_KEY, Modelled

pytestmark = BROWSER_TEST


async def test_a_first_key_sends_the_guide_away_and_taking_it_brings_it_back(page: Page, guided: str) -> None:
    studio = await opened(page, guided)
    await studio.configure()
    note = page.get_by_text("This is the built-in guide, not a language model.").locator("visible=true")
    await expect(note).to_be_visible()
    await page.get_by_role("button", name="Add a key").locator("visible=true").click()
    await expect(studio.models.locator("input[data-secret=DASHSCOPE_API_KEY]")).to_be_focused()
    await _store(studio, "DASHSCOPE_API_KEY", "sk-of-this-test")
    await expect(studio.models).to_contain_text("Agents without a model of their own run on qwen-max.")
    await expect(studio.models.locator("input[data-secret=DASHSCOPE_API_KEY]")).to_have_count(0)
    await page.keyboard.press("Escape")
    await expect(note).to_have_count(0)
    assert "sk-of-this-test" not in await page.content()
    await studio.open_models()
    await studio.models.get_by_role("button", name="Remove").click()
    told = page.locator(".st-toast")
    await expect(told).to_have_text(["DASHSCOPE_API_KEY is removed from the store."])
    await expect(studio.models.locator("input[data-secret=DASHSCOPE_API_KEY]")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(note).to_be_visible()


async def test_a_key_from_the_page_opens_a_model_and_is_what_it_is_asked_with(page: Page, modelled: Modelled) -> None:
    studio = await opened(page, modelled.base_url)
    await studio.open_models()
    await _store(studio, LOCKED_MODEL_KEY, "sk-from-the-page")
    await page.keyboard.press("Escape")
    await studio.configure()
    await studio.field("model").click()
    await page.get_by_role("option", name=LOCKED_MODEL).click()
    await studio.stored()
    await studio.ask("Hello")
    assert modelled.model.last.headers["Authorization"] == "Bearer sk-from-the-page"


async def test_a_key_that_is_being_typed_survives_the_list_that_arrives(page: Page, modelled: Modelled) -> None:
    async with Client(modelled.base_url) as client:
        await client.call("PUT", "/api/secrets/AMAP_TOKEN", json={"value": "amap-key-of-this-test"})
    studio = await opened(page, modelled.base_url)
    async with held(page, "**/api/secrets"):
        await studio.open_models()
        field = studio.models.locator(f"input[data-secret={LOCKED_MODEL_KEY}]")
        await field.press_sequentially("sk-half")
    await expect(studio.models).to_contain_text("Stored keys")
    await expect(field).to_be_focused()
    await page.keyboard.type("-typed")
    await expect(field).to_have_value("sk-half-typed")


async def test_keys_of_vendors_come_first_until_there_is_an_endpoint_of_ones_own(page: Page, guided: str) -> None:
    studio = await opened(page, guided)
    await studio.open_models()
    first = studio.models.locator("h3").filter(has_text=re.compile("Vendors|Your endpoints")).first
    await expect(studio.models.locator("[data-row=endpoints]")).to_be_visible()
    await expect(first).to_have_text("Vendors that wait for a key")
    async with Client(guided) as client:
        await client.post("/api/endpoints", json={"name": "Mine", "url": "http://127.0.0.1:9/v1"})
    await page.reload()
    await page.wait_for_selector("html[data-af-ready]")
    await studio.open_models()
    await expect(first).to_have_text("Your endpoints")


async def test_every_key_says_whose_it_is(page: Page, guided: str) -> None:
    studio = await opened(page, guided)
    await studio.open_models()
    asked = studio.models.get_by_role("listitem").filter(has=page.locator("input[data-secret=DASHSCOPE_API_KEY]"))
    await expect(asked).to_contain_text("Alibaba Cloud (DashScope)")
    await _store(studio, "DASHSCOPE_API_KEY", "sk-of-this-test")
    stored = studio.models.locator(".st-stored")
    await expect(stored).to_contain_text("Alibaba Cloud (DashScope)")
    ready = studio.models.get_by_role("listitem").filter(has=page.locator("b", has_text="qwen-max"))
    await expect(ready).to_contain_text("Alibaba Cloud (DashScope)")


async def test_no_two_things_in_the_panel_are_called_the_same(page: Page, guided: str) -> None:
    async with Client(guided) as client:
        for name in ("AMAP_TOKEN", "DASHSCOPE_API_KEY"):
            await client.call("PUT", f"/api/secrets/{name}", json={"value": "of-this-test"})
    studio = await opened(page, guided)
    await studio.open_models()
    await expect(studio.models.locator("code", has_text="AMAP_TOKEN")).to_be_visible()
    names = await names_of(studio.models)
    assert {"Key of OpenAI, OPENAI_API_KEY", "Try it: qwen-max", "Remove AMAP_TOKEN"} <= set(names)
    assert [name for name in names if names.count(name) > 1] == []


async def test_a_problem_of_the_whole_file_names_no_line(page: Page, guided: str) -> None:
    problem = {"file": "models.json", "line": 0, "message": {"zh": "读不了。", "en": "It cannot be read."}}
    answer = {"models": [], "default": "", "problems": [problem]}
    await page.route("**/api/models", lambda route: route.fulfill(json=answer))
    studio = await opened(page, guided)
    await studio.open_models()
    await expect(studio.models.get_by_text("models.json")).to_have_text("models.json: It cannot be read.")


async def test_what_is_wrong_with_the_model_list_is_told_with_its_line(page: Page, modelled: Modelled) -> None:
    studio = await opened(page, modelled.base_url)
    await studio.open_models()
    problem = studio.models.get_by_text("wool-model")
    await expect(problem).to_have_text(re.compile(rf"^models\.json, line {BROKEN_LINE}:"))
    await expect(studio.models).to_contain_text("The key is written in the configuration file.")
    assert MODEL_KEY not in await page.content()


async def _store(studio: Studio, name: str, value: str) -> None:
    field = studio.models.locator(f"input[data-secret={name}]")
    await field.fill(value)
    await field.press("Enter")
    await expect(studio.models.locator("code", has_text=name)).to_be_visible()
    await expect(studio.models).to_contain_text("Stored keys")
