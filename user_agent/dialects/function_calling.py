"""The dialect of models that call functions: schemas go with the request, calls come back in pieces."""

import itertools
import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field

from pydantic import JsonValue

from user_agent.config import check_values
from user_agent.dialects.base import Call, Reading, ReplyEnd, waiting_of
from user_agent.errors import ConfigError
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
                        pieces[delta.index] = _CallInPieces(_unused(delta.id, taken))
                    call = pieces[delta.index]
                    call.add(delta)
                    if call.name:
                        yield ToolDrafting(id=call.id, name=call.name, arguments_text=delta.arguments)
                usage = chunk.usage or usage
                finish = chunk.finish or finish
        yield ReplyEnd(calls=tuple(_finished(call) for call in pieces.values()), usage=usage, finish=finish)


def _unused(wished: str, taken: set[str]) -> str:
    """The endpoint's id where it is new. Some send none, some send `call_0` in every reply; results go by id."""
    numbered = (f"call_{number}" for number in itertools.count(len(taken) + 1))
    call_id = wished if wished and wished not in taken else next(name for name in numbered if name not in taken)
    taken.add(call_id)
    return call_id


def _finished(call: _CallInPieces) -> Call:
    text = "".join(call.arguments).strip()
    try:
        arguments: JsonValue = json.loads(text) if text else {}
        check_values(arguments, "arguments")
    except json.JSONDecodeError as error:
        return Call(call.id, call.name, {}, f"its arguments are not JSON ({error.msg} at character {error.pos})")
    except ConfigError as error:
        return Call(call.id, call.name, {}, f"its arguments cannot be used ({error.reason})")
    except (ValueError, RecursionError):
        return Call(call.id, call.name, {}, "its arguments hold a number or a nesting that is too large")
    if not isinstance(arguments, dict):
        return Call(call.id, call.name, {}, "its arguments are not a JSON object")
    return Call(call.id, call.name, arguments)
