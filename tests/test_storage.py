"""What an agent keeps between conversations: through the tool, in the database, and for its owner to see."""

import json
import sqlite3
from collections.abc import AsyncGenerator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from agentfabric.service.storage import AgentStorage
from agentfabric.store import values
from agentfabric.store.agents import AgentStore
from agentfabric.store.database import Database
from agentfabric.store.values import ValueStore
from tests.client import Client
from tests.conftest import Serve
from tests.fakes.openai_replies import Call, Says
from tests.fakes.openai_server import FakeOpenAI
from tests.model_file import model_file
from user_agent.config import AgentConfig
from user_agent.errors import NotFound
from user_agent.events import ToolFinished
from user_agent.messages import ToolCallPart
from user_agent.net import Http
from user_agent.tools.builtin.storage import MAX_VALUE_CHARS, STORAGE
from user_agent.tools.calling import call_tool
from user_agent.tools.context import Storage, ToolContext
from user_agent.words import Language

KEEPING = {"tools": {"storage": True}, "policies": {"storage": "allow"}}


@pytest.fixture
async def database(tmp_path: Path) -> AsyncGenerator[Database, None]:
    database = Database(f"sqlite:///{tmp_path}/agentfabric.db")
    await database.open()
    yield database
    await database.close()


@pytest.fixture
async def kept(database: Database) -> AgentStorage:
    """What one agent of ann's keeps."""
    agent = await AgentStore(database).create("ann", AgentConfig.from_document({}), "user")
    return AgentStorage(ValueStore(database), "ann", agent.id)


async def used(storage: Storage | None, language: Language = "en", **arguments: Any) -> ToolFinished:
    """One call of the tool, as the loop makes it."""
    async with Http() as http:
        context = ToolContext(http=http, language=language, storage=storage)
        call = ToolCallPart(id="call_1", name="storage", arguments=arguments)
        return await call_tool(call, {"storage": STORAGE}, context, timeout_s=30)


# --- the tool ---


@pytest.mark.parametrize("value", ["杭州", 3.5, True, 0, [], {"a": [1, None, {"b": "c"}]}, "x" * 10_000, "🌊\n<b>"])
async def test_what_is_set_is_what_is_got(kept: AgentStorage, value: Any) -> None:
    assert not (await used(kept, operate="set", key="城市", value=value)).failed
    finished = await used(kept, operate="get", key="城市")
    assert json.loads(finished.output) == {"key": "城市", "value": value}


async def test_keys_are_listed_in_order_and_by_how_they_begin(kept: AgentStorage) -> None:
    for key in ("trip/b", "trip/a", "home"):
        await used(kept, operate="set", key=key, value=1)
    assert json.loads((await used(kept, operate="list")).output) == {"keys": ["home", "trip/a", "trip/b"], "total": 3}
    assert json.loads((await used(kept, operate="list", key="trip/")).output)["keys"] == ["trip/a", "trip/b"]


async def test_a_value_takes_the_place_of_the_older_one_and_can_be_deleted(kept: AgentStorage) -> None:
    for value in ("old", "new"):
        await used(kept, operate="set", key="k", value=value)
    assert json.loads((await used(kept, operate="get", key="k")).output)["value"] == "new"
    assert not (await used(kept, operate="delete", key="k")).failed
    assert (await used(kept, operate="delete", key="k")).failed


async def test_the_predecessors_words_are_understood(kept: AgentStorage) -> None:
    await used(kept, operate="add", key="k", value="v")
    assert json.loads((await used(kept, operate="search", key="k")).output)["value"] == "v"
    assert json.loads((await used(kept, operate="scan")).output)["keys"] == ["k"]


@pytest.mark.parametrize(
    ("arguments", "zh", "en"),
    [
        ({"operate": "get", "key": "unknown"}, "已有的键：city", "The keys there are: city"),
        ({"operate": "delete", "key": "unknown"}, "已有的键：city", "The keys there are: city"),
        ({"operate": "get"}, "需要一个 key", "needs a key"),
        ({"operate": "set", "key": "k"}, "需要一个 value", "needs a value"),
        ({"operate": "set", "key": "k", "value": "x" * MAX_VALUE_CHARS}, "最多只能保存", "at most 15,000"),
        ({"operate": "set", "key": "k" * 101, "value": 1}, "key", "key"),
        ({"operate": "drop", "key": "k"}, "operate", "operate"),
    ],
)
async def test_a_call_that_cannot_be_made_says_what_to_do(
    kept: AgentStorage, arguments: dict[str, Any], zh: str, en: str
) -> None:
    await used(kept, operate="set", key="city", value=1)
    for language, said in (("zh", zh), ("en", en)):
        finished = await used(kept, language, **arguments)  # type: ignore[arg-type]
        assert finished.failed and said in finished.output
    assert await kept.keys() == ["city"]


async def test_where_nothing_can_be_kept_the_tool_says_so() -> None:
    finished = await used(None, operate="set", key="k", value=1)
    assert finished.failed and "no place here" in finished.output


async def test_what_no_database_takes_is_left_out(kept: AgentStorage) -> None:
    assert not (await used(kept, operate="set", key="a\0b", value="x\0y")).failed
    [key] = await kept.keys()
    finished = await used(kept, operate="get", key=key)
    assert not finished.failed and "\0" not in key + finished.output


# --- limits ---


async def test_a_full_storage_keeps_what_it_has_and_takes_room_that_is_made(
    kept: AgentStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(values, "MAX_VALUES", 2)
    for key in ("a", "b"):
        assert not (await used(kept, operate="set", key=key, value=1)).failed
    full = await used(kept, operate="set", key="c", value=1)
    assert full.failed and "full" in full.output
    assert not (await used(kept, operate="set", key="a", value="other")).failed
    await used(kept, operate="delete", key="b")
    assert not (await used(kept, operate="set", key="c", value=1)).failed


async def test_all_values_together_have_a_limit(kept: AgentStorage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(values, "MAX_CHARS", 100)
    assert not (await used(kept, operate="set", key="a", value="x" * 80)).failed
    assert (await used(kept, operate="set", key="b", value="x" * 30)).failed
    assert not (await used(kept, operate="set", key="a", value="y" * 90)).failed


# --- whose it is ---


async def test_agents_of_one_person_and_persons_keep_apart(database: Database, kept: AgentStorage) -> None:
    other = await AgentStore(database).create("ann", AgentConfig.from_document({}), "user")
    theirs = await AgentStore(database).create("bob", AgentConfig.from_document({}), "user")
    await kept.put("city", "Hangzhou")
    for user, agent in (("ann", other.id), ("bob", theirs.id)):
        assert await AgentStorage(kept.values, user, agent).keys() == []
    stranger = AgentStorage(kept.values, "bob", kept.agent_id)
    for call in (stranger.keys(), stranger.get("city"), stranger.put("city", 1), stranger.delete("city")):
        with pytest.raises(NotFound):
            await call
    assert await kept.get("city") == "Hangzhou"


async def test_it_is_out_of_sight_with_its_agent_and_erased_with_it(
    database: Database, kept: AgentStorage, tmp_path: Path
) -> None:
    agents = AgentStore(database)
    await kept.put("city", "Hangzhou")
    await agents.delete("ann", kept.agent_id)
    with pytest.raises(NotFound):
        await kept.keys()
    await agents.undelete("ann", kept.agent_id)
    assert await kept.get("city") == "Hangzhou"
    with closing(sqlite3.connect(tmp_path / "agentfabric.db")) as file:
        file.execute("PRAGMA foreign_keys = ON")
        file.execute("DELETE FROM agents")
        file.commit()
        assert file.execute("SELECT count(*) FROM stored_values").fetchone() == (0,)


# --- from end to end ---


async def test_an_agent_remembers_in_the_next_conversation_what_its_owner_can_see_and_remove(
    serve: Serve, tmp_path: Path
) -> None:
    keeps = Says(calls=(Call("storage", '{"operate": "set", "key": "favourite/city", "value": "杭州"}'),))
    looks = Says(calls=(Call("storage", '{"operate": "get", "key": "favourite/city"}'),))
    async with FakeOpenAI(keeps, Says("Noted."), looks, Says("Hangzhou!")) as model:
        async with serve(MODEL_CONFIG_FILE=model_file(tmp_path, model.base_url)) as client:
            agent = (await client.post("/api/agents"))["id"]
            await client.call("PATCH", f"/api/agents/{agent}/config", json=KEEPING)
            await client.say(await client.conversation(agent), "My favourite city is 杭州")
            [stored] = await _stored(client, agent)
            assert (stored["key"], stored["value"]) == ("favourite/city", "杭州")
            events = await client.say(await client.conversation(agent), "Which city do I like?")
            [finished] = [event.data for event in events if event.type == "tool_finished"]
            assert json.loads(finished["output"])["value"] == "杭州"
            copy = (await client.post(f"/api/agents/{agent}/duplicate"))["id"]
            assert await _stored(client, copy) == []
            gone = await client.call("DELETE", f"/api/agents/{agent}/storage/favourite/city")
            assert gone.status == 204
            assert await _stored(client, agent) == []
        model.assert_complete()


async def test_its_owner_takes_all_of_it_out_at_once(serve: Serve, tmp_path: Path) -> None:
    calls = tuple(Call("storage", json.dumps({"operate": "set", "key": key, "value": key}), key) for key in ("a", "b"))
    async with (
        FakeOpenAI(Says(calls=calls), Says("Noted.")) as model,
        serve(MODEL_CONFIG_FILE=model_file(tmp_path, model.base_url)) as client,
    ):
        agent = (await client.post("/api/agents"))["id"]
        await client.call("PATCH", f"/api/agents/{agent}/config", json=KEEPING)
        await client.say(await client.conversation(agent), "Keep a and b")
        assert [value["key"] for value in await _stored(client, agent)] == ["a", "b"]
        assert (await client.call("DELETE", f"/api/agents/{agent}/storage")).status == 204
        assert await _stored(client, agent) == []


async def _stored(client: Client, agent: str) -> list[dict[str, Any]]:
    return await client.get(f"/api/agents/{agent}/storage")
