"""The database: one transaction per piece of work, in a thread of its own pool, committed before it returns."""

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, NoSuchModuleError, OperationalError
from sqlalchemy.orm import Session

from agentfabric.store.migrations.run import migrate
from agentfabric.store.private import make_private_file, make_private_folder
from user_agent.errors import ConfigError, StorageFailed

READERS = 4
WRITERS = 4
BUSY_TIMEOUT_MS = 5_000

T = TypeVar("T")


class Database:
    """A SQLite file, or another database by its SQLAlchemy URL. Open it before use; who opens it closes it.

    SQLite has one writer at a time: its writes queue for one thread, which costs less than waiting for locks.
    """

    def __init__(self, url: str | URL) -> None:
        self._url = _parsed(url)
        self._engine: Engine | None = None
        self._reading: Engine | None = None
        self._writing: Engine | None = None
        writers = 1 if _is_sqlite(self._url) else WRITERS
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="database-read")
        self._writers = ThreadPoolExecutor(writers, thread_name_prefix="database-write")

    @property
    def is_postgresql(self) -> bool:
        return self._url.get_backend_name() == "postgresql"

    def beside(self) -> "Database":
        """The same one, with connections and threads of its own, which its owner opens and closes."""
        return Database(self._url)

    async def open(self) -> None:
        """Make the file and its folder where they are new, and bring the tables up to date.

        Raises `ConfigError` for what cannot be opened and for a database that a newer version has written.
        """
        await self._in(self._writers, self._open)

    async def read(self, work: Callable[[Session], T]) -> T:
        """What `work` returns. It sees one state of the database and must not change it. Raises `StorageFailed`."""
        return await self._in(self._readers, lambda: self._transaction(work, self._reading))

    async def write(self, work: Callable[[Session], T]) -> T:
        """What `work` returns, once everything it wrote is kept. If it raises, nothing is. Raises `StorageFailed`."""
        return await self._in(self._writers, lambda: self._transaction(work, self._writing))

    async def close(self) -> None:
        """Let the work that was begun end, then let go of every connection."""
        await asyncio.to_thread(self._close)

    async def _in(self, pool: ThreadPoolExecutor, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(pool, work)

    def _transaction(self, work: Callable[[Session], T], engine: Engine | None) -> T:
        if engine is None:
            raise RuntimeError("the database is not open")
        try:
            with Session(engine, expire_on_commit=False) as session, session.begin():
                return work(session)
        except OperationalError as error:
            reason = str(error.orig).splitlines()[0] if error.orig else type(error).__name__
            cure = "Check the disk's space and whether another program holds the database, then try again."
            raise StorageFailed(f"The database does not work just now: {reason}. {cure}") from error

    def _open(self) -> None:
        try:
            if _is_sqlite(self._url):
                path = Path(self._url.database or "")
                make_private_folder(path.parent)
                make_private_file(path)
            self._engine = _engine(self._url)
            self._reading = self._engine.execution_options(sqlite_begin="BEGIN")
            self._writing = self._engine.execution_options(sqlite_begin="BEGIN IMMEDIATE")
            with self._writing.begin() as connection:
                migrate(connection)
        except ImportError as error:
            cure = "Install its driver: `pip install -r requirements-postgres.txt`."
            if not self.is_postgresql or error.name not in (None, "psycopg"):
                cure = f"Install its driver, the Python package `{error.name}`."
            raise self._unusable(error, cure) from error
        except (OSError, DatabaseError) as error:
            cure = "Check `DATABASE_URL` and `AGENTFABRIC_HOME`, and whether this user may write there."
            raise self._unusable(error, cure) from error

    def _unusable(self, error: Exception, cure: str) -> ConfigError:
        reason = " ".join(str(getattr(error, "orig", None) or error).split()).rstrip(".")
        url = self._url.render_as_string(hide_password=True)
        return ConfigError(
            f"The database {url!r} cannot be opened: {reason}. {cure}", field="DATABASE_URL", reason=reason
        )

    def _close(self) -> None:
        self._writers.shutdown(cancel_futures=True)
        self._readers.shutdown(cancel_futures=True)
        if self._engine is not None:
            self._engine.dispose()


def _parsed(url: str | URL) -> URL:
    try:
        parsed = make_url(url)
        parsed.get_dialect()
    except (ArgumentError, NoSuchModuleError) as error:
        raise ConfigError(
            "`DATABASE_URL` is not a database URL. Write it like `sqlite:////data/agentfabric.db` "
            "or `postgresql+psycopg://user:password@host/name`.",
            field="DATABASE_URL",
            reason="not a database URL",
        ) from error
    if _is_sqlite(parsed) and parsed.database in (None, "", ":memory:"):
        raise ConfigError(
            "`DATABASE_URL` names no file, so nothing would be kept. Write it like `sqlite:////data/agentfabric.db`.",
            field="DATABASE_URL",
            reason="no file",
        )
    return parsed


def _is_sqlite(url: URL) -> bool:
    return url.get_backend_name() == "sqlite"


def _engine(url: URL) -> Engine:
    engine = create_engine(
        url,
        pool_size=READERS + WRITERS,
        max_overflow=0,
        pool_reset_on_return=None,  # every transaction here is ended by who began it
        pool_pre_ping=not _is_sqlite(url),
        hide_parameters=True,  # errors are logged, and what people wrote is not for the log
    )
    if _is_sqlite(url):
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _record: Any) -> None:  # Any: SQLAlchemy's pool entry
    # The driver would begin transactions by itself, and too late: at the first write instead of the first read.
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA foreign_keys = ON")


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get("sqlite_begin", "BEGIN"))
