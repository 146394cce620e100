"""What of an agent is published: releases, which one is live, and what differs from it."""

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import Field

from agentfabric.api.bodies import TheStudio, TheUser
from agentfabric.api.knowledge import hit_view
from agentfabric.api.mcp import words_view
from agentfabric.service.comparing import Difference
from agentfabric.service.releases import MAX_NOTE_CHARS
from agentfabric.store.releases import Release
from user_agent.serve.bodies import Given
from user_agent.serve.variables import Variable

router = APIRouter(prefix="/api/agents/{agent_id}", tags=["releases"])

Json = dict[str, Any]


class Publishing(Given):
    """What is published: the newest version where none is named. With the `revision` that was seen, nothing else is."""

    version: Annotated[int, Field(ge=1, lt=2**31)] | None = None
    note: Annotated[str, Field(max_length=MAX_NOTE_CHARS)] = ""
    revision: Annotated[int, Field(ge=1)] | None = None


class Sought(Given):
    query: Annotated[str, Field(max_length=4_000)]
    limit: Annotated[int, Field(ge=1, le=50)] = 8


@router.post("/releases", status_code=201)
async def publish(agent_id: str, publishing: Publishing, studio: TheStudio, user: TheUser) -> Json:
    """Freeze a version with a note, and make it live. 409 `nothing_to_publish` where what is live is the same, and
    `conflict` where the agent is not at that revision any more."""
    published = await studio.releases.publish(
        user, agent_id, note=publishing.note, version=publishing.version, revision=publishing.revision
    )
    return release_view(published.release)


@router.get("/releases")
async def list_releases(agent_id: str, studio: TheStudio, user: TheUser) -> list[Json]:
    """Every release, the newest first. One is `live`, or none."""
    return [release_view(release) for release in await studio.releases.all(user, agent_id)]


@router.get("/releases/{number}")
async def get_release(agent_id: str, number: int, studio: TheStudio, user: TheUser) -> Json:
    """A release with its configuration, as it was published."""
    whole = await studio.releases.get(user, agent_id, number)
    return {**release_view(whole.release), "config": whole.config.document}


@router.put("/releases/{number}/live")
async def make_live(agent_id: str, number: int, studio: TheStudio, user: TheUser) -> Json:
    """Make a release live, in the place of any other. The draft stays as it is."""
    return release_view((await studio.releases.make_live(user, agent_id, number)).release)


@router.delete("/releases/{number}/live")
async def unpublish(agent_id: str, number: int, studio: TheStudio, user: TheUser) -> Json:
    """The release is live no more, and nothing of the agent is, until something is published again."""
    return release_view((await studio.releases.unpublish(user, agent_id, number)).release)


@router.get("/releases/{number}/avatar", response_class=Response)
async def release_avatar(agent_id: str, number: int, studio: TheStudio, user: TheUser) -> Response:
    """The release's picture as PNG."""
    png = await studio.releases.avatar(user, (await studio.releases.get(user, agent_id, number)).config, agent_id)
    return Response(png, media_type="image/png", headers={"cache-control": "private, max-age=60"})


@router.post("/releases/{number}/search")
async def search_release(agent_id: str, number: int, sought: Sought, studio: TheStudio, user: TheUser) -> Json:
    """What a question finds in the files that a live release knows, whatever became of the draft's."""
    found = await studio.releases.search(user, agent_id, number, sought.query, sought.limit)
    names = {file.id: file.name for file in await studio.knowledge.released(user, agent_id)}
    return {"hits": [hit_view(hit, names) for hit in found.hits if hit.file in names], "engine": found.engine}


@router.get("/differences")
async def list_differences(
    agent_id: str,
    studio: TheStudio,
    user: TheUser,
    earlier: Annotated[str, Query(alias="from", max_length=40)] = "live",
    later: Annotated[str, Query(alias="to", max_length=40)] = "draft",
) -> list[Json]:
    """What differs from one place to another: `draft`, `live`, `nothing`, `version:3` or `release:2`. Each difference
    has its `field`, `before` and `after`, and of texts the `pieces` that are the `same`, are `gone`, or `come`."""
    found = await studio.comparing.between(user, agent_id, earlier, later)
    return [difference_view(difference) for difference in found]


@router.get("/readiness")
async def readiness(agent_id: str, studio: TheStudio, user: TheUser) -> Json:
    """What to see to before the draft is published: `missing` keeps something from working for others, a `warning` is
    to be weighed; each with its `kind`, the `field` where it is, and a `text`. `keys` are what it asks for where it
    runs without this server, by their names in an environment; `sent_keys` what that asks for which is sent elsewhere:
    what is live, else the draft."""
    ready = await studio.readiness.of(user, agent_id)
    findings = [
        {"kind": each.kind, "level": each.level, "field": each.field, "text": words_view(each.text)}
        for each in ready.findings
    ]
    return {
        "findings": findings,
        "keys": [_key_view(key) for key in ready.keys],
        "sent_keys": [_key_view(key) for key in ready.sent_keys],
    }


def _key_view(key: Variable) -> Json:
    return {"name": key.name, "label": words_view(key.label), "url": key.url, "required": key.required}


def release_view(release: Release) -> Json:
    return {**asdict(release), "created": release.created.isoformat()}


def difference_view(difference: Difference) -> Json:
    return {
        "field": difference.field,
        "before": difference.before,
        "after": difference.after,
        "pieces": [piece.model_dump() for piece in difference.pieces],
    }
