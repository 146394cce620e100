"""The chat component in a real browser: what a screen reader is told, and how often."""

from playwright.async_api import Page, expect

from builder_core.draft import FieldChange
from builder_core.events import ConfigChanged
from tests.browser import BROWSER_TEST, Watch
from tests.chat_page import finished, log, opened, said
from tests.fakes.chat_backend import ChatBackend
from tests.fakes.chat_backend import Refusal as NotTaken
from user_agent.events import TextDelta, ToolFinished, ToolStarted

pytestmark = BROWSER_TEST

TOLD = """() => {
  window.told = [];
  const voice = document.querySelector(".af-chat > [role=status]");
  const observer = new MutationObserver(() => window.told.push(voice.textContent));
  observer.observe(voice, { childList: true, characterData: true });
}"""


async def test_an_answer_is_told_once_and_whole(page: Page, backend: ChatBackend) -> None:
    words = [TextDelta(text=f"word{number} ") for number in range(30)]
    change = FieldChange(field="name", before="", after="Sunny Trips", author="user")
    backend.answers.append(
        [
            ToolStarted(id="c", name="calculator", arguments={"expression": "6*7"}),
            ToolFinished(id="c", name="calculator", output="42", failed=False, seconds=0.1),
            *words,
            TextDelta(text="\n\n- one\n- **two**\n\n```python\nx = 1\n```\n"),
            ConfigChanged(config={}, revision=2, changes=(change,)),
        ]
    )
    await opened(page, backend)
    await page.evaluate(TOLD)
    await said(page, "Go on")
    await finished(page)
    await expect(log(page)).to_have_attribute("aria-live", "off")
    thinking, answer = await page.evaluate("window.told")
    assert thinking == "Thinking…"
    lines = [line.strip() for line in answer.splitlines() if line.strip()]
    assert lines[0] == " ".join(f"word{number}" for number in range(30))
    assert lines[1:] == ["one", "two", "x = 1", "Changed", "Name: Sunny Trips"]


async def test_a_failure_is_an_alert_and_not_told_twice(page: Page, backend: ChatBackend, watch: Watch) -> None:
    watch.expected.append("status of 500")
    backend.answers.append(NotTaken(500, {"code": "internal", "message": "m", "params": {"incident": "ab12cd34"}}))
    await opened(page, backend)
    await page.evaluate(TOLD)
    await said(page, "Go on")
    failed = log(page).get_by_role("alert")
    await expect(failed).to_contain_text("Incident ab12cd34")
    assert await page.evaluate("window.told") == ["Thinking…"]
