"""Who comes in to a served agent, and as whom."""

from dataclasses import dataclass
from typing import Protocol

from starlette.requests import Request

from user_agent.errors import NotAllowed
from user_agent.serve.served import Caller, Served
from user_agent.serve.visitors import Visitors, is_from_own_page


@dataclass(frozen=True, slots=True)
class Entered:
    """Somebody whom a door let in: who it is, and whom they ask."""

    served: Served
    caller: Caller
    set_cookie: str | None = None
    """The header by which a browser says again who it is."""
    frame_ancestors: tuple[str, ...] = ()
    """The origins whose pages may show this one in a frame."""


class Door(Protocol):
    """Decides for every request that is not for a file of the page's own."""

    async def enter(self, request: Request) -> Entered:
        """Raises `FabricError` for whoever stays outside."""
        ...


@dataclass(frozen=True, slots=True)
class OpenDoor:
    """Lets everybody in to one agent, and tells browsers apart by their cookies."""

    served: Served
    visitors: Visitors
    frame_ancestors: tuple[str, ...] = ()

    async def enter(self, request: Request) -> Entered:
        if not is_from_own_page(request):
            raise NotAllowed("Requests from other web pages are not accepted. Open the agent at its own address.")
        visitor = self.visitors.of(request)
        return Entered(self.served, Caller(visitor.name, "page"), visitor.set_cookie, self.frame_ancestors)
