"""Conversations of programs that do not bring theirs along: kept for a while, each for its caller alone."""

import asyncio
import secrets
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

from pydantic import TypeAdapter

from user_agent.errors import Busy, Conflict, NotFound
from user_agent.memory.window import size_chars
from user_agent.messages import Message
from user_agent.serve.brief_notes import BriefNotes
from user_agent.serve.keyed import Opened

MAX_TALKS = 50
"""Of one caller."""
MAX_CHARS = 400_000
"""How much of one is kept: of a longer one, its last turns."""
LOST_S = 60.0
"""After how long without a sign of life an answer counts as ended with the process that gave it."""
_MESSAGES = TypeAdapter(tuple[Message, ...])


@asynccontextmanager
async def alone(opened: Opened, talk: str, by: str) -> AsyncGenerator[Opened, None]:
    """What answers in a conversation, which answers nothing else until this ends, at no process: that would not know of
    this answer, and be written over it. `by` is a name for the answer. Raises `Busy`."""
    notes = opened.notes
    last = await notes.get("busy", talk)
    try:
        if last is not None and last.age_s < LOST_S:
            raise Conflict("It is answering.")
        await notes.put("busy", talk, by.encode(), follows=last.version if last else 0, at_most=MAX_TALKS)
    except Conflict as error:
        raise Busy("The conversation is still answering. Stop it, or wait until it is done.") from error

    async def still() -> None:
        await opened.still()
        await notes.touch("busy", talk)

    try:
        yield replace(opened, still=still)
    finally:
        # Also where a client has left, whose request is cancelled again at every step that it waits for.
        await asyncio.shield(asyncio.create_task(free(notes, talk, by)))


async def free(notes: BriefNotes, talk: str, by: str) -> None:
    """The conversation may answer again, where it is this answer that it waits for."""
    note = await notes.get("busy", talk)
    if note is not None and note.body == by.encode():
        await notes.delete("busy", talk)


async def messages_of(notes: BriefNotes, talk: str) -> tuple[Message, ...]:
    """What was said. Raises `NotFound` for a conversation of somebody else, and for one that is forgotten."""
    note = await notes.get("talk", talk)
    if note is None:
        raise NotFound(
            "There is no such conversation; one is forgotten after an hour without use. Begin a new one, and say "
            "again what the agent should know."
        )
    return _MESSAGES.validate_json(note.body)


async def keep(notes: BriefNotes, talk: str | None, messages: Sequence[Message]) -> str:
    """Keep all that was said, and give the name of the conversation: one that nobody can guess where it is None."""
    talk = talk or secrets.token_urlsafe(18)
    await notes.put("talk", talk, _MESSAGES.dump_json(_last_of(messages)), at_most=MAX_TALKS)
    return talk


def _last_of(messages: Sequence[Message]) -> tuple[Message, ...]:
    """As many whole turns at the end as are kept; the last one in any case."""
    starts = [number for number, message in enumerate(messages) if message.role == "user"]
    kept = starts[-1] if starts else 0
    for start in reversed(starts):
        if sum(map(size_chars, messages[start:])) > MAX_CHARS:
            break
        kept = start
    return tuple(messages[kept:])
