"""Files become pieces, in processes that are ended where a file takes too long or too much."""

import asyncio
import shutil
from collections.abc import AsyncGenerator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from user_agent.knowledge.hearing import PICTURES_FROM, Heard, Progress, Seen, limits_in_words
from user_agent.knowledge.looking import Describe, Look, looked
from user_agent.knowledge.pieces import Piece, Reading
from user_agent.knowledge.problems import note, unreadable
from user_agent.knowledge.process import Asked, Changed, Died, Limits, ReadingProcess

IDLE_S = 20.0
"""How long a process waits for another file before it is ended."""


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
        describe: Describe | None = None,
        charset: str = "",
        main_only: bool = False,
    ) -> Reading:
        """All that is in the file. Waits for its turn first, which counts for nothing. Cancelled, it ends the reading.

        Pictures are described by `describe`, scanned pages read by Tesseract where it is installed; each does the
        other's work where that is missing. `charset` is what a server said of the file; `main_only` leaves out what
        stands around the main part of a web page. Raises `FileUnreadable`.
        """
        tesseract = await asyncio.to_thread(shutil.which, "tesseract") or ""
        looked_at = bool(describe or tesseract) and self._limits.pictures > 0
        asked = Asked(file, name, charset, main_only=main_only, looked_at=looked_at)
        heard = await self._heard(asked, self._limits.seconds, progress)
        letters = self._letters(name, tesseract) if tesseract else None
        pieces = await self._filled(heard, describe, letters)
        if not pieces:
            raise unreadable("unseen" if heard.notes and heard.pictures else "empty", {"name": name})
        return Reading(tuple(pieces), tuple(heard.notes), heard.title, heard.whole)

    async def _heard(self, asked: Asked, seconds: float, progress: Progress | None = None) -> Heard:
        """What a process says of the file."""
        params: dict[str, str | int] = {"name": asked.name, **limits_in_words(self._limits)}
        if await _size(asked.file) > self._limits.file_bytes:
            raise unreadable("too_large", params)
        heard = Heard(asked.name, self._limits, progress)
        try:
            async with (
                self._places,
                self._lent() as process,
                asyncio.timeout(seconds),
                aclosing(process.read(asked)) as frames,
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
        return heard

    async def _filled(self, heard: Heard, describe: Describe | None, letters: Look | None) -> list[Piece]:
        """The pieces, with what was seen in each picture in its place."""
        pieces, done, unseen = list[Piece](), 0, list[Seen]()
        for found in heard.found:
            if isinstance(found, Piece):
                pieces.append(found)
                continue
            words = await looked(found, describe, letters, self._limits.picture_seconds)
            if words is None:
                unseen.append(found)
            else:
                heard.notes.extend(note for note in words.notes if note not in heard.notes)
                pieces.extend(words.pieces)
            done += 1
            if heard.progress is not None:
                heard.progress(PICTURES_FROM + (1.0 - PICTURES_FROM) * done / heard.pictures)
        if unseen:
            heard.note(note("unseen", {"name": heard.name, "count": len(unseen)}))
        return pieces

    def _letters(self, name: str, tesseract: str) -> Look:
        """Reads the letters in a picture, as another file."""

        async def read(seen: Seen) -> Reading:
            asked = Asked(seen.jpeg, name, reader="scan", tesseract=tesseract)
            heard = await self._heard(asked, self._limits.picture_seconds)
            words = tuple(piece for piece in heard.found if isinstance(piece, Piece))
            return Reading(words, tuple(heard.notes))

        return read

    @asynccontextmanager
    async def _lent(self) -> AsyncGenerator[ReadingProcess]:
        """A process for one file; ended afterwards unless it can take another."""
        try:
            process = self._free.pop() if self._free else await ReadingProcess.start(self._limits)
        except OSError as error:
            raise Died("no_process") from error
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


async def _size(file: bytes | Path) -> int:
    if isinstance(file, bytes):
        return len(file)
    try:
        return (await asyncio.to_thread(file.stat)).st_size
    except OSError:
        return 0  # whoever opens it finds out
