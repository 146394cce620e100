"""*Configure* and the keys: what is set by hand reaches the preview, the model and the store."""

import re
from io import BytesIO

import pytest_asyncio
from PIL import Image
from playwright.async_api import FilePayload, Page, expect

from tests.browser import BROWSER_TEST, Watch
from tests.client import Client
from tests.fakes.weather_server import WeatherServer
from tests.studio_page import Studio, configuring, held, loaded, names_of, opened
from tests.studio_server import LOCKED_MODEL, MODEL, Modelled

pytestmark = BROWSER_TEST

AMAP_KEY = "amap-key-of-this-test"


@pytest_asyncio.fixture(loop_scope="session")
async def studio(page: Page, guided: str) -> Studio:
    """*Configure* of a new agent that the guide speaks for."""
    return await configuring(page, guided)


async def test_every_text_is_on_the_card_at_once(studio: Studio) -> None:
    await studio.set("name", "Dune")
    await studio.set("description", "Knows the desert.")
    await studio.set("prologue", "Water first, then **questions**.")
    await studio.set("suggestions", "Which dune is highest?\n\n  Where is water?  ")
    await expect(studio.card).to_contain_text("Dune")
    await expect(studio.card).to_contain_text("Knows the desert.")
    await expect(studio.log("preview").locator(".af-prologue strong")).to_have_text("questions")
    await expect(studio.suggestions).to_have_text(["Which dune is highest?", "Where is water?"])
    await studio.suggestions.first.click()
    await expect(studio.said("preview")).to_have_text("Which dune is highest?")


async def test_no_two_things_in_the_form_are_called_the_same(page: Page, studio: Studio) -> None:
    lock = page.locator("#cfg_temperature").get_by_role("button", name="Lock Temperature (Answer settings)")
    await expect(lock).to_be_visible()
    names = await names_of(page.locator(".st-form"))
    assert "Lock Answer length (Answer settings): nothing changes it" in names
    assert [name for name in names if names.count(name) > 1] == []


async def test_a_first_field_makes_an_agent(page: Page, guided: str) -> None:
    studio = await opened(page, guided)
    await studio.configure()
    await studio.set("name", "From scratch")
    await page.reload()
    await expect(studio.card).to_contain_text("From scratch")


async def test_temperature_and_length_are_stored_and_taken_away_again(page: Page, studio: Studio) -> None:
    await studio.set("temperature", "0.5")
    await studio.set("max_tokens", "300")
    await page.reload()
    await studio.configure()
    await expect(studio.field("temperature")).to_have_value("0.5")
    await expect(studio.field("max_tokens")).to_have_value("300")
    await studio.set("temperature", "")
    await page.reload()
    await studio.configure()
    await expect(studio.field("max_tokens")).to_have_value("300")
    await expect(studio.field("temperature")).to_have_value("")


async def test_a_value_that_cannot_be_stored_says_why_and_stays(page: Page, studio: Studio, watch: Watch) -> None:
    watch.expected.append("422")
    await studio.field("temperature").fill("7")
    refusal = page.locator("#cfg_temperature").get_by_role("alert")
    await expect(refusal).to_have_text("Temperature cannot be stored. It may be 2 at most.")
    await studio.language("中文")
    await expect(refusal).to_have_text("“随机程度”无法保存。不能大于 2。")
    await expect(studio.field("temperature")).to_have_value("7")
    await studio.set("temperature", "1.5")
    await expect(refusal).to_be_hidden()


async def test_nothing_is_called_saved_while_a_field_is_refused(page: Page, studio: Studio, watch: Watch) -> None:
    watch.expected.append("422")
    await studio.field("temperature").fill("7")
    await expect(studio.saved).to_have_text("Temperature is not saved")
    await studio.field("name").fill("Dune")
    await expect(studio.card).to_contain_text("Dune")
    await studio.ask("Hello")
    await expect(studio.saved).to_have_text("Temperature is not saved")
    await studio.set("temperature", "")
    await expect(studio.saved).to_contain_text("Saved")
    await page.reload()
    await expect(studio.card).to_contain_text("Dune")


async def test_what_is_typed_in_the_first_moment_of_a_tab_stays(page: Page, guided: str, watch: Watch) -> None:
    watch.expected.append("422")
    async with Client(guided) as client:
        agent = await client.post("/api/agents")
    studio = await opened(page, f"{guided}/?agent={agent['id']}")
    await page.evaluate("""() => {
        const draw = window.requestAnimationFrame.bind(window), held = [];
        window.requestAnimationFrame = (callback) => held.push(callback);
        window.goOn = () => {
            window.requestAnimationFrame = draw;
            held.forEach(draw);
        };
    }""")
    await studio.configure()
    await studio.field("temperature").fill("7")
    await studio.field("name").fill("Dune")
    await page.evaluate("goOn()")
    await expect(studio.card).to_contain_text("Dune")
    await expect(studio.saved).to_have_text("Temperature is not saved")
    await studio.field("description").fill("Knows the desert.")
    await expect(studio.card).to_contain_text("Knows the desert.")
    await expect(studio.field("temperature")).to_have_value("7")
    await expect(studio.field("name")).to_have_value("Dune")


async def test_a_text_that_came_while_its_field_was_hidden_is_seen_whole(page: Page, studio: Studio) -> None:
    await page.set_viewport_size({"width": 390, "height": 844})
    await studio.tab(0)
    await studio.build("I want an agent that plans weekend trips and knows the weather")
    await studio.configure()
    for name in ("instruction", "prologue", "suggestions"):
        field = studio.field(name)
        await expect(field).not_to_have_value("")
        assert await field.evaluate("(field) => field.scrollHeight - field.clientHeight") <= 0


async def test_a_picture_becomes_the_avatar_and_goes_again(page: Page, studio: Studio) -> None:
    await studio.set("name", "Dune")
    reset = page.get_by_role("button", name="Back to the monogram")
    await expect(reset).to_be_hidden()
    monogram = await _colour(studio)
    picture = FilePayload(name="teal.png", mimeType="image/png", buffer=_png("#00807f"))
    await page.locator("#cfg_avatar input[type=file]").set_input_files(picture)
    await expect(reset).to_be_visible()
    assert await _colour(studio) == [0, 128, 127]
    await reset.click()
    await expect(reset).to_be_hidden()
    assert await _colour(studio) == monogram


async def test_a_file_that_is_no_picture_is_refused_with_a_sentence(page: Page, studio: Studio, watch: Watch) -> None:
    watch.expected.append("status of 4")
    fake = FilePayload(name="page.png", mimeType="image/png", buffer=b"<svg onload='alert(1)'/>")
    await page.locator("#cfg_avatar input[type=file]").set_input_files(fake)
    await expect(page.get_by_text("This file cannot be used here")).to_be_visible()


async def test_a_tool_without_its_key_waits_and_is_used_once_it_is_there(
    page: Page, studio: Studio, weather: WeatherServer
) -> None:
    tool = studio.tool("amap_weather")
    await tool.get_by_role("switch").check()
    await studio.stored()
    await expect(tool).to_contain_text("Waiting for a key")
    await studio.ask("How is the weather in Hangzhou?")
    await expect(studio.answers("preview").last.get_by_role("group")).to_have_count(0)
    await studio.tool_key("AMAP_TOKEN").get_by_role("textbox").fill(AMAP_KEY)
    await studio.tool_key("AMAP_TOKEN").get_by_role("button", name="Save key").click()
    await expect(tool).not_to_contain_text("Waiting for a key")
    weather.requests.clear()
    await studio.ask("杭州天气怎么样？")
    await expect(studio.answers("preview").last.get_by_role("group").first).to_contain_text("AMap weather")
    assert {query["key"] for path, query in weather.requests if path.startswith("/v3/")} == {AMAP_KEY}
    assert AMAP_KEY not in await page.content()


async def test_what_makes_the_agent_is_not_saved_before_it_is_stored(page: Page, guided: str) -> None:
    studio = await opened(page, guided)
    await studio.configure()
    async with held(page, "**/config", "PATCH"):
        async with page.expect_request(lambda request: request.method == "PATCH"):
            await studio.field("name").fill("Heron")
        await expect(studio.saved).to_have_attribute("data-kind", "saving")
    await studio.stored()


async def test_the_model_is_chosen_by_keyboard(page: Page, modelled: Modelled) -> None:
    studio = await opened(page, modelled.base_url)
    await studio.configure()
    model, options = studio.field("model"), page.get_by_role("option")
    await model.focus()
    await expect(options).to_have_count(0)
    await page.keyboard.press("ArrowDown")
    await expect(options.first).to_have_attribute("aria-selected", "true")
    await page.keyboard.type("zz")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Escape")
    await expect(options).to_have_count(0)
    await expect(model).to_have_value(f"Automatic (now {MODEL})")
    await page.keyboard.press("Enter")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await expect(model).to_have_value(re.compile(f"^{MODEL}"))
    await expect(model).to_be_focused()
    await studio.stored()
    await page.keyboard.press("l")
    await expect(page.locator(".st-active")).to_contain_text(LOCKED_MODEL)
    await page.keyboard.press("Tab")
    await expect(options).to_have_count(0)
    await expect(page.locator("#cfg_model").get_by_role("button", name="Lock Model")).to_be_focused()
    await page.keyboard.press("Tab")
    await expect(page.locator("#cfg_language input").first).to_be_focused()
    await page.reload()
    await studio.configure()
    await expect(model).to_have_value(re.compile(f"^{MODEL}"))


async def test_a_tool_asks_for_its_key_once_it_is_switched_on_or_asked(studio: Studio) -> None:
    tool, enter = studio.tool("amap_weather"), studio.page.get_by_role("button", name="Enter the key: AMap")
    field = studio.tool_key("AMAP_TOKEN").get_by_role("textbox")
    await expect(tool).to_contain_text("Waiting for a key: AMap “Web service” key")
    await expect(field).to_be_hidden()
    await expect(enter).to_be_hidden()
    await tool.get_by_role("switch").check()
    await expect(field).to_be_visible()
    await enter.click()
    await expect(field).to_be_focused()
    await expect(field).to_be_in_viewport()
    await studio.stored()
    await tool.get_by_role("switch").uncheck()
    await expect(field).to_be_hidden()
    await studio.page.get_by_text("Keys of the tools").click()
    await expect(field).to_be_visible()


async def test_a_tools_key_that_is_being_typed_survives_a_change_of_language(studio: Studio) -> None:
    await studio.page.get_by_text("Keys of the tools").click()
    field = studio.tool_key("AMAP_TOKEN").get_by_role("textbox")
    await field.fill("half of a key")
    await studio.language("中文")
    await expect(studio.tool("amap_weather")).to_contain_text("还缺密钥")
    await expect(field).to_have_value("half of a key")


async def _colour(studio: Studio) -> list[int]:
    """Red, green and blue of a point near the corner of the picture on the card."""
    picture = studio.card.locator("img")
    assert await loaded(picture)
    return await picture.evaluate(CORNER)


CORNER = """async (shown) => {
  const image = new Image();
  image.src = shown.src;
  await image.decode();
  const canvas = new OffscreenCanvas(image.naturalWidth, image.naturalHeight).getContext("2d");
  canvas.drawImage(image, 0, 0);
  return [...canvas.getImageData(10, image.naturalHeight - 10, 1, 1).data].slice(0, 3);
}"""


def _png(colour: str) -> bytes:
    file = BytesIO()
    Image.new("RGB", (64, 64), colour).save(file, "PNG")
    return file.getvalue()


async def test_what_should_not_come_together_is_told_above_the_tools_and_gone_when_it_is_asked_first(
    page: Page, studio: Studio
) -> None:
    warning = page.locator("#cfg_warnings p")
    browser, keeping = (page.locator(f'#cfg_tools .st-tool[data-tool="{tool}"]') for tool in ("web_browser", "storage"))
    await keeping.get_by_role("switch").click()
    await studio.stored()
    await expect(warning).to_have_count(0)
    await browser.get_by_role("switch").click()
    await expect(warning).to_contain_text("Read web pages can send things out without asking you")
    await browser.locator("select").select_option(label="Ask me first")
    await expect(warning).to_have_count(0)
