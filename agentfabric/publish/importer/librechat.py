"""LibreChat: an agent, a preset, or the settings of an exported conversation, as JSON."""

from dataclasses import replace

from pydantic import JsonValue

from agentfabric.publish.importer.given import Exported, Given, entries_of
from agentfabric.publish.importer.incoming import Incoming
from agentfabric.publish.importer.mapping import Mapped, first
from user_agent.config import Document

_NO_TOOLS = {"file_search": "", "context": "", "ocr": "", "artifacts": ""}
"""What is no tool here: files are searched as knowledge, and read as they are attached."""
_OF_AN_AGENT = (
    *("_id", "id", "__v", "author", "authorName", "provider", "createdAt", "updatedAt", "projectIds", "access_level"),
    *("isCollaborative", "is_promoted", "category", "tenantId", "mcpServerNames", "isPublic"),
)
_OF_A_PRESET = (
    *("_id", "presetId", "__v", "user", "endpoint", "endpointType", "defaultPreset", "order", "createdAt", "updatedAt"),
    *("conversationId", "isArchived", "iconURL", "spec", "tenantId", "resendFiles", "resendImages", "exportAt"),
)
_SETTINGS = (
    *("temperature", "top_p", "topP", "topK", "presence_penalty", "frequency_penalty", "max_tokens", "maxTokens"),
    *("maxOutputTokens", "maxContextTokens", "stop", "seed", "imageDetail", "promptCache", "promptCacheTtl"),
    *("thinking", "thinkingBudget", "thinkingLevel", "effort", "reasoning_effort", "reasoning_summary", "verbosity"),
    *("useResponsesApi", "disableStreaming", "fileTokenLimit", "region"),
)
_LIMITS = ("max_tokens", "maxOutputTokens", "maxTokens")


def names_in(value: JsonValue) -> list[str]:
    """What the agents and presets in a JSON value are called; none where it is something else."""
    return [_title(entry.fields) for entry in _entries(value).agents]


def read_librechat(value: JsonValue, number: int, choices: list[str]) -> Incoming:
    exported = _entries(value)
    given = exported.chosen(number)
    mapped = Mapped("librechat", exported.root)
    if _is_agent(given.fields):
        _agent(given, mapped)
    elif _is_conversation(given.fields):
        _conversation(given, mapped)
    else:
        _preset(given, mapped)
    return mapped.done(choices)


def _entries(value: JsonValue) -> Exported:
    exported = entries_of(value, "agents", "data", "presets")
    known = (_is_agent, _is_preset, _is_conversation)
    return replace(exported, agents=[entry for entry in exported.agents if any(kind(entry.fields) for kind in known)])


def _is_agent(entry: Document) -> bool:
    return "instructions" in entry and bool({"provider", "model_parameters", "tool_resources"} & entry.keys())


def _is_preset(entry: Document) -> bool:
    return "endpoint" in entry and bool({"promptPrefix", "presetId", "modelLabel", "system", "title"} & entry.keys())


def _is_conversation(entry: Document) -> bool:
    return "conversationId" in entry and isinstance(entry.get("options"), dict)


def _title(entry: Document) -> str:
    return str(first(entry.get("name"), entry.get("modelLabel"), entry.get("chatGptLabel"), entry.get("title"), "?"))


def _agent(given: Given, mapped: Mapped) -> None:
    given.leave(*_OF_AN_AGENT)
    mapped.text("name", given.take("name"))
    mapped.text("description", given.take("description"))
    mapped.text("instruction", given.take("instructions"))
    mapped.suggestions(given.take("conversation_starters"))
    settings = given.at("model_parameters")
    if given.fields.get("model"):
        settings.leave("model")
    mapped.model(given.take("model") or settings.take("model"), settings, *_LIMITS)
    tools = given.texts("tools")
    # Actions that it uses stand among its tools, with the address that they are at.
    given.leave("actions")
    _tools(tools, [] if any("_action_" in tool for tool in tools) else given.texts("actions"), mapped)
    mapped.knowledge(_files(given.at("tool_resources")))
    picture = given.at("avatar")
    picture.leave("source")
    mapped.picture(picture.take("filepath") or given.take("avatar") if picture.fields else given.take("avatar"))
    edges = [str(first(edge.take("to"), "?")) for edge in given.each("edges")]
    others = [*given.texts("agent_ids"), *edges]
    mapped.lose("", "与它相连的智能体", "agents that it hands over to", others)
    given.leave("versions")


def _files(resources: Given) -> list[str]:
    """Files by what they are known as, of every kind of use."""
    names: list[str] = []
    for kind in resources.fields:
        held = resources.at(kind)
        held.leave("vector_store_ids")
        files = held.each("files")
        for file in files:
            file.leave(*file.fields)
        named = [str(first(file.either("filename", "file_id"), "?")) for file in files]
        held.leave("file_ids")
        names += named or held.texts("file_ids")
    return names


def _conversation(given: Given, mapped: Mapped) -> None:
    """What a conversation was set to. What was said in it stays where it is."""
    given.leave("conversationId", "endpoint", "exportAt", "branches", "recursive")
    for place in ("messages", "messagesTree"):
        said = given.take(place)
        count = len(said) if isinstance(said, list) else 1
        mapped.lose("", "对话里说过的话", "what was said in it", [f"{place} × {count}"] if said else [])
    options = given.at("options")
    _preset(options, mapped, title=given.take("title"))


def _preset(given: Given, mapped: Mapped, title: JsonValue = None) -> None:
    given.leave(*_OF_A_PRESET)
    name = given.either("name", "modelLabel", "chatGptLabel", "title")
    mapped.text("name", name or title)
    mapped.text("instruction", given.either("promptPrefix", "system", "instructions"))
    mapped.text("prologue", given.take("greeting"))
    settings = Given({key: given.take(key) for key in _SETTINGS if key in given.fields})
    mapped.model(given.take("model"), settings, *_LIMITS)
    plugins = [str(first(tool.either("pluginKey", "name"), "?")) for tool in given.each("tools")]
    for tool in given.each("tools"):
        tool.leave(*tool.fields)
    named = given.texts("tools")
    searches = ["web_search"] if given.take("web_search") is True else []
    _tools([*named, *plugins, *searches], [], mapped)
    mapped.knowledge(given.texts("file_ids"))
    mapped.lose("", "标签", "tags", given.texts("tags"))
    mapped.lose("", "示例对话", "examples", ["examples"] if given.take("examples") else [])
    agents = [str(given.take(place)) for place in ("agent_id", "assistant_id") if given.fields.get(place)]
    mapped.lose("", "它用的智能体不在这个文件里", "the agent that it used, which is not in this file", agents)


def _tools(names: list[str], actions: list[str], mapped: Mapped) -> None:
    """Tools of servers and actions are written into the names: `tool_mcp_server`, `operation_action_domain`."""
    servers = dict.fromkeys(name.partition("_mcp_")[2] for name in names if "_mcp_" in name)
    domains = dict.fromkeys(name.partition("_action_")[2].replace("---", ".") for name in names if "_action_" in name)
    plain = [name for name in names if "_mcp_" not in name and "_action_" not in name]
    mapped.tools(name for name in plain if name not in _NO_TOOLS)
    if own := [name for name in plain if name in _NO_TOOLS]:
        mapped.note(
            "changed",
            "tools",
            f"这里不需要单独的工具，附件和知识总会读到：{'、'.join(own)}",
            f"no tools of their own here, where files and knowledge are always read: {', '.join(own)}",
        )
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
        domains or [action.partition("_action_")[0] for action in actions],
    )
