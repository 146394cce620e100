"""An agent's configuration as a file."""

import asyncio
import json

from fastapi import APIRouter, Response

from agentfabric.api.bodies import TheStudio, TheUser
from agentfabric.service.file_names import file_name
from user_agent.serve.file_responses import as_download

router = APIRouter(prefix="/api/agents", tags=["agents"])


@router.get("/{agent_id}/config", response_class=Response)
async def get_config(agent_id: str, studio: TheStudio, user: TheUser) -> Response:
    """The configuration as `builder_config.json`, to be kept or imported elsewhere. Keys are never in it."""
    config = (await studio.agents.get(user, agent_id)).config
    # A large one takes a while to write.
    text = await asyncio.to_thread(json.dumps, config.document, ensure_ascii=False, indent=2)
    name = file_name(config.name, "builder_config.json")
    headers = {"content-disposition": as_download(name), "cache-control": "no-store"}
    return Response(f"{text}\n", media_type="application/json", headers=headers)
