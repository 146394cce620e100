"""What came from outside, made to fit this studio: its models, its tools, and the agent that it is to change."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from pydantic import JsonValue

from agentfabric.importing import with_one_instruction
from agentfabric.publish.importer.incoming import Incoming, IncomingFile, Note
from agentfabric.publish.importer.layouts import last_part
from agentfabric.service.api_choice import Choice, Source, chosen_of
from agentfabric.service.models import Models
from agentfabric.store.agents import StoredAgent
from agentfabric.store.base import new_id
from agentfabric.store.files import FileStore
from user_agent.config import AgentConfig, Document
from user_agent.errors import FabricError
from user_agent.openapi.description import Description, read_description
from user_agent.openapi.references import Unusable
from user_agent.openapi.stored import MAX_APIS, MAX_CHOSEN, Api
from user_agent.tools.catalog import ToolCatalog
from user_agent.words import Language, Words

_FORGETS = Words("已关闭，需要的话请自己打开", "switched off: it is yours to switch on")
_ABSOLUTE = ("/", "~/", "file:")
_MAX_NAMED = 100


@dataclass(frozen=True, slots=True)
class Fitted:
    """The whole configuration that an agent would have, and the report of everything."""

    document: Document
    files: tuple[IncomingFile, ...]
    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True)
class Fitting:
    """How imports are made to fit one studio."""

    models: Models
    tools: ToolCatalog
    files: FileStore
    template: Document

    async def fit(self, user: str, incoming: Incoming, before: StoredAgent | None, language: Language) -> Fitted:
        """The document for a new agent, or for the one that it is to change. Raises `ConfigError`."""
        notes = list(incoming.notes)
        document = dict(with_one_instruction(incoming.document))
        if incoming.whole:
            notes += _kept(document)
        else:
            document = await self._ours(user, document, before, language, notes)
        if document.get("memory") is True and not (before and before.config.memory):
            # Whether an agent may note facts about a person is that person's to say, and nobody else's file.
            document["memory"] = False
            notes = [note for note in notes if note.field != "memory"]
            notes.append(Note("changed", "memory", _FORGETS))
        notes += self._unknown(document)
        notes += _services(document)
        apis = await asyncio.to_thread(_apis, incoming.descriptions, language, notes)
        if apis:
            stored = document.get("openapi")
            document["openapi"] = {**(stored if isinstance(stored, dict) else {}), **apis}
        files = [*incoming.files, *await self._knowledge(user, document, before, notes)]
        return Fitted(document, tuple(files), tuple(notes))

    async def _ours(
        self, user: str, document: Document, before: StoredAgent | None, language: Language, notes: list[Note]
    ) -> Document:
        """Another product's fields over what the agent has, or over what new ones start with."""
        ticked = document.get("tools")
        labels: Document = {
            tool: {"name": self.tools.tools[tool].label[language], "is_active": True, "use": True}
            for tool in (ticked if isinstance(ticked, dict) else {})
            if tool in self.tools.tools
        }
        model = document.pop("model", None)
        base = before.config.document if before else {**self.template, "model": await self.models.default(user)}
        if isinstance(model, str):
            if model in await self.models.entries(user):
                base = {**base, "model": model}
                notes.append(Note("kept", "model", Words(model, model)))
            else:
                notes.append(_other_model(model, base.get("model")))
        held = base.get("tools")
        tools: Document = {**(held if isinstance(held, dict) else {}), **labels}
        return {**base, **document, "tools": tools}

    def _unknown(self, document: Document) -> list[Note]:
        """Tools that are ticked and that this studio does not have."""
        config = AgentConfig.from_document({"tools": document.get("tools")})
        return [
            Note("lost", f"tools.{tool}", Words(f"这里没有“{tool}”这个工具", f"there is no tool {tool!r} here"))
            for tool in config.enabled_tools
            if tool not in self.tools.tools
        ]

    async def _knowledge(
        self, user: str, document: Document, before: StoredAgent | None, notes: list[Note]
    ) -> list[IncomingFile]:
        """Takes names of files that are not here out of the document, and gives them for the person to add.

        Files that the agent itself has stay. Ids of others lead nowhere, and are not taken over.
        """
        own = {file.id for file in await self.files.list(user, before.id, "knowledge")} if before else set[str]()
        pictures = {file.id for file in await self.files.list(user, before.id, "avatar")} if before else set[str]()
        named = document.get("knowledge")
        entries = [entry for entry in (named if isinstance(named, list) else ()) if isinstance(entry, str)]
        missing = [last_part(entry) for entry in entries if entry not in own and not entry.startswith(_ABSOLUTE)]
        missing = [name for name in missing if name]
        if entries:
            document["knowledge"] = [entry for entry in entries if entry in own or entry.startswith(_ABSOLUTE)]
        avatar = document.get("avatar")
        if isinstance(avatar, str) and avatar and avatar not in pictures and not avatar.startswith(_ABSOLUTE):
            document["avatar"] = ""
        with_names = [name for name in missing if "." in name]
        if len(with_names) < len(missing):
            count = len(missing) - len(with_names)
            words = Words(f"{count} 个文件留在了原来的服务器上", f"{count} files stayed on the server that it is from")
            notes.append(Note("lost", "knowledge", words))
        for name in with_names:
            words = Words(f"“{name}”没有带来，请之后再添加", f"{name!r} did not come along: add it later")
            notes.append(Note("lost", "knowledge", words))
        return [IncomingFile("knowledge", name, None) for name in with_names]


def _kept(document: Document) -> list[Note]:
    """What a configuration of ours brings: every field that says something, as it is."""
    config = AgentConfig.from_document(document)
    told = ("name", "description", "instruction", "prologue", "prompt_recommend", "generation", "retrieval", "memory")
    same = Words("原样保留", "as it was")
    notes = [Note("kept", field, same) for field in told if document.get(field)]
    notes += [Note("kept", f"tools.{tool}", same) for tool in config.enabled_tools]
    off = [tool for tool in config.tools if tool not in config.enabled_tools]
    if off:
        listed = ", ".join(tool[:80] for tool in off[:_MAX_NAMED])
        notes.append(
            Note("kept", "tools", Words(f"没有打开的工具：{listed}", f"tools that are not switched on: {listed}"))
        )
    if document.get("language"):
        notes.append(Note("kept", "language", Words(config.language, config.language)))
    if config.model:
        notes.append(Note("kept", "model", Words(config.model, config.model)))
    known = set(AgentConfig.model_fields) | {"mcpServers"}
    others = [field for field in document if field not in known]
    if others:
        listed = ", ".join(name[:80] for name in others[:_MAX_NAMED])
        words = Words(f"这里用不到的字段，原样留着：{listed}", f"fields of no use here, kept as they are: {listed}")
        notes.append(Note("kept", "", words))
    return notes


def _services(document: Document) -> list[Note]:
    """Whom the agent could ask, by host; and what is a program, and so is never started."""
    config = AgentConfig.from_document({key: document.get(key) for key in ("openapi", "mcpServers") if key in document})
    notes = [
        Note("kept", f"openapi.{name}", Words(urlsplit(api.server).netloc, urlsplit(api.server).netloc))
        for name, api in config.openapi.items()
    ]
    for name, server in config.mcp_servers.items():
        if server.kind == "stdio":
            words = Words(
                "它是一个程序。导入不会启动程序；只有服务器的管理员能允许它",
                "it is a program. Importing starts none, and only whoever runs this server can allow it",
            )
            notes.append(Note("lost", f"mcpServers.{name}", words))
        else:
            host = urlsplit(server.url).netloc
            notes.append(Note("kept", f"mcpServers.{name}", Words(host, host)))
    return notes


def _apis(descriptions: Sequence[str], language: Language, notes: list[Note]) -> Document:
    """What agents keep of these descriptions, under new ids. What is wrong with one is told, and costs no other."""
    apis: Document = {}
    for text in descriptions[:MAX_APIS]:
        try:
            description = read_description(text)
            api = _chosen(description, text, language)
        except (Unusable, FabricError) as error:
            words = error.words if isinstance(error, Unusable) else Words(error.message, error.message)
            notes.append(
                Note(
                    "lost", "openapi", Words(f"接口描述不能用：{words.zh}", f"a description cannot be used: {words.en}")
                )
            )
            continue
        apis[new_id()] = api.model_dump(mode="json", exclude_defaults=True)
        notes.append(_api_note(api))
        if description.left_out:
            names = ", ".join(left.operation for left in description.left_out[:12])
            words = Words(
                f"“{api.title}”用不了的操作：{names}", f"operations of {api.title!r} that cannot be used: {names}"
            )
            notes.append(Note("lost", "openapi", words))
        if description.key is not None or api.auth.kind != "none":
            words = Words(f"“{api.title}”的密钥不会带过来，请重新填写", f"the key of {api.title!r}: enter it again")
            notes.append(Note("lost", "openapi", words))
    return apis


def _chosen(description: Description, text: str, language: Language) -> Api:
    names = [operation.name for operation in description.operations][:MAX_CHOSEN]
    return chosen_of(description, Source(text=text), Choice(names, waits=None), language)


def _api_note(api: Api) -> Note:
    count, host = len(api.operations), urlsplit(api.server).netloc
    words = Words(
        f"“{api.title}”的 {count} 个操作（{host}）；做出改动的操作会先询问",
        f"{count} operations of {api.title!r} at {host}; those that change something ask first",
    )
    return Note("changed", "openapi", words)


def _other_model(model: str, instead: JsonValue) -> Note:
    if instead:
        words = Words(f"这里没有“{model}”，改用“{instead}”", f"there is no {model!r} here: {instead} takes its place")
    else:
        words = Words(f"这里没有“{model}”，还没有可用的模型", f"there is no {model!r} here, and no other is ready yet")
    return Note("changed", "model", words)
