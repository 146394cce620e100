"""A configuration from which changes are taken back, one after another."""

import json
from collections.abc import Collection

from pydantic import JsonValue

from agentfabric.store.records import ChangeRecord
from agentfabric.store.writing import Mark, read_mark
from builder_core.draft import CLASHES, LOCKED, POLICY, SERVICES, Clash, Refusal, allowed
from builder_core.reverting import Clashing, reverted
from user_agent.config import AgentConfig, Document


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
        self.config = _with(self.config, change.field, value)
        if current == after:
            self.marks[change.field] = read_mark(change.mark_before)
        return True


def _held(config: AgentConfig, field: str) -> JsonValue:
    """What the configuration holds for a field as changes name it."""
    if field.startswith("tools."):
        tool, is_policy = _tool_of(field)
        return config.policy_of(tool) if is_policy else tool in config.enabled_tools
    service = _service_of(field)
    if service:
        return _services(config, service[0]).get(service[1])
    return config.document.get(field)


def _service_of(field: str) -> tuple[str, str] | None:
    """Which field holds the service that a change is about, and its name there."""
    top, _, name = field.partition(".")
    return (top, name) if name and top in SERVICES else None


def _services(config: AgentConfig, field: str) -> Document:
    stored = config.document.get(field)
    return dict(stored) if isinstance(stored, dict) else {}


def _tool_of(field: str) -> tuple[str, bool]:
    """The tool that a change is about, and whether it changed the tool's policy instead of its tick."""
    tool = field.removeprefix("tools.")
    return tool.removesuffix(POLICY), tool.endswith(POLICY)


def _with(config: AgentConfig, field: str, value: JsonValue) -> AgentConfig:
    if field.startswith("tools."):
        tool, is_policy = _tool_of(field)
        stored = config.document.get("tools")
        tools: Document = dict(stored) if isinstance(stored, dict) else {}
        held = tools.get(tool)
        entry: Document = dict(held) if isinstance(held, dict) else {}
        if is_policy:
            entry.pop("policy", None)
            tools[tool] = {**entry, **({} if value is None else {"policy": value})}
        else:
            tools[tool] = {**entry, "is_active": True, "use": value}
        return config.replaced({"tools": tools})
    service = _service_of(field)
    if service:
        top, name = service
        others = {key: entry for key, entry in _services(config, top).items() if key != name}
        return config.replaced({top: others if value is None else {**others, name: value}})
    if value is None:
        return AgentConfig.from_document({key: item for key, item in config.document.items() if key != field})
    return config.replaced({field: value})


def with_allowed(config: AgentConfig, fields: Collection[str]) -> AgentConfig:
    """The configuration with the services of these fields in use; itself where none of them was only proposed."""
    for field in fields:
        if _service_of(field) and _held(config, field) != (service := allowed(_held(config, field))):
            config = _with(config, field, service)
    return config
