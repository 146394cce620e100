"""The studio page in windows of every size: nothing is covered, cut off or out of reach."""

import re
from datetime import UTC, datetime, timedelta
from typing import Literal

import pytest
from playwright.async_api import FilePayload, Page, expect

from tests.browser import BROWSER_TEST, Watch
from tests.client import Client
from tests.studio_page import Pane, Studio, named, opened

pytestmark = BROWSER_TEST


async def test_a_phone_shows_both_panes_and_never_scrolls_sideways(page: Page, guided: str) -> None:
    await page.set_viewport_size({"width": 390, "height": 844})
    studio = await opened(page, guided)
    panes = page.locator("#pane_switch").get_by_role("tab")
    await fits(page)
    await studio.build("I want an agent that plans weekend trips and knows the weather")
    await expect(studio.drafted("name")).to_be_visible()
    await expect(studio.input("preview")).to_be_hidden()
    await fits(page)
    await studio.configure()
    await fits(page)
    await panes.nth(1).click()
    await studio.ask("How is the weather in Hangzhou?")
    await expect(studio.card).to_be_visible()
    await expect(studio.input("create")).to_be_hidden()
    await fits(page)
    for dialog in (studio.open_library, studio.open_models):
        await dialog()
        await fits(page)
        await page.keyboard.press("Escape")
    await panes.nth(0).click()
    await expect(studio.field("name")).to_be_visible()


@pytest.mark.parametrize("width", [320, 390])
async def test_the_parts_of_the_bar_never_meet(page: Page, guided: str, watch: Watch, width: int) -> None:
    watch.expected.append("net::ERR_")
    await page.set_viewport_size({"width": width, "height": 640})
    studio = await opened(page, guided)
    await studio.configure()
    await studio.set("name", "Heron")
    assert await page.evaluate(OVERLAPS) == []
    await page.route("**/api/**", lambda route: route.abort())
    await studio.field("name").fill("Grey heron")
    await expect(studio.saved.get_by_role("button")).to_be_visible()
    assert await page.evaluate(OVERLAPS) == []
    await page.unroute("**/api/**")
    await studio.saved.get_by_role("button").click()
    await studio.stored()


@pytest.mark.first_visit  # no profile forgets the time that it was told
@pytest.mark.parametrize(("language", "width"), [("中文", 390), ("English", 320)])
async def test_on_a_phone_one_reads_when_it_was_saved_and_what_is_suggested(
    page: Page, guided: str, width: int, language: Literal["中文", "English"]
) -> None:
    suggestions = [
        "Where can I go with two children and my grandparents when it rains all day long?",
        "周末去哪里？" * 7,
    ]
    async with Client(guided) as client:
        config = {"name": "Heron", "prompt_recommend": suggestions}
        agent = (await client.post("/api/agents", json={"config": config}))["id"]
    studio = await opened(page, f"{guided}/?agent={agent}")
    await studio.language(language)
    await page.set_viewport_size({"width": width, "height": 844})
    for days in (0, 3):
        await page.clock.set_fixed_time(datetime.now(UTC) + timedelta(days=days))
        await page.reload()
        await studio.stored()
        assert await page.evaluate(OVERLAPS) == []
        told = studio.saved.locator("span:visible").filter(has_text=re.compile(r"\d"))
        assert await told.evaluate_all(WHOLE) == [True]
    await page.locator("#pane_switch").get_by_role("tab").nth(1).click()
    for _ in ("before the first word", "in a conversation"):
        await expect(studio.suggestions).to_have_count(2)
        for suggestion in await studio.suggestions.all():
            await suggestion.scroll_into_view_if_needed()
            await expect(suggestion).to_be_in_viewport(ratio=1)
        assert await studio.suggestions.evaluate_all(WHOLE) == [True, True]
        await studio.ask("1 + 1")


@pytest.mark.parametrize(("language", "width"), [("中文", 390), ("English", 320)])
async def test_on_a_phone_what_was_changed_never_reaches_under_its_buttons(
    page: Page, guided: str, width: int, language: Literal["中文", "English"]
) -> None:
    studio = await opened(page, guided)
    await studio.language(language)
    await page.set_viewport_size({"width": width, "height": 844})
    await studio.build("A travel helper called Heron that tells the weather")
    rows = studio.log("create").locator(".af-change-row")
    await expect(rows.get_by_role("button").first).to_be_visible()
    assert await rows.evaluate_all(REACHES) == []
    await expect(page.locator("#draft [data-field=toggle] button")).to_be_in_viewport(ratio=1)
    strip = page.locator("#draft").locator("button, .st-proposed").locator("visible=true")
    assert await strip.evaluate_all(MEETING) == []
    assert await page.locator("#draft").evaluate("(draft) => draft.scrollWidth - draft.clientWidth") == 0


REACHES = """(rows) => rows.flatMap((row) => {
  const from = row.querySelector(".af-change-actions").getBoundingClientRect().left;
  const parts = row.querySelectorAll(":is(.af-field-name, .af-brief, .af-tag, summary > .af-icon)");
  return [...parts].filter((part) => part.checkVisibility()).flatMap((part) => {
    const { right, width } = part.getBoundingClientRect();
    return right > from + 1 || width < 8 ? [`${part.textContent}: ${width} wide, ends at ${right} of ${from}`] : [];
  });
})"""
"""What of a row is under its buttons, or squeezed to nothing."""


MEETING = """(parts) => {
  const boxes = parts.map((part) => [part.textContent, part.getBoundingClientRect()]);
  const meets = (one, two) =>
    one.left < two.right - 1 && one.right > two.left + 1 && one.top < two.bottom - 1 && one.bottom > two.top + 1;
  return boxes.flatMap(([name, box], at) =>
    boxes.slice(0, at).filter(([, other]) => meets(box, other)).map(([other]) => `${name} meets ${other}`));
}"""
"""Which of some parts stand on others."""


WHOLE = """(all) => all.filter((it) => it.getBoundingClientRect().width > 2)
  .map((it) => it.scrollWidth <= it.clientWidth && it.scrollHeight <= it.clientHeight)"""
"""Of each text that is seen: whether nothing of it is cut off."""


OVERLAPS = """() => {
  const seen = (element) => element.checkVisibility() && element.getBoundingClientRect().width > 2;
  const parts = [...document.querySelectorAll("#topbar :is(img, button, label, .st-saved > span, .st-saved > svg)")];
  const boxes = parts.filter((part) => seen(part) && !part.closest("dialog"))
    .map((part) => part.getBoundingClientRect());
  const meet = boxes.filter((box, place) => place > 0 && box.left < boxes[place - 1].right - 1);
  const cut = boxes.filter((box) => box.left < 0 || box.right > innerWidth);
  return [...meet, ...cut].map((box) => [box.left, box.right]);
}"""


@pytest.mark.parametrize("language", ["中文", "English"])
async def test_all_ways_to_begin_are_seen_on_the_smallest_phone(
    page: Page, guided: str, language: Literal["中文", "English"]
) -> None:
    studio = await opened(page, guided)
    await studio.language(language)
    await page.set_viewport_size({"width": 320, "height": 640})
    invitation = page.locator(".st-invitation")
    await expect(invitation.get_by_role("button")).to_have_count(5)
    for way in await invitation.get_by_role("button").all():
        await expect(way).to_be_in_viewport(ratio=1)
    assert await invitation.locator("b").evaluate_all(WHOLE) == [True] * 4


@pytest.mark.parametrize("part", ["library", "models"])
async def test_a_dialog_fits_the_narrowest_phone(page: Page, guided: str, part: str) -> None:
    await named(guided, "An agent with a name of some length")
    await page.set_viewport_size({"width": 320, "height": 640})
    studio = await opened(page, guided)
    await (studio.open_library() if part == "library" else studio.open_models())
    if part == "library":
        assert await studio.library.locator(".st-open b").evaluate_all(WHOLE) == [True]
    assert await page.evaluate(CUT) == []


CUT = """() => {
  const { right } = document.querySelector("dialog[open]").getBoundingClientRect();
  return [...document.querySelectorAll("dialog[open] :is(button, label, h2, input, code)")]
    .filter((part) => part.checkVisibility() && part.getBoundingClientRect().right > right)
    .map((part) => part.outerHTML);
}"""


LOW = [(640, 360), (1280, 400), (390, 500)]
"""A page at 200 %, a flat window, a phone with its keyboard."""


@pytest.mark.parametrize("size", LOW, ids=str)
async def test_a_low_window_leaves_room_for_the_conversation(page: Page, guided: str, size: tuple[int, int]) -> None:
    studio = await opened(page, guided)
    await studio.build("I want an agent that plans weekend trips and knows the weather")
    await page.set_viewport_size({"width": size[0], "height": size[1]})
    await _has_room(studio, "create")
    await studio.configure()
    await expect(studio.field("name")).to_be_in_viewport()
    panes = page.locator("#pane_switch").get_by_role("tab")
    if await panes.nth(1).is_visible():
        await panes.nth(1).click()
    await _has_room(studio, "preview")
    await expect(page.get_by_role("button", name="New conversation")).to_be_in_viewport(ratio=1)
    assert await page.evaluate("document.documentElement.scrollWidth") == size[0]


@pytest.mark.parametrize("pane", ["create", "preview"])
async def test_at_four_hundred_percent_the_page_scrolls_one_way(page: Page, guided: str, pane: Pane) -> None:
    await page.set_viewport_size({"width": 320, "height": 256})
    studio = await opened(page, guided)
    await studio.page.keyboard.press("Alt+1" if pane == "create" else "Alt+3")
    await studio.say(pane, "What is 6 * 7?")
    await studio.answered(pane)
    for part in (page.locator("#library > button"), studio.answers(pane).last, studio.input(pane)):
        await part.scroll_into_view_if_needed()
        await expect(part).to_be_in_viewport(ratio=0.4)
    assert await page.evaluate("document.documentElement.scrollWidth") == 320


async def test_forced_colours_leave_what_is_chosen_to_be_seen(page: Page, guided: str) -> None:
    await page.emulate_media(forced_colors="active")
    studio = await opened(page, guided)
    shown = "(it) => getComputedStyle(it).backgroundColor"
    chosen, other = (
        page.locator("#ui_language label:has(:checked)"),
        page.locator("#ui_language label:not(:has(:checked))"),
    )
    assert await chosen.evaluate(shown) != await other.evaluate(shown)
    await studio.configure()
    switch = studio.tool("calculator").get_by_role("switch")
    await expect(switch).to_have_css("border-top-width", "1px")
    off = await switch.evaluate(shown)
    await page.emulate_media(forced_colors="active", reduced_motion="reduce")
    await switch.check()
    assert await switch.evaluate(shown) != off


async def test_whoever_wants_little_motion_gets_none(page: Page, guided: str) -> None:
    await page.emulate_media(reduced_motion="reduce")
    studio = await opened(page, guided)
    await page.get_by_role("button", name="start from a template").click()
    gallery = page.locator("dialog.st-gallery")
    await expect(gallery).to_be_visible()
    await expect(gallery).to_have_css("animation-name", "none")
    await page.keyboard.press("Escape")
    await studio.build("I want an agent that plans weekend trips")
    await studio.configure()
    switch = studio.tool("calculator").get_by_role("switch")
    knob = "(it) => getComputedStyle(it, '::after').transitionDuration"
    assert await switch.evaluate(knob) == "0s"


async def _has_room(studio: Studio, pane: Literal["create", "preview"]) -> None:
    """The conversation is some lines high; the field for the next message, the note and the bar are all to be seen."""
    chat = studio.page.locator(f".af-chat:has(#{pane}_chat)")
    assert await chat.locator(".af-scroller").evaluate("(scroller) => scroller.clientHeight") >= 150
    await expect(studio.input(pane)).to_be_in_viewport(ratio=1)
    note = studio.page.locator(f".st-pane-chat:has(#{pane}_chat) .st-guide-note")
    await expect(note.get_by_role("button")).to_be_in_viewport(ratio=1)
    await expect(studio.page.locator("#library > button")).to_be_in_viewport(ratio=1)


async def test_a_long_conversation_makes_only_itself_longer(page: Page, guided: str) -> None:
    await page.set_viewport_size({"width": 1024, "height": 700})
    studio = await opened(page, guided)
    for city in ("Hangzhou", "Beijing", "Paris"):
        await studio.build(f"I want an agent that knows the weather in {city}")
    assert await page.evaluate(STRETCHED) == []


STRETCHED = """() => {
  const frames = document.querySelectorAll("html, body, .gradio-container, #studio, #panes, .tabitem, .st-pane-chat");
  const isStretched = (part) => part.scrollHeight > part.clientHeight + 1;
  return [...frames].filter(isStretched).map((part) => part.className || part.id);
}"""


@pytest.mark.parametrize("size", [(1440, 900), (390, 844), (640, 360)], ids=str)
async def test_what_is_told_covers_neither_composer_nor_dialog(page: Page, guided: str, size: tuple[int, int]) -> None:
    await page.set_viewport_size({"width": size[0], "height": size[1]})
    for name in ("Otter", "Heron"):
        await named(guided, name)
    studio = await opened(page, guided)
    await studio.open_library()
    await studio.library.get_by_role("button", name="Delete").first.press("Enter")
    toast = page.locator(".st-toast")
    await expect(toast).to_be_visible()
    assert await page.evaluate(COVERED, "dialog[open]") == []
    await page.keyboard.press("Escape")
    await expect(studio.library).to_be_hidden()
    await expect(toast).to_be_visible()
    assert await page.evaluate(COVERED, ".af-dock") == []


COVERED = """(selector) => {
  const toast = document.querySelector(".st-toast").getBoundingClientRect();
  const meets = ({ left, right, top, bottom, width }) =>
    width > 0 && left < toast.right && right > toast.left && top < toast.bottom && bottom > toast.top;
  return [...document.querySelectorAll(selector)]
    .flatMap((part) => [...part.querySelectorAll("button, textarea, label")])
    .filter((button) => !button.closest(".st-toast, .st-dialog-body li") && meets(button.getBoundingClientRect()))
    .map((button) => button.outerHTML);
}"""


async def fits(page: Page) -> None:
    """Nothing reaches beyond the sides of the window, and nothing can be scrolled there."""
    assert await page.evaluate("document.documentElement.scrollWidth") == 390
    await page.evaluate("window.scrollTo(50, 0)")
    assert await page.evaluate("window.scrollX") == 0
    wide = """() => [...document.querySelectorAll("button, input, textarea, select, h1, h2, h3, p, img")]
      .filter((element) => element.checkVisibility() && !element.closest("[role=group], .af-table, pre"))
      .filter((element) => element.getBoundingClientRect().right > innerWidth + 1)
      .map((element) => element.outerHTML.slice(0, 200))"""
    assert await page.evaluate(wide) == []


async def test_on_the_smallest_phone_no_part_of_a_list_stands_on_another(page: Page, guided: str) -> None:
    async with Client(guided) as client:
        agent = (await client.post("/api/agents", json={"config": {"name": "Heron"}}))["id"]
    await page.set_viewport_size({"width": 320, "height": 640})
    studio = await opened(page, f"{guided}/?agent={agent}")
    name = "What everybody asks before a weekend at the lake, with answers.md"
    file: FilePayload = {"name": name, "mimeType": "text/markdown", "buffer": b"# Lake\n\nIt is cold until May."}
    await (await studio.knowledge()).locator("input[type=file]").first.set_input_files(file)
    row = page.locator("#cfg_knowledge li[data-state=ready]")
    await expect(row).to_have_count(1)
    assert await row.locator(":scope > span, small, em, button").evaluate_all(MEETING) == []
    assert await row.locator(":scope > span").evaluate_all(WHOLE) == [True]
    await studio.configure()
    memory = page.locator("#cfg_memory")
    await memory.scroll_into_view_if_needed()
    words, lock = memory.locator(".st-memory-switch > :not(input)"), memory.locator(".st-field-lock button")
    await expect(lock).to_be_visible()
    assert await words.or_(lock).evaluate_all(MEETING) == []
