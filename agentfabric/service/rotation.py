"""A new key for stored secrets and sessions. Whatever interrupts it, the old key or the new one opens everything."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

from agentfabric.settings import Settings
from agentfabric.store.database import Database
from agentfabric.store.keys import Cipher, key_file
from agentfabric.store.private import sync_folder
from agentfabric.store.secrets import Reencrypted, SecretStore
from user_agent.errors import ConfigError


@dataclass(frozen=True, slots=True)
class _Change:
    """From one key to another; `file` becomes the home's key file at the end, where the new key is in a file."""

    old: Cipher
    new: Cipher
    file: Path | None


async def rotate_key(settings: Settings) -> Reencrypted:
    """Encrypt all stored secrets under another key: `settings.new_secret_key`, else a new random one in the key file.

    No server may be running on the home. Every session ends, because the key that signs them is made of the same root.
    Raises `ConfigError` where no new key is given for one that the settings hold.
    """
    await finish_rotation(settings)
    change = _change(settings)
    await asyncio.to_thread(change.new.close, "")  # makes its file, though nothing be stored
    done = await _encrypt(settings, change)
    if change.file is not None:
        await asyncio.to_thread(_take, change.file, key_file(settings.home))
    return done


async def finish_rotation(settings: Settings) -> None:
    """Bring a rotation to its end that was interrupted; nothing happens where none was. Call it before serving."""
    waiting = _waiting_file(settings.home)
    if not await asyncio.to_thread(waiting.exists):
        return
    database = Database(settings.database_url)
    try:
        await database.open()
        used = await SecretStore(database, Cipher(_from_file(settings), waiting)).any_opens()
    finally:
        await database.close()
    if used:
        await asyncio.to_thread(_take, waiting, key_file(settings.home))
    else:
        await asyncio.to_thread(waiting.unlink)


def _change(settings: Settings) -> _Change:
    old, new = Cipher(settings), settings.new_secret_key
    if new is not None:
        if new == settings.secret_key:
            raise _unusable("it is the key that is in use")
        return _Change(old, Cipher(settings.model_copy(update={"secret_key": new})), None)
    if settings.secret_key is not None:
        raise _unusable("it is not set, and `AGENTFABRIC_SECRET_KEY` is")
    waiting = _waiting_file(settings.home)
    return _Change(old, Cipher(settings, waiting), waiting)


async def _encrypt(settings: Settings, change: _Change) -> Reencrypted:
    database = Database(settings.database_url)
    try:
        await database.open()
        return await SecretStore(database, change.old).encrypt_anew(change.new)
    finally:
        # Closing also brings what was written to the disk, before the old key goes.
        await database.close()


def _take(waiting: Path, file: Path) -> None:
    waiting.replace(file)
    sync_folder(file.parent)


def _waiting_file(home: Path) -> Path:
    return key_file(home).with_suffix(".key.next")


def _from_file(settings: Settings) -> Settings:
    return settings.model_copy(update={"secret_key": None})


def _unusable(reason: str) -> ConfigError:
    return ConfigError(
        f"`AGENTFABRIC_NEW_SECRET_KEY` cannot be used: {reason}. Set it to the key that shall replace the present one.",
        field="AGENTFABRIC_NEW_SECRET_KEY",
        reason=reason,
    )
