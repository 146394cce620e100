"""Files become pieces, in processes that are ended where a file takes too long or too much."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from user_agent.knowledge.pieces import Piece, Reading
from user_agent.knowledge.problems import CUT, FileUnreadable, note, unreadable
from user_agent.knowledge.process import Asked, Changed, Died, Frame, Limits, ReadingProcess
from user_agent.words import Words

IDLE_S = 20.0
"""How long a process waits for another file before it is ended."""
MAX_NOTES = 100

Progress = Callable[[float], None]
"""Is told how much of a file has been read, in 0..1."""
_Worded = TypeVar("_Worded", Words, FileUnreadable)


class ReadingRoom:
    """Reads files of many kinds, a few at a time. Opened with `async with`; costs nothing while nothing is read."""

    def __init__(self, *, processes: int = 2, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self._places = asyncio.Semaphore(processes)
        self._free: list[ReadingProcess] = []
        self._rest: asyncio.TimerHandle | None = None
        self._ending: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._rest is not None:
            self._rest.cancel()
        self._end_free()
        await asyncio.gather(*self._ending)

    async def read(
        self,
        file: bytes | Path,
        name: str,
        *,
        progress: Progress | None = None,
        charset: str = "",
        main_only: bool = False,
    ) -> Reading:
        """All that is in the file. Waits for its turn first, which counts for nothing. Cancelled, it ends the reading.

        `charset` is what a server said of the file; `main_only` leaves out what stands around the main part of a web
        page. Raises `FileUnreadable`.
        """
        params: dict[str, str | int] = {"name": name, **limits_in_words(self._limits)}
        if await _size(file) > self._limits.file_bytes:
            raise unreadable("too_large", params)
        heard = _Heard(name, self._limits, progress)
        try:
            async with (
                self._places,
                self._lent() as process,
                asyncio.timeout(self._limits.seconds),
                aclosing(process.read(Asked(file, name, charset, main_only))) as frames,
            ):
                async for frame in frames:
                    heard.take(frame)
        except TimeoutError as error:
            raise unreadable("late", params) from error
        except Changed as error:
            raise unreadable("changed", params) from error
        except OSError as error:
            raise unreadable("gone", params) from error
        except Died as error:
            raise unreadable(error.why, params) from error
        if not heard.pieces:
            raise unreadable("empty", params)
        return Reading(tuple(heard.pieces), tuple(heard.notes), heard.title, heard.whole)

    @asynccontextmanager
    async def _lent(self) -> AsyncGenerator[ReadingProcess]:
        """A process for one file; ended afterwards unless it can take another."""
        process = self._free.pop() if self._free else await ReadingProcess.start(self._limits)
        try:
            yield process
        finally:
            if process.stays:
                self._free.append(process)
                if self._rest is not None:
                    self._rest.cancel()
                self._rest = asyncio.get_running_loop().call_later(IDLE_S, self._end_free)
            else:
                await asyncio.shield(process.end())

    def _end_free(self) -> None:
        while self._free:
            task = asyncio.create_task(self._free.pop().end())
            self._ending.add(task)
            task.add_done_callback(self._ending.discard)


def limits_in_words(limits: Limits) -> dict[str, str | int]:
    """The limits as `problems.py` names them."""
    return {
        "seconds": round(limits.seconds),
        "memory": _megabytes(limits.memory_bytes),
        "size": _megabytes(limits.file_bytes),
        "unpacked": _megabytes(limits.unpacked_bytes),
        "members": limits.members,
        "chars": f"{limits.text_chars:,}",
    }


def _megabytes(size: int) -> str:
    return f"{size // 1_000_000} MB"


@dataclass(slots=True)
class _Heard:
    """What a process has said of a file. It may be the file that says it, so words are chosen here and sizes held."""

    name: str
    limits: Limits
    progress: Progress | None
    pieces: list[Piece] = field(default_factory=list[Piece])
    notes: list[Words] = field(default_factory=list[Words])
    title: str = ""
    whole: bool = True
    chars: int = 0

    def take(self, frame: Frame) -> None:
        """Raises `FileUnreadable` where it says that nothing can be read, and `Died` where it says what it may not."""
        match frame.kind:
            case "pieces":
                self.chars += sum(len(piece[0]) for piece in frame.pieces)
                if self.chars > self.limits.text_chars:
                    raise Died("crashed")
                self.pieces.extend(Piece(*piece) for piece in frame.pieces if piece[0].strip())
            case "note":
                self.whole = self.whole and frame.what not in CUT
                if len(self.notes) < MAX_NOTES:
                    self.notes.append(self._words(note, frame))
            case "title":
                self.title = " ".join(frame.what.split())
            case "progress" if self.progress is not None:
                self.progress(min(1.0, max(0.0, frame.share)))
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


async def _size(file: bytes | Path) -> int:
    if isinstance(file, bytes):
        return len(file)
    try:
        return (await asyncio.to_thread(file.stat)).st_size
    except OSError:
        return 0  # whoever opens it finds out
