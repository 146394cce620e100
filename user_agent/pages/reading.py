"""A document that somebody's server sent becomes text, in a process that is ended where it takes too long."""

import asyncio
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ValidationError

Kind = Literal["html", "pdf", "text"]
Problem = Literal["locked", "broken", "empty", "late"]

TIMEOUT_S = 9.0
_PROCESS = Path(__file__).with_name("process.py")
_HTML = ("text/html", "application/xhtml+xml")
_TEXTS = ("application/json", "application/xml", "application/rss+xml", "application/atom+xml", "application/yaml")


class Unreadable(Exception):
    """There is nothing to read; `problem` says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem: Problem = problem


class _Answer(BaseModel):
    problem: Problem | None = None
    title: str = ""
    text: str = ""
    total: int | None = None
    empty: bool = False


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
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", "-S", str(_PROCESS), kind, charset, str(start), str(length), *sys.path),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        # No key of the environment is there for a parser to lose; Windows starts nothing without its own variables.
        env=None if sys.platform == "win32" else {},
    )
    try:
        async with asyncio.timeout(TIMEOUT_S):
            output, _ = await process.communicate(body)
    except TimeoutError as error:
        raise Unreadable("late") from error
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return _reading(output, process.returncode or 0, start)


def _reading(output: bytes, status: int, start: int) -> Reading:
    if status:
        # Ended by the limits that it set for itself, or by a document that its parser cannot bear.
        raise Unreadable("late" if status < 0 else "broken")
    try:
        answer = _Answer.model_validate(json.loads(output))
    except (ValueError, ValidationError) as error:
        raise Unreadable("broken") from error
    if answer.problem or answer.empty:
        raise Unreadable(answer.problem or "empty")
    return Reading(answer.title, answer.text, start, answer.total)
