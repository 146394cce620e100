"""What is kept for a program for a while: the conversations that it does not bring along, and its tasks."""

import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from user_agent.errors import Conflict

NoteKind = Literal["talk", "busy", "task"]
"""A conversation, that it is answering, a task."""
KEPT_S = 3_600.0
"""How long after it was written or touched last."""
MAX_NOTES, MAX_BYTES = 2_000, 200_000_000
"""Of all callers together, where they are in memory; the one that rests longest goes first."""
UNGUESSABLE_CHARS = 20
"""How long a name at least is that was made here."""


@dataclass(frozen=True, slots=True)
class Note:
    """Something that is kept."""

    body: bytes
    version: int
    """How often it was written."""
    age_s: float
    """How long ago it was written or touched last."""


class BriefNotes(Protocol):
    """The notes of one caller. Nobody else reads them. Each is forgotten an hour after it was used last."""

    async def get(self, kind: NoteKind, name: str) -> Note | None: ...

    async def all(self, kind: NoteKind) -> Sequence[Note]:
        """Those of a kind, in no order."""
        ...

    async def put(self, kind: NoteKind, name: str, body: bytes, *, follows: int | None = None, at_most: int) -> int:
        """Keep it in the place of what was there, and give its version. Of more than `at_most` the oldest go.

        With `follows`, raises `Conflict` unless that is the version which is there: 0 where none is.
        """
        ...

    async def touch(self, kind: NoteKind, name: str) -> None:
        """It is in use yet. Its version stays."""
        ...

    async def delete(self, kind: NoteKind, name: str) -> None: ...


class NotesInMemory:
    """Those of all callers of a server of one process."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._notes: OrderedDict[_Place, _Written] = OrderedDict()

    def of(self, caller: str, *, anybody: bool = False) -> BriefNotes:
        """Those of a caller. Where that may be `anybody`, each sees what they name, by a name that nobody can guess."""
        return _Of(self, caller, anybody)

    def get(self, place: "_Place") -> Note | None:
        self._forget()
        found = self._notes.get(place)
        return found and self._note(found)

    def all(self, caller: str, kind: NoteKind) -> Sequence[Note]:
        self._forget()
        return [self._note(written) for place, written in self._notes.items() if place[:2] == (caller, kind)]

    def put(self, place: "_Place", body: bytes, follows: int | None, at_most: int) -> int:
        before = self._notes.get(place)
        version = before.version if before else 0
        if follows not in (None, version):
            raise Conflict(f"{place[2][:40]!r} has been written since.")
        self._notes[place] = _Written(body, version + 1, self._clock())
        self._notes.move_to_end(place)
        self._forget(place[:2], at_most)
        return version + 1

    def touch(self, place: "_Place") -> None:
        if found := self._notes.get(place):
            found.used = self._clock()
            self._notes.move_to_end(place)

    def delete(self, place: "_Place") -> None:
        self._notes.pop(place, None)

    def _note(self, written: "_Written") -> Note:
        return Note(written.body, written.version, self._clock() - written.used)

    def _forget(self, of: "tuple[str, NoteKind] | None" = None, at_most: int = MAX_NOTES) -> None:
        oldest = self._clock() - KEPT_S
        count: Counter[tuple[str, NoteKind]] = Counter()
        size_bytes = 0
        for number, (place, note) in enumerate(reversed([*self._notes.items()])):
            whose = place[:2]
            count[whose] += 1
            size_bytes += len(note.body)
            too_much = number >= MAX_NOTES or (size_bytes > MAX_BYTES and number > 0)
            if note.used < oldest or too_much or (whose == of and count[whose] > at_most):
                del self._notes[place]


_Place = tuple[str, NoteKind, str]
"""The caller, the kind, the name."""


@dataclass(slots=True)
class _Written:
    body: bytes
    version: int
    used: float


@dataclass(frozen=True, slots=True)
class _Of:
    notes: NotesInMemory
    caller: str
    anybody: bool

    async def get(self, kind: NoteKind, name: str) -> Note | None:
        return None if self._is_guessed(name) else self.notes.get((self.caller, kind, name))

    async def all(self, kind: NoteKind) -> Sequence[Note]:
        return () if self.anybody else self.notes.all(self.caller, kind)

    async def put(self, kind: NoteKind, name: str, body: bytes, *, follows: int | None = None, at_most: int) -> int:
        # What nobody can read again is not kept, and keeps nobody else out.
        return 0 if self._is_guessed(name) else self.notes.put((self.caller, kind, name), body, follows, at_most)

    def _is_guessed(self, name: str) -> bool:
        return self.anybody and len(name) < UNGUESSABLE_CHARS

    async def touch(self, kind: NoteKind, name: str) -> None:
        self.notes.touch((self.caller, kind, name))

    async def delete(self, kind: NoteKind, name: str) -> None:
        self.notes.delete((self.caller, kind, name))
