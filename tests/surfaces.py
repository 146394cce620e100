"""An agent that is served to programs: the real loop over a scripted model, behind the protocols, on real HTTP."""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field, replace

from starlette.applications import Starlette

from tests.loop import agent_of
from tests.server import listening
from user_agent.errors import FabricError, NotFound, NotSignedIn
from user_agent.events import EventBase
from user_agent.messages import FilePart, Message
from user_agent.models.base import ChatModel, Chunk, FileContent, ModelFacts, ModelRequest
from user_agent.models.scripted import Reply, ScriptedModel
from user_agent.net import Http
from user_agent.serve.body_limit import BodyLimit
from user_agent.serve.brief_notes import NotesInMemory
from user_agent.serve.keyed import KeyScope, Opened
from user_agent.serve.programs import Programs
from user_agent.serve.served import NO_FILES, Caller, Profile, ServedFile
from user_agent.tools.base import Tool
from user_agent.words import Language

KEY = "af-the-key"


class SilentModel:
    """A model that begins, and never comes to an end."""

    facts = ModelFacts()

    async def stream(self, request: ModelRequest) -> AsyncGenerator[Chunk, None]:
        yield Chunk(text="Well, ")
        await asyncio.Event().wait()


class HeldModel:
    """A model that says "Yes.", as soon as it may go on."""

    facts = ModelFacts()

    def __init__(self) -> None:
        self.requests: list[ModelRequest] = []
        self.go_on = asyncio.Event()
        self._news = asyncio.Condition()

    async def stream(self, request: ModelRequest) -> AsyncGenerator[Chunk, None]:
        async with self._news:
            self.requests.append(request)
            self._news.notify_all()
        await self.go_on.wait()
        yield Chunk(text="Yes.")

    async def asked(self, times: int) -> None:
        """Wait until it was asked so often."""
        async with self._news, asyncio.timeout(5):
            await self._news.wait_for(lambda: len(self.requests) >= times)

    def said(self) -> list[str]:
        """The conversation that it was shown last."""
        return [message.text for message in self.requests[-1].messages]


@dataclass
class AgentServed:
    """The agent for callers who keep the conversation: what the protocols for programs ask."""

    model: ChatModel
    tools: Sequence[Tool] = ()
    language: Language = "en"
    callers: list[Caller] = field(default_factory=list[Caller])
    refusing: FabricError | None = None
    kept: dict[str, ServedFile] = field(default_factory=dict[str, ServedFile])
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when a run has ended, however it did."""

    async def profile(self) -> Profile:
        return Profile(
            name="Weather guide",
            description="Tells the weather of any city.",
            language=self.language,
            prologue="Which city?",
            suggestions=("Weather in Hangzhou?", "Do I need a coat?"),
            avatar=None,
            version="3",
            sees_pictures=self.model.facts.vision,
            hears_sounds=False,
            tool_titles={},
        )

    async def avatar(self) -> ServedFile | None:
        return None

    async def keep(self, data: bytes, *, name: str, media_type: str) -> FilePart:
        part = FilePart(file=f"f{len(self.kept)}", name=name, media_type=media_type, size_bytes=len(data))
        self.kept[part.file] = ServedFile(name, media_type, data)
        return part

    async def file(self, caller: Caller, file_id: str) -> ServedFile:
        if file_id not in self.kept:
            raise NotFound("There is no such file.")
        return self.kept[file_id]

    async def run(
        self, caller: Caller, messages: Sequence[Message], files: Mapping[str, FileContent] = NO_FILES
    ) -> AsyncGenerator[EventBase, None]:
        self.callers.append(caller)
        self.begun.set()
        if self.refusing:
            raise self.refusing
        agent = agent_of(self.model, *self.tools, language=self.language)
        agent = replace(agent, context=replace(agent.context, keep=self.keep))
        try:
            async with aclosing(agent.run(messages, files)) as events:
                async for event in events:
                    yield event
        finally:
            self.ended.set()


@dataclass
class OneKey:
    """`Keys` that knows one key, until it is revoked."""

    served: AgentServed
    http: Http
    revoked: bool = False
    look_s: float = 0.05
    visitor: str = "key-1"
    notes: NotesInMemory = field(default_factory=NotesInMemory)

    async def opened(self, key: str | None, scope: KeyScope, client: str, name: str | None = None) -> Opened:
        if key != KEY or self.revoked:
            raise NotSignedIn("Send a key of this agent as `Authorization: Bearer …`.")
        if name not in (None, "weather", "a1b2"):
            raise NotFound("There is no such agent.")

        async def still() -> None:
            if self.revoked:
                raise NotSignedIn("This key was revoked.")

        notes = self.notes.of(self.visitor)
        return Opened(self.served, Caller(self.visitor, scope), ("weather", "a1b2"), notes, still, self.look_s)


@dataclass
class Surfaces:
    """A server with every protocol."""

    base_url: str
    served: AgentServed
    keys: OneKey

    @property
    def model(self) -> ScriptedModel:
        assert isinstance(self.served.model, ScriptedModel)
        return self.served.model


@asynccontextmanager
async def surfaces(
    replies: Sequence[Reply] | ChatModel, *tools: Tool, language: Language = "en"
) -> AsyncGenerator[Surfaces, None]:
    """The agent with these replies on a port of this machine."""
    model = ScriptedModel(replies) if isinstance(replies, Sequence) else replies
    served = AgentServed(model, tools, language)
    async with Http() as http:
        keys = OneKey(served, http)
        programs = Programs(keys, "/agents/{agent}")
        app = Starlette(routes=programs.routes)
        async with listening(BodyLimit(app)) as base_url:
            yield Surfaces(base_url, served, keys)
        await programs.close()
