"""What a turn may say that it changed: only what the store shows when it is read back."""

from collections.abc import Mapping

from pydantic import JsonValue

from builder_core.draft import NOT_STORED, Author, Change, ConfigPatch, FieldChange, Refusal, differences
from user_agent.config import AgentConfig


class Truth:
    """Compares the configuration with what it was when it was last looked at, from a turn's beginning on.

    A write may be lost, late, or half done, whatever its answer says; and somebody else may write at the same time. A
    change is the turn's own where the store holds what the turn wanted to write.
    """

    def __init__(self, config: AgentConfig) -> None:
        self._seen = config
        self._wanted: dict[str, list[JsonValue]] = {}
        """All that the turn wanted a field to be: an earlier write may come after a later one."""
        self._authors: dict[str, Author] = {}
        self._ids: dict[str, str] = {}

    def wants(self, patch: ConfigPatch) -> None:
        """The turn is about to write this."""
        fields = patch.fields
        ticks = fields.pop("tools", None)
        wanted = {
            **fields,
            **{f"tools.{tool}": use for tool, use in (ticks if isinstance(ticks, dict) else {}).items()},
        }
        for field, value in wanted.items():
            self._wanted.setdefault(field, []).append(value)
            self._authors[field] = "builder" if field.split(".")[0] in patch.proposed else "user"

    def told(self, claim: Change) -> None:
        """The store answered this."""
        for change in claim.changes:
            self._wanted.setdefault(change.field, []).append(change.after)
            self._authors[change.field], self._ids[change.field] = change.author, change.id

    def read(self, config: AgentConfig, claim: Change) -> Change:
        """What has really come to be since the last look, with the claim's refusals and those for what is not there."""
        found = differences(self._seen, config, lambda field: self._authors.get(field, "builder"))
        self._seen = config
        own = tuple(self._signed(change) for change in found if self._is_own(change))
        held = {change.field for change in own}
        missing = [Refusal(field=change.field, why=NOT_STORED) for change in claim.changes if change.field not in held]
        return claim.model_copy(update={"changes": own, "refused": (*claim.refused, *missing)})

    def _is_own(self, change: FieldChange) -> bool:
        return any(_holds(change.after, wanted) for wanted in self._wanted.get(change.field, ()))

    def _signed(self, change: FieldChange) -> FieldChange:
        return change.model_copy(
            update={
                "author": self._authors.get(change.field, change.author),
                "id": self._ids.get(change.field, ""),
            }
        )


def _holds(value: JsonValue, wanted: JsonValue) -> bool:
    """Whether a field is as it was wanted; of several settings, those that were named."""
    if isinstance(wanted, Mapping) and isinstance(value, Mapping):
        return all(value.get(key) == setting for key, setting in wanted.items())
    return value == wanted
