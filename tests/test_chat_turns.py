"""The chat component in a real browser: turns that are stopped, lost, resumed, refused, or fail."""

import asyncio

import pytest
from playwright.async_api import Page, expect

from builder_core.draft import FieldChange
from builder_core.events import ConfigChanged
from tests.browser import BROWSER_TEST, Watch
from tests.chat_page import field, finished, log, opened, said
from tests.fakes.chat_backend import ChatBackend, Cut, Step
from tests.fakes.chat_backend import Refusal as NotTaken
from user_agent.events import (
    KnowledgeFile,
    KnowledgeUsed,
    ReasoningDelta,
    RunFailed,
    RunFinished,
    TextDelta,
    ToolFinished,
    ToolProgress,
    ToolStarted,
    Usage,
)

pytestmark = BROWSER_TEST


async def test_stop_ends_the_turn_at_the_server(page: Page, backend: ChatBackend) -> None:
    backend.answers.append([TextDelta(text="One, two"), asyncio.Event(), TextDelta(text=", three")])
    await opened(page, backend)
    await said(page, "count")
    await expect(log(page).locator(".af-text")).to_have_text("One, two")
    await page.get_by_role("button", name="Stop").click()
    await expect(log(page).locator(".af-note")).to_have_text("Stopped.")
    await expect(page.get_by_role("button", name="Send")).to_be_visible()
    await page.reload()
    await expect(log(page).locator(".af-note")).to_have_text("Stopped.")


async def test_escape_stops_and_ends_running_calls(page: Page, backend: ChatBackend) -> None:
    backend.answers.append([ToolStarted(id="1", name="slow", arguments={}), asyncio.Event()])
    await opened(page, backend)
    await said(page, "go")
    await expect(log(page).locator(".af-step[data-state=running]")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(log(page).locator(".af-step summary")).to_have_text("slow · stopped")


async def test_how_far_a_call_is_stands_in_its_line(page: Page, backend: ChatBackend) -> None:
    done = asyncio.Event()
    backend.answers.append(
        [
            ToolStarted(id="1", name="slow", arguments={}),
            ToolProgress(id="nobody's", share=0.9),
            ToolProgress(id="1", share=0.4, text="<b>Boxes</b>"),
            done,
            ToolFinished(id="1", name="slow", output="There.", failed=False, seconds=0),
        ]
    )
    await opened(page, backend)
    await said(page, "go")
    line = log(page).locator(".af-step summary")
    await expect(line).to_have_text("slow · 40% <b>Boxes</b>")
    done.set()
    await expect(line).to_have_text("slow")


async def test_a_limit_that_was_reached_is_told(page: Page, backend: ChatBackend) -> None:
    backend.answers.append([TextDelta(text="So far."), RunFinished(text="So far.", usage=Usage(), stop="step_limit")])
    await opened(page, backend)
    await said(page, "go")
    await expect(log(page).locator(".af-note")).to_contain_text("limit of steps")


@pytest.mark.parametrize("answer", [[], [TextDelta(text=" \n")]], ids=["nothing", "only spaces"])
async def test_an_answer_without_a_word_or_a_step_is_told(page: Page, backend: ChatBackend, answer: list[Step]) -> None:
    backend.answers.append(answer)
    await opened(page, backend)
    await said(page, "go")
    await expect(log(page).locator(".af-note")).to_have_text(
        "It said nothing this time. Ask again, or choose another model."
    )
    await page.reload()
    await expect(log(page).locator(".af-note")).to_contain_text("It said nothing")


async def test_a_lost_connection_comes_back_without_a_gap_or_a_repeat(
    page: Page, backend: ChatBackend, watch: Watch
) -> None:
    watch.expected.append("net::ERR_")
    gate = asyncio.Event()
    backend.answers.append([TextDelta(text="One, "), gate, Cut(), TextDelta(text="two, "), TextDelta(text="three.")])
    await opened(page, backend)
    await said(page, "count")
    await expect(log(page).locator(".af-text")).to_have_text("One,")
    gate.set()
    await finished(page)
    await expect(log(page).locator(".af-text")).to_have_text("One, two, three.")
    assert backend.resumed_after == ["2"]


async def test_a_hidden_tab_lets_go_of_its_connection_and_catches_up(page: Page, backend: ChatBackend) -> None:
    gate = asyncio.Event()
    backend.answers.append([TextDelta(text="One, "), gate, TextDelta(text="two, "), TextDelta(text="three.")])
    await opened(page, backend)
    await said(page, "count")
    await expect(log(page).locator(".af-text")).to_have_text("One,")
    await page.evaluate(HIDE, True)
    gate.set()
    await asyncio.sleep(0.3)
    await expect(log(page).locator(".af-text")).to_have_text("One,")
    assert backend.resumed_after == []
    await page.evaluate(HIDE, False)
    await finished(page)
    await expect(log(page).locator(".af-text")).to_have_text("One, two, three.")
    assert backend.resumed_after == ["2"]


async def test_a_tab_that_comes_back_too_late_shows_what_is_stored(page: Page, backend: ChatBackend) -> None:
    gate = asyncio.Event()
    backend.forgets = True
    backend.answers.append([TextDelta(text="One, "), gate, TextDelta(text="two, "), TextDelta(text="three.")])
    await opened(page, backend)
    await said(page, "count")
    await expect(log(page).locator(".af-text")).to_have_text("One,")
    await page.evaluate(HIDE, True)
    gate.set()
    await page.wait_for_function("async () => (await (await fetch('/api/conversation')).json()).busy === null")
    await page.evaluate(HIDE, False)
    await finished(page)
    await expect(log(page).locator(".af-text")).to_have_text(["One, two, three."])
    await expect(log(page).locator(".af-bubble")).to_have_text(["count"])


HIDE = """hidden => {
  Object.defineProperty(document, "hidden", { get: () => hidden, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}"""
"""A headless browser takes every tab for the one in front, so the page is told that it is not."""


async def test_a_reload_in_the_middle_goes_on_from_the_beginning(page: Page, backend: ChatBackend) -> None:
    gate = asyncio.Event()
    steps: list[Step] = [TextDelta(text="Ear"), TextDelta(text="lier "), gate, TextDelta(text="and later.")]
    backend.answers.append(steps)
    await opened(page, backend)
    await said(page, "tell")
    await expect(log(page).locator(".af-text")).to_have_text("Earlier")
    await page.reload()
    await expect(log(page).locator(".af-text")).to_have_text("Earlier")
    await expect(log(page).locator(".af-bubble")).to_have_text("tell")
    await expect(page.get_by_role("button", name="Stop")).to_be_visible()
    gate.set()
    await finished(page)
    await expect(log(page).locator(".af-text")).to_have_text("Earlier and later.")
    assert backend.resumed_after == [""]


async def test_a_stored_conversation_looks_as_it_did_live(page: Page, backend: ChatBackend) -> None:
    backend.answers.append(
        [
            KnowledgeUsed(files=(KnowledgeFile(file="f", name="notes.md", state="whole"),)),
            ReasoningDelta(text="Hm."),
            ToolStarted(id="1", name="weather", arguments={"city": "Suzhou"}),
            ToolFinished(id="1", name="weather", output="rain", failed=False, seconds=0.2),
            TextDelta(text="It **rains**."),
            ConfigChanged(
                config={}, revision=2, changes=(FieldChange(field="name", before="", after="R", author="user"),)
            ),
        ]
    )
    await opened(page, backend)
    await said(page, "hello")
    await finished(page)
    live = await log(page).locator(".af-turns").inner_html()
    await page.reload()
    await expect(log(page).locator(".af-changes")).to_be_visible()
    assert await log(page).locator(".af-turns").inner_html() == live
    await expect(log(page).locator(".af-step summary").first).to_have_text("Read notes.md")


async def test_every_event_of_a_live_turn_reaches_the_page(page: Page, backend: ChatBackend) -> None:
    backend.answers.append([TextDelta(text="Hi"), ConfigChanged(config={"name": "x"}, revision=2, changes=())])
    await opened(page, backend)
    await said(page, "hello")
    await finished(page)
    events = await page.evaluate("events")
    assert [kind for kind, _ in events] == ["turn_started", "text_delta", "config_changed", "run_finished"]
    assert events[2][1]["config"] == {"name": "x"}


async def test_a_failed_turn_keeps_the_words_where_they_were_said_and_can_be_tried_again(
    page: Page, backend: ChatBackend
) -> None:
    backend.answers.append(
        [TextDelta(text="Well"), RunFailed(code="model_no_key", message="m", params={"model": "Qwen", "env": "Q_KEY"})]
    )
    backend.answers.append([TextDelta(text="Here you are.")])
    await opened(page, backend)
    await said(page, "please")
    card = log(page).get_by_role("alert")
    await expect(card).to_contain_text("The model Qwen needs a key. Enter Q_KEY")
    await finished(page)
    await expect(log(page).locator(".af-bubble")).to_have_text(["please"])
    await expect(field(page)).to_have_value("")
    await card.get_by_role("button", name="Try again").click()
    await expect(log(page).locator(".af-text").last).to_have_text("Here you are.")
    await expect(field(page)).to_have_value("")
    await expect(page.get_by_role("button", name="Try again")).to_be_hidden()
    assert [message.text for message in backend.received] == ["please", "please"]


async def test_a_message_that_was_not_taken_stays_and_is_not_sent_twice(
    page: Page, backend: ChatBackend, watch: Watch
) -> None:
    watch.expected.append("status of 500")
    backend.answers.append(
        NotTaken(500, {"code": "internal", "message": "boom", "params": {"incident": "A1B2"}}),
    )
    await opened(page, backend)
    await said(page, "hello")
    await expect(log(page).get_by_role("alert")).to_contain_text("Incident A1B2")
    await expect(field(page)).to_have_value("hello")
    await field(page).press("Enter")
    await finished(page)
    await expect(log(page).locator(".af-bubble")).to_have_text(["hello"])


async def test_an_answer_that_is_no_json_is_a_sentence_too(page: Page, backend: ChatBackend, watch: Watch) -> None:
    watch.expected.append("status of 502")
    backend.answers.append(NotTaken(502, "<html><h1>Bad Gateway</h1></html>"))
    await opened(page, backend)
    await said(page, "hello")
    await expect(log(page).get_by_role("alert")).to_contain_text("unexpected way (HTTP 502)")
    await expect(field(page)).to_have_value("hello")


async def test_a_server_that_is_gone_is_a_sentence_too(page: Page, backend: ChatBackend, watch: Watch) -> None:
    watch.expected.append("net::ERR_")
    await opened(page, backend)
    await page.context.set_offline(True)
    await said(page, "hello")
    await expect(log(page).get_by_role("alert")).to_contain_text("could not be reached")
    await expect(field(page)).to_have_value("hello")


async def test_a_busy_conversation_keeps_the_words_and_shows_the_running_answer(
    page: Page, backend: ChatBackend, watch: Watch
) -> None:
    watch.expected.append("status of 409")
    await opened(page, backend)
    other = await page.context.new_page()
    gate = asyncio.Event()
    backend.answers.append([TextDelta(text="For the other tab."), gate])
    await opened(other, backend)
    await said(other, "first")
    await expect(log(other).locator(".af-text")).to_have_text("For the other tab.")
    backend.answers.append(NotTaken(409, {"code": "busy", "message": "busy", "params": {}}))
    await said(page, "second")
    await expect(page.locator(".af-notice")).to_contain_text("still answering")
    await expect(field(page)).to_have_value("second")
    await expect(log(page).locator(".af-text")).to_have_text("For the other tab.")
    await expect(log(page).locator(".af-bubble")).to_have_text(["first"])
    gate.set()
    await finished(page)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [("   \n ", "nothing to send yet"), ("x" * 100_001, "longer than 100,000 characters")],
    ids=["empty", "enormous"],
)
async def test_what_cannot_be_sent_is_told_at_once(page: Page, backend: ChatBackend, text: str, sentence: str) -> None:
    await opened(page, backend)
    await said(page, text)
    await expect(page.locator(".af-notice")).to_contain_text(sentence)
    assert await field(page).input_value() == text
    assert backend.received == []
