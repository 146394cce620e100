"""A patch becomes a new configuration. The form, the builder and the API write through this one function."""

from collections.abc import Mapping, Set
from dataclasses import dataclass

from pydantic import JsonValue

from builder_core.draft import ConfigPatch, Refusal
from builder_core.policies import APIS, policy_field, with_operation_policy
from user_agent.config import AgentConfig, Document, Generation, Retrieval
from user_agent.mcp.tools import served
from user_agent.policies import ToolPolicy, operation_at
from user_agent.tools.base import Tool


@dataclass(frozen=True, slots=True)
class Patched:
    config: AgentConfig
    refused: tuple[Refusal, ...]


def apply_patch(
    config: AgentConfig, patch: ConfigPatch, *, files: Set[str], models: Set[str], tools: Mapping[str, Tool]
) -> Patched:
    """`config` with the patch's fields in it. Fields not named stay byte for byte.

    `files` are the ids that `knowledge` and `avatar` may name, `models` the keys that `model` may, `tools` those
    there are. What cannot be stored is refused with the reason, and the rest is stored all the same. Raises
    `ConfigError`.
    """
    changes: Document = {}
    refused: list[Refusal] = []
    for field in sorted(patch.model_fields_set - {"proposed"}, key=list(ConfigPatch.model_fields).index):
        value = getattr(patch, field)
        match field:
            case _ if value is None:
                continue
            case "tools":
                changes["tools"] = _ticked(config, value, refused, tools)
            case "policies":
                changes |= _with_policies({**config.document, **changes}, value, refused)
            case "generation":
                changes["generation"] = _merged(config.document.get("generation"), patch.generation)
            case "retrieval":
                changes["retrieval"] = _merged(config.document.get("retrieval"), patch.retrieval)
            case "knowledge" if unknown := [item for item in value if item not in files | set(config.knowledge)]:
                refused.append(Refusal(field=field, why=f"no such file: {', '.join(unknown)}"))
            case "avatar" if value and value not in files | {config.avatar}:
                refused.append(Refusal(field=field, why=f"no such file: {value}"))
            case "model" if value and value not in models | {config.model}:
                refused.append(Refusal(field=field, why=f"no such model: {value}"))
            case _:
                changes[field] = value
    kept = {field: value for field, value in changes.items() if config.document.get(field) != value}
    return Patched(config.replaced(kept), tuple(refused))


def _ticked(
    config: AgentConfig, ticks: dict[str, bool], refused: list[Refusal], known: Mapping[str, Tool]
) -> JsonValue:
    stored = config.document.get("tools")
    tools: Document = dict(stored) if isinstance(stored, dict) else {}
    for tool_id, use in ticks.items():
        entry = tools.get(tool_id)
        tool = known.get(tool_id)
        if isinstance(entry, dict):
            # An entry of an old file may say that its tool is not active: ticking it by hand is the newer word.
            tools[tool_id] = {
                **entry,
                **({"is_active": True} if use and entry.get("is_active") is False else {}),
                "use": use,
            }
        elif tool is not None:
            tools[tool_id] = {"name": tool.label[config.language], "is_active": True, "use": use}
        else:
            refused.append(Refusal(field=f"tools.{tool_id}", why="there is no such tool"))
    return tools


def _with_policies(document: Document, policies: dict[str, ToolPolicy], refused: list[Refusal]) -> Document:
    """The fields that hold these policies. Only what the agent has can be given one: a tool, ticked or not, and an
    operation of one of its APIs or MCP servers."""
    of_servers = {
        each.policy_key: f"{each.server_name}: {each.tool.title or each.tool.name}"
        for each in served(AgentConfig.from_document(document).mcp_servers, ())
    }
    stored, apis = document.get("tools"), document.get(APIS)
    tools: Document = dict(stored) if isinstance(stored, dict) else {}
    changed: Document = {}
    for key, policy in policies.items():
        place, entry = operation_at(key), tools.get(key)
        if place is not None and (allowed := with_operation_policy(apis, place, policy)) is not None:
            apis = changed[APIS] = allowed
        elif place is None and isinstance(entry, dict):
            tools[key] = {**entry, "policy": policy}
            changed["tools"] = tools
        elif place is None and key in of_servers:
            tools[key] = {"name": of_servers[key], "is_active": True, "use": False, "policy": policy}
            changed["tools"] = tools
        else:
            refused.append(Refusal(field=policy_field(key), why="there is no such tool"))
    return changed


def _merged(stored: JsonValue, settings: Generation | Retrieval | None) -> JsonValue:
    """What is stored with those settings that are named; one that is named as nothing goes."""
    old: Document = dict(stored) if isinstance(stored, dict) else {}
    new: Document = settings.model_dump(mode="json", exclude_unset=True) if settings else {}
    return {key: value for key, value in {**old, **new}.items() if value is not None}
