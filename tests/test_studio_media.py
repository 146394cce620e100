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


async def an_agent_with(base_url: str, tool: str) -> str:
    """Its address on the page."""
    async with Client(base_url) as client:
        agent = await client.post("/api/agents")
        fields = {"name": "Reader", "tools": {tool: True}}
        await client.call("PATCH", f"/api/agents/{agent['id']}/config", json=fields)
        await client.call("PUT", "/api/secrets/DASHSCOPE_API_KEY", json={"value": "sk-of-this-test"})
        return f"{base_url}/?agent={agent['id']}"


async def test_speech_is_played_kept_and_there_after_a_reload(
    page: Page, modelled: Modelled, images: MediaServer
) -> None:
    studio = await opened(page, await an_agent_with(modelled.base_url, "sambert_tts"))
    modelled.model.script(SPEAKS, Says('Here you are.\n\n<audio src="/tmp/speech.wav"></audio>\n\nOnce more?'))
    await studio.ask("Say good evening")
    await _plays(page, studio)
    async with page.expect_download() as keeping:
        await studio.answers("preview").last.get_by_role("link", name="Download", exact=True).click()
    assert (await keeping.value).suggested_filename == "speech.wav"
    await page.reload()
    await page.wait_for_selector("html[data-af-ready]")
    await _plays(page, studio)


async def test_a_recording_is_attached_and_written_down(page: Page, modelled: Modelled, images: MediaServer) -> None:
    studio = await opened(page, await an_agent_with(modelled.base_url, "paraformer_asr"))
    talk = {"name": "talk.mp3", "mimeType": "audio/mpeg", "buffer": images.sound}
    chat = page.locator("#preview_pane")
    await chat.locator("input[type=file]").set_input_files([talk])  # type: ignore[arg-type]
    await expect(chat.locator(".af-notice")).to_be_empty()
    modelled.model.script(Says(calls=(Call("paraformer_asr", "{}"),)), Says("It says hello."))
    await studio.ask("What is said?")
    await expect(studio.answers("preview").last).to_contain_text("It says hello.")
    told = [message["content"] for message in modelled.model.last.body["messages"] if message["role"] == "tool"]
    assert told == [images.heard]


async def test_a_recording_that_nothing_listens_to_says_what_would(
    page: Page, modelled: Modelled, images: MediaServer
) -> None:
    await opened(page, await an_agent_with(modelled.base_url, "sambert_tts"))
    chat = page.locator("#preview_pane")
    talk = {"name": "talk.mp3", "mimeType": "audio/mpeg", "buffer": images.sound}
    await chat.locator("input[type=file]").set_input_files([talk])  # type: ignore[arg-type]
    await expect(chat.locator(".af-notice")).to_contain_text("Transcribe speech")
    await expect(chat.locator(".af-chips .af-chip")).to_have_count(1)


async def _plays(page: Page, studio: Studio) -> None:
    """One player, with the length of the sound, and nothing left of the marker that names a file of the model's own."""
    answer = studio.answers("preview").last
    player = answer.locator("audio")
    await expect(player).to_have_count(1)
    await expect(player).to_have_attribute("aria-label", "Good evening")
    await page.wait_for_function("player => player.readyState >= 1", arg=await player.element_handle())
    assert round(await player.evaluate("player => player.duration"), 1) == 0.3
    await expect(answer.locator(".af-text > *")).to_have_text(["Here you are.", "Once more?"])
