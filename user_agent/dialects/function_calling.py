"""The dialect of models that call functions: schemas go with the request, calls come back in pieces."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field

from user_agent.dialects.arguments import call_of, unused
from user_agent.dialects.base import Reading, ReplyEnd, waiting_of
from user_agent.events import ReasoningDelta, TextDelta, ToolDrafting, Usage
from user_agent.models.base import CallDelta, ChatModel, ModelRequest


@dataclass(slots=True)
class _CallInPieces:
    id: str
    name: str = ""
    arguments: list[str] = field(default_factory=list[str])

    def add(self, delta: CallDelta) -> None:
        # Most endpoints send the name once, some repeat it in every piece, a few send it in pieces.
        if delta.name != self.name:
            self.name += delta.name
        self.arguments.append(delta.arguments)


class FunctionCalling:
    """Reads calls that arrive in pieces and in parallel, told apart by their index."""

    async def reply(self, model: ChatModel, request: ModelRequest) -> AsyncGenerator[Reading, None]:
        pieces: dict[int, _CallInPieces] = {}
        taken = {call.id for message in request.messages for call in message.calls}
        usage, finish = Usage(), ""
        async with aclosing(model.stream(request)) as chunks:
            async for chunk in chunks:
                for waiting in waiting_of(chunk):
                    yield waiting
                if chunk.reasoning:
                    yield ReasoningDelta(text=chunk.reasoning)
                if chunk.text:
                    yield TextDelta(text=chunk.text)
                for delta in chunk.calls:
                    if delta.index not in pieces:
                        pieces[delta.index] = _CallInPieces(unused(delta.id, taken))
                    call = pieces[delta.index]
                    call.add(delta)
                    if call.name:
                        yield ToolDrafting(id=call.id, name=call.name, arguments_text=delta.arguments)
                usage = chunk.usage or usage
                finish = chunk.finish or finish
        calls = tuple(call_of(call.id, call.name, "".join(call.arguments)) for call in pieces.values())
        yield ReplyEnd(calls=calls, usage=usage, finish=finish)
