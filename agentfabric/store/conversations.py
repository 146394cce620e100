"""Conversations, their turns and their messages."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, cast

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from agentfabric.store.database import Database
from agentfabric.store.owned import owned
from agentfabric.store.records import (
    AgentRecord,
    ConversationKind,
    ConversationRecord,
    FileRecord,
    MessageRecord,
    TurnRecord,
    TurnState,
    now,
)
from user_agent.config import cleaned
from user_agent.errors import Busy, Conflict, NotFound
from user_agent.messages import Message

MAX_TITLE_CHARS = 80

# Made once: building a statement costs as much as running it.
_RUNNING_TURN = select(TurnRecord.id).where(
    TurnRecord.conversation_id == bindparam("conversation_id"), TurnRecord.state == "running"
)
_LAST_POSITION = select(func.max(MessageRecord.position)).where(
    MessageRecord.conversation_id == bindparam("conversation_id")
)
_MESSAGES = (
    select(MessageRecord.id, MessageRecord.turn_id, MessageRecord.body)
    .where(MessageRecord.conversation_id == bindparam("conversation_id"))
    .order_by(MessageRecord.position)
)

EndState = Literal["finished", "failed", "stopped", "interrupted"]


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation. `busy` is the id of the turn that is running, None where none is."""

    id: str
    agent_id: str
    kind: ConversationKind
    title: str
    created: datetime
    busy: str | None


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """A message with the turn it came in."""

    id: str
    turn: str
    message: Message


@dataclass(frozen=True, slots=True)
class StoredTurn:
    """A turn. `outcome` is its final event as JSON, empty while it runs and where its process died."""

    id: str
    conversation_id: str
    state: TurnState
    outcome: str
    last_seq: int


class ConversationStore:
    """Each user's conversations. Those of somebody else, and of a deleted agent, are `NotFound`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def create(self, owner: str, agent_id: str, kind: ConversationKind) -> Conversation:
        """A new, empty conversation. Raises `Conflict` where the agent has its one builder conversation already."""

        def work(session: Session) -> Conversation:
            _require_agent(session, owner, agent_id, lock=True)
            if kind == "builder" and _builder(session, agent_id) is not None:
                raise Conflict("The agent has a builder conversation already.")
            return _add(session, owner, agent_id, kind)

        return await self._database.write(work)

    async def builder_of(self, owner: str, agent_id: str) -> Conversation:
        """The agent's one conversation with the builder, new where there is none yet."""

        def find(session: Session) -> Conversation | None:
            _require_agent(session, owner, agent_id)
            record = _builder(session, agent_id)
            return None if record is None else _conversation(session, record)

        def find_or_add(session: Session) -> Conversation:
            _require_agent(session, owner, agent_id, lock=True)
            return find(session) or _add(session, owner, agent_id, "builder")

        return await self._database.read(find) or await self._database.write(find_or_add)

    async def get(self, owner: str, conversation_id: str, agent_id: str | None = None) -> Conversation:
        """The conversation. With `agent_id`, one of another agent is `NotFound` too."""

        def work(session: Session) -> Conversation:
            record = _find(session, owner, conversation_id)
            if agent_id not in (None, record.agent_id):
                raise NotFound(f"The agent has no conversation {conversation_id!r}.")
            return _conversation(session, record)

        return await self._database.read(work)

    async def messages(self, owner: str, conversation_id: str) -> list[StoredMessage]:
        """Every message, in order."""

        def work(session: Session) -> list[StoredMessage]:
            _find(session, owner, conversation_id)
            return [
                StoredMessage(message_id, turn, Message.model_validate_json(body))
                for message_id, turn, body in session.execute(_MESSAGES, {"conversation_id": conversation_id})
            ]

        return await self._database.read(work)

    async def delete(self, owner: str, conversation_id: str) -> list[str]:
        """Forget the conversation with its messages and turns. Raises `Busy` while it is answering.

        The ids of the files that came with its messages are returned: deleting those is `FileStore`'s.
        """

        def work(session: Session) -> list[str]:
            record = _find(session, owner, conversation_id, lock=True)
            _require_idle(session, conversation_id)
            files = session.scalars(select(FileRecord.id).where(FileRecord.conversation_id == conversation_id)).all()
            session.delete(record)
            return [*files]

        return await self._database.write(work)

    async def begin_turn(
        self,
        owner: str,
        conversation_id: str,
        message: Message,
        process: str,
        *,
        agent_id: str | None = None,
        kind: ConversationKind | None = None,
    ) -> str:
        """The id of a new running turn, with the person's message stored. Raises `Busy` where one is running.

        With `agent_id` and `kind`, a conversation of another agent or kind is `NotFound` too.
        `process` names who runs it; see `interrupt_running`. The first message becomes the title.
        """

        def work(session: Session) -> str:
            conversation = _find(session, owner, conversation_id, lock=True)
            if agent_id not in (None, conversation.agent_id) or kind not in (None, conversation.kind):
                raise NotFound(f"The agent has no conversation {conversation_id!r}.")
            _require_idle(session, conversation_id)
            turn = TurnRecord(conversation_id=conversation_id, owner=owner, state="running", process=process)
            session.add(turn)
            session.flush()
            _append(session, turn, [message])
            if not conversation.title:
                conversation.title = cleaned(" ".join(message.text[:1_000].split())[:MAX_TITLE_CHARS])
            return turn.id

        return await self._database.write(work)

    async def end_turn(
        self, turn_id: str, *, state: EndState, messages: Sequence[Message], outcome: str, last_seq: int
    ) -> None:
        """Store how a running turn ended and what it said. Raises `NotFound`, or `Conflict` where it has ended."""

        def work(session: Session) -> None:
            turn = session.scalar(select(TurnRecord).where(TurnRecord.id == turn_id).with_for_update())
            if turn is None:
                raise NotFound(f"There is no turn {turn_id!r}.")
            if turn.state != "running":
                raise Conflict(f"The turn {turn_id!r} has ended already: {turn.state}.", state=turn.state)
            _append(session, turn, messages)
            turn.state, turn.outcome, turn.last_seq, turn.ended = state, outcome, last_seq, now()

        await self._database.write(work)

    async def turn(self, owner: str, turn_id: str) -> StoredTurn:
        def work(session: Session) -> StoredTurn:
            turn = owned(session, TurnRecord, owner, turn_id)
            _find(session, owner, turn.conversation_id)
            return StoredTurn(turn.id, turn.conversation_id, cast(TurnState, turn.state), turn.outcome, turn.last_seq)

        return await self._database.read(work)

    async def interrupt_running(self, process: str, *, note: Sequence[Message] = (), outcome: str = "") -> int:
        """Mark the running turns of every other process as interrupted, and say how many there were.

        Called at the start, when nobody else can be running any. Each conversation gets `note` at its end.
        """

        def work(session: Session) -> int:
            left = session.scalars(
                select(TurnRecord).where(TurnRecord.state == "running", TurnRecord.process != process)
            ).all()
            for turn in left:
                _append(session, turn, note)
                turn.state, turn.outcome, turn.ended = "interrupted", outcome, now()
            return len(left)

        return await self._database.write(work)

    async def running(self, owner: str, agent_id: str) -> list[str]:
        """The turns of the agent that are running, also where the agent was deleted."""
        wanted = (
            select(TurnRecord.id)
            .join(ConversationRecord, TurnRecord.conversation_id == ConversationRecord.id)
            .where(ConversationRecord.agent_id == agent_id, TurnRecord.owner == owner, TurnRecord.state == "running")
        )
        return await self._database.read(lambda session: [*session.scalars(wanted)])

    async def list(self, owner: str, agent_id: str) -> list[Conversation]:
        """The conversations with the agent itself, newest first."""

        def work(session: Session) -> list[Conversation]:
            _require_agent(session, owner, agent_id)
            wanted = (
                select(ConversationRecord, TurnRecord.id)
                .outerjoin(
                    TurnRecord,
                    (TurnRecord.conversation_id == ConversationRecord.id) & (TurnRecord.state == "running"),
                )
                .where(ConversationRecord.agent_id == agent_id, ConversationRecord.kind == "preview")
                .order_by(ConversationRecord.created.desc(), ConversationRecord.id)
            )
            return [_value(record, busy) for record, busy in session.execute(wanted)]

        return await self._database.read(work)


def _require_agent(session: Session, owner: str, agent_id: str, *, lock: bool = False) -> None:
    if owned(session, AgentRecord, owner, agent_id, lock=lock).deleted_at is not None:
        raise NotFound(f"There is no agent {agent_id!r}.")


def _find(session: Session, owner: str, conversation_id: str, *, lock: bool = False) -> ConversationRecord:
    record = owned(session, ConversationRecord, owner, conversation_id, lock=lock)
    _require_agent(session, owner, record.agent_id)
    return record


def _builder(session: Session, agent_id: str) -> ConversationRecord | None:
    return session.scalar(
        select(ConversationRecord).where(ConversationRecord.agent_id == agent_id, ConversationRecord.kind == "builder")
    )


def _add(session: Session, owner: str, agent_id: str, kind: ConversationKind) -> Conversation:
    record = ConversationRecord(owner=owner, agent_id=agent_id, kind=kind)
    session.add(record)
    session.flush()
    return _value(record, None)


def _running(session: Session, conversation_id: str) -> str | None:
    return session.scalar(_RUNNING_TURN, {"conversation_id": conversation_id})


def _require_idle(session: Session, conversation_id: str) -> None:
    running = _running(session, conversation_id)
    if running is not None:
        raise Busy("The conversation is still answering. Stop it, or wait until it is done.", turn=running)


def _append(session: Session, turn: TurnRecord, messages: Sequence[Message]) -> None:
    last = session.scalar(_LAST_POSITION, {"conversation_id": turn.conversation_id})
    session.add_all(
        MessageRecord(conversation_id=turn.conversation_id, turn_id=turn.id, position=position, body=_body(message))
        for position, message in enumerate(messages, start=(last or 0) + 1)
    )


def _body(message: Message) -> str:
    """The message as JSON. A model may send half a character: that must not cost the rest of its answer."""
    return cleaned(json.dumps(message.model_dump(), ensure_ascii=False))


def _conversation(session: Session, record: ConversationRecord) -> Conversation:
    return _value(record, _running(session, record.id))


def _value(record: ConversationRecord, busy: str | None) -> Conversation:
    kind = cast(ConversationKind, record.kind)
    return Conversation(record.id, record.agent_id, kind, record.title, record.created, busy)
