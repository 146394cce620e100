"""The *Share* tab: publishing what is on screen, seeing what a release changes, and going back to one."""

from playwright.async_api import Page, expect

from tests.axe import violations
from tests.browser import BROWSER_TEST
from tests.client import Client
from tests.studio_page import opened

pytestmark = BROWSER_TEST

CONFIG = {"name": "旅行助手", "instruction": "Plan weekend trips.", "generation": {"temperature": 0.2}}


async def test_a_draft_is_published_compared_and_taken_back(page: Page, guided: str) -> None:
    async with Client(guided) as client:
        agent = (await client.post("/api/agents", json={"config": CONFIG}))["id"]
    studio = await opened(page, f"{guided}/?agent={agent}")
    await studio.tab(3)
    release, releases = page.locator("#share_release"), page.locator("#share_releases")
    await expect(release).to_contain_text("Not published yet")
    await release.locator('[data-kind="model"]').get_by_role("button", name="Go there").click()
    await expect(page.locator("#cfg_model :focus")).to_have_count(1)
    await studio.tab(3)
    await release.get_by_role("textbox").fill("For the family")
    await page.keyboard.press("Enter")
    await expect(release).to_contain_text("Release 1 is live")
    await expect(release).to_contain_text("The draft is the same as what is live.")
    await studio.configure()
    await studio.field("instruction").fill("Plan short weekend trips.")
    await studio.tab(3)
    await expect(release.locator('[data-field="instruction"] ins')).to_have_text("short ")
    found = await violations(page, at="a draft that differs")
    await release.get_by_role("button", name="Publish the draft").click()
    await expect(release).to_contain_text("Release 2 is live")
    await page.set_viewport_size({"width": 390, "height": 844})
    await releases.locator(".st-version-head").nth(1).click()
    await expect(releases).to_contain_text("旅行助手")
    found += await violations(page, at="releases on a phone")
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await releases.get_by_role("button", name="Make it live: release 1").click()
    await expect(release).to_contain_text("Release 1 is live")
    await release.get_by_role("button", name="Take offline").click()
    await expect(release).to_contain_text("Not published yet")
    await page.get_by_role("button", name="Undo").click()
    await expect(release).to_contain_text("Release 1 is live")
    await releases.get_by_role("button", name="Take it into the draft: release 1").click()
    await expect(release).to_contain_text("The draft is the same as what is live.")
    assert not found, "\n".join(found)
