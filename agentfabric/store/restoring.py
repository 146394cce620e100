"""Single fields of a version, put into the configuration as it is."""

from collections.abc import Iterable

from agentfabric.store.undoing import with_value
from builder_core.draft import differences
from user_agent.config import AgentConfig, Document
from user_agent.errors import NotFound


def with_fields_of(config: AgentConfig, then: AgentConfig, fields: Iterable[str]) -> AgentConfig:
    """The configuration with these fields as they were: by the names that changes have, or a setting by its own
    (`generation.temperature`). Raises `NotFound` for one that neither has."""
    for field in fields:
        config = _with_field(config, then, field)
    return config


def _with_field(config: AgentConfig, then: AgentConfig, field: str) -> AgentConfig:
    now, was = config.document, then.document
    changed = {change.field: change.after for change in differences(config, then, lambda _: "restore")}
    top, _, part = field.partition(".")
    if top not in now and top not in was:
        raise NotFound(f"Neither the agent nor the version has a field {field[:40]!r}.")
    if field in changed:
        return with_value(config, field, changed[field])
    if not part:
        return with_value(config, top, was.get(top))
    held, meant = _object(now, top), _object(was, top)
    if top not in changed or (part not in held and part not in meant):
        return config
    rest = {key: value for key, value in held.items() if key != part}
    return with_value(config, top, {**rest, part: meant[part]} if part in meant else rest)


def _object(document: Document, field: str) -> Document:
    value = document.get(field)
    return value if isinstance(value, dict) else {}
