"""Databases that earlier versions wrote show what they showed."""

import asyncio
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine

from agentfabric.store import migrations
from agentfabric.store.conversations import ConversationStore
from agentfabric.store.database import Database


async def test_conversations_of_the_first_tables_go_on(tmp_path: Path) -> None:
    file = tmp_path / "agentfabric.db"
    await asyncio.to_thread(_write_first_tables, file)
    upgraded = Database(f"sqlite:///{file}")
    await upgraded.open()
    try:
        store = ConversationStore(upgraded)
        now = await store.shown("ann", "c")
        assert [item.message.text for item in now.messages] == ["z", "y", "x"]
        assert (now.conversation.head, now.versions) == ("x", {})
        assert (await store.shown("ann", "empty")).conversation.head is None
    finally:
        await upgraded.close()


def _write_first_tables(file: Path) -> None:
    """A conversation of three turns, whose ids are in another order, and an empty one."""
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    engine = create_engine(f"sqlite:///{file}")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
    engine.dispose()
    moment = datetime(2026, 1, 1, tzinfo=UTC).isoformat(sep=" ")
    old = sqlite3.connect(file)
    old.execute("insert into agents values ('a','ann','{}','','','',1,'user',?,?,null)", (moment, moment))
    old.execute("insert into conversations values ('c','a','ann','preview','t',?)", (moment,))
    old.execute("insert into conversations values ('empty','a','ann','preview','',?)", (moment,))
    for number, turn in enumerate(("z", "y", "x")):
        state = ("c", "ann", "finished", "p", moment, moment, "", 1)
        old.execute("insert into turns values (?,?,?,?,?,?,?,?,?)", (turn, *state))
        body = f'{{"role": "user", "parts": [{{"type": "text", "text": "{turn}"}}]}}'
        old.execute("insert into messages values (?,'c',?,?,?)", (f"m{number}", number + 1, turn, body))
    old.commit()
    old.close()
