"""What no longer fits of a conversation, in a few words: written by the agent's model, or by rules where that fails."""

import asyncio
import re
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Literal

import structlog

from user_agent.errors import ModelError
from user_agent.events import Usage
from user_agent.memory.tokens import Room
from user_agent.messages import Message, user_message
from user_agent.models.base import ChatModel, Chunk, ModelRequest
from user_agent.prompts import phrase, render
from user_agent.storable import cleaned
from user_agent.words import Language

MAX_CHARS = 3_000
"""How long a summary may be."""
MAX_READ_CHARS = 48_000
"""How much of a conversation a model reads to write one: the beginning and the end of what is longer."""
MAX_MESSAGE_CHARS = 3_000
MAX_RESULT_CHARS = 600
MIN_LINE_CHARS, MAX_LINE_CHARS = 40, 160
"""How much of a message the rules take over."""
NAME_CHARS = 10
"""How long it is to say who said it."""
MAX_ANSWER_TOKENS = 4_000
"""Of the model's reply, its thinking included."""
PATIENCE_S = 45.0
"""How long a person waits for a summary at the most."""

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

_MARKS = re.compile(r"<(?=/?\s*(?:record|conversation|earlier)\b)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Summary:
    """What was said, in short. `by` says who wrote it."""

    text: str
    by: Literal["model", "rules"]
    usage: Usage
    """What it cost, whether it came of use or not."""


def longest_chars(room: Room) -> int:
    """How long a summary in that room may be: a quarter of it, were each character a token."""
    limits = [limit // 4 for limit in (room.chars, room.tokens) if limit is not None]
    return min(MAX_CHARS, *limits) if limits else MAX_CHARS


def as_message(text: str, language: Language) -> Message:
    """The summary as a model is shown it, before the messages that it still reads: what it is, and as a quotation."""
    return user_message(phrase(language, "earlier", record=_quoted(text)))


async def summarise(
    model: ChatModel, messages: Sequence[Message], language: Language, *, earlier: str = "", chars: int = MAX_CHARS
) -> Summary:
    """What was said in these messages, and before them as far as `earlier` tells it. Raises nothing of the model's."""
    said, usage = list[str](), Usage()
    try:
        async with asyncio.timeout(PATIENCE_S), aclosing(_asked(model, messages, language, earlier, chars)) as chunks:
            async for chunk in chunks:
                said.append(chunk.text)
                usage = chunk.usage or usage
    except (ModelError, TimeoutError) as error:
        log.warning("summary_failed", reason=type(error).__name__)
        said = []
    if text := cleaned("".join(said)).strip():
        return Summary(_cut(text, chars), "model", usage)
    return Summary(by_rules(messages, language, earlier=earlier, chars=chars), "rules", usage)


def _asked(
    model: ChatModel, messages: Sequence[Message], language: Language, earlier: str, chars: int
) -> AsyncGenerator[Chunk, None]:
    written = _cut_in_the_middle("\n\n".join(filter(None, (_written(message, language) for message in messages))))
    values: dict[str, object] = {"earlier": _quoted(earlier), "conversation": _quoted(written), "chars": chars}
    request = ModelRequest(
        system=render("summary", language, values),
        messages=(user_message(phrase(language, "summarise", **values)),),
        max_tokens=MAX_ANSWER_TOKENS,
    )
    return model.stream(request)


def by_rules(messages: Sequence[Message], language: Language, *, earlier: str = "", chars: int = MAX_CHARS) -> str:
    """The first words of what was asked and answered, of the newest if not of all, after what was known before."""
    known = _cut(earlier, chars // 2)
    said = [message for message in messages if message.text.strip() and message.role != "tool"]
    left = chars - len(known)
    each = min(MAX_LINE_CHARS, max(MIN_LINE_CHARS, left // max(1, len(said)) - NAME_CHARS))
    kept = list[str]()
    for message in reversed(said):
        who = "said_by_person" if message.role == "user" else "said_by_agent"
        line = phrase(language, who, text=_cut(" ".join(message.text.split()), each))
        left -= len(line) + 1
        if left < 0:
            break
        kept.append(line)
    return "\n".join(filter(None, (known, *reversed(kept))))


def _written(message: Message, language: Language) -> str:
    """A message as a line of the record: who said it, what was called and what came of it."""
    if message.role == "user":
        return phrase(language, "said_by_person", text=_cut(message.text, MAX_MESSAGE_CHARS)) if message.text else ""
    lines = [phrase(language, "said_by_agent", text=_cut(message.text, MAX_MESSAGE_CHARS))] if message.text else []
    lines += [f"[{call.name} {_cut(str(call.arguments), MAX_RESULT_CHARS)}]" for call in message.calls]
    lines += [f"[{result.name}: {_cut(result.output, MAX_RESULT_CHARS)}]" for result in message.results]
    return "\n".join(lines)


def _cut(text: str, chars: int) -> str:
    return text if len(text) <= chars else f"{text[: max(0, chars - 1)]}…"


def _cut_in_the_middle(text: str) -> str:
    half = MAX_READ_CHARS // 2
    return text if len(text) <= MAX_READ_CHARS else f"{text[:half]}\n\n[…]\n\n{text[-half:]}"


def _quoted(text: str) -> str:
    """Words that somebody wrote, none of which end the quotation that they stand in."""
    return _MARKS.sub("‹", text)
