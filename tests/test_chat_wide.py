"""The chat component in a real browser: what is too wide for a phone, and what would come from elsewhere."""

import pytest
from playwright.async_api import Page, expect

from tests.browser import BROWSER_TEST, Watch
from tests.chat_page import finished, log, opened, said
from tests.fakes.chat_backend import ChatBackend
from user_agent.events import TextDelta

pytestmark = BROWSER_TEST

WORD = "x" * 200
WIDE = {
    "table": f"| {' | '.join(f'column {n}' for n in range(12))} |\n{'|---' * 12}|\n| {' | '.join(['a value'] * 12)} |",
    "word in a table": f"| a | b |\n|---|---|\n| {WORD} | y |",
    "word": f"Look: {WORD} and **{WORD}** and `{WORD}`.",
    "word in a list": f"- {WORD}\n  1. {WORD}\n\n> {WORD}\n\n# {WORD}",
    "link": f"[{WORD}](https://example.com/{WORD}) and https://example.com/{WORD}",
    "picture link": f"![{WORD}](https://evil.example/p.png)",
    "code": f"```js\n{WORD}\n```",
}


@pytest.mark.parametrize("text", WIDE.values(), ids=WIDE.keys())
async def test_what_is_wide_stays_within_its_message(page: Page, backend: ChatBackend, text: str) -> None:
    backend.answers.append([TextDelta(text=text)])
    await page.set_viewport_size({"width": 390, "height": 844})
    await opened(page, backend)
    await said(page, WORD)
    await finished(page)
    assert await page.evaluate("document.documentElement.scrollWidth") <= 390
    assert await page.locator(".af-scroller").evaluate("(it) => it.scrollWidth - it.clientWidth") == 0
    outside = """them => them.filter((it) => {
      const scrolls = it.closest(".af-table, .af-code");
      return !scrolls && it.getBoundingClientRect().right > 390;
    }).map((it) => it.outerHTML)"""
    assert await log(page).locator(".af-turns *").evaluate_all(outside) == []
    for frame in await log(page).locator(".af-table, .af-code pre").all():
        assert await frame.evaluate("(it) => it.clientWidth <= 360 && it.scrollWidth > it.clientWidth")
        await frame.evaluate("(it) => it.scrollBy(9999, 0)")
        assert await frame.evaluate("(it) => it.scrollLeft") > 0


async def test_a_line_break_in_a_table_is_one(page: Page, backend: ChatBackend) -> None:
    backend.answers.append([TextDelta(text="| a |\n|---|\n| one<br>two<br/>three<BR />four |\n\nx<br>y")])
    await opened(page, backend)
    await said(page, "table")
    await finished(page)
    cell = log(page).locator(".af-table td")
    await expect(cell.locator("br")).to_have_count(3)
    assert await cell.inner_text() == "one\ntwo\nthree\nfour"
    await expect(log(page).locator(".af-text > p br")).to_have_count(1)


async def test_the_content_policy_keeps_pictures_of_other_hosts_out(
    page: Page, backend: ChatBackend, watch: Watch
) -> None:
    watch.expected.append("http://127.0.0.2:9/p.png")
    await opened(page, backend)
    refused = await page.evaluate(
        """() => new Promise((resolve) => {
          document.addEventListener("securitypolicyviolation", (event) => resolve(event.effectiveDirective));
          document.getElementById("host").style.background = "url(http://127.0.0.2:9/p.png)";
        })"""
    )
    assert refused == "img-src"
