"""How a message becomes a turn that runs, whoever says it to whose agent."""

from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from agentfabric.service.accounts import Account
from agentfabric.service.record import as_messages
from agentfabric.service.saying import attached, dropped_unless_begun
from agentfabric.store.conversations import ConversationStore
from agentfabric.store.files import FileStore
from agentfabric.store.records import ConversationKind
from agentfabric.store.repeats import Repeated
from user_agent.errors import Conflict
from user_agent.events import EventBase
from user_agent.messages import FilePart, user_message
from user_agent.serve.decisions import Decided, decided_message
from user_agent.serve.turns import Ending, Turns, TurnStarted
from user_agent.serve.uploads import Upload, sayable


@dataclass(frozen=True, slots=True)
class Place:
    """A conversation, whose it is, and with which agent. One of another agent or kind is `NotFound`."""

    speaker: str
    agent_id: str
    conversation_id: str
    kind: ConversationKind


@dataclass(frozen=True, slots=True)
class Begun:
    """A turn that a message began, or the same message before."""

    turn: str
    before: bool = False


@dataclass(frozen=True, slots=True)
class Beginning:
    """Begins turns and runs them."""

    conversations: ConversationStore
    files: FileStore
    turns: Turns
    process: str
    """A name for this process, new at every start: turns of earlier ones were interrupted."""

    async def say(
        self,
        place: Place,
        text: str | None,
        uploads: Sequence[Upload] = (),
        *,
        instead_of: str | None = None,
        key: str | None = None,
        also: Callable[[Session], object] | None = None,
    ) -> Begun:
        """Keep a message, and begin the turn that answers it. Raises `NotFound`, `Busy`, `EmptyMessage`, `TooLarge`.

        With `instead_of`, the new turn takes the place of that one: the files of its question stay, and so do its words
        where `text` is None. With `key`, the client's name for the message: one that comes again gives the turn that it
        began, and another message under the same name is `IdempotencyKeyReused`. `also` writes with it, or keeps the
        turn from beginning.
        """
        kept: tuple[FilePart, ...] = ()
        if instead_of is not None:
            asked = await self.conversations.question(place.speaker, instead_of)
            instead_of = asked.turn
            kept = tuple(part for part in asked.message.parts if isinstance(part, FilePart))
            text = asked.message.text if text is None else text
        said = sayable(text or "", files=bool(uploads or kept))
        parts = await attached(
            self.files,
            uploads,
            user=place.speaker,
            agent_id=place.agent_id,
            conversation_id=place.conversation_id,
        )
        try:
            async with dropped_unless_begun(self.files, place.speaker, parts):
                turn_id = await self.conversations.begin_turn(
                    place.speaker,
                    place.conversation_id,
                    user_message(said, *kept, *parts),
                    self.process,
                    agent_id=place.agent_id,
                    kind=place.kind,
                    instead_of=instead_of,
                    key=key,
                    also=also,
                )
        except Repeated as same:
            return Begun(same.turn, before=True)
        return Begun(turn_id)

    async def decide(
        self, place: Place, decided: Decided, *, key: str | None = None, also: Callable[[Session], object] | None = None
    ) -> Begun:
        """Go on after the calls in which a turn ended, as a turn of its own. Raises `NotWaiting`, `Busy`, `BadRequest`
        for a call that did not wait. `key` and `also` are as in `say`."""
        try:
            turn_id = await self.conversations.begin_turn(
                place.speaker,
                place.conversation_id,
                decided_message(decided),
                self.process,
                agent_id=place.agent_id,
                kind=place.kind,
                key=key,
                also=also,
            )
        except Repeated as same:
            return Begun(same.turn, before=True)
        return Begun(turn_id)

    def run(
        self,
        turn_id: str,
        events: AsyncGenerator[EventBase, None],
        account: Account | None = None,
        ended: Callable[[], None] | None = None,
    ) -> None:
        """Run a turn that the store knows, and store how it ends, with what it used; `ended` is called before that."""

        async def finish(events: list[EventBase], ending: Ending) -> None:
            if ended is not None:
                ended()
            try:
                await self.conversations.end_turn(
                    turn_id,
                    state=ending.state,
                    messages=as_messages(events, ending),
                    outcome=ending.last.model_dump_json(),
                    last_seq=ending.seq,
                    also=account.settling if account else None,
                )
            except Conflict:
                # Another process took this one for dead and ended the turn. What it used is counted all the same.
                if account is not None:
                    await account.settle()
                raise

        self.turns.start(turn_id, TurnStarted(turn=turn_id), events, finish)
