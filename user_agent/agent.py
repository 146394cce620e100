"""The one loop: ask the model, answer its calls, ask again."""

import asyncio
from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import Literal

from user_agent.alarm import Alarm
from user_agent.dialects.base import Dialect, Reading, ReplyEnd
from user_agent.events import (
    Decision,
    Event,
    InputNeeded,
    QuestionAsked,
    QuestionClosed,
    RunFinished,
    StopReason,
    TextDelta,
    ToolFinished,
    ToolProgress,
    ToolsOffered,
    ToolStarted,
    Usage,
)
from user_agent.memory.results import fitted, room_for
from user_agent.memory.tokens import Room
from user_agent.memory.window import size_chars, size_of_tools, tools_chars
from user_agent.messages import Message, ToolCallPart
from user_agent.models.base import ChatModel, FileContent, ModelRequest, ToolSchema
from user_agent.policies import ToolPolicy
from user_agent.prompts import phrase
from user_agent.tools.asking import Questions
from user_agent.tools.base import Tool, ToolContext
from user_agent.tools.calling import call_tool, is_sound
from user_agent.tools.progress import Reporter
from user_agent.tools.selection import Selection
from user_agent.transcript import Transcript

CHARS_PER_TOKEN = 3
News = ToolProgress | QuestionAsked | QuestionClosed
"""What is told of a call while it runs."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one run may spend."""

    steps: int = 10
    """Replies of the model."""
    seconds: float = 300.0
    tokens: int = 200_000
    """Read and written, as the endpoint counts them; where it counts none, `CHARS_PER_TOKEN` make one."""
    tools: int | None = 12
    """Tools that the model is offered at a time: of more, those that fit the message. None offers all."""
    tool_tokens: int | None = None
    """How much all that is said of these tools may take, by the same estimate. None for any length."""


@dataclass(frozen=True, slots=True)
class Agent:
    """A configuration made live for one turn."""

    model: ChatModel
    dialect: Dialect
    system: str
    context: ToolContext
    tools: Mapping[str, Tool] = field(default_factory=dict[str, Tool])
    policies: Mapping[str, ToolPolicy] = field(default_factory=dict[str, ToolPolicy])
    """When a person allows calls of a tool first; of one that is not named, those that write."""
    selection: Selection | None = None
    """Which of its tools are offered, where not all are."""
    questions: Questions = field(default_factory=lambda: Questions(patience_s=0))
    """Where what a call asks the person is answered; by default there is nobody to answer."""
    may_allow: Collection[str] | None = None
    """The tools of which whoever speaks with it may allow a call that waits, None for all; those of others are refused
    at once."""
    limits: Limits = Limits()
    temperature: float | None = None
    max_tokens: int | None = None

    async def run(
        self,
        messages: Sequence[Message],
        files: Mapping[str, FileContent] | None = None,
        decisions: Mapping[str, Decision] | None = None,
    ) -> AsyncGenerator[Event, None]:
        """Answer the last message, calling tools as the model asks. Ends with exactly one `RunFinished`.

        Where calls wait for a person it ends early, with `InputNeeded` before. It goes on when it is run again with all
        messages, which end in those calls, and with what was decided of each, by id. `files` holds the contents of the
        files that messages name, by id. Raises `ModelError`.
        """
        transcript = Transcript(messages)
        spent = _Spent(self.limits)
        told: tuple[str, ...] = ()
        stop: StopReason | None = None
        while stop is None:
            offered = await self._offered(transcript.messages)
            calls = transcript.unanswered
            asked = [call for call in calls if await self._asks(call, spent)]
            if barred := [call.id for call in asked if self.may_allow is not None and call.name not in self.may_allow]:
                decisions = {**(decisions or {}), **dict.fromkeys(barred, "refuse")}
            asked = [call for call in asked if call.id not in (decisions or {})]
            ready = [call for call in calls if call not in asked]
            async with aclosing(self._answer(ready, offered, decisions or {}, spent)) as results:
                async for finished in results:
                    transcript.add(finished)
                    yield finished
            decisions = None  # made of these calls alone: a model may give a later one the same id
            if asked:
                yield InputNeeded(calls=tuple(asked))
            stop = "input_needed" if asked else spent.reached()
            if stop is None:
                if (
                    self.selection
                    and (names := tuple(name for name in offered if name in self.selection.tools)) != told
                ):
                    told = names
                    yield ToolsOffered(tools=names, total=len(self.selection.tools))
                request = self._request(transcript.messages, files or {}, offered)
                spent.asks(request)
                reading = self.dialect.reply(self.model, request)
                async with aclosing(reading), aclosing(spent.in_time(reading)) as items:
                    async for item in items:
                        for event in spent.counted(item, transcript) if isinstance(item, ReplyEnd) else (item,):
                            transcript.add(event)
                            yield event
                stop = spent.ended(transcript)
        if stop not in ("answered", "input_needed"):
            said = TextDelta(text=transcript.gap + phrase(self.context.language, stop, limits=self.limits))
            transcript.add(said)
            yield said
        yield RunFinished(text=transcript.text, usage=spent.usage, stop=stop)

    async def _asks(self, call: ToolCallPart, spent: "_Spent") -> bool:
        """Whether the call waits for a person; one that cannot be made does not."""
        if call.id in spent.problems or not await is_sound(call, self.tools):
            return False
        return self.tools[call.name].asks_first(self.policies.get(call.name), call.arguments)

    async def room_in(self, room: Room, messages: Sequence[Message]) -> Room:
        """How much of the room is left for messages, at least half of it: what tells of the tools is read with them."""
        offered = await self._offered(messages)
        return room.without(size_of_tools(self._schemas(offered)))

    async def _offered(self, messages: Sequence[Message]) -> dict[str, Tool]:
        """The tools for the next reply; those among which nothing is selected are always there."""
        if self.selection is None:
            return dict(self.tools)
        always = {name: tool for name, tool in self.tools.items() if name not in self.selection.tools}
        return {**await self.selection.offered(messages), **always}

    def _schemas(self, offered: Mapping[str, Tool]) -> list[ToolSchema]:
        return [tool.schema_in(self.context.language) for tool in offered.values()]

    def _request(
        self, messages: Sequence[Message], files: Mapping[str, FileContent], offered: Mapping[str, Tool]
    ) -> ModelRequest:
        tools = self._schemas(offered)
        room = room_for(self.model.facts, self.system, tools, self.max_tokens)
        return ModelRequest(
            system=self.system,
            messages=fitted(messages, room, self.context.language),
            tools=tools,
            files=dict(files),
            temperature=self.temperature,
            max_tokens=self.max_tokens,
        )

    async def _answer(
        self,
        calls: Sequence[ToolCallPart],
        offered: Mapping[str, Tool],
        decisions: Mapping[str, Decision],
        spent: "_Spent",
    ) -> AsyncGenerator[News | ToolFinished, None]:
        """The results of independent calls, run at once, each as soon as it is there, and news of them meanwhile."""
        told: asyncio.Queue[News | asyncio.Task[ToolFinished]] = asyncio.Queue()
        running = [
            asyncio.create_task(
                call_tool(
                    call,
                    self.tools,
                    replace(
                        self.context,
                        report=Reporter(call.id, told.put_nowait),
                        ask=self.questions.asked_by(call.id, told.put_nowait),
                    ),
                    offered=offered,
                    problem=spent.problems.get(call.id, ""),
                    refused=decisions.get(call.id) == "refuse",
                    timeout_s=spent.seconds_left,
                )
            )
            for call in calls
        ]
        try:
            left = len(running)
            for task in running:
                task.add_done_callback(told.put_nowait)
            while left:
                news = await told.get()
                if isinstance(news, asyncio.Task):
                    left -= 1
                    yield news.result()
                    continue
                if isinstance(news, QuestionClosed):
                    spent.waited(news.seconds)
                yield news
        finally:
            # Most often there are none: then nobody waits, not even for the loop to come round.
            if unfinished := [task for task in running if not task.done()]:
                for task in unfinished:
                    task.cancel()
                await asyncio.gather(*unfinished, return_exceptions=True)


class _Spent:
    """What a run has used of its limits, and how its last reply ended."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._prompt_chars = 0
        self.usage = Usage()
        self.problems: dict[str, str] = {}
        """Why the arguments of a call could not be read, by its id."""
        self._steps = 0
        self._estimated_tokens = 0
        self._last: ReplyEnd | None = None
        self._clock = asyncio.get_running_loop().time
        self._deadline = self._clock() + limits.seconds

    @property
    def seconds_left(self) -> float:
        return max(0.01, self._deadline - self._clock())

    def waited(self, seconds: float) -> None:
        """So long a person was waited for: that is nobody's time."""
        self._deadline += seconds

    def asks(self, request: ModelRequest) -> None:
        """What the next reply reads beside the messages."""
        self._prompt_chars = len(request.system) + tools_chars(request.tools)

    def reached(self) -> Literal["step_limit", "time_limit", "token_limit"] | None:
        """Which limit is reached, if any. Asked before each reply, so calls already made are always answered."""
        if self._steps >= self.limits.steps:
            return "step_limit"
        if self._clock() >= self._deadline:
            return "time_limit"
        if self.usage.input_tokens + self.usage.output_tokens + self._estimated_tokens >= self.limits.tokens:
            return "token_limit"
        return None

    async def in_time(self, reading: AsyncGenerator[Reading, None]) -> AsyncGenerator[Reading, None]:
        """What is read, until the time is up: a reply that never ends is cut there, and one that never begins."""
        self._last = None
        with Alarm() as alarm:
            while True:
                try:
                    item = await alarm.wait(anext(reading, None), self._deadline)
                except TimeoutError:
                    if alarm.rang:
                        return
                    raise
                if item is None:
                    return
                yield item

    def counted(self, end: ReplyEnd, transcript: Transcript) -> list[ToolStarted]:
        """Count a reply, and begin its calls."""
        self._last = end
        self._steps += 1
        self.usage += end.usage
        if end.usage == Usage():
            read = self._prompt_chars + sum(map(size_chars, transcript.messages))
            self._estimated_tokens += read // CHARS_PER_TOKEN
        self.problems.update({call.id: call.problem for call in end.calls if call.problem})
        return [ToolStarted(id=call.id, name=call.name, arguments=call.arguments) for call in end.calls]

    def ended(self, transcript: Transcript) -> Literal["answered", "length_limit"] | None:
        """How the answer ended; None where it goes on, because calls wait or the reply was cut at the time limit."""
        if self._last is None or transcript.unanswered:
            return None
        return "length_limit" if self._last.finish == "length" else "answered"
