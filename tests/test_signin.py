"""The sign-in page in a real browser: what a stranger sees, in which language, and what stays in the address."""

from collections.abc import Iterator

import pytest
from playwright.async_api import Page, expect
from pytest import TempPathFactory

from tests.browser import BROWSER_TEST, Watch
from tests.studio_server import started

pytestmark = BROWSER_TEST

TOKEN = "s3cret-token"


@pytest.fixture(scope="session")
def locked(tmp_path_factory: TempPathFactory) -> Iterator[str]:
    """A server that asks for a token."""
    home = tmp_path_factory.mktemp("locked")
    with started({"AGENTFABRIC_HOME": str(home), "AGENTFABRIC_TOKEN": TOKEN}) as base_url:
        yield base_url


@pytest.fixture(autouse=True)
def refused(watch: Watch) -> None:
    """The page itself comes with the status 401, which the browser tells."""
    watch.expected.append("401")


async def test_a_wrong_token_says_so_and_leaves_the_address(page: Page, locked: str) -> None:
    await page.goto(f"{locked}/?agent=abc&token=guess")
    await expect(page.get_by_role("alert")).to_contain_text("That token is not right.", use_inner_text=True)
    assert page.url == f"{locked}/?agent=abc"
    await expect(page.get_by_label("Token")).to_be_focused()


async def test_the_language_is_chosen_before_signing_in_and_stays(page: Page, locked: str) -> None:
    await page.goto(locked)
    await expect(page.get_by_role("heading")).to_have_text("Sign in to AgentFabric", use_inner_text=True)
    await page.get_by_label("Token").fill("half of it")
    await page.get_by_text("中文").click()
    await expect(page.get_by_role("heading")).to_have_text("登录 AgentFabric", use_inner_text=True)
    await expect(page).to_have_title("登录 AgentFabric")
    await expect(page.get_by_label("令牌")).to_have_value("half of it")
    await page.reload()
    await expect(page.get_by_role("heading")).to_have_text("登录 AgentFabric", use_inner_text=True)
    await page.get_by_label("令牌").fill(TOKEN)
    await page.get_by_role("button", name="进入").click()
    await page.wait_for_selector("html[data-af-ready]")
    await expect(page.get_by_role("tab", name="配置")).to_be_visible()
    assert TOKEN not in page.url


@pytest.mark.parametrize("width", [390, 1440])
async def test_it_looks_like_the_product_and_fits(page: Page, locked: str, width: int) -> None:
    await page.set_viewport_size({"width": width, "height": 844})
    await page.goto(f"{locked}/?token=guess")
    await expect(page.locator("form > svg")).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth") == width
    accent = "getComputedStyle(document.querySelector('button')).backgroundColor"
    await page.emulate_media(color_scheme="light")
    light = await page.evaluate(accent)
    await page.emulate_media(color_scheme="dark")
    assert (light, await page.evaluate(accent)) == ("rgb(70, 74, 194)", "rgb(165, 171, 255)")
