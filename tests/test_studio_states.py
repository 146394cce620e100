"""The studio page when something is amiss: each state has its words and its way on, and nothing typed is lost."""

from collections.abc import Iterator

import pytest
from playwright.async_api import BrowserContext, Page, Route, expect
from pytest import TempPathFactory

from tests.browser import BROWSER_TEST, Watch
from tests.client import Client
from tests.fakes.openai_replies import Says
from tests.studio_page import another_page, held, named, opened
from tests.studio_server import Modelled, model_list, started

pytestmark = BROWSER_TEST

TOKEN = "s3cret-token"


@pytest.fixture(scope="session")
def locked(tmp_path_factory: TempPathFactory) -> Iterator[str]:
    """A server that asks for a token."""
    home = tmp_path_factory.mktemp("sessions")
    with started({"AGENTFABRIC_HOME": str(home), "AGENTFABRIC_TOKEN": TOKEN}) as base_url:
        yield base_url


async def test_a_session_that_ended_is_begun_again_on_the_page(
    page: Page, context: BrowserContext, watch: Watch, locked: str
) -> None:
    watch.expected.append("status of 401")
    studio = await opened(page, f"{locked}/?token={TOKEN}")
    await studio.configure()
    await studio.set("name", "Heron")
    await studio.input("preview").fill("Half a thought")
    await context.clear_cookies()
    await studio.field("description").fill("Typed after the session ended")
    dialog = page.get_by_role("dialog", name="Sign in again")
    token = dialog.get_by_label("Token")
    await expect(token).to_be_focused()
    await token.fill("guess")
    await token.press("Enter")
    await expect(dialog.get_by_role("alert")).to_contain_text("That token is not right.")
    await token.fill(TOKEN)
    await token.press("Enter")
    await expect(dialog).to_be_hidden()
    await studio.stored()
    await expect(studio.field("description")).to_have_value("Typed after the session ended")
    await expect(studio.input("preview")).to_have_value("Half a thought")
    assert TOKEN not in page.url
    async with Client(locked, {"Authorization": f"Bearer {TOKEN}"}) as client:
        [agent] = await client.get("/api/agents")
    assert (agent["name"], agent["description"]) == ("Heron", "Typed after the session ended")
    await studio.ask("Hello")
    await expect(studio.answers("preview")).not_to_be_empty()


async def test_signing_in_again_leaves_what_is_being_typed_alone(
    page: Page, context: BrowserContext, watch: Watch, locked: str
) -> None:
    watch.expected.append("status of 401")
    studio = await opened(page, f"{locked}/?token={TOKEN}")
    await studio.configure()
    await studio.set("name", "Heron")
    field = studio.input("preview")
    await field.fill("Half a thought")
    await context.clear_cookies()
    await studio.field("description").fill("Typed while nobody was signed in")
    async with held(page, "**/conversations"):
        token = page.get_by_role("dialog", name="Sign in again").get_by_label("Token")
        await token.fill(TOKEN)
        async with page.expect_request("**/conversations"):
            await token.press("Enter")
        await expect(field).to_have_value("Half a thought")
        await field.select_text()
    await page.keyboard.type("Whole")
    await expect(field).to_have_value("Whole")
    await expect(field).to_be_focused()


async def test_an_agent_deleted_in_another_window_can_be_brought_back(
    page: Page, context: BrowserContext, watch: Watch, modelled: Modelled
) -> None:
    watch.expected.append("status of 404")
    await named(modelled.base_url, "Heron")
    here = await opened(page, modelled.base_url)
    there = await opened(await another_page(context, watch), page.url)
    await there.open_library()
    await there.library.get_by_role("button", name="Delete").click()
    gone = page.locator(".st-gone")
    await expect(gone).to_contain_text("“Heron” was deleted in another window.")
    await here.configure()
    await here.field("description").fill("Typed meanwhile")
    await expect(here.saved).to_have_attribute("data-kind", "failed")
    await gone.get_by_role("button", name="Bring it back").click()
    await here.stored()
    await expect(gone).to_be_hidden()
    await expect(here.field("description")).to_have_value("Typed meanwhile")
    await there.page.keyboard.press("Escape")
    await there.open_library()
    await there.library.get_by_role("button", name="Delete").click()
    await expect(gone).to_be_visible()
    await gone.get_by_role("button", name="Go on without it").click()
    await expect(gone).to_be_hidden()
    await expect(page.get_by_role("heading", name="Describe the agent you want")).to_be_visible()


async def test_a_defect_of_the_server_is_told_with_its_incident(page: Page, guided: str, watch: Watch) -> None:
    watch.expected.append("status of 500")
    await named(guided, "Heron")
    studio = await opened(page, guided)

    async def fail(route: Route) -> None:
        await route.fulfill(status=500, json={"code": "internal", "message": "m", "params": {"incident": "ab12cd34"}})

    await page.route("**/duplicate", fail)
    await studio.open_library()
    await studio.library.get_by_role("button", name="Duplicate").click()
    await expect(page.locator(".st-toast")).to_contain_text("it is our fault")
    await expect(page.locator(".st-toast")).to_contain_text("Incident ab12cd34")


async def test_a_defect_of_the_page_is_told_in_a_sentence_not_in_the_browsers_words(
    page: Page, guided: str, watch: Watch
) -> None:
    watch.expected.append("TypeError")
    studio = await opened(page, guided)
    await page.route("**/api/templates?*", lambda route: route.fulfill(body="null", content_type="application/json"))
    await page.get_by_role("button", name="start from a template").click()
    await expect(page.locator(".st-toast")).to_contain_text("Something went wrong here")
    await expect(studio.input("create")).to_be_visible()


async def test_a_full_disk_keeps_what_is_typed_and_tries_again(page: Page, guided: str, watch: Watch) -> None:
    watch.expected.append("status of 503")
    await named(guided, "Heron")
    studio = await opened(page, guided)
    await studio.configure()

    async def fail(route: Route) -> None:
        await route.fulfill(status=503, json={"code": "storage_failed", "message": "m", "params": {}})

    await page.route("**/config", fail)
    await studio.field("description").fill("A full line")
    await expect(studio.saved).to_contain_text("Not saved yet")
    await expect(studio.saved).to_have_attribute(
        "title",
        "This could not be stored: the database or its disk is full, "
        "busy or not there. Nothing that was stored before is lost. Try again in a moment.",
    )
    await page.unroute("**/config")
    await studio.saved.get_by_role("button", name="Try again").click()
    await studio.stored()
    await expect(studio.field("description")).to_have_value("A full line")


async def test_a_server_that_was_restarted_is_met_again(
    page: Page, watch: Watch, modelled: Modelled, tmp_path_factory: TempPathFactory
) -> None:
    watch.expected.append("net::ERR_")
    home = tmp_path_factory.mktemp("restarted")
    (home / "models.json").write_text(model_list(modelled.model.base_url), encoding="utf-8")
    environment = {"AGENTFABRIC_HOME": str(home / "home"), "MODEL_CONFIG_FILE": str(home / "models.json")}
    modelled.model.script(Says("on and on ", ending="endless", delay_s=0.03))
    with started(environment) as base_url:
        studio = await opened(page, base_url)
        await studio.say("preview", "Go on")
        await expect(studio.answers("preview")).to_contain_text("on and on")
    answers = studio.answers("preview")
    await expect(answers.get_by_role("alert")).to_contain_text("The server was restarted in the middle of this answer.")
    await studio.input("create").fill("Typed meanwhile")
    with started(environment, port=int(base_url.rpartition(":")[2])):
        await answers.get_by_role("button", name="Try again").click()
        await studio.answered("preview")
        await expect(studio.said("preview")).to_have_text(["Go on"])
        await expect(answers).to_contain_text("You said: 'Go on'.")
        await expect(studio.input("create")).to_have_value("Typed meanwhile")
