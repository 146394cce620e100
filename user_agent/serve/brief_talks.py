"""Conversations of programs that do not bring theirs along: kept for a while, each for its caller alone."""

import secrets
from collections.abc import Sequence

from pydantic import TypeAdapter

from user_agent.errors import NotFound
from user_agent.memory.window import size_chars
from user_agent.messages import Message
from user_agent.serve.brief_notes import BriefNotes

MAX_TALKS = 50
"""Of one caller."""
MAX_CHARS = 400_000
"""How much of one is kept: of a longer one, its last turns."""
_MESSAGES = TypeAdapter(tuple[Message, ...])


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
