"""What reading a file gives: pieces in reading order, each knowing where it stood.

Imported by the processes that read, too, so it imports nothing that takes long.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from user_agent.words import Words

PieceKind = Literal["text", "table", "code"]


@dataclass(frozen=True, slots=True)
class Piece:
    """What a reader gives, in reading order: a paragraph, a table with its header row, a cell of a notebook.

    A heading is a piece of its own, too: its words, with itself as the last of `headings`.
    """

    text: str
    """Never empty. Tables as Markdown pipe tables, header first."""
    kind: PieceKind = "text"
    headings: tuple[str, ...] = ()
    """The path of headings above it."""
    page: int | None = None
    """Page or slide, from 1."""
    sheet: str = ""
    """Sheet of a workbook."""
    member: str = ""
    """Path inside an archive, attachment of a mail."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A whole file. Its text is its pieces joined by a blank line; offsets count characters of that."""

    pieces: tuple[Piece, ...]
    notes: tuple[Words, ...] = ()
    """What could not be read and why, for a person."""
    title: str = ""
    """What the document says that it is called."""
    whole: bool = True
    """Whether the reading came to the document's end."""

    @property
    def text(self) -> str:
        return "\n\n".join(piece.text for piece in self.pieces)
