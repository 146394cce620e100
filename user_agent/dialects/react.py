"""The dialect of models without function calls: tools are told in the prompt, calls are read back from the text.

`Action:` / `Action Input:` / `Observation: <result>…</result>` / `Answer:`.
"""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from dataclasses import dataclass

from user_agent.dialects.arguments import call_of, read_loosely
from user_agent.dialects.base import Call, Reading, ReplyEnd, waiting_of
from user_agent.dialects.react_call import Written
from user_agent.dialects.react_reading import ReplyReader
from user_agent.dialects.react_writing import in_words, results_told
from user_agent.events import ReasoningDelta, TextDelta, Usage
from user_agent.models.base import ChatModel, Chunk, ModelRequest
from user_agent.words import Language

PIECE_CHARS = 1_000


@dataclass(frozen=True, slots=True)
class ReAct:
    """Writes the request in words, and reads the reply as it streams.

    `knowledge` is the section of the prompt that goes before the tools: the tuned models know it there.
    """

    language: Language
    knowledge: str = ""

    async def reply(self, model: ChatModel, request: ModelRequest) -> AsyncGenerator[Reading, None]:
        taken = {call.id for message in request.messages for call in message.calls}
        # Without tools, and without calls to imitate, a mark is a word like any other.
        reader = _reader(request, taken) if request.tools or taken else None
        usage, finish = Usage(), ""
        async with aclosing(model.stream(in_words(request, self.language, self.knowledge))) as chunks:
            async for chunk in chunks:
                for reading in _beside_the_text(chunk):
                    yield reading
                if chunk.text and reader is None:
                    yield TextDelta(text=chunk.text)
                elif reader:
                    for piece in _pieces(chunk.text):
                        for reading in reader.feed(piece):
                            yield reading
                        await _let_others(piece)
                usage = chunk.usage or usage
                finish = chunk.finish or finish
                if reader and reader.over:
                    # Whatever more comes is made up: closing the stream ends it at the endpoint too.
                    finish = "stop"
                    break
        if reader:
            for reading in reader.close(finish):
                yield reading
        calls = [await _call(written) for written in reader.calls] if reader else []
        yield ReplyEnd(calls=tuple(calls), usage=usage, finish=finish)


def _reader(request: ModelRequest, taken: set[str]) -> ReplyReader:
    return ReplyReader({tool.name for tool in request.tools}, taken, results_told(request.messages))


def _beside_the_text(chunk: Chunk) -> Iterator[Reading]:
    yield from waiting_of(chunk)
    if chunk.reasoning:
        yield ReasoningDelta(text=chunk.reasoning)


def _pieces(text: str) -> Iterator[str]:
    """A long text a bit at a time. Each step of reading looks at all that is not read yet, so that a model which
    repeats itself would else cost the square of its length."""
    return (text[start : start + PIECE_CHARS] for start in range(0, len(text), PIECE_CHARS))


async def _let_others(piece: str) -> None:
    """Other turns go on between the pieces of a long text."""
    if len(piece) == PIECE_CHARS:
        await asyncio.sleep(0)


async def _call(written: Written) -> Call:
    if written.problem:
        return Call(written.id, written.name, {}, written.problem)
    call = call_of(written.id, written.name, written.text)
    if not call.problem:
        return call
    # In a thread: the libraries that mend it are imported when they are first needed, and take their time.
    return await asyncio.to_thread(call_of, written.id, written.name, written.text, read_loosely)
