"""The guide: what answers when there is no model. It works by rules, says so, and gives way to the first model."""

import json
import re
from collections.abc import AsyncGenerator, Iterator, Sequence

from user_agent.config import Language
from user_agent.messages import Message, ToolCallPart, ToolResultPart
from user_agent.models.base import CallDelta, Chunk, ModelFacts, ModelRequest
from user_agent.models.guide_answers import answer
from user_agent.models.guide_numbers import language_of
from user_agent.models.guide_reports import report
from user_agent.models.guide_rules import PlannedCall, plan

ARGUMENT_PIECE_CHARS = 20
MAX_READ_CHARS = 400
"""As much of a message as rules are tried on: a question fits, and a pasted book costs no time."""

_PIECES = re.compile(r"[\u3000-\u9fff\uff00-\uffef]{1,6}|(?:[^\s\u3000-\u9fff\uff00-\uffef]+\s*){1,3}|\s+")
"""A few words, or a few Chinese characters: the pieces cover the text completely."""


class Guide:
    """A `ChatModel` without a model: it calls an offered tool that fits the question, then tells what it found.

    It answers in the language of the question, and in `language` where that cannot be told. It never asks a tool twice
    in one turn: after the results it reports and ends.
    """

    def __init__(self, language: Language) -> None:
        self._language: Language = language

    @property
    def facts(self) -> ModelFacts:
        return ModelFacts()

    async def stream(self, request: ModelRequest) -> AsyncGenerator[Chunk, None]:
        turn = _Turn(request.messages)
        language = language_of(turn.question, self._language)
        if turn.results:
            found = [report(call, result, turn.question, language) for call, result in turn.results]
            text = "\n\n".join(found)
        else:
            planned = plan(request.tools, turn.question, turn.earlier)
            for chunk in _calls(planned.calls):
                yield chunk
            if planned.calls:
                yield Chunk(finish="tool_calls")
                return
            text = answer(planned, turn.question, request.tools, language)
        for piece in _PIECES.findall(text):
            yield Chunk(text=piece)
        yield Chunk(finish="stop")


class _Turn:
    """The last question, the one before it, and what tools have answered since."""

    def __init__(self, messages: Sequence[Message]) -> None:
        asked = [number for number, message in enumerate(messages) if message.role == "user"]
        since = messages[asked[-1] :] if asked else messages
        calls = {call.id: call for message in since for call in message.calls}
        self.question = messages[asked[-1]].text[:MAX_READ_CHARS] if asked else ""
        self.earlier = messages[asked[-2]].text[:MAX_READ_CHARS] if len(asked) > 1 else ""
        self.results: list[tuple[ToolCallPart, ToolResultPart]] = [
            (calls[result.id], result) for message in since for result in message.results if result.id in calls
        ]
        # Results arrive as tools finish; they are told in the order in which they were asked for.
        order = list(calls)
        self.results.sort(key=lambda pair: order.index(pair[0].id))


def _calls(planned: Sequence[PlannedCall]) -> Iterator[Chunk]:
    for index, call in enumerate(planned):
        arguments = json.dumps(call.arguments, ensure_ascii=False)
        yield Chunk(calls=(CallDelta(index=index, name=call.tool),))
        for start in range(0, len(arguments), ARGUMENT_PIECE_CHARS):
            yield Chunk(calls=(CallDelta(index=index, arguments=arguments[start : start + ARGUMENT_PIECE_CHARS]),))
