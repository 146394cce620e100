"""What a person does with an agent's past: look at it, take changes back, accept and lock, go back to a version."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from agentfabric.store.agents import Edited
from agentfabric.store.files import FileStore
from agentfabric.store.history import HistoryStore
from agentfabric.store.versions import Version, VersionStore, WholeVersion
from agentfabric.store.writing import BY_HAND
from builder_core.draft import ConfigPatch, FieldChange, PastChange
from user_agent.errors import NotFound

LOCKABLE = (
    *(field for field in ConfigPatch.model_fields if field not in ("proposed", "policies")),
    "openapi",
    "mcpServers",
)
"""The fields that can be locked; `tools` locks every tick and every policy."""


@dataclass(frozen=True, slots=True)
class History:
    """The use cases of an agent's past. The first argument of each is the user; foreign ids are `NotFound`."""

    store: HistoryStore
    kept: VersionStore
    files: FileStore

    async def changes(self, user: str, agent_id: str) -> list[PastChange]:
        """The last changes, the newest first."""
        return await self.store.changes(user, agent_id)

    async def undo(self, user: str, agent_id: str, changes: Collection[str]) -> Edited:
        """Take changes back, each by itself; what cannot be is refused, with both values. Raises `NotFound`."""
        return await self.store.undo(user, agent_id, changes, source=BY_HAND)

    async def undo_turn(self, user: str, agent_id: str, turn: str) -> Edited:
        """Take back all that a turn of the builder changed. Raises `NotFound` for a turn that changed nothing."""
        return await self.store.undo(user, agent_id, turn=turn, source=BY_HAND)

    async def accept(
        self, user: str, agent_id: str, changes: Collection[str], services: Collection[str] = ()
    ) -> Edited:
        """Accept what the builder proposed, by its changes, or services by their fields. Raises `NotFound`."""
        return await self.store.accept(user, agent_id, changes, services)

    async def lock(self, user: str, agent_id: str, field: str, *, locked: bool) -> Edited:
        """Lock a field, or let go of it. Raises `NotFound` for a name that no field has."""
        if field not in LOCKABLE:
            raise NotFound(f"An agent has no field {field[:40]!r}.")
        return await self.store.lock(user, agent_id, field, locked=locked)

    async def versions(self, user: str, agent_id: str) -> list[Version]:
        """Every version, the newest first. Files are told by their names."""
        listed = await self.kept.list(user, agent_id)
        names = await self._file_names(user, agent_id, *(version.changes for version in listed))
        return [replace(version, changes=named(version.changes, names)) for version in listed]

    async def version(self, user: str, agent_id: str, number: int) -> WholeVersion:
        """One version with its configuration. In what changed, files are told by their names."""
        whole = await self.kept.get(user, agent_id, number)
        names = await self._file_names(user, agent_id, whole.changes, whole.since)
        return replace(whole, changes=named(whole.changes, names), since=named(whole.since, names))

    async def restore(self, user: str, agent_id: str, number: int, fields: Collection[str] = ()) -> Edited:
        """The agent as it was in that version, or these fields of it; what it was until now stays a version too."""
        return await self.kept.restore(user, agent_id, number, fields)

    async def _file_names(self, user: str, agent_id: str, *told: Iterable[FieldChange]) -> Mapping[str, str]:
        """What the files of the agent are called, by their ids; nothing where no change is about files."""
        if not any(change.field == "knowledge" for changes in told for change in changes):
            return {}
        return {file.id: file.name for file in await self.files.list(user, agent_id, "knowledge")}


def named(changes: Iterable[FieldChange], names: Mapping[str, str]) -> tuple[FieldChange, ...]:
    """The changes, with files told by their names."""
    return tuple(_with_names(change, names) if change.field == "knowledge" else change for change in changes)


def _with_names(change: FieldChange, names: Mapping[str, str]) -> FieldChange:
    told = {
        side: [names.get(str(file), file) for file in value] if isinstance(value, list) else value
        for side, value in (("before", change.before), ("after", change.after))
    }
    return change.model_copy(update=told)
