"""Keys of agents in the studio: what one opens, what it does not, and how it ends."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import openai
import pytest
from a2a.types import TaskState
from openai import AsyncOpenAI

from agentfabric.store.agent_keys import AgentKeyStore
from agentfabric.store.agents import AgentStore
from agentfabric.store.database import Database
from tests.client import Client
from tests.conftest import Serve
from tests.fakes.openai_replies import Says
from tests.fakes.openai_server import FakeOpenAI
from tests.model_file import model_file
from tests.test_links import PRICE
from tests.test_serve_a2a import a2a_client, asking, last_task
from tests.test_serve_mcp import mcp_client
from user_agent.config import AgentConfig

TOKENS = {"AGENTFABRIC_TOKENS": "ann:the-token-of-ann,bob:the-token-of-bob"}
ANN, BOB = ({"Authorization": f"Bearer the-token-of-{name}"} for name in ("ann", "bob"))
HELLO: list[Any] = [{"role": "user", "content": "Hello"}]
CANARY = "canary of the instruction"


@dataclass
class Keyed:
    """A server with one published agent of ann's."""

    client: Client
    model: FakeOpenAI
    agent: str

    async def key(self, **wanted: Any) -> dict[str, Any]:
        return await self.client.post(f"/api/agents/{self.agent}/keys", headers=ANN, json={"label": "site", **wanted})

    def openai(self, key: str) -> AsyncOpenAI:
        return AsyncOpenAI(base_url=f"{self.client.base_url}/v1", api_key=key, max_retries=0)

    async def ask(self, key: str) -> str | None:
        async with self.openai(key) as client:
            answer = await client.chat.completions.create(model=self.agent, messages=HELLO)
        return answer.choices[0].message.content


@asynccontextmanager
async def keyed(serve: Serve, tmp_path: Path, **entry: object) -> AsyncGenerator[Keyed, None]:
    async with (
        FakeOpenAI() as model,
        serve(**TOKENS, MODEL_CONFIG_FILE=model_file(tmp_path, model.base_url, **entry)) as client,
    ):
        config = {"name": "Guide", "instruction": CANARY, "model": "fake-model"}
        agent = (await client.post("/api/agents", headers=ANN, json={"config": config}))["id"]
        await client.post(f"/api/agents/{agent}/releases", headers=ANN, json={})
        yield Keyed(client, model, agent)


async def test_a_key_opens_what_is_live_of_its_agent_and_nothing_else(serve: Serve, tmp_path: Path, home: Path) -> None:
    async with keyed(serve, tmp_path) as world:
        made = await world.key()
        path, bearer = f"/api/agents/{world.agent}", {"Authorization": f"Bearer {made['key']}"}
        await world.client.call("PATCH", f"{path}/config", headers=ANN, json={"instruction": "The draft's."})
        world.model.script(Says("Hello to you."))
        said = {"model": world.agent, "messages": HELLO, "config": {"instruction": "evil"}, "instruction": "evil"}
        answer = await world.client.call("POST", "/v1/chat/completions", headers=bearer, json=said)
        system = world.model.last.body["messages"][0]["content"]
        models = await world.client.get("/v1/models", headers=bearer)
        listed = (await world.client.get(f"{path}/keys", headers=ANN))["keys"]
        refused = {
            "the studio": await world.client.call("GET", "/api/agents", headers=bearer),
            "its own agent": await world.client.call("GET", path, headers=bearer),
            "the page": await world.client.call("GET", "/", headers=bearer),
            "the token as a key": await world.client.call("GET", "/v1/models", headers=ANN),
            "no key": await world.client.call("GET", "/v1/models"),
        }
        theirs = await world.client.call("GET", f"{path}/keys", headers=BOB)
        another = await world.client.call("POST", "/agents/another/mcp", headers=bearer, json={})
    kept = b"".join(file.read_bytes() for file in home.rglob("*") if file.is_file())

    assert answer.body["choices"][0]["message"]["content"] == "Hello to you."
    assert CANARY in system and "draft" not in system and "evil" not in system
    assert CANARY not in str(answer.body)
    assert [model["id"] for model in models["data"]] == [world.agent]
    assert listed[0]["last_used"] and listed[0]["prefix"] == made["key"][:8]
    assert "key" not in listed[0] and "digest" not in listed[0]
    assert {name: refusal.status for name, refusal in refused.items()} == dict.fromkeys(refused, 401)
    assert (theirs.status, another.status) == (404, 404)
    assert made["key"].encode() not in kept and made["prefix"].encode() in kept


async def test_a_key_opens_the_protocols_that_it_is_for_while_something_is_live(serve: Serve, tmp_path: Path) -> None:
    async with keyed(serve, tmp_path) as world:
        made, path = await world.key(scopes=["mcp"]), f"/agents/{world.agent}/mcp"
        bearer = {"Authorization": f"Bearer {made['key']}", "accept": "application/json, text/event-stream"}
        asked: dict[str, Any] = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
        mcp = await world.client.call("POST", path, headers=bearer, json=asked)
        card = await world.client.call("GET", f"/agents/{world.agent}/a2a/.well-known/agent-card.json", headers=bearer)
        with pytest.raises(openai.PermissionDeniedError):
            await world.ask(made["key"])
        await world.client.call("DELETE", f"/api/agents/{world.agent}/releases/1/live", headers=ANN)
        gone = await world.client.call("POST", path, headers=bearer, json=asked)
    assert (mcp.status, card.status, gone.status) == (200, 403, 404)


async def test_limits_of_a_key_hold(serve: Serve, tmp_path: Path) -> None:
    async with keyed(serve, tmp_path) as world:
        turns, tokens = await world.key(turns_per_day=1), await world.key(tokens_per_day=300)
        world.model.script(Says("One."), Says("Two.", usage=(200, 50)))
        assert await world.ask(turns["key"]) == "One."
        assert await world.ask(tokens["key"]) == "Two."
        for key in (turns, tokens):
            with pytest.raises(openai.RateLimitError) as refused:
                await world.ask(key["key"])
            assert 0 < int(refused.value.response.headers["retry-after"]) <= 24 * 3600
        world.model.assert_complete()


async def test_a_limit_of_money_holds_and_each_protocol_says_so_in_its_own_form(serve: Serve, tmp_path: Path) -> None:
    async with keyed(serve, tmp_path, price=PRICE) as world:
        made = await world.key(money_per_day=0.004)
        world.model.script(Says("One.", usage=(1_000, 180)))
        assert await world.ask(made["key"]) == "One."
        listed = await world.client.get(f"/api/agents/{world.agent}/keys", headers=ANN)
        with pytest.raises(openai.RateLimitError) as refused:
            await world.ask(made["key"])
        place = f"{world.client.base_url}/agents/{world.agent}"
        async with mcp_client(f"{place}/mcp", made["key"]) as client:
            told = await client.call_tool("ask", {"message": "Hello"})
        async with a2a_client(f"{place}/a2a", made["key"], streaming=False) as (client, _):
            task = await last_task(client, asking("Hello"))
        world.model.assert_complete()
    (key,) = listed["keys"]
    sentence = "This agent has answered as much as it may for now."
    assert (key["currency"], key["money_holds"], listed["price"]["output"]) == ("CNY", True, 10.0)
    assert key["today"] == {"turns": 1, "tokens": 1_180, "money": 0.0038}
    assert (refused.value.body, refused.value.status_code) == (
        {"message": sentence, "type": "rate_limit_error", "param": None, "code": "rate_limit_exceeded"},
        429,
    )
    assert told.is_error and told.content[0].text == sentence
    assert 0 < (told.meta or {})["agentfabric/retry_after_s"] <= 24 * 3600
    said = task.status.message
    assert (task.status.state, said.parts[0].text) == (TaskState.TASK_STATE_REJECTED, sentence)
    assert 0 < said.metadata["retry_after_s"] <= 24 * 3600


async def test_money_of_a_key_is_not_promised_where_nobody_knows_the_price(serve: Serve, tmp_path: Path) -> None:
    async with keyed(serve, tmp_path) as world:
        path = f"/api/agents/{world.agent}/keys"
        refused = await world.client.call("POST", path, headers=ANN, json={"money_per_day": 1})
        listed = await world.client.get(path, headers=ANN)
    assert (refused.status, refused.body["params"]) == (400, {"fault": "no_price"})
    assert listed == {"keys": [], "price": None}


async def test_revoking_and_taking_offline_end_open_answers_and_guessing_is_slowed(
    serve: Serve, tmp_path: Path
) -> None:
    async with keyed(serve, tmp_path) as world:
        revoked, offline = await world.key(), await world.key()
        path = f"/api/agents/{world.agent}"
        world.model.script(Says("on and on", ending="silent"), Says("on and on", ending="silent"))

        async def ended_by(key: str, ending: str) -> str | None:
            """How an open answer ends after this was deleted."""
            async with world.openai(key) as client:
                stream = await client.chat.completions.create(model=world.agent, messages=HELLO, stream=True)
                with pytest.raises(openai.APIError) as ended:
                    async for _ in stream:
                        await world.client.call("DELETE", ending, headers=ANN)
            return ended.value.code

        async with asyncio.timeout(10):
            codes = await asyncio.gather(
                ended_by(revoked["key"], f"{path}/keys/{revoked['id']}"),
                ended_by(offline["key"], f"{path}/releases/1/live"),
            )
        assert codes == ["invalid_api_key", "model_not_found"]
        assert [key["id"] for key in (await world.client.get(f"{path}/keys", headers=ANN))["keys"]] == [offline["id"]]
        statuses = [
            (await world.client.call("GET", "/v1/models", headers={"Authorization": f"Bearer af-{number}"})).status
            for number in range(11)
        ]
    assert (statuses[0], statuses[-1]) == (401, 429)


async def test_a_key_ends_with_its_time_and_with_its_agent(tmp_path: Path) -> None:
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    database = Database(f"sqlite:///{tmp_path / 'agentfabric.db'}")
    await database.open()
    try:
        agents, store = AgentStore(database), AgentKeyStore(database, clock=lambda: moment)
        agent = await agents.create("ann", AgentConfig(), "user")
        _, for_a_day = await store.create("ann", agent.id, label="", scopes=["mcp"], expires=moment + timedelta(days=1))
        key, for_ever = await store.create("ann", agent.id, label="", scopes=["mcp"])
        assert await store.find(for_a_day)
        for _ in range(2):
            found = await store.find(for_ever)
            assert found and found.id == key.id
            await store.used(found)
            moment += timedelta(seconds=59)
        used = {listed.id: listed.last_used for listed in await store.list("ann", agent.id)}
        assert used[key.id] == datetime(2026, 1, 1, tzinfo=UTC), "not written down again within the minute"
        moment += timedelta(days=2)
        assert await store.find(for_a_day) is None and await store.opens(key.id)
        await agents.delete("ann", agent.id)
        assert await store.find(for_ever) is None and not await store.opens(key.id)
    finally:
        await database.close()
