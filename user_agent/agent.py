"""The one loop: ask the model, answer its calls, ask again."""

import asyncio
import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Literal

from user_agent.dialects.base import Dialect, ReplyEnd
from user_agent.events import Event, RunFinished, TextDelta, ToolFinished, ToolStarted, Usage
from user_agent.messages import Message, ToolCallPart
from user_agent.models.base import ChatModel, FileContent, ModelRequest
from user_agent.prompts import phrase
from user_agent.tools.base import Tool, ToolContext
from user_agent.tools.calling import call_tool
from user_agent.transcript import Transcript


@dataclass(frozen=True, slots=True)
class Limits:
    """What one run may spend."""

    steps: int = 10
    """Replies of the model."""
    seconds: float = 300.0
    tokens: int = 200_000
    """Read and written, as the endpoint counts them."""


@dataclass(frozen=True, slots=True)
class Agent:
    """A configuration made live for one turn."""

    model: ChatModel
    dialect: Dialect
    system: str
    context: ToolContext
    tools: Mapping[str, Tool] = field(default_factory=dict[str, Tool])
    limits: Limits = Limits()
    temperature: float | None = None
    max_tokens: int | None = None

    async def run(
        self, messages: Sequence[Message], files: Mapping[str, FileContent] | None = None
    ) -> AsyncGenerator[Event, None]:
        """Answer the last message, calling tools as the model asks. Ends with exactly one `RunFinished`.

        The messages may end in calls without results: those are answered first. `files` holds the contents of the files
        that messages name, by id. Raises `ModelError`.
        """
        transcript, spent = Transcript(messages), _Spent(self.limits)
        problems: dict[str, str] = {}
        while True:
            if pending := transcript.unanswered:
                async with aclosing(self._answer(pending, problems, spent.seconds_left)) as results:
                    async for finished in results:
                        transcript.add(finished)
                        yield finished
            if limit := spent.reached():
                said = TextDelta(text=phrase(self.context.language, limit, limits=self.limits))
                transcript.add(said)
                yield said
                yield RunFinished(text=transcript.text, usage=spent.usage, stop=limit)
                return
            request = self._request(transcript.messages, files or {})
            async with aclosing(self.dialect.reply(self.model, request)) as reading:
                async for item in reading:
                    for event in spent.starts(item, problems) if isinstance(item, ReplyEnd) else (item,):
                        transcript.add(event)
                        yield event
                    if spent.reached() == "time_limit" and not isinstance(item, ReplyEnd):
                        break  # a reply that never ends is cut here
                else:
                    if not transcript.unanswered:
                        yield RunFinished(text=transcript.text, usage=spent.usage, stop="answered")
                        return

    def _request(self, messages: Sequence[Message], files: Mapping[str, FileContent]) -> ModelRequest:
        return ModelRequest(
            system=self.system,
            messages=messages,
            tools=[tool.schema for tool in self.tools.values()],
            files=dict(files),
            temperature=self.temperature,
            max_tokens=self.max_tokens,
        )

    async def _answer(
        self, calls: Sequence[ToolCallPart], problems: Mapping[str, str], timeout_s: float
    ) -> AsyncGenerator[ToolFinished, None]:
        """The results of independent calls, run at once, each as soon as it is there."""
        running = [
            asyncio.create_task(
                call_tool(call, self.tools, self.context, problem=problems.get(call.id, ""), timeout_s=timeout_s)
            )
            for call in calls
        ]
        try:
            for done in asyncio.as_completed(running):
                yield await done
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)


class _Spent:
    """What a run has used of its limits."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.steps = 0
        self.usage = Usage()
        self._deadline = time.monotonic() + limits.seconds

    @property
    def seconds_left(self) -> float:
        return max(0.01, self._deadline - time.monotonic())

    def reached(self) -> Literal["step_limit", "time_limit", "token_limit"] | None:
        """Which limit is reached, if any. Asked before each reply, so calls already made are always answered."""
        if self.steps >= self.limits.steps:
            return "step_limit"
        if time.monotonic() >= self._deadline:
            return "time_limit"
        if self.usage.input_tokens + self.usage.output_tokens >= self.limits.tokens:
            return "token_limit"
        return None

    def starts(self, end: ReplyEnd, problems: dict[str, str]) -> list[ToolStarted]:
        """Count a reply, and begin its calls; `problems` remembers, by id, those whose arguments could not be read."""
        self.steps += 1
        self.usage += end.usage
        problems.update({call.id: call.problem for call in end.calls if call.problem})
        return [ToolStarted(id=call.id, name=call.name, arguments=call.arguments) for call in end.calls]
