"""LibreChat: an agent, or a preset of a conversation, as JSON."""

from pydantic import JsonValue

from agentfabric.publish.importer.incoming import Incoming
from agentfabric.publish.importer.mapping import Mapped, first, mapping, objects, texts
from user_agent.config import Document

_NO_TOOLS = ("file_search", "context", "ocr", "artifacts")
"""What is no tool here: files are searched as knowledge."""
_PRESET_SETTINGS = (
    "temperature",
    "top_p",
    "topP",
    "topK",
    "presence_penalty",
    "frequency_penalty",
    "max_tokens",
    "maxOutputTokens",
)


def agents_in(value: JsonValue) -> list[Document]:
    """The agents and presets in a JSON value; none where it is something else."""
    inner = mapping(value).get("agents") or mapping(value).get("data")
    entries = objects(value) or objects(inner) or [mapping(value)]
    return [entry for entry in entries if _is_agent(entry) or _is_preset(entry)]


def _is_agent(entry: Document) -> bool:
    return "instructions" in entry and ("provider" in entry or "model_parameters" in entry or "tool_resources" in entry)


def _is_preset(entry: Document) -> bool:
    return "endpoint" in entry and ("promptPrefix" in entry or "presetId" in entry or "modelLabel" in entry)


def read_librechat(entry: Document, choices: list[str]) -> Incoming:
    mapped = Mapped("librechat")
    if _is_agent(entry):
        _agent(entry, mapped)
    else:
        _preset(entry, mapped)
    return mapped.done(choices)


def title_of(entry: Document) -> str:
    return str(first(entry.get("name"), entry.get("modelLabel"), entry.get("chatGptLabel"), entry.get("title"), "?"))


def _agent(entry: Document, mapped: Mapped) -> None:
    mapped.text("name", entry.get("name"))
    mapped.text("description", entry.get("description"))
    mapped.text("instruction", entry.get("instructions"))
    mapped.suggestions(entry.get("conversation_starters"))
    settings = mapping(entry.get("model_parameters"))
    limit = "max_tokens" if "max_tokens" in settings else "maxOutputTokens"
    plain = {key: value for key, value in settings.items() if key != "model"}
    mapped.model(
        first(entry.get("model"), settings.get("model")), plain, {"temperature": "temperature", "max_tokens": limit}
    )
    _tools(texts(entry.get("tools")), texts(entry.get("actions")), mapped)
    resources = [mapping(resource) for resource in mapping(entry.get("tool_resources")).values()]
    mapped.knowledge(file for resource in resources for file in texts(resource.get("file_ids")))
    picture = entry.get("avatar")
    mapped.picture(first(mapping(picture).get("filepath"), picture if isinstance(picture, str) else None))
    others = [*texts(entry.get("agent_ids")), *(str(edge.get("to", "?")) for edge in objects(entry.get("edges")))]
    mapped.lose("", "与它相连的智能体", "agents that it hands over to", others)


def _preset(entry: Document, mapped: Mapped) -> None:
    mapped.text("name", title_of(entry))
    mapped.text("instruction", first(entry.get("promptPrefix"), entry.get("system"), entry.get("instructions")))
    mapped.text("prologue", entry.get("greeting"))
    limit = "max_tokens" if "max_tokens" in entry else "maxOutputTokens"
    settings: Document = {key: entry[key] for key in _PRESET_SETTINGS if key in entry}
    mapped.model(entry.get("model"), settings, {"temperature": "temperature", "max_tokens": limit})
    plugins = [str(first(tool.get("pluginKey"), tool.get("name"), "?")) for tool in objects(entry.get("tools"))]
    _tools([*texts(entry.get("tools")), *plugins], [], mapped)
    mapped.lose("", "示例对话", "examples", ["examples"] if entry.get("examples") else [])


def _tools(names: list[str], actions: list[str], mapped: Mapped) -> None:
    """Tools of servers and actions are written into the names: `tool_mcp_server`, `operation_action_domain`."""
    servers = dict.fromkeys(name.partition("_mcp_")[2] for name in names if "_mcp_" in name)
    domains = dict.fromkeys(name.partition("_action_")[2] for name in names if "_action_" in name)
    plain = [name for name in names if "_mcp_" not in name and "_action_" not in name and name not in _NO_TOOLS]
    mapped.tools(plain)
    mapped.lose(
        "mcpServers",
        "MCP 服务器的地址没有带来，请在“配置”里连接",
        "MCP servers, whose addresses did not come along: connect them",
        servers,
    )
    mapped.lose(
        "openapi",
        "动作的描述没有带来，请在“配置”里导入",
        "actions, whose descriptions did not come along: import them",
        domains or actions,
    )
