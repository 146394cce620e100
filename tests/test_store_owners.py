"""What belongs to one user is not there for another, whatever is asked of the store."""

import inspect
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from pydantic import SecretStr

from agentfabric.settings import Settings
from agentfabric.store.agents import AgentStore
from agentfabric.store.base import new_id
from agentfabric.store.blobs import Blobs
from agentfabric.store.checks import CheckStore
from agentfabric.store.conversations import ConversationStore
from agentfabric.store.database import Database
from agentfabric.store.endpoints import EndpointStore
from agentfabric.store.files import FileStore
from agentfabric.store.keys import Cipher
from agentfabric.store.preferences import Preferences
from agentfabric.store.readings import ReadingStore
from agentfabric.store.secrets import SecretStore
from agentfabric.store.shelf import Shelf
from agentfabric.store.values import ValueStore
from builder_core.draft import Author
from user_agent.config import AgentConfig
from user_agent.errors import NotFound
from user_agent.messages import user_message


@dataclass(frozen=True)
class World:
    """The stores, with one of everything in them that is ann's."""

    agents: AgentStore
    conversations: ConversationStore
    shelf: Shelf
    files: FileStore
    secrets: SecretStore
    preferences: Preferences
    endpoints: EndpointStore
    values: ValueStore
    readings: ReadingStore
    checks: CheckStore
    agent: str
    conversation: str
    turn: str
    file: str
    endpoint: str
    model: str


@pytest.fixture
async def world(tmp_path: Path) -> AsyncGenerator[World, None]:
    database = Database(f"sqlite:///{tmp_path}/agentfabric.db")
    await database.open()
    agents, conversations = AgentStore(database), ConversationStore(database)
    files = FileStore(database, Blobs(tmp_path / "blobs"))
    secrets = SecretStore(database, Cipher(Settings.load({"AGENTFABRIC_HOME": str(tmp_path)})))
    preferences = Preferences(database)
    agent = (await agents.create("ann", AgentConfig.from_document({"name": "ann's"}), "user")).id
    conversation = (await conversations.create("ann", agent, "preview")).id
    await conversations.create("ann", agent, "visit", visitor="ann")
    await conversations.builder_of("ann", agent)
    turn = await conversations.begin_turn("ann", conversation, user_message("private"), "p")
    file = await files.add("ann", purpose="knowledge", name="n", media_type="", data=b"private", agent_id=agent)
    await files.add("ann", purpose="attachment", name="n", media_type="", data=b"x", conversation_id=conversation)
    await secrets.set("ann", "KEY", SecretStr("private"))
    await preferences.set("ann", "language", "zh")
    endpoints = EndpointStore(database)
    await endpoints.add("ann", "e" * 24, name="n", base_url="https://api.example/v1", kind="openai", wants_key=False)
    values = ValueStore(database)
    await values.put("ann", agent, "city", '"private"')
    knowing = AgentConfig.from_document({"name": "ann's", "knowledge": [file.id]})
    await agents.edit("ann", agent, lambda _: knowing, author_of=form)
    readings = ReadingStore(database)
    await readings.settle("ann", agent)
    checks = CheckStore(database)
    await checks.put("ann", agent, basis="b", report="private")
    endpoint = await endpoints.add_models("ann", "e" * 24, {"m": {}}, taken=())
    yield World(
        agents,
        conversations,
        Shelf(database),
        files,
        secrets,
        preferences,
        endpoints,
        values,
        readings,
        checks,
        agent,
        conversation,
        turn,
        file.id,
        endpoint.id,
        endpoint.models[0].id,
    )
    await database.close()


def renamed(config: AgentConfig) -> AgentConfig:
    return config.replaced({"name": "bob's"})


def form(field: str, /) -> Author:
    return "form"


Call = Callable[[World, str], Awaitable[object]]

REFUSED: dict[str, Call] = {
    "AgentStore.get": lambda w, who: w.agents.get(who, w.agent),
    "AgentStore.edit": lambda w, who: w.agents.edit(who, w.agent, renamed, author_of=form),
    "AgentStore.delete": lambda w, who: w.agents.delete(who, w.agent),
    "AgentStore.undelete": lambda w, who: w.agents.undelete(who, w.agent),
    "ConversationStore.create": lambda w, who: w.conversations.create(who, w.agent, "preview"),
    "ConversationStore.builder_of": lambda w, who: w.conversations.builder_of(who, w.agent),
    "ConversationStore.get": lambda w, who: w.conversations.get(who, w.conversation),
    "ConversationStore.messages": lambda w, who: w.conversations.messages(who, w.conversation),
    "ConversationStore.material": lambda w, who: w.conversations.material(who, w.conversation),
    "ConversationStore.shown": lambda w, who: w.conversations.shown(who, w.conversation),
    "ConversationStore.show": lambda w, who: w.conversations.show(who, w.conversation, w.turn),
    "ConversationStore.question": lambda w, who: w.conversations.question(who, w.turn),
    "ConversationStore.begin_turn": lambda w, who: w.conversations.begin_turn(
        who, w.conversation, user_message("x"), "p"
    ),
    "ConversationStore.turn": lambda w, who: w.conversations.turn(who, w.turn),
    "Shelf.list": lambda w, who: w.shelf.list(who, w.agent),
    "Shelf.search": lambda w, who: w.shelf.search(who, w.agent, "private"),
    "Shelf.rename": lambda w, who: w.shelf.rename(who, w.conversation, "bob's"),
    "Shelf.discard": lambda w, who: w.shelf.discard(who, w.conversation),
    "Shelf.put_away": lambda w, who: w.shelf.put_away(who, w.conversation),
    "Shelf.bring_back": lambda w, who: w.shelf.bring_back(who, w.agent, w.conversation),
    "Shelf.bring_back_builder": lambda w, who: w.shelf.bring_back_builder(who, w.agent),
    "FileStore.add": lambda w, who: w.files.add(
        who, purpose="attachment", name="n", media_type="", data=None, conversation_id=w.conversation
    ),
    "FileStore.get": lambda w, who: w.files.get(who, w.file),
    "FileStore.read": lambda w, who: w.files.read(who, w.file),
    "FileStore.replace": lambda w, who: w.files.replace(who, w.file, data=b"bob's", media_type=""),
    "FileStore.file_under": lambda w, who: w.files.file_under(who, w.file, ["bob's"]),
    "FileStore.delete": lambda w, who: w.files.delete(who, w.file),
    "FileStore.list": lambda w, who: w.files.list(who, w.agent, "knowledge"),
    "EndpointStore.get": lambda w, who: w.endpoints.get(who, w.endpoint),
    "EndpointStore.change": lambda w, who: w.endpoints.change(who, w.endpoint, {"base_url": "https://evil.example"}),
    "EndpointStore.remove": lambda w, who: w.endpoints.remove(who, w.endpoint),
    "EndpointStore.add_models": lambda w, who: w.endpoints.add_models(who, w.endpoint, {"x": {}}, taken=()),
    "EndpointStore.change_model": lambda w, who: w.endpoints.change_model(who, w.model, name="bob's"),
    "EndpointStore.remove_model": lambda w, who: w.endpoints.remove_model(who, w.model),
    "ValueStore.list": lambda w, who: w.values.list(who, w.agent),
    "ValueStore.get": lambda w, who: w.values.get(who, w.agent, "city"),
    "ValueStore.put": lambda w, who: w.values.put(who, w.agent, "city", '"bob"'),
    "ValueStore.delete": lambda w, who: w.values.delete(who, w.agent, "city"),
    "ValueStore.clear": lambda w, who: w.values.clear(who, w.agent),
    "CheckStore.get": lambda w, who: w.checks.get(who, w.agent),
    "CheckStore.put": lambda w, who: w.checks.put(who, w.agent, basis="b", report="bob's"),
    "ReadingStore.settle": lambda w, who: w.readings.settle(who, w.agent),
    "ReadingStore.retry": lambda w, who: w.readings.retry(who, w.agent, w.file),
    "ReadingStore.refresh": lambda w, who: w.readings.refresh(who, w.agent, w.file),
    "ReadingStore.cancel": lambda w, who: w.readings.cancel(who, w.agent, w.file),
}
"""Calls that name something of ann's."""

EMPTY: dict[str, Call] = {
    "Shelf.visits": lambda w, who: w.shelf.visits(who, w.agent),
    "AgentStore.in_use": lambda w, who: w.agents.in_use(who),
    "AgentStore.list": lambda w, who: w.agents.list(who),
    "ConversationStore.running": lambda w, who: w.conversations.running(who, w.agent),
    "FileStore.of_conversation": lambda w, who: w.files.of_conversation(who, w.conversation),
    "SecretStore.names": lambda w, who: w.secrets.names(who),
    "SecretStore.values": lambda w, who: w.secrets.values(who),
    "SecretStore.kept": lambda w, who: w.secrets.kept(who),
    "EndpointStore.list": lambda w, who: w.endpoints.list(who),
    "Preferences.get": lambda w, who: w.preferences.get(who, "language"),
}
"""Calls that give what the caller has."""

OWN_ROWS: dict[str, Call] = {
    "AgentStore.create": lambda w, who: w.agents.create(who, AgentConfig.from_document({}), "user"),
    "SecretStore.set": lambda w, who: w.secrets.set(who, "KEY", SecretStr("other")),
    "SecretStore.delete": lambda w, who: w.secrets.delete(who, "KEY"),
    "Preferences.set": lambda w, who: w.preferences.set(who, "language", "en"),
    "EndpointStore.add": lambda w, who: w.endpoints.add(
        who, new_id(), name="n", base_url="https://api.example/v1", kind="openai", wants_key=False
    ),
}
"""Calls that write rows of the caller."""

WITHOUT_OWNER = {
    "ConversationStore.end_turn",
    "Shelf.erase",
    "Shelf.erase_empty",
    "Shelf.erase_silent",
    "SecretStore.encrypt_anew",
    "SecretStore.any_opens",
    "ReadingStore.compare",
}
"""What the server does on its own account."""


def test_every_method_of_every_store_is_tried_here() -> None:
    own = (AgentStore, ConversationStore, Shelf, FileStore, SecretStore, Preferences, EndpointStore, ValueStore)
    stores = (*own, ReadingStore, CheckStore)
    methods = {
        f"{store.__name__}.{name}"
        for store in stores
        for name, _ in inspect.getmembers(store, inspect.iscoroutinefunction)
        if not name.startswith("_")
    }
    assert methods == {*REFUSED, *EMPTY, *OWN_ROWS, *WITHOUT_OWNER}


@pytest.mark.parametrize("method", REFUSED)
async def test_a_strangers_call_is_answered_as_if_nothing_was_there(world: World, method: str) -> None:
    with pytest.raises(NotFound) as foreign:
        await REFUSED[method](world, "bob")
    absent = World(
        world.agents,
        world.conversations,
        world.shelf,
        world.files,
        world.secrets,
        world.preferences,
        world.endpoints,
        world.values,
        world.readings,
        world.checks,
        *("0" * 24 for _ in range(6)),
    )
    with pytest.raises(NotFound) as nothing:
        await REFUSED[method](absent, "bob")
    for given in (world.agent, world.conversation, world.turn, world.file, world.endpoint, world.model):
        foreign.value.message = foreign.value.message.replace(given, "0" * 24)
    assert (foreign.value.message, foreign.value.params) == (nothing.value.message, nothing.value.params)


@pytest.mark.parametrize("method", EMPTY)
async def test_a_stranger_has_nothing(world: World, method: str) -> None:
    assert await EMPTY[method](world, "ann")
    assert not await EMPTY[method](world, "bob")


async def test_whatever_a_stranger_calls_the_owners_rows_stay_as_they_are(world: World) -> None:
    for call in (*REFUSED.values(), *EMPTY.values(), *OWN_ROWS.values()):
        try:
            await call(world, "bob")
        except NotFound:
            continue
    assert (await world.agents.get("ann", world.agent)).config.name == "ann's"
    assert [item.id for item in await world.agents.list("ann")] == [world.agent]
    stored = await world.conversations.messages("ann", world.conversation)
    assert [item.message.text for item in stored] == ["private"]
    assert await world.files.read("ann", world.file) == b"private"
    assert (await world.secrets.values("ann"))["KEY"].get_secret_value() == "private"
    assert await world.preferences.get("ann", "language") == "zh"
    assert await world.values.get("ann", world.agent, "city") == '"private"'
    assert [item.state for item in (await world.readings.settle("ann", world.agent)).files] == ["queued"]
