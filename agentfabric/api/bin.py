"""Deleted agents: which wait to be erased, and erasing one at once."""

from typing import Any

from fastapi import APIRouter

from agentfabric.api.bodies import TheStudio, TheUser

router = APIRouter(prefix="/api/bin", tags=["agents"])

Json = dict[str, Any]


@router.get("")
async def list_bin(studio: TheStudio, user: TheUser) -> list[Json]:
    """One's deleted agents, the last deleted first, and when each is erased. Until then
    `POST /api/agents/{id}/undelete` brings it back."""
    return [
        {
            "id": agent.id,
            "name": agent.name,
            "description": agent.description,
            "deleted": agent.deleted.isoformat(),
            "erased": agent.erased.isoformat(),
        }
        for agent in await studio.bin.all(user)
    ]


@router.delete("/{agent_id}", status_code=204)
async def erase_agent(agent_id: str, studio: TheStudio, user: TheUser) -> None:
    """Erase a deleted agent now, with everything that is its own: versions and releases, conversations, files and what
    was read of them, facts, stored values, links, and the keys that no other agent uses. Nothing brings it back."""
    await studio.bin.erase(user, agent_id)
