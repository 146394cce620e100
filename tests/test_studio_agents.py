"""One's agents on the studio page: the library, the address, and several windows on one agent."""

import json
import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.async_api import BrowserContext, FilePayload, Locator, Page, expect

from tests.browser import BROWSER_TEST, Watch
from tests.client import Client
from tests.foreign_exports import DIFY_AGENT
from tests.studio_page import Studio, another_page, fetched, named, opened
from tests.studio_server import LOCKED_MODEL, LOCKED_MODEL_KEY, MODEL, Modelled

pytestmark = BROWSER_TEST

OLD_CONFIG = json.dumps(
    {
        "name": "Old heron",
        "knowledge": ["/tmp/config/guide.md"],
        "openAPIConfigs": [{"apiKey": "canary"}],
        "prompt_recommend": None,
        "tools": {"phantom_tool": {"name": "Wanx", "is_active": True, "use": True}},
        "language": "",
        "unknown": {"ratio": 1.0, "big": 2**60},
    }
)
"""As an earlier AgentFabric wrote it, with a key and with a path of its machine."""


async def test_the_library_opens_makes_copies_and_renames(page: Page, guided: str) -> None:
    await named(guided, "Otter")
    await named(guided, "Heron")
    studio = await opened(page, guided)
    await expect(studio.card).to_contain_text("Heron")
    await studio.open_library()
    await studio.library.get_by_role("button", name=re.compile("^Otter")).click()
    await expect(studio.library).to_be_hidden()
    await expect(studio.card).to_contain_text("Otter")
    await studio.open_library()
    rows = studio.library.get_by_role("listitem")
    await rows.filter(has_text="Otter").get_by_role("button", name="Duplicate").click()
    await expect(rows).to_have_count(3)
    await rows.filter(has_text="Heron").get_by_role("button", name="Rename").click()
    await studio.library.get_by_role("textbox", name="Name").fill("Grey heron")
    await page.keyboard.press("Enter")
    await expect(rows.filter(has_text="Grey heron")).to_be_visible()
    await studio.library.get_by_role("button", name="New agent").click()
    await expect(page.get_by_role("heading", name="Describe the agent you want")).to_be_visible()
    await expect(studio.card).to_contain_text("Untitled agent")
    await studio.tab(2)
    await studio.tab(3)
    await expect(page.locator("#share_targets")).to_contain_text("Describe an agent first")
    await studio.open_library()
    await expect(page.locator(".st-toast-problem")).to_have_count(0)


async def test_another_agent_is_configured_from_its_beginning(page: Page, guided: str) -> None:
    await named(guided, "Otter")
    await named(guided, "Heron")
    studio = await opened(page, guided)
    await studio.configure()
    await page.locator("#cfg_mcpServers").scroll_into_view_if_needed()
    await expect(studio.field("name")).not_to_be_in_viewport()
    await studio.open_library()
    await studio.library.get_by_role("button", name=re.compile("^Otter")).click()
    await expect(studio.field("name")).to_have_value("Otter")
    await expect(studio.field("name")).to_be_in_viewport()


async def test_an_old_configuration_is_imported_and_what_was_changed_is_told(page: Page, guided: str) -> None:
    studio = await opened(page, guided)
    seen = await _look(studio, "builder_config.json", OLD_CONFIG)
    await expect(seen).to_contain_text("guide.md")
    await expect(seen).to_contain_text("openAPIConfigs.0.apiKey")
    await expect(studio.library).to_be_hidden()
    assert await fetched(page, "/api/agents") == []
    await _take(seen)
    await expect(studio.card).to_contain_text("Old heron")
    agent = parse_qs(urlsplit(page.url).query)["agent"][0]
    config = await fetched(page, f"/api/agents/{agent}")
    assert config["config"]["unknown"] == {"ratio": 1.0, "big": 2**60}
    # What is there needs no invitation to be described anew.
    await expect(page.get_by_role("heading", name="What should be different?")).to_be_visible()
    await expect((await studio.knowledge()).get_by_role("listitem")).to_contain_text("missing")
    await studio.configure()
    tool = studio.tool("phantom_tool")
    await expect(tool).to_contain_text("Wanx")
    await tool.get_by_role("switch").uncheck()
    await studio.stored()
    await expect(tool.get_by_role("switch")).not_to_be_checked()
    await studio.open_models()
    await expect(studio.models).to_contain_text("openAPIConfigs.0.apiKeyOld heron")


async def test_a_file_that_is_no_agent_is_refused_with_the_reason(page: Page, guided: str, watch: Watch) -> None:
    watch.expected.append("the server responded with a status of 422")
    studio = await opened(page, guided)
    seen = await _look(studio, "notes.json", "just words")
    await expect(seen.get_by_role("alert")).to_contain_text("This cannot be imported")
    too_long = FilePayload(
        name="a.json", mimeType="application/json", buffer=json.dumps({"name": "x" * 2_000}).encode()
    )
    await seen.locator("input[type=file]").set_input_files(too_long)
    await expect(seen.get_by_role("alert")).to_contain_text("Name cannot be stored.")
    assert await fetched(page, "/api/agents") == []


async def test_an_export_of_another_product_changes_the_agent_as_it_was_shown(page: Page, guided: str) -> None:
    await named(guided, "Heron")
    studio = await opened(page, guided)
    seen = await _look(studio, "agent.yml", DIFY_AGENT)
    await expect(seen).to_contain_text("An app of Dify")
    await expect(seen).to_contain_text("book_hotel")
    await expect(seen.get_by_text("app.icon_background")).to_be_hidden()
    await seen.get_by_text("what means something only where it is from").click()
    await expect(seen.get_by_text("app.icon_background")).to_be_visible()
    await seen.get_by_label("As a change of “Heron”").check()
    await expect(seen.locator(".st-differences [data-field=name]")).to_contain_text("Weekend Scout")
    await seen.get_by_role("button", name="Change the agent").click()
    await expect(seen).to_be_hidden()
    await expect(studio.card).to_contain_text("Weekend Scout")
    assert [agent["name"] for agent in await fetched(page, "/api/agents")] == ["Weekend Scout"]


async def test_an_imported_model_without_its_key_is_told_and_a_ready_one_offered(
    page: Page, modelled: Modelled
) -> None:
    studio = await opened(page, modelled.base_url)
    await _take(await _look(studio, "builder_config.json", json.dumps({"name": "Heron", "model": LOCKED_MODEL})))
    told = page.locator("dialog.st-imported")
    await expect(told).to_contain_text(f"It names “{LOCKED_MODEL}”, which still needs the key {LOCKED_MODEL_KEY}.")
    await expect(told.get_by_role("button", name="Enter the key")).to_be_visible()
    agent = parse_qs(urlsplit(page.url).query)["agent"][0]
    assert (await fetched(page, f"/api/agents/{agent}"))["config"]["model"] == LOCKED_MODEL
    await told.get_by_role("button", name=f"Use {MODEL}").click()
    await expect(told).to_contain_text(f"It runs on {MODEL} now.")
    await expect(told.get_by_role("button", name="Got it")).to_be_focused()
    await page.keyboard.press("Enter")
    await studio.stored()
    assert (await fetched(page, f"/api/agents/{agent}"))["config"]["model"] == MODEL


async def test_an_imported_model_that_nobody_knows_is_told_and_may_stay(page: Page, modelled: Modelled) -> None:
    studio = await opened(page, modelled.base_url)
    await _take(await _look(studio, "builder_config.json", json.dumps({"name": "Heron", "model": "who-knows"})))
    told = page.locator("dialog.st-imported")
    await expect(told).to_contain_text("It names “who-knows”, which is not in the model list.")
    await told.get_by_role("button", name="Choose another model").click()
    await expect(told).to_be_hidden()
    await expect(studio.field("model")).to_be_focused()
    await expect(studio.field("model")).to_have_value("who-knows · not in the model list")


async def test_a_file_that_is_too_large_is_not_sent_and_says_who_can_import_it(
    page: Page, guided: str, tmp_path: Path
) -> None:
    large = tmp_path / "bundle.zip"
    with large.open("wb") as file:
        file.truncate(61_000_000)
    studio = await opened(page, guided)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    await studio.open_library()
    await studio.library.get_by_role("button", name="Import…").click()
    seen = page.locator("dialog.st-incoming")
    await seen.locator("input[type=file]").set_input_files(large)
    await expect(seen.get_by_role("alert")).to_contain_text("61 MB, and 60 MB can be imported here")
    assert [url for url in asked if "/api/imports/" in url] == []
    await seen.locator("input[type=file]").set_input_files(
        FilePayload(name="builder_config.json", mimeType="application/json", buffer=OLD_CONFIG.encode())
    )
    await expect(seen).to_contain_text("Old heron")
    await expect(seen.get_by_text("can be imported here")).to_be_hidden()


async def test_a_deleted_agent_can_be_brought_back(page: Page, guided: str) -> None:
    await named(guided, "Bittern")
    studio = await opened(page, guided)
    await studio.ask("Who are you?")
    await studio.open_library()
    await studio.library.get_by_role("button", name="Delete “Bittern”").click()
    await expect(studio.library).to_contain_text("No agents yet")
    await expect(studio.said("preview")).to_have_count(0)
    await page.get_by_role("button", name="Undo", exact=True).click()
    await expect(studio.library.get_by_role("listitem")).to_contain_text("Bittern")
    # All of it is there again: what is still asked for when it is deleted anew would be told as missing.
    await expect(studio.said("preview")).to_have_text(["Who are you?"])
    await studio.library.get_by_role("button", name="Delete “Bittern”").click()
    await studio.library.get_by_role("button", name="Bin", exact=True).click()
    await page.get_by_role("button", name="Restore Bittern").click()
    await expect(page.locator(".st-toast")).to_have_text(["“Bittern” is back."])
    await page.keyboard.press("Escape")
    await studio.library.get_by_role("listitem").locator("button.st-open").click()
    await expect(studio.said("preview")).to_have_text(["Who are you?"])


async def test_undo_outlives_the_dialog_and_the_cursor_stays_in_the_list(page: Page, guided: str) -> None:
    for name in ("Otter", "Heron", "Stork"):
        await named(guided, name)
    studio = await opened(page, guided)
    await studio.open_library()
    rows = studio.library.get_by_role("listitem")
    await rows.filter(has_text="Heron").get_by_role("button", name="Delete").press("Enter")
    await expect(rows).to_have_count(2)
    await expect(rows.filter(has_text="Otter").locator("button.st-open")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(studio.library).to_be_hidden()
    await studio.open_library()
    await page.get_by_role("button", name="Undo", exact=True).click()
    await expect(rows.filter(has_text="Heron").locator("button.st-open")).to_be_focused()
    for name in ("Heron", "Otter", "Stork"):
        await rows.filter(has_text=name).get_by_role("button", name="Delete").press("Enter")
        await expect(rows.filter(has_text=name)).to_have_count(0)
    await expect(studio.library.get_by_role("button", name="New agent")).to_be_focused()
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="Undo", exact=True).last.click()
    await expect(studio.card).to_contain_text("Stork")


@pytest.mark.parametrize("begin", ["with a field", "with a message"])
async def test_a_new_agent_is_made_once_there_is_something_to_keep(page: Page, guided: str, begin: str) -> None:
    await named(guided, "Heron")
    studio = await opened(page, guided)
    await studio.configure()
    for _ in range(2):
        await studio.open_library()
        await studio.library.get_by_role("button", name="New agent").click()
        await expect(page.get_by_role("heading", name="Describe the agent you want")).to_be_visible()
    assert [agent["name"] for agent in await fetched(page, "/api/agents")] == ["Heron"]
    if begin == "with a field":
        await studio.configure()
        await studio.set("name", "Otter")
    else:
        await studio.ask("Hello")
    await studio.open_library()
    await expect(studio.library.get_by_role("listitem")).to_have_count(2)


async def test_back_and_forward_open_the_agents_between(page: Page, guided: str) -> None:
    await named(guided, "Otter")
    await named(guided, "Heron")
    studio = await opened(page, guided)
    await studio.open_library()
    await studio.library.get_by_role("button", name=re.compile("^Otter")).click()
    await expect(studio.card).to_contain_text("Otter")
    await studio.configure()
    await studio.field("description").fill("Typed just before.")
    await page.go_back()
    await expect(studio.card).to_contain_text("Heron")
    await expect(studio.field("description")).to_have_value("")
    await page.go_forward()
    await expect(studio.card).to_contain_text("Typed just before.")
    await expect(studio.field("description")).to_have_value("Typed just before.")


async def test_a_first_message_after_new_agent_takes_the_place_of_the_invitation(page: Page, guided: str) -> None:
    await named(guided, "Heron")
    studio = await opened(page, guided)
    await studio.open_library()
    await studio.library.get_by_role("button", name="New agent").click()
    await studio.ask("Hello")
    await page.go_back()
    await expect(studio.card).to_contain_text("Heron")
    await expect(studio.said("preview")).to_have_count(0)
    await page.go_forward()
    await expect(studio.said("preview")).to_have_text(["Hello"])


async def test_back_to_an_agent_that_is_gone_says_so_and_stays(page: Page, guided: str, watch: Watch) -> None:
    watch.expected.append("404")
    await named(guided, "Otter")
    await named(guided, "Heron")
    studio = await opened(page, guided)
    gone = parse_qs(urlsplit(page.url).query)["agent"][0]
    await studio.open_library()
    await studio.library.get_by_role("button", name=re.compile("^Otter")).click()
    await expect(studio.card).to_contain_text("Otter")
    here = page.url
    async with Client(guided) as client:
        await client.call("DELETE", f"/api/agents/{gone}")
    await page.go_back()
    await expect(page.locator(".st-toast-problem")).to_be_visible()
    await expect(studio.card).to_contain_text("Otter")
    assert page.url == here


@pytest.mark.parametrize(
    "look", ["document.dispatchEvent(new Event('visibilitychange'))", "dispatchEvent(new Event('focus'))"]
)
async def test_a_window_that_is_looked_at_again_shows_what_changed_elsewhere(
    page: Page, guided: str, look: str
) -> None:
    await named(guided, "Heron")
    studio = await opened(page, guided)
    async with Client(guided) as client:
        [agent] = await client.get("/api/agents")
        await client.call("PATCH", f"/api/agents/{agent['id']}/config", json={"name": "Grey heron"})
    await page.evaluate(look)
    await expect(studio.card).to_contain_text("Grey heron")


async def test_two_windows_follow_each_other_and_spare_what_is_being_typed(
    context: BrowserContext, page: Page, watch: Watch, guided: str
) -> None:
    await named(guided, "Heron")
    first = await opened(page, guided)
    await first.configure()
    second = await opened(await another_page(context, watch), page.url)
    await second.configure()
    await first.field("description").press_sequentially("half a")
    await first.stored()
    await expect(second.field("description")).to_have_value("half a")
    await second.set("description", "Something else")
    await second.set("name", "Grey heron")
    await expect(first.card).to_contain_text("Grey heron")
    await expect(first.field("name")).to_have_value("Grey heron")
    await expect(first.field("description")).to_have_value("half a")
    await first.field("prologue").focus()
    await expect(first.field("description")).to_have_value("Something else")


async def _look(studio: Studio, name: str, text: str) -> Locator:
    """The dialog, with a file chosen that is to be imported."""
    await studio.open_library()
    await studio.library.get_by_role("button", name="Import…").click()
    seen = studio.page.locator("dialog.st-incoming")
    file = FilePayload(name=name, mimeType="application/json", buffer=text.encode())
    await seen.locator("input[type=file]").set_input_files(file)
    return seen


async def _take(seen: Locator) -> None:
    await seen.get_by_role("button", name="Import as a new agent").click()
    await expect(seen).to_be_hidden()


async def test_a_template_is_looked_at_and_started_from(page: Page, guided: str) -> None:
    studio = await opened(page, guided)
    await page.get_by_role("button", name="Or start from a template").click()
    gallery = page.locator("dialog.st-gallery")
    await expect(gallery.get_by_role("listitem")).to_have_count(12)
    await gallery.get_by_role("searchbox").fill("bedtime")
    await expect(gallery.locator(".st-template:visible")).to_have_count(1)
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(gallery).to_contain_text("Needs a key")
    await expect(gallery.get_by_role("blockquote")).to_contain_text("Let's make a picture book!")
    await gallery.get_by_role("button", name="All templates").click()
    await expect(gallery.locator(".st-template:visible")).to_be_focused()
    await page.keyboard.press("Enter")
    await page.keyboard.press("Enter")
    await expect(gallery).to_be_hidden()
    await expect(studio.card).to_contain_text("Picture-book Author")
    await expect(studio.log("preview")).to_contain_text("Let's make a picture book!")
    await expect(studio.suggestions).to_have_count(4)
    await studio.open_library()
    await studio.library.get_by_role("button", name="From a template…").click()
    await expect(gallery).to_be_visible()
