"""What of a configuration goes into a bundle: the fields that are known here, without ids and without any secret."""

import re
from collections.abc import Mapping
from typing import cast
from urllib.parse import parse_qsl, urlsplit, urlunsplit

from pydantic import JsonValue

from agentfabric.importing import without_secrets
from user_agent.config import AgentConfig, Document
from user_agent.mcp.stored import SECRET, McpServer
from user_agent.mcp.tools import Served
from user_agent.models.entry import Kind, ModelEntry
from user_agent.openapi.stored import Api, Leave, Operation
from user_agent.serve.variables import Variable, variables_of
from user_agent.tools.base import Tool

PICTURE = "avatar.png"
_PLAIN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")
OWN_KEYS: Mapping[Kind, str] = {
    "chat": "MODEL_API_KEY",
    "embedding": "EMBEDDING_API_KEY",
    "rerank": "RERANKER_API_KEY",
}
"""The variables for keys of models at somebody's own endpoints, which have no name: one never goes to another's."""


def exported_document(config: AgentConfig, knowledge: list[str], model: str) -> Document:
    """The document as a bundle has it. By allow-list: what this version does not know stays at home."""
    tags = config.retrieval.tags
    # What nobody allowed is not for others.
    servers = {
        name: _server(server)
        for name, server in config.mcp_servers.items()
        if travels(server) and server.tools and not server.proposed
    }
    return {
        "name": config.name,
        "avatar": PICTURE,
        "description": config.description,
        "instruction": config.instruction,
        "language": config.language,
        "prologue": config.prologue,
        "prompt_recommend": [*config.prompt_recommend],
        "knowledge": [f"config/{name}" for name in knowledge],
        "tools": {
            name: _without_none({"name": entry.name, "is_active": True, "use": True, "policy": entry.policy})
            for name, entry in config.tools.items()
            if entry.use and entry.is_active
        }
        | _asking(config, servers),
        "openapi": {api_id: _api(api) for api_id, api in config.openapi.items() if api.usable},
        "mcpServers": {name: _written(server) for name, server in servers.items()},
        **({"memory": True} if config.memory else {}),
        "model": model,
        "generation": _without_none(
            {"temperature": config.generation.temperature, "max_tokens": config.generation.max_tokens}
        ),
        "retrieval": _without_none(
            {
                "embedding": config.retrieval.embedding,
                "reranker": config.retrieval.reranker or None,
                "tags": [*tags] if tags else None,
                "budget": config.retrieval.budget,
            }
        ),
    }


def exported_model(entry: ModelEntry) -> Document:
    """A model's entry without its key or another secret, and without what this version does not know."""
    known = {*ModelEntry.model_fields} - {"display_key", "api_key"}
    written = cast(Document, entry.model_dump(mode="json", include=known, exclude_defaults=True))
    for free in ("extra_body", "generate_cfg"):  # whatever an endpoint knows
        if free in written:
            written[free] = without_secrets(written[free])
    written |= {"type": entry.type, "model": entry.model, "api_base": bare_address(entry.api_base)}
    if entry.needs_key and not entry.api_key_env:
        written["api_key_env"] = OWN_KEYS[entry.kind]
    return written


def exported_variables(
    config: AgentConfig, model: str, entries: Mapping[str, ModelEntry], tools: Mapping[str, Tool]
) -> tuple[Variable, ...]:
    """The keys that whoever runs the agent elsewhere has to bring: of what goes out, and of nothing that stays."""
    out = AgentConfig.from_document(exported_document(config, [], model))
    models = {key: ModelEntry.model_validate(exported_model(entry)) for key, entry in entries.items()}
    return variables_of(out, models, tools)


def bare_address(url: str) -> str:
    """The address without user, password, query and fragment, where keys are put that are none of its."""
    if not url:
        return ""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def _api(api: Api) -> JsonValue:
    auth = api.auth.model_copy(update={"token_url": bare_address(api.auth.token_url)})
    usable = tuple(_operation(each) for each in api.usable)
    waits = {
        name: wait.model_copy(update={"look": _operation(wait.look)})
        for name, wait in api.waits.items()
        if any(name == each.name for each in usable)
    }
    bare = Api(title=api.title, server=bare_address(api.server), auth=auth, operations=usable, waits=waits)
    # A leave to write unasked is its owner's alone, and no stranger's.
    chosen = {each.name: leave for each in usable if (leave := api.policies.get(each.name)) is not None}
    asking = {name: Leave(policy=leave.policy) for name, leave in chosen.items() if leave.policy != "allow"}
    return cast(JsonValue, bare.model_copy(update={"policies": asking}).model_dump(mode="json", exclude_defaults=True))


def _operation(operation: Operation) -> Operation:
    # An answer that was seen is for trying it out at home.
    return operation.model_copy(update={"server": bare_address(operation.server), "answer": None})


def travels(server: McpServer) -> bool:
    """Whether a server can be asked from elsewhere: at its address, or as a program by a plain name, which whoever runs
    it there has to allow. Arguments and environments are this machine's, and may hold keys."""
    return bool(server.url) or _is_program(server)


def programs_of(config: AgentConfig) -> dict[str, str]:
    """The names of the programs among the servers that go out, each by its server's name."""
    return {
        name: server.command
        for name, server in config.mcp_servers.items()
        if _is_program(server) and server.tools and not server.proposed
    }


def _is_program(server: McpServer) -> bool:
    is_plain = not server.args and not server.env
    return server.kind == "stdio" and is_plain and _PLAIN_NAME.fullmatch(server.command) is not None


def _server(server: McpServer) -> McpServer:
    if not server.url:
        return McpServer(command=server.command, tools=server.tools)
    names = [name for name, _ in parse_qsl(urlsplit(server.url).query, keep_blank_values=True)]
    query = "&".join(f"{name}={SECRET}" for name in names)
    address = bare_address(server.url) + (f"?{query}" if query else "")
    return McpServer(type=server.type, url=address, headers=dict.fromkeys(server.headers, SECRET), tools=server.tools)


def _written(server: McpServer) -> JsonValue:
    return cast(JsonValue, server.model_dump(mode="json", exclude_defaults=True))


def _asking(config: AgentConfig, servers: Mapping[str, McpServer]) -> Document:
    """What was chosen of tools of these servers, under the keys that it has where they are as they go out."""
    asking: Document = {}
    for name, server in servers.items():
        for tool in server.tools:
            policy = config.policy_of(Served("", name, config.mcp_servers[name], tool).policy_key)
            if policy and policy != "allow":
                asking[Served("", name, server, tool).policy_key] = {"policy": policy}
    return asking


def _without_none(values: Mapping[str, JsonValue]) -> JsonValue:
    return {name: value for name, value in values.items() if value is not None}
