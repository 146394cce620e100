"""Agents: make, list, change, delete, and their picture."""

from typing import Annotated, Any

from fastapi import APIRouter, Header, Request, Response

from agentfabric.api.bodies import (
    CONFIG,
    FILES,
    LANGUAGE,
    TheStudio,
    TheUser,
    an_object,
    described,
    document_of,
    files_of,
)
from agentfabric.service.agents import Brought
from agentfabric.store.agents import Edited, StoredAgent
from user_agent.errors import BadRequest, UnsupportedFile

router = APIRouter(prefix="/api/agents", tags=["agents"])

Json = dict[str, Any]


@router.post(
    "",
    status_code=201,
    openapi_extra=described(json=an_object(config=CONFIG, language=LANGUAGE, template={"type": "string"})),
)
async def create_agent(request: Request, studio: TheStudio, user: TheUser) -> Json:
    """A new agent: empty, in the `language` that is named; from `{"config": {...}}`; or from a `template` of the
    gallery."""
    body = await document_of(request)
    config, language, template = body.get("config"), body.get("language"), body.get("template")
    if config is not None and not isinstance(config, dict):
        raise BadRequest('"config" is a JSON object.')
    if language not in (None, "zh", "en"):
        raise BadRequest('"language" is "zh" or "en".')
    if template is None:
        return brought_view(await studio.agents.create(user, config, language=language))
    if not isinstance(template, str) or config is not None:
        raise BadRequest('"template" is the id of one, without a "config".')
    start = await studio.gallery.document(template, language or "zh")
    return brought_view(await studio.agents.create(user, None, start=start))


@router.get("")
async def list_agents(studio: TheStudio, user: TheUser) -> list[Json]:
    """One's agents, the last changed first."""
    return [
        {
            "id": agent.id,
            "revision": agent.revision,
            "name": agent.name,
            "description": agent.description,
            "updated": agent.updated.isoformat(),
        }
        for agent in await studio.agents.all(user)
    ]


@router.get("/{agent_id}")
async def get_agent(agent_id: str, studio: TheStudio, user: TheUser) -> Json:
    return agent_view(await studio.agents.get(user, agent_id))


@router.delete("/{agent_id}", status_code=204)
async def delete_agent(agent_id: str, studio: TheStudio, user: TheUser) -> None:
    """Put an agent away; `undelete` brings it back."""
    await studio.delete_agent(user, agent_id)


@router.post("/{agent_id}/undelete")
async def undelete_agent(agent_id: str, studio: TheStudio, user: TheUser) -> Json:
    return agent_view(await studio.agents.undelete(user, agent_id))


@router.post("/{agent_id}/duplicate", status_code=201)
async def duplicate_agent(agent_id: str, studio: TheStudio, user: TheUser) -> Json:
    return agent_view(await studio.duplicate_agent(user, agent_id))


@router.put("/{agent_id}/config", openapi_extra=described(json=CONFIG))
async def put_config(
    agent_id: str,
    request: Request,
    studio: TheStudio,
    user: TheUser,
    if_match: Annotated[str, Header(description='The revision this was made from, in quotes: "7"')] = "",
) -> Json:
    """Replace the whole configuration, but for locked fields: those are in `refused`.

    409 where somebody wrote meanwhile, 422 naming the field that does not fit.
    """
    document = await document_of(request, required=True)
    brought = await studio.agents.replace(user, agent_id, document, _revision(if_match))
    return brought_view(brought)


@router.patch("/{agent_id}/config", openapi_extra=described(json=CONFIG))
async def patch_config(
    agent_id: str, request: Request, studio: TheStudio, user: TheUser, if_match: Annotated[str, Header()] = ""
) -> Json:
    """Set the named fields, and no other. `tools` takes ticks by id: `{"tools": {"weather": true}}`.

    `base` has the value of each field as it was when you began: where it is another by now, 409 `field_conflict`, with
    both values in `clashes`, and nothing is stored.
    """
    revision = _revision(if_match) if if_match else None
    return edited_view(await studio.agents.patch(user, agent_id, await document_of(request), revision))


@router.get("/{agent_id}/avatar", response_class=Response)
async def get_avatar(agent_id: str, studio: TheStudio, user: TheUser) -> Response:
    """The agent's picture as PNG: the uploaded one, else a monogram."""
    png = await studio.agents.avatar(user, agent_id)
    return Response(png, media_type="image/png", headers={"cache-control": "private, max-age=60"})


@router.put("/{agent_id}/avatar", openapi_extra=described(form=an_object(file=FILES["items"])))
async def put_avatar(agent_id: str, request: Request, studio: TheStudio, user: TheUser) -> Json:
    """Upload a picture (PNG, JPEG, WebP, 5 MB): as the body, or as `file` of a form."""
    files = await files_of(request)
    if not files:
        raise UnsupportedFile("There is no picture in the form.")
    return edited_view(await studio.agents.set_avatar(user, agent_id, files[0].data))


@router.delete("/{agent_id}/avatar")
async def delete_avatar(agent_id: str, studio: TheStudio, user: TheUser) -> Json:
    """Back to the monogram."""
    return edited_view(await studio.agents.remove_avatar(user, agent_id))


@router.get("/{agent_id}/warnings")
async def list_warnings(agent_id: str, studio: TheStudio, user: TheUser) -> list[Json]:
    """What to know of the agent as it is: `mixture` where texts by strangers, private data and a way out that nobody is
    asked about have come together in it."""
    return [
        {"kind": "mixture", "text": {"zh": words.zh, "en": words.en}} for words in await studio.warnings(user, agent_id)
    ]


def agent_view(agent: StoredAgent) -> Json:
    return {
        "id": agent.id,
        "revision": agent.revision,
        "config": agent.config.document,
        "updated": agent.updated.isoformat(),
        "marks": {field: mark.model_dump(mode="json") for field, mark in agent.marks.items()},
        "locks": list(agent.locks),
    }


def brought_view(brought: Brought) -> Json:
    notices = [{"kind": item.kind, "field": item.field, "name": item.name} for item in brought.notices]
    refused = [refusal.model_dump(mode="json") for refusal in brought.refused]
    return {**agent_view(brought.agent), "notices": notices, "refused": refused}


def edited_view(edited: Edited) -> Json:
    return {**agent_view(edited.agent), **edited.change.model_dump(mode="json", include={"changes", "refused"})}


def _revision(if_match: str) -> int:
    text = if_match.strip().removeprefix("W/").strip('"')
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise BadRequest('Send the revision you started from as `If-Match: "7"`.')
    return int(text)
