"""Open WebUI's models: JSON of one, or of all of a workspace."""

from dataclasses import replace

from pydantic import JsonValue

from agentfabric.publish.importer.given import Exported, Given, entries_of, says_something
from agentfabric.publish.importer.incoming import Incoming
from agentfabric.publish.importer.mapping import Mapped, first, mapping
from user_agent.config import Document

_DEFAULT_PICTURES = ("/static/favicon.png", "/user.png", "/favicon.png")
_OF_A_MODEL = ("id", "user_id", "user", "is_active", "created_at", "updated_at", "write_access")
_OF_ITS_LISTING = (
    "name",
    "object",
    "created",
    "owned_by",
    "preset",
    "info_id",
    "connection_type",
    "actions",
    "filters",
)
_SAME_TOOLS = {"time": "current_time", "web_search": "web_search", "image_generation": "image_generation"}
_BUILT_IN = {**_SAME_TOOLS, "code_interpreter": "code_interpreter"}


def names_in(value: JsonValue) -> list[str]:
    """What the models of a workspace are called; none where it is something else."""
    models = [_inner(entry.fields) for entry in _models(value).agents]
    return [str(first(model.get("name"), model.get("id"), "?")) for model in models]


def read_openwebui(value: JsonValue, number: int, choices: list[str]) -> Incoming:
    exported = _models(value)
    model = given = exported.chosen(number)
    if isinstance(given.fields.get("info"), dict):
        # Lists of what a person can choose wrap what was made in `info`.
        given.leave("id", *_OF_ITS_LISTING)
        model = given.at("info")
    mapped = Mapped("openwebui", exported.root)
    model.leave(*_OF_A_MODEL)
    mapped.text("name", model.either("name", "id"))
    meta, params = model.at("meta"), model.at("params")
    mapped.text("description", meta.take("description"))
    mapped.text("instruction", params.take("system"))
    prompts = meta.each("suggestion_prompts")
    for prompt in prompts:
        prompt.leave("title")
    mapped.suggestions([said for prompt in prompts if (said := prompt.text("content"))] or None)
    mapped.model(model.take("base_model_id"), params, "max_tokens", "num_predict")
    mapped.tools(_tools(meta))
    picture = meta.fields.get("profile_image_url")
    if isinstance(picture, str) and picture.endswith(_DEFAULT_PICTURES):
        meta.leave("profile_image_url")
    else:
        mapped.picture(meta.take("profile_image_url"))
    mapped.knowledge(_known(meta))
    meta.leave("position", "hidden", "defaultFilterIds")
    plain_tags = meta.texts("tags")
    tags = plain_tags or [str(first(entry.take("name"), "?")) for entry in meta.each("tags")]
    mapped.lose("", "标签", "tags", tags)
    filters = [name for place in ("filterIds", "actionIds") for name in meta.texts(place)]
    mapped.lose("", "过滤器和动作", "filters and actions", filters)
    features = [name for name, on in meta.at("capabilities").take_all().items() if on]
    mapped.lose("", "可以在对话里打开的功能", "what could be switched on in its chats", features)
    if says_something(model.take("access_control")) | says_something(model.take("access_grants")):
        mapped.note("lost", "", "谁可以使用它", "who may use it")
    return mapped.done(choices)


def _models(value: JsonValue) -> Exported:
    exported = entries_of(value)
    return replace(exported, agents=[entry for entry in exported.agents if _is_model(_inner(entry.fields))])


def _is_model(model: Document) -> bool:
    return "base_model_id" in model and isinstance(model.get("params"), dict | None)


def _inner(entry: Document) -> Document:
    return mapping(entry.get("info")) or entry


def _tools(meta: Given) -> list[str]:
    """Tools by their ids, with what is on without being asked for."""
    built_in = [_BUILT_IN.get(name, name) for name, on in meta.at("builtinTools").take_all().items() if on is True]
    return [*meta.texts("toolIds"), *meta.texts("defaultFeatureIds"), *built_in]


def _known(meta: Given) -> list[str]:
    names: list[str] = []
    for entry in meta.each("knowledge"):
        entry.leave(*entry.fields)
        inner = mapping(entry.fields.get("meta")).get("name") or mapping(entry.fields.get("file")).get("filename")
        names.append(str(first(entry.take("name"), inner, entry.fields.get("id"), "?")))
    return names
