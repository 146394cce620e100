"""The chat component in a real browser: what was found, and citations that can be opened and checked."""

import asyncio

import pytest
from playwright.async_api import Page, expect

from tests.browser import BROWSER_TEST, Watch
from tests.chat_page import field, finished, log, opened, said
from tests.fakes.chat_backend import ChatBackend
from tests.test_chat_actions import drop
from user_agent.events import KnowledgeFile, KnowledgeUsed, TextDelta, ToolFinished, ToolStarted
from user_agent.knowledge.hits import KnowledgeHit
from user_agent.words import Words

pytestmark = BROWSER_TEST

HOSTILE = '"><img src=x onerror="window.hacked=1">.md'
LEAVE = "The office is in Berlin. Employees have 28 days of paid leave a year. Sick leave is counted apart."
HITS = (
    KnowledgeHit(
        number=1, file="f1", name="handbook.pdf", text=LEAVE, score=0.81, page=3, headings=("People", "Leave")
    ),
    KnowledgeHit(
        number=2,
        file="f2",
        name=HOSTILE,
        text="<b>Two</b> weeks before it begins.",
        score=0.4,
        passage=7,
        member=HOSTILE,
        sheet=HOSTILE,
        headings=(HOSTILE,),
    ),
    KnowledgeHit(number=None, file="f2", name=HOSTILE, text="There was no room for this.", score=0.1),
)
FILES = (
    KnowledgeFile(file="f1", name="handbook.pdf", state="searched"),
    KnowledgeFile(file="f2", name=HOSTILE, state="searched"),
    KnowledgeFile(file="f3", name="scan.pdf", state="failed"),
)
FOUND = KnowledgeUsed(files=FILES, query="days of leave", hits=HITS, engine="lexical")
ANSWER = (
    "You have 28 days of paid leave [1]. Ask two weeks before [1, 2]【2】, says nobody [9].\n\n"
    "In `a[1]` and $x[1]$ they are signs; [1](https://example.org) is a link.\n\n```python\nb = a[1]\n```"
)


async def test_a_citation_opens_its_passage_with_the_sentence_that_was_meant(page: Page, backend: ChatBackend) -> None:
    backend.answers.append([FOUND, TextDelta(text=ANSWER)])
    await opened(page, backend)
    await said(page, "How many days?")
    await finished(page)
    text = log(page).locator(".af-turns .af-text")
    marks = text.locator(".af-cite")
    await expect(marks).to_have_text(["[1]", "[1]", "[2]", "[2]"])
    first = text.locator("p").first
    await expect(first).to_have_text("You have 28 days of paid leave [1]. Ask two weeks before [1][2][2], says nobody.")
    await expect(text.locator("code").first).to_have_text("a[1]")
    await expect(text.locator("pre code")).to_have_text("b = a[1]")
    await expect(text.get_by_role("link", name="1", exact=True)).to_have_attribute("href", "https://example.org")

    await text.get_by_role("button", name="Source 1: handbook.pdf").first.press("Enter")
    card = page.get_by_role("dialog", name="Source 1: handbook.pdf")
    await expect(card.locator("mark")).to_have_text("Employees have 28 days of paid leave a year. ")
    await expect(card.locator(".af-source-place")).to_have_text("page 3 · People › Leave")
    await expect(card.get_by_role("button", name="Close")).to_be_focused()
    await card.get_by_role("button", name="Open the source").click()
    await expect(card.locator("[data-here]")).to_have_text(LEAVE)
    await expect(card.locator(".af-source-text p")).to_have_count(3)
    await page.keyboard.press("Escape")
    await expect(card).to_have_count(0)
    await expect(marks.first).to_be_focused()

    await marks.nth(2).click()
    card = page.get_by_role("dialog")
    await expect(card.locator(".af-source-text")).to_have_text("<b>Two</b> weeks before it begins.")
    await expect(card.locator(".af-source-name")).to_have_text(HOSTILE)
    await expect(card.locator(".af-source-place")).to_have_text(f"{HOSTILE} · sheet {HOSTILE} · {HOSTILE}")
    await page.keyboard.press("Escape")
    copied = await page.evaluate(
        "() => { const range = new Range(); range.selectNodeContents(document.querySelector('.af-turns .af-text p'));"
        " getSelection().removeAllRanges(); getSelection().addRange(range); return getSelection().toString(); }"
    )
    assert copied.startswith("You have 28 days of paid leave [1]. Ask")
    await page.reload()
    await expect(log(page).locator(".af-text .af-cite")).to_have_count(4)
    assert await page.evaluate("window.hacked") is None


async def test_a_mark_is_never_seen_half_done_and_a_search_of_the_models_goes_on_with_the_numbers(
    page: Page, backend: ChatBackend
) -> None:
    gates = [asyncio.Event() for _ in range(3)]
    again = KnowledgeHit(number=3, file="f1", name="handbook.pdf", text="On Fridays at noon.", score=0.7, passage=4)
    backend.answers.append(
        [
            FOUND,
            ToolStarted(id="1", name="search_knowledge", arguments={"query": "closing time"}),
            ToolFinished(id="1", name="search_knowledge", output="…", failed=False, seconds=0, sources=(again,)),
            TextDelta(text="It is 28 days ["),
            gates[0],
            TextDelta(text="1"),
            gates[1],
            TextDelta(text="][3"),
            gates[2],
            TextDelta(text="]."),
        ]
    )
    await opened(page, backend)
    await said(page, "How many days?")
    text = log(page).locator(".af-turns .af-text")
    for gate, seen in zip(gates, ("It is 28 days", "It is 28 days", "It is 28 days [1]"), strict=True):
        await expect(text).to_have_text(seen)
        gate.set()
    await expect(text).to_have_text("It is 28 days [1][3].")
    await text.locator(".af-cite").last.click()
    await expect(page.get_by_role("dialog").locator(".af-source-text")).to_have_text("On Fridays at noon.")


@pytest.mark.parametrize(
    ("language", "titles"),
    [
        pytest.param(
            "en", ["Searched 2 files, found 3 passages", "Searched 2 files, found nothing that fits"], id="en"
        ),
        pytest.param("zh", ["查找了 2 个文件，找到 3 段", "查找了 2 个文件，没有合适的内容"], id="zh"),
    ],
)
async def test_what_was_searched_and_found_is_a_step_with_its_scores(
    page: Page, backend: ChatBackend, language: str, titles: list[str]
) -> None:
    problem = Words("向量服务没有回答。", "The embedding server did not answer.")
    nothing = KnowledgeUsed(files=FILES, query="x", engine="hybrid", problem=problem)
    backend.answers.extend(([FOUND, TextDelta(text="a[1]")], [nothing, TextDelta(text="a[1]")]))
    await opened(page, backend, language=language)
    for question in ("one", "two"):
        await said(page, question)
        await finished(page)
    steps = log(page).locator(".af-step")
    await expect(steps.locator("summary")).to_have_text(titles)
    found, none = steps.first, steps.last
    await found.locator("summary").click()
    await expect(found.locator(".af-hit-score")).to_have_text(["0.81", "0.40", "0.10"])
    await expect(found.locator(".af-hits .af-cite")).to_have_text(["[1]", "[2]"])
    await expect(found.locator(".af-step-body")).to_contain_text("days of leave")
    await expect(found.locator("li").last).to_contain_text("scan.pdf")
    await none.locator("summary").click()
    await expect(none.locator(".af-step-body")).to_contain_text(problem["zh" if language == "zh" else "en"])
    # Nothing could be cited: brackets are what the model wrote.
    await expect(log(page).locator(".af-turns .af-text").last).to_have_text("a[1]")


async def test_a_file_of_a_question_goes_into_what_the_agent_knows_at_a_press(
    page: Page, backend: ChatBackend, watch: Watch
) -> None:
    watch.expected.append("status of 409")
    await opened(page, backend, teachable=True)
    await drop(field(page), {"name": "a.md", "type": "", "size": 5}, {"name": "b.pdf", "type": "", "size": 5})
    await said(page, "Read these")
    await finished(page)
    buttons = log(page).get_by_role("button", name="Add to the agent's knowledge")
    await expect(buttons).to_have_count(2)
    await buttons.last.press("Enter")
    await expect(page.locator(".af-notice")).to_contain_text("This is locked.")
    await expect(buttons).to_have_count(2)
    await buttons.last.press("Enter")
    await expect(log(page).get_by_role("button", name="In the agent's knowledge now")).to_have_count(1)
    assert backend.learned == ["f2", "f2"]
    assert await page.evaluate("window.events.at(-1)[0]") == "knowledge_added"
