"""What answers use of a model, also of those that were stopped or that failed: nobody else tells of these."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field

from user_agent.agent import CHARS_PER_TOKEN
from user_agent.events import Usage
from user_agent.memory.window import size_chars, tools_chars
from user_agent.models.base import ChatModel, Chunk, ModelFacts, ModelRequest


@dataclass(slots=True)
class Meter:
    """Counts what every model that it measures reads and writes."""

    usage: Usage = field(default_factory=Usage)

    def measured(self, model: ChatModel) -> ChatModel:
        return _Measured(model, self)


@dataclass(frozen=True, slots=True)
class _Measured:
    model: ChatModel
    meter: Meter

    @property
    def facts(self) -> ModelFacts:
        return self.model.facts

    async def stream(self, request: ModelRequest) -> AsyncGenerator[Chunk, None]:
        told: Usage | None = None
        written = 0
        try:
            async with aclosing(self.model.stream(request)) as chunks:
                async for chunk in chunks:
                    told = chunk.usage or told
                    written += len(chunk.text) + len(chunk.reasoning) + sum(len(call.arguments) for call in chunk.calls)
                    yield chunk
        finally:
            # An endpoint that counts none, or whose reply was cut, was asked all the same.
            self.meter.usage += told or _estimated(request, written)


def _estimated(request: ModelRequest, written: int) -> Usage:
    read = len(request.system) + tools_chars(request.tools) + sum(map(size_chars, request.messages))
    return Usage(input_tokens=read // CHARS_PER_TOKEN, output_tokens=written // CHARS_PER_TOKEN)
