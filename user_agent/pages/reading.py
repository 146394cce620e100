"""A document that somebody's server sent becomes text, in a process that is ended where it takes too long."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from user_agent.knowledge.pieces import Piece
from user_agent.knowledge.problems import FileUnreadable
from user_agent.knowledge.process import Limits
from user_agent.knowledge.reading import ReadingRoom

Kind = Literal["html", "pdf", "text"]
Problem = Literal["locked", "broken", "empty", "late"]

TIMEOUT_S = 9.0
MAX_TITLE_CHARS = 300
MAX_CHARS = 5_100_000
_SUFFIXES: Mapping[Kind, str] = {"html": "html", "pdf": "pdf", "text": "txt"}
_PROBLEMS: Mapping[str, Problem] = {"locked": "locked", "empty": "empty", "late": "late", "memory": "late"}
_HTML = ("text/html", "application/xhtml+xml")
_TEXTS = ("application/json", "application/xml", "application/rss+xml", "application/atom+xml", "application/yaml")


class Unreadable(Exception):
    """There is nothing to read; `problem` says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem: Problem = problem


@dataclass(frozen=True, slots=True)
class Reading:
    """A piece of a document's text. `total` is how many characters there are; None where the end was not reached."""

    title: str
    text: str
    start: int
    total: int | None

    @property
    def end(self) -> int:
        return self.start + len(self.text)

    @property
    def more(self) -> bool:
        return self.total is None or self.end < self.total


def kind_of(body: bytes, media_type: str) -> Kind | None:
    """How a document is to be read, by what it is and else by what the server says; None where it is no text."""
    beginning = body[:1024].lstrip()
    if beginning.startswith(b"%PDF-"):
        return "pdf"
    if media_type in _HTML or (not media_type and beginning.startswith(b"<")):
        return "html"
    if media_type.startswith("text/") or media_type in _TEXTS or media_type.endswith(("+json", "+xml")):
        return "text"
    if media_type in ("", "application/octet-stream") and beginning and b"\0" not in body[:1024]:
        return "text"
    return None


async def read(body: bytes, kind: Kind, *, charset: str = "", start: int = 0, length: int) -> Reading:
    """At most `length` characters of the document from `start` on. Raises `Unreadable`."""
    # The pages of a PDF are read as far as they are asked for; of others it costs nothing to know how long they are.
    most = start + length + 1 if kind == "pdf" else MAX_CHARS
    limits = Limits(seconds=TIMEOUT_S, text_chars=most, pictures=0)
    async with ReadingRoom(processes=1, limits=limits) as room:
        try:
            whole = await room.read(body, f"page.{_SUFFIXES[kind]}", charset=charset, main_only=True)
        except FileUnreadable as error:
            raise Unreadable(_PROBLEMS.get(error.why, "broken")) from error
    text = "\n\n".join(_with_page_numbers(whole.pieces))
    title = whole.title[:MAX_TITLE_CHARS]
    return Reading(title, text[start : start + length], start, len(text) if whole.whole else None)


def _with_page_numbers(pieces: Iterable[Piece]) -> Iterator[str]:
    page = None
    for piece in pieces:
        yield piece.text if piece.page == page else f"[{piece.page}]\n{piece.text}"
        page = piece.page
