"""Which models help to find what an agent knows: an embedding model for the meaning, a reranker for the order."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from agentfabric.service.keyring import Keyring, Keys
from agentfabric.service.knowledge_vectors import CachedEmbedder, VectorCache
from user_agent.config import Retrieval
from user_agent.knowledge.embeddings.base import Embedder, Reranker
from user_agent.models.catalog import Catalog
from user_agent.models.entry import ModelEntry
from user_agent.runtime import ModelClients
from user_agent.words import Words

if TYPE_CHECKING:
    from types import ModuleType

_ABSENT = Words(
    zh="模型列表里没有“{model}”，所以没有用它。请在“查找方式”里另选一个。",
    en="There is no model {model!r} in the model list, so it is not at work. Choose another one under How it searches.",
)
_WITHOUT_KEY = Words(
    zh="“{model}”还没有密钥，所以没有用它。请在“模型与密钥”里填写 {env}。",
    en="{model!r} has no key, so it is not at work. Enter {env} under Models & keys.",
)


@dataclass(frozen=True, slots=True)
class Finding:
    """What is at work for an agent. Two that are equal find by the same models with the same keys."""

    embedding: str = ""
    """The key of the embedding model; empty for words alone."""
    reranker: str = ""
    problem: Words | None = None
    """Why what was chosen is not at work."""
    embedders: tuple[Embedder, ...] = field(default=(), compare=False)
    live_reranker: Reranker | None = field(default=None, compare=False)
    identity: tuple[str, ...] = field(default=(), repr=False)
    """The models that may serve, each with its key. Never shown."""


WORDS_ALONE = Finding()


@dataclass(frozen=True, slots=True)
class Offered:
    """A model that may be chosen, and whether it can be asked."""

    key: str
    ready: bool
    env: str
    """The name of the key that it waits for."""


class FindingModels:
    """The embedding models and rerankers of the catalogue. The first argument of each method is the user."""

    def __init__(self, catalog: Catalog, keyring: Keyring, clients: ModelClients, vectors: VectorCache) -> None:
        self._catalog = catalog
        self._keyring = keyring
        self._clients = clients
        self._vectors = vectors
        self._opening: ModuleType | None = None

    async def of(self, user: str, wanted: Retrieval) -> Finding:
        """The models that a configuration asks for, where they are ready; without a wish the first that is."""
        embeddings, rerankers = self._catalog.embeddings, self._catalog.rerankers
        if not embeddings and not rerankers:
            return Finding(problem=_missing(wanted.embedding, embeddings, {}))
        keys = await self._keyring.of(user)
        ready = {key: entry for key, entry in embeddings.items() if _is_ready(entry, keys)}
        chosen = _chosen(wanted.embedding, ready)
        # The others may serve until all passages have vectors of the one that is wanted.
        serving = [chosen, *(entry for entry in ready.values() if entry is not chosen)] if chosen else []
        reranker = rerankers.get(wanted.reranker or "")
        if reranker is not None and not _is_ready(reranker, keys):
            reranker = None
        problem = _missing(wanted.embedding, embeddings, ready)
        if problem is None and reranker is None:
            problem = _missing(wanted.reranker, rerankers, {})
        if not serving and reranker is None:
            return Finding(problem=problem)
        opening = self._opening = self._opening or await asyncio.to_thread(_load_opening)
        return Finding(
            embedding=chosen.display_key if chosen else "",
            reranker=reranker.display_key if reranker else "",
            problem=problem,
            embedders=tuple(
                CachedEmbedder(
                    opening.open_embedder(self._clients, entry, entry.key_in(keys.at(entry.api_base))),
                    self._vectors,
                    user,
                )
                for entry in serving
            ),
            live_reranker=(
                opening.open_reranker(self._clients, reranker, reranker.key_in(keys.at(reranker.api_base)))
                if reranker
                else None
            ),
            identity=tuple(_identity([*serving, *([reranker] if reranker else [])], keys)),
        )

    async def embeddings(self, user: str) -> list[Offered]:
        return _offered(self._catalog.embeddings, await self._keyring.of(user))

    async def rerankers(self, user: str) -> list[Offered]:
        return _offered(self._catalog.rerankers, await self._keyring.of(user))


def _chosen(wanted: str | None, ready: Mapping[str, ModelEntry]) -> ModelEntry | None:
    if wanted is not None:
        return ready.get(wanted)
    return next((entry for entry in ready.values() if entry.default), None)


def _missing(wanted: str | None, known: Mapping[str, ModelEntry], ready: Mapping[str, ModelEntry]) -> Words | None:
    """Why the wanted model is not at work, if one was wanted and is not."""
    if not wanted or wanted in ready:
        return None
    entry = known.get(wanted)
    words = _WITHOUT_KEY if entry else _ABSENT
    values = {"model": wanted, "env": entry.secret_name if entry else ""}
    return Words(words.zh.format(**values), words.en.format(**values))


def _is_ready(entry: ModelEntry, keys: Keys) -> bool:
    return entry.is_ready(keys.at(entry.api_base))


def _offered(entries: Mapping[str, ModelEntry], keys: Keys) -> list[Offered]:
    return [Offered(key, _is_ready(entry, keys), entry.secret_name) for key, entry in entries.items()]


def _identity(entries: Iterable[ModelEntry], keys: Keys) -> Iterable[str]:
    for entry in entries:
        key = entry.key_in(keys.at(entry.api_base))
        yield f"{entry.display_key} {key.get_secret_value() if key else ''}"


def _load_opening() -> "ModuleType":
    """Imported after the start: the SDK takes half a second, and words alone need none of it."""
    from user_agent.knowledge.embeddings import opening

    return opening
