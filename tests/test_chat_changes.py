"""The chat component in a real browser: what a builder turn changed, and what was not stored."""

from typing import Any

import pytest
from playwright.async_api import Page, expect

from builder_core.draft import FieldChange, Refusal
from builder_core.events import ConfigChanged
from tests.browser import BROWSER_TEST
from tests.chat_page import finished, log, opened, said
from tests.fakes.chat_backend import ChatBackend
from user_agent.config import AgentConfig
from user_agent.errors import ConfigError
from user_agent.events import TextDelta

pytestmark = BROWSER_TEST


async def test_the_builder_ends_with_what_was_stored(page: Page, backend: ChatBackend) -> None:
    backend.answers.append(
        [
            ConfigChanged(
                config={},
                revision=2,
                changes=(
                    FieldChange(field="name", before="", after="Draft", author="user"),
                    FieldChange(field="tools.weather", before=False, after=True, author="builder"),
                ),
            ),
            ConfigChanged(
                config={},
                revision=3,
                changes=(FieldChange(field="name", before="Draft", after="Wanderer", author="user"),),
                refused=(Refusal(field="model", why="There is no model 'x'."),),
            ),
            TextDelta(text="All done."),
        ]
    )
    backend.answers.append([ConfigChanged(config={}, revision=3, changes=()), TextDelta(text="I renamed it!")])
    await opened(page, backend, toolTitles={"weather": {"zh": "天气", "en": "Weather"}})
    await said(page, "call it Wanderer")
    await finished(page)
    changes = log(page).locator(".af-changes").first
    assert await changes.locator(".af-field-name").all_text_contents() == ["Name", "Weather", "Model"]
    await expect(changes.locator("[data-field='tools.weather'] .af-tag")).to_have_text("suggested")
    await expect(changes.locator("[data-refused=model]")).to_contain_text("There is no model 'x'.")
    name = changes.locator("[data-field=name]")
    await expect(name.locator("dl")).to_be_hidden()
    await name.locator("summary").click()
    assert await name.locator("dd").all_text_contents() == ["(empty)", "Wanderer"]
    await said(page, "again")
    await expect(log(page).locator(".af-changes").last).to_have_text("Nothing was changed.")


SAME = "You are a patient teacher who explains one thing at a time and asks whether it was understood. " * 2
CHANGES = {
    "a line in the middle": (f"{SAME}\nBe casual.\nEnd.", f"{SAME}\nBe formal.\nEnd.", "… Be formal. End."),
    "a word in a long line": (f"{SAME}Be brief. End.", f"{SAME}Be exact. End.", "… was understood. Be exact. End."),
    "a word in a long chinese line": ("一" * 200 + "甲。", "一" * 200 + "乙。", "… " + "一" * 20 + "乙。"),
    "a line more": ("One.\nTwo.", "One.\nTwo.\n\nThree.", "… Three."),
    "the end of a line": ("One.\nTwo or three.", "One.\nTwo", "… Two"),
    "everything": ("", f"{SAME}", SAME[:160].strip()),
    "a short line": ("Be brief.", "Be brief and kind.", "Be brief and kind."),
}


@pytest.mark.parametrize(("before", "after", "brief"), CHANGES.values(), ids=CHANGES.keys())
async def test_the_row_of_a_long_text_shows_where_it_changed(
    page: Page, backend: ChatBackend, before: str, after: str, brief: str
) -> None:
    change = FieldChange(field="instruction", before=before, after=after, author="user")
    backend.answers.append([ConfigChanged(config={}, revision=2, changes=(change,))])
    await page.set_viewport_size({"width": 390, "height": 844})
    await opened(page, backend)
    await said(page, "be formal")
    row = log(page).locator("[data-field=instruction]")
    await expect(row.locator(".af-brief")).to_have_text(brief)
    await row.locator("summary").click()
    assert await row.locator("dd").all_text_contents() == [before or "(empty)", after]
    await expect(row.locator("dd").last).to_have_css("white-space", "pre-wrap")
    assert await row.locator("dd").evaluate_all("them => them.every((it) => it.scrollWidth <= it.clientWidth)")


@pytest.mark.parametrize(
    ("field", "before", "after", "gone"),
    [
        pytest.param("prompt_recommend", ["Sea?", "Hills?", "Rain?"], ["Sea?", "Rain?"], "Hills?", id="a question"),
        pytest.param("prompt_recommend", ["Sea?", "Hills?", "Rain?"], ["Sea?"], "Hills? Rain?", id="two questions"),
        pytest.param("instruction", "One.\nTwo.\n\nThree.", "One.\nTwo.", "Three.", id="a line"),
    ],
)
async def test_what_was_only_taken_away_is_shown_struck_out(
    page: Page, backend: ChatBackend, field: str, before: Any, after: Any, gone: str
) -> None:
    change = FieldChange(field=field, before=before, after=after, author="user")
    backend.answers.append([ConfigChanged(config={}, revision=2, changes=(change,))])
    await opened(page, backend)
    await said(page, "less")
    brief = log(page).locator(f"[data-field={field}] .af-brief")
    await expect(brief).to_have_text(gone)
    await expect(brief.locator("del")).to_have_css("text-decoration-line", "line-through")


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_a_changed_language_goes_by_its_own_name(page: Page, backend: ChatBackend, language: str) -> None:
    change = FieldChange(field="language", before="zh", after="en", author="user")
    backend.answers.append([ConfigChanged(config={}, revision=2, changes=(change,))])
    await opened(page, backend, language=language)
    await said(page, "speak English")
    row = log(page).locator("[data-field=language]")
    await expect(row.locator(".af-brief")).to_have_text("English")
    assert await row.locator("dd").all_text_contents() == ["中文", "English"]


@pytest.mark.parametrize(
    ("language", "reasons"),
    [
        pytest.param(
            "en",
            [
                "At most 120 characters fit.",
                "At most 50 entries fit.",
                "It may be 2 at most.",
                "It takes a whole number.",
            ],
            id="en",
        ),
        pytest.param("zh", ["最多 120 个字符。", "最多 50 项。", "不能大于 2。", "这里要填整数。"], id="zh"),
    ],
)
async def test_what_was_not_stored_has_its_reason_in_the_language_of_the_person(
    page: Page, backend: ChatBackend, language: str, reasons: list[str]
) -> None:
    refused = tuple(
        _refusal(document)
        for document in (
            {"name": "x" * 121},
            {"prompt_recommend": ["?"] * 51},
            {"generation": {"temperature": 7}},
            {"generation": {"max_tokens": 1.5}},
        )
    )
    backend.answers.append([ConfigChanged(config={}, revision=1, changes=(), refused=refused)])
    await opened(page, backend, language=language)
    await said(page, "go")
    await expect(log(page).locator("[data-refused] .af-brief")).to_have_text(reasons)


def _refusal(document: dict[str, Any]) -> Refusal:
    """What the server says about a configuration that it does not store."""
    with pytest.raises(ConfigError) as refused:
        AgentConfig.from_document(document)
    return Refusal(field=refused.value.field, why=refused.value.reason)
