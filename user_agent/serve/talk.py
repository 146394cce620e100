"""A conversation that is kept in memory, with its turns and its files."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from user_agent.errors import NotFound
from user_agent.messages import FilePart, Message
from user_agent.models.base import FileContent
from user_agent.serve.conversations import ConversationHead, StoredMessage
from user_agent.serve.past import StoredSummary
from user_agent.serve.served import ServedFile
from user_agent.serve.tree import TurnTree
from user_agent.serve.turns import Ending, Envelope, TurnStarted, TurnState

_FAILED = ("failed", "interrupted")


@dataclass(slots=True)
class Turn:
    """A question and what came of it."""

    parent: str | None
    messages: list[StoredMessage]
    ending: Ending | None = None
    """None while it runs."""

    @property
    def state(self) -> TurnState | None:
        return self.ending.state if self.ending else None

    async def replayed(self, turn_id: str, after: int) -> AsyncGenerator[list[Envelope], None]:
        """Of a turn that ended long ago, its first event and its last, after number `after`."""
        if after < 1:
            yield [Envelope(1, TurnStarted(turn=turn_id))]
        if self.ending and after < self.ending.seq:
            yield [Envelope(self.ending.seq, self.ending.last)]


@dataclass(slots=True)
class Talk:
    """One conversation."""

    id: str
    visitor: str
    created: datetime
    updated: datetime
    touched: float
    title: str = ""
    head: str | None = None
    turns: dict[str, Turn] = field(default_factory=dict[str, Turn])
    keys: dict[str, str] = field(default_factory=dict[str, str])
    """The turns that messages began, by the client's names for these."""
    files: dict[str, ServedFile] = field(default_factory=dict[str, ServedFile])
    summaries: dict[str, StoredSummary] = field(default_factory=dict[str, StoredSummary])
    stored: dict[str, str] = field(default_factory=dict[str, str])
    """What the agent's `storage` holds."""

    @property
    def tree(self) -> TurnTree:
        failed = {turn_id for turn_id, turn in self.turns.items() if turn.state in _FAILED}
        return TurnTree({turn_id: turn.parent for turn_id, turn in self.turns.items()}, failed)

    @property
    def shown(self) -> list[StoredMessage]:
        return [message for turn in self.tree.shown(self.head) for message in self.turns[turn].messages]

    @property
    def busy(self) -> str | None:
        return next((turn_id for turn_id, turn in self.turns.items() if turn.state is None), None)

    @property
    def value(self) -> ConversationHead:
        waits = self.head is not None and self.turns[self.head].state == "input_needed"
        return ConversationHead(
            self.id, self.title, self.created, self.updated, self.head, self.busy, self.head if waits else None
        )

    @property
    def parts(self) -> list[FilePart]:
        """Its files, the oldest first."""
        return [
            FilePart(file=file_id, name=file.name, media_type=file.media_type, size_bytes=len(file.data))
            for file_id, file in self.files.items()
        ]

    def bytes_of(self, file_id: str) -> bytes:
        if file_id not in self.files:
            raise NotFound(f"There is no file {file_id[:40]!r}.")
        return self.files[file_id].data

    def pictures(self, messages: Sequence[Message]) -> dict[str, FileContent]:
        """The contents of the pictures that came with messages, by id."""
        parts = [part for message in messages for part in message.parts if isinstance(part, FilePart)]
        return {
            part.file: FileContent(part.name, part.media_type, self.bytes_of(part.file))
            for part in parts
            if part.media_type.startswith("image/") and part.file in self.files
        }

    @property
    def file_bytes(self) -> int:
        return sum(len(file.data) for file in self.files.values())
