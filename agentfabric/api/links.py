"""Links to what is live of an agent, as its owner makes and ends them."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import AwareDatetime, Field

from agentfabric.api.bodies import TheStudio, TheUser
from agentfabric.service.prices import holds
from agentfabric.store.records import Visibility
from agentfabric.store.share_limits import Share, ShareLimits
from agentfabric.store.shares import SharedLink, Terms
from user_agent.models.entry import Price
from user_agent.serve.bodies import Given

router = APIRouter(prefix="/api/agents/{agent_id}/links", tags=["links"])

Json = dict[str, Any]
ToolKeys = Annotated[tuple[Annotated[str, Field(max_length=200)], ...], Field(max_length=200)]
Origins = Annotated[tuple[Annotated[str, Field(max_length=300)], ...], Field(max_length=100)]


class Caps(Given):
    """How much of a link there is a day, for each visitor and for everybody together. What is null is not limited."""

    visitor: Share = ShareLimits().visitor
    everybody: Share = ShareLimits().everybody

    @property
    def limits(self) -> ShareLimits:
        return ShareLimits(visitor=self.visitor, everybody=self.everybody)


class NewLink(Given):
    """`slug` is its address below `/a/`: without one nobody can guess it. `origins` are those whose pages may show it
    in a frame. `tools` are those of which visitors may allow calls, one at a time, by the keys that the list names."""

    slug: Annotated[str, Field(max_length=100)] | None = None
    visibility: Visibility = "link"
    limits: Caps = Caps()
    origins: Origins = ()
    expires: AwareDatetime | None = None
    tools: ToolKeys = ()


class LinkChange(Given):
    """What changes of it. The address stays."""

    visibility: Visibility | None = None
    limits: Caps | None = None
    origins: Origins | None = None
    expires: AwareDatetime | None = None
    tools: ToolKeys | None = None


@router.get("")
async def list_links(agent_id: str, studio: TheStudio, user: TheUser) -> Json:
    """Every link that was not revoked, with what was used of it today (in UTC): counts, no words.

    `price` is what the agent's model costs a million tokens; null where that is not known, so that money cannot be
    limited. `tools` are those that visitors do not have by themselves: of those that a link names, they are asked
    before each call.
    """
    price = await studio.links.prices.of(user, agent_id)
    links = [link_view(link, price) for link in await studio.links.all(user, agent_id)]
    tools = [
        {"key": tool.key, "label": {"zh": tool.label.zh, "en": tool.label.en}}
        for tool in await studio.links.tools(user, agent_id)
    ]
    return {"links": links, "price": price_view(price), "tools": tools}


@router.post("", status_code=201)
async def create_link(agent_id: str, new: NewLink, studio: TheStudio, user: TheUser) -> Json:
    """A link to what is live. 400 where a limit of money cannot hold, 409 where the address is taken."""
    terms = Terms(new.visibility, new.limits.limits, new.origins, new.expires, new.tools)
    link = await studio.links.create(user, agent_id, terms, new.slug)
    return link_view(link, await studio.links.prices.of(user, agent_id))


@router.patch("/{link_id}")
async def change_link(agent_id: str, link_id: str, change: LinkChange, studio: TheStudio, user: TheUser) -> Json:
    """Other terms, from now on. What was used today stays used. `expires: null` takes its end away."""
    old = (await studio.links.get(user, agent_id, link_id)).terms
    terms = Terms(
        change.visibility or old.visibility,
        change.limits.limits if change.limits else old.limits,
        old.origins if change.origins is None else change.origins,
        change.expires if "expires" in change.model_fields_set else old.expires,
        old.tools if change.tools is None else change.tools,
    )
    link = await studio.links.change(user, agent_id, link_id, terms)
    return link_view(link, await studio.links.prices.of(user, agent_id))


@router.delete("/{link_id}", status_code=204)
async def revoke_link(agent_id: str, link_id: str, studio: TheStudio, user: TheUser) -> None:
    """The link opens no more, for good, and answers that it is giving end. Its address is given to no other one."""
    await studio.links.revoke(user, agent_id, link_id)


def link_view(link: SharedLink, price: Price | None) -> Json:
    limits = link.terms.limits
    return {
        "id": link.id,
        "slug": link.slug,
        "path": f"/a/{link.slug}/",
        "visibility": link.terms.visibility,
        "limits": limits.model_dump(mode="json"),
        "money_holds": all(holds(cap.money, limits.currency, price) for cap in (limits.visitor, limits.everybody)),
        "origins": list(link.terms.origins),
        "expires": _told(link.terms.expires),
        "tools": list(link.terms.tools),
        "created": link.created.isoformat(),
        "today": {
            "turns": link.today.turns,
            "tokens": link.today.tokens,
            "money": link.today.money,
            "visitors": link.today.visitors,
        },
    }


def price_view(price: Price | None) -> Json | None:
    """What a million tokens cost; None where nobody knows."""
    return price and {"input": price.input, "output": price.output, "currency": price.currency}


def _told(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
