"""A model asked for a list as JSON: read forgivingly, and what it cost."""

import asyncio
import json
import re
from contextlib import aclosing, suppress
from dataclasses import dataclass
from typing import cast

from pydantic import JsonValue
from pydantic_core import from_json

from user_agent.dialects.arguments import read_loosely
from user_agent.errors import ModelTimeout, OffTask
from user_agent.events import Usage
from user_agent.knowledge.passages import Passage
from user_agent.memory.tokens import estimate_tokens
from user_agent.messages import user_message
from user_agent.models.base import ChatModel, ModelRequest
from user_agent.prompts import phrase, render
from user_agent.storable import cleaned
from user_agent.words import Language

MAX_ANSWER_TOKENS = 3_000
"""Of one answer, its thinking included."""
MAX_ANSWER_CHARS = 20_000
PATIENCE_S = 90.0

Item = dict[str, JsonValue]

_FENCE = re.compile(r"```(?:json)?\s*(.*?)```", re.DOTALL | re.IGNORECASE)
_DECODER = json.JSONDecoder(strict=False)
_LIST = re.compile(r"\[\s*\{")
_BRACKET = re.compile(r"[\[{]")
_TAG = re.compile(r"<(?=/?\s*(?:passage|pair)\b)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model answered, and how many tokens it read and wrote for that: by its own count, else estimated."""

    items: list[Item]
    tokens: int


class Nonsense(OffTask):
    """A model answered something else than the list it was asked for. `tokens` were spent all the same."""

    def __init__(self, tokens: int) -> None:
        super().__init__("The model did not answer with the list that it was asked for.")
        self.tokens = tokens


@dataclass(frozen=True, slots=True)
class Task:
    """What a model is asked: a prompt by its name, and the material that it is about."""

    name: str
    material: str

    def request(self, language: Language) -> ModelRequest:
        return ModelRequest(
            system=render(self.name, language, {}),
            messages=(user_message(phrase(language, f"ask_{self.name}", material=self.material)),),
            max_tokens=MAX_ANSWER_TOKENS,
        )

    def tokens(self, language: Language) -> int:
        """About how many it is to read."""
        request = self.request(language)
        return estimate_tokens(request.system) + estimate_tokens(request.messages[0].text)


async def ask(model: ChatModel, task: Task, language: Language) -> Answer:
    """The objects of the list that the model answers with. Raises `ModelError`, `Nonsense` where there is no list."""
    said, usage, chars = list[str](), Usage(), 0
    try:
        async with asyncio.timeout(PATIENCE_S), aclosing(model.stream(task.request(language))) as chunks:
            async for chunk in chunks:
                said.append(chunk.text)
                chars += len(chunk.text)
                usage = chunk.usage or usage
                if chars > MAX_ANSWER_CHARS:
                    break
    except TimeoutError as error:
        raise ModelTimeout("The model took too long to answer. Try again, or choose another model.") from error
    text = "".join(said)
    counted = usage.input_tokens + usage.output_tokens
    tokens = counted or task.tokens(language) + estimate_tokens(text)
    for answer in _readings(text):
        if (items := _list_in(answer)) is not None:
            return Answer(items, tokens)
    raise Nonsense(tokens)


def quoted(text: str, most_chars: int) -> str:
    """Material as it is shown: it can neither end its place nor pass for another."""
    return _TAG.sub("‹", cleaned(text)[:most_chars])


def with_headings(passage: Passage) -> str:
    """A passage below the headings that it stands under, but for those that it begins with."""
    above = [heading for heading in passage.place.headings if not passage.text.startswith(heading)]
    return "\n".join(filter(None, (" / ".join(above), passage.text)))


def _readings(text: str) -> list[JsonValue]:
    """What the answer may be, the likeliest first: what stands in a fence, or from where a list begins."""
    readings = list[JsonValue]()
    for place in [*_FENCE.findall(text), text]:
        begun = _LIST.search(place) or _BRACKET.search(place)
        if begun is None:
            continue
        rest = place[begun.start() :]
        closing = "]" if rest[0] == "[" else "}"
        with suppress(ValueError, RecursionError):
            readings.append(cast(JsonValue, _DECODER.raw_decode(rest)[0]))
        with suppress(ValueError, RecursionError):
            readings.append(read_loosely(rest[: rest.rfind(closing) + 1]))
        with suppress(ValueError):
            # An answer that was cut off: what is whole of it counts.
            readings.append(cast(JsonValue, from_json(rest, allow_partial=True)))
    return readings


def _list_in(answer: JsonValue) -> list[Item] | None:
    """The list that an answer is, or that it holds under whatever name."""
    if isinstance(answer, dict):
        answer = next((value for value in answer.values() if isinstance(value, list)), None)
    if not isinstance(answer, list):
        return None
    return [item for item in answer if isinstance(item, dict)]


def number_in(value: JsonValue) -> int | None:
    """A whole number, also one that was written as a text."""
    if isinstance(value, str) and value.strip().isdecimal():
        return int(value) if len(value) < 6 else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None
