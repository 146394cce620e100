"""One agent of a folder, `config/`, as a bundle has it. Its conversations are in memory; nothing of it is edited."""

import asyncio
import hashlib
import shutil
import tempfile
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from pydantic import JsonValue

from user_agent.config import AgentConfig
from user_agent.config_files import read_agent_file
from user_agent.errors import FabricError, NotAllowed, NotWaiting
from user_agent.events import EventBase
from user_agent.knowledge.reading import ReadingRoom
from user_agent.mcp.connections import Connections
from user_agent.messages import FilePart, Message, user_message
from user_agent.models.base import FileContent
from user_agent.models.catalog import load_catalog
from user_agent.net import Http
from user_agent.questions import Action
from user_agent.runtime import ModelClients
from user_agent.serve.attached import AttachedFiles
from user_agent.serve.conversations import ConversationHead, Thread, as_turns
from user_agent.serve.decisions import Decided
from user_agent.serve.folder_code import CANNOT_RUN_CODE, CODE_INTERPRETER, CodeSettings
from user_agent.serve.folder_facts import VisitorFacts
from user_agent.serve.folder_knowledge import ConversationIndexes, Finders, FolderKnowledge, NoReadings, files_in
from user_agent.serve.folder_lending import FolderLender, Purse
from user_agent.serve.limits import Gate, ServingLimits
from user_agent.serve.record import as_messages
from user_agent.serve.running import run_agent
from user_agent.serve.served import NO_FILES, Caller, Profile, Remembered, ServedFile, remembers_nothing
from user_agent.serve.talk import Talk
from user_agent.serve.talks import Bounds, Talks
from user_agent.serve.turns import Ending, Envelope, Turns, TurnStarted
from user_agent.serve.uploads import Upload, require_attachable, sayable
from user_agent.tools.asking import Questions
from user_agent.tools.catalog import ToolCatalog, load_tools
from user_agent.words import Words

PICTURE = "avatar.png"
DAY_S = 24 * 3600.0


@dataclass(frozen=True, slots=True)
class FolderSettings:
    """What whoever runs a bundle says of it."""

    environment: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    """Keys and addresses by name."""
    limits: ServingLimits = field(default_factory=ServingLimits)
    bounds: Bounds = field(default_factory=Bounds)
    code: CodeSettings | None = None
    """Where code is run; None for nowhere."""


@asynccontextmanager
async def open_folder(folder: Path, settings: FolderSettings) -> AsyncGenerator["FolderAgent"]:
    """The agent of a folder, until the block ends. Raises `ConfigError` where its configuration cannot be read."""
    config = await asyncio.to_thread(read_agent_file, folder / "builder_config.json")
    catalog = await asyncio.to_thread(load_catalog, folder / "model_config.json")
    tools = await asyncio.to_thread(load_tools, folder / "tool_config.json")
    async with AsyncExitStack() as stack:
        scratch = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="agent-"))
        stack.push_async_callback(asyncio.to_thread, shutil.rmtree, scratch, ignore_errors=True)
        purse = Purse(config, catalog, tools, settings.environment)
        http = await stack.enter_async_context(Http(vendor_origins=purse.vendor_origins))
        clients = await stack.enter_async_context(ModelClients())
        connections = await stack.enter_async_context(Connections(http))
        talks = Talks(settings.bounds)
        lending = _lending(folder, scratch, purse, http=http, clients=clients, connections=connections, talks=talks)
        lender = await stack.enter_async_context(lending)
        if settings.code is not None and CODE_INTERPRETER in config.enabled_tools:
            lender.workshop = await stack.enter_async_context(settings.code.workshop(scratch / "code"))
        turns = Turns()
        stack.push_async_callback(turns.close)
        picture = await asyncio.to_thread(_picture_in, folder)
        yield FolderAgent(config, picture, tools, lender, talks, turns, Gate(settings.limits))


@asynccontextmanager
async def _lending(
    folder: Path,
    scratch: Path,
    purse: Purse,
    *,
    http: Http,
    clients: ModelClients,
    connections: Connections,
    talks: Talks,
) -> AsyncGenerator[FolderLender]:
    async with AsyncExitStack() as stack:
        room = await stack.enter_async_context(ReadingRoom())
        finders = Finders(await purse.embedders(clients), await purse.reranker(clients))
        files = await asyncio.to_thread(files_in, folder, purse.config)
        known = FolderKnowledge(folder, purse.config, files, scratch, finders, room)
        stack.push_async_callback(known.close)
        indexes = ConversationIndexes(scratch / "conversations")
        stack.push_async_callback(indexes.close)
        attached = AttachedFiles(talks, NoReadings(), room, indexes)
        yield FolderLender(purse, http, clients, connections, known, attached, indexes, talks)


class FolderAgent:
    """The agent of a folder, as `Served` has it."""

    def __init__(
        self,
        config: AgentConfig,
        picture: ServedFile | None,
        tools: ToolCatalog,
        lender: FolderLender,
        talks: Talks,
        turns: Turns,
        gate: Gate,
    ) -> None:
        self._config = config
        self._picture = picture
        self._tools = tools
        self._lender = lender
        self._talks = talks
        self._turns = turns
        self._gate = gate
        self._facts = VisitorFacts(talks)
        self._questions: dict[str, Questions] = {}
        self.http = lender.http

    async def profile(self) -> Profile:
        config = self._config
        entry = self._lender.purse.entry
        titles = {name: self._tools.known[name].label for name in config.enabled_tools if name in self._tools.known}
        return Profile(
            name=config.name,
            description=config.description,
            language=config.language,
            prologue=config.prologue,
            suggestions=config.prompt_recommend,
            avatar="avatar" if self._picture else None,
            version=hashlib.sha256(config.to_json().encode()).hexdigest()[:12],
            sees_pictures=entry is not None and entry.vision,
            hears_sounds="paraformer_asr" in titles,
            tool_titles={name: {"zh": words.zh, "en": words.en} for name, words in titles.items()},
            remembers=config.memory and entry is not None,
            asks_model=entry is not None,
            kept_days=self._talks.bounds.idle_s / DAY_S,
            cannot=(CANNOT_RUN_CODE,) if await self._code_problem() else (),
        )

    async def problems(self) -> Sequence[Words]:
        """What of it does not work here, with the cure, for whoever runs it."""
        code = await self._code_problem()
        told = (Words(f"智能体在这里不运行代码。{code.zh}", f"The agent runs no code here. {code.en}"),) if code else ()
        return (*told, *self._lender.purse.servers.not_started())

    async def _code_problem(self) -> Words | None:
        return (await self._lender.unavailable(self._config)).get(CODE_INTERPRETER)

    async def avatar(self) -> ServedFile | None:
        return self._picture

    async def run(
        self, caller: Caller, messages: Sequence[Message], files: Mapping[str, FileContent] = NO_FILES
    ) -> AsyncGenerator[EventBase, None]:
        """As `Served` has it. What tools make is kept as long as a conversation is."""
        self._gate.admit(caller.visitor)
        try:
            await self._lender.forget_gone()
            talk = self._talks.begin(caller.visitor)
            lent = await self._lender.lent(self._config, talk, messages, files=files)
            events = run_agent(self._config, lent, conversation=talk.id, stored=as_turns(messages), decisions={})
            async with aclosing(events):
                async for event in events:
                    yield event
        finally:
            self._gate.done(caller.visitor)

    async def conversations(self, caller: Caller) -> Sequence[ConversationHead]:
        return [talk.value for talk in self._talks.of(caller.visitor) if talk.head is not None]

    async def begin(self, caller: Caller) -> ConversationHead:
        await self._lender.forget_gone()
        return self._talks.begin(caller.visitor).value

    async def conversation(self, caller: Caller, conversation_id: str) -> Thread:
        return self._talks.thread(self._talks.get(caller.visitor, conversation_id))

    async def show(self, caller: Caller, conversation_id: str, turn_id: str) -> ConversationHead:
        talk = self._talks.get(caller.visitor, conversation_id)
        self._talks.show(talk, turn_id)
        return talk.value

    async def delete(self, caller: Caller, conversation_id: str) -> None:
        """Take a conversation away, and with the last one what was noted of the visitor. Raises `Busy`."""
        self._talks.delete(self._talks.get(caller.visitor, conversation_id))
        self._facts.forget_gone()
        await self._lender.forget_gone()

    async def remembered(self, caller: Caller) -> Remembered:
        if not self._config.memory:
            raise remembers_nothing()
        return self._facts.of(caller.visitor)

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
        talk = self._talks.get(caller.visitor, conversation_id)
        kept: tuple[FilePart, ...] = ()
        if instead_of is not None:
            instead_of, asked = self._talks.question(talk, instead_of)
            kept = tuple(part for part in asked.parts if isinstance(part, FilePart))
            text = asked.text if text is None else text
        said = sayable(text or "", files=bool(uploads or kept))
        require_attachable(uploads)
        parts: list[FilePart] = []
        try:
            for upload in uploads:
                parts.append(self._talks.keep(talk, ServedFile(upload.name, upload.media_type, upload.data)))
            message = user_message(said, *kept, *parts)
            if before := self._talks.repeated(talk, key, message):
                self._talks.drop(talk, parts)
                return await self.events(caller, before)
            return self._turns.subscribe(self._begin(caller, talk, message, instead_of=instead_of, key=key))
        except FabricError:
            self._talks.drop(talk, parts)
            raise

    async def decide(
        self, caller: Caller, conversation_id: str, decided: Decided, *, key: str | None = None
    ) -> AsyncGenerator[list[Envelope], None]:
        self._talks.get(caller.visitor, conversation_id)
        raise NotAllowed("Nothing waits here for your leave: what this agent does for visitors, its owner decided.")

    async def events(self, caller: Caller, turn_id: str, after: int = 0) -> AsyncGenerator[list[Envelope], None]:
        talk = self._talks.of_turn(caller.visitor, turn_id)
        known, turn = self._turns.knows(turn_id), talk.turns[turn_id]
        return self._turns.subscribe(turn_id, after) if known else turn.replayed(turn_id, after)

    async def stop(self, caller: Caller, turn_id: str) -> None:
        self._talks.of_turn(caller.visitor, turn_id)
        await self._turns.stop(turn_id)

    async def answer(
        self, caller: Caller, turn_id: str, question_id: str, action: Action, content: Mapping[str, JsonValue]
    ) -> None:
        self._talks.of_turn(caller.visitor, turn_id)
        questions = self._questions.get(turn_id)
        if questions is None:
            raise NotWaiting("This answer is over, and so is what it asked.")
        questions.answer(question_id, action, content)

    async def file(self, caller: Caller, file_id: str) -> ServedFile:
        return self._talks.file(caller.visitor, file_id)

    async def close_turns(self) -> None:
        """End the answers that are running, before whoever serves waits for their readers to go."""
        await self._turns.close()

    def _begin(self, caller: Caller, talk: Talk, message: Message, *, instead_of: str | None, key: str | None) -> str:
        self._gate.admit(caller.visitor)
        try:
            turn_id = self._talks.start(talk, message, instead_of=instead_of, key=key)
        except FabricError:
            self._gate.done(caller.visitor)
            raise
        self._questions[turn_id] = Questions()

        async def finish(events: list[EventBase], ending: Ending) -> None:
            self._talks.end(talk, turn_id, ending, as_messages(events, ending))
            if self._questions.pop(turn_id, None):
                self._gate.done(caller.visitor)

        self._turns.start(turn_id, TurnStarted(turn=turn_id), self._answer(talk, turn_id), finish)
        return turn_id

    async def _answer(self, talk: Talk, turn_id: str) -> AsyncGenerator[EventBase, None]:
        stored = talk.shown
        messages = [item.message for item in stored]
        lent = await self._lender.lent(self._config, talk, messages, questions=self._questions.get(turn_id))
        if self._config.memory:
            lent = replace(lent, person=self._facts.person(talk.visitor))
        async with aclosing(run_agent(self._config, lent, conversation=talk.id, stored=stored, decisions={})) as events:
            async for event in events:
                yield event


def _picture_in(folder: Path) -> ServedFile | None:
    path = folder / PICTURE
    return ServedFile(PICTURE, "image/png", path.read_bytes()) if path.is_file() else None
