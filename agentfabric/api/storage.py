"""What an agent keeps from one conversation to the next: its owner reads it, and takes things out."""

import json
from typing import Any

from fastapi import APIRouter

from agentfabric.api.bodies import TheStudio, TheUser

router = APIRouter(prefix="/api/agents", tags=["agents"])


@router.get("/{agent_id}/storage")
async def list_values(agent_id: str, studio: TheStudio, user: TheUser) -> list[dict[str, Any]]:
    """What the agent's `storage` tool has kept, in the order of the keys."""
    return [
        {"key": stored.key, "value": json.loads(stored.value), "updated": stored.updated.isoformat()}
        for stored in await studio.storage.all(user, agent_id)
    ]


@router.delete("/{agent_id}/storage", status_code=204)
async def clear_values(agent_id: str, studio: TheStudio, user: TheUser) -> None:
    """Take all of it out."""
    await studio.storage.clear(user, agent_id)


@router.delete("/{agent_id}/storage/{name:path}", status_code=204)
async def delete_value(agent_id: str, name: str, studio: TheStudio, user: TheUser) -> None:
    """Take one value out, by its key."""
    await studio.storage.forget(user, agent_id, name)
