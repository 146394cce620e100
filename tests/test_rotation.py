"""`python app.py rotate-key`: the stored keys under a new key, at once or not at all."""

import asyncio
import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from agentfabric.service.rotation import finish_rotation, rotate_key
from agentfabric.settings import Settings
from agentfabric.store.keys import signing_key
from agentfabric.store.secrets import SecretStore
from tests.conftest import Serve
from tests.terminal import command, terminal
from user_agent.errors import ConfigError

OLD, NEW = "the old passphrase of it", "the new passphrase of it"
TOKENS = {"AGENTFABRIC_TOKEN": "the-right-token"}
BEARER = {"Authorization": "Bearer the-right-token"}


def settings(home: Path, **environment: str) -> Settings:
    return Settings.load({"AGENTFABRIC_HOME": str(home), **environment})


async def keep_a_key(serve: Serve, **environment: str) -> str:
    """A server in which somebody stores a key; gives the cookie of their session."""
    async with serve(**TOKENS, **environment) as client:
        await client.call("PUT", "/api/secrets/AMAP_TOKEN", json={"value": "canary"}, headers=BEARER)
        signed_in = await client.call("GET", "/?token=the-right-token")
        return signed_in.headers["set-cookie"].split(";")[0]


async def opens(serve: Serve, **environment: str) -> bool:
    """Whether a server with these settings can read the stored key."""
    async with serve(**TOKENS, **environment) as client:
        tools = await client.get("/api/tools", headers=BEARER)
    return next(tool["state"] for tool in tools if tool["id"] == "amap_weather") == "ready"


async def accepts(serve: Serve, cookie: str, **environment: str) -> bool:
    async with serve(**TOKENS, **environment) as client:
        return (await client.call("GET", "/api/session", headers={"Cookie": cookie})).status == 200


def key(home: Path) -> bytes:
    return (home / "secret.key").read_bytes()


def stored(home: Path) -> str:
    with closing(sqlite3.connect(home / "agentfabric.db")) as database:
        return database.execute("SELECT ciphertext FROM secrets").fetchone()[0]


async def test_the_key_file_is_replaced_and_every_session_ends(serve: Serve, home: Path) -> None:
    cookie = await keep_a_key(serve)
    assert await accepts(serve, cookie)
    before = key(home), stored(home)
    status, printed, _ = await command("rotate-key", AGENTFABRIC_HOME=str(home))
    assert (status, printed.splitlines()[0]) == (0, "1 stored keys are encrypted anew. Everybody has to sign in again.")
    after = key(home), stored(home)
    assert before[0] != after[0] and before[1] != after[1]
    assert await opens(serve)
    assert not await accepts(serve, cookie)
    if os.name != "nt":
        assert (home / "secret.key").stat().st_mode & 0o777 == 0o600
    assert [file.name for file in home.glob("*key*")] == ["secret.key"]


async def test_sessions_end_where_no_key_was_ever_stored(home: Path) -> None:
    before = await asyncio.to_thread(signing_key, settings(home))
    done = await rotate_key(settings(home))
    assert (done.moved, done.lost) == (0, 0)
    assert await asyncio.to_thread(signing_key, settings(home)) != before


async def test_a_passphrase_is_replaced_by_another(serve: Serve, home: Path) -> None:
    await keep_a_key(serve, AGENTFABRIC_SECRET_KEY=OLD)
    names = {"AGENTFABRIC_HOME": str(home), "AGENTFABRIC_SECRET_KEY": OLD, "AGENTFABRIC_NEW_SECRET_KEY": NEW}
    for moved in (1, 0):  # a second time does no harm
        status, printed, _ = await command("rotate-key", **names)
        assert (status, printed.startswith(f"{moved} stored keys")) == (0, True)
        assert "set AGENTFABRIC_SECRET_KEY to what AGENTFABRIC_NEW_SECRET_KEY is now" in printed
    assert await opens(serve, AGENTFABRIC_SECRET_KEY=NEW)
    assert not await opens(serve, AGENTFABRIC_SECRET_KEY=OLD)
    assert NEW not in printed and OLD not in printed


async def test_a_key_file_is_replaced_by_a_passphrase(serve: Serve, home: Path) -> None:
    await keep_a_key(serve)
    done = await rotate_key(settings(home, AGENTFABRIC_NEW_SECRET_KEY=NEW))
    assert (done.moved, done.lost) == (1, 0)
    assert await opens(serve, AGENTFABRIC_SECRET_KEY=NEW)


async def test_what_the_old_key_does_not_open_is_counted_and_kept(serve: Serve, home: Path) -> None:
    await keep_a_key(serve, AGENTFABRIC_SECRET_KEY=OLD)
    before = stored(home)
    environment = {"AGENTFABRIC_SECRET_KEY": "not the one of then", "AGENTFABRIC_NEW_SECRET_KEY": NEW}
    done = await rotate_key(settings(home, **environment))
    assert (done.moved, done.lost, stored(home)) == (0, 1, before)


@pytest.mark.parametrize("moment", ["before", "after"])
async def test_a_crash_in_the_middle_leaves_a_key_that_works(
    serve: Serve, home: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    """The process ends just before, or just after, everything is encrypted anew: the key file is the old one then."""
    await keep_a_key(serve)
    encrypt_anew = SecretStore.encrypt_anew

    async def dies(*arguments: object) -> None:
        if moment == "after":
            await encrypt_anew(*arguments)  # pyright: ignore[reportArgumentType]
        raise KeyboardInterrupt

    old = key(home)
    with monkeypatch.context() as patched:
        patched.setattr(SecretStore, "encrypt_anew", dies)
        with pytest.raises(KeyboardInterrupt):
            await rotate_key(settings(home))
    assert key(home) == old
    async with terminal({"AGENTFABRIC_HOME": str(home)}):
        pass
    assert await opens(serve)
    assert (key(home) == old) is (moment == "before")
    assert [file.name for file in home.glob("*key*")] == ["secret.key"]
    await rotate_key(settings(home))
    assert await opens(serve)


async def test_nothing_is_finished_where_nothing_was_begun(home: Path) -> None:
    await finish_rotation(settings(home))
    assert not home.exists()


@pytest.mark.parametrize(
    ("environment", "told"),
    [
        ({"AGENTFABRIC_SECRET_KEY": OLD}, "it is not set"),
        ({"AGENTFABRIC_SECRET_KEY": OLD, "AGENTFABRIC_NEW_SECRET_KEY": OLD}, "in use"),
    ],
)
async def test_without_another_key_nothing_is_rotated(home: Path, environment: dict[str, str], told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        await rotate_key(settings(home, **environment))


async def test_a_running_server_keeps_its_key(home: Path) -> None:
    async with terminal({"AGENTFABRIC_HOME": str(home)}):
        status, _, complaint = await command("rotate-key", AGENTFABRIC_HOME=str(home))
    assert (status, "another AgentFabric is running" in complaint) == (2, True)
