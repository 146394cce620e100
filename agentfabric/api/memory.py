"""What an agent knows of its person: they read it, write it, and take it out."""

from typing import Any

from fastapi import APIRouter

from agentfabric.api.bodies import TheStudio, TheUser
from agentfabric.store.facts import StoredFact
from user_agent.serve.bodies import FactText

router = APIRouter(prefix="/api/agents/{agent_id}/memory", tags=["agents"])

Json = dict[str, Any]


@router.get("")
async def list_facts(agent_id: str, studio: TheStudio, user: TheUser) -> list[Json]:
    """What the agent knows of you, in the order in which it was noted. No other agent, and nobody else, reads it."""
    return [_told(fact) for fact in await studio.facts.list(user, agent_id)]


@router.post("", status_code=201)
async def add_fact(agent_id: str, fact: FactText, studio: TheStudio, user: TheUser) -> Json:
    """Tell the agent something of yourself. What it knows already is not noted twice."""
    return _told(await studio.facts.add(user, agent_id, fact.text))


@router.patch("/{fact_id}")
async def change_fact(agent_id: str, fact_id: str, fact: FactText, studio: TheStudio, user: TheUser) -> Json:
    return _told(await studio.facts.change(user, agent_id, fact_id, fact.text))


@router.delete("/{fact_id}", status_code=204)
async def delete_fact(agent_id: str, fact_id: str, studio: TheStudio, user: TheUser) -> None:
    """Have one fact forgotten, for good."""
    await studio.facts.delete(user, agent_id, fact_id)


@router.delete("", status_code=204)
async def clear_facts(agent_id: str, studio: TheStudio, user: TheUser) -> None:
    """Have everything forgotten, for good."""
    await studio.facts.clear(user, agent_id)


def _told(fact: StoredFact) -> Json:
    return {
        "id": fact.id,
        "text": fact.text,
        "created": fact.created.isoformat(),
        "updated": fact.updated.isoformat(),
    }
