"""A studio whose model is a fake."""

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.client import Client
from tests.conftest import Serve
from tests.fakes.openai_server import FakeOpenAI


def model_file(tmp_path: Path, base_url: str, **more: object) -> str:
    """A model list with one entry that asks the fake."""
    entry = {
        "type": "openai",
        "model": "fake",
        "api_base": base_url,
        "api_key": "sk-canary-key",
        "retry_for_s": 0,
        **more,
    }
    path = tmp_path / "models.json"
    path.write_text(json.dumps({"fake-model": entry}))
    return str(path)


@asynccontextmanager
async def conversing(serve: Serve, tmp_path: Path) -> AsyncGenerator[tuple[Client, FakeOpenAI, str]]:
    """A client of such a studio, its model, and the path of a new conversation with a new agent."""
    async with FakeOpenAI() as model, serve(MODEL_CONFIG_FILE=model_file(tmp_path, model.base_url)) as client:
        agent = await client.post("/api/agents")
        yield client, model, await client.conversation(agent["id"])
