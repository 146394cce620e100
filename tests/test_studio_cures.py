"""A failure in either chat leads, with a button, to the place where it is cured."""

import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser import BROWSER_TEST, Watch
from tests.client import Client
from tests.fakes.openai_replies import NO_QUOTA, UNAUTHORIZED, Status, error
from tests.fakes.openai_server import refused_base_url
from tests.studio_page import Pane, Studio, opened
from tests.studio_server import LOCKED_MODEL, LOCKED_MODEL_KEY, MODEL, Modelled

pytestmark = BROWSER_TEST

PANES = pytest.mark.parametrize("pane", ["create", "preview"])
NO_TOOLS = Status(400, error("fake does not support tools"))
NOT_THERE = "status of 502"
"""What the browser tells of an endpoint that is asked for its models as soon as its dialog opens."""


async def agent_on(page: Page, modelled: Modelled, model: str) -> Studio:
    """The studio with an agent on that model, whether the list has it or not."""
    async with Client(modelled.base_url) as client:
        await client.post("/api/agents", json={"config": {"name": "Heron", "model": model}})
    return await opened(page, modelled.base_url)


async def endpoint_of(modelled: Modelled, url: str, **more: str) -> str:
    """The id of an endpoint called Acme, with the model `fake`."""
    async with Client(modelled.base_url) as client:
        body = {"url": url, "name": "Acme", "models": [{"model": "fake"}], **more}
        return str((await client.post("/api/endpoints", json=body))["id"])


async def failed(studio: Studio, pane: Pane, text: str = "Hello") -> Locator:
    """The card of the failure that a message meets."""
    await studio.say(pane, text)
    await studio.answered(pane)
    return studio.answers(pane).last.get_by_role("alert")


async def press(card: Locator, name: str) -> None:
    await card.get_by_role("button", name=name, exact=True).click()


@PANES
async def test_a_missing_key_leads_to_its_field(page: Page, modelled: Modelled, pane: Pane) -> None:
    studio = await agent_on(page, modelled, LOCKED_MODEL)
    card = await failed(studio, pane)
    await press(card, "Enter the key (Models & keys: 127.0.0.1)")
    await expect(studio.models.locator(f"input[data-secret={LOCKED_MODEL_KEY}]")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(card.get_by_role("button", name="Enter the key")).to_be_focused()
    await studio.language("中文")
    await expect(card.get_by_role("button", name="填写密钥（模型与密钥：127.0.0.1）", exact=True)).to_be_visible()


async def test_a_wrong_key_leads_to_a_field_for_another(page: Page, modelled: Modelled) -> None:
    async with Client(modelled.base_url) as client:
        await client.call("PUT", f"/api/secrets/{LOCKED_MODEL_KEY}", json={"value": "sk-wrong"})
    studio = await agent_on(page, modelled, LOCKED_MODEL)
    modelled.model.script(UNAUTHORIZED)
    await press(await failed(studio, "preview"), "Enter another key (Models & keys: 127.0.0.1)")
    field = studio.models.locator(f"input[data-secret={LOCKED_MODEL_KEY}]")
    await expect(field).to_be_focused()
    await page.keyboard.type("sk-right")
    await page.keyboard.press("Enter")
    await expect(field).to_have_count(0)
    await page.keyboard.press("Escape")
    await studio.answers("preview").last.get_by_role("button", name="Try again").click()
    await studio.answered("preview")
    assert modelled.model.last.headers["Authorization"] == "Bearer sk-right"


@PANES
async def test_a_model_that_is_gone_leads_to_the_choice_of_another(page: Page, modelled: Modelled, pane: Pane) -> None:
    await page.set_viewport_size({"width": 390, "height": 844})
    studio = await agent_on(page, modelled, "gone-model")
    if pane == "preview":
        await page.locator("#pane_switch [data-pane=preview]").click()
    await press(await failed(studio, pane), "Choose another model (Configure: Model)")
    await expect(studio.field("model")).to_be_focused()
    await expect(studio.field("model")).to_be_in_viewport()


async def test_an_account_without_quota_leads_to_the_builders_own_model(page: Page, modelled: Modelled) -> None:
    studio = await agent_on(page, modelled, "")
    await studio.open_models()
    await studio.models.get_by_role("combobox", name="Model that builds").select_option(MODEL)
    await page.keyboard.press("Escape")
    modelled.model.script(NO_QUOTA)
    await press(await failed(studio, "create"), "Choose another model (Models & keys: Model that builds)")
    await expect(studio.models.get_by_role("combobox", name="Model that builds")).to_be_focused()
    await studio.models.get_by_role("combobox", name="Model that builds").select_option("")


@PANES
async def test_an_endpoint_that_is_not_there_leads_to_its_address(
    page: Page, modelled: Modelled, watch: Watch, pane: Pane
) -> None:
    watch.expected.append(NOT_THERE)
    await endpoint_of(modelled, refused_base_url())
    studio = await agent_on(page, modelled, "fake")
    await press(await failed(studio, pane), "Check the address (Models & keys: Acme)")
    await expect(studio.endpoint.locator("input[name=endpoint-url]")).to_be_focused()


async def test_an_endpoints_missing_key_leads_to_its_field(page: Page, modelled: Modelled, watch: Watch) -> None:
    watch.expected.append(NOT_THERE)
    endpoint = await endpoint_of(modelled, modelled.model.base_url, key="sk-first")
    async with Client(modelled.base_url) as client:
        await client.call("PATCH", f"/api/endpoints/{endpoint}", json={"url": refused_base_url()})
    studio = await agent_on(page, modelled, "fake")
    await press(await failed(studio, "preview"), "Enter the key (Models & keys: Acme)")
    await expect(studio.endpoint.locator("input[name=endpoint-key]")).to_be_focused()


async def test_what_an_own_model_can_do_is_set_where_the_button_leads(page: Page, modelled: Modelled) -> None:
    await endpoint_of(modelled, modelled.model.base_url)
    studio = await agent_on(page, modelled, "fake")
    modelled.model.script(NO_TOOLS)
    await press(await failed(studio, "preview"), "Check the model's settings (Models & keys: fake · Acme)")
    await expect(page.locator("dialog.st-own-model")).to_be_visible()


async def test_the_line_above_a_chat_leads_to_the_same_places(page: Page, modelled: Modelled) -> None:
    studio = await agent_on(page, modelled, "gone-model")
    await page.locator("#preview_pane .st-guide-note").get_by_role("button", name="Choose another model").click()
    await expect(studio.field("model")).to_be_focused()
