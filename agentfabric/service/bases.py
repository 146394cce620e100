"""Whether a write was made from what the store holds: two windows must not overwrite each other."""

from collections.abc import Callable, Mapping

from pydantic import JsonValue

from builder_core.draft import Clash, ConfigPatch
from builder_core.policies import operation_keys, policy_field
from user_agent.config import AgentConfig, Document
from user_agent.errors import BadRequest, FieldConflict

_BY_KEY: Mapping[str, Callable[[str], str]] = {
    "tools": "tools.{}".format,
    "policies": policy_field,
    "generation": "generation.{}".format,
    "retrieval": "retrieval.{}".format,
}
"""The fields of a patch that are compared key by key, and what a change of one key is called."""
_NOTHING: tuple[JsonValue, ...] = (None, "", [], {}, False)


def require_bases(config: AgentConfig, patch: ConfigPatch, base: JsonValue) -> None:
    """Raise `FieldConflict` where a field is no longer what `base` says it was, and is not what the patch makes it.

    A field without a base is not checked. In `tools`, `policies`, `generation` and `retrieval`, each key has its own.
    """
    if base is None:
        return
    if not isinstance(base, dict):
        raise BadRequest('"base" is an object with the value of each field as it was when you began to change it.')
    clashes: dict[str, Clash] = {}
    for field, wanted in patch.fields.items():
        if field in base:
            now = _held(config, field)
            clashes |= _clashes(field, base[field], wanted, now)
    if clashes:
        raise FieldConflict(
            f"Somebody else changed {', '.join(clashes)} meanwhile. Look at both and decide.",
            {field: (clash.wanted, clash.current) for field, clash in clashes.items()},
        )


def _clashes(field: str, base: JsonValue, wanted: JsonValue, now: JsonValue) -> dict[str, Clash]:
    if field in _BY_KEY and isinstance(base, dict) and isinstance(wanted, dict):
        held: Mapping[str, JsonValue] = now if isinstance(now, dict) else {}
        parts = [key for key in wanted if key in base and _clash(base[key], wanted[key], held.get(key))]
        return {_BY_KEY[field](key): Clash(wanted=wanted[key], current=held.get(key)) for key in parts}
    return {field: Clash(wanted=wanted, current=now)} if _clash(base, wanted, now) else {}


def _clash(base: JsonValue, wanted: JsonValue, now: JsonValue) -> bool:
    return not _same(now, base) and not _same(now, wanted)


def _same(one: JsonValue, other: JsonValue) -> bool:
    """Older files write null, or nothing, for what is empty."""
    return one == other or (one in _NOTHING and other in _NOTHING)


def _held(config: AgentConfig, field: str) -> JsonValue:
    if field == "tools":
        ticks: Document = dict.fromkeys(config.enabled_tools, True)
        return ticks
    if field == "policies":
        return {key: config.policy_of(key) for key in (*config.tools, *operation_keys(config))}
    return config.document.get(field)
