"""Where words were said: for each conversation the place that a search found, with what stands around them."""

import json
from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import accumulate

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session

from agentfabric.store.records import ConversationRecord, MessageRecord, TurnRecord
from user_agent.messages import Message

BEFORE_CHARS, AFTER_CHARS = 40, 90
"""How much of a message is shown around what was found in it."""


@dataclass(frozen=True, slots=True)
class Place:
    """The first place where the words stand, in what is shown of a conversation where they stand there at all."""

    turn: str
    before: str
    match: str
    """The words as they were written."""
    after: str


@dataclass(frozen=True, slots=True)
class _Found:
    place: Place
    rank: tuple[bool, int]
    """What is shown comes before other versions, and there what was said first."""


def searched(search: str) -> str:
    """What is really searched for: in lower case, with single spaces."""
    return " ".join(search.split()).lower()


def places(session: Session, agent_id: str, words: str) -> Mapping[str, Place]:
    """By conversation with the agent, the place where these `searched` words were said, whoever said them."""
    # The database sorts out most messages by one word, as it is stored in JSON; what is left is read.
    stored = json.dumps(words, ensure_ascii=False)[1:-1].split()
    wanted = _SAID
    if known := max(filter(_is_folded, stored), key=len, default=""):
        wanted = wanted.where(MessageRecord.body.icontains(known, autoescape=True))
    found: dict[str, _Found] = {}
    for conversation_id, turn, position, is_hidden, body in session.execute(wanted, {"agent_id": agent_id}):
        rank = (is_hidden, position)
        if (best := found.get(conversation_id)) is None or rank < best.rank:
            message = Message.model_validate_json(body)
            if message.role != "tool" and (place := _place(turn, message.text, words)):
                found[conversation_id] = _Found(place, rank)
    return {conversation_id: best.place for conversation_id, best in found.items()}


def _said() -> Select[str, str, int, bool, str]:
    """The messages of an agent's conversations, and of each whether another version hides it."""
    of_agent = (
        ConversationRecord.agent_id == bindparam("agent_id"),
        ConversationRecord.kind == "preview",
        ConversationRecord.deleted_at.is_(None),
    )
    head = select(TurnRecord.id, TurnRecord.parent).join(ConversationRecord, ConversationRecord.head == TurnRecord.id)
    shown = head.where(*of_agent).cte("shown", recursive=True)
    shown = shown.union_all(select(TurnRecord.id, TurnRecord.parent).join(shown, TurnRecord.id == shown.c.parent))
    return (
        select(
            MessageRecord.conversation_id,
            MessageRecord.turn_id,
            MessageRecord.position,
            shown.c.id.is_(None),
            MessageRecord.body,
        )
        .join(ConversationRecord, MessageRecord.conversation_id == ConversationRecord.id)
        .outerjoin(shown, shown.c.id == MessageRecord.turn_id)
        .where(*of_agent)
    )


# Made once: building a statement costs as much as running it.
_SAID = _said()


def _is_folded(word: str) -> bool:
    """Whether every database finds the word whatever its case: SQLite knows that of ASCII alone."""
    return word.isascii() or word.upper() == word.lower()


def _place(turn: str, said: str, words: str) -> Place | None:
    """Where the words stand in what was said; None where they do not."""
    text = " ".join(said.split())
    lowered = text.lower()
    if (start := lowered.find(words)) < 0:
        return None
    end = start + len(words)
    if len(lowered) != len(text):
        # A few capitals have more than one small letter: back to the letters that were written.
        ends = [*accumulate(len(letter.lower()) for letter in text)]
        start, end = bisect_right(ends, start), bisect_left(ends, end) + 1
    before, after = text[max(0, start - BEFORE_CHARS) : start], text[end : end + AFTER_CHARS]
    if start > BEFORE_CHARS:
        before = f"…{before.partition(' ')[2] or before}"
    if len(text) > end + AFTER_CHARS:
        after = f"{after.rpartition(' ')[0] or after}…"
    return Place(turn, before, text[start:end], after)
