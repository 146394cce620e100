"""What an agent's MCP servers offer to people: prompts to say or to suggest, resources to make knowledge of."""

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import Field

from agentfabric.api.bodies import TheStudio, TheUser
from user_agent.serve.bodies import Given

router = APIRouter(prefix="/api", tags=["mcp"])

Json = dict[str, Any]

_Name = Annotated[str, Field(max_length=200)]


class FilledIn(Given):
    """A prompt, and what it is filled in with."""

    name: _Name
    arguments: dict[_Name, Annotated[str, Field(max_length=10_000)]] = Field(default={}, max_length=20)


@router.get("/agents/{agent_id}/mcp/{server_id}/prompts")
async def list_prompts(agent_id: str, server_id: str, studio: TheStudio, user: TheUser) -> list[Json]:
    """The prompts that a server offers now: each `name`, `title`, `description`, and `arguments` to fill in."""
    return [asdict(prompt) for prompt in await studio.mcp_prompts.all(user, agent_id, server_id)]


@router.post("/agents/{agent_id}/mcp/{server_id}/prompts")
async def fill_in_prompt(agent_id: str, server_id: str, filled_in: FilledIn, studio: TheStudio, user: TheUser) -> Json:
    """The `text` of a prompt, to be looked at: the server wrote it. `left_out` counts parts of it that are no text of a
    person. Nothing is stored or sent on."""
    prompt = await studio.mcp_prompts.filled_in(user, agent_id, server_id, filled_in.name, filled_in.arguments)
    return asdict(prompt)


@router.get("/agents/{agent_id}/mcp/{server_id}/resources")
async def list_resources(agent_id: str, server_id: str, studio: TheStudio, user: TheUser) -> list[Json]:
    """The resources that a server lists now: each `uri`, `name`, `description`, `media_type`, and `size_bytes` or null.

    `POST …/knowledge/resources` has one read.
    """
    return [asdict(resource) for resource in await studio.knowledge.resources(user, agent_id, server_id)]
