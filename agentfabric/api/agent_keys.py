"""Keys of an agent, for programs that ask it: made, listed, revoked."""

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Response
from pydantic import Field

from agentfabric.api.bodies import TheStudio, TheUser
from agentfabric.service.agent_keys import MAX_DAYS, MAX_LABEL_CHARS, Wanted
from agentfabric.store.agent_keys import AgentKey
from user_agent.serve.bodies import Given
from user_agent.serve.keyed import KeyScope

router = APIRouter(prefix="/api/agents/{agent_id}/keys", tags=["sharing"])

Json = dict[str, Any]
Count = Annotated[int, Field(ge=1, lt=2**31)]


class NewKey(Given):
    """What a key is for. Without `days` it does not expire, and without a number per day there is no such limit."""

    label: Annotated[str, Field(max_length=MAX_LABEL_CHARS)] = ""
    scopes: Annotated[tuple[KeyScope, ...], Field(min_length=1, max_length=3)] = ("openai", "mcp", "a2a")
    days: Annotated[int, Field(ge=1, le=MAX_DAYS)] | None = None
    turns_per_day: Count | None = None
    tokens_per_day: Count | None = None


@router.post("", status_code=201)
async def make_key(agent_id: str, new: NewKey, studio: TheStudio, user: TheUser) -> Json:
    """Make a key. The answer has it as `key`, once: nobody can read it later."""
    wanted = Wanted(
        label=new.label,
        scopes=new.scopes,
        days=new.days,
        turns_per_day=new.turns_per_day,
        tokens_per_day=new.tokens_per_day,
    )
    made, text = await studio.agent_keys.make(user, agent_id, wanted)
    return {**key_view(made), "key": text}


@router.get("")
async def list_keys(agent_id: str, studio: TheStudio, user: TheUser) -> list[Json]:
    """The keys that were not revoked, the newest first, each with how it begins and when it was used last."""
    return [key_view(key) for key in await studio.agent_keys.all(user, agent_id)]


@router.delete("/{key_id}", status_code=204, response_class=Response)
async def revoke_key(agent_id: str, key_id: str, studio: TheStudio, user: TheUser) -> None:
    """Revoke a key. Answers that are being given for it end within seconds."""
    await studio.agent_keys.revoke(user, agent_id, key_id)


def key_view(key: AgentKey) -> Json:
    moments = {"created": key.created, "expires": key.expires, "last_used": key.last_used}
    return {**asdict(key), **{name: moment and moment.isoformat() for name, moment in moments.items()}}
