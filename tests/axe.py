"""axe-core in the page that a test has open: what a person who sees, hears or moves otherwise would trip over."""

from pathlib import Path

from playwright.async_api import Page

_SOURCE = (Path(__file__).parent / "vendor" / "axe-core-4.14.1" / "axe.min.js").read_text(encoding="utf-8")
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


async def violations(page: Page, *, at: str) -> list[str]:
    """What is wrong on the page as it is now, a line for each element; `at` says where in the test that was."""
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(_SOURCE)
    # A transition that is under way would be measured in colours that nobody reads.
    await page.evaluate(
        """() => Promise.all(document.getAnimations()
          .filter((it) => it.effect.getComputedTiming().iterations === 1).map((it) => it.finished.catch(() => {})))"""
    )
    seen = await page.evaluate("(tags) => axe.run(document, { runOnly: tags })", _RULES)
    checked = {rule["id"] for outcome in ("passes", "incomplete") for rule in seen[outcome]}
    assert {"color-contrast", "button-name", "region"} <= checked, f"{at}: axe saw too little: {checked}"
    return [
        f"{at}: {rule['id']} ({rule['impact']}): {node['html'][:160]} | {node['failureSummary'][:300]}"
        for rule in seen["violations"]
        for node in rule["nodes"]
    ]
