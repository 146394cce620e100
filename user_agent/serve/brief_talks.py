"""Conversations of programs that do not bring theirs along: kept in memory for a while, each for its caller alone."""

import secrets
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from user_agent.errors import NotFound
from user_agent.memory.window import size_chars
from user_agent.messages import Message

IDLE_S = 3_600.0
MAX_TALKS = 1_000
"""Of all callers together; the one that rests longest goes first."""
MAX_TALKS_OF_ONE = 50
MAX_CHARS = 400_000
"""How much of one is kept: of a longer one, its last turns."""


@dataclass(slots=True)
class _Talk:
    visitor: str
    messages: tuple[Message, ...]
    used: float


class BriefTalks:
    """What was said, by an id that nobody can guess."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._talks: OrderedDict[str, _Talk] = OrderedDict()

    def messages(self, visitor: str, talk: str) -> tuple[Message, ...]:
        """Raises `NotFound` for one of somebody else, and for one that is forgotten."""
        self._forget()
        found = self._talks.get(talk)
        if found is None or found.visitor != visitor:
            raise NotFound(
                "There is no such conversation; one is forgotten after an hour without use. Begin a new one, and say "
                "again what the agent should know."
            )
        return found.messages

    def keep(self, visitor: str, talk: str | None, messages: Sequence[Message]) -> str:
        """Keep all that was said, and give the id of the conversation: a new one where `talk` is None."""
        talk = talk or secrets.token_urlsafe(18)
        self._talks[talk] = _Talk(visitor, _last_of(messages), self._clock())
        self._talks.move_to_end(talk)
        self._forget()
        return talk

    def _forget(self) -> None:
        oldest = self._clock() - IDLE_S
        count: Counter[str] = Counter()
        for place, (talk, value) in enumerate(reversed([*self._talks.items()])):
            count[value.visitor] += 1
            if value.used < oldest or count[value.visitor] > MAX_TALKS_OF_ONE or place >= MAX_TALKS:
                del self._talks[talk]


def _last_of(messages: Sequence[Message]) -> tuple[Message, ...]:
    """As many whole turns at the end as are kept; the last one in any case."""
    starts = [number for number, message in enumerate(messages) if message.role == "user"]
    kept = starts[-1] if starts else 0
    for start in reversed(starts):
        if sum(map(size_chars, messages[start:])) > MAX_CHARS:
            break
        kept = start
    return tuple(messages[kept:])
