"""Sending agents to places outside: which there are, and how it goes."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter
from fastapi.responses import StreamingResponse
from pydantic import Field, SecretStr

from agentfabric.api.bodies import TheStudio, TheUser
from user_agent.serve.bodies import Given
from user_agent.serve.sse import stream

router = APIRouter(tags=["releases"])

Json = dict[str, Any]


class Publication(Given):
    """Where to, and what the target wants to know. A `token` is kept for the origin of the address, encrypted."""

    target: Literal["folder", "git"]
    url: Annotated[str, Field(max_length=1_000)] = ""
    branch: Annotated[str, Field(max_length=100)] = ""
    token: Annotated[SecretStr, Field(max_length=10_000)] | None = None


@router.get("/api/targets")
async def list_targets(studio: TheStudio, user: TheUser) -> list[Json]:
    """Where this server can send agents, and what each target wants to know."""
    return [{"name": target.name, "options": list(target.options)} for target in studio.publications.targets]


@router.post("/api/agents/{agent_id}/publications", response_class=StreamingResponse)
async def publish_to(agent_id: str, publication: Publication, studio: TheStudio, user: TheUser) -> StreamingResponse:
    """Send the bundle of what is live, else of the draft, to a target. Where that fails, what was there before stays.

    The stream: `publish_started`; a `publish_step` for each step; `publish_done` with the `address`, then
    `run_finished`; or `publish_refused` with the reason, then `run_failed`. It goes on when nobody reads it.
    """
    options = {"url": publication.url, "branch": publication.branch}
    begun = await studio.publications.begin(user, agent_id, publication.target, options, publication.token)
    return stream(studio.publications.events(begun))
