"""The guide: what answers when there is no model. It works by rules, says so, and gives way to the first model."""

import json
import re
from collections.abc import AsyncGenerator, Iterator, Sequence

from user_agent.events import KnowledgeUsed
from user_agent.messages import Message
from user_agent.models.base import CallDelta, Chunk, ModelFacts, ModelRequest
from user_agent.models.rules.answers import Persona, answer
from user_agent.models.rules.calls import PlannedCall, plan
from user_agent.models.rules.conversation import read
from user_agent.models.rules.reports import Outcome, reports
from user_agent.words import Language

ARGUMENT_PIECE_CHARS = 20

_PIECES = re.compile(r"[\u3000-\u9fff\uff00-\uffef]{1,6}|(?:[^\s\u3000-\u9fff\uff00-\uffef]+\s*){1,3}|\s+")
"""A few words, or a few Chinese characters: the pieces cover the text completely."""


class Guide:
    """A `ChatModel` without a model: it calls an offered tool that fits the question, then tells what it found.

    It answers in the language of the question, in that of the conversation where the question shows none, and else in
    `language`. It never asks a tool twice in one turn: after the results it reports and ends. `name` and `description`
    are those of the agent it speaks for; `found` is what was searched in its files for the question, which it quotes
    where no tool fits. None where nothing was searched.
    """

    def __init__(
        self,
        language: Language,
        *,
        name: str = "",
        description: str = "",
        found: KnowledgeUsed | None = None,
    ) -> None:
        self._language: Language = language
        self._persona = Persona(name, description)
        self._found = found

    @property
    def facts(self) -> ModelFacts:
        return ModelFacts()

    async def stream(self, request: ModelRequest) -> AsyncGenerator[Chunk, None]:
        said = read([message.text for message in request.messages if message.role == "user"], self._language)
        planned = plan(request.tools, said)
        if outcomes := _outcomes(request.messages):
            text = reports(outcomes, said, planned)
        elif planned.calls:
            for chunk in _calls(planned.calls):
                yield chunk
            yield Chunk(finish="tool_calls")
            return
        else:
            text = answer(planned, said, request.tools, self._persona, self._found)
        for piece in _PIECES.findall(text):
            yield Chunk(text=piece)
        yield Chunk(finish="stop")


def _outcomes(messages: Sequence[Message]) -> list[Outcome]:
    """What tools have answered since the last question, in the order of the calls."""
    asked = max((number for number, message in enumerate(messages) if message.role == "user"), default=0)
    since = messages[asked:]
    calls = {call.id: call for message in since for call in message.calls}
    results = {result.id: result for message in since for result in message.results}
    return [Outcome(call, results[name]) for name, call in calls.items() if name in results]


def _calls(planned: Sequence[PlannedCall]) -> Iterator[Chunk]:
    for index, call in enumerate(planned):
        arguments = json.dumps(call.arguments, ensure_ascii=False)
        yield Chunk(calls=(CallDelta(index=index, name=call.tool),))
        for start in range(0, len(arguments), ARGUMENT_PIECE_CHARS):
            yield Chunk(calls=(CallDelta(index=index, arguments=arguments[start : start + ARGUMENT_PIECE_CHARS]),))
