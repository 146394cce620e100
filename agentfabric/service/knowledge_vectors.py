"""Vectors that were made for a person, by model and text: the same text is embedded once, in whichever file and agent
it stands. Nobody is given what was made of another person's texts."""

import asyncio
import hashlib
import sqlite3
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import orjson
import structlog

from agentfabric.store.private import make_private_file, make_private_folder
from user_agent.errors import StorageFailed
from user_agent.knowledge.embeddings.base import Embedder, EmbeddingKind
from user_agent.knowledge.finding.turns import Turns

if TYPE_CHECKING:
    from user_agent.knowledge.embeddings.base import Vectors

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

KEPT = timedelta(days=30)
"""How long a vector is kept after its last use, as what was read of files is."""
MOST = 200_000
"""More are not kept: those go first that nobody has used for longest."""
_DAY_S = 86_400


class VectorCache:
    """Vectors by their owner, model and text, in a file. One that cannot be used costs nothing but that texts are
    embedded again."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._turns = Turns(self._open)

    async def get(self, owner: str, model: str, texts: Iterable[str]) -> dict[str, bytes]:
        """What is kept for some of the texts."""
        keys = {_key(owner, model, text): text for text in texts}

        def work(connection: sqlite3.Connection) -> dict[str, bytes]:
            asked = orjson.dumps([*keys]).decode()
            found = connection.execute(
                "UPDATE vectors SET used = ? WHERE key IN (SELECT value FROM json_each(?)) RETURNING key, vector",
                (_today(), asked),
            ).fetchall()
            return {keys[key]: vector for key, vector in found}

        try:
            return await self._turns.take(work)
        except StorageFailed as error:
            log.warning("vectors_not_kept", reason=error.message)
            return {}

    async def put(self, owner: str, model: str, vectors: Mapping[str, bytes]) -> None:
        rows = [(_key(owner, model, text), vector, _today()) for text, vector in vectors.items()]
        with suppress(StorageFailed):  # `get` has told
            await self._turns.take(
                lambda connection: connection.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?, ?)", rows)
            )

    async def forget_old(self) -> None:
        """Take away what nobody has used for as long as `KEPT`, and what is beyond `MOST`."""

        def work(connection: sqlite3.Connection) -> None:
            connection.execute("DELETE FROM vectors WHERE used < ?", (_today() - KEPT.days,))
            connection.execute(
                "DELETE FROM vectors WHERE key IN (SELECT key FROM vectors ORDER BY used DESC LIMIT -1 OFFSET ?)",
                (MOST,),
            )

        with suppress(StorageFailed):
            if await asyncio.to_thread(self._path.is_file):  # most have no embedding model
                await self._turns.take(work)

    async def close(self) -> None:
        await self._turns.close()

    def _open(self) -> sqlite3.Connection:
        make_private_folder(self._path.parent)
        make_private_file(self._path)
        try:
            return _opened(self._path)
        except sqlite3.OperationalError:
            raise  # locked, or not to be read: it may be whole
        except sqlite3.DatabaseError:
            self._path.unlink()
            make_private_file(self._path)
            return _opened(self._path)


class CachedEmbedder:
    """An embedder that is asked for what it has not yet embedded for its owner."""

    def __init__(self, embedder: Embedder, cache: VectorCache, owner: str) -> None:
        self._embedder = embedder
        self._cache = cache
        self._owner = owner

    @property
    def name(self) -> str:
        return self._embedder.name

    async def embed(self, texts: Sequence[str], kind: EmbeddingKind) -> "Vectors":
        """The vectors of texts. Raises `ModelError` or `NotAtWork`, as the embedder does."""
        if kind == "query":  # what somebody asks is not kept
            return await self._embedder.embed(texts, kind)
        known = await self._cache.get(self._owner, self.name, texts)
        if missing := [text for text in dict.fromkeys(texts) if text not in known]:
            made = await self._embedder.embed(missing, kind)
            new = {text: vector.astype("<f4").tobytes() for text, vector in zip(missing, made, strict=True)}
            await self._cache.put(self._owner, self.name, new)
            if len(missing) == len(texts):
                return made
            known |= new
        return await asyncio.to_thread(_joined, [known[text] for text in texts])


def _joined(rows: Sequence[bytes]) -> "Vectors":
    import numpy as np  # whoever has embeddings has it by now

    return np.frombuffer(b"".join(rows), dtype="<f4").astype(np.float32).reshape(len(rows), -1)


def _opened(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
    try:
        connection.execute("PRAGMA busy_timeout = 5000")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute(
            "CREATE TABLE IF NOT EXISTS vectors (key TEXT PRIMARY KEY, vector BLOB NOT NULL, used INTEGER NOT NULL) "
            "WITHOUT ROWID"
        )
        connection.execute("CREATE INDEX IF NOT EXISTS vectors_used ON vectors (used)")
    except BaseException:
        connection.close()
        raise
    return connection


def _key(owner: str, model: str, text: str) -> str:
    return hashlib.sha256(f"{owner}\0{model}\0{text}".encode()).hexdigest()


def _today() -> int:
    return int(time.time() // _DAY_S)
