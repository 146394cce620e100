"""What a reading process says of a file, taken down and believed as little as can be."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from user_agent.knowledge.pieces import Piece
from user_agent.knowledge.problems import CUT, FileUnreadable, note, unreadable
from user_agent.knowledge.process import Died, Frame, Limits
from user_agent.words import Words

MAX_NOTES = 100
MAX_PICTURE_BYTES = 8_000_000
PICTURES_FROM = 0.2
"""How much of the progress of a file with pictures is over when they are found."""

Progress = Callable[[float], None]
"""Is told how much of a file has been read, in 0..1."""
_Worded = TypeVar("_Worded", Words, FileUnreadable)


@dataclass(frozen=True, slots=True)
class Seen:
    """A picture, in its place until somebody has looked at it."""

    jpeg: bytes
    page: int | None
    member: str


def limits_in_words(limits: Limits) -> dict[str, str | int]:
    """The limits as `problems.py` names them."""
    return {
        "seconds": round(limits.seconds),
        "memory": _megabytes(limits.memory_bytes),
        "size": _megabytes(limits.file_bytes),
        "unpacked": _megabytes(limits.unpacked_bytes),
        "members": limits.members,
        "pictures": limits.pictures,
        "chars": f"{limits.text_chars:,}",
    }


def _megabytes(size: int) -> str:
    return f"{size // 1_000_000} MB"


@dataclass(slots=True)
class Heard:
    """What a process has said of a file. It may be the file that says it, so words are chosen here and sizes held."""

    name: str
    limits: Limits
    progress: Progress | None
    found: list[Piece | Seen] = field(default_factory=list[Piece | Seen])
    """In reading order, with pictures where their words belong."""
    notes: list[Words] = field(default_factory=list[Words])
    title: str = ""
    whole: bool = True
    chars: int = 0
    pictures: int = 0
    share: float = 0.0

    def note(self, words: Words) -> None:
        if words not in self.notes and len(self.notes) < MAX_NOTES:
            self.notes.append(words)

    def take(self, frame: Frame) -> None:
        """Raises `FileUnreadable` where it says that nothing can be read, and `Died` where it says what it may not."""
        match frame.kind:
            case "pieces":
                self.chars += sum(len(piece[0]) for piece in frame.pieces)
                if self.chars > self.limits.text_chars:
                    raise Died("crashed")
                self.found.extend(Piece(*piece) for piece in frame.pieces if piece[0].strip())
            case "note":
                self.whole = self.whole and frame.what not in CUT
                self.note(self._words(note, frame))
            case "picture":
                self.pictures += 1
                if self.pictures > self.limits.pictures or len(frame.jpeg) > MAX_PICTURE_BYTES:
                    raise Died("crashed")
                self.found.append(Seen(frame.jpeg, frame.page, frame.member))
            case "title":
                self.title = " ".join(frame.what.split())
            case "progress" if self.progress is not None:
                # Where pictures were found, looking at them takes most of the time.
                share = min(1.0, max(0.0, frame.share)) * (PICTURES_FROM if self.pictures else 1.0)
                self.share = max(self.share, share)
                self.progress(self.share)
            case "failed":
                raise self._words(unreadable, frame)
            case _:
                pass

    def _words(self, of: Callable[[str, Mapping[str, str | int]], _Worded], frame: Frame) -> _Worded:
        params = {"name": self.name, **limits_in_words(self.limits), **frame.params}
        try:
            return of(frame.what, params)
        except KeyError as error:
            raise Died("crashed") from error
