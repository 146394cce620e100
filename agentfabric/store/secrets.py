"""API keys that people entered, encrypted under a key that is not in the database."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import structlog
from pydantic import SecretStr
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from agentfabric.store.database import Database
from agentfabric.store.keys import Cipher
from agentfabric.store.records import SecretRecord
from agentfabric.store.remembered import Remembered
from user_agent.errors import ConfigError
from user_agent.storable import is_clean

MAX_NAME_CHARS = 200

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Reencrypted:
    """How many values a new key closes now, and how many no known key opens."""

    moved: int
    lost: int


@dataclass(frozen=True, slots=True)
class KeptSecret:
    """A stored value. `origins` are where it may be sent; None where that was not told."""

    value: SecretStr
    origins: frozenset[str] | None


class SecretStore:
    """Each user's secrets, by name."""

    def __init__(self, database: Database, cipher: Cipher) -> None:
        self._database = database
        self._cipher = cipher
        self._opened = Remembered[Mapping[str, KeptSecret]]()

    async def set(self, owner: str, name: str, value: SecretStr, *, origins: Collection[str] | None = None) -> None:
        """Keep a value, in place of an older one, for these `origins`. Raises `ConfigError` for one that is empty or
        broken."""
        text = value.get_secret_value().strip()
        if not text or not is_clean(text):
            raise ConfigError(f"{name!r} has no usable value. Enter it again.", field=name, reason="empty or broken")
        if not name or len(name) > MAX_NAME_CHARS or not is_clean(name):
            raise ConfigError("A secret needs a name.", field="name", reason=f"not 1 to {MAX_NAME_CHARS} characters")

        def work(session: Session) -> None:
            bound = None if origins is None else " ".join(sorted(origins))
            session.merge(SecretRecord(owner=owner, name=name, ciphertext=self._cipher.close(text), origins=bound))

        await self._opened.write(owner, self._database.write(work))

    async def delete(self, owner: str, name: str) -> None:
        """The secret is gone afterwards; nothing happens if it was already."""
        if is_clean(name):
            gone = delete(SecretRecord).where(SecretRecord.owner == owner, SecretRecord.name == name)
            await self._opened.write(owner, self._database.write(lambda session: session.execute(gone)))

    async def names(self, owner: str) -> list[str]:
        """The names of what is kept, in order, whether or not it can still be opened."""
        wanted = select(SecretRecord.name).where(SecretRecord.owner == owner).order_by(SecretRecord.name)
        return await self._database.read(lambda session: [*session.scalars(wanted)])

    async def encrypt_anew(self, cipher: Cipher) -> Reencrypted:
        """Close every value with another key, all of them or none. What opens with neither key stays as it is."""

        def work(session: Session) -> Reencrypted:
            moved = lost = 0
            for record in session.scalars(select(SecretRecord)):
                text = self._cipher.open(record.ciphertext)
                if text is not None:
                    record.ciphertext = cipher.close(text)
                    moved += 1
                elif cipher.open(record.ciphertext) is None:
                    lost += 1
            return Reencrypted(moved, lost)

        return await self._database.write(work)

    async def any_opens(self) -> bool:
        """Whether this store's key opens at least one of the values."""

        def work(session: Session) -> bool:
            return any(
                self._cipher.open(closed) is not None for closed in session.scalars(select(SecretRecord.ciphertext))
            )

        return await self._database.read(work)

    async def values(self, owner: str) -> dict[str, SecretStr]:
        """The values by name, as `kept` has them."""
        return {name: secret.value for name, secret in (await self.kept(owner)).items()}

    async def kept(self, owner: str) -> Mapping[str, KeptSecret]:
        """What is stored, by name. A value encrypted under another key counts as absent, and the log says so."""
        return await self._opened.get(owner, lambda: self._kept(owner))

    async def _kept(self, owner: str) -> Mapping[str, KeptSecret]:
        columns = (SecretRecord.name, SecretRecord.ciphertext, SecretRecord.origins)
        wanted = select(*columns).where(SecretRecord.owner == owner)

        def work(session: Session) -> dict[str, tuple[str | None, str | None]]:
            return {name: (self._cipher.open(closed), origins) for name, closed, origins in session.execute(wanted)}

        opened = await self._database.read(work)
        for name in (name for name, (value, _) in opened.items() if value is None):
            log.warning(
                "secret_not_readable",
                owner=owner,
                name=name,
                cure="It was encrypted under another key. Start with the `AGENTFABRIC_SECRET_KEY` or the `secret.key` "
                "of that time, or enter it again on the page.",
            )
        return {
            name: KeptSecret(SecretStr(value), None if origins is None else frozenset(origins.split()))
            for name, (value, origins) in opened.items()
            if value is not None
        }
