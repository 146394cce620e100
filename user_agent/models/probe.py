"""*Try it*: what a model can do, found out by asking it. A person starts it; at most six questions, none for long."""

import asyncio
import random
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Literal, assert_never

from user_agent.dialects.base import Call, ReplyEnd
from user_agent.dialects.function_calling import FunctionCalling
from user_agent.errors import (
    AuthFailed,
    Blocked,
    BrokenStream,
    ContextTooLong,
    ModelError,
    ModelRequestRefused,
    ModelTimeout,
    NoKey,
    NoQuota,
    RateLimited,
    Unavailable,
)
from user_agent.events import EventBase, ReasoningDelta, TextDelta
from user_agent.messages import FilePart, Message, ToolCallPart, ToolResultPart, user_message
from user_agent.models.base import ChatModel, FileContent, ModelRequest
from user_agent.models.entry import ModelEntry
from user_agent.models.failures import Failures
from user_agent.models.pieces import CountsPieces
from user_agent.models.tasks import COUNT, FACTS_AS_JSON, LOOK_UP, WEATHER, WEATHER_ANSWER, keeps_json, picture

Ability = Literal["stream", "function_calling", "json", "vision"]
ABILITIES: tuple[Ability, ...] = ("stream", "function_calling", "json", "vision")

Why = Literal[
    "",
    "refused",
    "broken",
    "too_slow",
    "busy",
    "one_piece",
    "no_call",
    "wrong_call",
    "result_unread",
    "not_json",
    "not_seen",
    "no_request_left",
]
"""Why an ability is missing, or not known; empty where it is there."""

Fallback = Literal["in_one_piece", "text_protocol", "choose_another_builder", "no_pictures"]
"""What is done, or advised, instead of an ability that is missing."""

MAX_REQUESTS = 6
_ENOUGH_CHARS = 8_000
"""What is read of an answer. Nothing that is asked here takes as much."""
_FIELDS: dict[Ability, str] = {
    "stream": "support_stream",
    "function_calling": "is_function_call",
    "json": "keeps_json",
    "vision": "vision",
}
_FALLBACKS: dict[Ability, Fallback] = {
    "stream": "in_one_piece",
    "function_calling": "text_protocol",
    "json": "choose_another_builder",
    "vision": "no_pictures",
}


class Asking(EventBase):
    """The model is being asked for an ability now."""

    type: Literal["asking"] = "asking"
    ability: Ability


class Found(EventBase):
    """Whether an ability is there; `works` is None where it stayed unknown. `detail` is the endpoint's own sentence."""

    type: Literal["found"] = "found"
    ability: Ability
    works: bool | None
    why: Why = ""
    detail: str = ""


class Probed(EventBase):
    """The end: what to write into the model's entry, what is done where an ability is missing, and what it took."""

    type: Literal["probed"] = "probed"
    facts: dict[str, bool]
    """Fields of an entry. What stayed unknown is left out."""
    fallbacks: tuple[Fallback, ...]
    requests: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Limits:
    """How long may be waited for one answer, and for all."""

    answer_s: float = 60.0
    total_s: float = 180.0


@dataclass(frozen=True, slots=True)
class _Answer:
    text: str
    calls: Sequence[Call]
    pieces: int
    thought: bool


class _Unanswered(Exception):
    """A question without an answer, which is one too: `works` and `why` as in `Found`."""

    def __init__(self, works: bool | None, why: Why, detail: str = "") -> None:
        super().__init__(why)
        self.works = works
        self.why: Why = why
        self.detail = detail


class Probe:
    """One trial of one model. `model_of` makes an entry live, with its key."""

    def __init__(
        self, entry: ModelEntry, model_of: Callable[[ModelEntry], ChatModel], limits: Limits | None = None
    ) -> None:
        # Each request counts: nothing is asked again behind this one's back.
        self._entry = entry.model_copy(update={"retry_for_s": 0})
        self._model_of = model_of
        self._limits = limits or Limits()
        self._ends_at = 0.0
        self._facts: dict[str, bool] = {}
        self._requests = 0

    async def run(self) -> AsyncGenerator[Asking | Found | Probed, None]:
        """What is found, as it is found. Closing the iterator ends the request that is open.

        Raises `ModelError` where the model cannot be asked at all.
        """
        began = time.monotonic()
        self._ends_at = began + self._limits.total_s
        missing: list[Ability] = []
        for ability in ABILITIES:
            yield Asking(ability=ability)
            found = await self._found(ability)
            if found.works is not None:
                self._facts[_FIELDS[ability]] = found.works
            if found.works is False:
                missing.append(ability)
            yield found
        yield Probed(
            facts=self._facts,
            fallbacks=tuple(_FALLBACKS[ability] for ability in missing),
            requests=self._requests,
            seconds=round(time.monotonic() - began, 1),
        )

    async def _found(self, ability: Ability) -> Found:
        try:
            match ability:
                case "stream":
                    why = await self._stream()
                case "function_calling":
                    why = await self._function_calling()
                case "json":
                    why = await self._json()
                case "vision":
                    why = await self._vision()
                case _:
                    assert_never(ability)
        except _Unanswered as unanswered:
            return Found(ability=ability, works=unanswered.works, why=unanswered.why, detail=unanswered.detail)
        return Found(ability=ability, works=why == "", why=why)

    async def _stream(self) -> Why:
        """The first question needs no ability: where it gets no answer at all, there is nothing to find out."""
        request = ModelRequest(system="", messages=[user_message(COUNT)])
        self._set(support_stream=True)
        try:
            answer = await self._ask(request, first=True)
        except _Unanswered as unanswered:
            # Some endpoints only refuse to count the tokens of a stream.
            if self._entry.stream_usage and "stream_options" in unanswered.detail:
                self._set(stream_usage=False)
                self._facts["stream_usage"] = False
                answer = await self._ask(request, first=True, again=True)
            else:
                self._set(support_stream=False)
                await self._ask(request, first=True, again=True)
                raise _Unanswered(False, unanswered.why, unanswered.detail) from unanswered
        if answer.pieces > 1:
            return ""
        self._set(support_stream=False)
        return "one_piece"

    async def _function_calling(self) -> Why:
        asked = user_message(LOOK_UP)
        self._set(is_function_call=True)
        answer = await self._ask(ModelRequest(system="", messages=[asked], tools=[WEATHER]))
        if not answer.calls:
            return "no_call"
        call = answer.calls[0]
        if call.problem or call.name != WEATHER.name or "hangzhou" not in str(call.arguments.get("city")).lower():
            return "wrong_call"
        # An agent's model also has to read what the tool said, and some endpoints do not take a call back.
        calls = tuple(ToolCallPart(id=call.id, name=call.name, arguments=call.arguments) for call in answer.calls)
        results = tuple(ToolResultPart(id=call.id, name=call.name, output=WEATHER_ANSWER) for call in answer.calls)
        told = [asked, Message(role="assistant", parts=calls), Message(role="tool", parts=results)]
        answer = await self._ask(ModelRequest(system="", messages=told, tools=[WEATHER]))
        return "" if "17" in answer.text else "result_unread"

    async def _json(self) -> Why:
        answer = await self._ask(ModelRequest(system="", messages=[user_message(FACTS_AS_JSON)]))
        return "" if keeps_json(answer.text) else "not_json"

    async def _vision(self) -> Why:
        shown = picture(random.SystemRandom())
        part = FilePart(file="picture", name="picture.png", media_type="image/png", size_bytes=len(shown.png))
        content = {"picture": FileContent("picture.png", "image/png", shown.png)}
        self._set(vision=True)
        answer = await self._ask(ModelRequest(system="", messages=[user_message(shown.question, part)], files=content))
        return "" if shown.is_told_in(answer.text) else "not_seen"

    def _set(self, **fields: bool) -> None:
        self._entry = self._entry.model_copy(update=dict(fields))

    async def _ask(self, request: ModelRequest, *, first: bool = False, again: bool = False) -> _Answer:
        """The answer. Raises `_Unanswered`, and `ModelError` for what ends the trial.

        `first`: whoever does not answer this question, at the latest when asked `again`, cannot be asked at all.
        """
        if self._requests >= MAX_REQUESTS:
            raise _Unanswered(None, "no_request_left")
        patience_s = min(self._limits.answer_s, self._ends_at - time.monotonic())
        if patience_s <= 0:
            raise _Unanswered(None, "too_slow")
        self._requests += 1
        try:
            async with asyncio.timeout(patience_s):
                answer = await _read(self._model_of(self._entry), request)
        except TimeoutError as error:
            if first:
                raise Failures(self._entry, None).too_slow(round(patience_s)) from error
            raise _Unanswered(None, "too_slow") from error
        except ModelError as error:
            unanswered = _judged(error)
            if unanswered is None or again or (first and unanswered.works is None):
                raise
            raise unanswered from error
        if answer.thought:
            self._facts["reasoning"] = True
        return answer


def _judged(error: ModelError) -> _Unanswered | None:
    """What a failure says about the ability that was asked for. None: nothing, and the next would fail like it."""
    detail = str(error.params.get("detail", ""))
    match error:
        case NoKey() | AuthFailed() | NoQuota():
            return None
        case ModelRequestRefused() | ContextTooLong():
            return _Unanswered(False, "refused", detail)
        case Unavailable() if "status" in error.params:
            # It is there, and answers this question with an error: servers do so to tools and pictures.
            return _Unanswered(False, "refused", detail)
        case BrokenStream() if error.params.get("fault") != "cut":
            return _Unanswered(False, "broken", detail)
        case RateLimited():
            return _Unanswered(None, "busy", detail)
        case ModelTimeout():
            return _Unanswered(None, "too_slow")
        case Blocked():
            return _Unanswered(None, "refused", detail)
        case _:
            return _Unanswered(None, "broken", detail)


async def _read(model: ChatModel, request: ModelRequest) -> _Answer:
    text, calls, thought, counted = "", tuple[Call, ...](), False, CountsPieces(model)
    async with aclosing(FunctionCalling().reply(counted, request)) as readings:
        async for reading in readings:
            match reading:
                case TextDelta():
                    text += reading.text
                case ReasoningDelta():
                    thought = True
                case ReplyEnd():
                    calls = reading.calls
                case _:
                    pass
            if len(text) > _ENOUGH_CHARS:
                break
    return _Answer(text, calls, counted.pieces, thought)
