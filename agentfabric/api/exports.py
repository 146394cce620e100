"""Conversations as files that a browser keeps and never shows."""

from typing import Annotated

from fastapi import APIRouter, Query, Response
from fastapi.responses import StreamingResponse

from agentfabric.api.bodies import TheStudio, TheUser
from agentfabric.service.written import Form
from user_agent.serve.file_responses import as_download
from user_agent.words import Language

router = APIRouter(prefix="/api/agents/{agent_id}/conversations", tags=["conversations"])

MEDIA_TYPES = {"markdown": "text/markdown; charset=utf-8", "json": "application/json"}

OwnWords = Annotated[Language, Query(description="the language of what is no part of the conversation itself")]


@router.get("/export", response_class=StreamingResponse)
async def export_conversations(
    agent_id: str, studio: TheStudio, user: TheUser, language: OwnWords = "en"
) -> StreamingResponse:
    """All conversations with the agent in a zip, each as Markdown and as JSON."""
    archive = await studio.exports.all(user, agent_id, language)
    return StreamingResponse(archive.parts, media_type="application/zip", headers=_headers(archive.name))


@router.get("/{conversation_id}/export", response_class=Response)
async def export_conversation(
    agent_id: str,
    conversation_id: str,
    studio: TheStudio,
    user: TheUser,
    format: Annotated[Form, Query(description="Markdown to be read, or JSON with everything")] = "markdown",
    language: OwnWords = "en",
) -> Response:
    """What is shown of a conversation, as a file. Its own files are named in it, and stay where they are."""
    exported = await studio.exports.one(user, agent_id, conversation_id, format, language)
    return Response(exported.data, media_type=MEDIA_TYPES[format], headers=_headers(exported.name))


def _headers(name: str) -> dict[str, str]:
    return {"content-disposition": as_download(name), "cache-control": "no-store"}
