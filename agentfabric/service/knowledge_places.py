"""Where indexes of knowledge are: each in a folder of its own, or all in the PostgreSQL that the studio runs on."""

import asyncio
import shutil
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

from agentfabric.store.database import Database
from user_agent.knowledge.finding.fused import FusedIndex
from user_agent.knowledge.finding.sqlite import SqliteIndex

if TYPE_CHECKING:
    from agentfabric.store.knowledge.keeping import KnowledgeDatabase

Kind = Literal["agents", "conversations"]
"""Whose an index is."""


class IndexPlace(Protocol):
    """Opens indexes and does away with them. They are told apart by ids that were made here."""

    def index(self, kind: Kind, id: str) -> FusedIndex:
        """An index that is empty where it is new."""
        ...

    async def forget(self, kind: Kind, id: str) -> None:
        """An index is gone, which nobody has open."""
        ...


@asynccontextmanager
async def open_place(folder: Path, database: Database) -> AsyncGenerator[IndexPlace]:
    """The place for indexes beside a database, until the block ends."""
    if not database.is_postgresql:
        yield _Folders(folder)
        return
    # Here, as most have no such database.
    from agentfabric.store.knowledge.keeping import KnowledgeDatabase

    known = KnowledgeDatabase(database.beside())
    try:
        await known.open()
        yield _InDatabase(known)
    finally:
        await known.close()


@dataclass(frozen=True, slots=True)
class _Folders:
    folder: Path

    def index(self, kind: Kind, id: str) -> FusedIndex:
        return SqliteIndex(self.folder / kind / id / "index.db")

    async def forget(self, kind: Kind, id: str) -> None:
        await asyncio.to_thread(shutil.rmtree, self.folder / kind / id, ignore_errors=True)


@dataclass(frozen=True, slots=True)
class _InDatabase:
    known: "KnowledgeDatabase"

    def index(self, kind: Kind, id: str) -> FusedIndex:
        return FusedIndex(self.known.kept(f"{kind}/{id}"))

    async def forget(self, kind: Kind, id: str) -> None:
        await self.known.forget(f"{kind}/{id}")
