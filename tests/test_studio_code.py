"""An agent that runs code, on the page: its chart in the chat, its files to keep, a loop without end, no sandbox."""

import json
from pathlib import Path

from playwright.async_api import Page, Route, expect

from tests.browser import BROWSER_TEST
from tests.client import Client
from tests.fakes.openai_replies import Call, Says
from tests.sandbox import require_sandbox
from tests.studio_page import loaded, opened
from tests.studio_server import Modelled

pytestmark = BROWSER_TEST

CHART = """
import matplotlib.pyplot as plt, pandas as pd
table = pd.DataFrame({"month": ["一月", "二月", "三月"], "amount": [3, 5, 4]})
table.plot.bar(x="month", y="amount", rot=0, title="每月销售额（万元）")
plt.show()
table.to_csv("sales.csv", index=False)
"""


def runs(code: str) -> Says:
    return Says(calls=(Call("code_interpreter", json.dumps({"code": code})),))


async def an_analyst(base_url: str) -> str:
    """Its address on the page."""
    async with Client(base_url) as client:
        agent = await client.post("/api/agents")
        fields = {"name": "Analyst", "language": "en", "tools": {"code_interpreter": True, "weather": True}}
        await client.call("PATCH", f"/api/agents/{agent['id']}/config", json=fields)
        return f"{base_url}/?agent={agent['id']}"


async def test_a_chart_is_in_the_chat_and_its_file_can_be_kept(page: Page, modelled: Modelled, tmp_path: Path) -> None:
    require_sandbox()
    studio = await opened(page, await an_analyst(modelled.base_url))
    modelled.model.script(runs(CHART), Says("February was the best month."))
    await studio.ask("Chart the sales")
    answer = studio.answers("preview").last
    await expect(answer).to_contain_text("February was the best month.")
    assert await loaded(answer.locator("figure img"))
    async with page.expect_download() as keeping:
        await answer.get_by_role("link", name="sales.csv").click()
    kept = await (await keeping.value).path()
    assert kept.read_text(encoding="utf-8").splitlines()[1] == "一月,3"
    await page.reload()
    await page.wait_for_selector("html[data-af-ready]")
    assert await loaded(studio.answers("preview").last.locator("figure img"))


async def test_a_loop_without_end_ends_in_a_sentence_that_helps(page: Page, modelled: Modelled) -> None:
    require_sandbox()
    studio = await opened(page, await an_analyst(modelled.base_url))
    modelled.model.script(
        runs("print('round 1', flush=True)\nwhile True: pass"), Says("It ran for too long; shall I take less data?")
    )
    await studio.ask("Count them all")
    answer = studio.answers("preview").last
    await expect(answer).to_contain_text("shall I take less data?")
    await answer.locator("summary").first.click()
    await expect(answer).to_contain_text("round 1")
    await expect(answer).to_contain_text("was stopped at its limit of 8 seconds")


async def test_a_server_without_a_sandbox_says_what_helps_where_the_tool_is_chosen(
    page: Page, modelled: Modelled
) -> None:
    reason = {"en": "Run `python app.py install-sandbox` on the server.", "zh": "请运行 install-sandbox。"}

    async def without(route: Route) -> None:
        answer = await route.fetch()
        tools = await answer.json()
        for tool in tools:
            if tool["id"] == "code_interpreter":
                tool.update(state="unavailable", reason=reason)
        await route.fulfill(response=answer, json=tools)

    await page.route("**/api/tools", without)
    await opened(page, await an_analyst(modelled.base_url))
    await page.get_by_role("tab", name="Configure").click()
    card = page.locator("#cfg_tools [data-tool=code_interpreter]")
    await expect(card).to_contain_text(reason["en"])
    await expect(card.get_by_role("switch")).to_be_enabled()
    await expect(page.locator("#cfg_tools [data-tool=weather] .st-unavailable")).to_have_count(0)
