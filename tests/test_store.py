"""The database and the agents in it."""

import asyncio
import sqlite3
import stat
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.schema import CreateIndex, CreateTable

from agentfabric.store.agents import AgentStore
from agentfabric.store.base import Record
from agentfabric.store.database import Database
from agentfabric.store.records import AgentRecord, TurnRecord
from builder_core.draft import Author
from user_agent.config import AgentConfig
from user_agent.errors import ConfigError, Conflict, NotFound


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "new home" / "agentfabric.db"


@pytest.fixture
async def database(file: Path) -> AsyncGenerator[Database, None]:
    database = Database(f"sqlite:///{file}")
    await database.open()
    yield database
    await database.close()


@pytest.fixture
def agents(database: Database) -> AgentStore:
    return AgentStore(database)


def form(field: str, /) -> Author:
    return "form"


def config(**fields: object) -> AgentConfig:
    return AgentConfig.from_document(fields)


# ---- the database

PARTIAL_INDEXES = {"uq_conversations_builder", "uq_releases_live", "uq_turns_message_key", "uq_turns_running"}


async def test_home_and_database_are_for_their_owner_alone(database: Database, file: Path) -> None:
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in file.parent.iterdir()}
    assert modes["agentfabric.db"] == 0o600
    assert set(modes.values()) == {0o600}


async def test_the_migrated_tables_are_those_of_the_records(database: Database, file: Path) -> None:
    engine = create_engine(f"sqlite:///{file}")
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, Record.metadata) == []
        stored = {
            name: sql
            for name, sql in connection.execute(text("select name, sql from sqlite_master where sql like '%WHERE%'"))
        }
    engine.dispose()
    assert set(stored) == PARTIAL_INDEXES


def test_the_tables_can_be_made_in_postgresql() -> None:
    dialect = postgresql.dialect()
    for table in Record.metadata.sorted_tables:
        assert "CREATE TABLE" in str(CreateTable(table).compile(dialect=dialect))
        for index in table.indexes:
            sql = str(CreateIndex(index).compile(dialect=dialect))
            assert ("WHERE" in sql) == (index.name in PARTIAL_INDEXES)


async def test_a_database_from_a_newer_version_is_told_and_left_alone(database: Database, file: Path) -> None:
    await database.write(lambda session: session.execute(text("update alembic_version set version_num = '9999'")))
    newer = Database(f"sqlite:///{file}")
    with pytest.raises(ConfigError, match="newer version"):
        await newer.open()
    await newer.close()
    found = await database.read(lambda session: session.scalar(text("select version_num from alembic_version")))
    assert found == "9999"


async def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("these are my notes " * 100)
    database = Database(f"sqlite:///{file}")
    with pytest.raises(ConfigError, match="DATABASE_URL"):
        await database.open()
    await database.close()
    assert file.read_text().startswith("these are my notes")


@pytest.mark.parametrize("url", ["", "nonsense", "sqlite://", "sqlite:///:memory:", "mango://host/name"])
def test_a_url_that_keeps_nothing_is_refused(url: str) -> None:
    with pytest.raises(ConfigError, match="DATABASE_URL"):
        Database(url)


async def test_a_database_whose_server_or_driver_is_missing_is_told_without_its_password() -> None:
    database = Database("postgresql+psycopg://me:canary@127.0.0.1:1/name")
    with pytest.raises(ConfigError, match="cannot be opened") as caught:
        await database.open()
    await database.close()
    assert "canary" not in caught.value.message


async def test_an_error_inside_a_write_leaves_nothing_behind(database: Database, agents: AgentStore) -> None:
    def work(session: Session) -> None:
        session.execute(text("insert into preferences values ('ann', 'language', 'zh')"))
        raise LookupError

    with pytest.raises(LookupError):
        await database.write(work)
    assert await database.read(lambda session: session.scalar(text("select count(*) from preferences"))) == 0


async def test_a_second_process_reads_while_a_write_is_open(database: Database, file: Path) -> None:
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("begin immediate")
    assert await database.read(lambda session: session.scalar(text("select count(*) from agents"))) == 0
    other.execute("commit")
    other.close()


async def test_rows_never_point_to_what_is_not_there(database: Database) -> None:
    orphan = TurnRecord(conversation_id="none", owner="ann", state="running", process="p")
    with pytest.raises(IntegrityError):
        await database.write(lambda session: session.add(orphan))


# ---- agents


async def test_an_agent_is_kept_byte_for_byte(agents: AgentStore, database: Database) -> None:
    document = '{"zebra": {"x": 1.50, "y": [null, true]}, "name": "天气", "tools": {"a/b": {"odd": 1}}}'
    created = await agents.create("ann", AgentConfig.from_json(document), "import")
    read = await agents.get("ann", created.id)
    assert read.config.to_json() == AgentConfig.from_json(document).to_json()
    assert (read.revision, read.created, read.updated) == (1, created.created, created.updated)
    assert read.created.utcoffset() is not None
    assert await database.read(lambda session: session.scalar(text("select author from agents"))) == "import"


async def test_an_edit_says_what_it_changed_and_raises_the_revision(agents: AgentStore) -> None:
    agent = await agents.create("ann", config(name="one", other=[1]), "user")
    edited = await agents.edit("ann", agent.id, lambda old: old.replaced({"name": "two"}), author_of=form)
    assert [(item.field, item.before, item.after, item.author) for item in edited.change.changes] == [
        ("name", "one", "two", "form")
    ]
    assert edited.change.revision == edited.agent.revision == 2
    stored = await agents.get("ann", agent.id)
    assert stored.config.document == {"name": "two", "other": [1]}
    assert stored.updated > agent.updated


async def test_an_edit_that_changes_nothing_keeps_the_revision(agents: AgentStore) -> None:
    agent = await agents.create("ann", config(name="one"), "user")
    edited = await agents.edit("ann", agent.id, lambda old: old.replaced({"name": "one"}), author_of=form)
    assert (edited.change.revision, edited.change.changes) == (1, ())
    assert (await agents.get("ann", agent.id)).updated == agent.updated


async def test_another_revision_than_expected_is_a_conflict_and_changes_nothing(agents: AgentStore) -> None:
    agent = await agents.create("ann", config(name="one"), "user")
    with pytest.raises(Conflict) as caught:
        await agents.edit(
            "ann", agent.id, lambda old: old.replaced({"name": "two"}), author_of=form, expected_revision=7
        )
    assert caught.value.params == {"revision": 1}
    assert (await agents.get("ann", agent.id)).config.name == "one"


async def test_edits_at_the_same_time_all_arrive(agents: AgentStore) -> None:
    agent = await agents.create("ann", config(count=0), "user")

    def one_more(old: AgentConfig) -> AgentConfig:
        count = old.document["count"]
        assert isinstance(count, int)
        return old.replaced({"count": count + 1})

    await asyncio.gather(*(agents.edit("ann", agent.id, one_more, author_of=form) for _ in range(40)))
    stored = await agents.get("ann", agent.id)
    assert (stored.config.document["count"], stored.revision) == (40, 41)


async def test_only_one_of_two_edits_of_the_same_revision_wins(agents: AgentStore) -> None:
    agent = await agents.create("ann", config(), "user")
    outcomes = await asyncio.gather(
        *(
            agents.edit(
                "ann",
                agent.id,
                lambda old, name=name: old.replaced({"name": name}),
                author_of=form,
                expected_revision=1,
            )
            for name in ("a", "b")
        ),
        return_exceptions=True,
    )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Conflict", "Edited"]


@pytest.mark.parametrize("value", ["\ud800", "a\0b", float("nan")], ids=["surrogate", "nul", "nan"])
async def test_what_could_not_be_read_back_is_refused(agents: AgentStore, value: object) -> None:
    with pytest.raises(ConfigError):
        await agents.create("ann", AgentConfig.from_document({"name": "x", "odd": value}), "user")
    assert await agents.list("ann") == []


async def test_the_list_shows_what_changed_last_first(agents: AgentStore) -> None:
    first = await agents.create("ann", config(name="first", description="d", avatar="pic"), "user")
    second = await agents.create("ann", config(name="second"), "user")
    assert [item.id for item in await agents.list("ann")] == [second.id, first.id]
    await agents.edit("ann", first.id, lambda old: old.replaced({"name": "renamed"}), author_of=form)
    top = (await agents.list("ann"))[0]
    assert (top.id, top.name, top.description, top.avatar, top.revision) == (first.id, "renamed", "d", "pic", 2)


async def test_a_deleted_agent_is_gone_until_it_is_brought_back(agents: AgentStore) -> None:
    agent = await agents.create("ann", config(name="one"), "user")
    await agents.delete("ann", agent.id)
    assert await agents.list("ann") == []
    for call in (
        agents.get("ann", agent.id),
        agents.delete("ann", agent.id),
        agents.edit("ann", agent.id, lambda old: old, author_of=form),
    ):
        with pytest.raises(NotFound):
            await call
    await agents.undelete("ann", agent.id)
    await agents.undelete("ann", agent.id)
    assert (await agents.get("ann", agent.id)).config.name == "one"


@pytest.mark.parametrize("agent_id", ["", ".", "../../../etc", "x" * 5000, "a\0b", "\ud800", "' or 1=1 --"])
async def test_an_id_that_is_none_is_not_found(agents: AgentStore, agent_id: str) -> None:
    with pytest.raises(NotFound):
        await agents.get("ann", agent_id)


async def test_ids_cannot_be_guessed_from_one_another(agents: AgentStore, database: Database) -> None:
    made = [(await agents.create("ann", config(), "user")).id for _ in range(20)]
    assert len(set(made)) == 20
    assert len({identifier[:6] for identifier in made}) == 20
    stored = await database.read(lambda session: {record.id for record in session.query(AgentRecord)})
    assert stored == set(made)
