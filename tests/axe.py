"""axe-core in the page that a test has open: what a person who sees, hears or moves otherwise would trip over."""

from pathlib import Path
from typing import Any

from playwright.async_api import Page

_SOURCE = (Path(__file__).parent / "vendor" / "axe-core-4.14.1" / "axe.min.js").read_text(encoding="utf-8")
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


_DIALOG_ALONE = """
body:has(dialog[open]) { visibility: hidden }
dialog[open] { visibility: visible }
dialog[open] header { position: static !important }
"""
"""What is under a modal dialog is out of sight, which axe does not know; what is scrolled under its head counts too."""


async def violations(page: Page, *, at: str) -> list[str]:
    """What is wrong on the page as it is now, a line for each element; `at` says where in the test that was."""
    seen = await _seen(page, "document")
    checked = {rule["id"] for outcome in ("passes", "incomplete") for rule in seen[outcome]}
    assert {"color-contrast", "button-name", "region"} <= checked, f"{at}: axe saw too little: {checked}"
    return _lines(seen["violations"], at)


async def violations_in(page: Page, selector: str, *, at: str) -> list[str]:
    """What is wrong in the part of the page that the selector names, as `violations` has it."""
    seen = await _seen(page, repr(selector))
    checked = {rule["id"] for rule in seen["passes"]}
    assert "color-contrast" in checked, f"{at}: axe saw too little: {checked}"
    return _lines(seen["violations"], at)


async def violations_in_dialog(page: Page, kind: str) -> list[str]:
    """What is wrong in the open dialog of that class, light and dark, as well as contrast that axe cannot tell."""
    await page.add_style_tag(content=_DIALOG_ALONE)
    found: list[str] = []
    for theme in ("dark", "light"):
        await page.evaluate("(dark) => document.body.classList.toggle('dark', dark)", theme == "dark")
        seen = await _seen(page, f"'dialog.{kind}[open]'")
        at = f"{kind}, {theme}"
        unproven = [rule for rule in seen["incomplete"] if rule["id"] == "color-contrast"]
        checked = {rule["id"] for rule in (*seen["passes"], *seen["violations"], *unproven)}
        assert {"color-contrast", "button-name"} <= checked, f"{at}: axe saw too little: {checked}"
        found += _lines([*seen["violations"], *unproven], at)
    return found


async def _seen(page: Page, context: str) -> dict[str, Any]:
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(_SOURCE)
    # A transition that is under way would be measured in colours that nobody reads. One in what is folded away never
    # ends: the browser does not draw it on.
    await page.evaluate(
        """() => Promise.all(document.getAnimations()
          .filter((it) => it.effect.getComputedTiming().iterations === 1 && it.effect.target.checkVisibility())
          .map((it) => it.finished.catch(() => {})))"""
    )
    # Of what is in order, the rules are told and not each element: a page has thousands.
    options = {"runOnly": _RULES, "resultTypes": ["violations", "incomplete"]}
    return await page.evaluate(f"(options) => axe.run({context}, options)", options)


def _lines(rules: list[dict[str, Any]], at: str) -> list[str]:
    return [
        f"{at}: {rule['id']} ({rule['impact']}): {node['html'][:160]} | {node['failureSummary'][:300]}"
        for rule in rules
        for node in rule["nodes"]
    ]
