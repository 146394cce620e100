"""Agents from outside: look first, then take."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request

from agentfabric.api.agents import brought_view
from agentfabric.api.bodies import FILES, TheStudio, TheUser, an_object, described, parcel_of
from agentfabric.api.mcp import words_view
from agentfabric.api.releases import difference_view
from agentfabric.service.imports import Looked, kept_first
from user_agent.words import Language

router = APIRouter(prefix="/api/imports", tags=["imports"])

Json = dict[str, Any]

AgentId = Annotated[str | None, Query(alias="agent", max_length=64, description="The agent to change; none: a new one")]
Number = Annotated[int, Query(ge=1, le=10_000, description="Which agent, where the file has several")]
_BODY = described(json=an_object(url={"type": "string"}), form=an_object(file=FILES["items"]))


@router.post("/look", openapi_extra=_BODY)
async def look_at_import(
    request: Request,
    studio: TheStudio,
    user: TheUser,
    agent: AgentId = None,
    number: Number = 1,
    language: Language = "en",
) -> Json:
    """What a file would make of a new agent, or of the one that is named. Nothing is stored.

    The file is sent as a form, or its address as `{"url": …}`. It may be a `builder_config.json`, a zip of this or an
    earlier AgentFabric, or an export of Dify, Open WebUI, a GPT, LibreChat or LobeChat. Nothing in it is run.
    """
    looked = await studio.imports.look(user, await parcel_of(request, number), agent, language)
    return _looked_view(looked)


@router.post("", status_code=201, openapi_extra=_BODY)
async def take_import(
    request: Request,
    studio: TheStudio,
    user: TheUser,
    digest: Annotated[str, Query(min_length=64, max_length=64, description="What `look` said of the same file")],
    agent: AgentId = None,
    number: Number = 1,
    revision: Annotated[int | None, Query(ge=1, description="What `look` said of the agent")] = None,
    language: Language = "en",
) -> Json:
    """Store what was looked at, whole or not at all. 409 where the file or the agent is another one by now."""
    parcel = await parcel_of(request, number)
    brought = await studio.imports.take(user, parcel, digest, language, agent_id=agent, revision=revision)
    return brought_view(brought)


def _looked_view(looked: Looked) -> Json:
    return {
        "digest": looked.digest,
        "origin": looked.origin,
        "revision": looked.revision,
        "name": looked.config.name,
        "description": looked.config.description,
        "model": looked.config.model,
        "report": [
            {
                "kind": note.kind,
                "field": note.field,
                "text": words_view(note.told),
                "about": words_view(note.words),
                "places": [*note.places],
            }
            for note in kept_first(looked.notes)
        ],
        "notices": [{"kind": item.kind, "field": item.field, "name": item.name} for item in looked.notices],
        "differences": [difference_view(difference) for difference in looked.differences],
        "files": [
            {"purpose": file.purpose, "name": file.name, "size": None if file.data is None else len(file.data)}
            for file in looked.files
        ],
        "choices": list(looked.choices),
        "signed_by": looked.signature.fingerprint if looked.signature else None,
    }
