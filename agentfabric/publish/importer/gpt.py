"""A GPT of ChatGPT: its fields as JSON, as the editor's own requests have them or as people write them down."""

import json

from pydantic import JsonValue

from agentfabric.publish.importer.incoming import Incoming
from agentfabric.publish.importer.mapping import Mapped, first, mapping, objects, texts
from user_agent.config import Document


def is_gpt(document: Document) -> bool:
    if isinstance(document.get("gizmo"), dict):
        return True
    return (
        "instructions" in document
        and ("conversation_starters" in document or "actions" in document)
        and not ("provider" in document or "model_parameters" in document or "tool_resources" in document)
    )


def read_gpt(document: Document) -> Incoming:
    mapped = Mapped("gpt")
    gizmo = mapping(document.get("gizmo")) or document
    display = mapping(gizmo.get("display")) or gizmo
    mapped.text("name", first(display.get("name"), document.get("name")))
    mapped.text("description", first(display.get("description"), document.get("description")))
    mapped.text("instruction", first(gizmo.get("instructions"), document.get("instructions")))
    mapped.text("prologue", display.get("welcome_message"))
    starters = first(
        display.get("prompt_starters"), display.get("conversation_starters"), document.get("conversation_starters")
    )
    mapped.suggestions(starters)
    mapped.model(
        first(document.get("model"), document.get("recommended_model")), None, {"temperature": "", "max_tokens": ""}
    )
    mapped.tools(_capabilities(document))
    mapped.picture(first(display.get("profile_picture_url"), document.get("profile_image")))
    mapped.descriptions += _actions(document)
    files = first(document.get("files"), gizmo.get("files"), document.get("knowledge"), document.get("knowledge_files"))
    names = [str(first(file.get("name"), file.get("file_id"), "?")) for file in objects(files)]
    mapped.knowledge([*names, *texts(files)])
    return mapped.done()


def _capabilities(document: Document) -> list[str]:
    listed = document.get("capabilities")
    named = [name for name, on in listed.items() if on] if isinstance(listed, dict) else texts(listed)
    kinds = [str(tool.get("type", "")) for tool in objects(document.get("tools"))]
    return [
        *named,
        *(kind for kind in kinds if kind and not kind.startswith("plugins") and kind != "action"),
        *texts(document.get("tools")),
    ]


def _actions(document: Document) -> list[str]:
    """The descriptions of its actions. What they sign in with is not taken over."""
    raw: list[JsonValue] = []
    actions = document.get("actions")
    for action in actions if isinstance(actions, list) else [actions]:
        inner = mapping(action)
        raw.append(
            first(inner.get("schema"), inner.get("raw_spec"), inner.get("spec"), inner.get("openapi") and inner, action)
        )
    for tool in objects(document.get("tools")):
        metadata = mapping(tool.get("metadata"))
        raw.append(first(metadata.get("raw_spec"), metadata.get("json_schema")))
    return [each if isinstance(each, str) else json.dumps(each, ensure_ascii=False) for each in raw if each]
