"""LobeChat: an agent of its market, an export of sessions, or of a whole database."""

from pydantic import JsonValue

from agentfabric.publish.importer.incoming import Incoming
from agentfabric.publish.importer.mapping import Mapped, first, mapping, objects, texts
from user_agent.config import Document


def agents_in(value: JsonValue) -> list[Document]:
    """The agents in a JSON value, each with its fields in one object; none where it is something else."""
    document = mapping(value)
    sessions = objects(mapping(document.get("state")).get("sessions"))
    if sessions:
        return [_flat(session) for session in sessions if session.get("type", "agent") == "agent"]
    rows = objects(mapping(document.get("data")).get("agents"))
    if rows and "schemaHash" in document:
        return [{_camel(key): item for key, item in row.items()} for row in rows]
    if isinstance(document.get("config"), dict) and isinstance(document.get("meta"), dict):
        return [_flat(document)]
    return []


def title_of(agent: Document) -> str:
    return str(first(agent.get("title"), agent.get("slug"), "?"))


def read_lobechat(agent: Document, choices: list[str]) -> Incoming:
    mapped = Mapped("lobechat")
    mapped.text("name", agent.get("title"))
    mapped.text("description", agent.get("description"))
    mapped.text("instruction", agent.get("systemRole"))
    mapped.text("prologue", agent.get("openingMessage"))
    mapped.suggestions(agent.get("openingQuestions"))
    mapped.model(agent.get("model"), agent.get("params"), {"temperature": "temperature", "max_tokens": "max_tokens"})
    mapped.tools(texts(agent.get("plugins")))
    known = [*objects(agent.get("knowledgeBases")), *objects(agent.get("files"))]
    mapped.knowledge(str(first(entry.get("name"), entry.get("id"), "?")) for entry in known)
    mapped.picture(agent.get("avatar"))
    shots = objects(agent.get("fewShots"))
    if shots:
        mapped.note("lost", "", f"{len(shots)} 条示例对话", f"{len(shots)} messages of an example")
    tags = texts(agent.get("tags"))
    mapped.lose("", "标签", "tags", tags)
    return mapped.done(choices)


def _flat(entry: Document) -> Document:
    return {**mapping(entry.get("meta")), **mapping(entry.get("config"))}


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part[:1].upper() + part[1:] for part in rest)
