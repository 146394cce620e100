"""An agent as a library has it: a role, a model and tools in; events, or one finished answer, out."""

import asyncio
import json
import shutil
import tempfile
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pydantic import JsonValue

from user_agent.agent import Limits
from user_agent.assembly import Surroundings
from user_agent.config import AgentConfig
from user_agent.errors import ConfigError
from user_agent.events import Decision, Event, RunFinished
from user_agent.folder_files import FolderFiles, FolderKeep
from user_agent.mcp.connections import Connections
from user_agent.mcp.named import open_servers
from user_agent.mcp.programs import Program, read_programs
from user_agent.messages import Message
from user_agent.models.base import ChatModel
from user_agent.models.entry import ModelEntry
from user_agent.net import Http
from user_agent.openapi.tools import tools_of
from user_agent.playing import Allow, Playing
from user_agent.runtime import ModelClients
from user_agent.sandbox.bench import Bench
from user_agent.sandbox.docker import DockerImage
from user_agent.sandbox.workshop import Workshop
from user_agent.tools.base import Tool, ToolContext
from user_agent.tools.forms import GivenTool, tools_given
from user_agent.tools.registry import TOOLS, find_tool
from user_agent.urls import NotAnUrl, origin_of
from user_agent.words import Language

CODE_INTERPRETER = "code_interpreter"

Llm = Mapping[str, Any] | ModelEntry | ChatModel
"""What an entry of the model list says (`{"model": …, "model_server": …}`), such an entry, or a model made live."""


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
    language: Language | None = None
    """Chinese, unless `config` says otherwise."""
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
    config: Mapping[str, JsonValue] = field(default_factory=dict[str, JsonValue])
    """What the studio writes of an agent, or `{"mcpServers": {…}}` alone: texts, ticked tools, APIs and MCP servers.
    What is given beside it wins. Its knowledge and its model are the studio's, and not here."""
    sandbox: Path | DockerImage | None = None
    """Where `code_interpreter` runs: the folder that `python app.py install-sandbox` filled, or an image of Docker."""
    mcp_commands: Mapping[str, JsonValue] = field(default_factory=dict[str, JsonValue], repr=False)
    """The MCP servers that may be started, as `{"time": ["mcp-server-time"]}`: `config` names them, and no others."""
    trusted_origins: Sequence[str] = ()
    """Addresses of servers that tools may ask though they are not on the public internet: `http://127.0.0.1:3000`."""

    async def run(
        self, said: str | Sequence[Message], *, decisions: Mapping[str, Decision] | None = None
    ) -> AsyncGenerator[Event, None]:
        """The answer to a message, or to the last one of a conversation, as events; the last is a `RunFinished`.

        A conversation may end in the calls that an earlier run's `InputNeeded` named (a `Transcript` makes it of the
        events); `decisions` say by their ids what becomes of them. Raises as `opened`, and `ModelError`.
        """
        async with self.opened() as playing, aclosing(playing.run(said, decisions=decisions)) as events:
            async for event in events:
                yield event

    @asynccontextmanager
    async def opened(self) -> AsyncGenerator[Playing]:
        """The same agent for several messages: what was opened for one is there for the next, until the block ends.

        Raises `ConfigError` where a tool or an MCP server is not there or waits for its key.
        """
        config, given, programs = self._config(), self._given(), self._programs()
        own = [each.tool for each in given]
        tools = [*own, *_ticked(config, own)]
        self._require(tools)
        async with AsyncExitStack() as opened:
            base_urls = {name: url for name, url in self.environ.items() if _is_address(name, url)}
            vendors = [*base_urls.values(), *(vendor for each in tools for vendor in each.vendors)]
            context = ToolContext(
                http=await opened.enter_async_context(
                    Http(trusted_origins=self.trusted_origins, vendor_origins=vendors)
                ),
                language=config.language,
                secrets=self._secrets(tools),
                base_urls=base_urls,
                options={each.tool.name: each.options for each in given if each.options},
                bench=await self._bench(opened) if _runs_code(tools) else None,
            )
            if folder := self.output_folder:
                context = replace(context, keep=FolderKeep(folder), files=FolderFiles(folder))
            connections = await opened.enter_async_context(Connections(context.http))
            servers = await open_servers(config, connections, self.environ, programs)
            model = await self._model(await opened.enter_async_context(ModelClients()))
            lent = Surroundings(
                model=model, context=context, limits=self.limits, own_tools=own, servers=servers.connections
            )
            yield Playing(servers.config, lent, self.allow)

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

    def _config(self) -> AgentConfig:
        given: dict[str, JsonValue] = {
            "name": self.name,
            "description": self.description,
            "instruction": self.instruction,
            "language": self.language,
        }
        return AgentConfig.from_document({**self.config, **{name: value for name, value in given.items() if value}})

    def _given(self) -> list[GivenTool]:
        return [each for wanted in self.function_list for each in tools_given(wanted, _found)]

    def _programs(self) -> Mapping[str, Program]:
        try:
            return read_programs(json.dumps(dict(self.mcp_commands)))
        except (TypeError, ValueError) as error:
            raise ConfigError(f"mcp_commands: {error}.", field="mcp_commands", reason=str(error)) from error

    def _require(self, tools: Iterable[Tool]) -> None:
        """Raises `ConfigError` for a tool that cannot work."""
        for each in tools:
            if _runs_code([each]) and self.sandbox is None:
                raise _unusable(
                    f"{each.name} runs code in a sandbox: name the folder that `python app.py install-sandbox` filled "
                    "as `sandbox`, or leave the tool out"
                )
            for need in each.missing(self.environ):
                where = f" (get one at {need.url})" if need.url else ""
                raise _unusable(
                    f"{each.name} needs {need.name}: set it in the environment{where}, or leave the tool out"
                )

    def _secrets(self, tools: Sequence[Tool]) -> dict[str, str]:
        names = {need.name for each in tools for need in each.secrets}
        return {name: self.environ[name] for name in names if self.environ.get(name)}

    async def _bench(self, opened: AsyncExitStack) -> Bench:
        """Where code is run, until what is opened is closed. Raises `ConfigError` where it cannot be."""
        folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="fabric-code-"))
        opened.push_async_callback(asyncio.to_thread, shutil.rmtree, folder, ignore_errors=True)
        image = self.sandbox if isinstance(self.sandbox, DockerImage) else None
        environment = self.sandbox.expanduser() if isinstance(self.sandbox, Path) else folder
        workshop = await opened.enter_async_context(Workshop(folder, environment, docker=image, spare=0))
        if problem := await workshop.problem():
            raise ConfigError(f"sandbox: {problem.en}", field="sandbox", reason=problem.en)
        opened.push_async_callback(workshop.forget, ["talk"])
        return workshop.bench("talk")

    async def _model(self, clients: ModelClients) -> ChatModel:
        match self.llm:
            case ModelEntry() as entry:
                pass
            case Mapping() as said:
                entry = ModelEntry.model_validate(said)
            case model:
                return model
        return await asyncio.to_thread(_opened, clients, entry, self.environ)


def _opened(clients: ModelClients, entry: ModelEntry, environ: Mapping[str, str]) -> ChatModel:
    # Imported when there is an endpoint to ask: the SDK takes half a second.
    from user_agent.models.opening import open_model

    return open_model(clients, entry, entry.key_in(environ))


def _ticked(config: AgentConfig, own: Sequence[Tool]) -> list[Tool]:
    """What the configuration ticks, and what it imported of APIs."""
    names = {each.name for each in own}
    return [
        *(_found(wanted) for wanted in config.enabled_tools if wanted not in names),
        *tools_of(config.openapi, TOOLS),
    ]


def _runs_code(tools: Iterable[Tool]) -> bool:
    return any(each.name == CODE_INTERPRETER for each in tools)


def _is_address(name: str, value: str) -> bool:
    """Whether a variable holds an address. The environment is other programs' too, and they put anything there."""
    try:
        return name.endswith("_BASE_URL") and bool(origin_of(value))
    except NotAnUrl:
        return False


def _found(name: str) -> Tool:
    found = find_tool(name)
    if found is None:
        raise _unusable(
            f"there is no tool {name!r}. The tools are: {', '.join(TOOLS)}; a function of your own can be one too"
        )
    return found


def _unusable(reason: str) -> ConfigError:
    return ConfigError(f"function_list: {reason}.", field="function_list", reason=reason)
