"""The chat component in a real browser: formulas in answers, and what only looks like one."""

import asyncio

import pytest
from playwright.async_api import Page, expect

from tests.browser import BROWSER_TEST
from tests.chat_page import assert_same_texts, finished, log, opened, said, whole_and_in_pieces
from tests.fakes.chat_backend import ChatBackend
from user_agent.events import TextDelta

pytestmark = BROWSER_TEST

SOURCES = "them => them.map((it) => it.querySelector('annotation').textContent.trim())"
FORMULAS = {
    "dollar": ("Then $a^2 + b^2$ holds.", ["a^2 + b^2"], False),
    "dollar in chinese": ("其中$x_1$是常数。", ["x_1"], False),
    "ordinal": ("the $n$th term", ["n"], False),
    "parentheses": (r"Then \(a_1 * b_1 * c\) holds.", ["a_1 * b_1 * c"], False),
    "in bold": (r"**So $a*b$ and \(c*d\)**", ["a*b", "c*d"], False),
    "dollars": ("So\n$$\na\n- b\n= c \\\\ d\n$$\nis it.", ["a\n- b\n= c \\\\ d"], True),
    "dollars in a line": ("So $$x = 1$$ is it.", ["x = 1"], True),
    "brackets": ("So:\n\\[\na \\\\[2pt]\n+ b\n\\]\nis it.", ["a \\\\[2pt]\n+ b"], True),
    "brackets in a line": (r"So \[ x = 1 \].", ["x = 1"], True),
    "in a list": ("1. One:\n   \\[ x < y \\]\n2. Two $z$\n", ["x < y", "z"], True),
    "in a table": ("| a |\n|---|\n| $x^2$ |\n", ["x^2"], False),
    "escaped dollar": (r"so $\text{\$5} + x$ more", [r"\text{\$5} + x"], False),
}


@pytest.mark.parametrize(("text", "formulas", "display"), FORMULAS.values(), ids=FORMULAS.keys())
async def test_a_formula_is_drawn(
    page: Page, backend: ChatBackend, text: str, formulas: list[str], display: bool
) -> None:
    backend.answers.append([TextDelta(text=text)])
    await opened(page, backend)
    await said(page, "solve")
    drawn = log(page).locator(".af-text .af-formula:has(.katex)")
    await expect(drawn).to_have_count(len(formulas))
    assert await drawn.evaluate_all(SOURCES) == formulas
    assert (await drawn.first.locator(".katex-display").count() == 1) is display
    assert await drawn.first.locator(".mord").first.evaluate("it => getComputedStyle(it).fontFamily") != ""
    await expect(drawn.first.locator(".katex-mathml")).to_have_css("position", "absolute")


PLAIN = {
    "prices": "It costs $5 and $10, or $5/$6; US$5, (A$7), 20$.",
    "price in words": "I paid $5 (US$), and 价格是$5（约36元）或者10$。",
    "shell": "Set $HOME/$USER, ${a}/${b}, $PATH and $ x $.",
    "escaped": r"\$a = b\$ and \[Your Name\] and \[link\](x)",
    "code": "`$a$ and \\(b\\)`\n\n```\n$$\nx\n$$\n\\[ y \\]\n```\n\n    $$z$$\n",
    "unclosed": "Look: $x + \\(y\n\n$$\nz\n\n- item\n",
    "prose": "This $foo bar$ and \\[1\\] and $$ then $$ too",
    "empty": r"$$ $$ and \(\)",
}


@pytest.mark.parametrize("text", PLAIN.values(), ids=PLAIN.keys())
async def test_what_only_looks_like_a_formula_stays_text(page: Page, backend: ChatBackend, text: str) -> None:
    backend.answers.append([TextDelta(text=text), TextDelta(text="\n\n$e=1$")])
    await opened(page, backend)
    await said(page, "buy")
    await finished(page)
    drawn = log(page).locator(".af-text .af-formula")
    await expect(drawn.locator(".katex")).to_have_count(1)
    assert await drawn.evaluate_all(SOURCES) == ["e=1"]


async def test_a_formula_that_is_still_being_written_is_its_source(page: Page, backend: ChatBackend) -> None:
    first, second = asyncio.Event(), asyncio.Event()
    backend.answers.append(
        [
            TextDelta(text="One.\n\n$$\na_1 * b\n- c_1 \\\\"),
            first,
            TextDelta(text=" d\n$$\n\nThen \\(x"),
            second,
            TextDelta(text="\\) ends."),
        ]
    )
    await opened(page, backend)
    await said(page, "solve")
    text = log(page).locator(".af-text")
    await expect(text.locator("p")).to_have_text(["One.", "$$\na_1 * b\n- c_1 \\\\"])
    await expect(text.locator(".af-formula")).to_have_count(0)
    first.set()
    await expect(text.locator(".katex-display")).to_have_count(1)
    drawn = text.locator(".katex-display")
    await drawn.evaluate("(it) => (it.mine = true)")
    second.set()
    await expect(text.locator(".katex")).to_have_count(2)
    assert await drawn.evaluate("(it) => it.mine === true"), "a settled formula is not drawn again"


async def test_formulas_in_small_pieces_are_the_same_as_in_one(page: Page, backend: ChatBackend) -> None:
    text = (
        "Let $x_1$ and \\(y\\).\nSo:\n\\[\na \\\\[1pt]\n- b\n\n= c\n\\]\nand\n$$x = 1$$ is it, $5 or $6.\n\n"
        "1. One\n   $$\n   z\n   $$\n2. Two\n\n$$\nunclosed\n\n- it\n"
    )
    await whole_and_in_pieces(page, backend, text)
    await expect(log(page).locator(".af-formula:has(.katex)")).to_have_count(10)
    await assert_same_texts(page)


async def test_a_formula_within_a_paragraph_is_so_when_the_stream_rests_behind_it(
    page: Page, backend: ChatBackend
) -> None:
    first, rest, gate = "and\n$$x = 1$$", " is it", asyncio.Event()
    backend.answers.append([TextDelta(text=first + rest)])
    backend.answers.append([TextDelta(text=first), gate, TextDelta(text=rest)])
    await opened(page, backend)
    await said(page, "whole")
    await finished(page)
    await said(page, "in two")
    await expect(log(page).locator(".af-text").last).to_contain_text("x =")
    gate.set()
    await finished(page)
    await expect(log(page).locator(".af-formula:has(.katex)")).to_have_count(2)
    await assert_same_texts(page)


async def test_katex_is_fetched_only_for_a_formula(page: Page, backend: ChatBackend) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    backend.answers.extend(([TextDelta(text="It costs $5.")], [TextDelta(text="$x$")]))
    await opened(page, backend)
    await said(page, "buy")
    await finished(page)
    assert [url for url in asked if "vendor/katex" in url] == []
    await said(page, "solve")
    await expect(log(page).locator(".katex")).to_have_count(1)
    assert [url for url in asked if "vendor/katex" in url] != []


async def test_a_copied_formula_is_its_source(page: Page, backend: ChatBackend) -> None:
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    backend.answers.append([TextDelta(text="One \\(a<b\\) two.\n\n$$\\frac{1}{2}$$\n\n- three\n- $c$")])
    await opened(page, backend)
    await said(page, "solve")
    await expect(log(page).locator(".katex")).to_have_count(3)
    await log(page).locator(".af-text").evaluate("(it) => getSelection().selectAllChildren(it)")
    await page.keyboard.press("Control+c")
    copied = await page.evaluate("navigator.clipboard.readText()")
    assert copied.split() == ["One", "\\(a<b\\)", "two.", "$$\\frac{1}{2}$$", "three", "$c$"]
    assert copied.count("\n") >= 3
    # From the middle of one formula: the whole of it.
    await log(page).locator(".katex-html .mord").first.evaluate("(it) => getSelection().selectAllChildren(it)")
    await page.keyboard.press("Control+c")
    assert await page.evaluate("navigator.clipboard.readText()") == "\\(a<b\\)"


ATTACKS = {
    "link": r"$\href{javascript:window.hacked=1}{x}$",
    "picture": r"$\includegraphics{https://evil.example/p.png}$",
    "html": r"$\htmlStyle{position:fixed}{x} \htmlId{y}{z}$",
    "markup": r"$\text{<img src=x onerror='window.hacked=1'>}$",
    "macros without end": r"$\def\a{\a\a}\a$",
    "macros that grow": "$$\\def\\a{" + "x" * 1500 + "}" + "\\a" * 900 + "$$",
    "deep": "$$" + "\\sqrt{" * 600 + "}" * 600 + "$$",
    "nested": "$$" + "\\frac{1}{" * 150 + "x" + "}" * 150 + "$$",
    "long": "$$" + "x+" * 50_000 + "1$$",
    "many": "$x$ " * 10_000,
    "open": "\\(" * 50_000,
    "open lines": "\\[ a\n$$\n" * 4_000,
    "huge": r"$\rule{1000em}{1000em} \kern-1000em x$",
    "broken": r"$\frac{1}{$",
}


@pytest.mark.parametrize("text", ATTACKS.values(), ids=ATTACKS.keys())
async def test_a_bad_formula_does_no_harm_and_those_after_it_are_drawn(
    page: Page, backend: ChatBackend, text: str
) -> None:
    backend.answers.extend(([TextDelta(text=text), TextDelta(text="\n\nThen.")], [TextDelta(text="Then $ok_1$.")]))
    await opened(page, backend)
    await said(page, "solve")
    await finished(page)
    await said(page, "and then")
    good = log(page).locator(".af-formula:has(.katex) annotation", has_text="ok_1")
    await expect(good).to_have_count(1, timeout=30_000)
    assert await page.evaluate("window.hacked") is None
    assert await log(page).locator(".af-text :is(img, a, script, [id], [onerror], [style*=fixed])").count() == 0
    box = await log(page).locator(".af-text").first.bounding_box()
    assert box is not None
    assert box["width"] <= 760


async def test_a_broken_formula_is_shown_as_its_source(page: Page, backend: ChatBackend) -> None:
    backend.answers.append([TextDelta(text="So \\(\\frac{1}{\\) is $x$.")])
    await opened(page, backend)
    await said(page, "solve")
    await expect(log(page).locator(".katex")).to_have_count(1)
    await expect(log(page).locator(".af-formula").first).to_have_text("\\(\\frac{1}{\\)")


async def test_a_wide_formula_scrolls_within_its_message(page: Page, backend: ChatBackend) -> None:
    wide = " + ".join(f"x_{{{number}}}^2" for number in range(60))
    inline = "\\underbrace{" + wide + "}_n"
    backend.answers.append([TextDelta(text=f"So\n\n$$\n{wide}\n$$\n\nand ${inline}$ too.\n\n- in a list ${inline}$\n")])
    await page.set_viewport_size({"width": 390, "height": 844})
    await opened(page, backend)
    await said(page, "solve")
    await expect(log(page).locator(".katex")).to_have_count(3)
    assert await page.locator(".af-scroller").evaluate("(it) => it.scrollWidth - it.clientWidth") == 0
    assert await page.evaluate("document.documentElement.scrollWidth") <= 390
    display = log(page).locator(".af-display").first
    assert await display.evaluate("(it) => it.scrollWidth > it.clientWidth && it.clientWidth < 390")
    await display.evaluate("(it) => it.scrollBy(9999, 0)")
    assert await display.evaluate("(it) => it.scrollLeft") > 0
    assert await log(page).locator(".af-text").evaluate("(it) => it.scrollWidth > it.clientWidth")


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_formulas_have_the_colour_of_the_text(page: Page, backend: ChatBackend, theme: str) -> None:
    backend.answers.append([TextDelta(text="So $x^2 + \\sqrt{y}$.")])
    await opened(page, backend)
    await page.evaluate("(theme) => (document.documentElement.dataset.theme = theme)", theme)
    await page.evaluate("document.getElementById('host').className = 'host'")
    await page.add_style_tag(content=".host * { color: red; font-size: 40px; line-height: 4; padding: 9px }")
    await said(page, "solve")
    sign = log(page).locator(".katex-html .mord").first
    await expect(sign).to_have_css("padding", "0px")
    colour = await log(page).locator(".af-text").evaluate("(it) => getComputedStyle(it).color")
    await expect(sign).to_have_css("color", colour)
    await expect(log(page).locator(".katex")).to_have_css("font-size", "18.15px")
