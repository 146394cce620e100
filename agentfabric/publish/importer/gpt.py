"""A GPT of ChatGPT, or an assistant of OpenAI's API: its fields as JSON, as requests have them or people write them."""

import json
from collections.abc import Iterator
from dataclasses import replace

from pydantic import JsonValue

from agentfabric.publish.importer.given import Exported, Given, entries_of
from agentfabric.publish.importer.incoming import Incoming
from agentfabric.publish.importer.mapping import Mapped, first, mapping, texts
from user_agent.config import Document

_OF_A_GPT = (
    *("id", "organization_id", "workspace_id", "short_url", "author", "created_at", "updated_at", "last_interacted_at"),
    *("num_interactions", "vanity_metrics", "share_recipient", "version", "version_author", "version_created_at"),
    *("version_updated_at", "live_version", "allowed_sharing_recipients", "review_info", "appeal_info", "tags"),
    *("sharing", "sharing_targets", "workspace_approved", "training_disabled", "current_user_permission", "voice"),
    *("product_features", "object", "metadata", "is_unauthorized_sharing"),
)
_OF_ITS_DISPLAY = ("profile_pic_id", "categories", "emoji", "theme")
_OF_A_TOOL = ("id", "settings")
_OF_AN_ACTION = ("action_id", "domain", "privacy_policy_url", "auth", "authentication", "privacy_policy", "name")
_SEARCHES_FILES = ("file_search", "retrieval")
_OTHERS = ("provider", "model_parameters", "endpoint")


def names_in(value: JsonValue) -> list[str]:
    """What the GPTs or assistants in a JSON value are called; none where it is something else."""
    return [_name(entry.fields) for entry in _entries(value).agents]


def read_gpt(value: JsonValue, number: int, choices: list[str]) -> Incoming:
    exported = _entries(value)
    given = exported.chosen(number)
    mapped = Mapped("gpt", exported.root)
    gizmo = given.at("gizmo") if "gizmo" in given.fields else given
    display = gizmo.at("display") if "display" in gizmo.fields else gizmo
    given.leave(*_OF_A_GPT)
    gizmo.leave(*_OF_A_GPT)
    display.leave(*_OF_ITS_DISPLAY)
    mapped.text("name", display.take("name"))
    mapped.text("description", display.take("description"))
    mapped.text("instruction", gizmo.take("instructions"))
    mapped.text("prologue", display.take("welcome_message"))
    mapped.suggestions(display.either("prompt_starters", "conversation_starters"))
    used = gizmo if "model" in gizmo.fields else given
    settings = Given(
        {name: used.take(name) for name in ("temperature", "top_p", "reasoning_effort", "response_format")}
    )
    mapped.model(used.either("model", "recommended_model"), settings)
    tools = [*given.each("tools"), *(gizmo.each("tools") if gizmo is not given else ())]
    mapped.tools([*_capabilities(given), *_kinds(tools, mapped), *_plain(given)])
    mapped.picture(display.either("profile_picture_url", "profile_image"))
    mapped.descriptions += [*_actions(given), *_described(tools)]
    mapped.knowledge(_files(given) if gizmo is given else [*_files(given), *_files(gizmo)])
    return mapped.done(choices)


def _entries(value: JsonValue) -> Exported:
    exported = entries_of(value, "data")
    exported.root.leave("object", "first_id", "last_id", "has_more")
    # Lists of GPTs wrap each in the kind of thing that it is.
    inner = [entry.at("resource").at("gizmo", place="") for entry in exported.agents]
    entries = [held if held.fields else entry for held, entry in zip(inner, exported.agents, strict=True)]
    return replace(exported, agents=[entry for entry in entries if _is_gpt(entry.fields)])


def _is_gpt(document: Document) -> bool:
    if isinstance(document.get("gizmo"), dict) or document.get("object") == "assistant":
        return True
    # Not ours, whose word is `instruction`, and not an agent of LibreChat.
    return "instructions" in document and "instruction" not in document and not document.keys() & set(_OTHERS)


def _name(entry: Document) -> str:
    gizmo = mapping(entry.get("gizmo")) or entry
    return str(first(mapping(gizmo.get("display")).get("name"), gizmo.get("name"), gizmo.get("id"), "?"))


def _capabilities(given: Given) -> list[str]:
    switched = given.at("capabilities").take_all()
    return [name for name, on in switched.items() if on] or given.texts("capabilities")


def _plain(given: Given) -> list[str]:
    """Tools that somebody wrote down by their names alone."""
    return given.texts("tools")


def _kinds(tools: list[Given], mapped: Mapped) -> list[str]:
    """Kinds of tools. Functions of the API have their code elsewhere, and files are searched as knowledge."""
    named: list[str] = []
    functions: list[str] = []
    for tool in tools:
        tool.leave(*_OF_A_TOOL)
        kind = str(tool.fields.get("type") or "")
        if kind.startswith("plugins") or kind == "action":
            tool.leave("type")
            continue
        tool.take("type")
        if kind == "function":
            function = tool.at("function")
            function.leave("description", "parameters", "strict")
            functions.append(str(first(function.take("name"), "?")))
        elif kind in _SEARCHES_FILES:
            mapped.note("changed", "tools", "知识总会被搜索", "what it knows is always searched")
        elif kind:
            named.append(kind)
    mapped.lose("tools", "函数，它们的程序不在文件里", "functions, whose code is elsewhere", functions)
    return named


def _actions(given: Given) -> Iterator[str]:
    """The descriptions of its actions. What they sign in with is not taken over."""
    held = given.fields.get("actions")
    listed = given.each("actions") if isinstance(held, list) else [given.at("actions")]
    for action in listed:
        action.leave(*_OF_AN_ACTION)
        if "openapi" in action.fields:
            yield _as_text(action.take_all())
        elif spec := action.either("schema", "raw_spec", "spec"):
            yield _as_text(spec)
    plain = [held] if isinstance(held, str) else texts(held)
    if plain:
        given.take("actions")
        yield from plain


def _described(tools: list[Given]) -> Iterator[str]:
    for tool in tools:
        metadata = tool.at("metadata")
        metadata.leave(*_OF_AN_ACTION)
        if spec := metadata.either("raw_spec", "json_schema"):
            yield _as_text(spec)


def _as_text(spec: JsonValue) -> str:
    return spec if isinstance(spec, str) else json.dumps(spec, ensure_ascii=False)


def _files(given: Given) -> list[str]:
    """Files by name, or by their ids where there are no names."""
    names: list[str] = []
    for place in ("files", "knowledge", "knowledge_files", "file_ids"):
        for file in given.each(place):
            file.leave(*file.fields)
            names.append(str(first(file.either("name", "file_id"), "?")))
        names += given.texts(place)
    resources = given.at("tool_resources")
    for kind in resources.fields:
        held = resources.at(kind)
        names += [*held.texts("file_ids"), *held.texts("vector_store_ids")]
    return names
