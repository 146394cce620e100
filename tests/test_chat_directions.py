"""The chat component in a real browser: text from right to left, with what reads from left to right in it."""

from playwright.async_api import Page, expect

from tests.browser import BROWSER_TEST
from tests.chat_page import finished, log, opened, said
from tests.fakes.chat_backend import ChatBackend
from user_agent.events import TextDelta

pytestmark = BROWSER_TEST

MIXED = """مرحبًا! السعر 1,250.50 درهم مع `pip install trip==2.1` الآن.

- اليوم الأول

| اليوم | السعر |
|---|---|
| 1 | 120 |

```python
x = 1  # السعر
```

> قال الدليل: $E = mc^2$ دائمًا.

An English paragraph, with العربية inside it.

שלום עולם, גרסה 3.11 יצאה.
"""
# Where the first letters of a text stand within their block: "left" or "right".
SIDE = """(block) => {
  const range = document.createRange();
  range.selectNodeContents(block);
  const [words, box] = [range.getBoundingClientRect(), block.getBoundingClientRect()];
  return words.left - box.left < box.right - words.right ? "left" : "right";
}"""


async def test_arabic_and_hebrew_read_right_with_code_numbers_and_formulas(page: Page, backend: ChatBackend) -> None:
    backend.answers.append([TextDelta(text=MIXED)])
    await opened(page, backend)
    await said(page, "ما هو السعر؟ use `pip`")
    await finished(page)
    text = log(page).locator(".af-turns .af-text")
    await expect(text.locator(".katex-html")).to_be_visible()
    sides = {
        "an arabic paragraph": (text.locator("> p").first, "right"),
        "an english paragraph": (text.locator("> p").nth(1), "left"),
        "a hebrew paragraph": (text.locator("> p").nth(2), "right"),
        "a number in a cell": (text.locator("td").first, "right"),
        "the words of a quotation": (text.locator("blockquote p"), "right"),
    }
    assert {name: await block.evaluate(SIDE) for name, (block, _) in sides.items()} == {
        name: side for name, (_, side) in sides.items()
    }
    formula = await text.locator(".katex-html .mord:text-is('E')").bounding_box()
    power = await text.locator(".katex-html .msupsub .mord:text-is('2')").bounding_box()
    assert formula and power and formula["x"] < power["x"]
    quotation = text.locator("blockquote")
    await expect(quotation).to_have_css("border-right-width", "3px")
    await expect(quotation).to_have_css("padding-right", "14px")
    for code in (text.locator("p code"), text.locator("pre code")):
        await expect(code).to_have_css("direction", "ltr")


async def test_a_field_follows_what_is_written_in_it(page: Page, backend: ChatBackend) -> None:
    await opened(page, backend)
    field = page.locator("#test_input textarea")
    await field.fill("مرحبا")
    await expect(field).to_have_css("direction", "rtl")
    await field.fill("Hello")
    await expect(field).to_have_css("direction", "ltr")
