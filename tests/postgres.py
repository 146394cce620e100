"""A PostgreSQL with pgvector for tests: one server for each process of pytest, a database of its own for whoever asks.

It is the one in PyPI's package `pgserver`. Root may not run it, so it is copied to where another user can read it.
"""

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from importlib.util import find_spec
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from agentfabric.store.database import Database
from agentfabric.store.knowledge.keeping import KnowledgeDatabase
from tests.knowledge import Place
from user_agent.knowledge.finding.sqlite import SqliteKeeping

_SETTINGS = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off", "listen_addresses": "''"}
# Read here: tests are given an environment without it.
_REQUIRED = os.environ.get("AGENTFABRIC_POSTGRES_TESTS") == "required"
_numbers = count(1)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """A server's socket folder. Skips the test on machines that have none; `.ci/run` demands one."""
    spec = find_spec("pgserver")
    if sys.platform == "win32" or spec is None or spec.origin is None:
        reason = "PostgreSQL is tested where PyPI's pgserver can be installed: Python 3.12 or older, not Windows"
        if _REQUIRED:
            pytest.fail(reason)
        pytest.skip(reason)
    import pwd  # Windows has none

    # Sockets have short paths.
    folder = Path(tempfile.mkdtemp(prefix="pg", dir="/tmp"))
    package = Path(spec.origin).parent
    # Programs look for their libraries beside the package.
    for name in ("pgserver/pginstall", "pgserver.libs"):
        if (package.parent / name).is_dir():
            shutil.copytree(package.parent / name, folder / name)
    programs = folder / "pgserver" / "pginstall"
    user = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
    os.chmod(folder, 0o755)
    data = folder / "data"
    data.mkdir(mode=0o700)
    os.chown(data, user.pw_uid, user.pw_gid)

    def run(program: str, *arguments: str) -> None:
        environment = {"LC_ALL": "C.UTF-8", "PATH": os.environ["PATH"], "TZ": "UTC"}
        subprocess.run(
            [programs / "bin" / program, "-D", data, *arguments],
            check=True,
            user=user.pw_uid if os.geteuid() == 0 else None,
            cwd=data,
            env=environment,
            stdout=subprocess.DEVNULL,
            timeout=60,
        )

    run("initdb", "--no-sync", "--auth=trust", "--encoding=UTF8", "--username=postgres")
    options = " ".join(f"-c {name}={value}" for name, value in _SETTINGS.items())
    run("pg_ctl", "-w", "-l", str(data / "log"), "-o", f"{options} -k {data}", "start")
    try:
        yield str(data)
    finally:
        run("pg_ctl", "-w", "-m", "immediate", "stop")
        shutil.rmtree(folder)


@pytest.fixture
def postgres(postgres_server: str) -> Iterator[str]:
    """The URL of a new database, gone afterwards."""
    name = f"test{next(_numbers)}"
    _run(postgres_server, f"CREATE DATABASE {name}")
    yield _url(postgres_server, name)
    _run(postgres_server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def migrated(postgres_server: str) -> Iterator[str]:
    """The name of a database that has all tables, to be copied."""

    async def migrate() -> None:
        database = Database(_url(postgres_server, "migrated"))
        await database.open()
        await database.close()

    _run(postgres_server, "CREATE DATABASE migrated")
    asyncio.run(migrate())
    yield "migrated"


@pytest.fixture(params=["SQLite", "PostgreSQL"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a new database, of each kind."""
    if request.param == "SQLite":
        yield f"sqlite:///{tmp_path}/agentfabric.db"
        return
    server, name = request.getfixturevalue("postgres_server"), f"test{next(_numbers)}"
    _run(server, f"CREATE DATABASE {name} TEMPLATE {request.getfixturevalue('migrated')}")
    yield _url(server, name)
    _run(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def knowledge_database(postgres_server: str) -> Iterator[KnowledgeDatabase]:
    """A database for the indexes of many tests."""
    _run(postgres_server, "CREATE DATABASE knowledge")
    known = KnowledgeDatabase(Database(_url(postgres_server, "knowledge")))
    asyncio.run(known.open())
    yield known
    asyncio.run(known.close())


@pytest.fixture(params=["SQLite", "PostgreSQL"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """Where a test's indexes are kept, of each kind."""
    if request.param == "SQLite":
        return lambda name: SqliteKeeping(tmp_path / name)
    known: KnowledgeDatabase = request.getfixturevalue("knowledge_database")
    number = next(_numbers)
    return lambda name: known.kept(f"{number}/{name}")


def _run(folder: str, statement: str) -> None:
    server = create_engine(_url(folder, "postgres"), isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(statement))
    server.dispose()


def _url(folder: str, database: str) -> str:
    return f"postgresql+psycopg://postgres@/{database}?host={folder}"
