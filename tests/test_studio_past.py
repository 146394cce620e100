"""The studio page and an agent's past: who set what, proposals, undo, locks, two texts for one field, history."""

import re

import pytest
from playwright.async_api import BrowserContext, Locator, Page, expect

from tests.browser import BROWSER_TEST, Watch
from tests.client import Client
from tests.studio_page import Studio, another_page, fetched, held, opened

pytestmark = BROWSER_TEST

WISH = "I want an agent that plans weekend trips and knows the weather"
WISH_ZH = "做一个规划周末旅行的助手，要会查天气"


async def built(page: Page, url: str, wish: str = WISH) -> Studio:
    studio = await opened(page, url)
    await studio.build(wish)
    return studio


def change(studio: Studio, field: str) -> Locator:
    """The line of a change below the builder's first answer."""
    return (
        studio.log("create").locator(".af-change-row").filter(has=studio.page.locator(f'[data-field="{field}"]')).first
    )


async def config(page: Page) -> dict[str, object]:
    agents = await fetched(page, "/api/agents")
    agent = await fetched(page, f"/api/agents/{agents[0]['id']}")
    return agent["config"]


async def test_a_proposal_is_kept_in_the_list_and_in_the_draft(page: Page, guided: str) -> None:
    studio = await built(page, guided)
    drafted = studio.drafted("description")
    await expect(drafted).to_contain_text("suggested")
    await change(studio, "description").get_by_role("button", name="Keep the suggested Description").click()
    await expect(drafted).not_to_contain_text("suggested")
    await expect(drafted).to_contain_text("kept by you")
    await expect(change(studio, "description").get_by_role("button")).to_have_text(["Undo"])
    await studio.drafted("prologue").get_by_role("button", name="Keep the suggested Opening message").click()
    await expect(change(studio, "prologue").get_by_role("button")).to_have_text(["Undo"])
    await page.reload()
    await expect(studio.drafted("description")).to_contain_text("kept by you")
    await expect(change(studio, "prologue").get_by_role("button")).to_have_text(["Undo"])
    await expect(change(studio, "instruction").get_by_role("button")).to_have_text(["Keep", "Discard"])


async def test_a_proposal_is_discarded_and_brought_back(page: Page, guided: str) -> None:
    studio = await built(page, guided)
    await change(studio, "prologue").get_by_role("button", name="Discard").click()
    await expect(studio.drafted("prologue")).to_be_hidden()
    await expect(change(studio, "prologue")).to_contain_text("Taken back")
    assert not (await config(page)).get("prologue")
    await page.get_by_role("button", name="Redo").click()
    await expect(studio.drafted("prologue")).to_be_visible()
    await expect(change(studio, "prologue").get_by_role("button").first).to_be_visible()


STANDS_BESIDE_THE_TABS = """() => {
  const boxOf = (each) => document.querySelector(each).getBoundingClientRect();
  const [button, tabs] = [boxOf("#document"), boxOf("#build_tabs [role=tablist]")];
  return Math.abs(button.top + button.height / 2 - tabs.top - tabs.height / 2) < 4;
}"""


async def test_a_whole_turn_is_undone_and_what_was_changed_by_hand_is_asked_about(page: Page, guided: str) -> None:
    studio = await built(page, guided)
    await studio.configure()
    await studio.set("name", "By Hand")
    await studio.tab(0)
    await studio.log("create").get_by_role("button", name="Undo all of it").click()
    clash = page.locator(".st-clash")
    await expect(clash).to_contain_text("Name was changed elsewhere")
    await expect(clash.locator(".st-clash-text").nth(1)).to_contain_text("By Hand")
    assert await page.evaluate(STANDS_BESIDE_THE_TABS)
    await expect(studio.drafted("instruction")).to_be_hidden()
    await clash.get_by_role("button", name="Keep this").click()
    await expect(clash).to_have_count(0)
    assert (await config(page))["name"] == "By Hand"


async def test_the_builder_says_why_a_locked_field_stays(page: Page, guided: str) -> None:
    studio = await built(page, guided)
    name = studio.drafted("name").locator("p").first
    before = await name.inner_text()
    await studio.drafted("name").hover()
    await studio.drafted("name").get_by_role("button", name="Lock Name").click()
    await expect(studio.drafted("name").get_by_role("button", name="Unlock Name")).to_have_attribute(
        "aria-pressed", "true"
    )
    await studio.build("rename it to Zed")
    await expect(studio.answers("create").last).to_contain_text("it is locked")
    await expect(name).to_have_text(before)
    await studio.configure()
    await expect(studio.field("name")).to_have_js_property("readOnly", True)
    await page.locator("#cfg_name").get_by_role("button", name="Unlock Name").click()
    await expect(studio.field("name")).to_have_js_property("readOnly", False)
    await studio.set("name", "Zed")
    await studio.tab(0)
    await expect(name).to_have_text("Zed")


async def test_locked_tools_cannot_be_switched(page: Page, guided: str) -> None:
    studio = await built(page, guided)
    await studio.configure()
    switch = studio.tool("calculator").get_by_role("switch")
    await page.locator("#cfg_tools").get_by_role("button", name="Lock Tools").click()
    await expect(switch).to_be_disabled()
    # What is locked can still be searched, and a key is no part of it.
    await page.get_by_role("searchbox", name="Find a tool").fill("calculator")
    await expect(page.locator("#cfg_tools .st-tool:visible")).to_have_count(1)
    await page.get_by_text("Keys of the tools").click()
    await expect(studio.tool_key("AMAP_TOKEN").get_by_role("textbox")).to_be_editable()
    await page.locator("#cfg_tools").get_by_role("button", name="Unlock Tools").click()
    await expect(switch).to_be_enabled()


LOCKABLE = ("name", "description", "instruction", "tools", "prologue", "prompt_recommend", "language", "model")
LOCKABLE += ("generation", "knowledge", "retrieval", "avatar")


@pytest.mark.parametrize("config", [{}, {"name": "Heron", "instruction": "Fish."}], ids=["blank", "begun"])
async def test_what_is_locked_can_be_unlocked_in_the_draft(page: Page, guided: str, config: dict[str, str]) -> None:
    async with Client(guided) as client:
        agent = (await client.post("/api/agents", json={"config": config}))["id"]
        for field in LOCKABLE:
            await client.call("PUT", f"/api/agents/{agent}/locks/{field}")
    studio = await opened(page, f"{guided}/?agent={agent}")
    await expect(studio.draft.locator("[data-field]").filter(has=page.locator("[aria-pressed=true]"))).to_have_count(12)
    await expect(studio.drafted("prologue")).to_contain_text("Opening message(empty)")
    await expect(studio.drafted("prologue").locator("[aria-pressed=true]")).to_have_css("opacity", "1")
    await expect(studio.drafted("generation")).to_contain_text("Answer settings")
    await studio.language("中文")
    await expect(studio.drafted("prologue")).to_contain_text("（空）")
    await studio.drafted("prologue").get_by_role("button", name="解锁").click()
    await expect(studio.drafted("prologue")).to_be_hidden()
    await studio.drafted("model").get_by_role("button", name="解锁").click()
    await expect(studio.drafted("model")).to_be_hidden()
    await page.set_viewport_size({"width": 390, "height": 844})
    await studio.draft.get_by_role("button", name="展开").click()
    await expect(studio.drafted("knowledge").get_by_role("button", name="解锁")).to_be_visible()
    for field in LOCKABLE:
        if field not in ("prologue", "model"):
            await studio.drafted(field).get_by_role("button", name="解锁").click()
            await expect(studio.drafted(field).locator("[aria-pressed=true]")).to_have_count(0)


async def test_each_field_tells_quietly_who_set_it(page: Page, guided: str) -> None:
    studio = await built(page, guided)
    await studio.build("rename it to Max")
    await expect(studio.drafted("name")).to_contain_text("You said “rename it to Max”")
    await studio.configure()
    await studio.set("prologue", "Hello there")
    await studio.tab(0)
    await expect(studio.drafted("prologue")).to_contain_text("By hand")
    await studio.language("中文")
    await expect(studio.drafted("name")).to_contain_text("你说“rename it to Max”")
    await expect(studio.drafted("prologue")).to_contain_text("手工填写")


async def test_two_windows_on_one_field_show_both_texts(
    page: Page, guided: str, context: BrowserContext, watch: Watch
) -> None:
    studio = await built(page, guided)
    await studio.configure()
    other = await opened(await another_page(context, watch), page.url)
    await other.configure()
    watch.expected.append("status of 409")
    await other.set("description", "Bob's description")
    async with held(other.page, "**/config", "PATCH"):
        await other.field("name").fill("Bob's name")
        await studio.set("name", "Ann's name")
    clash = other.page.locator(".st-clash")
    await expect(clash).to_contain_text("Bob's name")
    await expect(clash).to_contain_text("Ann's name")
    assert (await config(page))["name"] == "Ann's name"
    assert (await config(page))["description"] == "Bob's description"
    await other.field("name").press_sequentially("!")
    await expect(clash).to_contain_text("Bob's name!")
    await clash.get_by_role("button", name="Use this").click()
    await expect(other.field("name")).to_have_value("Bob's name!")
    await expect(clash).to_have_count(0)
    await other.stored()
    assert (await config(page))["name"] == "Bob's name!"


async def test_the_history_shows_what_changed_and_goes_back(page: Page, guided: str) -> None:
    studio = await built(page, guided)
    await studio.build("rename it to Max")
    await page.get_by_role("button", name="History").click()
    history = page.locator("dialog.st-history")
    rows = history.locator(".st-version")
    await expect(rows.first).to_contain_text("“rename it to Max”")
    await expect(rows.first).to_contain_text("Current")
    await expect(rows.first.locator(".st-version-change")).to_have_text(["Name: Weekend Trip Planner → Max"])
    first = rows.locator(".st-version-head", has_text="and also: ")
    await expect(first.locator(".st-version-change").first).to_have_text("Name: Weekend Trip Planner")
    await expect(first.locator(".st-version-more")).to_have_text(re.compile("^and also: .+, Suggested questions$"))
    moment = await first.locator("time").inner_text()
    assert re.fullmatch(r"\d\d:\d\d", moment)
    assert re.findall(r"\d+:\d+|\bago\b|\bnow\b", await first.inner_text()) == [moment], "one time, told once"
    await rows.nth(1).locator(".st-version-head").click()
    await expect(rows.nth(1)).to_contain_text("What is different now")
    since = rows.nth(1).locator(".st-differences").last
    await expect(since.locator("[data-field=name] :is(del, ins)")).to_have_text(["Weekend Trip Planner", "Max"])
    opened_row = rows.filter(has=page.locator("[aria-expanded=true]"))
    await since.get_by_role("button", name="Put back: Name as in version").click()
    await expect(rows.first.locator(".st-version-change")).to_have_text(["Name: Max → Weekend Trip Planner"])
    await expect(opened_row).to_contain_text("Nothing is different.")
    await opened_row.get_by_role("combobox", name="Compare with").select_option(index=2)
    await expect(opened_row).to_contain_text("What is different there")
    await opened_row.get_by_role("combobox", name="Compare with").select_option(index=0)
    await page.get_by_role("button", name="Undo", exact=True).last.click()
    await expect(opened_row).to_contain_text("What is different now")
    await opened_row.get_by_role("button", name=re.compile("Go back to version")).click()
    await expect(rows.first).to_contain_text("Restored")
    await page.keyboard.press("Escape")
    await expect(studio.drafted("name").locator("p").first).not_to_have_text("Max")
    await page.get_by_role("button", name="Undo", exact=True).last.click()
    await expect(studio.drafted("name").locator("p").first).to_have_text("Max")


async def test_what_is_offered_of_an_agents_past_goes_when_it_is_deleted(page: Page, guided: str) -> None:
    studio = await built(page, guided)
    await studio.build("rename it to Max")
    await page.get_by_role("button", name="History").click()
    version = page.locator("dialog.st-history .st-version").nth(1)
    await version.locator(".st-version-head").click()
    await version.get_by_role("button", name=re.compile("Go back to version")).click()
    toasts = page.locator(".st-toast")
    await expect(toasts).to_contain_text("is back")
    await page.keyboard.press("Escape")
    await studio.open_library()
    await studio.library.get_by_role("button", name="Delete").click()
    await expect(toasts.filter(has_text="Deleted “")).to_be_visible()
    # At once, and not only when its time is over.
    assert await toasts.filter(has_text="is back").count() == 0


async def test_undo_by_words_lets_the_person_choose_where_a_later_change_stands(page: Page, guided: str) -> None:
    studio = await built(page, guided)
    await studio.build("rename it to Max")
    await studio.configure()
    await studio.set("name", "By Hand")
    await studio.tab(0)
    await studio.build("undo the rename")
    clash = page.locator(".st-clash")
    await expect(clash).to_contain_text("Weekend Trip Planner")
    await clash.get_by_role("button", name="Use this").click()
    await expect(studio.drafted("name").locator("p").first).to_have_text("Weekend Trip Planner")


async def test_the_past_speaks_chinese(page: Page, guided: str) -> None:
    studio = await opened(page, guided)
    await studio.language("中文")
    await studio.build(WISH_ZH)
    await studio.build("改名为小旅")
    await studio.build("撤销改名")
    await expect(studio.answers("create").last).to_contain_text("已撤销：名称")
    await page.get_by_role("button", name="历史").click()
    rows = page.locator("dialog.st-history .st-version")
    await expect(rows.first).to_contain_text("“撤销改名”")
    await expect(rows.nth(1).locator(".st-version-change")).to_have_text([re.compile("^名称：.+ → 小旅$")])


async def test_the_history_tells_switches_lists_and_settings_as_people_would(page: Page, guided: str) -> None:
    async with Client(guided) as client:
        agent = (await client.post("/api/agents", json={"config": {"prompt_recommend": ["Where to?", "Rain?"]}}))["id"]
        for change in (
            {"tools": {"calculator": True}},
            {"prompt_recommend": ["Rain?", "Packing list"]},
            {"generation": {"temperature": 0.5}},
            {"prompt_recommend": []},
        ):
            await client.call("PATCH", f"/api/agents/{agent}/config", json=change)
    studio = await opened(page, f"{guided}/?agent={agent}")
    await page.get_by_role("button", name="History").click()
    lines = page.locator("dialog.st-history .st-version-change")
    told = ["Suggested questions: − Rain?, Packing list", "Temperature: 0.5"]
    told += ["Suggested questions: + Packing list − Where to?", "Calculator: on"]
    await expect(lines).to_have_text([*told, "Suggested questions: + Where to?, Rain?"])
    await page.keyboard.press("Escape")
    await studio.language("中文")
    await page.get_by_role("button", name="历史").click()
    told = ["推荐问题：− Rain?、Packing list", "随机程度：0.5", "推荐问题：+ Packing list − Where to?", "计算器：开启"]
    await expect(lines).to_have_text([*told, "推荐问题：+ Where to?、Rain?"])
