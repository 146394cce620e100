"""What an agent of a folder is lent for an answer: keys of the environment, and what its conversation holds."""

import asyncio
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, cast

from pydantic import JsonValue

from user_agent.agent import Limits
from user_agent.config import AgentConfig
from user_agent.errors import NoKey, NoModel
from user_agent.knowledge.embeddings.base import Embedder, Reranker
from user_agent.mcp.connections import Connections
from user_agent.messages import FilePart, Message
from user_agent.models.base import FileContent
from user_agent.models.catalog import Catalog
from user_agent.models.entry import ModelEntry
from user_agent.net import Http
from user_agent.openapi.tokens import Tokens
from user_agent.runtime import ModelClients
from user_agent.serve.attached import AttachedFiles
from user_agent.serve.finding import TurnFinder
from user_agent.serve.folder_code import CODE_INTERPRETER, NO_CODE
from user_agent.serve.folder_knowledge import ConversationIndexes, FolderKnowledge
from user_agent.serve.folder_servers import FolderServers
from user_agent.serve.past import StoredSummary
from user_agent.serve.running import Chosen, Lent
from user_agent.serve.served import ServedFile
from user_agent.serve.talk import Talk
from user_agent.serve.talks import Talks
from user_agent.serve.variables import secrets_for_apis
from user_agent.tools.asking import Questions
from user_agent.tools.catalog import ToolCatalog
from user_agent.tools.context import ToolContext
from user_agent.tools.selection import ToolIndexes
from user_agent.words import Words

if TYPE_CHECKING:
    from user_agent.sandbox.workshop import Workshop

MAX_STORED_CHARS = 100_000
"""What `storage` holds for one visitor's conversation."""


class Purse:
    """The keys of the environment, and which model they make ready. Raises `ConfigError` for what cannot be read."""

    def __init__(
        self, config: AgentConfig, catalog: Catalog, tools: ToolCatalog, environment: Mapping[str, str]
    ) -> None:
        self.config = config
        self.catalog = catalog
        self.tools = tools
        self._environment = environment
        self.servers = FolderServers.of(config, environment)
        self.secrets = {**self._for_tools(), **secrets_for_apis(config.openapi, environment)}
        self.base_urls = {name: value for name, value in environment.items() if name.endswith("_BASE_URL") and value}

    @property
    def vendor_origins(self) -> list[str]:
        """Addresses of tools' vendors: nobody but whoever runs this, and this code, chose them."""
        return [*self.base_urls.values(), *(url for tool in self.tools.known.values() for url in tool.vendors)]

    @property
    def entry(self) -> ModelEntry | None:
        """The model that answers; None where only the guide is there, or where the one that is wanted has no key."""
        entries, wanted = self.catalog.entries, self.config.model
        if wanted:
            entry = entries.get(wanted)
            return entry if entry and entry.is_ready(self._environment) else None
        return self.catalog.default_model([key for key, each in entries.items() if each.is_ready(self._environment)])

    async def chosen(self, clients: ModelClients) -> Chosen | None:
        """Raises `NoModel`, or `NoKey` naming the key to set."""
        entry = self.entry
        if entry is None and self.config.model:
            raise self._missing(self.config.model)
        if entry is None:
            return None
        opening = await asyncio.to_thread(_load_opening)
        return Chosen(entry, opening(clients, entry, entry.key_in(self._environment)))

    async def embedders(self, clients: ModelClients) -> list[Embedder]:
        """The models that made the vectors of the folder, where there is a key for them."""
        ready = [each for each in self.catalog.embeddings.values() if each.is_ready(self._environment)]
        if not ready:
            return []
        opening = await asyncio.to_thread(_load_embeddings)
        return [opening.open_embedder(clients, each, each.key_in(self._environment)) for each in ready]

    async def reranker(self, clients: ModelClients) -> Reranker | None:
        """The model that puts passages in order, where the configuration names one; asked without its key, it says
        that it has none, and the order stays."""
        entry = self.catalog.rerankers.get(self.config.retrieval.reranker or "")
        if entry is None:
            return None
        opening = await asyncio.to_thread(_load_embeddings)
        return opening.open_reranker(clients, entry, entry.key_in(self._environment))

    def _for_tools(self) -> dict[str, str]:
        needs = {need.name for tool in self.tools.known.values() for need in tool.secrets}
        return {name: self._environment[name] for name in needs if self._environment.get(name)}

    def _missing(self, wanted: str) -> NoModel | NoKey:
        entry = self.catalog.entries.get(wanted)
        if entry is None:
            return NoModel(
                f"There is no model {wanted!r} in model_config.json. Take the bundle from the studio anew.",
                model=wanted,
            )
        told = f"{wanted!r} needs a key. Set `{entry.secret_name}` in the environment, and start again."
        return NoKey(told, model=wanted, env=entry.secret_name)


def _load_opening():
    from user_agent.models.opening import open_model

    return open_model


def _load_embeddings():
    from user_agent.knowledge.embeddings import opening

    return opening


@dataclass(slots=True)
class FolderLender:
    """Puts together what one answer is lent."""

    purse: Purse
    http: Http
    clients: ModelClients
    connections: Connections
    known: FolderKnowledge
    attached: AttachedFiles
    indexes: ConversationIndexes
    talks: Talks
    tool_indexes: ToolIndexes = field(default_factory=ToolIndexes)
    tokens: Tokens = field(default_factory=Tokens)
    workshop: "Workshop | None" = None
    """Where the code of conversations is run; None where none is."""

    async def lent(
        self,
        config: AgentConfig,
        talk: Talk,
        messages: Sequence[Message],
        *,
        files: Mapping[str, FileContent] | None = None,
        questions: Questions | None = None,
    ) -> Lent:
        async def pictures(shown: Sequence[Message]) -> Mapping[str, FileContent]:
            return files if files is not None else talk.pictures(shown)

        return Lent(
            chosen=await self.purse.chosen(self.clients),
            context=await self._context(config, talk),
            limits=Limits(),
            tools=self.purse.tools.known,
            tool_indexes=self.tool_indexes,
            finder=TurnFinder.of(self.known, self.attached, talk.id, talk.id, messages),
            summaries=_Summaries(self.talks),
            pictures=pictures,
            servers=await self.purse.servers.lent(self.connections),
            questions=questions,
            to_strangers=True,
        )

    async def forget_gone(self) -> None:
        """What was read for conversations that are gone goes, too, and what their code made."""
        await self.attached.forget(self.talks.gone(self.indexes.names))
        if self.workshop is not None:
            await self.workshop.forget(self.talks.gone(self.workshop.conversations))

    async def unavailable(self, config: AgentConfig) -> dict[str, Words]:
        """Those of its tools that cannot work on this machine, and why."""
        if CODE_INTERPRETER not in config.enabled_tools:
            return {}
        problem = NO_CODE if self.workshop is None else await self.workshop.problem()
        return {CODE_INTERPRETER: problem} if problem else {}

    async def _context(self, config: AgentConfig, talk: Talk) -> ToolContext:
        async def keep(data: bytes, *, name: str, media_type: str) -> FilePart:
            return self.talks.keep(talk, ServedFile(name, media_type, data))

        context = ToolContext(
            http=self.http,
            language=config.language,
            secrets=self.purse.secrets,
            base_urls=self.purse.base_urls,
            options=self.purse.tools.options,
            keep=keep,
            files=_FilesOf(talk),
            storage=_Notebook(talk.stored),
            unavailable=await self.unavailable(config),
            bench=self.workshop.bench(talk.id, talk.visitor) if self.workshop else None,
            now=lambda: datetime.now().astimezone(),
        )
        return replace(context, tokens=self.tokens)


@dataclass(frozen=True, slots=True)
class _FilesOf:
    """The files of one conversation."""

    talk: Talk

    async def list(self) -> Sequence[FilePart]:
        return self.talk.parts

    async def read(self, file: str) -> bytes:
        return self.talk.bytes_of(file)


@dataclass(frozen=True, slots=True)
class _Summaries:
    talks: Talks

    async def of(self, conversation_id: str, turns: Collection[str]) -> Mapping[str, StoredSummary]:
        kept = self.talks.summaries(conversation_id)
        return {turn: kept[turn] for turn in turns if turn in kept}

    async def keep(self, conversation_id: str, summary: StoredSummary) -> None:
        self.talks.keep_summary(conversation_id, summary)


@dataclass(frozen=True, slots=True)
class _Notebook:
    """A `Storage` for one conversation, gone with it."""

    values: dict[str, str]
    """JSON by key."""

    async def get(self, key: str) -> JsonValue:
        return cast(JsonValue, json.loads(self.values[key]))

    async def put(self, key: str, value: JsonValue) -> bool:
        text = json.dumps(value, ensure_ascii=False)
        others = sum(len(name) + len(held) for name, held in self.values.items() if name != key)
        if others + len(key) + len(text) > MAX_STORED_CHARS:
            return False
        self.values[key] = text
        return True

    async def delete(self, key: str) -> bool:
        return self.values.pop(key, None) is not None

    async def keys(self) -> Sequence[str]:
        return sorted(self.values)
