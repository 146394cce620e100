"""LobeChat: an agent of its market, an export of sessions or settings, or of a whole database."""

from pydantic import JsonValue

from agentfabric.publish.importer.given import Exported, Given
from agentfabric.publish.importer.incoming import Incoming
from agentfabric.publish.importer.mapping import Mapped, first, mapping, objects
from user_agent.config import Document

_OF_AN_AGENT = (
    *("id", "slug", "identifier", "author", "homepage", "createdAt", "updatedAt", "accessedAt", "schemaVersion"),
    *("clientId", "userId", "virtual", "provider", "type", "group", "pinned", "backgroundColor", "category", "locale"),
    *("knowledgeCount", "pluginCount", "tokenUsage", "sessionGroupId", "marketIdentifier", "editorData", "createAt"),
    *("tts", "displayMode", "enableCompressThreshold", "enableHistoryCount", "updateAt"),
)
_OF_A_FILE = ("exportType", "version", "mode", "schemaHash")
_SEARCHES = ("auto", "on")


def names_in(value: JsonValue) -> list[str]:
    """What the agents in a JSON value are called; none where it is something else."""
    return [_title(agent.fields) for agent in _exported(mapping(value)).agents]


def read_lobechat(value: JsonValue, number: int, choices: list[str]) -> Incoming:
    exported = _exported(mapping(value))
    given = exported.chosen(number)
    mapped = Mapped("lobechat", exported.root)
    meta = given.at("meta") if "meta" in given.fields else given
    config = given.at("config") if "config" in given.fields else given
    for part in (given, meta, config):
        part.leave(*_OF_AN_AGENT)
    mapped.text("name", meta.take("title"))
    mapped.text("description", meta.take("description"))
    mapped.text("instruction", config.take("systemRole"))
    mapped.text("prologue", config.take("openingMessage"))
    mapped.suggestions(config.take("openingQuestions"))
    mapped.model(config.take("model"), config.at("params"))
    mapped.tools(_tools(config))
    mapped.knowledge(_known(config))
    mapped.picture(meta.take("avatar"))
    shots = len(config.each("fewShots")) + len(given.each("examples"))
    if shots:
        mapped.note("lost", "", f"{shots} 条示例对话", f"{shots} messages of an example")
    mapped.lose("", "标签", "tags", meta.texts("tags"))
    templates = [part.take("inputTemplate") for part in (config.at("chatConfig"), config)]
    if any(templates):
        mapped.note("lost", "", "套在每句话外面的模板", "the template around everything that is said to it")
    return mapped.done(choices)


def _exported(document: Document) -> Exported:
    """The agents, each as the file has it, in the layouts of all versions."""
    rows = objects(mapping(document.get("data")).get("agents"))
    if rows and "schemaHash" in document:
        plain: list[JsonValue] = [{_camel(key): item for key, item in row.items()} for row in rows]
        root = Given({**document, "data": {**mapping(document["data"]), "agents": plain}})
        root.leave(*_OF_A_FILE)
        return Exported(root, root.at("data").each("agents", place="agent"))
    root = Given(document)
    if _is_agent(document):
        return Exported(root, [root])
    root.leave(*_OF_A_FILE)
    state = root.at("state")
    # The first exports had sessions by their ids.
    by_id = state.at("sessions")
    sessions = state.each("sessions", place="session") or [by_id.at(name) for name in by_id.fields]
    agents = [session for session in sessions if _is_agent(session.fields)]
    standard = state.at("settings").at("defaultAgent", place="defaultAgent")
    return Exported(root, agents or ([standard] if _is_agent(standard.fields) else []))


def _is_agent(document: Document) -> bool:
    is_agent = isinstance(document.get("config"), dict) and isinstance(document.get("meta"), dict)
    return is_agent and document.get("type", "agent") == "agent"


def _title(agent: Document) -> str:
    return str(first(mapping(agent.get("meta")).get("title"), agent.get("title"), agent.get("slug"), "?"))


def _tools(config: Given) -> list[str]:
    """Its plugins, and the search that its chats may do by themselves."""
    named = config.texts("plugins")
    old = [str(first(plugin.take("identifier"), "?")) for plugin in config.each("plugins")]
    chat = config.at("chatConfig")
    searches = ["lobe-web-browsing"] if chat.fields.get("searchMode") in _SEARCHES else []
    if searches:
        chat.take("searchMode")
    return [*named, *old, *searches]


def _known(config: Given) -> list[str]:
    entries = [*config.each("knowledgeBases"), *config.each("files")]
    for entry in entries:
        entry.leave(*entry.fields)
    return [str(first(entry.either("name", "id"), "?")) for entry in entries]


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part[:1].upper() + part[1:] for part in rest)
