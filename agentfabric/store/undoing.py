"""A configuration from which changes are taken back, one after another."""

import json
from collections.abc import Collection
from typing import cast

from pydantic import JsonValue

from agentfabric.store.records import ChangeRecord
from agentfabric.store.writing import Mark, read_mark
from builder_core.draft import CLASHES, LOCKED, SERVICES, Clash, Refusal, allowed
from builder_core.policies import (
    APIS,
    POLICY,
    policy_key,
    with_operation_policy,
    with_policies_of,
    without_policies,
)
from builder_core.reverting import Clashing, reverted
from user_agent.config import AgentConfig, Document
from user_agent.policies import ToolPolicy, operation_at


class Undoing:
    """Starts from the configuration as it is. `config` is what is left, `refused` what could not be taken back."""

    def __init__(self, config: AgentConfig, *, locks: Collection[str]) -> None:
        self.config = config
        self.marks: dict[str, Mark | None] = {}
        """Who had set a field that is as it was before; None for nobody."""
        self.refused: list[Refusal] = []
        self._locks = locks

    def take_back(self, change: ChangeRecord) -> bool:
        """Whether the change could be taken back."""
        before, after = json.loads(change.before), json.loads(change.after)
        current = _held(self.config, change.field)
        if current is not None and current == allowed(after):
            current = after  # a proposal that was allowed since is still what was proposed
        if change.field.split(".", 1)[0] in self._locks and before != current:
            self.refused.append(Refusal(field=change.field, why=LOCKED))
            return False
        try:
            value = reverted(before, after, current)
        except Clashing as clash:
            self.refused.append(
                Refusal(field=change.field, why=CLASHES, clash=Clash(wanted=clash.wanted, current=current))
            )
            return False
        self.config = with_value(self.config, change.field, value)
        if current == after:
            self.marks[change.field] = read_mark(change.mark_before)
        return True


def _held(config: AgentConfig, field: str) -> JsonValue:
    """What the configuration holds for a field as changes name it."""
    if _is_policy(field):
        return config.policy_of(policy_key(field))
    if field.startswith("tools."):
        return field.removeprefix("tools.") in config.enabled_tools
    service = _service_of(field)
    if service:
        stored = config.document.get(service[0])
        services = without_policies(stored) if service[0] == APIS else stored
        return services.get(service[1]) if isinstance(services, dict) else None
    return config.document.get(field)


def _is_policy(field: str) -> bool:
    key = policy_key(field)
    return field.endswith(POLICY) and (field.startswith("tools.") or operation_at(key) is not None)


def _service_of(field: str) -> tuple[str, str] | None:
    """Which field holds the service that a change is about, and its name there."""
    top, _, name = field.partition(".")
    return (top, name) if name and top in SERVICES else None


def with_value(config: AgentConfig, field: str, value: JsonValue) -> AgentConfig:
    """The configuration with a field as changes name it; None takes it out."""
    if _is_policy(field):
        return _with_policy(config, policy_key(field), cast(ToolPolicy | None, value))
    if field.startswith("tools."):
        tool = field.removeprefix("tools.")
        tools, entry = _entry(config, tool)
        return config.replaced({"tools": {**tools, tool: {**entry, "is_active": True, "use": value}}})
    service = _service_of(field)
    if service:
        return _with_service(config, *service, value)
    if value is None:
        return AgentConfig.from_document({key: item for key, item in config.document.items() if key != field})
    return config.replaced({field: value})


def _with_service(config: AgentConfig, top: str, name: str, value: JsonValue) -> AgentConfig:
    stored = config.document.get(top)
    others: Document = {key: entry for key, entry in stored.items() if key != name} if isinstance(stored, dict) else {}
    services: JsonValue = others if value is None else {**others, name: value}
    return config.replaced({top: with_policies_of(services, config) if top == APIS else services})


def _with_policy(config: AgentConfig, key: str, policy: ToolPolicy | None) -> AgentConfig:
    """With what had been chosen before. An operation that is gone stays gone."""
    place = operation_at(key)
    if place is not None:
        apis = with_operation_policy(config.document.get(APIS), place, policy)
        return config if apis is None else config.replaced({APIS: apis})
    tools, entry = _entry(config, key)
    entry.pop("policy", None)
    chosen: Document = {} if policy is None else {"policy": policy}
    return config.replaced({"tools": {**tools, key: {**entry, **chosen}}})


def _entry(config: AgentConfig, tool: str) -> tuple[Document, Document]:
    """The document's tools, and the entry of one of them."""
    stored = config.document.get("tools")
    tools: Document = stored if isinstance(stored, dict) else {}
    held = tools.get(tool)
    return tools, dict(held) if isinstance(held, dict) else {}


def with_allowed(config: AgentConfig, fields: Collection[str]) -> AgentConfig:
    """The configuration with the services of these fields in use; itself where none of them was only proposed."""
    for field in fields:
        if _service_of(field) and _held(config, field) != (service := allowed(_held(config, field))):
            config = with_value(config, field, service)
    return config
