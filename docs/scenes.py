"""What the pictures of the README show: the studio after the story was told, and what is done there then."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from playwright.async_api import Page

from docs.story import (
    ANSWER,
    BUILT,
    CHART,
    CHART_WISH,
    CHART_WORDS,
    CHARTED,
    DRAFT,
    GUIDE,
    MESSAGES_API,
    MORE,
    NEW_NAME,
    PLACE,
    QUESTION,
    RENAME,
    RENAMED,
    SEND,
    SEND_WISH,
    SENDING,
    WISH,
    Language,
)
from tests.fakes.openai_replies import Call, Says


@dataclass(frozen=True, slots=True)
class Scene:
    """What is done on the page after the story, what the model says to it, and the tools that the agent gets."""

    play: Callable[[Page, Language], Awaitable[None]]
    says: Callable[[Language], tuple[Says, ...]] = lambda language: ()
    tools: tuple[str, ...] = ("weather",)


async def story(page: Page, language: Language) -> None:
    """Describe the agent, then ask it something."""
    await page.locator("#create_input textarea").fill(WISH[language])
    await page.keyboard.press("Enter")
    await page.locator("#create_chat").get_by_text(BUILT[language]).wait_for()
    await page.locator("#preview_input textarea").fill(QUESTION[language])
    await page.keyboard.press("Enter")
    await page.locator("#preview_chat ol li").nth(2).wait_for()
    await page.wait_for_timeout(800)


async def _as_told(page: Page, language: Language) -> None:
    """The studio after its story."""


async def _configuring(page: Page, language: Language) -> None:
    await page.locator("#build_tabs button[role=tab]").nth(1).click()
    await page.locator(".st-section", has=page.locator("#cfg_tools")).evaluate("(it) => it.scrollIntoView()")


async def _history(page: Page, language: Language) -> None:
    """The versions, with what one of them changed."""
    await page.locator("#create_input textarea").fill(RENAME[language])
    await page.keyboard.press("Enter")
    await page.locator("#create_chat").get_by_text(RENAMED[language]).wait_for()
    await page.locator("[data-af=history] button").click()
    await page.locator(".st-version-head").nth(1).click()
    await page.locator(".st-version-details [data-field]").first.wait_for()


async def _conversations(page: Page, language: Language) -> None:
    """Several conversations with the agent, listed."""
    for question, answer in MORE[language]:
        await page.keyboard.press("Control+Shift+O")
        await page.locator("#preview_input textarea").fill(question)
        await page.keyboard.press("Enter")
        await page.locator("#preview_chat").get_by_text(answer).wait_for()
    await page.keyboard.press("Alt+4")


async def _charting(page: Page, language: Language) -> None:
    """A chart that the agent drew by running code."""
    await page.locator("#preview_input textarea").fill(CHART_WISH[language])
    await page.keyboard.press("Enter")
    await page.locator("#preview_chat").get_by_text(CHARTED[language]).wait_for()


async def _asking_first(page: Page, language: Language) -> None:
    """A message that waits to be allowed, by an API that was added from its description."""
    add = """async (description) => {
      const agent = new URL(location).searchParams.get("agent");
      const body = JSON.stringify({ text: description, operations: ["send_message"] });
      const headers = { "content-type": "application/json" };
      const answer = await fetch(`/api/agents/${agent}/apis`, { method: "POST", headers, body });
      if (!answer.ok) throw new Error(await answer.text());
    }"""
    await page.evaluate(add, json.dumps(MESSAGES_API))
    await page.locator("#preview_input textarea").fill(SEND_WISH[language])
    await page.keyboard.press("Enter")
    await page.locator("#preview_chat [role=group]").last.wait_for()


async def _knowing(page: Page, language: Language) -> None:
    """An answer from a file, with its source open."""
    name, text, question, _ = GUIDE[language]
    await page.locator("#build_tabs button[role=tab]").nth(2).click()
    file = {"name": name, "mimeType": "text/markdown", "buffer": text.encode()}
    await page.locator("#cfg_knowledge input[type=file]").first.set_input_files([file])  # type: ignore[list-item]
    await page.locator("[data-row][data-state=ready]").first.wait_for()
    await page.locator("#preview_input textarea").fill(question)
    await page.keyboard.press("Enter")
    cite = page.locator("#preview_chat .af-text .af-cite:visible").first
    await cite.click()


async def _published(page: Page) -> str:
    """Publishes the agent, and gives the address of a link to it."""
    publish = """async () => {
      const agent = new URL(location).searchParams.get("agent");
      const post = async (path, body) => {
        const headers = { "content-type": "application/json" };
        const options = { method: "POST", headers, body: JSON.stringify(body) };
        const answer = await fetch(`/api/agents/${agent}/${path}`, options);
        if (!answer.ok) throw new Error(await answer.text());
        return await answer.json();
      };
      await post("releases", {});
      return new URL((await post("links", { visibility: "link" })).path, location.href).href;
    }"""
    return await page.evaluate(publish)


async def _sharing(page: Page, language: Language) -> None:
    """What is published, and a link to it."""
    await _published(page)
    await page.reload()
    await page.locator("html[data-af-ready]").wait_for(state="attached")
    await page.locator("#build_tabs button[role=tab]").nth(3).click()


async def _visiting(page: Page, language: Language) -> None:
    """What whoever has the link sees, on a phone."""
    link = await _published(page)
    await page.set_viewport_size({"width": 390, "height": 844})
    await page.goto(link)
    await page.locator("#agent_input").fill(QUESTION[language])
    await page.keyboard.press("Enter")
    await page.locator("ol li").nth(2).wait_for()
    await page.locator("#agent_input").blur()


def _look_up(language: Language) -> Call:
    return _call("weather", {"city": PLACE[language], "days": 3})


def _call(tool: str, arguments: object) -> Call:
    return Call(tool, json.dumps(arguments, ensure_ascii=False))


AS_TOLD = Scene(_as_told)
CONFIGURING = Scene(_configuring)
HISTORY = Scene(
    _history,
    lambda language: (
        Says(calls=(_call("update_agent", {"name": NEW_NAME[language]}),)),
        Says(RENAMED[language]),
    ),
)
CONVERSATIONS = Scene(_conversations, lambda language: tuple(Says(answer) for _, answer in MORE[language]))
CHARTING = Scene(
    _charting,
    lambda language: (
        Says(calls=(_call("code_interpreter", {"code": CHART.format(**CHART_WORDS[language])}),)),
        Says(CHARTED[language]),
    ),
    tools=("weather", "code_interpreter"),
)
ASKING_FIRST = Scene(
    _asking_first, lambda language: (Says(SENDING[language], calls=(_call("send_message", SEND[language]),)),)
)
KNOWING = Scene(_knowing, lambda language: (Says(GUIDE[language][3]),))
SHARING = Scene(_sharing)
VISITING = Scene(_visiting, lambda language: (Says(calls=(_look_up(language),)), Says(ANSWER[language])))


def replies(language: Language, scene: Scene) -> tuple[Says, ...]:
    """What the fake model says, in order: the draft, the builder's last word, a look-up, the answer, and what the scene
    needs."""
    return (
        Says(calls=(_call("update_agent", DRAFT[language]), _call("choose_tools", {"enable": scene.tools}))),
        Says(BUILT[language]),
        Says(reasoning="Saturday in Hangzhou: look up the forecast first.", calls=(_look_up(language),)),
        Says(ANSWER[language]),
        *scene.says(language),
    )
