"""Keys of an agent, for programs that ask it: made, listed, revoked."""

from typing import Annotated, Any

from fastapi import APIRouter, Response
from pydantic import Field

from agentfabric.api.bodies import TheStudio, TheUser
from agentfabric.api.links import price_view
from agentfabric.service.agent_keys import MAX_DAYS, MAX_LABEL_CHARS, Wanted
from agentfabric.service.prices import holds
from agentfabric.store.agent_keys import AgentKey
from agentfabric.store.share_limits import Share
from user_agent.models.entry import Price
from user_agent.serve.bodies import Given
from user_agent.serve.keyed import KeyScope

router = APIRouter(prefix="/api/agents/{agent_id}/keys", tags=["sharing"])

Json = dict[str, Any]
Count = Annotated[int, Field(ge=1, lt=2**31)]


class NewKey(Given):
    """What a key is for. Without `days` it does not expire, and without a number per day there is no such limit.

    Money is in the currency of the price that the agent's model has.
    """

    label: Annotated[str, Field(max_length=MAX_LABEL_CHARS)] = ""
    scopes: Annotated[tuple[KeyScope, ...], Field(min_length=1, max_length=3)] = ("openai", "mcp", "a2a")
    days: Annotated[int, Field(ge=1, le=MAX_DAYS)] | None = None
    turns_per_day: Count | None = None
    tokens_per_day: Count | None = None
    money_per_day: Annotated[float, Field(gt=0, le=10**9)] | None = None


@router.post("", status_code=201)
async def make_key(agent_id: str, new: NewKey, studio: TheStudio, user: TheUser) -> Json:
    """Make a key. The answer has it as `key`, once: nobody can read it later.

    400 where a limit of money cannot hold.
    """
    wanted = Wanted(
        label=new.label,
        scopes=new.scopes,
        days=new.days,
        limits=Share(turns=new.turns_per_day, tokens=new.tokens_per_day, money=new.money_per_day),
    )
    made, text = await studio.agent_keys.make(user, agent_id, wanted)
    return {**key_view(made, await studio.agent_keys.prices.of(user, agent_id)), "key": text}


@router.get("")
async def list_keys(agent_id: str, studio: TheStudio, user: TheUser) -> Json:
    """The keys that were not revoked, the newest first: how each begins, when it was used last, and what of it today
    (in UTC). `price` is as `GET …/links` has it."""
    price = await studio.agent_keys.prices.of(user, agent_id)
    keys = [key_view(key, price) for key in await studio.agent_keys.all(user, agent_id)]
    return {"keys": keys, "price": price_view(price)}


@router.delete("/{key_id}", status_code=204, response_class=Response)
async def revoke_key(agent_id: str, key_id: str, studio: TheStudio, user: TheUser) -> None:
    """Revoke a key. Answers that are being given for it end within seconds."""
    await studio.agent_keys.revoke(user, agent_id, key_id)


def key_view(key: AgentKey, price: Price | None) -> Json:
    moments = {"created": key.created, "expires": key.expires, "last_used": key.last_used}
    return {
        "id": key.id,
        "label": key.label,
        "prefix": key.prefix,
        "scopes": key.scopes,
        "turns_per_day": key.limits.turns,
        "tokens_per_day": key.limits.tokens,
        "money_per_day": key.limits.money,
        "currency": key.currency,
        "money_holds": holds(key.limits.money, key.currency, price),
        "today": {"turns": key.today.turns, "tokens": key.today.tokens, "money": key.today.money},
        **{name: moment and moment.isoformat() for name, moment in moments.items()},
    }
