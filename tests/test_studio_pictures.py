"""Pictures that an agent draws, on the page: shown, opened and kept, and still there after a reload."""

import pytest
from playwright.async_api import Page, expect

from tests.browser import BROWSER_TEST, Watch
from tests.client import Client
from tests.fakes.dashscope_images import ImageServer
from tests.fakes.openai_replies import Call, Says
from tests.studio_page import Studio, loaded, opened
from tests.studio_server import Modelled

pytestmark = BROWSER_TEST

WISH = "a hill under the sun"
DRAWS = Says(calls=(Call("image_gen", f'{{"text": "{WISH}"}}'),))


async def an_agent_that_draws(base_url: str, *, key: str = "sk-of-this-test") -> str:
    """Its address on the page."""
    async with Client(base_url) as client:
        agent = await client.post("/api/agents")
        fields = {"name": "Painter", "tools": {"image_gen": True}}
        await client.call("PATCH", f"/api/agents/{agent['id']}/config", json=fields)
        if key:
            await client.call("PUT", "/api/secrets/DASHSCOPE_API_KEY", json={"value": key})
        return f"{base_url}/?agent={agent['id']}"


async def test_a_drawn_picture_is_shown_kept_and_there_after_a_reload(
    page: Page, modelled: Modelled, images: ImageServer
) -> None:
    url = await an_agent_that_draws(modelled.base_url)
    studio = await opened(page, url)
    modelled.model.script(DRAWS, Says("Here is your hill.\n\n![IMAGEGEN](/tmp/hill.png)\n\nDo you like it?"))
    await studio.ask("Draw a hill")
    await _shows_one_picture(studio)
    async with page.expect_popup() as opening:
        await studio.answers("preview").last.get_by_role("link", name="Open the picture").click()
    whole = await opening.value
    assert await loaded(whole.locator("img"))
    await whole.close()
    async with page.expect_download() as keeping:
        await studio.answers("preview").last.get_by_role("link", name="Download the picture").click()
    assert (await keeping.value).suggested_filename == "picture.png"
    await page.reload()
    await page.wait_for_selector("html[data-af-ready]")
    await _shows_one_picture(studio)
    assert len(images.asked("/results/")) == 1


async def test_a_later_answer_can_show_the_picture_again_and_only_one_of_this_conversation(
    page: Page, modelled: Modelled, images: ImageServer
) -> None:
    studio = await opened(page, await an_agent_that_draws(modelled.base_url))
    modelled.model.script(DRAWS, Says("Here it is."))
    await studio.ask("Draw a hill")
    source = await studio.answers("preview").last.locator("figure img").get_attribute("src") or ""
    again = f"Once more: ![IMAGEGEN]({source.rsplit('/', 1)[-1]})\n\n![IMAGEGEN](https://pictures.example/hill.png)"
    modelled.model.script(Says(again))
    await studio.ask("Show it again")
    answer = studio.answers("preview").last
    await expect(answer.locator("img")).to_have_count(1)
    assert await loaded(answer.locator("figure img"))
    await expect(answer.get_by_role("link", name="IMAGEGEN")).to_have_attribute(
        "href", "https://pictures.example/hill.png"
    )


async def test_a_picture_that_is_gone_says_so(
    page: Page, modelled: Modelled, images: ImageServer, watch: Watch
) -> None:
    watch.expected.append("404")
    studio = await opened(page, await an_agent_that_draws(modelled.base_url))
    await page.route("**/api/files/*", lambda route: route.fulfill(status=404))
    modelled.model.script(DRAWS, Says("Here it is."))
    await studio.ask("Draw a hill")
    await expect(studio.answers("preview").last).to_contain_text("This picture is not there any more.")


@pytest.mark.parametrize("key", ["DASHSCOPE_API_KEY", "OPENAI_API_KEY"])
async def test_the_tool_waits_for_one_of_its_keys(page: Page, modelled: Modelled, key: str) -> None:
    studio = await opened(page, await an_agent_that_draws(modelled.base_url, key=""))
    await studio.configure()
    tool = studio.tool("image_gen")
    await expect(tool).to_contain_text(
        "Waiting for a key: Alibaba Cloud Model Studio (DashScope) API key or OpenAI API key"
    )
    await studio.tool_key(key).locator("input").fill("sk-of-this-test")
    await studio.tool_key(key).get_by_role("button").click()
    await expect(tool).not_to_contain_text("Waiting")
    await expect(page.locator("#cfg_tools form:visible")).to_have_count(0)


async def _shows_one_picture(studio: Studio) -> None:
    answer = studio.answers("preview").last
    await expect(answer.locator("img")).to_have_count(1)
    picture = answer.get_by_role("img", name=WISH)
    assert await loaded(picture)
    source = await picture.get_attribute("src") or ""
    assert source.startswith("/api/files/")
    await expect(answer.get_by_role("link", name="Open the picture")).to_have_attribute("href", source)
    await expect(answer).to_contain_text("Here is your hill.")
    await expect(answer.locator(".af-text")).not_to_contain_text("IMAGEGEN")


async def test_the_builder_draws_a_picture_and_the_draft_shows_it(
    page: Page, modelled: Modelled, images: ImageServer
) -> None:
    studio = await opened(page, await an_agent_that_draws(modelled.base_url))
    face = studio.drafted("avatar").locator("img")
    monogram = await face.get_attribute("src")
    modelled.model.script(
        Says(calls=(Call("draw_avatar", '{"what": "a paint brush"}'),)), Says("It has a face of its own now.")
    )
    await studio.build("Draw it a picture with a paint brush")
    await expect(face).not_to_have_attribute("src", monogram or "")
    assert await loaded(face)
    await expect(studio.answers("create").last.locator("[data-field=avatar]")).to_contain_text("a picture")
    await expect(studio.card.locator("img")).to_have_attribute("src", await face.get_attribute("src") or "")
