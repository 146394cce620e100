"""Sending agents to places outside: which there are, and how it goes."""

from typing import Annotated, Any

from fastapi import APIRouter, Header
from fastapi.responses import StreamingResponse
from pydantic import Field, SecretStr

from agentfabric.api.bodies import TheStudio, TheUser
from agentfabric.publish.targets.base import Field as TargetField
from user_agent.serve.bodies import Given
from user_agent.serve.sse import seen_of, stream
from user_agent.words import Words

router = APIRouter(tags=["releases"])

Json = dict[str, Any]


_KeyName = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,127}$")]
_Key = Annotated[SecretStr, Field(min_length=1, max_length=4_096)]


class Publication(Given):
    """Where to, and what the target wants to know, by its fields' names. `secrets` are kept encrypted, for the origin
    that the options name; what is not given is what was kept. `keys`, for a target with a field of that kind, are
    values for keys that the agent needs there, by their names: they are sent this once, and kept nowhere here."""

    target: Annotated[str, Field(max_length=40)]
    options: dict[str, Annotated[str, Field(max_length=1_000)]] = Field(default={}, max_length=20)
    secrets: dict[str, Annotated[SecretStr, Field(max_length=10_000)]] = Field(default={}, max_length=20)
    keys: dict[_KeyName, _Key] = Field(default={}, max_length=100)


@router.get("/api/targets")
async def list_targets(studio: TheStudio, user: TheUser) -> list[Json]:
    """Where this server can send agents, and what each target wants to know; words in both languages."""
    return [
        {
            "name": target.name,
            "title": _both(target.title),
            "hint": _both(target.hint),
            "fields": [_field(field) for field in target.fields],
        }
        for target in studio.publications.targets
    ]


@router.post("/api/agents/{agent_id}/publications", response_class=StreamingResponse)
async def publish_to(agent_id: str, publication: Publication, studio: TheStudio, user: TheUser) -> StreamingResponse:
    """Send the bundle of what is live, else of the draft, to a target. Where that fails, what was there before stays.

    The stream: `publish_started`; a `publish_step` for each step; `publish_done` with the `address`, and where there is
    something to open its `link` and when that `expires`, then `run_finished`; or `publish_refused` with the reason,
    then `run_failed`; or, where it was stopped, `run_finished` alone. It goes on when nobody reads it.
    """
    begun = await studio.publications.begin(
        user, agent_id, publication.target, publication.options, publication.secrets, publication.keys
    )
    return stream(studio.publications.events(user, agent_id, begun))


@router.get("/api/agents/{agent_id}/publications")
async def last_publication(agent_id: str, studio: TheStudio, user: TheUser) -> Json:
    """The last `publication` of the agent: its `id`, its `target` and whether it is `running`; null where none is known
    here. One is forgotten some minutes after its end, and with the process that ran it."""
    await studio.agents.get(user, agent_id)
    sent = studio.publications.last(user, agent_id)
    return {"publication": sent and {"id": sent.id, "target": sent.target, "running": sent.running}}


@router.get("/api/agents/{agent_id}/publications/{publication_id}/events", response_class=StreamingResponse)
async def publication_events(
    agent_id: str,
    publication_id: str,
    studio: TheStudio,
    user: TheUser,
    last_event_id: Annotated[str, Header()] = "",
) -> StreamingResponse:
    """The events of a publication after `Last-Event-ID`, and the ones to come. Who lost the stream goes on here."""
    return stream(studio.publications.events(user, agent_id, publication_id, seen_of(last_event_id)))


@router.post("/api/agents/{agent_id}/publications/{publication_id}/stop", status_code=204)
async def stop_publication(agent_id: str, publication_id: str, studio: TheStudio, user: TheUser) -> None:
    """Stop a publication. What was there before stays; where it is being replaced already, that comes to its end, and
    the stream tells which it was."""
    await studio.publications.stop(user, agent_id, publication_id)


def _field(field: TargetField) -> Json:
    return {
        "name": field.name,
        "label": _both(field.label),
        "kind": field.kind,
        "hint": _both(field.hint) if field.hint else None,
        "default": field.default,
        "required": field.required,
        "choices": [{"value": choice.value, "label": _both(choice.label)} for choice in field.choices],
    }


def _both(words: Words) -> dict[str, str]:
    return {"zh": words.zh, "en": words.en}
