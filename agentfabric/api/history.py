"""An agent's past: changes and who made them, locks, versions."""

from dataclasses import asdict
from typing import Annotated, Any, Self

from fastapi import APIRouter
from pydantic import Field, model_validator

from agentfabric.api.agents import edited_view
from agentfabric.api.bodies import TheStudio, TheUser
from agentfabric.store.versions import Version
from user_agent.serve.bodies import Given

router = APIRouter(prefix="/api/agents/{agent_id}", tags=["history"])

Json = dict[str, Any]


class Chosen(Given):
    """Changes by their ids."""

    changes: Annotated[list[str], Field(min_length=1, max_length=300)]


class Accepted(Given):
    """Changes by their ids, and services by their fields, such as `openapi.<id>`."""

    changes: Annotated[list[str], Field(max_length=300, default_factory=list)]
    services: Annotated[list[str], Field(max_length=100, default_factory=list)]

    @model_validator(mode="after")
    def _names_something(self) -> Self:
        if not (self.changes or self.services):
            raise ValueError("Name at least one change or service.")
        return self


class Restored(Given):
    """Fields by the names that differences have: `instruction`, `tools.weather`, `generation.temperature`."""

    fields: (
        Annotated[list[Annotated[str, Field(min_length=1, max_length=300)]], Field(min_length=1, max_length=100)] | None
    ) = None


@router.get("/changes")
async def list_changes(agent_id: str, studio: TheStudio, user: TheUser) -> list[Json]:
    """The last changes, the newest first: field, before, after, author, the message that asked for it, and whether it
    was accepted or undone since."""
    return [change.model_dump(mode="json") for change in await studio.history.changes(user, agent_id)]


@router.post("/changes/undo")
async def undo_changes(agent_id: str, chosen: Chosen, studio: TheStudio, user: TheUser) -> Json:
    """Take changes back, each by itself. What a later change stands in the way of is in `refused`, with both values."""
    return edited_view(await studio.history.undo(user, agent_id, chosen.changes))


@router.post("/changes/accept")
async def accept_changes(agent_id: str, accepted: Accepted, studio: TheStudio, user: TheUser) -> Json:
    """Accept what the builder proposed. To refuse it, undo it. A service that is only proposed may be named by its
    field: one that came with a version or a file has no change of the builder's."""
    return edited_view(await studio.history.accept(user, agent_id, accepted.changes, accepted.services))


@router.post("/turns/{turn}/undo")
async def undo_turn(agent_id: str, turn: str, studio: TheStudio, user: TheUser) -> Json:
    """Take back everything that a turn of the builder changed."""
    return edited_view(await studio.history.undo_turn(user, agent_id, turn))


@router.put("/locks/{field}")
async def lock_field(agent_id: str, field: str, studio: TheStudio, user: TheUser) -> Json:
    """Lock a field: nothing changes it any more, until it is unlocked."""
    return edited_view(await studio.history.lock(user, agent_id, field, locked=True))


@router.delete("/locks/{field}")
async def unlock_field(agent_id: str, field: str, studio: TheStudio, user: TheUser) -> Json:
    return edited_view(await studio.history.lock(user, agent_id, field, locked=False))


@router.get("/versions")
async def list_versions(agent_id: str, studio: TheStudio, user: TheUser) -> list[Json]:
    """Every version, the newest first, with what it changed in a line for each field: of long texts the part that
    changed, of lists what went (`before`) and what came (`after`). One closes after 30 seconds without a write, at
    another author, at another field, and before a file is taken away."""
    return [_view(version) for version in await studio.history.versions(user, agent_id)]


@router.get("/versions/{number}")
async def get_version(agent_id: str, number: int, studio: TheStudio, user: TheUser) -> Json:
    """A version with its configuration, what it changed (`changes`), and what the agent has changed `since`."""
    whole = await studio.history.version(user, agent_id, number)
    return {
        **_view(whole.version),
        "config": whole.config.document,
        "changes": [change.model_dump(mode="json", exclude={"id"}) for change in whole.changes],
        "since": [change.model_dump(mode="json", include={"field", "before", "after"}) for change in whole.since],
    }


@router.post("/versions/{number}/restore")
async def restore_version(
    agent_id: str, number: int, studio: TheStudio, user: TheUser, restored: Restored | None = None
) -> Json:
    """The agent as it was then, or the `fields` that are named, but for locked ones. What it was until now stays a
    version too."""
    fields = restored.fields if restored and restored.fields else ()
    return edited_view(await studio.history.restore(user, agent_id, number, fields))


def _view(version: Version) -> Json:
    return {
        **asdict(version),
        "fields": list(version.fields),
        "changes": [change.model_dump(mode="json", include={"field", "before", "after"}) for change in version.changes],
        "created": version.created.isoformat(),
        "updated": version.updated.isoformat(),
    }
