"""An agent's configuration as a file."""

import asyncio
import json
import re
from urllib.parse import quote

from fastapi import APIRouter, Response

from agentfabric.api.bodies import TheStudio, TheUser

router = APIRouter(prefix="/api/agents", tags=["agents"])

_LONGEST_NAME_CHARS = 60
_NOT_IN_FILE_NAMES = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f\s.]+')


@router.get("/{agent_id}/config", response_class=Response)
async def get_config(agent_id: str, studio: TheStudio, user: TheUser) -> Response:
    """The configuration as `builder_config.json`, to be kept or imported elsewhere. Keys are never in it."""
    config = (await studio.agents.get(user, agent_id)).config
    # A large one takes a while to write.
    text = await asyncio.to_thread(json.dumps, config.document, ensure_ascii=False, indent=2)
    headers = {"content-disposition": as_download(file_name(config.name)), "cache-control": "no-store"}
    return Response(f"{text}\n", media_type="application/json", headers=headers)


def as_download(name: str) -> str:
    """The header by which a browser keeps an answer as a file of that name, and never shows it (RFC 6266)."""
    return f"attachment; filename*=UTF-8''{quote(name, safe='')}"


def file_name(agent: str) -> str:
    """`builder_config.json`, with the agent's name before it as far as a file may be called so."""
    name = _NOT_IN_FILE_NAMES.sub(" ", agent)[:_LONGEST_NAME_CHARS].strip()
    return f"{name}.builder_config.json" if name else "builder_config.json"
