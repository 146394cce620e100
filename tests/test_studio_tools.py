"""The tools under *Configure*: found by what they do, chosen ones first, each key in one place."""

import json
import re

import pytest
from playwright.async_api import Page, expect

from tests.axe import violations
from tests.browser import BROWSER_TEST
from tests.client import Client
from tests.fakes.openai_replies import Call, Says
from tests.studio_page import Studio, fetched, opened
from tests.studio_server import Modelled, started
from tests.test_studio_fit import fits

pytestmark = BROWSER_TEST

SHARED, LABEL = "DASHSCOPE_API_KEY", "Alibaba Cloud Model Studio (DashScope) API key"


async def with_tools(base_url: str, *tools: str) -> str:
    """An agent with these tools; gives its address."""
    async with Client(base_url) as client:
        agent = await client.post("/api/agents")
        ticks = {"tools": {tool: True for tool in tools}}
        await client.call("PATCH", f"/api/agents/{agent['id']}/config", json=ticks)
    return f"{base_url}/?agent={agent['id']}"


async def sections(studio: Studio) -> list[str]:
    """The headings of the parts that are to be seen."""
    return await studio.page.locator("#cfg_tools section:visible h3").all_inner_texts()


async def test_chosen_tools_come_first_and_the_others_by_what_they_do(page: Page, modelled: Modelled) -> None:
    studio = await opened(page, await with_tools(modelled.base_url, "calculator"))
    await studio.configure()
    shown = await sections(studio)
    assert shown[:4] == ["Chosen", "Search and web", "Pictures", "Sound and video"]
    first = page.get_by_role("region", name="Chosen").get_by_role("switch")
    await expect(first).to_have_count(1)
    await expect(first).to_have_accessible_name("Calculator Exact arithmetic, percentages, powers and functions.")
    facts = re.compile(r"^Only reads( · .+)? Sends nothing out about \d+ tokens · up to 20 s$")
    await expect(first).to_have_accessible_description(facts)
    await expect(page.locator("#cfg_tools")).to_contain_text("Tools chosen: 1")
    # Ticked here, a tool stays under the pointer; it comes first when the agent is opened again.
    await studio.tool("weather").get_by_role("switch").check()
    await studio.stored()
    await expect(studio.tool("weather").get_by_role("switch")).to_be_focused()
    await expect(first).to_have_count(1)
    await expect(page.locator("#cfg_tools")).to_contain_text("Tools chosen: 2")
    await page.reload()
    await studio.configure()
    await expect(first).to_have_count(2)
    # Ticked elsewhere, it comes first at once.
    async with Client(modelled.base_url) as client:
        path = f"/api/agents/{page.url.rpartition('=')[2]}/config"
        await client.call("PATCH", path, json={"tools": {"current_time": True, "weather": False}})
    await page.evaluate("window.dispatchEvent(new Event('focus'))")
    await expect(first).to_have_count(2)
    await expect(page.get_by_role("region", name="Chosen").locator("[data-tool=current_time]")).to_be_visible()


async def test_the_groups_are_those_of_the_tools(page: Page, modelled: Modelled) -> None:
    studio = await opened(page, await with_tools(modelled.base_url))
    await studio.configure()
    tools = await fetched(page, "/api/tools")
    assert await sections(studio) == list(dict.fromkeys(tool["group"]["label"]["en"] for tool in tools))
    for tool in tools:
        region = page.get_by_role("region", name=tool["group"]["label"]["en"])
        await expect(region.locator(f"[data-tool={tool['id']}]")).to_have_count(1)


@pytest.mark.parametrize(
    ("sought", "found"),
    [
        ("pdf", ["web_browser"]),
        ("天气", ["weather", "amap_weather"]),
        ("RenewInst", ["RenewInstance"]),
        ("声音 朗读", ["sambert_tts", "speech-generation"]),
        ("ＡＭＡＰ", ["amap_weather"]),
        ("juggling", []),
    ],
)
async def test_a_tool_is_found_by_its_words_in_both_languages(
    page: Page, modelled: Modelled, sought: str, found: list[str]
) -> None:
    studio = await opened(page, await with_tools(modelled.base_url))
    await studio.configure()
    field = page.get_by_role("searchbox", name="Find a tool")
    await field.fill(sought)
    seen = page.locator("#cfg_tools .st-tool:visible")
    await expect(seen).to_have_count(len(found))
    assert await seen.evaluate_all("(cards) => cards.map((card) => card.dataset.tool)") == found
    told = f"Tools found: {len(found)}" if found else f"No tool is called “{sought}” or does that."
    await expect(page.locator("#cfg_tools search [role=status]")).to_have_text(told)
    await field.press("Escape")
    await expect(field).to_have_value("")
    assert len(await sections(studio)) > 5


async def test_a_key_that_tools_share_is_entered_once_and_says_who_uses_it(page: Page, modelled: Modelled) -> None:
    studio = await opened(page, await with_tools(modelled.base_url, "image_edit", "style_repaint", "qwen_vl"))
    await studio.configure()
    key = studio.tool_key(SHARED)
    await expect(key).to_have_count(1)
    await expect(key).to_contain_text("Used by: ")
    for name in ("Edit pictures", "Repaint portraits", "Look at pictures", "Read aloud"):
        await expect(key).to_contain_text(name)
    await page.get_by_role("button", name=f"Enter the key: {LABEL}").nth(1).click()
    await expect(key.get_by_role("textbox")).to_be_focused()
    await page.keyboard.type("sk-of-this-test")
    await page.keyboard.press("Enter")
    await expect(key).to_be_hidden()
    await page.wait_for_function("document.activeElement.closest('.st-tool-keys')")
    for tool in ("image_edit", "style_repaint", "qwen_vl"):
        await expect(studio.tool(tool)).to_contain_text(f"Key: {LABEL}")
    await page.get_by_text("Keys of the tools").click()
    await expect(key).to_contain_text("is there")
    await key.get_by_role("button", name=f"Replace {SHARED}").click()
    await expect(studio.models.locator(f"input[data-secret={SHARED}]")).to_be_focused()


async def test_what_leaves_this_machine_is_one_press_away_and_told_with_the_switch(
    page: Page, modelled: Modelled
) -> None:
    studio = await opened(page, await with_tools(modelled.base_url))
    await studio.configure()
    tool = studio.tool("web_browser")
    sent = "The address is asked; its site sees this server's address."
    await expect(tool.get_by_role("switch")).to_have_accessible_description(re.compile(f"^Only reads · Free {sent}"))
    await expect(tool.get_by_text(sent)).to_be_hidden()
    await tool.locator("summary").press("Enter")
    await expect(tool.get_by_text(sent)).to_be_visible()


async def test_what_tools_add_to_each_message_is_told_in_the_agents_language(page: Page, modelled: Modelled) -> None:
    studio = await opened(page, await with_tools(modelled.base_url, "weather", "calculator"))
    await studio.configure()
    tokens = {tool["id"]: tool["tokens"] for tool in await fetched(page, "/api/tools")}
    for label, language in (("English", "en"), ("中文", "zh")):
        await page.locator("#cfg_language").get_by_text(label).click()
        each = {tool: tokens[tool][language] for tool in ("weather", "calculator")}
        for tool, count in each.items():
            await expect(studio.tool(tool)).to_contain_text(f"about {count} tokens · up to 20 s")
        told = f"Tools chosen: 2 · about {sum(each.values())} tokens with each message"
        await expect(page.locator(".st-tool-sum")).to_have_text(told)
    await studio.stored()


async def test_more_tools_than_a_model_is_given_are_told(page: Page, tmp_path_factory: pytest.TempPathFactory) -> None:
    home = tmp_path_factory.mktemp("few")
    with started({"AGENTFABRIC_HOME": str(home), "AGENTFABRIC_TOOLS_PER_TURN": "2"}) as base_url:
        studio = await opened(page, await with_tools(base_url, "weather", "calculator"))
        await studio.configure()
        tools = page.locator("#cfg_tools")
        await expect(tools).not_to_contain_text("are more than")
        await studio.tool("current_time").get_by_role("switch").check()
        await expect(tools).to_contain_text("3 tools and operations are more than 2: with each message")
        await studio.stored()


async def test_what_an_agent_remembers_is_seen_and_taken_out(page: Page, modelled: Modelled) -> None:
    url = await with_tools(modelled.base_url, "storage")
    async with Client(modelled.base_url) as client:
        leave = {"policies": {"storage": "allow"}}
        await client.call("PATCH", f"/api/agents/{url.rpartition('=')[2]}/config", json=leave)
    studio = await opened(page, url)
    await studio.configure()
    card = studio.tool("storage")
    await card.get_by_text("What it remembers").click()
    await expect(card).to_contain_text("It has kept nothing yet.")
    values: dict[str, object] = {"city/favourite": "杭州", "likes": ["tea", "<b>rain</b>"], "pets": 2}
    calls = tuple(
        Call("storage", json.dumps({"operate": "set", "key": key, "value": value}), f"call_{key}")
        for key, value in values.items()
    )
    modelled.model.script(Says(calls=calls), Says("Noted."))
    await studio.ask("Remember all of it")
    rows = card.get_by_role("listitem")
    await expect(rows).to_have_count(3)
    await expect(rows.nth(0)).to_contain_text("杭州")
    await expect(rows.nth(1)).to_contain_text('"<b>rain</b>"')
    await rows.nth(0).get_by_role("button", name="Remove “city/favourite”").click()
    await expect(rows).to_have_count(2)
    await card.get_by_role("button", name="Remove all 2").click()
    await expect(rows).to_have_count(2)
    await card.get_by_role("button", name="Remove all 2 for good? Press again").click()
    await expect(card).to_contain_text("It has kept nothing yet.")
    assert await fetched(page, f"/api/agents/{url.rpartition('=')[2]}/storage") == []


@pytest.mark.parametrize("width", [390, 1440])
async def test_the_tools_fit_and_axe_finds_nothing(page: Page, modelled: Modelled, width: int) -> None:
    await page.set_viewport_size({"width": width, "height": 844})
    studio = await opened(page, await with_tools(modelled.base_url, "image_edit", "RenewInstance", "web_search"))
    await studio.page.keyboard.press("Alt+2")
    await studio.tool("image_edit").scroll_into_view_if_needed()
    await page.get_by_text("Other keys").click()
    if width == 390:
        await fits(page)
    assert await violations(page, at=f"tools, {width}") == []
