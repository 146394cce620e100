"""Reads files in a process of its own: whoever made a file chose what its reader goes through.

A file of a few thousand nested elements keeps a parser busy for minutes, and a thread cannot be ended. What comes out
of here is believed by nobody (`process.py` checks it). Run by its path, so it imports nothing of this package before
it was told where that is.
"""

import base64
import contextlib
import gc
import json
import os
import sys
import threading
import time
from typing import TYPE_CHECKING, Any, BinaryIO

if TYPE_CHECKING:
    from user_agent.knowledge.pieces import Piece
    from user_agent.knowledge.readers.source import Source

MEMORY_STATUS = 77
"""What the process ends with when it took more memory than it may."""
_LIBRARIES_BYTES = 200_000_000
"""What a process maps beside its data. Two that go to their limit leave the server its share of 1.5 GB."""
_RESTS_BELOW_BYTES = 150_000_000
"""A process that has grown beyond this ends after its file, and a fresh one takes the next."""
_IN_TIME = 0.8
"""After this part of its time, a reader gives what it has, where it can."""
_FRAME_CHARS = 200_000
_BETWEEN_WORDS_S = 0.2
_LOOK_S = 0.1


def _take_limits(memory_bytes: int) -> None:
    try:
        import resource
    except ImportError:  # Windows: only the watch
        _watch(memory_bytes)
        return
    os.nice(10)  # answers that stream come first
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    most = memory_bytes + _LIBRARIES_BYTES
    try:
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
    except (ValueError, OSError):
        _watch(memory_bytes)
        return
    if sys.platform != "linux":  # elsewhere the limit is taken, and not held
        _watch(memory_bytes)


def _watch(most: int) -> None:
    """Ends this process when it holds more than it may, where the system does not."""

    def look() -> None:
        while True:
            if _resident_bytes() > most:
                os._exit(MEMORY_STATUS)
            time.sleep(_LOOK_S)

    threading.Thread(target=look, daemon=True).start()


def _resident_bytes() -> int:
    """What this process holds in memory: on Windows and macOS the most that it ever did."""
    if sys.platform == "win32":
        import ctypes
        from ctypes import wintypes

        sizes = (ctypes.c_size_t * 10)()  # PROCESS_MEMORY_COUNTERS: two numbers of 32 bits, then sizes
        handle = wintypes.HANDLE(ctypes.windll.kernel32.GetCurrentProcess())
        ctypes.windll.psapi.GetProcessMemoryInfo(handle, ctypes.byref(sizes), ctypes.sizeof(sizes))
        return int(sizes[2])
    if sys.platform == "linux":
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _allow(seconds: float) -> None:
    """So much processor time for the next file, whatever those before it took."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        resource.setrlimit(resource.RLIMIT_CPU, (int(time.process_time() + seconds) + 2, hard))


class _Out:
    """What is said to the server: frames of JSON, each after its length."""

    def __init__(self, out: BinaryIO, text_chars: int) -> None:
        self._out = out
        self._left = text_chars
        self._pieces: list[tuple[str, str, tuple[str, ...], int | None, str, str]] = []
        self._chars = 0
        self._told = 0.0

    def say(self, kind: str, **about: object) -> None:
        frame = json.dumps({"kind": kind, **about}).encode()
        self._out.write(len(frame).to_bytes(4, "big") + frame)
        self._out.flush()

    def piece(self, piece: "Piece") -> bool:
        """False where there is no room for more text."""
        text = piece.text.encode("utf-8", "replace").decode()[: self._left]  # half a character is none
        self._left -= len(text)
        self._pieces.append((text, piece.kind, piece.headings, piece.page, piece.sheet, piece.member))
        self._chars += len(text) + 100
        if self._chars > _FRAME_CHARS:
            self.let_go()
        return self._left > 0

    def let_go(self) -> None:
        if self._pieces:
            self.say("pieces", pieces=self._pieces)
        self._pieces, self._chars = [], 0

    def progress(self, share: float) -> None:
        if time.monotonic() - self._told > _BETWEEN_WORDS_S:
            self._told = time.monotonic()
            self.say("progress", share=share)


def _read(source: "Source", reader: str, out: _Out) -> None:
    """Says all that is in the file, in reading order. Raises whatever its parser raises."""
    from user_agent.knowledge.pieces import Piece
    from user_agent.knowledge.readers.kinds import read
    from user_agent.knowledge.readers.source import Note, Picture, Progress

    for found in read(source, reader):
        if isinstance(found, Piece):
            if not out.piece(found):
                out.say("note", what="cut")
                return
        elif isinstance(found, Note):
            out.say("note", what=found.what, params=found.params)
        elif isinstance(found, Picture):
            out.let_go()
            jpeg = base64.b64encode(found.jpeg).decode("ascii")
            out.say("picture", jpeg=jpeg, page=found.page, member=found.member)
        elif isinstance(found, Progress):
            out.progress(found.share)
        else:
            out.say("title", what=found.words[:1_000])


def _answer(asked: dict[str, Any], data: bytes, out: _Out) -> None:
    """Says what is in one file, or why that cannot be said."""
    from user_agent.knowledge.readers.source import Budget, Source, Unreadable

    budget = Budget(asked["unpacked_bytes"], asked["members"], asked["pictures"])
    source = Source(
        data,
        asked["name"],
        budget,
        charset=asked["charset"],
        main_only=asked["main_only"],
        looked_at=asked["looked_at"],
        tesseract=asked["tesseract"],
        give_up_at=time.monotonic() + asked["seconds"] * _IN_TIME,
    )
    try:
        _read(source, asked["reader"], out)
    except Unreadable as error:
        out.say("failed", what=error.why, params=error.params)
    except MemoryError:
        out.say("failed", what="memory")
    except Exception:  # each parser has errors of its own for what is damaged
        out.say("failed", what="broken")


def main(limits: dict[str, Any]) -> None:
    """Reads one file after the other, until nobody asks any more or too much memory stayed with it."""
    _take_limits(limits["memory_bytes"])
    files, out = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what a parser prints is no frame
    while line := files.readline():
        asked = json.loads(line)
        said = _Out(out, asked["text_chars"])
        _allow(asked["seconds"])
        data = files.read(asked["size"])
        if len(data) < asked["size"]:
            return  # whoever asked has gone
        _answer(asked, data, said)
        said.let_go()
        del data
        gc.collect()
        stays = _resident_bytes() < _RESTS_BELOW_BYTES
        said.say("end", stays=stays)
        if not stays:
            return


if __name__ == "__main__":
    sys.path[:] = sys.argv[2:]
    main(json.loads(sys.argv[1]))
