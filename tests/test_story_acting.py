"""Agents that act, as a new user meets them: weather, code and an MCP server in one answer with a chart; a message that
waits to be allowed; and what is said where a key is wrong, a server dead, a loop endless."""

import json
import os
import re
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect
from pytest import TempPathFactory

from tests.browser import BROWSER_TEST
from tests.client import Client
from tests.fakes.hostile_server import HostileServer
from tests.fakes.hostile_server import page as answer
from tests.fakes.mcp_server import FakeMcp
from tests.fakes.openai_replies import Call, Says
from tests.fakes.openai_server import FakeOpenAI
from tests.fakes.weather_server import WeatherServer
from tests.sandbox import require_sandbox, sandbox_variables
from tests.studio_page import Studio, opened
from tests.studio_server import model_list, started

pytestmark = BROWSER_TEST

TWILIO = Path(os.environ.get("AGENTFABRIC_TEST_DATA", "../shared/data")) / "openapi/twilio-oai__twilio_supersim_v1.json"
CHART = """
import matplotlib.pyplot as plt
print("highest:", max([17, 19, 16]))
plt.bar(["周五", "周六", "周日"], [17, 19, 16])
plt.title("杭州气温")
plt.show()
"""
WEATHER = Call("weather", '{"city": "杭州"}', "call_weather")
SHELF = Call("shelf__look", '{"shelf": "umbrellas"}', "call_shelf")
WRONG_KEY = "a-key-that-nobody-gave-out"


def code(text: str) -> Call:
    return Call("code_interpreter", json.dumps({"code": text}), "call_code")


@dataclass(frozen=True)
class World:
    """A studio with a model, and the services that its agents act on."""

    base_url: str
    model: FakeOpenAI
    shelf: FakeMcp
    twilio: HostileServer

    async def agent(self, *tools: str, language: str = "en") -> str:
        async with Client(self.base_url) as client:
            config = {"name": "Heron", "language": language, "tools": {tool: {"use": True} for tool in tools}}
            return str((await client.post("/api/agents", json={"config": config}))["id"])

    async def api(self, agent: str, text: str, operation: str, key: str) -> None:
        choice = {"text": text, "operations": [operation], "server": self.twilio.base_url, "key": key}
        async with Client(self.base_url) as client:
            await client.post(f"/api/agents/{agent}/apis", json=choice)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def grounds(weather: WeatherServer, tmp_path_factory: TempPathFactory) -> AsyncGenerator[World, None]:
    home = tmp_path_factory.mktemp("acting")
    weather.bad_keys[WRONG_KEY] = "invalid"
    async with FakeOpenAI() as model, FakeMcp() as shelf, HostileServer() as twilio:
        file = home / "models.json"
        file.write_text(model_list(model.base_url), encoding="utf-8")
        environment = {
            "AGENTFABRIC_HOME": str(home / "home"),
            "MODEL_CONFIG_FILE": str(file),
            "OPEN_METEO_BASE_URL": weather.base_url,
            "AMAP_BASE_URL": weather.base_url,
            "AMAP_TOKEN": WRONG_KEY,
            "AGENTFABRIC_TRUSTED_ORIGINS": f"{shelf.origin},{twilio.base_url}",
            **sandbox_variables(),
        }
        with started(environment) as base_url:
            yield World(base_url, model, shelf, twilio)


@pytest.fixture
def world(grounds: World) -> World:
    grounds.shelf.reset()
    grounds.twilio.asked.clear()
    grounds.model.replies.clear()
    return grounds


async def _connected(page: Page, world: World, title: str, connect: str, use: str) -> None:
    """Names the MCP server as a person does, by pasting what other programs write."""
    await page.get_by_role("button", name=title).click()
    dialog = page.locator("dialog[open].st-mcp-dialog")
    await dialog.get_by_role("textbox").first.fill(json.dumps({"mcpServers": {"shelf": {"url": world.shelf.url}}}))
    await dialog.get_by_role("button", name=connect).click()
    await dialog.get_by_label("Look it up").check()
    await dialog.get_by_role("button", name=use).click()
    await expect(dialog).to_have_count(0)


@pytest.mark.parametrize(
    ("language", "button", "add", "connect", "use", "said"),
    [
        ("en", "English", "Add MCP servers", "Connect", "Use 1", "Saturday is the warmest day, and take an umbrella."),
        ("zh", "中文", "添加 MCP 服务", "连接", "使用", "周六最暖和，记得带伞。"),
    ],
)
async def test_weather_code_and_an_mcp_server_answer_with_a_chart_in_the_chat(
    page: Page, world: World, language: str, button: str, add: str, connect: str, use: str, said: str
) -> None:
    require_sandbox()
    agent = await world.agent("weather", "code_interpreter", language=language)
    studio = await opened(page, f"{world.base_url}/?agent={agent}")
    await studio.language("中文" if button == "中文" else "English")
    await studio.configure()
    await _connected(page, world, add, connect, use)
    world.model.script(Says(calls=(WEATHER, SHELF)), Says(calls=(code(CHART),)), Says(said))
    await studio.ask("杭州这几天多少度？画成图。")
    await expect(studio.answers("preview").last).to_contain_text(said)
    steps = studio.log("preview").locator("[data-tool]")
    await expect(steps).to_have_count(3)
    chart = studio.answers("preview").last.locator("img").first
    await expect(chart).to_be_visible()
    assert await chart.evaluate("(img) => img.complete && img.naturalWidth > 200")
    asked = json.dumps(world.model.requests[-1].body["messages"], ensure_ascii=False)
    assert "look: three apples" in asked and "highest: 19" in asked
    await page.reload()
    await expect(studio.answers("preview").last.locator("img").first).to_be_visible()


@pytest.mark.skipif(not TWILIO.is_file(), reason=f"{TWILIO} is not here; point AGENTFABRIC_TEST_DATA at the test data")
async def test_a_twilio_description_drafts_a_message_and_waits_for_allow(page: Page, world: World) -> None:
    world.twilio.fallback = answer(b'{"sid": "HC1", "status": "queued"}', media_type="application/json")
    agent = await world.agent()
    await world.api(agent, TWILIO.read_text(encoding="utf-8"), "CreateSmsCommand", "AC1:canary-token")
    studio = await opened(page, f"{world.base_url}/?agent={agent}")
    arguments = {"body": {"Sim": "HS1", "Payload": "Where are you?"}}
    world.model.script(
        Says("I will send it.", calls=(Call("CreateSmsCommand", json.dumps(arguments)),)), Says("It is on its way.")
    )
    await studio.ask("Ask the device where it is, by SMS")
    card = studio.log("preview").get_by_role("group", name=re.compile("Allow"))
    await expect(card).to_contain_text("Where are you?")
    assert not world.twilio.asked
    await card.get_by_role("button", name="Allow", exact=True).click()
    await expect(studio.answers("preview").last).to_contain_text("It is on its way.")
    (sent,) = world.twilio.asked
    assert sent.target == "/v1/SmsCommands" and b"Payload=Where%20are%20you%3F" in sent.body
    assert "canary" not in await page.content()


async def _failed(studio: Studio, tool: str) -> str:
    """What the person reads who opens a step that did not work."""
    step = studio.log("preview").locator(f"[data-tool={tool}]").last
    await step.locator("summary").first.click()
    return await step.inner_text()


async def test_a_wrong_key_a_dead_server_and_an_endless_loop_each_end_in_a_sentence_that_helps(
    page: Page, world: World
) -> None:
    require_sandbox()
    agent = await world.agent("amap_weather", "code_interpreter")
    studio = await opened(page, f"{world.base_url}/?agent={agent}")
    await studio.configure()
    await _connected(page, world, "Add MCP servers", "Connect", "Use 1")
    told = Says("That did not work.")
    world.model.script(Says(calls=(Call("amap_weather", '{"location": "杭州"}'),)), told)
    await studio.ask("How is the weather?")
    assert "key" in await _failed(studio, "amap_weather")
    world.shelf.refused = 503
    world.model.script(Says(calls=(SHELF,)), told)
    await studio.ask("What is on the shelf?")
    failed = await _failed(studio, "shelf__look")
    assert "shelf" in failed and "503" in failed
    world.model.script(Says(calls=(code("print('step 1', flush=True)\nwhile True: pass"),)), told)
    await studio.ask("Count on and on")
    failed = await _failed(studio, "code_interpreter")
    assert "step 1" in failed and "Look for a loop that does not end" in failed
