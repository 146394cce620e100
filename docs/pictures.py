"""Takes the pictures of the README from the running app: `python -m docs.pictures`.

Chromium and the Python of the sandbox have to be installed. The model and the weather are the tests' fakes, with the
replies below; everything else is the product as it is.
"""

import asyncio
import json
import tempfile
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Literal

from playwright.async_api import Page, async_playwright

from tests.browser import ARGUMENTS, chromium_path
from tests.fakes.openai_replies import Call, Says
from tests.fakes.openai_server import FakeOpenAI
from tests.fakes.weather_server import WeatherServer
from tests.sandbox import sandbox_variables
from tests.terminal import terminal

IMAGES = Path(__file__).parent / "images"
Language = Literal["zh", "en"]

WISH = {
    "en": "I want an agent that plans weekend trips and knows the weather",
    "zh": "我想要一个能规划周末出行、会查天气的智能体",
}
QUESTION = {"en": "We are in Hangzhou on Saturday. Rain or shine?", "zh": "周六我们在杭州，会下雨吗？"}
DRAFT = {
    "en": {
        "name": "Weekend Compass",
        "description": "Plans relaxed weekend trips, with the weather in mind.",
        "instruction": "You plan weekend trips for people who want to rest, not to tick off sights.\n\n"
        "- Ask where they start and how far they like to go.\n- Look up the weather before you suggest anything.\n"
        "- Give one plan for sunshine and one for rain, with times and a place to eat.",
        "language": "en",
        "prologue": "Hello! Where shall we go this weekend?",
        "prompt_recommend": [
            "A quiet Saturday near Hangzhou",
            "Two days with small children",
            "What if it rains?",
            "Help me pack",
        ],
        "proposed": ["name", "prologue", "prompt_recommend"],
    },
    "zh": {
        "name": "周末指南针",
        "description": "看着天气，规划不赶路的周末出行。",
        "instruction": "你为想好好休息的人规划周末，而不是赶景点。\n\n- 先问从哪里出发、愿意走多远。\n"
        "- 给建议之前先查天气。\n- 晴天一个方案，雨天一个方案，写明时间和吃饭的地方。",
        "language": "zh",
        "prologue": "你好！这个周末想去哪里走走？",
        "prompt_recommend": ["杭州附近安静的一天", "带小孩玩两天", "下雨怎么办？", "帮我列行李清单"],
        "proposed": ["name", "prologue", "prompt_recommend"],
    },
}
BUILT = {
    "en": "Done. It looks up the weather before it suggests anything. Should it keep to a budget as well?",
    "zh": "填好了。它会先查天气，再给建议。要不要让它也考虑预算？",
}
PLACE = {"en": "Hangzhou", "zh": "杭州"}
ANSWER = {
    "en": "**Take an umbrella:** light rain is likely on Saturday, 17–25 °C.\n\n"
    "1. **Morning** – the tea museum in Longjing, dry and quiet.\n2. **Noon** – noodles at Manjuelong.\n"
    "3. **Afternoon** – if it clears, walk the Nine Creeks; if not, the silk museum.\n\n"
    "Sunday looks sunny: keep the lake for then.",
    "zh": "**带上伞：**周六多半有小雨，17–25 °C。\n\n1. **上午**：龙井的茶叶博物馆，室内，人少。\n"
    "2. **中午**：满觉陇吃片儿川。\n3. **下午**：雨停就走九溪，不停就去丝绸博物馆。\n\n周日放晴，西湖留到那天。",
}


RENAME = {"en": "Call it Slow Saturdays", "zh": "改名叫慢周末"}
RENAMED = {"en": "It is called Slow Saturdays now.", "zh": "现在叫慢周末了。"}
MORE = {
    "en": (
        ("What should two small children pack for a lake?", "Swim things, a spare set of clothes, and a ball."),
        ("A rainy Sunday with my parents", "A long breakfast, then the silk museum."),
    ),
    "zh": (
        ("带两个小孩去湖边要准备什么？", "泳衣、一套替换的衣服，再带一个球。"),
        ("下雨的周日陪爸妈去哪？", "先慢慢吃早茶，再去丝绸博物馆。"),
    ),
}


CHART_WISH = {"en": "Draw the three days as a chart", "zh": "把这三天画成图"}
CHARTED = {
    "en": "Saturday is the warmest of the three, and the only one with rain.",
    "zh": "周六最暖和，也只有周六有雨。",
}
CHART = """
import matplotlib.pyplot as plt
days, high, low = {days}, [24, 25, 22], [16, 17, 14]
figure, axes = plt.subplots(figsize=(7, 3))
axes.fill_between(days, low, high, color="#5b5bd6", alpha=0.18)
axes.plot(days, high, color="#5b5bd6", marker="o")
axes.plot(days, low, color="#5b5bd6", marker="o")
axes.set_title({title!r})
axes.set_ylabel("°C")
axes.spines[["top", "right"]].set_visible(False)
plt.show()
"""
CHART_WORDS = {
    "en": {"days": ["Friday", "Saturday", "Sunday"], "title": "Hangzhou, high and low"},
    "zh": {"days": ["周五", "周六", "周日"], "title": "杭州的最高和最低气温"},
}
SEND_WISH = {"en": "Send Anna the plan by SMS", "zh": "把计划用短信发给小安"}
SEND = {
    "en": {"body": {"To": "+44 20 7946 0018", "Body": "Saturday 9:00, Longjing tea museum. Bring an umbrella!"}},
    "zh": {"body": {"To": "+86 571 5550 0018", "Body": "周六 9 点，龙井茶叶博物馆见，记得带伞！"}},
}
SENDING = {"en": "I have written it. It goes out when you allow it.", "zh": "写好了，你允许之后就发出。"}
MESSAGES_API = {
    "openapi": "3.0.1",
    "info": {"title": "Messages", "version": "1"},
    "servers": [{"url": "https://messages.example.com"}],
    "paths": {
        "/Messages": {
            "post": {
                "operationId": "send_message",
                "summary": "Send a message",
                "requestBody": {
                    "content": {
                        "application/x-www-form-urlencoded": {
                            "schema": {
                                "type": "object",
                                "properties": {"To": {"type": "string"}, "Body": {"type": "string"}},
                                "required": ["To", "Body"],
                            }
                        }
                    }
                },
                "responses": {"200": {"description": "It is queued."}},
            }
        }
    },
}

GUIDE = {
    "en": (
        "Lake huts.md",
        "# Lake huts\n\n## Booking\n\nA hut for four costs 38 euros a night. Book at the kiosk or by phone until noon "
        "of the day before.\n\n## Dogs\n\nDogs are welcome in huts 3 and 4, on a lead.\n",
        "Can we bring the dog to the huts?",
        "Yes: dogs are welcome in huts 3 and 4, on a lead [1]. A hut for four costs 38 euros a night; book by noon of "
        "the day before [2].",
    ),
    "zh": (
        "湖边小屋.md",
        "# 湖边小屋\n\n## 预订\n\n四人小屋每晚 380 元，前一天中午之前在售票处或打电话预订。\n\n## 宠物\n\n"
        "三号和四号小屋可以带狗，须牵绳。\n",
        "小屋可以带狗吗？",
        "可以：三号和四号小屋可以带狗，须牵绳 [1]。四人小屋每晚 380 元，前一天中午之前预订 [2]。",
    ),
}


def replies(language: Language, scene: "Scene") -> tuple[Says, ...]:
    """What the fake model says, in order: the draft, the builder's last word, a look-up, the answer, and what the scene
    needs."""
    more: tuple[Says, ...] = ()
    if scene is history:
        name = {"name": RENAME[language].removeprefix("Call it ").removeprefix("改名叫")}
        more = (Says(calls=(Call("update_agent", json.dumps(name, ensure_ascii=False)),)), Says(RENAMED[language]))
    if scene is conversations:
        more = tuple(Says(answer) for _, answer in MORE[language])
    if scene is charting:
        code = CHART.format(**CHART_WORDS[language])
        more = (Says(calls=(Call("code_interpreter", json.dumps({"code": code})),)), Says(CHARTED[language]))
    if scene is asking_first:
        send = Call("send_message", json.dumps(SEND[language], ensure_ascii=False))
        more = (Says(SENDING[language], calls=(send,)),)
    look_up = Call("weather", json.dumps({"city": PLACE[language], "days": 3}, ensure_ascii=False))
    if scene is visiting:
        more = (Says(calls=(look_up,)), Says(ANSWER[language]))
    if scene is knowing:
        more = (Says(GUIDE[language][3]),)
    fill = Call("update_agent", json.dumps(DRAFT[language], ensure_ascii=False))
    tools = ["weather", "code_interpreter"] if scene is charting else ["weather"]
    choose = Call("choose_tools", json.dumps({"enable": tools}))
    return (
        Says(calls=(fill, choose)),
        Says(BUILT[language]),
        Says(reasoning="Saturday in Hangzhou: look up the forecast first.", calls=(look_up,)),
        Says(ANSWER[language]),
        *more,
    )


async def story(page: Page, language: Language) -> None:
    """Describe the agent, then ask it something."""
    await page.locator("#create_input textarea").fill(WISH[language])
    await page.keyboard.press("Enter")
    await page.locator("#create_chat").get_by_text(BUILT[language]).wait_for()
    await page.locator("#preview_input textarea").fill(QUESTION[language])
    await page.keyboard.press("Enter")
    await page.locator("#preview_chat ol li").nth(2).wait_for()
    await page.wait_for_timeout(800)


async def as_told(page: Page, language: Language) -> None:
    """The studio after its story."""


async def configuring(page: Page, language: Language) -> None:
    await page.locator("#build_tabs button[role=tab]").nth(1).click()
    await page.locator(".st-section", has=page.locator("#cfg_tools")).evaluate("(it) => it.scrollIntoView()")


async def history(page: Page, language: Language) -> None:
    """The versions, with what one of them changed."""
    await page.locator("#create_input textarea").fill(RENAME[language])
    await page.keyboard.press("Enter")
    await page.locator("#create_chat").get_by_text(RENAMED[language]).wait_for()
    await page.locator("[data-af=history] button").click()
    await page.locator(".st-version-head").nth(1).click()
    await page.locator(".st-version-details [data-field]").first.wait_for()


async def conversations(page: Page, language: Language) -> None:
    """Several conversations with the agent, listed."""
    for question, answer in MORE[language]:
        await page.keyboard.press("Control+Shift+O")
        await page.locator("#preview_input textarea").fill(question)
        await page.keyboard.press("Enter")
        await page.locator("#preview_chat").get_by_text(answer).wait_for()
    await page.keyboard.press("Alt+4")


async def charting(page: Page, language: Language) -> None:
    """A chart that the agent drew by running code."""
    await page.locator("#preview_input textarea").fill(CHART_WISH[language])
    await page.keyboard.press("Enter")
    await page.locator("#preview_chat").get_by_text(CHARTED[language]).wait_for()


async def asking_first(page: Page, language: Language) -> None:
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


async def knowing(page: Page, language: Language) -> None:
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


async def published(page: Page) -> str:
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


async def sharing(page: Page, language: Language) -> None:
    """What is published, and a link to it."""
    await published(page)
    await page.reload()
    await page.locator("html[data-af-ready]").wait_for(state="attached")
    await page.locator("#build_tabs button[role=tab]").nth(3).click()


async def visiting(page: Page, language: Language) -> None:
    """What whoever has the link sees, on a phone."""
    link = await published(page)
    await page.set_viewport_size({"width": 390, "height": 844})
    await page.goto(link)
    await page.locator("#agent_input").fill(QUESTION[language])
    await page.keyboard.press("Enter")
    await page.locator("ol li").nth(2).wait_for()
    await page.locator("#agent_input").blur()


Scene = Callable[[Page, Language], Awaitable[None]]


async def shoot(language: Language, theme: Literal["light", "dark"], scene: Scene, name: str) -> None:
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        model = await stack.enter_async_context(FakeOpenAI(*replies(language, scene)))
        weather = await stack.enter_async_context(WeatherServer())
        entry = {"type": "openai", "model": "demo", "api_base": model.base_url, "reasoning": True}
        (folder / "models.json").write_text(json.dumps({"qwen-plus": entry}))
        settings = {
            "AGENTFABRIC_HOME": str(folder / "home"),
            "MODEL_CONFIG_FILE": str(folder / "models.json"),
            "OPEN_METEO_BASE_URL": weather.base_url,
            **sandbox_variables(),
        }
        base_url = (await stack.enter_async_context(terminal(settings))).base_url
        playwright = await stack.enter_async_context(async_playwright())
        browser = await playwright.chromium.launch(executable_path=chromium_path(), args=ARGUMENTS)
        page = await browser.new_page(
            locale="zh-CN" if language == "zh" else "en-US",
            color_scheme=theme,
            viewport={"width": 1440, "height": 900},
            device_scale_factor=1.5,
        )
        await page.goto(base_url)
        await story(page, language)
        await scene(page, language)
        await page.wait_for_timeout(600)
        await page.screenshot(path=IMAGES / f"{name}.png")
        await browser.close()


async def main() -> None:
    IMAGES.mkdir(exist_ok=True)
    for language in ("en", "zh"):
        await shoot(language, "light", as_told, f"studio-{language}-light")
        await shoot(language, "light", charting, f"chart-{language}-light")
        await shoot(language, "dark", asking_first, f"asking-{language}-dark")
        await shoot(language, "dark", configuring, f"configure-{language}-dark")
        await shoot(language, "light", knowing, f"knowledge-{language}-light")
        await shoot(language, "dark", sharing, f"share-{language}-dark")
        await shoot(language, "light", visiting, f"visit-{language}-light")
        await shoot(language, "light", history, f"history-{language}-light")
        await shoot(language, "dark", conversations, f"conversations-{language}-dark")


if __name__ == "__main__":
    asyncio.run(main())
