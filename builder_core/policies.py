"""What was chosen of tools and operations, as changes of a configuration name it and as its document keeps it."""

from collections.abc import Iterator, Mapping

from pydantic import JsonValue

from user_agent.config import AgentConfig, Document
from user_agent.policies import OperationPlace, ToolPolicy, operation_at

POLICY = ".policy"
"""How the field of a policy ends: `tools.<id>.policy`, `openapi.<api>.<operation>.policy`."""
APIS = "openapi"
"""The configuration's field that holds imported APIs."""
_LEAVES = "policies"
"""What of an API holds the policies of its operations."""


def policy_field(key: str) -> str:
    """What a change of the policy of that key is called."""
    return f"{key}{POLICY}" if operation_at(key) else f"tools.{key}{POLICY}"


def policy_key(field: str) -> str:
    """The key of the policy that a change named `field` is about."""
    key = field.removesuffix(POLICY)
    return key if operation_at(key) else key.removeprefix("tools.")


def operation_keys(config: AgentConfig) -> Iterator[str]:
    """The keys of the operations of which something was chosen."""
    for api_id, api in config.openapi.items():
        for name in api.policies:
            yield OperationPlace(api_id, name).key


def with_operation_policy(apis: JsonValue, place: OperationPlace, policy: ToolPolicy | None) -> Document | None:
    """The document's APIs with this policy for an operation; None where there is no such operation.

    The leave is for the operation as it is now. With None, nothing is chosen of it any more.
    """
    stored: Document = dict(apis) if isinstance(apis, dict) else {}
    api = AgentConfig.from_document({APIS: stored}).openapi.get(place.api)
    operation = api.operation(place.operation) if api else None
    entry = stored.get(place.api)
    if api is None or operation is None or not isinstance(entry, dict):
        return None
    held = entry.get(_LEAVES)
    leaves: Document = dict(held) if isinstance(held, dict) else {}
    leaves.pop(place.operation, None)
    if policy is not None:
        of: Document = {"of": api.print_of(operation)} if policy == "allow" else {}
        leaves[place.operation] = {"policy": policy, **of}
    return {**stored, place.api: _with_leaves(entry, leaves)}


def without_policies(apis: JsonValue) -> JsonValue:
    """The document's APIs without what was chosen of their operations."""
    if not isinstance(apis, dict):
        return apis
    return {api_id: _with_leaves(entry, {}) if isinstance(entry, dict) else entry for api_id, entry in apis.items()}


def with_policies_of(apis: JsonValue, config: AgentConfig) -> JsonValue:
    """The document's APIs with what `config` has chosen of operations that are the same in both."""
    kept = without_policies(apis)
    for key in operation_keys(config):
        place, policy = operation_at(key), config.policy_of(key)
        if place is None or policy is None or not isinstance(kept, dict):
            continue
        changed = with_operation_policy(kept, place, policy)
        if changed is not None and (policy != "allow" or _same(changed, config, place)):
            kept = changed
    return kept


def leaves_in(config: AgentConfig) -> Mapping[str, str]:
    """What may write unasked, by the keys of the policies, with what an operation's leave is for."""
    tools = {tool: "" for tool, entry in config.tools.items() if entry.policy == "allow"}
    places = ((key, operation_at(key)) for key in operation_keys(config) if config.policy_of(key) == "allow")
    return tools | {key: config.openapi[place.api].policies[place.operation].of for key, place in places if place}


def without_new_leaves(document: Mapping[str, JsonValue], allowed: Mapping[str, str]) -> tuple[Document, list[str]]:
    """The document without the leaves to write unasked that nobody gave, and the keys of those.

    `allowed` are those that somebody did give, as `leaves_in` has them.
    """
    taken: list[str] = []
    kept = dict(document)
    if isinstance(tools := document.get("tools"), dict):
        kept["tools"] = {
            tool: _asking(entry, taken, tool) if tool not in allowed else entry for tool, entry in tools.items()
        }
    if isinstance(apis := document.get(APIS), dict):
        kept[APIS] = {api_id: _api_asking(api_id, entry, allowed, taken) for api_id, entry in apis.items()}
    return kept, taken


def _asking(entry: JsonValue, taken: list[str], key: str) -> JsonValue:
    if not isinstance(entry, dict) or entry.get("policy") != "allow":
        return entry
    taken.append(key)
    return {name: value for name, value in entry.items() if name != "policy"}


def _api_asking(api_id: str, entry: JsonValue, allowed: Mapping[str, str], taken: list[str]) -> JsonValue:
    leaves = entry.get(_LEAVES) if isinstance(entry, dict) else None
    if not isinstance(entry, dict) or not isinstance(leaves, dict):
        return entry
    kept: Document = {}
    for name, leave in leaves.items():
        key = OperationPlace(api_id, name).key
        if isinstance(leave, dict) and leave.get("policy") == "allow" and allowed.get(key) != leave.get("of"):
            taken.append(key)
        else:
            kept[name] = leave
    return {**entry, _LEAVES: kept}


def _same(apis: Document, config: AgentConfig, place: OperationPlace) -> bool:
    leaf = AgentConfig.from_document({APIS: apis}).openapi[place.api].policies[place.operation]
    return leaf == config.openapi[place.api].policies[place.operation]


def _with_leaves(entry: Document, leaves: Document) -> Document:
    kept = {key: value for key, value in entry.items() if key != _LEAVES}
    return {**kept, _LEAVES: leaves} if leaves else kept
