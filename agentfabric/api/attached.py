"""Files that came with messages, as knowledge: what was read of one, and how it becomes the agent's."""

from typing import Annotated, Any

from fastapi import APIRouter, Query

from agentfabric.api.bodies import TheStudio, TheUser
from agentfabric.api.knowledge import MAX_PASSAGES, file_view, passage_view
from agentfabric.api.originals import original_view

router = APIRouter(prefix="/api/files/{file_id}", tags=["conversations"])


@router.get("/passages")
async def list_attached_passages(
    file_id: str,
    studio: TheStudio,
    user: TheUser,
    start: Annotated[int, Query(ge=0)] = 0,
    limit: Annotated[int, Query(ge=1, le=MAX_PASSAGES)] = 50,
) -> dict[str, Any]:
    """What was read of a file that came with a message, from passage number `start` on; `original` is the file."""
    file = await studio.conversations.file(user, file_id)
    found = await studio.knowledge.attached.passages(user, file.conversation_id or "", file.id, start, limit)
    original = original_view(await studio.originals.of(user, file), f"/api/files/{file.id}")
    return {"passages": [passage_view(passage) for passage in found], "original": original}


@router.post("/knowledge", status_code=201)
async def learn_file(file_id: str, studio: TheStudio, user: TheUser) -> dict[str, Any]:
    """Have the agent know a file that came with a message to it, from now on. It is a copy: each can go alone."""
    file = await studio.conversations.file(user, file_id)
    return file_view(await studio.knowledge.learn(user, file))
