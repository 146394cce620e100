"""The main job, from the first sentence to the next day: in both languages, without a model and with one."""

import re
from dataclasses import dataclass

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser import BROWSER_TEST, Watch
from tests.studio_page import Studio, loaded, opened
from tests.studio_server import Modelled

pytestmark = BROWSER_TEST


@dataclass(frozen=True)
class Story:
    """What somebody says in one language, and what of the page is in that language."""

    locale: str
    invitation: str
    wish: str
    weather: str
    question: str
    step: re.Pattern[str]
    city: str
    rename: str
    renamed: str
    drop: str
    dropped: str


ENGLISH = Story(
    locale="en-US",
    invitation="Describe the agent you want",
    wish="I want an agent that plans weekend trips and knows the weather",
    weather="Weather",
    question="How is the weather in Hangzhou?",
    step=re.compile(r"^Weather · Hangzhou"),
    city="Hangzhou",
    rename="rename it to Sunny Trips",
    renamed="Sunny Trips",
    drop="drop the weather",
    dropped="off",
)
CHINESE = Story(
    locale="zh-CN",
    invitation="说说你想要的智能体",
    wish="我想要一个能规划周末出行、会查天气的智能体",
    weather="天气",
    question="杭州天气怎么样？",
    step=re.compile(r"^天气 · 杭州"),
    city="杭州",
    rename="改名为阳光周末",
    renamed="阳光周末",
    drop="去掉天气",
    dropped="关闭",
)
BOTH = pytest.mark.parametrize("story", [ENGLISH, CHINESE], ids=["en", "zh"])


@pytest.fixture
def locale(story: Story) -> str:
    return story.locale


@BOTH
async def test_an_agent_is_described_tried_corrected_and_still_there_the_next_day(
    browser: Browser, page: Page, watch: Watch, guided: str, story: Story
) -> None:
    studio = await opened(page, guided)
    await expect(page.get_by_role("heading", name=story.invitation)).to_be_visible()
    await studio.build(story.wish)
    await _is_filled_in(studio, story)
    await expect(studio.drafted("tools")).to_contain_text(story.weather)
    await _tells_the_weather(studio, story)
    await _is_corrected_by_hand(studio)
    await page.close()
    tomorrow = await browser.new_context(viewport={"width": 1440, "height": 900}, locale=story.locale)
    try:
        page = await tomorrow.new_page()
        watch.follow(page)
        await _is_where_it_was_left(await opened(page, guided), story)
    finally:
        await tomorrow.close()


@BOTH
async def test_the_guide_takes_corrections(page: Page, guided: str, story: Story) -> None:
    studio = await opened(page, guided)
    await studio.build(story.wish)
    await _corrects(studio, story)


@BOTH
async def test_with_a_model_the_same_story_is_told(page: Page, modelled: Modelled, story: Story) -> None:
    studio = await opened(page, modelled.base_url)
    await expect(page.get_by_role("heading", name=story.invitation)).to_be_visible()
    await studio.build(story.wish)
    await _is_filled_in(studio, story)
    await _tells_the_weather(studio, story)
    await _is_corrected_by_hand(studio)
    told = modelled.model.last.body
    assert told["model"] == "demo"
    assert "Always answer in rhymes." in told["messages"][0]["content"]
    await page.reload()
    await _is_where_it_was_left(studio, story)


@BOTH
async def test_a_model_takes_corrections(page: Page, modelled: Modelled, story: Story) -> None:
    studio = await opened(page, modelled.base_url)
    await studio.build(story.wish)
    await studio.build(story.rename)
    await expect(studio.drafted("name")).to_contain_text(story.renamed)
    await expect(studio.card).to_contain_text(story.renamed)


async def _is_filled_in(studio: Studio, story: Story) -> None:
    """Draft, list of changes, card, opening message and suggestions, all of one agent with one name."""
    await expect(studio.log("create").locator(".af-changes")).to_be_visible()
    for field in ("name", "description", "instruction", "tools", "prologue", "prompt_recommend"):
        await expect(studio.drafted(field)).to_be_visible()
    assert await loaded(studio.drafted("avatar").get_by_role("presentation"))
    name = await studio.drafted("name").locator("p").inner_text()
    await expect(studio.card).to_contain_text(name)
    await expect(studio.page).to_have_title(f"{name} · AgentFabric")
    assert await loaded(studio.card.locator("img"))
    await expect(studio.log("preview").locator(".af-prologue")).to_be_visible()
    assert await studio.suggestions.count() >= 3


async def _tells_the_weather(studio: Studio, story: Story) -> None:
    """By a suggestion and by own words, each with the step that shows what was looked up."""
    suggestion = studio.suggestions.filter(has_text=story.weather.lower()).first
    text = await suggestion.inner_text()
    await suggestion.click()
    await expect(studio.said("preview")).to_have_text(text)
    await studio.answered("preview")
    await studio.ask(story.question)
    answer = studio.answers("preview").nth(1)
    step = answer.get_by_role("group")
    await expect(step.locator("summary")).to_have_text(story.step)
    await step.locator("summary").click()
    await expect(step).to_contain_text(story.city)
    await expect(answer.locator(".af-text").last).to_contain_text(story.city)
    await expect(answer.locator(".af-text").last).to_contain_text("21.8")


async def _is_corrected_by_hand(studio: Studio) -> None:
    """What is written under *Configure* is on the card at once, and what answers next."""
    await studio.configure()
    await studio.set("name", "Rhyme & Roam")
    await expect(studio.saved).to_have_text(re.compile(r"\d\d:\d\d"))
    await expect(studio.card).to_contain_text("Rhyme & Roam")
    await studio.field("instruction").fill("Always answer in rhymes.")
    await studio.ask("Hello")
    await expect(studio.answers("preview")).to_have_count(3)


async def _is_where_it_was_left(studio: Studio, story: Story) -> None:
    await expect(studio.drafted("name")).to_contain_text("Rhyme & Roam")
    await expect(studio.drafted("instruction")).to_contain_text("Always answer in rhymes.")
    await expect(studio.card).to_contain_text("Rhyme & Roam")
    await expect(studio.said("create")).to_have_text([story.wish])
    await expect(studio.log("create").locator(".af-changes")).to_be_visible()
    await expect(studio.said("preview")).to_have_text([re.compile("."), story.question, "Hello"])
    await expect(studio.answers("preview").nth(1)).to_contain_text("21.8")
    await studio.configure()
    await expect(studio.field("name")).to_have_value("Rhyme & Roam")
    await expect(studio.field("instruction")).to_have_value("Always answer in rhymes.")


async def _corrects(studio: Studio, story: Story) -> None:
    """A new name and a tool less, and nothing else."""
    before = await studio.drafted("instruction").inner_text()
    await studio.build(story.rename)
    await expect(studio.drafted("name")).to_contain_text(story.renamed)
    await expect(studio.card).to_contain_text(story.renamed)
    await studio.build(story.drop)
    await expect(studio.drafted("tools")).to_be_hidden()
    changed = studio.answers("create").last.locator("[data-field='tools.weather']")
    await expect(changed.locator("summary")).to_contain_text(story.dropped)
    assert await studio.drafted("instruction").inner_text() == before
    await studio.ask(story.question)
    await expect(studio.answers("preview").last.get_by_role("group")).to_have_count(0)
