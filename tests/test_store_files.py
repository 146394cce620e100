"""Files, secrets and preferences in the store."""

import re
import stat
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import text
from structlog.testing import capture_logs

from agentfabric.settings import Settings
from agentfabric.store.agents import AgentStore
from agentfabric.store.blobs import Blobs
from agentfabric.store.database import Database
from agentfabric.store.files import FileStore
from agentfabric.store.keys import Cipher, signing_key
from agentfabric.store.preferences import Preferences
from agentfabric.store.secrets import SecretStore
from user_agent.config import AgentConfig
from user_agent.errors import ConfigError, NotFound


@pytest.fixture
async def database(tmp_path: Path) -> AsyncGenerator[Database, None]:
    database = Database(f"sqlite:///{tmp_path}/home/agentfabric.db")
    await database.open()
    yield database
    await database.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "home" / "blobs"


@pytest.fixture
def files(database: Database, folder: Path) -> FileStore:
    return FileStore(database, Blobs(folder))


@pytest.fixture
async def agent(database: Database) -> str:
    return (await AgentStore(database).create("ann", AgentConfig.from_document({}), "user")).id


def settings(tmp_path: Path, **environ: str) -> Settings:
    return Settings.load({"AGENTFABRIC_HOME": str(tmp_path / "home"), **environ})


# ---- files


async def test_a_file_comes_back_as_it_was(files: FileStore, agent: str) -> None:
    data = bytes(range(256)) * 40
    added = await files.add(
        "ann", purpose="knowledge", name="攻略.txt", media_type="text/plain", data=data, agent_id=agent
    )
    assert await files.get("ann", added.id) == added
    assert (added.name, added.media_type, added.size_bytes, added.agent_id) == ("攻略.txt", "text/plain", 10_240, agent)
    assert await files.read("ann", added.id) == data
    assert await files.list("ann", agent, "knowledge") == [added]
    assert await files.list("ann", agent, "avatar") == []


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("/etc/cron.d/evil", "/etc/cron.d/evil"),
        ("../../x", "../../x"),
        ("a\0b\x1b[31m\r\nc\u202etxt.exe", "ab[31mctxt.exe"),
        ("n" * 5000, "n" * 200),
        ("\ud800.txt", "?.txt"),
    ],
    ids=["absolute", "parents", "control", "long", "surrogate"],
)
async def test_a_name_is_shown_and_never_a_path(files: FileStore, folder: Path, name: str, shown: str) -> None:
    before = set(folder.parent.rglob("*"))
    added = await files.add("ann", purpose="knowledge", name=name, media_type="text/plain", data=b"x")
    assert added.name.replace("\ufffd", "?") == shown
    made = set(folder.parent.rglob("*")) - before - {folder}
    assert [path.parent for path in made] == [folder]
    assert all(re.fullmatch("[0-9a-f]{32}", path.name) and stat.S_IMODE(path.stat().st_mode) == 0o600 for path in made)


async def test_a_deleted_file_leaves_no_bytes(files: FileStore, folder: Path) -> None:
    added = await files.add("ann", purpose="attachment", name="a", media_type="text/plain", data=b"x")
    await files.delete("ann", added.id)
    assert list(folder.iterdir()) == []
    with pytest.raises(NotFound):
        await files.get("ann", added.id)


async def test_a_file_without_bytes_has_only_a_name(files: FileStore) -> None:
    added = await files.add("ann", purpose="knowledge", name="lost.pdf", media_type="", data=None)
    assert (added.blob, added.size_bytes) == (None, 0)
    with pytest.raises(NotFound, match="Upload it again"):
        await files.read("ann", added.id)
    await files.delete("ann", added.id)


async def test_an_empty_file_is_a_file(files: FileStore) -> None:
    added = await files.add("ann", purpose="knowledge", name="empty.txt", media_type="text/plain", data=b"")
    assert await files.read("ann", added.id) == b""


async def test_a_file_for_somebody_elses_agent_is_refused_and_leaves_no_bytes(
    files: FileStore, folder: Path, agent: str
) -> None:
    with pytest.raises(NotFound):
        await files.add("bob", purpose="knowledge", name="a", media_type="", data=b"x", agent_id=agent)
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("key", ["", ".", "..", "../secret.key", "/etc/passwd", "a/b", "a\\b", "ａ", "none", "\0"])
async def test_a_blob_key_from_elsewhere_reaches_nothing(folder: Path, key: str) -> None:
    blobs = Blobs(folder)
    kept = await blobs.put(b"x")
    (folder.parent / "secret.key").write_text("canary")
    with pytest.raises(NotFound):
        await blobs.read(key)
    assert await blobs.read(kept) == b"x"


async def test_a_link_inside_the_blob_folder_is_not_followed_out_of_it(folder: Path) -> None:
    blobs = Blobs(folder)
    await blobs.put(b"x")
    (folder.parent / "outside").write_text("canary")
    (folder / "link").symlink_to(folder.parent / "outside")
    with pytest.raises(NotFound):
        await blobs.read("link")


# ---- secrets


async def test_a_secret_is_kept_encrypted_and_given_back(database: Database, tmp_path: Path) -> None:
    store = SecretStore(database, Cipher(settings(tmp_path)))
    await store.set("ann", "AMAP_TOKEN", SecretStr(" canary-one\n"))
    await store.set("ann", "AMAP_TOKEN", SecretStr("canary-two"))
    await store.set("ann", "A_KEY", SecretStr("canary-three"))
    assert await store.names("ann") == ["AMAP_TOKEN", "A_KEY"]
    values = await store.values("ann")
    assert values["AMAP_TOKEN"].get_secret_value() == "canary-two"
    assert "canary" not in repr(values)
    stored = await database.read(lambda session: str(session.execute(text("select * from secrets")).all()))
    assert "canary" not in stored
    for file in (tmp_path / "home").iterdir():
        assert b"canary" not in file.read_bytes()
    await store.delete("ann", "AMAP_TOKEN")
    await store.delete("ann", "AMAP_TOKEN")
    assert await store.names("ann") == ["A_KEY"]


@pytest.mark.parametrize("value", ["", " \n", "a\0b", "\ud800"], ids=["empty", "blank", "nul", "surrogate"])
async def test_a_value_that_cannot_be_used_is_refused(database: Database, tmp_path: Path, value: str) -> None:
    store = SecretStore(database, Cipher(settings(tmp_path)))
    with pytest.raises(ConfigError):
        await store.set("ann", "AMAP_TOKEN", SecretStr(value))
    assert await store.names("ann") == []


async def test_secrets_open_again_after_a_restart(database: Database, tmp_path: Path) -> None:
    await SecretStore(database, Cipher(settings(tmp_path))).set("ann", "K", SecretStr("v"))
    values = await SecretStore(database, Cipher(settings(tmp_path))).values("ann")
    assert values["K"].get_secret_value() == "v"


async def test_a_secret_under_another_key_counts_as_absent_and_the_log_names_the_cure(
    database: Database, tmp_path: Path
) -> None:
    old = SecretStore(database, Cipher(settings(tmp_path, AGENTFABRIC_SECRET_KEY="before")))
    await old.set("ann", "OLD", SecretStr("canary"))
    new = SecretStore(database, Cipher(settings(tmp_path, AGENTFABRIC_SECRET_KEY="after")))
    await new.set("ann", "NEW", SecretStr("v"))
    with capture_logs() as logs:
        assert set(await new.values("ann")) == {"NEW"}
    assert [(entry["event"], entry["name"]) for entry in logs] == [("secret_not_readable", "OLD")]
    assert "AGENTFABRIC_SECRET_KEY" in logs[0]["cure"]
    assert set(await old.values("ann")) == {"OLD"}


def test_the_key_file_is_private_made_once_and_not_needed_with_a_key_of_ones_own(tmp_path: Path) -> None:
    file = tmp_path / "home" / "secret.key"
    own = signing_key(settings(tmp_path, AGENTFABRIC_SECRET_KEY="own"))
    assert not file.exists()
    first = signing_key(settings(tmp_path))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert signing_key(settings(tmp_path)) == first != own
    assert [path.name for path in file.parent.iterdir()] == ["secret.key"]


@pytest.mark.parametrize("content", [b"", b"short", "不是密钥".encode(), b"A" * 400])
def test_a_damaged_key_file_is_told_with_the_cure(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "secret.key").write_bytes(content)
    with pytest.raises(ConfigError, match=r"secret\.key.*cannot be used"):
        signing_key(settings(tmp_path))


# ---- preferences


async def test_the_last_choice_counts(database: Database) -> None:
    preferences = Preferences(database)
    assert await preferences.get("ann", "language") is None
    await preferences.set("ann", "language", "zh")
    await preferences.set("ann", "language", "en")
    assert await preferences.get("ann", "language") == "en"
