"""The part of a conversation that a model is shown."""

import json
from collections.abc import Sequence

from user_agent.knowledge.whole import is_readable
from user_agent.messages import FilePart, Message, ReasoningPart, TextPart, ToolCallPart, ToolResultPart
from user_agent.models.base import ToolSchema

CHARS_PER_IMAGE = 4_000
"""What a picture takes of the window, counted as characters: about 1,000 tokens."""
MAX_ATTACHED_TEXT_CHARS = 20_000
"""How much of an attached text file a model is shown."""


def window(messages: Sequence[Message], budget_chars: int) -> tuple[Message, ...]:
    """The newest messages within `budget_chars`, from the beginning of a turn; the last turn is always whole."""
    start, used = len(messages), 0
    for position in range(len(messages) - 1, -1, -1):
        used += size_chars(messages[position])
        if used > budget_chars and start < len(messages):
            break
        if messages[position].role == "user":
            start = position
    return tuple(messages[start:])


def size_chars(message: Message) -> int:
    """How long a message is for a model, a picture counted as `CHARS_PER_IMAGE`, a text by its bytes."""
    return sum(_part_size(part) for part in message.parts)


def tools_chars(tools: Sequence[ToolSchema]) -> int:
    """How long what a model reads about its tools is, in whatever way they are offered to it: in bytes, since a Chinese
    character is about one token, as three Latin letters are."""
    return sum(
        len(f"{tool.name}{tool.description}{json.dumps(tool.parameters, ensure_ascii=False)}".encode())
        for tool in tools
    )


def _part_size(part: object) -> int:
    match part:
        case TextPart() | ReasoningPart():
            return len(part.text)
        case ToolCallPart():
            return len(part.name) + len(str(part.arguments))
        case ToolResultPart():
            return len(part.output)
        case FilePart() if is_readable(part.name):
            return min(part.size_bytes, MAX_ATTACHED_TEXT_CHARS)
        case FilePart():
            return CHARS_PER_IMAGE
        case _:
            return 0
