"""A person's conversations with an agent as things: a list with names, what is put away, what is erased."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, delete, or_, select
from sqlalchemy.orm import Session

from agentfabric.store.base import now
from agentfabric.store.database import Database
from agentfabric.store.heads import Conversation, conversation_value
from agentfabric.store.owned import living_agent, living_conversation, owned
from agentfabric.store.records import ConversationKind, ConversationRecord, FactRecord, FileRecord, TurnRecord
from agentfabric.store.searching import Place, places, searched
from agentfabric.store.threads import require_idle
from user_agent.errors import BadRequest, Conflict, NotFound
from user_agent.serve.conversations import title_from

ERASED_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class FoundConversation:
    """A conversation that a search found. `place` is None where its title alone says the words."""

    conversation: Conversation
    place: Place | None


@dataclass(frozen=True, slots=True)
class LeftFile:
    """A file whose conversation was erased."""

    owner: str
    id: str


@dataclass(frozen=True, slots=True)
class Erased:
    """The conversations that are gone, by id, and the files that came with them."""

    conversations: Sequence[str]
    files: Sequence[LeftFile]


class Shelf:
    """Each user's conversations. Those of somebody else, and of a deleted agent, are `NotFound`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def visits(self, visitor: str, agent_id: str) -> list[Conversation]:
        """The conversations of somebody else with the agent, in the same order."""
        return await self._database.read(lambda session: _of_kind(session, agent_id, "visit", visitor))

    async def list(self, owner: str, agent_id: str) -> list[Conversation]:
        """The conversations with the agent itself, the last to go on first."""
        return await self._database.read(lambda session: _listed(session, owner, agent_id))

    async def search(self, owner: str, agent_id: str, search: str) -> Sequence[FoundConversation]:
        """Of those listed the ones whose title or messages say this, in the same order; all where it says nothing."""

        def work(session: Session) -> list[FoundConversation]:
            listed = _listed(session, owner, agent_id)
            words = searched(search)
            found: Mapping[str, Place] = places(session, agent_id, words) if words else {}
            return [
                FoundConversation(item, found.get(item.id))
                for item in listed
                if words in item.title.lower() or item.id in found
            ]

        return await self._database.read(work)

    async def rename(self, owner: str, conversation_id: str, title: str) -> None:
        """Raises `BadRequest` for a title without a letter."""

        def work(session: Session) -> None:
            named = title_from(title)
            if not named:
                raise BadRequest("The title is empty. Write at least one word.")
            living_conversation(session, owner, conversation_id, lock=True).title = named

        await self._database.write(work)

    async def put_away(self, owner: str, conversation_id: str) -> None:
        """Take a conversation out of sight; `bring_back` undoes it. Raises `Busy` while it is answering."""

        def work(session: Session) -> None:
            record = living_conversation(session, owner, conversation_id, lock=True)
            require_idle(session, conversation_id)
            record.deleted_at = now()

        await self._database.write(work)

    async def bring_back(self, owner: str, agent_id: str, conversation_id: str) -> None:
        """Bring back what was put away, as it was. Nothing happens to one that was not."""

        def work(session: Session) -> None:
            living_agent(session, owner, agent_id)
            record = owned(session, ConversationRecord, owner, conversation_id, lock=True)
            if (record.agent_id, record.kind) != (agent_id, "preview"):
                raise NotFound(f"The agent has no conversation {conversation_id!r}.")
            record.deleted_at = None

        await self._database.write(work)

    async def bring_back_builder(self, owner: str, agent_id: str) -> None:
        """Bring back the last conversation with the builder that was put away.

        Raises `NotFound` where there is none, and `Conflict` where a new one has begun.
        """

        def work(session: Session) -> None:
            living_agent(session, owner, agent_id, lock=True)
            of_agent = select(ConversationRecord).where(
                ConversationRecord.agent_id == agent_id, ConversationRecord.kind == "builder"
            )
            away = of_agent.where(ConversationRecord.deleted_at.is_not(None))
            last = session.scalars(away.order_by(ConversationRecord.deleted_at.desc()).limit(1)).first()
            if last is None:
                raise NotFound("No conversation with the builder was put away.")
            living = session.scalar(of_agent.where(ConversationRecord.deleted_at.is_(None)))
            if living is not None and living.head is not None:
                raise Conflict("A new conversation with the builder has begun. Delete it first.")
            if living is not None:
                session.delete(living)
                session.flush()
            last.deleted_at = None

        await self._database.write(work)

    async def erase(self, put_away_before: datetime) -> Erased:
        """Erase what was put away before that moment, of every user, and what single answers left before it.

        Gives the files that came with it: deleting those is `FileStore`'s.
        """
        left = and_(ConversationRecord.kind == "call", ConversationRecord.created < put_away_before)
        old = select(ConversationRecord).where(or_(ConversationRecord.deleted_at < put_away_before, left))
        # The server ended after their conversation was erased, and before they were.
        orphans = select(FileRecord.owner, FileRecord.id).where(
            FileRecord.conversation_id.is_(None), FileRecord.purpose.in_(("attachment", "artefact"))
        )

        def work(session: Session) -> Erased:
            orphaned = [LeftFile(*row) for row in session.execute(orphans)]
            erased = _erase(session, session.scalars(old).all())
            return Erased(erased.conversations, [*orphaned, *erased.files])

        return await self._database.write(work)

    async def erase_silent(self, since: datetime) -> Erased:
        """Erase conversations of visitors who said and began nothing since that moment, and what was noted of them.

        A part at a time: until it gives none.
        """
        visits = select(ConversationRecord).where(ConversationRecord.kind == "visit")
        began = select(ConversationRecord.owner).where(ConversationRecord.created >= since)
        spoke = select(TurnRecord.owner).where(TurnRecord.started >= since)
        silent = visits.where(ConversationRecord.owner.not_in(began), ConversationRecord.owner.not_in(spoke))

        def work(session: Session) -> Erased:
            records = session.scalars(silent.limit(ERASED_AT_ONCE)).all()
            visitors = {record.owner for record in records}
            session.execute(delete(FactRecord).where(FactRecord.owner.in_(visitors)))
            return _erase(session, records)

        return await self._database.write(work)

    async def erase_empty(self, begun_before: datetime) -> Erased:
        """Erase what visitors began before that moment without a word. A part at a time: until it gives none."""
        visits = select(ConversationRecord).where(ConversationRecord.kind == "visit", ConversationRecord.head.is_(None))
        old = visits.where(ConversationRecord.created < begun_before).limit(ERASED_AT_ONCE)
        return await self._database.write(lambda session: _erase(session, session.scalars(old).all()))

    async def discard(self, owner: str, conversation_id: str) -> Erased:
        """Erase one conversation now. Raises `Busy` while it is answering."""

        def work(session: Session) -> Erased:
            record = living_conversation(session, owner, conversation_id, lock=True)
            require_idle(session, conversation_id)
            return _erase(session, [record])

        return await self._database.write(work)


def _erase(session: Session, records: Sequence[ConversationRecord]) -> Erased:
    gone = [record.id for record in records]
    wanted = select(FileRecord.owner, FileRecord.id).where(FileRecord.conversation_id.in_(gone))
    files = [LeftFile(*row) for row in session.execute(wanted)]
    for record in records:
        session.delete(record)
    return Erased(gone, files)


def _listed(session: Session, owner: str, agent_id: str) -> list[Conversation]:
    living_agent(session, owner, agent_id)
    return _of_kind(session, agent_id, "preview", owner)


def _of_kind(session: Session, agent_id: str, kind: ConversationKind, owner: str) -> list[Conversation]:
    wanted = (
        select(ConversationRecord, TurnRecord)
        .outerjoin(TurnRecord, TurnRecord.id == ConversationRecord.head)
        .where(
            ConversationRecord.agent_id == agent_id,
            ConversationRecord.kind == kind,
            ConversationRecord.owner == owner,
            ConversationRecord.deleted_at.is_(None),
        )
    )
    found = [conversation_value(record, head) for record, head in session.execute(wanted)]
    return sorted(found, key=lambda item: (item.updated, item.id), reverse=True)
