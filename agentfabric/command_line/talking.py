"""A turn of the builder or of an agent, heard to its end at a terminal."""

import asyncio
from contextlib import aclosing
from dataclasses import dataclass

from pydantic import JsonValue

from agentfabric.command_line.outcome import FOUND_SOMETHING, Status
from agentfabric.command_line.terminal import OutputClosed, Terminal
from agentfabric.service.studio import Studio
from builder_core.draft import FieldChange
from builder_core.events import ConfigChanged
from user_agent.events import EventBase, RunFailed, RunFinished, TextDelta, ToolStarted

_WAITS = "It waits for a permission, which is given on the page or over the API."


@dataclass(frozen=True, slots=True)
class Heard:
    """What came of a turn."""

    data: dict[str, JsonValue]
    status: Status
    changes: tuple[FieldChange, ...]


async def heard(studio: Studio, user: str, turn: str, terminal: Terminal | None) -> Heard:
    """The turn's answer; its text goes to the terminal as it comes. Where that is given up, so is the turn."""
    text: list[str] = []
    tools: list[JsonValue] = []
    changes: list[FieldChange] = []
    last: EventBase | None = None
    try:
        async with aclosing(await studio.chat.answer(user, turn)) as batches:
            async for batch in batches:
                for envelope in batch:
                    last = envelope.event
                    match last:
                        case TextDelta():
                            text.append(last.text)
                            if terminal:
                                await terminal.say(last.text)
                        case ToolStarted():
                            tools.append(last.name)
                        case ConfigChanged():
                            changes.extend(last.changes)
                        case _:
                            pass
    except (asyncio.CancelledError, ConnectionError, OutputClosed):
        await studio.chat.stop(user, turn)
        raise
    problem = last.message if isinstance(last, RunFailed) else ""
    waits = isinstance(last, RunFinished) and last.stop == "input_needed"
    if terminal and (problem or waits):
        await terminal.complain(problem or _WAITS)
    data: dict[str, JsonValue] = {"turn": turn, "text": "".join(text), "tools": tools}
    data |= {"problem": problem} if problem else {}
    data |= {"waits": True} if waits else {}
    return Heard(data, FOUND_SOMETHING if problem or waits else 0, tuple(changes))
