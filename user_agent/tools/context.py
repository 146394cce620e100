"""What surrounds a call of a tool: what the agent's owner lends it, and hides from the model."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

from pydantic import JsonValue

from user_agent.errors import ToolError
from user_agent.messages import FilePart
from user_agent.net import Http
from user_agent.openapi.tokens import Tokens
from user_agent.pages.rendering import Renderer
from user_agent.questions import PUT_AWAY, Question, Reply
from user_agent.vendors.pace import Pace
from user_agent.words import Language, Words

if TYPE_CHECKING:
    from user_agent.sandbox.bench import Bench


class Keep(Protocol):
    """Keeps what a tool made with the conversation it was made in, for as long as that is there."""

    async def __call__(self, data: bytes, *, name: str, media_type: str) -> FilePart: ...


class Storage(Protocol):
    """What one agent keeps for one person from one conversation to the next: JSON values by key."""

    async def get(self, key: str) -> JsonValue:
        """Raises `KeyError` where there is none."""
        ...

    async def put(self, key: str, value: JsonValue) -> bool:
        """Whether there was room for it; if not, nothing is kept."""
        ...

    async def delete(self, key: str) -> bool:
        """Whether there was one."""
        ...

    async def keys(self) -> Sequence[str]:
        """In order."""
        ...


class Report(Protocol):
    """Says how far a call is that takes long: a share from 0 to 1, None where that is not known, and a few words."""

    def __call__(self, share: float | None, text: str = "") -> None: ...


def _to_nobody(share: float | None, text: str = "") -> None:
    pass


class Ask(Protocol):
    """Asks the person something on behalf of whoever a call is made to, and waits for what they do with it."""

    async def __call__(self, question: Question) -> Reply: ...


async def _of_nobody(question: Question) -> Reply:
    return PUT_AWAY


async def _nowhere(data: bytes, *, name: str, media_type: str) -> FilePart:
    raise ToolError(f"{name!r} was made, but there is no place here to keep it. Answer without it.")


class ConversationFiles(Protocol):
    """The files of the conversation that a call belongs to: what came with messages, and what tools made."""

    async def list(self) -> Sequence[FilePart]:
        """All of them, the oldest first."""
        ...

    async def read(self, file: str) -> bytes:
        """The bytes of the one with this id. Raises `FabricError` where they are gone."""
        ...


class _NoFiles:
    async def list(self) -> Sequence[FilePart]:
        return ()

    async def read(self, file: str) -> bytes:
        raise ToolError("There are no files here.")


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class ToolContext:
    """The surroundings of a call: what the agent's owner lends to a tool."""

    http: Http
    language: Language = "zh"
    secrets: Mapping[str, str] = field(default_factory=dict[str, str])
    base_urls: Mapping[str, str] = field(default_factory=dict[str, str])
    """Addresses that replace a vendor's own, by name (`AMAP_BASE_URL`)."""
    options: Mapping[str, Mapping[str, str]] = field(default_factory=dict[str, Mapping[str, str]])
    """What the operator set for a tool, such as the model that it asks, by tool id."""
    keep: Keep = _nowhere
    files: ConversationFiles = field(default_factory=_NoFiles)
    pace: Pace = field(default_factory=Pace)
    """How long what a vendor works on is waited for."""
    storage: Storage | None = None
    """None where nothing outlives the conversation."""
    report: Report = _to_nobody
    ask: Ask = _of_nobody
    renderer: Renderer | None = None
    """Draws pages that scripts draw; None where there is no browser."""
    bench: "Bench | None" = None
    """Where code that the model writes can be run; None where it cannot."""
    unavailable: Mapping[str, Words] = field(default_factory=dict[str, Words])
    """Tools that cannot work in these surroundings, and why, by tool id: they are not offered to a model."""
    tokens: Tokens = field(default_factory=Tokens)
    """Access tokens that keys of APIs are changed for."""
    now: Callable[[], datetime] = _utc_now
