"""`python app.py` with its page, for the tests that tell a story in a browser: once without a model, once with a fake.

Both servers live as long as the session; a test gets one emptied of what other tests left there.
"""

import json
from collections.abc import AsyncGenerator, Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
import pytest_asyncio
from pytest import TempPathFactory

from tests.client import Client
from tests.conftest import forget_environment
from tests.fakes.dashscope_media import MediaServer
from tests.fakes.mcp_server import FakeMcp
from tests.fakes.openai_demo import demo_reply
from tests.fakes.openai_replies import Json, Says
from tests.fakes.openai_server import FakeOpenAI
from tests.fakes.sign_in_server import FakeSignIn
from tests.fakes.weather_server import WeatherServer
from tests.sandbox import sandbox_variables
from tests.terminal import app_process

MODEL = "demo-model"
LOCKED_MODEL = "locked-model"
TEXT_MODEL = "text-model"
LOCKED_MODEL_KEY = "LOCKED_MODEL_API_KEY"
MODEL_KEY = "sk-the-demo-key"
BROKEN_LINE = 5


@dataclass(frozen=True)
class Modelled:
    """A server whose default model is a fake."""

    base_url: str
    model: FakeOpenAI


@contextmanager
def started(environment: Mapping[str, str], *, port: int | None = None) -> Generator[str]:
    """A server that nothing of this machine's environment reaches; gives the base URL."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        forget_environment(monkeypatch)
        with app_process({"AGENTFABRIC_LOG_LEVEL": "error", **environment}, port=port) as server:
            yield server.base_url


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def weather() -> AsyncGenerator[WeatherServer, None]:
    """The weather's vendors, as both servers know them."""
    async with WeatherServer() as server:
        yield server


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def image_server() -> AsyncGenerator[MediaServer, None]:
    async with MediaServer(running=0) as server:
        yield server


@pytest.fixture
def images(image_server: MediaServer) -> MediaServer:
    """The vendors of pictures, as both servers know them, and as if nobody had asked them yet."""
    image_server.reset()
    return image_server


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def mcp_server() -> AsyncGenerator[FakeMcp, None]:
    async with FakeMcp() as server:
        yield server


@pytest.fixture
def shelf(mcp_server: FakeMcp) -> FakeMcp:
    """An MCP server that both servers may ask, as if nobody had asked it yet."""
    mcp_server.reset()
    return mcp_server


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def sign_in_server(mcp_server: FakeMcp) -> AsyncGenerator[FakeSignIn, None]:
    async with FakeSignIn(mcp_server.accepted) as server:
        yield server


@pytest.fixture
def locked_shelf(shelf: FakeMcp, sign_in_server: FakeSignIn) -> FakeSignIn:
    """Where to sign in to the MCP server, which wants that."""
    sign_in_server.reset()
    shelf.issuer = sign_in_server.url
    return sign_in_server


@pytest.fixture(scope="session")
def vendors(
    weather: WeatherServer, image_server: MediaServer, mcp_server: FakeMcp, sign_in_server: FakeSignIn
) -> dict[str, str]:
    """The variables that lead a server to the fakes instead of the vendors."""
    return {
        "OPEN_METEO_BASE_URL": weather.base_url,
        "AMAP_BASE_URL": weather.base_url,
        "DASHSCOPE_BASE_URL": image_server.base_url,
        "OPENAI_IMAGES_BASE_URL": image_server.openai_base_url,
        "AGENTFABRIC_TRUSTED_ORIGINS": f"{mcp_server.origin},{sign_in_server.url}",
    }


@pytest.fixture(scope="session")
def guided_server(tmp_path_factory: TempPathFactory, vendors: dict[str, str]) -> Iterator[str]:
    with started({"AGENTFABRIC_HOME": str(tmp_path_factory.mktemp("guided")), **vendors}) as base_url:
        yield base_url


@pytest_asyncio.fixture(loop_scope="session")
async def guided(guided_server: str) -> str:
    """The base URL of a server as it is installed, without any key: the guide answers."""
    await _emptied(guided_server)
    return guided_server


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def fake_model() -> AsyncGenerator[FakeOpenAI, None]:
    async with FakeOpenAI(fallback=_demonstration) as server:
        yield server


@pytest.fixture(scope="session")
def modelled_server(
    tmp_path_factory: TempPathFactory, vendors: dict[str, str], fake_model: FakeOpenAI
) -> Iterator[str]:
    home = tmp_path_factory.mktemp("modelled")
    file = home / "models.json"
    file.write_text(model_list(fake_model.base_url), encoding="utf-8")
    port = fake_model.base_url.rpartition(":")[2].removesuffix("/v1")
    ports = {"AGENTFABRIC_LOCAL_MODEL_PORTS": f"vllm:{port}"}
    environment = {"MODEL_CONFIG_FILE": str(file), **ports, **vendors, **sandbox_variables()}
    with started({"AGENTFABRIC_HOME": str(home / "home"), **environment}) as base_url:
        yield base_url


@pytest_asyncio.fixture(loop_scope="session")
async def modelled(modelled_server: str, fake_model: FakeOpenAI) -> AsyncGenerator[Modelled, None]:
    """A server with a model that plays what a test scripts, else a demonstration of its own."""
    await _emptied(modelled_server)
    fake_model.requests.clear()
    fake_model.replies.clear()
    yield Modelled(modelled_server, fake_model)
    fake_model.assert_complete()


def model_list(base_url: str) -> str:
    """A model list: one is ready with its key in the file, one is broken (`BROKEN_LINE`), one waits for its key, and
    one calls no functions."""
    ready: Json = {"type": "openai", "model": "demo", "api_base": base_url, "reasoning": True, "retry_for_s": 0}
    entries = (
        (MODEL, {**ready, "api_key": MODEL_KEY}),
        ("wool-model", {**ready, "api_base": "knitted"}),
        (LOCKED_MODEL, {**ready, "api_key_env": LOCKED_MODEL_KEY}),
        (TEXT_MODEL, {**ready, "api_key": MODEL_KEY, "is_function_call": False}),
    )
    return "{\n\n" + ",\n\n".join(f"{json.dumps(key)}: {json.dumps(entry)}" for key, entry in entries) + "\n}\n"


def _demonstration(body: Json) -> Says:
    return demo_reply(body, delay_s=0.002)


async def _emptied(base_url: str) -> None:
    """Takes away the agents and keys that earlier tests left, and stops what still runs."""
    async with Client(base_url) as client:
        for agent in await client.get("/api/agents"):
            path = f"/api/agents/{agent['id']}"
            for conversation in await client.get(f"{path}/conversations"):
                if conversation["busy"]:
                    await client.call("POST", f"/api/turns/{conversation['busy']}/stop")
            await client.call("DELETE", path)
        for endpoint in await client.get("/api/endpoints"):
            await client.call("DELETE", f"/api/endpoints/{endpoint['id']}")
        for name in (await client.get("/api/secrets"))["names"]:
            await client.call("DELETE", f"/api/secrets/{name}")
