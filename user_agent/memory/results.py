"""What tools said in a long turn, fitted into the context of the model that reads it."""

from collections.abc import Callable, Iterator, Sequence

from user_agent.memory.tokens import Room, Size, text_size
from user_agent.memory.window import size_of, size_of_tools
from user_agent.messages import Message, ToolResultPart
from user_agent.models.base import ModelFacts, ToolSchema
from user_agent.prompts import phrase
from user_agent.words import Language

BEGINNING_CHARS = 300
"""So much stays of a result that had to make room."""
_ANSWER_SHARE = 6
"""A sixth of the context is for the answer, and for what the estimate of the rest misses."""

Cut = Callable[[str], str]


def room_for(facts: ModelFacts, system: str, tools: Sequence[ToolSchema], max_tokens: int | None) -> Room:
    """What messages may take beside that; without end where nobody knows the model's context."""
    if facts.context_length is None:
        return Room()
    answer = max(facts.context_length // _ANSWER_SHARE, min(max_tokens or 0, facts.context_length // 2))
    taken = text_size(system).tokens + size_of_tools(tools).tokens + answer
    return Room(tokens=max(facts.context_length - taken, facts.context_length // _ANSWER_SHARE))


def fitted(messages: Sequence[Message], room: Room, language: Language) -> tuple[Message, ...]:
    """The messages, with as many results cut to their beginning as they have to be, the oldest first; what is cut says
    so. Every call keeps its result, and nothing else is touched: where that is not enough, the model says it."""
    shown = list(messages)
    used = sum(map(size_of, shown), Size())
    last = max((place for place, message in enumerate(shown) if message.role == "assistant"), default=-1)
    for place, _ in _with_results(shown[: last + 1]):
        if room.holds(used):
            return tuple(shown)
        used = _replace(shown, place, used, lambda text: _shortened(text, BEGINNING_CHARS, language))
    # What was said last is what the model needs most: it gives way last, and no further than it must.
    newest = [part for _, message in _with_results(shown[last + 1 :]) for part in message.results]
    chars = max((len(part.output) for part in newest), default=0)
    while not room.holds(used) and chars > BEGINNING_CHARS:
        chars = max(chars // 2, BEGINNING_CHARS)
        for place, _ in _with_results(shown, last + 1):
            used = _replace(shown, place, used, lambda text, most=chars: _shortened(text, most, language))
    return tuple(shown)


def _with_results(messages: Sequence[Message], start: int = 0) -> Iterator[tuple[int, Message]]:
    return ((place, message) for place, message in enumerate(messages) if place >= start and message.results)


def _replace(shown: list[Message], place: int, used: Size, cut: Cut) -> Size:
    """How large all are once the results at this place are cut."""
    message = shown[place]
    parts = tuple(
        part.model_copy(update={"output": cut(part.output)}) if isinstance(part, ToolResultPart) else part
        for part in message.parts
    )
    shown[place] = message.model_copy(update={"parts": parts})
    before, after = size_of(message), size_of(shown[place])
    return Size(used.chars - before.chars + after.chars, used.tokens - before.tokens + after.tokens)


def _shortened(text: str, most: int, language: Language) -> str:
    """The beginning of a result, with a note that it is that; one that is hardly longer stays as it is."""
    note = phrase(language, "result_cut")
    bare = text.removesuffix(note)
    return text if len(bare) <= most else f"{bare[:most]}{note}"
