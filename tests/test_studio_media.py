"""Speech that an agent makes, on the page: played, kept, and still there after a reload; and tools under Configure."""

from playwright.async_api import Page, expect

from tests.browser import BROWSER_TEST
from tests.client import Client
from tests.fakes.dashscope_media import MediaServer
from tests.fakes.openai_replies import Call, Says
from tests.studio_page import Studio, opened
from tests.studio_server import Modelled

pytestmark = BROWSER_TEST

SPEAKS = Says(calls=(Call("sambert_tts", '{"text": "Good evening"}'),))


async def an_agent_that_speaks(base_url: str) -> str:
    """Its address on the page."""
    async with Client(base_url) as client:
        agent = await client.post("/api/agents")
        fields = {"name": "Reader", "tools": {"sambert_tts": True}}
        await client.call("PATCH", f"/api/agents/{agent['id']}/config", json=fields)
        await client.call("PUT", "/api/secrets/DASHSCOPE_API_KEY", json={"value": "sk-of-this-test"})
        return f"{base_url}/?agent={agent['id']}"


async def test_speech_is_played_kept_and_there_after_a_reload(
    page: Page, modelled: Modelled, images: MediaServer
) -> None:
    studio = await opened(page, await an_agent_that_speaks(modelled.base_url))
    modelled.model.script(SPEAKS, Says('Here you are.\n\n<audio src="/tmp/speech.wav"></audio>\n\nOnce more?'))
    await studio.ask("Say good evening")
    await _plays(page, studio)
    async with page.expect_download() as keeping:
        await studio.answers("preview").last.get_by_role("link", name="Download", exact=True).click()
    assert (await keeping.value).suggested_filename == "speech.wav"
    await page.reload()
    await page.wait_for_selector("html[data-af-ready]")
    await _plays(page, studio)


async def _plays(page: Page, studio: Studio) -> None:
    """One player, with the length of the sound, and nothing left of the marker that names a file of the model's own."""
    answer = studio.answers("preview").last
    player = answer.locator("audio")
    await expect(player).to_have_count(1)
    await expect(player).to_have_attribute("aria-label", "Good evening")
    await page.wait_for_function("player => player.readyState >= 1", arg=await player.element_handle())
    assert round(await player.evaluate("player => player.duration"), 1) == 0.3
    await expect(answer.locator(".af-text > *")).to_have_text(["Here you are.", "Once more?"])
