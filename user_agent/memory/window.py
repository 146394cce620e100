"""The part of a conversation that a model is shown."""

import json
from collections.abc import Sequence

from user_agent.memory.tokens import Room, Size, estimate_tokens, text_size
from user_agent.messages import FilePart, Message, ReasoningPart, TextPart, ToolCallPart, ToolResultPart
from user_agent.models.base import ToolSchema

CHARS_PER_IMAGE = 4_000
"""What a picture takes of the window, counted as characters: about 1,000 tokens."""
TOKENS_PER_IMAGE = 1_000
TOKENS_PER_MESSAGE = 8
"""What stands around a message: who says it, and where it ends."""


def window_start(messages: Sequence[Message], room: Room) -> int:
    """Where the newest messages begin that fit: at the beginning of a turn, so that every call has its result.

    The last turn is always whole.
    """
    start, used = len(messages), Size()
    for position in range(len(messages) - 1, -1, -1):
        used += size_of(messages[position])
        if start < len(messages) and not room.holds(used):
            break
        if messages[position].role == "user":
            start = position
    return start


def window(messages: Sequence[Message], room: Room) -> tuple[Message, ...]:
    """The newest messages that fit, as `window_start` says."""
    return tuple(messages[window_start(messages, room) :])


def size_of(message: Message) -> Size:
    """How long a message is for a model."""
    return sum((_part_size(part) for part in message.parts), Size(tokens=TOKENS_PER_MESSAGE))


def size_chars(message: Message) -> int:
    """How long a message is for a model, a picture counted as `CHARS_PER_IMAGE`, a text by its bytes."""
    return size_of(message).chars


def tools_chars(tools: Sequence[ToolSchema]) -> int:
    """How long what a model reads about its tools is, in whatever way they are offered to it: in bytes, since a Chinese
    character is about one token, as three Latin letters are."""
    return sum(len(_told(tool).encode()) for tool in tools)


def size_of_tools(tools: Sequence[ToolSchema]) -> Size:
    """The same in both measures."""
    return Size(tools_chars(tools), sum(estimate_tokens(_told(tool)) for tool in tools))


def _told(tool: ToolSchema) -> str:
    return f"{tool.name}{tool.description}{json.dumps(tool.parameters, ensure_ascii=False)}"


def _part_size(part: object) -> Size:
    match part:
        case TextPart() | ReasoningPart():
            return text_size(part.text)
        case ToolCallPart():
            return text_size(part.name + str(part.arguments))
        case ToolResultPart():
            return text_size(part.output)
        case FilePart() if part.media_type.startswith("image/"):
            return Size(CHARS_PER_IMAGE, TOKENS_PER_IMAGE)
        case FilePart():
            return text_size(part.name)
        case _:
            return Size()
