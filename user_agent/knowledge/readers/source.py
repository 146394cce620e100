"""What a reader is given, and what it gives beside pieces. In the reading process only: it imports next to nothing."""

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from user_agent.knowledge.pieces import Piece, PieceKind

MAX_HEADING_CHARS = 200


class Unreadable(Exception):
    """There is nothing to read. `why` is one of the reasons that `problems.py` has words for."""

    def __init__(self, why: str, **params: str | int) -> None:
        super().__init__(why)
        self.why = why
        self.params = params


@dataclass(frozen=True, slots=True)
class Note:
    """Something that could not be read while the rest could: `what` is one of the notes in `problems.py`."""

    what: str
    params: dict[str, str | int] = field(default_factory=dict[str, str | int])


class Picture(NamedTuple):
    """A picture that somebody has to look at: its words come to stand where it stood."""

    jpeg: bytes
    page: int | None = None
    member: str = ""


class Progress(NamedTuple):
    """How much of the file has been read, in 0..1."""

    share: float


class Title(NamedTuple):
    """What the document says that it is called."""

    words: str


Read = Piece | Note | Picture | Progress | Title


@dataclass(slots=True)
class Budget:
    """What unpacking may still give, for a file and all that is packed in it."""

    unpacked_bytes: int
    members: int
    pictures: int


@dataclass(frozen=True, slots=True)
class Source:
    """A file to read."""

    data: bytes
    name: str
    budget: Budget
    charset: str = ""
    """What the server said that it is written in; empty where nothing was said."""
    looked_at: bool = False
    """Whether somebody looks at pictures; if not, there is no need to draw them."""
    tesseract: str = ""
    """Where the program is that reads the words of pictures."""
    main_only: bool = False
    """Whether of a web page only what it is about is wanted, without what stands around it."""
    member: str = ""
    """Where it was found, if it was packed into another file."""
    depth: int = 0
    """In how many files it lies."""
    give_up_at: float = math.inf
    """By `time.monotonic()`: what is not read by then is better left out than the whole file."""

    @property
    def shown(self) -> str:
        """What the file is called to a person."""
        return self.member or self.name

    @property
    def late(self) -> bool:
        return time.monotonic() > self.give_up_at

    def member_of_it(self, name: str, data: bytes) -> "Source":
        """A file that lies in this one."""
        member = f"{self.member}/{name}" if self.member else name
        return replace(self, data=data, name=name, charset="", member=member, depth=self.depth + 1)

    def part(self, data: bytes, charset: str = "") -> "Source":
        """A part of this file that is read as another kind: a chapter, the body of a mail."""
        return replace(self, data=data, charset=charset)

    def piece(
        self,
        text: str,
        kind: PieceKind = "text",
        headings: tuple[str, ...] = (),
        *,
        page: int | None = None,
        sheet: str = "",
    ) -> Piece:
        return Piece(text, kind, headings, page, sheet, self.member)


Reader = Callable[[Source], Iterator[Read]]
