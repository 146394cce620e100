"""What doors ask of one agent that is served: of a bundle's folder, or of a release in the studio."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, Protocol

from pydantic import JsonValue

from user_agent.errors import NotFound
from user_agent.events import EventBase
from user_agent.memory.facts import Fact
from user_agent.messages import Message
from user_agent.models.base import FileContent
from user_agent.questions import Action
from user_agent.serve.conversations import ConversationHead, Thread
from user_agent.serve.decisions import Decided
from user_agent.serve.turns import Envelope
from user_agent.serve.uploads import Upload
from user_agent.words import Language, Words

NO_FILES: Mapping[str, FileContent] = MappingProxyType({})
Surface = Literal["page", "embed", "openai", "mcp", "a2a"]


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, as the door found out: no body and no address says so. `visitor` is opaque: of a cookie, a key, or an
    embed's token."""

    visitor: str
    surface: Surface


@dataclass(frozen=True, slots=True)
class Profile:
    """What a stranger may know of the agent: never its instruction, its keys, its ids or its owner."""

    name: str
    description: str
    language: Language
    prologue: str
    suggestions: tuple[str, ...]
    avatar: str | None
    """Its address below the mount, "avatar" say; None where there is no picture."""
    version: str
    """Of the release; another one where anything of the agent is another."""
    sees_pictures: bool
    """Whether pictures are of use to whoever answers."""
    hears_sounds: bool
    tool_titles: Mapping[str, Mapping[Language, str]]
    """What people call the tools that it may use, by id."""
    remembers: bool = False
    """Whether it notes facts about who speaks with it, which they can see and erase."""
    asks_model: bool = True
    """Whether a language model answers, and is sent what they write."""
    kept_days: float = 1.0
    """How long a conversation is kept after the last word in it."""
    cannot: tuple[Words, ...] = ()
    """What it should be able to do and cannot where it runs, a sentence each."""


@dataclass(frozen=True, slots=True)
class ServedFile:
    """A file of a conversation, or the picture of the agent."""

    name: str
    media_type: str
    data: bytes


class Remembered(Protocol):
    """What the agent knows of one visitor, for them alone."""

    async def list(self) -> Sequence[Fact]:
        """In the order in which it was noted."""
        ...

    async def add(self, text: str) -> Fact:
        """What is known already is not noted twice. Raises `BadRequest`, and `TooLarge` where it is too much."""
        ...

    async def delete(self, fact: str) -> None:
        """Raises `NotFound`."""
        ...

    async def clear(self) -> None: ...


class Answering(Protocol):
    """One agent for strangers who keep their conversation themselves. Whatever is another visitor's is `NotFound`.

    Raises `FabricError`s only, so also where it is withdrawn (`NotFound`) and where a limit is reached
    (`LimitReached`, which says when there is more).
    """

    async def profile(self) -> Profile: ...

    async def avatar(self) -> ServedFile | None: ...

    def run(
        self, caller: Caller, messages: Sequence[Message], files: Mapping[str, FileContent] = NO_FILES
    ) -> AsyncGenerator[EventBase, None]:
        """Answers the last of the messages, which the caller brings and keeps. Ends with `RunFinished`, or raises.

        `files` has the contents of those that the messages name, by id.
        """
        ...

    async def file(self, caller: Caller, file_id: str) -> ServedFile:
        """A file that came with a message of the visitor, or that a tool made for them."""
        ...


class Served(Answering, Protocol):
    """One agent, for strangers: their conversations are kept here, too."""

    async def conversations(self, caller: Caller) -> Sequence[ConversationHead]:
        """Those of the visitor, the one that went on last first."""
        ...

    async def begin(self, caller: Caller) -> ConversationHead:
        """A new, empty conversation."""
        ...

    async def conversation(self, caller: Caller, conversation_id: str) -> Thread: ...

    async def show(self, caller: Caller, conversation_id: str, turn_id: str) -> ConversationHead:
        """Go back to another version of a question or an answer. Raises `Busy` while it is answering."""
        ...

    async def delete(self, caller: Caller, conversation_id: str) -> None:
        """Take a conversation away, with its files. Raises `Busy` while it is answering."""
        ...

    async def remembered(self, caller: Caller) -> Remembered:
        """What it knows of the visitor. Raises `NotFound` where it notes nothing of anybody."""
        ...

    async def say(
        self,
        caller: Caller,
        conversation_id: str,
        text: str | None,
        uploads: Sequence[Upload] = (),
        *,
        instead_of: str | None = None,
        key: str | None = None,
    ) -> AsyncGenerator[list[Envelope], None]:
        """Begin a turn and give its events, as `events` does. Raises `Busy`, `EmptyMessage`, `TooLarge`.

        With `instead_of`, it takes the place of that turn, whose files stay, and whose words do where `text` is None.
        With `key`, the client's name for the message: one that comes again gives the turn that it began.
        """
        ...

    async def decide(
        self, caller: Caller, conversation_id: str, decided: Decided, *, key: str | None = None
    ) -> AsyncGenerator[list[Envelope], None]:
        """Go on after the calls in which a turn ended, as a turn of its own, and give its events.

        Raises `NotWaiting`, `Busy`, `BadRequest` for a call that did not wait, and `NotAllowed` for what is not the
        visitor's to decide: "always" never is.
        """
        ...

    async def events(self, caller: Caller, turn_id: str, after: int = 0) -> AsyncGenerator[list[Envelope], None]:
        """The events of a turn after number `after`, and the ones to come; an empty batch is a sign of life."""
        ...

    async def stop(self, caller: Caller, turn_id: str) -> None:
        """End a turn, its model and its tools. What was said so far stays."""
        ...

    async def answer(
        self, caller: Caller, turn_id: str, question_id: str, action: Action, content: Mapping[str, JsonValue]
    ) -> None:
        """Answer what is asked while a call of a turn is open. Raises `NotWaiting` and `BadRequest`."""
        ...


def remembers_nothing() -> NotFound:
    """What is raised where somebody asks what an agent knows of them that notes nothing."""
    return NotFound("This agent notes nothing about those who speak with it.")
