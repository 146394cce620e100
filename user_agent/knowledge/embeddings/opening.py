"""An entry of the catalogue made live."""

from pathlib import Path

from pydantic import SecretStr

from user_agent.knowledge.embeddings.asking import Endpoint
from user_agent.knowledge.embeddings.base import Embedder, Reranker
from user_agent.knowledge.embeddings.local import LocalEmbedder
from user_agent.knowledge.embeddings.remote import RemoteEmbedder, RemoteReranker
from user_agent.models.entry import ModelEntry
from user_agent.models.providers import LOCAL_FOLDER
from user_agent.runtime import ModelClients


def open_embedder(clients: ModelClients, entry: ModelEntry, key: SecretStr | None = None) -> Embedder:
    """The embedding model of an entry, asked with `key`, else the entry's own. Opens nothing before it is asked."""
    if entry.type == LOCAL_FOLDER:
        return LocalEmbedder(Path(entry.model))
    return RemoteEmbedder(Endpoint(clients, entry, key))


def open_reranker(clients: ModelClients, entry: ModelEntry, key: SecretStr | None = None) -> Reranker:
    """The reranking model of an entry, likewise."""
    return RemoteReranker(Endpoint(clients, entry, key))
