"""Models on this machine, under *Models & keys*: each server is listed once, and one that answers is ready."""

import json
from collections.abc import AsyncGenerator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Locator, Page, Route, expect
from pytest import TempPathFactory

from tests.browser import BROWSER_TEST
from tests.client import Client
from tests.fakes.openai_server import FakeOpenAI
from tests.fakes.openai_talents import Talents
from tests.studio_page import Studio, opened
from tests.studio_server import started

pytestmark = BROWSER_TEST


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def local_server() -> AsyncGenerator[FakeOpenAI, None]:
    """A local server that has the model `fake`."""
    async with FakeOpenAI(fallback=Talents()) as server:
        yield server


@pytest.fixture(scope="module")
def studio_url(tmp_path_factory: TempPathFactory, local_server: FakeOpenAI) -> Iterator[str]:
    """A studio whose list has that model and one more at that server, and no model that is ready by itself."""
    home: Path = tmp_path_factory.mktemp("local")
    address = local_server.base_url.replace("127.0.0.1", "localhost")
    there = {"type": "vllm", "api_base": address, "default": False, "retry_for_s": 0}
    models = {"vllm-local": {**there, "model": "fake"}, "vllm-other": {**there, "model": "other"}}
    (home / "models.json").write_text(json.dumps(models), encoding="utf-8")
    port = address.rpartition(":")[2].removesuffix("/v1")
    environment = {"MODEL_CONFIG_FILE": str(home / "models.json"), "AGENTFABRIC_LOCAL_MODEL_PORTS": f"vllm:{port}"}
    with started({"AGENTFABRIC_HOME": str(home / "home"), **environment}) as base_url:
        yield base_url


def rows(part: Locator, model: str) -> Locator:
    return part.locator(f"[data-model='{model}']")


async def found(studio: Studio) -> Locator:
    await studio.models.get_by_role("button", name="Find local models").click()
    return studio.models.get_by_role("list", name="Found on this machine")


async def test_a_server_that_the_list_has_is_found_once(page: Page, studio_url: str) -> None:
    studio = await opened(page, studio_url)
    await studio.open_models()
    await expect(studio.models.get_by_role("heading", name="On this machine, once started")).to_be_visible()
    servers = await found(studio)
    await expect(servers).to_contain_text("In the list already")
    await expect(servers.get_by_role("button", name="Add")).to_have_count(0)
    for model in ("vllm-local", "vllm-other"):
        await expect(rows(studio.models, model)).to_have_count(1)
        await expect(rows(servers, model)).to_be_visible()
    await expect(rows(studio.models, "vllm-other")).to_contain_text("vLLM does not have other.")
    await expect(rows(studio.models, "vllm-local")).not_to_contain_text("does not have")
    await expect(studio.models.get_by_role("heading", name="On this machine, once started")).to_have_count(0)


async def test_what_else_a_listed_server_has_can_be_added(
    page: Page, studio_url: str, local_server: FakeOpenAI
) -> None:
    async def answer(route: Route) -> None:
        models = [{"model": name, "context_length": None} for name in ("fake", "new")]
        await route.fulfill(json=[{"url": local_server.base_url, "type": "vllm", "problem": "", "models": models}])

    await page.route("**/api/local-models", answer)
    studio = await opened(page, studio_url)
    await studio.open_models()
    servers = await found(studio)
    await servers.get_by_role("button", name="Add 1 model").click()
    card = studio.models.locator(".st-endpoint")
    await expect(rows(studio.models, "new")).to_have_count(1)
    await expect(rows(card, "vllm-local")).to_be_visible()
    await expect(rows(studio.models, "vllm-local")).to_have_count(1)
    await expect(servers).to_contain_text("Added")
    async with Client(studio_url) as client:
        for endpoint in await client.get("/api/endpoints"):
            await client.call("DELETE", f"/api/endpoints/{endpoint['id']}")


async def test_a_local_model_that_answers_when_it_is_tried_is_ready(page: Page, studio_url: str) -> None:
    studio = await opened(page, studio_url)
    guide = page.get_by_text("This is the built-in guide").locator("visible=true").first
    await expect(guide).to_be_visible()
    await studio.open_models()
    await expect(studio.models).to_contain_text("No model is ready yet")
    await rows(studio.models, "vllm-local").get_by_role("button", name="Try it").click()
    await expect(studio.models).to_contain_text("Agents without a model of their own run on vllm-local.")
    await expect(studio.models).not_to_contain_text("No model is ready yet")
    await expect(rows(studio.models, "vllm-local").get_by_role("status")).to_contain_text("It is ready")
    ready = studio.models.locator("section").filter(has=page.get_by_role("heading", name="Ready"))
    await expect(rows(ready, "vllm-local")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(guide).to_have_count(0)
