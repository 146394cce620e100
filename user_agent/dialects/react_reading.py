"""A reply in the text protocol, read as it streams. No model here, and no waiting."""

import re
from collections.abc import Collection, Sequence
from typing import Literal

from user_agent.dialects.arguments import unused
from user_agent.dialects.base import Reading
from user_agent.dialects.markers import (
    FENCE_BEGUN,
    HEAD,
    HEAD_BEGUN,
    IN_THOUGHT,
    IN_THOUGHT_BEGUN,
    INSIDE,
    INSIDE_BEGUN,
    MARK,
    MARK_BEGUN,
    RESULT,
    RESULT_END,
    Mark,
    mark_of,
)
from user_agent.dialects.react_call import CallReader, Stream, Written
from user_agent.dialects.react_output import Output, is_echo

INVENTED = "Observation"
"""The name under which a result that the model made up is refused: no tool has it, so the model is told which tools
there are, and calls one."""

_WITHIN = re.compile(r"\n|(?<![A-Za-z0-9_])[AO]")
_WITHIN_THOUGHT = re.compile(r"\n|(?<![A-Za-z0-9_])[AFOT]")
# "Next action: add salt" calls nothing, whatever is called "add".
_BEHIND_NAME = re.compile(r"[*_`\"' \t]{0,8}(?:\r?\n|[{,，;；]|Action[ \t]|\Z)")
_BEHIND_NAME_BEGUN = re.compile(r"[*_`\"' \t]{0,8}\r?(?:A(?:c(?:t(?:i(?:on?)?)?)?)?)?")


class ReplyReader:
    """Feed it a reply's text in pieces. Marks may be cut anywhere; nothing that may become one is handed out.

    `tools` are the names that a call may have, `taken` the ids that it may not, and `results` what the model was told
    that it may repeat. Once `over`, whatever follows is the model's invention: stop reading.
    """

    def __init__(self, tools: Collection[str], taken: set[str], results: Sequence[str] = ()) -> None:
        self.calls: list[Written] = []
        self.over = False
        self._tools = tools
        self._taken = taken
        self._results = results
        self._stream = Stream()
        self._output = Output()
        self._state: Literal["saying", "thinking", "calling", "repeating"] = "saying"
        self._call: CallReader | None = None
        self._written_mark = ""
        self._repeated = ""
        self._answered = False
        self._fresh = True
        """Whether what comes begins a line."""
        self._previous = ""
        """The character before what comes."""

    def feed(self, text: str) -> list[Reading]:
        """What this piece adds."""
        self._stream.rest += text
        return self._read()

    def close(self, finish: str = "") -> list[Reading]:
        """What was held back, now that nothing more comes. `finish` is the endpoint's reason."""
        self._stream.last, self._stream.cut = True, finish == "length"
        readings = self._read()
        if not self._output.said and not self.calls:
            self._output.show_thoughts()
        return [*readings, *self._output.taken()]

    def _read(self) -> list[Reading]:
        while not self.over and self._step():
            pass
        return self._output.taken()

    def _step(self) -> bool:
        """Read on. False where more has to come first."""
        match self._state:
            case "saying":
                return self._line_start() if self._fresh else self._within_line()
            case "thinking":
                return self._thinking()
            case "calling":
                return self._calling()
            case "repeating":
                return self._repeating()

    # What is said

    def _line_start(self) -> bool:
        stream, output = self._stream, self._output
        output.white(stream.take(len(stream.rest) - len(stream.rest.lstrip())))
        if not stream.rest:
            if stream.last:
                output.release()
            return False
        if self.calls and RESULT.startswith(stream.rest[: len(RESULT)]):
            self.over = stream.rest.startswith(RESULT) or stream.last
            return self.over
        found = MARK.match(stream.rest)
        if found and (found.end() < len(stream.rest) or stream.last):
            return self._marked(mark_of(found), found)
        if not output.in_code and (head := HEAD.match(stream.rest)):
            output.hold(stream.take(head.end()))
            return True
        if found or self._may_become_mark():
            return False
        return self._is_ordinary()

    def _may_become_mark(self) -> bool:
        stream = self._stream
        head = FENCE_BEGUN if self._output.in_code else HEAD_BEGUN
        begun = any(pattern.fullmatch(stream.rest) for pattern in (MARK_BEGUN, head))
        if begun and stream.cut:
            stream.rest = ""  # Half of a mark, where the reply was cut.
        return begun and not stream.last

    def _is_ordinary(self) -> bool:
        self._output.release()
        if self._stream.rest.startswith("```"):
            self._output.in_code = not self._output.in_code
        self._fresh = False
        return True

    def _within_line(self) -> bool:
        stream = self._stream
        found = _WITHIN.search(self._previous + stream.rest, len(self._previous))
        size = found.start() - len(self._previous) if found else len(stream.rest)
        if found is None or size > 0:
            self._say(size)
            return found is not None
        if stream.rest[0] == "\n":
            self._say(1)
            self._fresh = True
            return True
        inside = INSIDE.match(stream.rest)
        if inside is None and not stream.last and INSIDE_BEGUN.fullmatch(stream.rest):
            return False
        if inside and inside["observation"]:
            return self._observation(inside)
        named = self._names_a_tool(stream.rest[inside.end() :]) if inside else False
        if named is None:
            return False
        if inside and named:
            return self._marked("action", inside)
        self._say(1)
        return True

    def _names_a_tool(self, text: str) -> bool | None:
        """Whether a text is a tool's name with arguments or nothing behind it; None where that is not known yet."""
        last = self._stream.last
        if not last and any(tool.startswith(text) for tool in self._tools):
            return None
        behind = [text.removeprefix(tool) for tool in self._tools if text.startswith(tool)]
        if not last and any(_BEHIND_NAME_BEGUN.fullmatch(rest) for rest in behind):
            return None
        return any(_BEHIND_NAME.match(rest) for rest in behind)

    def _say(self, size: int) -> None:
        self._output.show(self._taken_from_line(size))

    def _taken_from_line(self, size: int) -> str:
        text = self._stream.take(size)
        self._previous = text[-1:] or self._previous
        return text

    # Marks

    def _marked(self, mark: Mark, found: re.Match[str]) -> bool:
        if mark in ("answer", "final"):
            return self._answer(mark, found)
        if mark == "observation":
            return self._observation(found)
        self._pass(found)
        if mark == "thought":
            self._state = "thinking"
            return True
        begins_with_input = mark == "input"
        self._call = CallReader(self._stream, self._tools, self._begin, self._draft, nameless=begins_with_input)
        self._state = "calling"
        return True

    def _pass(self, found: re.Match[str]) -> None:
        self._written_mark = self._stream.take(found.end())
        self._output.mark()
        self._fresh, self._previous = True, ""

    def _answer(self, mark: Mark, found: re.Match[str]) -> bool:
        if self.calls:
            # It answers before its calls have a result.
            self.over = True
        elif mark == "final" or not self._output.said or (self._results and not self._answered):
            self._answered = True
            self._pass(found)
        else:
            return self._is_ordinary()
        return True

    def _observation(self, found: re.Match[str]) -> bool:
        rest = self._stream.rest[found.end() :].lstrip()
        has_result = RESULT in found[0] or rest.startswith(RESULT)
        if self.calls:
            self.over = True
        elif self._results:
            self._pass(found)
            self._state, self._repeated = "repeating", ""
        elif not has_result and RESULT.startswith(rest) and not self._stream.last:
            return False
        else:
            self._refuse(claims_result=has_result)
        return True

    def _refuse(self, *, claims_result: bool) -> None:
        """Nothing from here on is believed. It is to be written anew where it claims a result, or is all there is."""
        if claims_result or not self._output.said:
            problem = "the result was made up: no tool was called"
            self.calls.append(Written(unused("", self._taken), INVENTED, problem=problem))
        self.over = True

    def _repeating(self) -> bool:
        """Pass over a result that the model repeats, up to its end or to a mark; its answer follows."""
        stream = self._stream
        end, line = stream.rest.find(RESULT_END), stream.rest.find("\n")
        if end >= 0 and not 0 <= line < end:
            self._repeated += stream.take(end)
            stream.take(len(RESULT_END))
        elif line >= 0:
            found = MARK.match(stream.rest, line + 1)
            if found is None and not stream.last and MARK_BEGUN.fullmatch(stream.rest, line + 1):
                return False
            self._repeated += stream.take(line + 1)
            if found is None and self._repeated.lstrip().startswith(RESULT):
                return True
        elif stream.last:
            self._repeated += stream.take(len(stream.rest))
        else:
            # All but what may be the beginning of the end.
            self._repeated += stream.take(max(0, len(stream.rest) - len(RESULT_END)))
            return False
        self._state = "saying"
        if not is_echo(self._repeated.strip().removeprefix(RESULT), self._results):
            self._refuse(claims_result=True)
        return True

    # Thinking

    def _thinking(self) -> bool:
        stream = self._stream
        found = _WITHIN_THOUGHT.search(self._previous + stream.rest, len(self._previous))
        size = found.start() - len(self._previous) if found else len(stream.rest)
        if found is None or size > 0:
            self._output.think(self._taken_from_line(size))
            return found is not None
        ended = self._thought_ends()
        if ended:
            self._state = "saying"
        elif ended is False:
            self._output.think(self._taken_from_line(1))
        return ended is not None

    def _thought_ends(self) -> bool | None:
        """Whether it ends here, at a mark or a blank line; None where that is not known yet."""
        rest, last = self._stream.rest, self._stream.last
        if rest[0] == "\n":
            line = rest[1:].lstrip(" \t\r")
            if not last and MARK_BEGUN.fullmatch(line):
                return None
            return line.startswith("\n") or MARK.match(line) is not None
        if not last and IN_THOUGHT_BEGUN.fullmatch(rest):
            return None
        return IN_THOUGHT.match(rest) is not None

    # Calls

    def _calling(self) -> bool:
        call = self._call
        if call is None or not call.done:
            return call is not None and call.step()
        self._state, self._call = "saying", None
        if call.is_prose:
            self._stream.rest = self._written_mark + self._stream.rest
            self._output.unmark()
            self._is_ordinary()
            # The mark itself is read no second time.
            self._say(len(self._written_mark))
        return True

    def _begin(self, name: str) -> Written:
        call = Written(unused("", self._taken), name)
        self.calls.append(call)
        self._draft(call, "")
        return call

    def _draft(self, call: Written, piece: str) -> None:
        self._output.draft(call.id, call.name, piece)
