"""A local model of the file is nobody's default, until it answered when somebody tried it."""

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tests.client import Client, text_of
from tests.conftest import Serve
from tests.fakes.openai_replies import UNAUTHORIZED
from tests.fakes.openai_server import FakeOpenAI
from tests.fakes.openai_talents import Talents


async def tried(client: Client) -> str:
    """How a trial of the local model ended."""
    return (await client.collect("POST", "/api/trials", json={"model": "local"}))[-1].type


async def default_of(client: Client) -> str:
    return (await client.get("/api/models"))["default"]


@asynccontextmanager
async def local_model(serve: Serve, home: Path, base_url: str, **entry: Any) -> AsyncGenerator[Client]:
    """A server whose list has one model, on this machine and not to be chosen by itself."""
    home.mkdir(exist_ok=True)
    file = home / "models.json"
    local = {"type": "vllm", "model": "fake", "api_base": base_url, "default": False, "retry_for_s": 0, **entry}
    file.write_text(json.dumps({"local": local}), encoding="utf-8")
    async with serve(MODEL_CONFIG_FILE=str(file)) as client:
        yield client


async def test_a_local_model_that_answered_is_used_where_no_model_is_named(serve: Serve, home: Path) -> None:
    async with FakeOpenAI(fallback=Talents()) as server:
        async with local_model(serve, home, server.base_url) as client:
            assert await default_of(client) == ""
            assert await tried(client) == "run_finished"
            assert await default_of(client) == "local"
            agent = (await client.post("/api/agents"))["id"]
            events = await client.say(await client.conversation(agent), "Count")
            assert text_of(events) == "one, two, three, four, five"
        async with local_model(serve, home, server.base_url) as client:
            assert await default_of(client) == "local", "after a restart"


async def test_a_model_that_is_ready_by_itself_goes_before_it(serve: Serve, home: Path) -> None:
    async with (
        FakeOpenAI(fallback=Talents()) as server,
        local_model(serve, home, server.base_url) as client,
    ):
        await tried(client)
        await client.post("/api/endpoints", json={"url": server.base_url, "models": [{"model": "fake"}]})
        assert await default_of(client) == "fake"


async def test_a_local_model_that_does_not_answer_any_more_is_no_default(serve: Serve, home: Path) -> None:
    async with FakeOpenAI(fallback=Talents()) as server, local_model(serve, home, server.base_url) as client:
        await tried(client)
        server.script(UNAUTHORIZED)
        assert await tried(client) == "run_failed"
        assert await default_of(client) == ""


async def test_a_tried_model_that_came_to_need_a_key_is_no_default(serve: Serve, home: Path) -> None:
    async with FakeOpenAI(fallback=Talents()) as server:
        async with local_model(serve, home, server.base_url) as client:
            await tried(client)
        async with local_model(serve, home, server.base_url, api_key_env="SOME_API_KEY") as client:
            assert await default_of(client) == ""
