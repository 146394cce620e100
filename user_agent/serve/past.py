"""What a model is shown of a conversation: its end, and a summary of what came before, which is kept."""

from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Literal, Protocol

import structlog

from user_agent.errors import StorageFailed
from user_agent.events import HistorySummarised, HistorySummarising, Usage
from user_agent.memory.summary import as_message, longest_chars, summarise
from user_agent.memory.tokens import Room
from user_agent.memory.window import size_of, window_start
from user_agent.messages import DataPart, Message
from user_agent.models.base import ChatModel
from user_agent.serve.conversations import StoredMessage
from user_agent.serve.record import shown_by_turn
from user_agent.words import Language

GUIDE_HISTORY = Room(chars=60_000)
"""How much the guide is shown. It needs no summary of the rest: it reads what the last messages are about."""

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


Author = Literal["model", "rules"]


@dataclass(frozen=True, slots=True)
class StoredSummary:
    """What was said up to `turn`, that one included."""

    turn: str
    text: str
    by: Author


class Summaries(Protocol):
    """Where summaries are kept: each belongs to the turn up to which it covers its branch."""

    async def of(self, conversation_id: str, turns: Collection[str]) -> Mapping[str, StoredSummary]:
        """Those that end with one of these turns, by turn."""
        ...

    async def keep(self, conversation_id: str, summary: StoredSummary) -> None:
        """In the place of another that ends there. May raise `StorageFailed`."""
        ...


@dataclass(slots=True)
class Past:
    """One conversation, fitted into the room of one turn."""

    store: Summaries
    conversation: str
    stored: Sequence[StoredMessage]
    language: Language
    model: ChatModel | None
    """Who writes the summary; None where nobody needs one."""
    messages: tuple[Message, ...] = field(default=(), init=False)
    """What the model is shown, once `fit` is over."""
    usage: Usage = field(default=Usage(), init=False)
    """What a summary cost."""

    async def fit(self, room: Room) -> AsyncGenerator[HistorySummarising | HistorySummarised, None]:
        """Choose `messages`, with a summary before them where some are left out. Tells of one that the person has not
        seen on this branch. Whatever fails, `messages` are there."""
        turns = shown_by_turn(self.stored)
        messages = tuple(message for turn in turns for message in turn.messages)
        start = window_start(messages, room)
        self.messages = messages[start:]
        if start == 0 or self.model is None:
            return
        ends = [0, *accumulate(len(turn.messages) for turn in turns)]
        kept = await self._newest([turn.id for turn in turns])
        covered = next((place for place, turn in enumerate(turns, start=1) if kept and turn.id == kept.turn), 0)
        if kept is not None:
            shown = as_message(kept.text[: longest_chars(room)], self.language)
            start = window_start(messages, room.without(size_of(shown)))
        if kept is None or ends[covered] < start:
            # Half of the room, so that the next turns find what they need.
            start = window_start(messages, room.half)
            covered_now = ends.index(start)
            yield HistorySummarising(turns=covered_now)
            begin = ends[covered] if kept and kept.by == "model" else 0
            summary = await summarise(
                self.model,
                messages[begin:start],
                self.language,
                earlier=kept.text if kept and begin else "",
                chars=longest_chars(room),
            )
            self.usage += summary.usage
            kept, covered = StoredSummary(turns[covered_now - 1].id, summary.text, summary.by), covered_now
            await self._keep(kept)
        self.messages = (as_message(kept.text[: longest_chars(room)], self.language), *messages[start:])
        if kept.turn not in _told_of(self.stored):
            yield HistorySummarised(turns=covered, until=kept.turn, text=kept.text, by=kept.by)

    async def _newest(self, turns: Sequence[str]) -> StoredSummary | None:
        found = await self.store.of(self.conversation, turns)
        return next((found[turn] for turn in reversed(turns) if turn in found), None)

    async def _keep(self, summary: StoredSummary) -> None:
        try:
            await self.store.keep(self.conversation, summary)
        except StorageFailed as error:
            log.warning("summary_not_kept", reason=error.message)


def _told_of(stored: Sequence[StoredMessage]) -> set[str]:
    """The turns that end summaries of which this branch tells already."""
    parts = (part for item in stored for part in item.message.parts if isinstance(part, DataPart))
    return {str(part.data["until"]) for part in parts if part.kind == "summary" and isinstance(part.data, dict)}
