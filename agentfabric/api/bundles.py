"""Agents to take away: one zip that serves one wherever it is unpacked."""

from fastapi import APIRouter, Response

from agentfabric.api.bodies import TheStudio, TheUser
from user_agent.serve.file_responses import as_download

router = APIRouter(prefix="/api/agents/{agent_id}", tags=["releases"])


@router.get("/bundle", response_class=Response)
async def get_bundle(agent_id: str, studio: TheStudio, user: TheUser) -> Response:
    """The agent as a zip: the release that is live, else as it is now. No secret is in it; `.env.example` names those
    that it needs. The same agent gives the same bytes."""
    bundle = await studio.bundles.of(user, agent_id)
    headers = {"content-disposition": as_download(bundle.name), "cache-control": "no-store"}
    return Response(bundle.data, media_type="application/zip", headers=headers)
