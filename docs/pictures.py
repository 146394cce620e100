"""Takes the pictures of the READMEs from the running app: `python -m docs.pictures`, or some: `… share visit`.

Chromium and the Python of the sandbox have to be installed. The model and the weather are the tests' fakes, with the
replies of `docs/scenes.py`; everything else is the product as it is.
"""

import asyncio
import json
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Literal

from playwright.async_api import async_playwright

from docs.scenes import (
    AS_TOLD,
    ASKING_FIRST,
    CHARTING,
    CONFIGURING,
    CONVERSATIONS,
    HISTORY,
    KNOWING,
    SHARING,
    VISITING,
    Scene,
    replies,
    story,
)
from docs.story import Language
from tests.browser import ARGUMENTS, chromium_path
from tests.fakes.openai_server import FakeOpenAI
from tests.fakes.weather_server import WeatherServer
from tests.sandbox import sandbox_variables
from tests.terminal import terminal

IMAGES = Path(__file__).parent / "images"
LANGUAGES: Sequence[Language] = ("en", "zh")


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
        await scene.play(page, language)
        await page.wait_for_timeout(600)
        await page.screenshot(path=IMAGES / f"{name}.png")
        await browser.close()


PICTURES: Mapping[str, tuple[Literal["light", "dark"], Scene]] = {
    "studio": ("light", AS_TOLD),
    "chart": ("light", CHARTING),
    "asking": ("dark", ASKING_FIRST),
    "configure": ("dark", CONFIGURING),
    "knowledge": ("light", KNOWING),
    "share": ("dark", SHARING),
    "visit": ("light", VISITING),
    "history": ("light", HISTORY),
    "conversations": ("dark", CONVERSATIONS),
}


async def main(names: Sequence[str]) -> None:
    IMAGES.mkdir(exist_ok=True)
    for language in LANGUAGES:
        for name in names or PICTURES:
            theme, scene = PICTURES[name]
            await shoot(language, theme, scene, f"{name}-{language}-{theme}")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
