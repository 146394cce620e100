"""One code path: the same conversation by every way to an agent gives the same calls and the same words."""

import asyncio
import io
import json
import zipfile
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import httpx2
from a2a.client import A2ACardResolver, ClientConfig, ClientFactory
from a2a.types import Message, Part, Role, SendMessageRequest
from mcp.client.client import Client as McpClient
from mcp.client.streamable_http import streamable_http_client
from openai import AsyncOpenAI

from tests.client import Client
from tests.conftest import Serve
from tests.fakes.openai_replies import Call, Says
from tests.fakes.openai_server import FakeOpenAI
from tests.model_file import model_file
from tests.server import listening
from user_agent.serve.app import agent_app
from user_agent.serve.door import OpenDoor
from user_agent.serve.folder import FolderSettings, open_folder
from user_agent.serve.visitors import Visitors

STATIC = Path(__file__).parents[1] / "static"
SHOP = "https://shop.example"
QUESTION = "How much is 2+3?"
SCRIPT = (
    Says("Let me see.", calls=(Call("calculator", '{"expression": "2+3"}', "call_a"),)),
    Says("It is 5, as said in the book [1]."),
)
CONFIG = {
    "name": "Guide",
    "instruction": "Answer.",
    "model": "fake-model",
    "tools": {"calculator": {"is_active": True, "use": True}},
}


async def test_every_surface_runs_the_agent_by_one_path(serve: Serve, tmp_path: Path) -> None:
    async with FakeOpenAI() as model, serve(MODEL_CONFIG_FILE=model_file(tmp_path, model.base_url)) as client:
        agent = (await client.post("/api/agents", json={"config": CONFIG}))["id"]
        path = f"/api/agents/{agent}"
        await client.post(f"{path}/releases", json={})
        key = (await client.post(f"{path}/keys", json={}))["key"]
        ways = {**_ways(client, agent, key), "bundle": _bundle(client, agent, tmp_path)}
        words: dict[str, str] = {}
        asked: dict[str, list[Any]] = {}
        for name, ask in ways.items():
            before = len(model.requests)
            model.script(*SCRIPT)
            words[name] = await ask()
            asked[name] = [request.body for request in [*model.requests][before:]]
            model.assert_complete()

    assert words == dict.fromkeys(ways, words["preview"])
    assert "5" in words["preview"]
    first = asked["preview"]
    assert [message["role"] for message in first[1]["messages"]] == ["system", "user", "assistant", "tool"]
    for name, requests in asked.items():
        assert requests == first, name


def _ways(client: Client, agent: str, key: str) -> dict[str, Callable[[], Awaitable[str]]]:
    base, bearer = client.base_url, {"authorization": f"Bearer {key}"}

    async def preview() -> str:
        conversation = await client.conversation(agent)
        await client.say(conversation, QUESTION)
        return _said(await client.get(conversation))

    async def page() -> str:
        link = await client.post(f"/api/agents/{agent}/links", json={})
        async with Client(base + link["path"].rstrip("/")) as nobody:
            cookie = (await nobody.call("GET", "/")).headers["set-cookie"].partition(";")[0]
        async with Client(base + link["path"].rstrip("/"), {"cookie": cookie}) as visitor:
            return await _talked(visitor)

    async def embed() -> str:
        link = await client.post(f"/api/agents/{agent}/links", json={"origins": [SHOP]})
        page = await client.get(f"{link['path']}embed?origin={SHOP}")
        framed = json.loads(page.decode().partition('id="frame">')[2].partition("</script>")[0])
        inside = {"authorization": f"Bearer {framed['token']}"}
        async with Client(base + link["path"].rstrip("/"), inside) as visitor:
            return await _talked(visitor)

    async def openai() -> str:
        async with AsyncOpenAI(base_url=f"{base}/v1", api_key=key, max_retries=0) as asking:
            said: Any = [{"role": "user", "content": QUESTION}]
            answer = await asking.chat.completions.create(model=agent, messages=said)
        return answer.choices[0].message.content or ""

    async def mcp() -> str:
        async with httpx2.AsyncClient(headers=bearer) as http:
            streams: Any = streamable_http_client(f"{base}/agents/{agent}/mcp", http_client=http)
            async with McpClient(streams) as asking:
                answer = await asking.call_tool("ask", {"message": QUESTION})
        return answer.structured_content["text"]

    async def a2a() -> str:
        async with httpx.AsyncClient(headers=bearer, timeout=10) as http:
            card = await A2ACardResolver(http, f"{base}/agents/{agent}/a2a").get_agent_card()
            asking = ClientFactory(ClientConfig(httpx_client=http)).create(card)
            said = Message(message_id="1", role=Role.ROLE_USER, parts=[Part(text=QUESTION)])
            events = [event async for event in asking.send_message(SendMessageRequest(message=said))]
        return "".join(part.text for event in events for part in event.artifact_update.artifact.parts)

    return {"preview": preview, "page": page, "embed": embed, "openai": openai, "mcp": mcp, "a2a": a2a}


def _bundle(client: Client, agent: str, tmp_path: Path) -> Callable[[], Awaitable[str]]:
    """The agent as whoever unpacked its bundle runs it."""

    async def bundle() -> str:
        packed = await client.get(f"/api/agents/{agent}/bundle")
        folder = tmp_path / "unpacked"
        await asyncio.to_thread(zipfile.ZipFile(io.BytesIO(packed)).extractall, folder)
        async with _unpacked(folder) as base, Client(base) as nobody:
            cookie = (await nobody.call("GET", "/")).headers["set-cookie"].partition(";")[0]
            async with Client(base, {"cookie": cookie}) as visitor:
                return await _talked(visitor)

    return bundle


@asynccontextmanager
async def _unpacked(folder: Path) -> AsyncGenerator[str]:
    async with open_folder(folder / "config", FolderSettings({"MODEL_API_KEY": "sk-of-whoever-runs-it"})) as agent:
        app = await asyncio.to_thread(agent_app, OpenDoor(agent, Visitors(b"key")), STATIC)
        async with listening(app) as base:
            yield base


async def _talked(visitor: Client) -> str:
    conversation = f"/conversations/{(await visitor.post('/conversations'))['id']}"
    await visitor.say(conversation, QUESTION)
    return _said(await visitor.get(conversation))


def _said(thread: Any) -> str:
    """What the agent said in a conversation: its messages, as paragraphs."""
    answers = [message["parts"] for message in thread["messages"] if message["role"] == "assistant"]
    texts = ["".join(part["text"] for part in parts if part["type"] == "text") for parts in answers]
    return "\n\n".join(text for text in texts if text)
