"""Pages that scripts draw: who draws them, and what comes of it."""

from dataclasses import dataclass
from typing import Protocol

from user_agent.answers import Fetched
from user_agent.errors import FabricError
from user_agent.net import Http
from user_agent.words import Language


@dataclass(frozen=True, slots=True)
class Rendered:
    """A page as its scripts left it."""

    url: str
    html: str


class NotRendered(FabricError):
    """The browser could not draw the page; it is read as it came."""

    code = "not_rendered"


class Renderer(Protocol):
    """Draws pages."""

    async def render(self, page: Fetched, http: Http, language: Language) -> Rendered:
        """The page after its scripts ran, without what a person would not see. All that they fetch is fetched with
        `http`. Raises `NotRendered`."""
        ...
