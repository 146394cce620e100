"""A conversation saved as an agent, on the page: what came with it is known, and what stays behind is said."""

from playwright.async_api import FilePayload, Page, expect

from tests.browser import BROWSER_TEST
from tests.fakes.openai_replies import Says
from tests.pictures import png
from tests.studio_page import opened
from tests.studio_server import Modelled

pytestmark = BROWSER_TEST


async def test_an_agent_saved_from_a_chat_knows_its_documents(page: Page, modelled: Modelled) -> None:
    studio = await opened(page, modelled.base_url)
    modelled.model.script(Says("In the cellar."), Says("You tell where fruit is."))
    chat = page.locator("#preview_pane")
    note = FilePayload(name="fruit.md", mimeType="text/markdown", buffer=b"The quince is kept in the cellar.")
    pictures = [FilePayload(name=f"cat {n}.png", mimeType="image/png", buffer=png(2, 2)) for n in range(6)]
    await chat.locator("input[type=file]").set_input_files([note, *pictures])
    await studio.ask("Where is the quince?")
    await page.locator(".st-conversation").click()
    await page.get_by_role("button", name="Save “Where is the quince?” as an agent").click()
    told = page.locator(".st-toast").filter(has_text="new agent")
    await expect(told).to_contain_text("It reads what came with it: fruit.md.")
    await expect(told).to_contain_text("cat 0.png, cat 1.png, cat 2.png and 3 more: Pictures, sounds and videos")
    await told.get_by_role("button", name="See its knowledge").click()
    known = page.locator("#cfg_knowledge").get_by_role("listitem")
    await expect(known).to_have_count(1)
    await expect(known).to_contain_text("fruit.md")
    await expect(known).to_have_attribute("data-state", "ready")
