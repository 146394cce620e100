"""One call of the text protocol, read from the tool's name on to the end of its arguments."""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Literal

from user_agent.dialects.brackets import Brackets
from user_agent.dialects.markers import (
    IN_THOUGHT,
    INPUT_BEGUN,
    MARK,
    MARK_BEGUN,
    NOTHING,
    OBSERVATION_BEGUN,
    mark_of,
)

MAX_NAME_CHARS = 200
MAX_LINE_CHARS = 200_000
NOT_WHOLE = "its arguments end in the middle"

_NAME_END = re.compile(r"\n|\{|[,，;；]?[ \t]{0,4}[*_]{0,3}Action[ \t]{1,2}[Ii]nput[*_ \t]{0,4}[:：]")
_AROUND_NAME = " \t\r*_`'\"[]「」“”。.,，;；:："
_IDENTIFIER = re.compile(r"[A-Za-z_][\w.-]{0,63}", re.ASCII)
_NAME_AND_MORE = re.compile(r"([A-Za-z_][\w.-]{0,63})(?:[ \t]+API\b.*|[ \t]*[^\w \t].*)", re.ASCII)
_OPENED = re.compile(r"(?:`{3}[\w-]{0,20}\s{1,10})?(?=[{\[])")
_FENCED = re.compile(r"`{1,2}|`{3}[\w-]{0,20}\s{0,10}")
_FENCE_END = re.compile(r"`{3}[ \t]{0,8}(?=\r?\n|\Z)")


@dataclass(slots=True)
class Stream:
    """What has come and is not read yet."""

    rest: str = ""
    last: bool = False
    """Whether nothing more comes."""
    cut: bool = False
    """Whether that is because the reply had become too long."""

    def take(self, size: int) -> str:
        taken, self.rest = self.rest[:size], self.rest[size:]
        return taken

    def skip(self, characters: str | None = None) -> bool:
        """Leave out what is white, or these characters. Whether anything is left."""
        self.rest = self.rest.lstrip(characters)
        return bool(self.rest)


@dataclass(slots=True)
class Written:
    """A call as the model wrote it. `problem` says why its arguments cannot be read, empty where they may be."""

    id: str
    name: str
    pieces: list[str] = field(default_factory=list[str])
    problem: str = ""

    @property
    def text(self) -> str:
        return "".join(self.pieces)


class CallReader:
    """Reads from `stream`, step by step, what follows `Action:`, or `Action Input:` where `nameless`.

    `begin` makes the call once its name is known, and `drafted` is told of each piece of its arguments. At the end
    `call` is the call; None where the model wrote that it calls nothing, and where `is_prose`: no call was meant.
    """

    def __init__(
        self,
        stream: Stream,
        tools: Collection[str],
        begin: Callable[[str], Written],
        drafted: Callable[[Written, str], None],
        *,
        nameless: bool = False,
    ) -> None:
        self._stream = stream
        self._tools = tools
        self._begin = begin
        self._drafted = drafted
        self._brackets = Brackets()
        self._state: Literal["naming", "expecting", "input", "value", "called", "done"] = "naming"
        self.call: Written | None = None
        self.is_prose = False
        if nameless:
            self.call, self._state = begin(""), "input"

    @property
    def done(self) -> bool:
        return self._state == "done"

    def step(self) -> bool:
        """Read on. False where more has to come first."""
        match self._state:
            case "naming":
                return self._naming()
            case "expecting":
                return self._expecting()
            case "input":
                return self._input()
            case "value":
                return self._value()
            case "called":
                return self._called()
            case "done":
                return False

    def _naming(self) -> bool:
        if not self._stream.skip():
            return self._ends_here()
        rest, last = self._stream.rest, self._stream.last
        end = _NAME_END.search(rest)
        if end is None and not last and len(rest) <= MAX_NAME_CHARS:
            return False
        size = end.start() if end else len(rest)
        name = self._tool(rest[:size])
        if (found := MARK.match(rest)) and mark_of(found) != "input":
            self._state = "called"
            return True
        meant = name in self._tools or bool(_IDENTIFIER.fullmatch(name)) or name.casefold() in NOTHING
        if not meant and (end or last):
            meant = self._input_follows(rest[size:].lstrip(" \t\r\n,，;；"))
        if meant is None:
            return False
        if not meant:
            self.is_prose, self._state = True, "done"
            return True
        if name in self._tools or name.casefold() not in NOTHING:
            self.call = self._begin(name)
        self._stream.take(size)
        self._state = "expecting"
        return True

    def _input_follows(self, tail: str) -> bool | None:
        """Whether arguments follow a name that no tool has; None where that is not known yet."""
        found = MARK.match(tail)
        if found is None and not self._stream.last and INPUT_BEGUN.fullmatch(tail):
            return None
        return found is not None and mark_of(found) == "input"

    def _tool(self, written: str) -> str:
        """The name without what models put around it, such as quotes, or the word with which the prompt follows it."""
        name = written.strip(_AROUND_NAME)
        for known in (name, written.strip(_AROUND_NAME.replace("_", ""))):
            if known in self._tools:
                return known
        first = _NAME_AND_MORE.fullmatch(name)
        return first[1] if first and first[1] in self._tools else name

    def _expecting(self) -> bool:
        stream = self._stream
        if not stream.skip(" \t\r\n,，;；"):
            return self._ends_here()
        found = MARK.match(stream.rest)
        if found and mark_of(found) == "input":
            stream.take(found.end())
            self._state = "input"
        elif _OPENED.match(stream.rest):
            self._state = "input"
        elif self._is_open(found):
            return False
        else:
            self._state = "called"
        return True

    def _input(self) -> bool:
        stream = self._stream
        if not stream.skip(" \t\r\n*_"):
            return self._ends_here()
        found = MARK.match(stream.rest)
        if opened := _OPENED.match(stream.rest):
            stream.take(opened.end())
            self._state = "value"
        elif found:
            self._state = "called"
        elif self._is_open(found):
            return False
        else:
            return self._line()
        return True

    def _is_open(self, found: re.Match[str] | None) -> bool:
        """Whether what has come may still become a mark, or the opening of a code block with the arguments in it."""
        rest = self._stream.rest
        begun = MARK_BEGUN.fullmatch(rest) or _FENCED.fullmatch(rest)
        return found is None and begun is not None and not self._stream.last

    def _line(self) -> bool:
        """Arguments that are no JSON: the rest of the line."""
        stream = self._stream
        size = stream.rest.find("\n")
        if size < 0:
            size = len(stream.rest)
            if size > MAX_LINE_CHARS and self.call:
                self.call.problem = NOT_WHOLE
            elif not stream.last:
                return False
        if found := IN_THOUGHT.search(stream.rest, 0, size):
            size = found.start()
        text = stream.take(size).strip()
        if text.strip(_AROUND_NAME).casefold() not in NOTHING:
            self._add(text)
        self._state = "called"
        return True

    def _value(self) -> bool:
        rest = self._stream.rest
        for position, character in enumerate(rest):
            if character == "\n":
                broken = self._breaks(position + 1)
                if broken is None:
                    self._add(self._stream.take(position))
                    return False
                if broken:
                    self._add(self._stream.take(position))
                    return self._ends_here(whole=False)
            if self._brackets.ends_with(character):
                self._add(self._stream.take(position + 1))
                self._state = "called"
                return True
        self._add(self._stream.take(len(rest)))
        return self._ends_here(whole=False)

    def _breaks(self, position: int) -> bool | None:
        """Whether a line begins at `position` that cannot be of the arguments; None where that is not known yet.

        A text may hold any mark but one: no result is the model's to write, wherever it writes it.
        """
        rest, in_string = self._stream.rest, self._brackets.in_string
        begun = OBSERVATION_BEGUN if in_string else MARK_BEGUN
        if not self._stream.last and begun.fullmatch(rest, position):
            return None
        found = MARK.match(rest, position)
        return found is not None and (not in_string or mark_of(found) == "observation")

    def _ends_here(self, *, whole: bool = True) -> bool:
        """The call is over, unless more of it may come."""
        if not self._stream.rest and not self._stream.last:
            return False
        if self.call and (self._stream.cut or (not whole and self._brackets.in_string)):
            self.call.problem = NOT_WHOLE
        self._state = "called"
        return True

    def _called(self) -> bool:
        """Pass over the end of the code block around the call."""
        stream = self._stream
        if not stream.skip() and not stream.last:
            return False
        if not stream.last and _FENCED.fullmatch(stream.rest):
            return False
        if end := _FENCE_END.match(stream.rest):
            stream.take(end.end())
            return True
        self._state = "done"
        return True

    def _add(self, piece: str) -> None:
        if self.call and piece:
            self.call.pieces.append(piece)
            self._drafted(self.call, piece)
