"""What a key opens: one agent, for programs. The protocols of this folder ask through it."""

import asyncio
import secrets
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Literal, Protocol

import structlog

from user_agent.errors import FabricError
from user_agent.events import EventBase
from user_agent.messages import Message
from user_agent.models.base import FileContent
from user_agent.net import Http
from user_agent.serve.batches import in_batches
from user_agent.serve.brief_notes import BriefNotes
from user_agent.serve.served import NO_FILES, Answering, Caller

KeyScope = Literal["openai", "mcp", "a2a"]
LOOK_S = 2.0
"""How often it is looked whether an answer may go on: the key still opens, and what it opened is still shown."""


log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


async def _always() -> None:
    """A key that nothing takes away while it is used."""


@dataclass(frozen=True, slots=True)
class Opened:
    """An agent, and who asks it."""

    served: Answering
    caller: Caller
    names: tuple[str, ...]
    """What the agent may be asked for by. The first is how answers call it."""
    notes: BriefNotes
    """What is kept for this caller, where the protocol has it that the server does."""
    still: Callable[[], Awaitable[None]] = _always
    """Raises `FabricError` where the key, or what it opened, opens no more."""
    look_s: float = LOOK_S

    async def run(
        self, messages: Sequence[Message], files: Mapping[str, FileContent] = NO_FILES
    ) -> AsyncGenerator[list[EventBase], None]:
        """The agent's answer to the last message, in batches; an empty one tells that nothing came for a while.

        Raises `FabricError`: what `still` raises, soon after the key or the agent was closed, and `FabricError` itself
        for a defect.
        """
        try:
            async with aclosing(self._watched(messages, files)) as batches:
                async for batch in batches:
                    yield batch
        except FabricError:
            raise
        except Exception as error:
            incident = secrets.token_hex(4)
            log.error("answer_failed", incident=incident, surface=self.caller.surface, exc_info=error)
            message = f"Something went wrong here. The log has it under incident {incident}."
            raise FabricError(message, incident=incident) from error

    async def _watched(
        self, messages: Sequence[Message], files: Mapping[str, FileContent]
    ) -> AsyncGenerator[list[EventBase], None]:
        clock = asyncio.get_running_loop().time
        looks_at = clock() + self.look_s
        events = in_batches(self.served.run(self.caller, messages, files), silence_s=self.look_s)
        async with aclosing(events):
            async for batch in events:
                if clock() >= looks_at:
                    await self.still()
                    looks_at = clock() + self.look_s
                yield batch


class Keys(Protocol):
    """Who may ask which agent."""

    @property
    def http(self) -> Http:
        """Fetches what programs name by address."""
        ...

    async def opened(self, key: str | None, scope: KeyScope, client: str, name: str | None = None) -> Opened:
        """What `key` opens to this protocol; `client` is the address that it came from. With `name`, only where that
        is one of the agent's.

        Raises `NotSignedIn` for one that opens nothing, `NotAllowed` for one of another scope, `TooManyGuesses`, and
        `NotFound` where the agent is not published.
        """
        ...
