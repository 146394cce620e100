"""Conversations that are kept in memory: few enough, small enough, and gone when nobody goes on with them."""

import secrets
import time
from collections.abc import Collection, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import UTC, datetime

from user_agent.errors import Busy, Conflict, LimitReached, NotFound, TooLarge
from user_agent.messages import FilePart, Message
from user_agent.serve.conversations import StoredMessage, Thread, require_same, title_of
from user_agent.serve.decisions import decided_in, require_waits
from user_agent.serve.past import StoredSummary
from user_agent.serve.served import ServedFile
from user_agent.serve.talk import Talk, Turn
from user_agent.serve.turns import Ending


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much is kept."""

    conversations: int = 2_000
    """Of all visitors together; those that nobody went on with longest go first."""
    per_visitor: int = 50
    turns: int = 400
    """Of one conversation."""
    file_bytes: int = 60_000_000
    """What one conversation's files may come to."""
    all_file_bytes: int = 400_000_000
    idle_s: float = 24 * 3600.0
    """After so long a conversation that nobody went on with is gone."""


class Talks:
    """The conversations of one process. The first argument of each method is the visitor; what is another's is
    `NotFound`."""

    def __init__(self, bounds: Bounds | None = None) -> None:
        self.bounds = bounds or Bounds()
        self._talks: dict[str, Talk] = {}
        """In the order in which somebody last went on."""
        self._of_turn: dict[str, str] = {}
        self._of_file: dict[str, str] = {}

    def begin(self, visitor: str) -> Talk:
        """A new one. Older ones make room for it."""
        now = datetime.now(UTC)
        self._make_room(visitor)
        talk = Talk(secrets.token_hex(12), visitor, now, now, time.monotonic())
        self._talks[talk.id] = talk
        return talk

    def of(self, visitor: str) -> list[Talk]:
        """The visitor's, the one that went on last first."""
        self._forget_idle()
        return [talk for talk in reversed(self._talks.values()) if talk.visitor == visitor]

    @property
    def visitors(self) -> Set[str]:
        """Those who have a conversation in which something was said."""
        self._forget_idle()
        return {talk.visitor for talk in self._talks.values() if talk.head is not None}

    def get(self, visitor: str, talk_id: str) -> Talk:
        self._forget_idle()
        talk = self._talks.get(talk_id)
        if talk is None or talk.visitor != visitor:
            raise NotFound(f"There is no conversation {talk_id[:40]!r}.")
        return talk

    def of_turn(self, visitor: str, turn_id: str) -> Talk:
        return self.get(visitor, self._of_turn.get(turn_id, ""))

    def thread(self, talk: Talk) -> Thread:
        return Thread(talk.value, talk.shown, talk.tree.versions(talk.head))

    def question(self, talk: Talk, turn_id: str) -> tuple[str, Message]:
        """What the person said that the turn answers, and the turn that it began; where one goes on after a decision,
        that is an earlier one."""
        turn = talk.turns.get(turn_id)
        if turn is None:
            raise NotFound(f"The conversation has no turn {turn_id[:40]!r}.")
        said = turn.messages[0].message
        decided = decided_in(said)
        return self.question(talk, decided.turn) if decided else (turn_id, said)

    def repeated(self, talk: Talk, key: str | None, message: Message) -> str | None:
        """The turn that this message began when it came before. Raises `IdempotencyKeyReused`."""
        turn_id = talk.keys.get(key) if key else None
        if turn_id is not None:
            require_same(talk.turns[turn_id].messages[0].message, message)
        return turn_id

    def start(self, talk: Talk, message: Message, *, instead_of: str | None = None, key: str | None = None) -> str:
        """The id of a new turn, which runs. Raises `Busy`, `NotWaiting`, and `Conflict` where there are too many."""
        if talk.busy is not None:
            raise Busy("The conversation is still answering. Stop it, or wait until it is done.", turn=talk.busy)
        decided = decided_in(message)
        if decided:
            last = talk.turns.get(decided.turn)
            waits = last is not None and talk.head == decided.turn and last.state == "input_needed"
            require_waits(decided, is_last=waits, messages=[item.message for item in last.messages] if last else ())
        if len(talk.turns) >= self.bounds.turns:
            raise Conflict("This conversation is as long as one may be here. Begin another one.")
        parent = talk.head if instead_of is None else talk.turns[instead_of].parent
        turn_id = secrets.token_hex(12)
        talk.turns[turn_id] = Turn(parent, [StoredMessage(secrets.token_hex(8), turn_id, message)])
        talk.head, talk.title = turn_id, talk.title or title_of(message)
        talk.updated, talk.touched = datetime.now(UTC), time.monotonic()
        if key:
            talk.keys[key] = turn_id
        self._of_turn[turn_id] = talk.id
        self._talks[talk.id] = self._talks.pop(talk.id)
        return turn_id

    def end(self, talk: Talk, turn_id: str, ending: Ending, messages: Sequence[Message]) -> None:
        turn = talk.turns[turn_id]
        turn.messages += [StoredMessage(secrets.token_hex(8), turn_id, message) for message in messages]
        turn.ending = ending
        talk.updated, talk.touched = datetime.now(UTC), time.monotonic()

    def show(self, talk: Talk, turn_id: str) -> None:
        """Show that turn's version. Raises `NotFound` and `Busy`."""
        if talk.busy is not None:
            raise Busy("The conversation is still answering. Stop it, or wait until it is done.", turn=talk.busy)
        talk.head = talk.tree.last_after(turn_id)

    def keep(self, talk: Talk, file: ServedFile) -> FilePart:
        """Keep a file with a conversation. Conversations that rest and have more files make room for it.

        Raises `TooLarge` where there is none.
        """
        size = len(file.data)
        self._make_room_for(talk, size)
        together = sum(each.file_bytes for each in self._talks.values())
        if talk.file_bytes + size > self.bounds.file_bytes or together + size > self.bounds.all_file_bytes:
            limit = f"{self.bounds.file_bytes // 1_000_000} MB"
            raise TooLarge(f"There is no room for {file.name[:100]!r}: files are kept up to {limit}.", limit=limit)
        file_id = secrets.token_hex(12)
        talk.files[file_id] = file
        self._of_file[file_id] = talk.id
        return FilePart(file=file_id, name=file.name, media_type=file.media_type, size_bytes=size)

    def drop(self, talk: Talk, files: Collection[FilePart]) -> None:
        """Files of a message that did not begin a turn go again."""
        for part in files:
            talk.files.pop(part.file, None)
            self._of_file.pop(part.file, None)

    def file(self, visitor: str, file_id: str) -> ServedFile:
        talk_id = self._of_file.get(file_id)
        if talk_id is None:
            raise NotFound(f"There is no file {file_id[:40]!r}.")
        return self.get(visitor, talk_id).files[file_id]

    async def read(self, owner: str, file_id: str) -> bytes:
        """The bytes of a file of that conversation: it is what its files belong to."""
        talk = self._talks.get(owner)
        if talk is None:
            raise NotFound(f"There is no file {file_id[:40]!r}.")
        return talk.bytes_of(file_id)

    def delete(self, talk: Talk) -> None:
        """Raises `Busy` while it is answering."""
        if talk.busy is not None:
            raise Busy("The conversation is still answering. Stop it, or wait until it is done.", turn=talk.busy)
        self._forget(talk)

    def summaries(self, talk_id: str) -> Mapping[str, StoredSummary]:
        talk = self._talks.get(talk_id)
        return talk.summaries if talk else {}

    def keep_summary(self, talk_id: str, summary: StoredSummary) -> None:
        if talk := self._talks.get(talk_id):
            talk.summaries[summary.turn] = summary

    def gone(self, known: Collection[str]) -> list[str]:
        """Those of these conversations that are not there any more."""
        return [talk_id for talk_id in known if talk_id not in self._talks]

    def _make_room(self, visitor: str) -> None:
        self._forget_idle()
        theirs = [talk for talk in self._talks.values() if talk.visitor == visitor and talk.busy is None]
        if len(theirs) >= self.bounds.per_visitor:
            self._forget(theirs[0])
        if len(self._talks) >= self.bounds.conversations:
            idle = [talk for talk in self._talks.values() if talk.busy is None]
            # Whoever begins thousands without a word in any takes away nothing that somebody said.
            idle.sort(key=lambda talk: bool(talk.turns or talk.files))
            if not idle:
                raise LimitReached(
                    "So many talk with this agent just now that there is no room for more. Try again in a minute.",
                    retry_after_s=60,
                )
            self._forget(idle[0])

    def _make_room_for(self, talk: Talk, size: int) -> None:
        """Whoever filled the room makes way for whoever brings less, and not the other way round."""
        wanted = talk.file_bytes + size
        together = sum(each.file_bytes for each in self._talks.values()) + size
        resting = [each for each in self._talks.values() if each.busy is None and each is not talk]
        for each in sorted(resting, key=lambda each: -each.file_bytes):
            if together <= self.bounds.all_file_bytes or each.file_bytes <= wanted:
                return
            together -= each.file_bytes
            self._forget(each)

    def _forget_idle(self) -> None:
        limit = time.monotonic() - self.bounds.idle_s
        for talk in [talk for talk in self._talks.values() if talk.touched < limit and talk.busy is None]:
            self._forget(talk)

    def _forget(self, talk: Talk) -> None:
        del self._talks[talk.id]
        for turn_id in talk.turns:
            self._of_turn.pop(turn_id, None)
        for file_id in talk.files:
            self._of_file.pop(file_id, None)
