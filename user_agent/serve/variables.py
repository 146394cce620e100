"""What the secrets of one agent are called in an environment, and where a person gets them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from user_agent.config import AgentConfig
from user_agent.mcp.stored import McpServer
from user_agent.models.entry import ModelEntry
from user_agent.openapi.sending import key_address, key_name
from user_agent.openapi.stored import Api
from user_agent.tools.base import Tool
from user_agent.words import Words


@dataclass(frozen=True, slots=True)
class Variable:
    """A secret that an agent asks for, by its name in the environment."""

    name: str
    label: Words
    """What it is for."""
    url: str = ""
    """Where a person gets it."""
    required: bool = True
    """Whether something of the agent does not work without it."""


def placeholder(name: str) -> str:
    """What stands for the value of a variable until somebody fills it in: it is none."""
    return f"Your-{name}"


def variables_of(
    config: AgentConfig, entries: Mapping[str, ModelEntry], tools: Mapping[str, Tool]
) -> tuple[Variable, ...]:
    """What the agent asks for, each once: keys of the models in `entries`, of ticked tools, of APIs and MCP servers."""
    found: dict[str, Variable] = {}
    for variable in (*_of_models(entries), *_of_tools(config, tools), *_of_apis(config), *_of_servers(config)):
        found.setdefault(variable.name, variable)
    return tuple(found.values())


def _of_models(entries: Mapping[str, ModelEntry]) -> Iterator[Variable]:
    for key, entry in entries.items():
        if entry.api_key_env:
            label = Words(f"模型“{key}”的密钥", f"the key of the model {key!r}")
            yield Variable(entry.api_key_env, label, entry.key_url, required=entry.kind == "chat")


def _of_tools(config: AgentConfig, tools: Mapping[str, Tool]) -> Iterator[Variable]:
    for name in config.enabled_tools:
        tool = tools.get(name)
        for need in tool.secrets if tool else ():
            optional = tool is not None and (tool.works_without_secrets or tool.one_is_enough)
            yield Variable(need.name, need.label, need.url, required=not optional)


def _of_apis(config: AgentConfig) -> Iterator[Variable]:
    for api_id, api in config.openapi.items():
        if api.auth.kind != "none":
            label = Words(
                f"“{api.title}”的密钥，发往 {key_address(api)}", f"the key of {api.title!r}, sent to {key_address(api)}"
            )
            yield Variable(api_variable(api_id), label)


def _of_servers(config: AgentConfig) -> Iterator[Variable]:
    for name, server in config.mcp_servers.items():
        for wanted in server.wants:
            label = Words(
                f"MCP 服务器“{name}”要的 {wanted.lstrip('?')}", f"{wanted.lstrip('?')} for the MCP server {name!r}"
            )
            yield Variable(server_variable(name, wanted), label)


def api_variable(api_id: str) -> str:
    return f"{_plain(api_id)}_API_KEY"


def server_variable(name: str, wanted: str) -> str:
    """Of a header of that name, or of `?name` in the server's address."""
    return f"MCP_{_plain(name)}_{_plain(wanted)}"


def _plain(name: str) -> str:
    """The name in letters, digits and underscores; two different ones stay different."""
    plain = re.sub(r"[^A-Z0-9]+", "_", name.upper()).strip("_")
    strange = "".join(f"{ord(letter):X}" for letter in name if ord(letter) > 127)
    return "_".join(part for part in (plain, strange) if part) or "X"


def secrets_for_apis(apis: Mapping[str, Api], environment: Mapping[str, str]) -> dict[str, str]:
    """The keys of APIs by the names under which their tools ask for them."""
    found = {key_name(api_id, api): environment.get(api_variable(api_id), "") for api_id, api in apis.items()}
    return {name: key for name, key in found.items() if key}


def held_by_server(name: str, server: McpServer, environment: Mapping[str, str]) -> dict[str, str]:
    """What a server wants to know, as far as the environment has it."""
    found = {wanted: environment.get(server_variable(name, wanted), "") for wanted in server.wants}
    return {wanted: value for wanted, value in found.items() if value}
