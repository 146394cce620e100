"""Conversations, their turns and their messages."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, cast

from sqlalchemy import bindparam, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from agentfabric.store.base import now
from agentfabric.store.database import Database
from agentfabric.store.heads import Conversation, conversation_value
from agentfabric.store.owned import living_agent, living_conversation, locked_conversation, owned
from agentfabric.store.records import ConversationKind, ConversationRecord, MessageRecord, TurnRecord, TurnState
from agentfabric.store.repeats import require_new
from agentfabric.store.rows import add_turn, append, configured, end_turn, ending, require_living, show_turn
from agentfabric.store.threads import SHOWN_MESSAGES, Tree, parent_of, raise_busy, require_idle
from agentfabric.store.waiting import require_waiting
from user_agent.config import AgentConfig
from user_agent.errors import Busy, Conflict, NotFound, NotWaiting
from user_agent.messages import Message
from user_agent.serve.conversations import StoredMessage, Thread, title_of
from user_agent.serve.decisions import decided_in

# Made once: building a statement costs as much as running it.
_QUESTION = (
    select(MessageRecord.body)
    .where(MessageRecord.turn_id == bindparam("turn_id"))
    .order_by(MessageRecord.position)
    .limit(1)
)

EndState = Literal["finished", "input_needed", "failed", "stopped", "interrupted"]


@dataclass(frozen=True, slots=True)
class Question:
    """What a person said, and the turn that it began."""

    turn: str
    message: Message


@dataclass(frozen=True, slots=True)
class Shown(Thread):
    """What is shown of a conversation, and when."""

    started: Mapping[str, datetime]
    """When each turn began, shown or not."""


@dataclass(frozen=True, slots=True)
class Material:
    """What an answer is made from: the agent as it is configured, and what was said."""

    config: AgentConfig
    messages: Sequence[StoredMessage]


@dataclass(frozen=True, slots=True)
class StoredTurn:
    """A turn. `outcome` is its final event as JSON, empty while it runs and where its process died."""

    id: str
    conversation_id: str
    state: TurnState
    outcome: str
    last_seq: int


class ConversationStore:
    """What is said in each user's conversations. Those of somebody else, and what was deleted, are `NotFound`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def create(
        self,
        owner: str,
        agent_id: str,
        kind: ConversationKind,
        *,
        visitor: str | None = None,
        also: Callable[[Session], object] | None = None,
    ) -> Conversation:
        """A new, empty conversation, which is the `visitor`'s where there is one, and else the agent's owner's.

        Raises `Conflict` where the agent has its one builder conversation already. What is `also` written is written
        with it, or with none of it.
        """

        def work(session: Session) -> Conversation:
            living_agent(session, owner, agent_id, lock=True)
            if kind == "builder" and _builder(session, agent_id) is not None:
                raise Conflict("The agent has a builder conversation already.")
            if also is not None:
                also(session)
            return _add(session, visitor or owner, agent_id, kind)

        return await self._database.write(work)

    async def builder_of(self, owner: str, agent_id: str) -> Conversation:
        """The agent's one conversation with the builder, new where there is none yet."""

        def find(session: Session) -> Conversation | None:
            living_agent(session, owner, agent_id)
            record = _builder(session, agent_id)
            return None if record is None else _conversation(session, record)

        def find_or_add(session: Session) -> Conversation:
            living_agent(session, owner, agent_id, lock=True)
            return find(session) or _add(session, owner, agent_id, "builder")

        return await self._database.read(find) or await self._database.write(find_or_add)

    async def get(self, owner: str, conversation_id: str, agent_id: str | None = None) -> Conversation:
        """The conversation. With `agent_id`, one of another agent is `NotFound` too."""

        def work(session: Session) -> Conversation:
            record = living_conversation(session, owner, conversation_id)
            if agent_id not in (None, record.agent_id):
                raise NotFound(f"The agent has no conversation {conversation_id!r}.")
            return _conversation(session, record)

        return await self._database.read(work)

    async def messages(self, owner: str, conversation_id: str) -> list[StoredMessage]:
        """What is shown of it, in order."""

        def work(session: Session) -> list[StoredMessage]:
            require_living(session, owner, conversation_id)
            return _messages(session, conversation_id)

        return await self._database.read(work)

    async def material(self, owner: str, conversation_id: str) -> Material:
        """What an answer is made from, all of one moment."""

        def work(session: Session) -> Material:
            document = configured(session, owner, conversation_id)
            return Material(AgentConfig.from_json(document), _messages(session, conversation_id))

        return await self._database.read(work)

    async def shown(self, owner: str, conversation_id: str) -> Shown:
        """What a page draws of it, all of one moment."""

        def work(session: Session) -> Shown:
            record = living_conversation(session, owner, conversation_id)
            tree = Tree(session, record.id)
            conversation, messages = _conversation(session, record), _messages(session, record.id)
            return Shown(conversation, messages, tree.versions(record.head), tree.started)

        return await self._database.read(work)

    async def show(self, owner: str, conversation_id: str, turn_id: str) -> None:
        """Show that turn's version, with what came after it. Raises `NotFound`, and `Busy` while it is answering."""

        def work(session: Session) -> None:
            record = living_conversation(session, owner, conversation_id, lock=True)
            require_idle(session, conversation_id)
            record.head = Tree(session, record.id).last_after(turn_id)

        await self._database.write(work)

    async def question(self, owner: str, turn_id: str) -> Question:
        """What the person said that the turn answers; where one goes on after a decision, it is an earlier turn's."""

        def first(session: Session, turn_id: str) -> Question:
            said = Message.model_validate_json(session.execute(_QUESTION, {"turn_id": turn_id}).scalar_one())
            decided = decided_in(said)
            return first(session, decided.turn) if decided else Question(turn_id, said)

        def work(session: Session) -> Question:
            turn = owned(session, TurnRecord, owner, turn_id)
            living_conversation(session, owner, turn.conversation_id)
            return first(session, turn.id)

        return await self._database.read(work)

    async def begin_turn(
        self,
        owner: str,
        conversation_id: str,
        message: Message,
        process: str,
        *,
        agent_id: str | None = None,
        kind: ConversationKind | None = None,
        instead_of: str | None = None,
        key: str | None = None,
        also: Callable[[Session], object] | None = None,
    ) -> str:
        """The id of a new running turn, with the person's message stored. Raises `Busy` where one is running.

        With `agent_id` and `kind`, a conversation of another agent or kind is `NotFound` too. It follows what is shown,
        or takes the place of the turn `instead_of`, which is kept with all that came after it.
        `process` names who runs it; see `RunningTurns`. The first message becomes the title. `key` is what the
        client calls the message: raises `Repeated` where it came before, `IdempotencyKeyReused` where another did.
        A message that decides on calls raises `NotWaiting` where they wait no more. What is `also` written is written
        with all this, or with none of it.
        """

        def work(session: Session) -> str:
            conversation = locked_conversation(session, owner, conversation_id)
            if agent_id not in (None, conversation.agent_id) or kind not in (None, conversation.kind):
                raise NotFound(f"The agent has no conversation {conversation_id!r}.")
            if (decided := decided_in(message)) is not None:
                require_waiting(session, conversation.head, decided)
            raise_busy(conversation.running)
            parent = parent_of(session, conversation_id, instead_of) if instead_of else conversation.head
            turn_id = add_turn(session, owner, conversation_id, parent, process, key)
            append(session, conversation_id, turn_id, [message], after=conversation.last)
            show_turn(session, conversation_id, turn_id, title=conversation.title or title_of(message))
            if also is not None:
                also(session)
            return turn_id

        try:
            return await self._database.write(work)
        except (Busy, NotWaiting, IntegrityError):
            if key is not None:
                await self._database.read(lambda session: require_new(session, conversation_id, key, message))
            raise

    async def end_turn(
        self,
        turn_id: str,
        *,
        state: EndState,
        messages: Sequence[Message],
        outcome: str,
        last_seq: int,
        also: Callable[[Session], object] | None = None,
    ) -> None:
        """Store how a running turn ended and what it said. Raises `NotFound`, or `Conflict` where it has ended.

        What is `also` written is written with it, or with none of it."""

        def work(session: Session) -> None:
            conversation_id, last = ending(session, turn_id)
            append(session, conversation_id, turn_id, messages, after=last)
            end_turn(session, turn_id, state=state, outcome=outcome, last_seq=last_seq, ended=now())
            if also is not None:
                also(session)

        await self._database.write(work)

    async def turn(self, owner: str, turn_id: str) -> StoredTurn:
        def work(session: Session) -> StoredTurn:
            turn = owned(session, TurnRecord, owner, turn_id)
            living_conversation(session, owner, turn.conversation_id)
            return StoredTurn(turn.id, turn.conversation_id, cast(TurnState, turn.state), turn.outcome, turn.last_seq)

        return await self._database.read(work)

    async def running(self, owner: str, agent_id: str) -> list[str]:
        """The turns of the agent that are running, also where the agent was deleted."""
        wanted = (
            select(TurnRecord.id)
            .join(ConversationRecord, TurnRecord.conversation_id == ConversationRecord.id)
            .where(ConversationRecord.agent_id == agent_id, TurnRecord.owner == owner, TurnRecord.state == "running")
        )
        return await self._database.read(lambda session: [*session.scalars(wanted)])


def _builder(session: Session, agent_id: str) -> ConversationRecord | None:
    return session.scalar(
        select(ConversationRecord).where(
            ConversationRecord.agent_id == agent_id,
            ConversationRecord.kind == "builder",
            ConversationRecord.deleted_at.is_(None),
        )
    )


def _add(session: Session, owner: str, agent_id: str, kind: ConversationKind) -> Conversation:
    record = ConversationRecord(owner=owner, agent_id=agent_id, kind=kind)
    session.add(record)
    session.flush()
    return conversation_value(record, None)


def _messages(session: Session, conversation_id: str) -> list[StoredMessage]:
    return [
        StoredMessage(message_id, turn, Message.model_validate_json(body))
        for message_id, turn, body in session.connection().execute(SHOWN_MESSAGES, {"conversation_id": conversation_id})
    ]


def _conversation(session: Session, record: ConversationRecord) -> Conversation:
    return conversation_value(record, None if record.head is None else session.get(TurnRecord, record.head))
