"""The chat component in a real browser: an answer that grows costs what came, not what is there already."""

import asyncio

import pytest
from playwright.async_api import Page, expect

from tests.browser import BROWSER_TEST
from tests.chat_page import finished, log, opened, said
from tests.fakes.chat_backend import ChatBackend
from tests.fakes.writing import markdown
from user_agent.events import TextDelta

pytestmark = BROWSER_TEST

MOST_NODES_PER_WORD = 12
"""Nodes that may come and go for one word: a line of code has some colours of its own."""

COUNTING = """() => {
  window.touched = 0;
  const many = (node) => 1 + (node.querySelectorAll ? node.querySelectorAll("*").length : 0);
  new MutationObserver((records) => {
    for (const { addedNodes, removedNodes } of records)
      for (const node of [...addedNodes, ...removedNodes]) window.touched += many(node);
  }).observe(document.querySelector("#test_chat"), { subtree: true, childList: true });
}"""

SENTENCE = "It goes on with **bold** words, `code` and [a link](https://example.org), in one paragraph. "
ROW = "| a cell | another | `code` |\n"
GROWING = {
    "a long paragraph": SENTENCE * 50,
    "a paragraph full of formulas": "As $a_1^2 + b$ says, and $\\sqrt{x}$ too, " * 40,
    "a long block of code": "```python\n" + 'def f(x):  # one of many\n    return x + 1 if x else "none"\n' * 100,
    "a long list": "- one entry with **bold** in it\n" * 100 + "- ",
    "a long table": f"| a | b | c |\n|---|---|---|\n{ROW * 100}| ",
    "a quotation": "> " + SENTENCE * 50,
    "many blocks": markdown(10_000) + "\n\n",
}
WORDS = [" and", " then", " some", " more", " words", " came"]


@pytest.mark.parametrize("begun", GROWING.values(), ids=GROWING.keys())
async def test_a_word_more_touches_only_what_changed(page: Page, backend: ChatBackend, begun: str) -> None:
    gates = [asyncio.Event() for _ in WORDS]
    steps = [step for word, gate in zip(WORDS, gates, strict=True) for step in (gate, TextDelta(text=word))]
    last = asyncio.Event()
    backend.answers.append([TextDelta(text=begun + "ready"), *steps, last])
    await opened(page, backend)
    await said(page, "go on")
    text = log(page).locator(".af-turns .af-text")
    await expect(text).to_contain_text("ready")
    await page.wait_for_function("!document.querySelector('.af-formula:not(:has(.katex))')")
    await page.evaluate(COUNTING)
    touched: list[int] = []
    for word, gate in zip(WORDS, gates, strict=True):
        gate.set()
        await page.wait_for_function(
            "(word) => document.querySelector('.af-turns .af-text').textContent.trimEnd().endsWith(word)",
            arg=word.strip(),
        )
        touched.append(await page.evaluate("() => { const was = window.touched; window.touched = 0; return was; }"))
    last.set()
    await finished(page)
    assert max(touched) <= MOST_NODES_PER_WORD, touched
    assert await page.evaluate("window.touched") <= MOST_NODES_PER_WORD
    # What grew word by word is what would have been drawn at once.
    grown = await text.inner_html()
    await page.evaluate(
        """async ([text]) => {
          const { MarkdownView } = await import("/static/chat/markdown.js");
          const { Strings } = await import("/static/chat/strings.js");
          window.whole = new MarkdownView(new Strings("en"));
          document.querySelector("#test_chat").append(whole.element);
          whole.replace(text);
        }""",
        [begun + "ready" + "".join(WORDS)],
    )
    await page.wait_for_function("!whole.element.querySelector('.af-formula:not(:has(.katex))')")
    assert grown == await page.evaluate("whole.element.innerHTML")


async def test_what_is_selected_stays_selected_while_the_text_grows(page: Page, backend: ChatBackend) -> None:
    gate, last = asyncio.Event(), asyncio.Event()
    backend.answers.append([TextDelta(text="One **two** three"), gate, TextDelta(text=" four `five` six"), last])
    await opened(page, backend)
    await said(page, "go on")
    text = log(page).locator(".af-turns .af-text")
    await expect(text).to_have_text("One two three")
    await text.locator("strong").evaluate("(it) => getSelection().selectAllChildren(it)")
    gate.set()
    await expect(text).to_have_text("One two three four five six")
    assert await page.evaluate("getSelection().toString()") == "two"
    last.set()
    await finished(page)
    assert await page.evaluate("getSelection().toString()") == "two"
