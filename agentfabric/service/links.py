"""Links to what is live of an agent: made, limited, ended by its owner, and opened by whoever may."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from agentfabric.service.link_watch import STRANGER, Guest
from agentfabric.service.prices import Prices
from agentfabric.service.published import Published, Publishing
from agentfabric.service.visitor_tools import VisitorTool, visitor_tools
from agentfabric.store.base import now
from agentfabric.store.share_limits import ShareLimits
from agentfabric.store.shares import OpenLink, SharedLink, ShareStore, Terms
from user_agent.errors import BadRequest, NotSignedIn
from user_agent.urls import NotAnUrl, page_origin, web_address

LinkFault = Literal["slug", "links", "past", "origin", "no_price", "tool"]
"""What is wrong with a link that somebody wants, as `fault` of the failure; its sentence is told by it."""
MAX_LINKS = 20
MAX_ORIGINS = 20
MAX_LISTED = 100
_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{1,58}[a-z0-9])")


@dataclass(frozen=True, slots=True)
class Links:
    """The use cases. The first argument of each is the user; foreign ids are `NotFound`."""

    shares: ShareStore
    publishing: Publishing
    prices: Prices

    async def all(self, user: str, agent_id: str) -> Sequence[SharedLink]:
        return await self.shares.list(user, agent_id)

    async def create(self, user: str, agent_id: str, terms: Terms, slug: str | None = None) -> SharedLink:
        """A new link. Raises `BadRequest` for terms that cannot hold, and `Conflict` for an address that is taken."""
        await self.shares.list(user, agent_id)  # of somebody else's agent no other fault is told
        if slug is not None and not _SLUG.fullmatch(slug):
            raise BadRequest(
                "An address has 3 to 60 small letters, digits and hyphens, and a letter or digit at both ends.",
                fault="slug",
            )
        sound = await self._sound(user, agent_id, terms, ())
        return await self.shares.create(user, agent_id, sound, slug, at_most=MAX_LINKS)

    async def change(self, user: str, agent_id: str, link_id: str, terms: Terms) -> SharedLink:
        """Other terms, by which what runs for whoever may not come in any more ends now here; elsewhere soon. Raises
        `BadRequest` as `create` does."""
        before = (await self.shares.get(user, agent_id, link_id)).terms
        sound = await self._sound(user, agent_id, terms, before.tools)
        changed = await self.shares.change(user, agent_id, link_id, sound)
        await self.publishing.watch.look()
        return changed

    async def get(self, user: str, agent_id: str, link_id: str) -> SharedLink:
        return await self.shares.get(user, agent_id, link_id)

    async def revoke(self, user: str, agent_id: str, link_id: str) -> None:
        """The link opens no more, and what runs for it here ends now; elsewhere soon."""
        await self.shares.revoke(user, agent_id, link_id)
        await self.publishing.watch.look()

    async def opened(self, slug: str, user: str | None) -> tuple[OpenLink, Published]:
        """The link of that address and its agent, for a user of this server or for a stranger.

        Raises `NotFound` where it does not open, and `NotSignedIn` for a stranger where it opens to users alone.
        """
        link, guest = await self.shares.at(slug), Guest(is_user=user is not None)
        if not guest.may_enter(link):
            raise NotSignedIn("This agent is for users of this server. Sign in first.")
        return link, self.publishing.of_link(link, guest)

    async def public(self) -> Sequence[tuple[OpenLink, Published]]:
        """What everybody may find, the newest first."""
        return [(link, self.publishing.of_link(link, STRANGER)) for link in await self.shares.public(MAX_LISTED)]

    async def tools(self, user: str, agent_id: str) -> Sequence[VisitorTool]:
        """Those of what is live, else of the draft, that visitors may be let allow calls of."""
        return visitor_tools(await self.prices.config(user, agent_id), self.publishing.running.tools.known)

    async def _sound(self, user: str, agent_id: str, terms: Terms, before: Collection[str]) -> Terms:
        if terms.expires is not None and terms.expires <= now():
            raise BadRequest("The link would have expired already. Choose a later moment.", fault="past")
        if odd := {*terms.tools} - {*before, *(tool.key for tool in await self.tools(user, agent_id))}:
            raise BadRequest(
                f"{min(odd)[:100]!r} is no tool that visitors could be asked about. `GET …/links` names those.",
                fault="tool",
            )
        limits = await self._with_currency(user, agent_id, terms.limits)
        return replace(terms, limits=limits, origins=_origins(terms.origins), tools=tuple(dict.fromkeys(terms.tools)))

    async def _with_currency(self, user: str, agent_id: str, limits: ShareLimits) -> ShareLimits:
        if not limits.limits_money:
            return limits.model_copy(update={"currency": None})
        return limits.model_copy(update={"currency": await self.prices.currency(user, agent_id)})


def _origins(given: Sequence[str]) -> tuple[str, ...]:
    """Each as a browser writes it. Raises `BadRequest` naming one that is none."""
    if len(given) > MAX_ORIGINS:
        raise BadRequest(f"A link takes {MAX_ORIGINS} origins.", fault="origin")
    found: list[str] = []
    for text in given:
        try:
            url = web_address(text.strip())
            if url.path not in ("", "/") or url.raw_query_string or url.raw_fragment:
                raise BadRequest(
                    f"{text[:100]!r} is a page. Name its site alone, such as https://example.com.", fault="origin"
                )
            found.append(page_origin(text.strip()))
        except NotAnUrl as error:
            message = f"{text[:100]!r} is no origin: {error}. Write it like https://example.com."
            raise BadRequest(message, fault="origin") from error
    return tuple(dict.fromkeys(found))
