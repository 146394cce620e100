"""Whether an agent can go out to others: what is missing, what to know before, and which keys the other side needs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from agentfabric.publish.exported import exported_variables, programs_of
from agentfabric.publish.importer.archive import MAX_PACKED_BYTES
from agentfabric.service.carried_models import CarriedModels
from agentfabric.service.keyring import Keyring
from agentfabric.service.knowledge import Knowledge
from agentfabric.service.models import Models
from agentfabric.service.releases import Releases
from agentfabric.service.server_secrets import ServerSecrets
from agentfabric.service.surroundings import CODE_INTERPRETER, Lender
from agentfabric.store.agents import AgentStore
from agentfabric.store.readings import KnownFile
from builder_core.draft import proposed_services
from user_agent.config import AgentConfig
from user_agent.errors import NoEndpointKey, NoKey, NoModel
from user_agent.mcp.tools import served
from user_agent.models.entry import ModelEntry
from user_agent.openapi.tools import tools_of
from user_agent.policies import operation_at
from user_agent.serve.variables import Variable
from user_agent.tools.base import Tool
from user_agent.tools.mixing import mixture_of
from user_agent.words import Words

Kind = Literal[
    "name", "instruction", "model", "model_key", "model_near", "tool_unknown", "tool_key", "tool_unavailable",
    "service_key", "service_proposed", "file_failed", "file_waiting", "bulk", "asks", "mixture", "sandbox", "program",
]  # fmt: skip
_VECTOR_BYTES = 4_000
"""What the numbers of one passage weigh in a zip, as most embedding models have it."""
Level = Literal["missing", "warning"]
"""What is missing keeps something from working for others; a warning is for a person to weigh."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to see to. `field` is where: a field of the configuration, `tools.<id>`, `openapi.<id>`,
    `mcpServers.<name>`, or `knowledge.<id>` for a file."""

    kind: Kind
    level: Level
    field: str
    text: Words


@dataclass(frozen=True, slots=True)
class Ready:
    """What was found, what is missing first."""

    findings: tuple[Finding, ...]
    keys: tuple[Variable, ...]
    """What the draft asks for where it runs without this server."""
    sent_keys: tuple[Variable, ...]
    """What that asks for there which is sent elsewhere: the release that is live, else the draft."""


@dataclass(frozen=True, slots=True)
class Readiness:
    """Looks at drafts. The first argument is the user; foreign ids are `NotFound`."""

    agents: AgentStore
    releases: Releases
    models: Models
    carried: CarriedModels
    keyring: Keyring
    lender: Lender
    knowledge: Knowledge
    servers: ServerSecrets
    tools: Mapping[str, Tool]

    async def of(self, user: str, agent_id: str) -> Ready:
        """What there is to see to before the draft goes out."""
        config = (await self.agents.get(user, agent_id)).config
        taken = await self.carried.of(user, config, knows=bool(config.knowledge))
        known = await self.knowledge.all(user, agent_id)
        found = [
            *_texts(config),
            *await self._model(user, config),
            *_near(taken.entries),
            *await self._tools(user, config),
            *await self._servers(user, config),
            *_proposed(config),
            *_files(known),
            *_bulk(known, vectors=taken.vectors is not None),
            *_asking(config, self.tools),
            *_mixture(config, self.tools),
            *_code(config),
            *_programs(config),
        ]
        keys = exported_variables(config, taken.answering, taken.entries, self.tools)
        live = await self.releases.live(user, agent_id)
        return Ready(
            tuple(sorted(found, key=lambda each: each.level != "missing")),
            keys,
            keys if live is None else await self._keys(user, live.config),
        )

    async def _keys(self, user: str, config: AgentConfig) -> tuple[Variable, ...]:
        taken = await self.carried.of(user, config, knows=bool(config.knowledge))
        return exported_variables(config, taken.answering, taken.entries, self.tools)

    async def _model(self, user: str, config: AgentConfig) -> list[Finding]:
        try:
            if await self.models.choose(user, config.model) is not None:
                return []
        except (NoKey, NoEndpointKey) as error:
            name = str(error.params["model"])
            text = Words(
                f"模型“{name}”还缺少密钥。请在“模型与密钥”中填写。",
                f"The model {name!r} has no key yet. Enter it under Models & keys.",
            )
            return [Finding("model_key", "missing", "model", text)]
        except NoModel:
            text = Words(
                f"模型列表里没有“{config.model}”。请另选一个。",
                f"There is no model {config.model!r} in the list. Choose another one.",
            )
            return [Finding("model", "missing", "model", text)]
        text = Words(
            "还没有语言模型：别人会和内置向导对话。请添加一个密钥，或选择本地模型。",
            "There is no language model yet: others would talk with the built-in guide. Add a key, or choose a local "
            "model.",
        )
        return [Finding("model", "missing", "model", text)]

    async def _tools(self, user: str, config: AgentConfig) -> list[Finding]:
        keys = await self.keyring.of(user)
        secrets = {**self.keyring.for_tools(keys), **self.keyring.for_apis(keys, config.openapi)}
        unavailable = await self.lender.unavailable(config.enabled_tools)
        found = [Finding("tool_unavailable", "missing", f"tools.{name}", why) for name, why in unavailable.items()]
        for name in config.enabled_tools:
            tool = self.tools.get(name)
            if tool is None:
                text = Words(f"这里没有名为“{name}”的工具。", f"There is no tool named {name!r} here.")
                found.append(Finding("tool_unknown", "warning", "tools", text))
            elif missing := tool.missing(secrets):
                need = missing[0]
                text = Words(
                    f"“{tool.label.zh}”缺少{need.label.zh}，暂时不会被使用。",
                    f"{tool.label.en} waits for {need.label.en}, and is not used until then.",
                )
                found.append(Finding("tool_key", "missing", f"tools.{name}", text))
        missing_keys = {
            api_id: config.openapi[api_id]
            for tool in tools_of(config.openapi, self.tools)
            if tool.missing(secrets) and (api_id := _api_of(tool)) in config.openapi
        }
        for api_id, api in missing_keys.items():
            text = Words(f"“{api.title or api_id}”还缺少密钥。", f"{api.title or api_id} has no key yet.")
            found.append(Finding("service_key", "missing", f"openapi.{api_id}", text))
        return found

    async def _servers(self, user: str, config: AgentConfig) -> list[Finding]:
        found: list[Finding] = []
        for name, server in config.mcp_servers.items():
            held = await self.servers.held(user, name, server)
            if not server.proposed and (wanted := [each.lstrip("?") for each in server.wants if not held.get(each)]):
                listed = ", ".join(wanted)
                text = Words(f"MCP 服务器“{name}”还缺少：{listed}。", f"The MCP server {name!r} still needs: {listed}.")
                found.append(Finding("service_key", "missing", f"mcpServers.{name}", text))
        return found


def _near(entries: Mapping[str, ModelEntry]) -> Iterator[Finding]:
    for name in (name for name, entry in entries.items() if entry.is_local):
        text = Words(
            f"模型“{name}”在这台机器或内部网络上：在这里分享没有问题，把智能体搬到别处就用不了它。",
            f"The model {name!r} is on this machine or in your network: what is shared from here can use it, but "
            "an agent that you take elsewhere cannot.",
        )
        yield Finding("model_near", "warning", "model", text)


def _texts(config: AgentConfig) -> Iterator[Finding]:
    if not config.name.strip():
        yield Finding("name", "missing", "name", Words("还没有名称。", "It has no name yet."))
    if not config.instruction.strip():
        text = Words("还没有指令：它不知道该做什么。", "It has no instruction yet: nothing says what it should do.")
        yield Finding("instruction", "missing", "instruction", text)


def _proposed(config: AgentConfig) -> Iterator[Finding]:
    for field in proposed_services(config):
        name = field.partition(".")[2]
        text = Words(
            f"“{name}”只是建议，你还没有允许，所以不会被使用。",
            f"{name!r} was only proposed, and is not used until you allow it.",
        )
        yield Finding("service_proposed", "warning", field, text)


def _files(files: tuple[KnownFile, ...]) -> Iterator[Finding]:
    for file in files:
        if file.state == "failed":
            why = file.reason or Words("无法读取，请换一种格式保存。", "Save it in another format.")
            text = Words(f"“{file.name}”读取失败：{why.zh}", f"{file.name!r} could not be read: {why.en}")
            yield Finding("file_failed", "missing", f"knowledge.{file.id}", text)
        elif not file.is_found:
            text = Words(f"“{file.name}”还在读取，请稍等。", f"{file.name!r} is still being read. Wait a moment.")
            yield Finding("file_waiting", "missing", f"knowledge.{file.id}", text)


def _bulk(files: tuple[KnownFile, ...], *, vectors: bool) -> Iterator[Finding]:
    """Knowledge of which a bundle may be too large to come back."""
    size_bytes = sum(file.size_bytes + (file.passages * _VECTOR_BYTES if vectors else 0) for file in files)
    if size_bytes > MAX_PACKED_BYTES:
        size, most = size_bytes // 1_000_000, MAX_PACKED_BYTES // 1_000_000
        text = Words(
            f"知识约有 {size} MB，打包后可能超过页面导入最多接收的 {most} MB。在别处能运行；"
            "要带回来，请让运行服务器的人用命令行导入，或先减少一些知识。",
            f"Its knowledge comes to about {size} MB, so a bundle may have more than the {most} MB that an import on "
            "the page takes. It runs elsewhere; to bring it back, whoever runs the server imports it by the command "
            "line, or you take some knowledge away first.",
        )
        yield Finding("bulk", "warning", "knowledge", text)


def _asking(config: AgentConfig, tools: Mapping[str, Tool]) -> Iterator[Finding]:
    """What asks a person before each call, or before some: a visitor is no such person."""
    labels: dict[str, Words] = {}
    ticked = [tools[name] for name in config.enabled_tools if name in tools]
    for tool in (*ticked, *tools_of(config.openapi, tools)):
        if _asks(config, tool.policy_key or tool.name, tool.effect_told):
            labels[f"tools.{tool.name}" if tool in ticked else f"openapi.{_api_of(tool)}"] = tool.label
    for each in served(config.mcp_servers, tools):
        if not each.server.proposed and _asks(config, each.policy_key, "reads" if each.tool.read_only else "writes"):
            labels[f"mcpServers.{each.server_name}"] = Words(each.tool.name, each.tool.name)
    for field, label in labels.items():
        text = Words(
            f"“{label.zh}”每次调用前要你同意。访客不能替你同意，所以对他们可能无法使用，除非链接允许他们逐次同意。",
            f"{label.en} asks for your leave before a call. Visitors cannot give it, so it may not work for them, "
            "unless a link lets them allow single calls.",
        )
        yield Finding("asks", "warning", field, text)


def _asks(config: AgentConfig, key: str, effect: str) -> bool:
    policy = config.policy_of(key)
    return policy == "ask" or (effect != "reads" and policy != "allow")


def _mixture(config: AgentConfig, tools: Mapping[str, Tool]) -> Iterator[Finding]:
    mixture = mixture_of(config, tools)
    if mixture is not None:
        yield Finding("mixture", "warning", "tools", mixture.warning)


def _code(config: AgentConfig) -> Iterator[Finding]:
    """A tool that needs more of the other side than a key."""
    if CODE_INTERPRETER in config.enabled_tools:
        text = Words(
            "代码解释器在别处需要沙箱：Linux 上的 bubblewrap。Hugging Face、魔搭等托管空间通常不允许，"
            "那里它不运行代码。",
            "Elsewhere the code interpreter needs a sandbox, bubblewrap on Linux. Hosted studios, such as Hugging "
            "Face's and ModelScope's, mostly forbid it: there it runs no code.",
        )
        yield Finding("sandbox", "warning", f"tools.{CODE_INTERPRETER}", text)


def _programs(config: AgentConfig) -> Iterator[Finding]:
    """MCP servers that are programs of this machine."""
    allowed = programs_of(config)
    for name, server in config.mcp_servers.items():
        if server.kind != "stdio" or server.proposed or not server.tools:
            continue
        text = Words(
            f"MCP 服务器“{name}”是这台机器上的程序，不会随打包的智能体走。",
            f"The MCP server {name!r} is a program of this machine, and does not go along in a bundle.",
        )
        if name in allowed:
            text = Words(
                f"MCP 服务器“{name}”是这台机器上的程序。在别处，运行智能体的人要安装它并用 MCP_COMMANDS 允许它。",
                f"The MCP server {name!r} is a program of this machine. Elsewhere whoever runs the agent has to "
                "install it, and allow it by MCP_COMMANDS.",
            )
        yield Finding("program", "warning", f"mcpServers.{name}", text)


def _api_of(tool: Tool) -> str:
    """The id of the API that an operation is of."""
    place = operation_at(tool.policy_key)
    return place.api if place else ""
