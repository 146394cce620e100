"""How much is given to strangers: answers of a bundle, to one visitor and to everybody, and streams of any agent."""

import time
from collections import Counter, OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass

from user_agent.addresses import is_nearby, subscriber_of
from user_agent.errors import LimitFault, LimitReached

MOST_VISITORS = 10_000
"""Of so many it is remembered what they asked in the last minute."""
MINUTE_S = 60.0
STREAMS = 500
"""For everybody together."""
STREAMS_OF_A_VISITOR = 8
"""More than tabs that anybody looks at: a page lets go of its stream when nobody does."""
ANSWERS_OF_A_VISITOR = 8
"""Of a link, that are made at the same time: an answer goes on when whoever asked has left."""
STREAMS_FROM_AN_ADDRESS = 100
"""A school's, say. Not counted for addresses nearby, which may be a proxy's, with everybody behind it."""


@dataclass(frozen=True, slots=True)
class ServingLimits:
    """What is given away. Whoever runs the bundle sets them in the environment."""

    turns_per_minute: int = 12
    """For one visitor."""
    at_once: int = 20
    """Answers that are made at the same time, for all visitors together."""
    at_once_per_visitor: int = 3
    turns_per_day: int = 2_000
    """For all visitors together: what the keys of whoever runs it are spent on."""
    streams: int = STREAMS
    """Streams of events that are open at the same time, for all visitors together."""


class Gate:
    """Counts answers, in this process."""

    def __init__(self, limits: ServingLimits) -> None:
        self._limits = limits
        self._asked: OrderedDict[str, deque[float]] = OrderedDict()
        self._running: dict[str, int] = {}
        self._day: deque[float] = deque()

    def admit(self, visitor: str) -> None:
        """Count one more answer, which runs until `done`. Raises `LimitReached`, and then nothing is counted."""
        now = time.monotonic()
        asked = self._asked.get(visitor) or deque[float]()
        _forget(asked, now - MINUTE_S)
        _forget(self._day, now - 24 * 3600.0)
        if len(asked) >= self._limits.turns_per_minute:
            raise _reached("You have asked as much as one may in a minute.", asked[0] + MINUTE_S - now)
        if len(self._day) >= self._limits.turns_per_day:
            raise _reached("The agent has answered as much as it may in a day.", self._day[0] + 24 * 3600.0 - now)
        if self._running.get(visitor, 0) >= self._limits.at_once_per_visitor:
            raise _reached("The agent is answering you elsewhere already.", 5.0)
        if sum(self._running.values()) >= self._limits.at_once:
            raise _reached("The agent is answering as many as it can just now.", 5.0)
        self._running[visitor] = self._running.get(visitor, 0) + 1
        asked.append(now)
        self._day.append(now)
        self._asked[visitor] = asked
        self._asked.move_to_end(visitor)
        while len(self._asked) > MOST_VISITORS:
            self._asked.popitem(last=False)

    def done(self, visitor: str) -> None:
        """The answer that was admitted is over."""
        self._running[visitor] -= 1
        if not self._running[visitor]:
            del self._running[visitor]


class Streams:
    """Counts streams of events that are open, in this process: each holds a connection as long as its reader likes."""

    def __init__(self, most: int = STREAMS) -> None:
        self._most = most
        self._open = 0
        self._held: Counter[str] = Counter()

    def admit(self, visitor: str, address: str) -> Callable[[], None]:
        """Count one more until what this gives is called. Raises `LimitReached`, and then nothing is counted."""
        held = {f"of {visitor}": STREAMS_OF_A_VISITOR}
        if not is_nearby(address):
            held[f"from {subscriber_of(address)}"] = STREAMS_FROM_AN_ADDRESS
        if any(self._held[name] >= most for name, most in held.items()):
            raise too_many_of_one()
        if self._open >= self._most:
            raise too_many_of_all()
        self._open += 1
        self._held.update(held.keys())

        def over() -> None:
            self._open -= 1
            self._held.subtract(held.keys())
            for name in held:
                if not self._held[name]:
                    del self._held[name]

        return over


def too_many_of_one() -> LimitReached:
    """What is raised where one visitor has more answers open than is given to one."""
    return _reached("Too many answers are open where you are. Close other windows of this agent.", 5.0, "streams")


def too_many_of_all() -> LimitReached:
    """What is raised where all visitors together have as many answers open as there may be."""
    return _reached("As many answers are open here as there may be.", 5.0, "streams")


def _forget(moments: deque[float], before: float) -> None:
    while moments and moments[0] < before:
        moments.popleft()


def _reached(why: str, seconds: float, fault: LimitFault | None = None) -> LimitReached:
    wait = max(1, round(seconds))
    return LimitReached(f"{why} Try again in {wait} seconds.", retry_after_s=wait, fault=fault)
