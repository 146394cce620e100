"""*Your endpoints* under *Models & keys*: adding, finding, trying and taking away models of one's own."""

import asyncio
import re
from collections.abc import AsyncGenerator

import pytest
import pytest_asyncio
from playwright.async_api import Locator, Page, expect

from tests.browser import BROWSER_TEST, Watch
from tests.client import Client
from tests.fakes.model_lists import ModelLists, openai_list
from tests.fakes.openai_replies import Json, Says
from tests.fakes.openai_server import FakeOpenAI, refused_base_url
from tests.fakes.openai_talents import Talents
from tests.studio_page import Studio, held, opened
from tests.studio_server import Modelled

pytestmark = BROWSER_TEST

KEY = "sk-canary-of-this-page"


@pytest_asyncio.fixture(loop_scope="session")
async def vendor() -> AsyncGenerator[FakeOpenAI, None]:
    async with FakeOpenAI(fallback=Talents(calls="words", sees="guesses")) as server:
        yield server


@pytest_asyncio.fixture(loop_scope="session")
async def large_vendor() -> AsyncGenerator[ModelLists, None]:
    """A vendor of many models, who wants a key."""
    models = openai_list(*(f"acme/model-{number}" for number in range(20)))
    async with ModelLists({"/v1/models": models}, needs_key=KEY) as server:
        yield server


async def add_dialog(page: Page, base_url: str) -> Studio:
    studio = await opened(page, base_url)
    await studio.open_models()
    await studio.models.get_by_role("button", name="Add endpoint").click()
    await expect(field(studio, "url")).to_be_focused()
    return studio


def field(studio: Studio, name: str) -> Locator:
    return studio.endpoint.locator(f"input[name=endpoint-{name}]")


def row(studio: Studio, model: str) -> Locator:
    return studio.models.locator(f".st-endpoints [data-model='{model}']")


async def added(base_url: str, url: str, *models: str, key: str | None = KEY, name: str = "Acme") -> None:
    async with Client(base_url) as client:
        wanted = [{"model": model} for model in models]
        await client.post("/api/endpoints", json={"url": url, "key": key, "name": name, "models": wanted})


async def test_an_endpoint_is_added_from_the_keyboard_and_its_model_answers(
    page: Page, modelled: Modelled, vendor: FakeOpenAI
) -> None:
    studio = await add_dialog(page, modelled.base_url)
    await page.keyboard.type(vendor.base_url.removesuffix("/v1"))
    await page.keyboard.press("Tab")
    await page.keyboard.type(KEY)
    await page.keyboard.press("Enter")
    pick = studio.endpoint.get_by_role("checkbox", name="fake")
    await expect(pick).to_be_checked()
    await field(studio, "name").fill("My vendor")
    await page.keyboard.press("Enter")
    await expect(studio.endpoint).to_have_count(0)
    card = studio.models.locator(".st-endpoint")
    await expect(card).to_contain_text("My vendor")
    await expect(card).to_contain_text("key stored")
    assert KEY not in await page.content()
    await page.keyboard.press("Escape")
    await studio.configure()
    await studio.field("model").click()
    await page.get_by_role("option", name="fake · My vendor").click()
    await studio.stored()
    await studio.ask("Hello")
    assert vendor.last.headers["Authorization"] == f"Bearer {KEY}"


async def test_a_key_that_is_needed_is_asked_for_and_a_long_list_is_searched(
    page: Page, modelled: Modelled, large_vendor: ModelLists
) -> None:
    studio = await add_dialog(page, modelled.base_url)
    await page.keyboard.type(large_vendor.origin)
    await page.keyboard.press("Enter")
    await expect(studio.endpoint).to_contain_text("This endpoint needs a key.")
    await expect(field(studio, "key")).to_be_focused()
    await page.keyboard.type("sk-wrong")
    await page.keyboard.press("Enter")
    await expect(studio.endpoint).to_contain_text("This endpoint does not accept the key.")
    await field(studio, "key").fill(KEY)
    await page.keyboard.press("Enter")
    await expect(studio.endpoint.get_by_role("checkbox")).to_have_count(20)
    await studio.endpoint.get_by_role("searchbox", name="Find a model").fill("model-17")
    await studio.endpoint.get_by_role("checkbox").check()
    await studio.endpoint.get_by_role("searchbox").fill("")
    await expect(studio.endpoint.get_by_role("checkbox", name="acme/model-17")).to_be_checked()
    await studio.endpoint.get_by_role("button", name="Add with 1 model").click()
    await expect(row(studio, "acme/model-17")).to_be_visible()


async def test_what_is_being_typed_survives_a_list_that_arrives_late(
    page: Page, modelled: Modelled, vendor: FakeOpenAI
) -> None:
    studio = await add_dialog(page, modelled.base_url)
    await page.keyboard.type(vendor.base_url)
    async with held(page, "**/api/endpoints/look", "POST"):
        await page.keyboard.press("Enter")
        await expect(studio.endpoint).to_contain_text("Asking for its models…")
        await field(studio, "name").press_sequentially("My ven")
    await expect(studio.endpoint.get_by_role("checkbox", name="fake")).to_be_visible()
    await expect(field(studio, "name")).to_be_focused()
    await page.keyboard.type("dor")
    await expect(field(studio, "name")).to_have_value("My vendor")


async def test_a_list_of_another_address_is_not_shown(
    page: Page, modelled: Modelled, vendor: FakeOpenAI, large_vendor: ModelLists
) -> None:
    studio = await add_dialog(page, modelled.base_url)
    await page.keyboard.type(vendor.base_url)
    async with held(page, "**/api/endpoints/look", "POST"):
        await page.keyboard.press("Enter")
        await expect(studio.endpoint).to_contain_text("Asking for its models…")
        await field(studio, "url").fill(large_vendor.origin)
    await page.keyboard.press("Enter")
    await expect(studio.endpoint).to_contain_text("This endpoint needs a key.")
    await expect(studio.endpoint.get_by_role("checkbox")).to_have_count(0)


async def test_what_was_typed_is_there_again_after_the_dialog_was_closed(page: Page, modelled: Modelled) -> None:
    studio = await add_dialog(page, modelled.base_url)
    await page.keyboard.type("https://api.example/v1")
    await field(studio, "name").fill("Half typed")
    await page.keyboard.press("Escape")
    await expect(studio.endpoint).to_have_count(0)
    await studio.models.get_by_role("button", name="Add endpoint").click()
    await expect(field(studio, "url")).to_have_value("https://api.example/v1")
    await expect(field(studio, "name")).to_have_value("Half typed")


async def test_an_address_that_cannot_be_used_is_told_once_and_cannot_be_added(
    page: Page, modelled: Modelled, watch: Watch
) -> None:
    watch.expected.append("the server responded with a status of 422")
    studio = await add_dialog(page, modelled.base_url)
    add = studio.endpoint.get_by_role("button", name=re.compile("^Add with"))
    await expect(add).to_have_count(0)
    await page.keyboard.type("http://169.254.169.254/latest")
    await page.keyboard.press("Enter")
    told = studio.endpoint.get_by_text("169.254.169.254 may not be asked")
    await expect(told).to_have_count(1)
    await expect(add).to_have_count(0)
    await studio.endpoint.get_by_role("textbox", name="Another model, by its name").fill("my-model")
    await page.keyboard.press("Enter")
    await field(studio, "name").press("Enter")
    await expect(add).to_have_count(0)
    await expect(told).to_have_count(1)
    await expect(field(studio, "url")).to_be_focused()
    await expect(field(studio, "url")).to_have_attribute("aria-invalid", "true")
    await page.keyboard.type("http://192.168.2.1:1234")
    await expect(told).to_have_count(0)
    await expect(add).to_have_text("Add with 1 model")


async def test_an_endpoint_that_does_not_answer_now_can_be_added_without_models(
    page: Page, modelled: Modelled, watch: Watch
) -> None:
    watch.expected.append("the server responded with a status of 502")
    studio = await add_dialog(page, modelled.base_url)
    add = studio.endpoint.get_by_role("button", name="Add without models")
    await expect(add).to_have_count(0)
    await page.keyboard.type(refused_base_url())
    await page.keyboard.press("Enter")
    await add.click()
    await expect(studio.models.locator(".st-endpoint")).to_contain_text("No models of it are on your list.")


async def test_an_address_without_its_scheme_is_completed_and_a_single_model_is_ticked(
    page: Page, modelled: Modelled, vendor: FakeOpenAI
) -> None:
    studio = await add_dialog(page, modelled.base_url)
    place = vendor.base_url.removeprefix("http://").removesuffix("/v1")
    await page.keyboard.type("localhost:11434")
    await expect(field(studio, "name")).to_have_attribute("placeholder", "localhost:11434")
    await field(studio, "url").fill("api.example/v1")
    await field(studio, "key").focus()
    await expect(field(studio, "url")).to_have_value("https://api.example/v1")
    await field(studio, "url").fill(place)
    await page.keyboard.press("Enter")
    await expect(field(studio, "url")).to_have_value(f"http://{place}")
    await expect(studio.endpoint.get_by_role("checkbox", name="fake")).to_be_checked()
    await studio.endpoint.get_by_role("button", name="Add with 1 model").click()
    await expect(row(studio, "fake")).to_be_visible()


async def test_local_models_are_found_and_added_with_one_press(page: Page, modelled: Modelled) -> None:
    studio = await opened(page, modelled.base_url)
    await studio.open_models()
    await studio.models.get_by_role("button", name="Find local models").click()
    found = studio.models.locator(".st-local > li")
    await expect(found).to_contain_text("vLLM")
    await found.get_by_role("button", name="Add 1 model").click()
    await expect(row(studio, "fake")).to_be_visible()
    await expect(found).to_contain_text("Added")


async def test_on_a_server_for_others_nobody_is_offered_to_look_for_local_models(
    page: Page, modelled: Modelled
) -> None:
    session = {"user": "ann", "local": False, "builder_model": ""}
    await page.route("**/api/session", lambda route: route.fulfill(json=session))
    studio = await opened(page, modelled.base_url)
    await studio.open_models()
    await expect(studio.models.get_by_role("button", name="Add endpoint")).to_be_visible()
    await expect(studio.models.get_by_role("button", name="Find local models")).to_have_count(0)


async def test_where_no_local_server_answers_the_page_says_what_to_do(page: Page, modelled: Modelled) -> None:
    await page.route("**/api/local-models", lambda route: route.fulfill(json=[]))
    studio = await opened(page, modelled.base_url)
    await studio.open_models()
    await studio.models.get_by_role("button", name="Find local models").click()
    await expect(studio.models.get_by_role("status").first).to_contain_text("Start one and look again")


async def test_a_model_is_tried_and_what_follows_is_told(page: Page, modelled: Modelled, vendor: FakeOpenAI) -> None:
    await added(modelled.base_url, vendor.base_url, "fake")
    studio = await opened(page, modelled.base_url)
    await studio.open_models()
    await expect(row(studio, "fake")).to_contain_text("uses tools")
    await row(studio, "fake").get_by_role("button", name="Try it").click()
    trial = row(studio, "fake").get_by_role("group", name="Trying fake")
    await expect(trial.get_by_role("listitem")).to_contain_text(
        ["Answers word by word", "Does not call functions", "Writes JSON as asked", "Sees no pictures"]
    )
    await expect(trial.get_by_role("status")).to_contain_text("its calls read from its text")
    await expect(trial.get_by_role("status")).to_contain_text("Noted for this model.")
    await expect(row(studio, "fake")).to_contain_text("calls tools in plain text")
    await trial.get_by_role("button", name="Hide").click()
    await expect(row(studio, "fake").get_by_role("button", name="Try it")).to_be_visible()


async def test_a_trial_shows_what_it_waits_for_and_can_be_stopped(page: Page, modelled: Modelled) -> None:
    asked = asyncio.Event()

    def slow(_: Json) -> Says:
        asked.set()
        return Says("one ", ending="endless", delay_s=0.05)

    async with FakeOpenAI(fallback=slow) as server:
        await added(modelled.base_url, server.base_url, "fake")
        studio = await opened(page, modelled.base_url)
        await studio.open_models()
        await row(studio, "fake").get_by_role("button", name="Try it").click()
        trial = row(studio, "fake").get_by_role("group")
        await expect(trial.locator("[data-state=asking]")).to_have_text("Does it answer word by word?")
        await asked.wait()
        await trial.get_by_role("button", name="Stop").click()
        await expect(trial.get_by_role("status")).to_have_text("Stopped. Nothing was noted.")
        await server.last.gone.wait()


async def test_a_trial_of_the_servers_own_model_says_where_to_note_it(page: Page, modelled: Modelled) -> None:
    studio = await opened(page, modelled.base_url)
    await studio.open_models()
    ready = studio.models.get_by_role("listitem").filter(has=page.locator("b", has_text="demo-model"))
    await ready.get_by_role("button", name="Try it").click()
    await expect(ready.get_by_role("status")).to_contain_text("model_config.json. There it can be written so:")
    await expect(ready.locator("code")).to_contain_text('"support_stream": true')


async def test_at_another_address_the_key_is_asked_for_again(
    page: Page, modelled: Modelled, vendor: FakeOpenAI, large_vendor: ModelLists
) -> None:
    await added(modelled.base_url, vendor.base_url, "fake")
    studio = await opened(page, modelled.base_url)
    await studio.open_models()
    await studio.models.get_by_role("button", name="Edit Acme").click()
    await expect(studio.endpoint.get_by_role("checkbox", name="fake")).to_be_checked()
    await field(studio, "url").fill(large_vendor.origin)
    await expect(studio.endpoint).to_contain_text("The key that was stored is for another address.")
    await studio.endpoint.get_by_role("button", name="Save").click()
    card = studio.models.locator(".st-endpoint")
    await expect(card).to_contain_text("key missing")
    await card.get_by_role("button", name="Enter it").click()
    await studio.endpoint.get_by_role("button", name="It needs none").click()
    await expect(studio.endpoint).to_contain_text("It will be asked without a key.")
    await studio.endpoint.get_by_role("button", name="Save").click()
    await expect(card).to_contain_text("without a key")
    assert not large_vendor.asked or all(KEY not in str(asked.headers) for asked in large_vendor.asked)


async def test_a_model_is_renamed_told_about_and_taken_off_and_put_back(
    page: Page, modelled: Modelled, vendor: FakeOpenAI
) -> None:
    await added(modelled.base_url, vendor.base_url, "fake")
    studio = await opened(page, modelled.base_url)
    await studio.open_models()
    await row(studio, "fake").get_by_role("button", name="Edit fake").click()
    dialog = page.locator("dialog.st-own-model")
    await dialog.locator("input[name=model-name]").fill("Little one")
    await dialog.locator("input[name=model-length]").fill("32000")
    await dialog.get_by_role("checkbox", name="Sees pictures").check()
    await dialog.get_by_role("button", name="Save").click()
    await expect(row(studio, "fake")).to_contain_text("Little one")
    await expect(row(studio, "fake")).to_contain_text("32K context · sees pictures")
    await row(studio, "fake").get_by_role("button", name="Take Little one off the list").click()
    await expect(row(studio, "fake")).to_have_count(0)
    await page.get_by_role("button", name="Undo").click()
    await expect(row(studio, "fake")).to_contain_text("32K context · sees pictures")
    await expect(row(studio, "fake")).to_contain_text("Little one")


async def test_an_endpoint_is_removed_after_a_question_and_its_agent_says_what_to_do(
    page: Page, modelled: Modelled, vendor: FakeOpenAI
) -> None:
    await added(modelled.base_url, vendor.base_url, "fake")
    async with Client(modelled.base_url) as client:
        await client.post("/api/agents", json={"config": {"name": "Poet", "model": "fake"}})
    studio = await opened(page, modelled.base_url)
    await studio.open_models()
    await studio.models.get_by_role("button", name="Remove Acme").click()
    await studio.models.get_by_role("button", name="Keep").click()
    await studio.models.get_by_role("button", name="Remove Acme").click()
    await studio.models.locator(".st-confirm").get_by_role("button", name="Remove").click()
    await expect(studio.models.locator(".st-endpoint")).to_have_count(0)
    await page.keyboard.press("Escape")
    gone = page.get_by_text("“fake” is not in the model list. Choose another model under Configure.")
    await expect(gone.locator("visible=true").first).to_be_visible()


@pytest.mark.parametrize("width", [390, 1440])
async def test_the_dialogs_fit(page: Page, modelled: Modelled, large_vendor: ModelLists, width: int) -> None:
    await added(modelled.base_url, f"{large_vendor.origin}/v1", "a/very/long/name-of-a-model" * 5, name="W" * 90)
    await page.set_viewport_size({"width": width, "height": 800})
    studio = await opened(page, modelled.base_url)
    await studio.open_models()
    await expect(studio.models.locator(".st-endpoint")).to_be_visible()
    await studio.models.get_by_role("button", name="Edit WWW").click()
    await expect(studio.endpoint.get_by_role("checkbox").nth(1)).to_be_visible()
    for dialog in (studio.models, studio.endpoint):
        body = dialog.locator(".st-dialog-body")
        assert await body.evaluate("body => body.scrollWidth <= body.clientWidth")
    await expect(studio.endpoint.get_by_role("button", name="Save")).to_be_in_viewport()
