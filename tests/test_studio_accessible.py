"""The studio page for everybody: axe-core finds nothing in any of its states, in either language and light."""

import pytest
from playwright.async_api import Page, expect

from tests.axe import violations
from tests.browser import BROWSER_TEST, Watch
from tests.fakes.openai_replies import Call, Says
from tests.studio_page import Studio, opened
from tests.studio_server import Modelled
from tests.test_chat_actions import drop

pytestmark = BROWSER_TEST

RICH = """Here is **all of it**, with `code` and [a link](https://example.org):

- one
- two

| a | b |
|---|---|
| 1 | 2 |

```python
def double(x: int) -> str:  # twice
    return f"{x * 2}"
```

> As $x_1^2$ says:

$$\\frac{a}{b}$$
"""
PATCH = (
    '{"name": "Sunny Trips", "description": "Plans a weekend.", "prologue": "Where to?", '
    '"prompt_recommend": ["To the sea?", "To the hills?"]}'
)


async def look(page: Page, language: str, theme: str) -> None:
    await page.evaluate(
        "([language, theme]) => { localStorage.af_language = language; localStorage.af_theme = theme; }",
        [language, theme],
    )
    await page.reload()
    await page.wait_for_selector("html[data-af-ready]")


@pytest.mark.parametrize(("language", "theme"), [("zh", "light"), ("en", "dark")])
async def test_axe_finds_nothing_wrong(page: Page, modelled: Modelled, watch: Watch, language: str, theme: str) -> None:
    watch.expected.append("status of 422")
    studio = await opened(page, modelled.base_url)
    await look(page, language, theme)
    found = await violations(page, at="the invitation")
    found += await _in_a_conversation(studio, modelled)
    found += await _with_conversations(studio)
    found += await _in_dialogs(studio)
    await studio.configure()
    found += await violations(page, at="configure")
    knowledge = await studio.knowledge()
    note = {"name": "a.md", "mimeType": "", "buffer": b"# Geese\n\nGeese fly in a wedge, and take turns in front."}
    await knowledge.locator("input[type=file]").first.set_input_files([note, {**note, "name": "b.docx"}])
    await expect(knowledge.locator("li[data-state=ready], li[data-state=failed]")).to_have_count(2)
    await page.locator("#knowledge_search input").fill("geese")
    await page.keyboard.press("Enter")
    await expect(page.locator("#knowledge_search meter")).to_have_count(1)
    found += await violations(page, at="knowledge")
    await studio.configure()
    await studio.field("name").fill("x" * 200)
    await expect(page.locator(".st-refusal")).to_be_visible()
    found += await violations(page, at="a field that is refused")
    await page.set_viewport_size({"width": 390, "height": 844})
    found += await violations(page, at="configure on a phone")
    await page.locator("#pane_switch [data-pane=preview]").click()
    found += await violations(page, at="the preview on a phone")
    assert not found, "\n".join(found)


async def _in_a_conversation(studio: Studio, modelled: Modelled) -> list[str]:
    choice = Call("choose_tools", '{"enable": ["calculator"]}')
    modelled.model.script(Says(reasoning="Hm.", calls=(Call("update_agent", PATCH), choice)), Says("Done."))
    await studio.build("Plan my trips")
    await expect(studio.drafted("name")).to_contain_text("Sunny Trips")
    modelled.model.script(Says(reasoning="Hm.", calls=(Call("calculator", '{"expression": "6 * 7"}'),)), Says(RICH))
    await studio.ask("Tell me")
    await expect(studio.answers("preview").locator(".katex-html")).to_have_count(2)
    for summary in await studio.page.locator(".af-turns summary").all():
        await summary.click()
    await expect(studio.page.locator(".st-glow")).to_have_count(0)
    found = await violations(studio.page, at="a conversation")
    modelled.model.script(Says("on ", ending="endless", delay_s=0.05))
    await studio.say("preview", "Go on")
    await expect(studio.answers("preview").last).to_contain_text("on")
    found += await violations(studio.page, at="an answer that grows")
    await studio.stop("preview")
    await studio.answered("preview")
    return found


async def _with_conversations(studio: Studio) -> list[str]:
    """The list, a title and a question that are being changed, and files that were chosen and refused."""
    page = studio.page
    await page.locator(".st-conversation").click()
    await expect(page.locator("#preview_conversations .st-open")).to_be_focused()
    found = await violations(page, at="the conversations")
    await page.keyboard.press("F2")
    found += await violations(page, at="a title that is changed")
    await page.keyboard.press("Escape")
    await page.keyboard.press("Escape")
    files = ({"name": "a.png", "type": "image/png", "size": 5}, {"name": "a.mp4", "type": "video/mp4", "size": 5})
    await drop(studio.input("preview"), *files)
    await studio.log("preview").locator(".af-edit").last.click()
    found += await violations(page, at="a question that is changed")
    await page.keyboard.press("Escape")
    await page.locator("#preview_pane .af-remove").click()
    return found


async def _in_dialogs(studio: Studio) -> list[str]:
    page = studio.page
    await studio.open_library()
    found = await violations(page, at="the library")
    await page.keyboard.press("Escape")
    await studio.open_models()
    found += await violations(page, at="models and keys")
    await page.keyboard.press("Escape")
    await page.locator("#document > button").click()
    found += await violations(page, at="the draft as JSON")
    await page.keyboard.press("Escape")
    await page.locator("#shortcuts > button").click()
    found += await violations(page, at="the shortcuts")
    await page.keyboard.press("Escape")
    return found
