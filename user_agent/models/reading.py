"""A reply of an OpenAI-compatible endpoint, read from its bytes into chunks. No network here, and no waiting."""

import json
from codecs import BOM_UTF8
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Literal, cast

import orjson

from user_agent.events import Usage
from user_agent.models.base import CallDelta, Chunk
from user_agent.models.thinking import ThinkSplitter
from user_agent.storable import cleaned

Json = dict[str, Any]
"""A JSON object as an endpoint sent it."""

Fault = Literal["html", "empty", "not_json", "cut", "too_long", "address", "tools", "vectors"]
"""What is wrong with an answer; `address`: there was none at this address; `tools`: the server takes none; `vectors`:
what came instead of them cannot be compared."""

MAX_REPLY_BYTES = 32_000_000
"""Some 100,000 tokens of a stream: more than any model answers. An endpoint that sends more does not end."""


class Unreadable(Exception):
    """What came is not a model's answer."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault)
        self.fault: Fault = fault


class Reported(Exception):
    """The endpoint sent an error object where the answer should be."""

    def __init__(self, error: Json) -> None:
        super().__init__("The endpoint reported an error.")
        self.error = error


class ReplyReader:
    """Reads a streamed reply: `feed` it bytes as they come, `close` it when there are no more.

    Lines are cut at line feeds alone; a decoder of text lines would also cut at U+2028, which JSON may hold unescaped.
    """

    def __init__(self) -> None:
        self._rest: list[bytes] = []
        self._size_bytes = 0
        self._calls = CallNumbers()
        self._thinking = ThinkSplitter()
        self._heard = False
        self.finished = False
        """Whether the model said that its answer is whole."""
        self.done = False
        """Whether the endpoint said that nothing more comes."""

    def feed(self, data: bytes) -> Iterator[Chunk]:
        """The chunks that are complete now, words that came together in one. Raises `Unreadable` and `Reported`."""
        self._size_bytes += len(data)
        if self._size_bytes > MAX_REPLY_BYTES:
            raise Unreadable("too_long")
        self._rest.append(data)
        if b"\n" not in data:
            return  # joined once, when its line is whole: a line without an end would else be copied with every piece
        *lines, rest = b"".join(self._rest).split(b"\n")
        self._rest = [rest]
        yield from _together(chunk for line in lines for chunk in self._line(line))

    def close(self) -> Iterator[Chunk]:
        """What was left. Raises `Unreadable` where the reply broke off in the middle."""
        rest, self._rest = b"".join(self._rest), []
        if not self.finished and not self.done:
            yield from self._line(rest)
        if not self._heard:
            raise Unreadable("empty")
        if not self.finished:
            yield from split_thinking(Chunk(), self._thinking, last=True)
        if not self.finished and not self.done:
            raise Unreadable("cut")

    def _line(self, line: bytes) -> Iterator[Chunk]:
        line = line.strip()
        if not self._heard:
            line = line.removeprefix(BOM_UTF8)
        if line.startswith(b"data:"):
            yield from self._data(line[5:].strip())
        elif line.startswith(b"<"):
            raise Unreadable("html")
        elif line.startswith(b"{"):
            # An error outside of the protocol: some gateways send one in mid-stream.
            _raise_reported(parsed(line))
            raise Unreadable("not_json")
        elif line and not line.startswith((b":", b"event:", b"id:", b"retry:")):
            raise Unreadable("cut" if self._heard else "not_json")

    def _data(self, data: bytes) -> Iterator[Chunk]:
        if data == b"[DONE]":
            self.done = True
        elif data:
            event = self._event(data)
            _raise_reported(event)
            chunk = self._chunk(event)
            self._heard = True
            self.finished = self.finished or bool(chunk.finish)
            yield from split_thinking(chunk, self._thinking, last=bool(chunk.finish))

    def _event(self, data: bytes) -> Json:
        try:
            return parsed(data)
        except Unreadable as error:
            raise Unreadable("cut" if self._heard else "not_json") from error

    def _chunk(self, event: Json) -> Chunk:
        choice = _first_choice(event)
        said = _object(choice.get("delta")) or _object(choice.get("message"))
        return read_said(said, choice, event, self._calls)


_NOTHING = Chunk()


def _together(chunks: Iterator[Chunk]) -> Iterator[Chunk]:
    """The same, with words that follow one another made one chunk, and so with thoughts. Who is late reads much."""
    held: list[str] = []
    kind = ""
    try:
        for chunk in chunks:
            its = _kind(chunk)
            if held and its != kind:
                yield _of_kind(kind, held)
                held = []
            kind = its
            if kind:
                held.append(chunk.text or chunk.reasoning)
            else:
                yield chunk
    except (Unreadable, Reported):
        if held:
            yield _of_kind(kind, held)
        raise
    if held:
        yield _of_kind(kind, held)


def _kind(chunk: Chunk) -> Literal["text", "reasoning", ""]:
    """What a chunk holds and nothing else; nothing where it holds more than one thing, or another one."""
    if chunk.calls or chunk.finish or chunk.usage or chunk.waiting or bool(chunk.text) == bool(chunk.reasoning):
        return ""
    return "text" if chunk.text else "reasoning"


def _of_kind(kind: str, words: list[str]) -> Chunk:
    said = "".join(words)
    return Chunk(text=said, pieces=len(words)) if kind == "text" else Chunk(reasoning=said, pieces=len(words))


def split_thinking(chunk: Chunk, thinking: ThinkSplitter, *, last: bool) -> Iterator[Chunk]:
    """The chunk with what was thought taken out of its text; nothing where nothing is left of it."""
    thought, said = thinking.feed(chunk.text, last=last)
    if thought or said != chunk.text:
        chunk = replace(chunk, reasoning=chunk.reasoning + thought, text=said)
    if chunk != _NOTHING:
        yield chunk


def read_whole(body: bytes) -> Chunk:
    """The one chunk of a reply that is not streamed. Raises `Unreadable` and `Reported`."""
    body = body.strip()
    if not body:
        raise Unreadable("empty")
    if body.startswith(b"<"):
        raise Unreadable("html")
    answer = parsed(body)
    _raise_reported(answer)
    choice = _first_choice(answer)
    if not choice:
        raise Unreadable("empty")
    chunk = read_said(_object(choice.get("message")), choice, answer, CallNumbers())
    return next(split_thinking(chunk, ThinkSplitter(), last=True), chunk)


def parsed(data: bytes) -> Json:
    """The JSON object in `data`, its broken characters mended. Raises `Unreadable`."""
    try:
        value: object = orjson.loads(data)
    except orjson.JSONDecodeError:
        value = _mended(data)
    if not isinstance(value, dict):
        raise Unreadable("not_json")
    return cast(Json, value)


def _mended(data: bytes) -> object:
    """What a stricter reader refuses and servers send all the same: half of an emoji, a broken byte, NaN."""
    try:
        loose: object = json.loads(data.decode(errors="replace"))
        return json.loads(cleaned(json.dumps(loose, ensure_ascii=False)))
    except (ValueError, RecursionError) as error:
        raise Unreadable("not_json") from error


def _raise_reported(event: Json) -> None:
    error = event.get("error")
    if isinstance(error, dict):
        raise Reported(cast(Json, error))
    if isinstance(error, str) and error:
        raise Reported({"message": error})
    if "choices" not in event and "message" in event and "code" in event:
        raise Reported(event)


def _first_choice(event: Json) -> Json:
    choices = event.get("choices")
    return _object(cast(list[object], choices)[0]) if isinstance(choices, list) and choices else {}


def read_said(said: Json, choice: Json, event: Json, numbers: "CallNumbers") -> Chunk:
    """The chunk of a message or of a piece of one."""
    calls = said.get("tool_calls")
    finish = choice.get("finish_reason")
    return Chunk(
        text=_text(said.get("content")),
        reasoning=_text(said.get("reasoning_content")) or _text(said.get("reasoning")),
        calls=tuple(numbers.read(_object(call)) for call in cast(list[object], calls))
        if isinstance(calls, list)
        else (),
        usage=_usage(_object(event.get("usage"))),
        finish=finish if isinstance(finish, str) else "",
    )


class CallNumbers:
    """Tells the calls of one reply apart. The `index` does, where it is sent and true: some endpoints send none, and
    some send 0 for each of several calls. There a new id that comes with a name begins a new call."""

    def __init__(self) -> None:
        self._ids: list[str] = []
        self._by_index: dict[int, int] = {}

    def read(self, call: Json) -> CallDelta:
        function = _object(call.get("function"))
        call_id, name = _text(call.get("id")), _text(function.get("name"))
        arguments: object = function.get("arguments")
        if isinstance(arguments, dict):
            arguments = orjson.dumps(arguments).decode()
        index = call.get("index")
        number = self._number(index if isinstance(index, int) else None, call_id, name)
        return CallDelta(index=number, id=call_id, name=name, arguments=_text(arguments))

    def _number(self, index: int | None, call_id: str, name: str) -> int:
        number = len(self._ids) - 1 if index is None else self._by_index.get(index, -1)
        if number < 0 or self._is_another(number, call_id, name, indexed=index is not None):
            number = len(self._ids)
            self._ids.append(call_id)
        if index is not None:
            self._by_index[index] = number
        self._ids[number] = self._ids[number] or call_id
        return number

    def _is_another(self, number: int, call_id: str, name: str, *, indexed: bool) -> bool:
        known = self._ids[number]
        if not call_id or not known:
            # Without ids, a whole call that names a function is a call of its own.
            return not indexed and not call_id and bool(name)
        return call_id != known and (bool(name) or not indexed)


def _object(value: object) -> Json:
    return cast(Json, value) if isinstance(value, dict) else {}


def _text(value: object) -> str:
    if isinstance(value, list):
        # Content in parts, as some vendors answer.
        return "".join(_text(_object(part).get("text")) for part in cast(list[object], value))
    return value if isinstance(value, str) else ""


def _usage(counted: Json) -> Usage | None:
    read, written = counted.get("prompt_tokens"), counted.get("completion_tokens")
    if not isinstance(read, int) and not isinstance(written, int):
        return None
    return Usage(
        input_tokens=read if isinstance(read, int) else 0, output_tokens=written if isinstance(written, int) else 0
    )
