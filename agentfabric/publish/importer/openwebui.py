"""Open WebUI's models: JSON of one, or of all of a workspace."""

from pydantic import JsonValue

from agentfabric.publish.importer.incoming import Incoming
from agentfabric.publish.importer.mapping import Mapped, first, mapping, objects, texts
from user_agent.config import Document


def models_in(value: JsonValue) -> list[Document]:
    """The models of a workspace in a JSON value; none where it is something else."""
    entries = objects(value) if isinstance(value, list) else [mapping(value)]
    # Older exports wrap what a person made in `info`.
    plain = [mapping(entry.get("info")) or entry for entry in entries]
    return [entry for entry in plain if "base_model_id" in entry and isinstance(entry.get("params"), dict | None)]


def read_openwebui(model: Document, choices: list[str]) -> Incoming:
    mapped = Mapped("openwebui")
    meta, params = mapping(model.get("meta")), mapping(model.get("params"))
    mapped.text("name", first(model.get("name"), model.get("id")))
    mapped.text("description", meta.get("description"))
    mapped.text("instruction", params.get("system"))
    prompts = meta.get("suggestion_prompts")
    mapped.suggestions([prompt.get("content") for prompt in objects(prompts)] if prompts else None)
    settings: Document = {key: value for key, value in params.items() if key != "system"}
    mapped.model(model.get("base_model_id"), settings, {"temperature": "temperature", "max_tokens": "max_tokens"})
    mapped.tools([*texts(meta.get("toolIds")), *texts(meta.get("defaultFeatureIds"))])
    mapped.picture(meta.get("profile_image_url"))
    known = objects(meta.get("knowledge"))
    mapped.knowledge(
        str(first(entry.get("name"), mapping(entry.get("meta")).get("name"), entry.get("id"), "?")) for entry in known
    )
    mapped.lose(
        "", "过滤器和动作", "filters and actions", [*texts(meta.get("filterIds")), *texts(meta.get("actionIds"))]
    )
    if model.get("access_control") or model.get("access_grants"):
        mapped.note("lost", "", "谁可以使用它", "who may use it")
    return mapped.done(choices)
