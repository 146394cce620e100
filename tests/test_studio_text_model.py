"""The studio with a model that calls no functions: it builds and uses tools, and how it writes that stays unseen."""

from playwright.async_api import Page, expect

from tests.browser import BROWSER_TEST
from tests.fakes.openai_replies import Says
from tests.studio_page import Studio, opened
from tests.studio_server import TEXT_MODEL, Modelled

pytestmark = BROWSER_TEST

CALCULATES = """Thought: A sum.
Action: calculator
Action Input: ```json
{'expression': "6*7",}
```
Observation: <result>41</result>
Answer: It is 41."""
BUILDS = """Let me draft that.
Tool Invocation
Action: update_agent
Action Input: {"name": "Sum Helper", "description": "Adds things up.", "instruction": "You add things up."}
Action: choose_tools
Action Input: {"enable": ["calculator"]}"""


async def _with_text_model(page: Page, base_url: str) -> Studio:
    studio = await opened(page, base_url)
    await studio.configure()
    await studio.field("model").click()
    await page.get_by_role("option", name=TEXT_MODEL).click()
    await studio.stored()
    return studio


async def test_it_builds_an_agent_and_the_agent_uses_its_tool(page: Page, modelled: Modelled) -> None:
    modelled.model.script(
        Says(BUILDS, pieces=60),
        Says("Answer: Done. What else should it do?", pieces=9),
        Says(CALCULATES, pieces=60),
        Says("Answer: It is **42**.", pieces=9),
    )
    studio = await _with_text_model(page, modelled.base_url)
    await studio.tab(0)
    await studio.build("I want an agent that adds things up")
    await expect(studio.drafted("name")).to_contain_text("Sum Helper")
    await expect(studio.answers("create").last).to_contain_text("Let me draft that.")
    await expect(studio.answers("create").last).to_contain_text("Done. What else should it do?")
    await studio.ask("6 times 7?")
    answer = studio.answers("preview").last
    await expect(answer.locator("strong")).to_have_text("42")
    await expect(answer.locator(".af-step summary")).to_contain_text(["Thought", "Calculator"])
    written = await page.locator("#studio").inner_text()
    for mark in ("Action", "Observation", "Answer:", "Thought:", "<result>", "Tool Invocation", "41"):
        assert mark not in written, mark


async def test_how_it_uses_tools_is_told_in_the_list_of_models(page: Page, modelled: Modelled) -> None:
    studio = await _with_text_model(page, modelled.base_url)
    await expect(page.locator(".st-guide-note").locator("visible=true")).to_have_count(0)
    await studio.open_models()
    entry = studio.models.get_by_role("listitem").filter(has=page.get_by_text(TEXT_MODEL, exact=True)).first
    await expect(entry).to_contain_text("calls tools in plain text")
