"""The chat component in a real browser: files and tables that tools made."""

import pytest
from playwright.async_api import Locator, Page, expect

from tests.axe import violations_in
from tests.browser import BROWSER_TEST
from tests.chat_page import finished, log, opened, said
from tests.fakes.chat_backend import ChatBackend
from user_agent.events import TextDelta, ToolFinished, ToolStarted
from user_agent.messages import FilePart, TablePart

pytestmark = BROWSER_TEST

SCRIPT = b"<svg xmlns='http://www.w3.org/2000/svg'><script>window.hacked = 1</script></svg>"
ATTACK = "<img src=x onerror=alert(1)>"


def made(*files: FilePart, tables: tuple[TablePart, ...] = ()) -> list[ToolStarted | ToolFinished]:
    return [
        ToolStarted(id="1", name="report", arguments={}),
        ToolFinished(id="1", name="report", output="Made.", failed=False, seconds=0, files=files, tables=tables),
    ]


def a_table(count: int, *, file: FilePart | None = None, title: str = "Cities", total: int = 0) -> TablePart:
    rows = tuple((f"City {number}", number * 1000.5, None, number % 2 == 0) for number in range(count))
    columns = ("Name", "People", "Note", "Capital")
    return TablePart(
        title=title, columns=columns, rows=rows, total_rows=total or count, total_columns=len(columns), file=file
    )


def figure(page: Page) -> Locator:
    return log(page).locator(".af-data")


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("report 2026.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ("page.html", "text/html"),
        ("drawing.svg", "image/svg+xml"),
        (f"{ATTACK}.pdf", "application/pdf"),
    ],
)
async def test_a_file_is_a_card_with_its_name_and_size_that_one_presses_to_keep_it(
    page: Page, backend: ChatBackend, name: str, media_type: str
) -> None:
    file = backend.keep(SCRIPT, name, media_type)
    backend.answers.append([*made(file), TextDelta(text="Here it is.")])
    await opened(page, backend)
    await said(page, "report")
    await finished(page)
    for _ in ("live", "stored"):
        card = log(page).get_by_role("link", name="Download")
        await expect(card).to_contain_text(name)
        await expect(card).to_contain_text(f"{len(SCRIPT)} B")
        async with page.expect_download() as keeping:
            await card.click()
        kept = await keeping.value
        assert (await kept.path()).read_bytes() == SCRIPT
        assert await page.evaluate("window.hacked") is None
        assert await page.locator(".af-turns img").count() == 0
        await page.reload()
        await page.wait_for_selector("body[data-ready]")


async def test_a_long_table_shows_its_first_rows_and_all_at_a_press(page: Page, backend: ChatBackend) -> None:
    file = backend.keep(b"Name,People", "Cities.csv", "text/csv")
    backend.answers.append(made(tables=(a_table(40, file=file),)))
    await opened(page, backend)
    await said(page, "cities")
    await finished(page)
    await expect(figure(page).locator("figcaption")).to_have_text("Cities40 rows, 4 columns")
    rows = figure(page).locator("tbody tr")
    await expect(rows).to_have_count(10)
    await expect(figure(page).locator("thead th")).to_have_text(["Name", "People", "Note", "Capital"])
    await expect(rows.nth(3).locator("td")).to_have_text(["City 3", "3001.5", "", "false"])
    await expect(rows.nth(3).locator("td").nth(1)).to_have_css("text-align", "right")
    await expect(rows.nth(3).locator("td").nth(0)).to_have_css("text-align", "start")
    await figure(page).get_by_role("button", name="Show all 40 rows").click()
    await expect(rows).to_have_count(40)
    await expect(figure(page).get_by_role("button")).to_be_focused()
    await figure(page).get_by_role("button", name="Show fewer rows").click()
    await expect(rows).to_have_count(10)
    async with page.expect_download() as keeping:
        await figure(page).get_by_role("link", name="Download as CSV").click()
    assert (await keeping.value).suggested_filename == "Cities.csv"
    await page.evaluate("window.chat.setLanguage('zh')")
    await expect(figure(page).get_by_role("button")).to_have_text("显示全部 40 行")


async def test_a_table_is_scrolled_in_its_frame_on_a_phone_and_its_words_stay_words(
    page: Page, backend: ChatBackend
) -> None:
    columns = tuple(f"{ATTACK} {number}" for number in range(12))
    wide = TablePart(title=ATTACK, columns=columns, rows=((ATTACK,) * 12,), total_rows=70, total_columns=12)
    backend.answers.append(made(tables=(wide,)))
    await page.set_viewport_size({"width": 390, "height": 844})
    await opened(page, backend)
    await said(page, "wide")
    await finished(page)
    await expect(figure(page).locator("figcaption")).to_contain_text(ATTACK)
    await expect(figure(page)).to_contain_text("Shown are 1 rows and 12 columns; there is more.")
    assert await page.evaluate("document.documentElement.scrollWidth") <= 390
    frame = figure(page).get_by_role("group", name=ATTACK)
    assert await frame.evaluate("(it) => it.scrollWidth > it.clientWidth")
    await frame.focus()
    await expect(frame).to_be_focused()
    assert await page.locator(".af-turns img").count() == 0


async def test_a_marker_that_names_a_file_shows_its_card_once(page: Page, backend: ChatBackend) -> None:
    file = backend.keep(b"x", "report.pdf", "application/pdf")
    backend.answers.append([*made(file), TextDelta(text=f"Here.\n\n![IMAGEGEN]({file.file})\n\nGood?")])
    backend.answers.append([TextDelta(text=f"Again: ![IMAGEGEN](/tmp/{file.file})")])
    await opened(page, backend)
    await said(page, "report")
    await finished(page)
    await expect(log(page).get_by_role("link", name="report.pdf")).to_have_count(1)
    await said(page, "again")
    await finished(page)
    await expect(log(page).get_by_role("link", name="report.pdf")).to_have_count(2)


async def test_a_screen_reader_is_told_of_a_table_and_not_all_its_cells(page: Page, backend: ChatBackend) -> None:
    backend.answers.append([*made(tables=(a_table(3),)), TextDelta(text="Three cities.")])
    await opened(page, backend)
    await said(page, "cities")
    await finished(page)
    voice = page.locator("[role=status].af-hidden")
    await expect(voice).to_contain_text("3 rows, 4 columns")
    await expect(voice).to_contain_text("Three cities.")
    await expect(voice).not_to_contain_text("City 1")


async def test_a_marker_may_name_a_file_by_its_name_but_not_one_at_another_host(
    page: Page, backend: ChatBackend
) -> None:
    file = backend.keep(b"x", "report.pdf", "application/pdf")
    elsewhere = "![IMAGEGEN](https://evil.example/report.pdf) ![x](//evil.example/report.pdf)"
    backend.answers.append([*made(file), TextDelta(text="Here.")])
    backend.answers.append([TextDelta(text=f"Again: ![IMAGEGEN](/tmp/ci_workspace/report.pdf)\n\n{elsewhere}")])
    await opened(page, backend)
    for words in ("report", "again"):
        await said(page, words)
        await finished(page)
    await expect(log(page).get_by_role("link", name="report.pdf").and_(log(page).locator(".af-file"))).to_have_count(2)


@pytest.mark.parametrize(
    "marker",
    [
        "![IMAGEGEN](https://evil.example/p.png)",
        '<audio src="https://evil.example/a.wav"/>',
        '<audio controls src="https://evil.example/a.wav"></audio>',
        '<video src="https://evil.example/v.mp4"></video>',
        '<video src="//evil.example/v.mp4" autoplay/>',
        '<video src="javascript:window.hacked=1"/>',
        '<img src="https://evil.example/p.png">',
    ],
)
async def test_a_marker_of_something_elsewhere_loads_nothing(page: Page, backend: ChatBackend, marker: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    backend.answers.append([TextDelta(text=f"Look:\n\n{marker}\n\nand {marker} there.")])
    await opened(page, backend)
    await said(page, "look")
    await finished(page)
    await expect(log(page).locator(".af-turns .af-text")).to_contain_text("there.")
    await expect(log(page).locator(".af-turns :is(img, audio, video, source, iframe)")).to_have_count(0)
    assert [url for url in asked if "evil" in url] == []
    assert await page.evaluate("window.hacked") is None


@pytest.mark.parametrize(
    ("marker", "name", "kind"),
    [
        ("![IMAGEGEN]({})", "p.png", "image/png"),
        ('<audio src="/tmp/{}"/>', "a.wav", "audio/wav"),
        ('<video src="{}"></video>', "v.mp4", "video/mp4"),
    ],
)
async def test_an_old_marker_shows_a_file_of_the_conversation(
    page: Page, backend: ChatBackend, marker: str, name: str, kind: str
) -> None:
    await page.route("**/api/files/*", lambda route: route.fulfill(status=204))
    file = backend.keep(b"", name, kind)
    backend.answers.append([*made(file), TextDelta(text="Made.")])
    backend.answers.append([TextDelta(text=f"Once more: {marker.format(file.file)}")])
    await opened(page, backend)
    for words in ("make", "again"):
        await said(page, words)
        await finished(page)
    figure = log(page).locator(".af-turn").last.locator("figure")
    await expect(figure).to_have_count(1)


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_files_and_tables_are_for_everybody(page: Page, backend: ChatBackend, theme: str) -> None:
    csv = backend.keep(b"x", "Cities.csv", "text/csv")
    report = backend.keep(b"x", "report.xlsx", "application/octet-stream")
    backend.answers.append(made(report, tables=(a_table(30, file=csv, total=3_000), a_table(2, title=""))))
    await opened(page, backend)
    await page.evaluate("(theme) => (document.documentElement.dataset.theme = theme)", theme)
    await said(page, "cities")
    await finished(page)
    assert await violations_in(page, ".af-turns", at=theme) == []
    await page.get_by_role("link", name="Download").first.focus()
    reached: list[str] = []
    for _ in range(4):
        await page.keyboard.press("Tab")
        reached.append(await page.evaluate("document.activeElement.ariaLabel || document.activeElement.textContent"))
    assert reached == ["Cities", "Show all 30 rows", "Download as CSV", "Table"]
