"""An agent as a library has it: a role, a model and tools in; events, or one finished answer, out."""

import asyncio
import itertools
import mimetypes
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, aclosing, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pydantic import JsonValue

from user_agent.agent import Agent, Limits
from user_agent.assembly import Surroundings, assemble
from user_agent.config import AgentConfig, Language
from user_agent.errors import ConfigError, ToolError
from user_agent.events import Decision, Event, InputNeeded, RunFinished, Usage
from user_agent.messages import FilePart, Message, ToolCallPart, user_message
from user_agent.models.base import ChatModel
from user_agent.models.entry import ModelEntry
from user_agent.net import Http
from user_agent.runtime import ModelClients
from user_agent.tools.base import Tool, ToolContext
from user_agent.tools.forms import GivenTool, tools_given
from user_agent.tools.registry import TOOLS, find_tool
from user_agent.transcript import Transcript
from user_agent.urls import NotAnUrl, origin_of

CODE_INTERPRETER = "code_interpreter"

Llm = Mapping[str, Any] | ModelEntry | ChatModel
"""What an entry of the model list says (`{"model": …, "model_server": …}`), such an entry, or a model made live."""

Allow = Callable[[ToolCallPart], bool | Awaitable[bool]]
"""Whether a call may be made, for a function or one that is `async`."""


@dataclass(frozen=True, slots=True)
class RolePlay:
    """An agent that plays a role. Opens nothing before it runs, and closes what it opened."""

    llm: Llm
    function_list: Sequence[object] = ()
    """Its tools: the name of one that comes with this package, alone or with settings as `{"image_gen": {"model": …}}`;
    a function of one's own, with or without `@tool`; a class with `name`, `description`, `parameters` and `call`, or an
    object of it; a LangChain tool, alone or under a name as `{"terminal": ShellTool()}`."""
    instruction: str = ""
    name: str = ""
    description: str = ""
    language: Language = "zh"
    environ: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    """Where the keys of its model and tools are looked up by name, and the addresses `…_BASE_URL`: the environment.

    Nothing else is taken from it."""
    output_folder: Path | None = None
    """Where tools write what they make, such as pictures, and find the files that they are asked about; without it,
    such tools say that they cannot keep or find them."""
    limits: Limits = field(default_factory=Limits)
    allow: Allow | None = None
    """Asked before each call of a tool that writes; the call is made where the answer is true.

    Without it, a run ends before such calls in `InputNeeded`: run it again with what was decided."""

    async def run(
        self, said: str | Sequence[Message], *, decisions: Mapping[str, Decision] | None = None
    ) -> AsyncGenerator[Event, None]:
        """The answer to a message, or to the last one of a conversation, as events; the last is a `RunFinished`.

        A conversation may end in the calls that an earlier run's `InputNeeded` named (a `Transcript` makes it of the
        events); `decisions` say by their ids what becomes of them. Raises `ModelError`, and `ConfigError` where a tool
        is not there or waits for its key.
        """
        messages = [user_message(said)] if isinstance(said, str) else said
        given = self._tools()
        tools = [each.tool for each in given]
        async with AsyncExitStack() as opened:
            base_urls = {name: url for name, url in self.environ.items() if _is_address(name, url)}
            origins = [*base_urls.values(), *(vendor for each in tools for vendor in each.vendors)]
            context = ToolContext(
                http=await opened.enter_async_context(Http(vendor_origins=origins)),
                language=self.language,
                secrets=self._secrets(tools),
                base_urls=base_urls,
                options={each.tool.name: each.options for each in given if each.options},
            )
            if self.output_folder:
                folder = self.output_folder
                context = replace(context, keep=_Keeper(folder), files=_FolderFiles(folder))
            clients = await opened.enter_async_context(ModelClients())
            model = await self._model(clients)
            agent = assemble(
                self._config(), Surroundings(model=model, context=context, limits=self.limits, own_tools=tools)
            )
            async with aclosing(self._run(agent, messages, decisions)) as events:
                async for event in events:
                    yield event

    def run_sync(
        self, said: str | Sequence[Message], *, on_event: Callable[[Event], object] | None = None
    ) -> RunFinished:
        """The finished answer, for scripts. `on_event` gets each event as it comes. Raises as `run`, and
        `RuntimeError` where an event loop runs already."""
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return asyncio.run(self._finished(said, on_event))
        raise RuntimeError(
            "run_sync() waits for the answer, which a running event loop (a notebook, a web server) must not do. "
            "Write `async for event in agent.run(…)` there."
        )

    async def _finished(self, said: str | Sequence[Message], on_event: Callable[[Event], object] | None) -> RunFinished:
        finished: RunFinished | None = None
        async with aclosing(self.run(said)) as events:
            async for event in events:
                if on_event:
                    on_event(event)
                if isinstance(event, RunFinished):
                    finished = event
        if finished is None:
            raise AssertionError("A run ends with RunFinished.")
        return finished

    async def _run(
        self, agent: Agent, messages: Sequence[Message], decisions: Mapping[str, Decision] | None
    ) -> AsyncGenerator[Event, None]:
        """One run; where `allow` is there to be asked, as many as it takes, told as one."""
        transcript, usage = Transcript(messages), Usage()
        while True:
            asked: Sequence[ToolCallPart] = ()
            async with aclosing(agent.run(transcript.messages, decisions=decisions)) as events:
                async for event in events:
                    transcript.add(event)
                    match event:
                        case InputNeeded() if self.allow:
                            asked = event.calls
                        case RunFinished():
                            usage += event.usage
                            if not asked:
                                yield event.model_copy(update={"usage": usage})
                        case _:
                            yield event
            if not self.allow or not asked:
                return
            decisions = {call.id: "allow" if await _answered(self.allow(call)) else "refuse" for call in asked}

    def _config(self) -> AgentConfig:
        document: dict[str, JsonValue] = {
            "name": self.name,
            "description": self.description,
            "instruction": self.instruction,
            "language": self.language,
        }
        return AgentConfig.from_document(document)

    def _tools(self) -> list[GivenTool]:
        given = [each for wanted in self.function_list for each in tools_given(wanted, _found)]
        for each in (one.tool for one in given):
            if each.name == CODE_INTERPRETER:
                reason = f"{each.name} runs code in a sandbox of the studio, which a library has not"
                raise ConfigError(f"function_list: {reason}. Leave it out.", field="function_list", reason=reason)
            for need in each.missing(self.environ):
                where = f" (get one at {need.url})" if need.url else ""
                reason = f"{each.name} needs {need.name}: set it in the environment{where}, or leave the tool out"
                raise ConfigError(f"function_list: {reason}.", field="function_list", reason=reason)
        return given

    def _secrets(self, tools: Sequence[Tool]) -> dict[str, str]:
        names = {need.name for each in tools for need in each.secrets}
        return {name: self.environ[name] for name in names if self.environ.get(name)}

    async def _model(self, clients: ModelClients) -> ChatModel:
        match self.llm:
            case ModelEntry() as entry:
                pass
            case Mapping() as said:
                entry = ModelEntry.model_validate(said)
            case model:
                return model
        return await asyncio.to_thread(_opened, clients, entry, self.environ)


@dataclass(frozen=True, slots=True)
class _Keeper:
    """Writes what a tool made into a folder, under a name that no file there has. A part tells that name and no path:
    models read it."""

    folder: Path

    async def __call__(self, data: bytes, *, name: str, media_type: str) -> FilePart:
        path = await asyncio.to_thread(self._written, data, Path(name).name)
        return FilePart(file=path.name, name=path.name, media_type=media_type, size_bytes=len(data))

    def _written(self, data: bytes, name: str) -> Path:
        self.folder.mkdir(parents=True, exist_ok=True)
        stem, suffix = Path(name).stem, Path(name).suffix
        for number in itertools.count(1):
            path = self.folder / (f"{stem}-{number}{suffix}" if number > 1 else name)
            with suppress(FileExistsError), path.open("xb") as file:
                file.write(data)
                return path
        raise AssertionError("Numbers do not end.")


async def _answered(answer: bool | Awaitable[bool]) -> bool:
    return answer if isinstance(answer, bool) else await answer


@dataclass(frozen=True, slots=True)
class _FolderFiles:
    """The files right in a folder, the oldest first: what lies elsewhere, or is a link to it, is not to be had."""

    folder: Path

    async def list(self) -> Sequence[FilePart]:
        return await asyncio.to_thread(lambda: [_part(path) for path in self._paths()])

    async def read(self, file: str) -> bytes:
        for path in await asyncio.to_thread(self._paths):
            if path.name == file:
                return await asyncio.to_thread(path.read_bytes)
        raise ToolError("There is no such file.")

    def _paths(self) -> Sequence[Path]:
        if not self.folder.is_dir():
            return ()
        files = [path for path in self.folder.iterdir() if path.is_file() and not path.is_symlink()]
        return sorted(files, key=lambda path: (path.stat().st_mtime, path.name))


def _part(path: Path) -> FilePart:
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return FilePart(file=path.name, name=path.name, media_type=kind, size_bytes=path.stat().st_size)


def _opened(clients: ModelClients, entry: ModelEntry, environ: Mapping[str, str]) -> ChatModel:
    # Imported when there is an endpoint to ask: the SDK takes half a second.
    from user_agent.models.opening import open_model

    return open_model(clients, entry, entry.key_in(environ))


def _is_address(name: str, value: str) -> bool:
    """Whether a variable holds an address. The environment is other programs' too, and they put anything there."""
    try:
        return name.endswith("_BASE_URL") and bool(origin_of(value))
    except NotAnUrl:
        return False


def _found(name: str) -> Tool:
    found = find_tool(name)
    if found is None:
        reason = f"there is no tool {name!r}. The tools are: {', '.join(TOOLS)}; a function of your own can be one too"
        raise ConfigError(f"function_list: {reason}.", field="function_list", reason=reason)
    return found
