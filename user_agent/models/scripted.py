"""The shipped fake: a model that says what a test wrote down, and remembers what it was asked."""

from collections.abc import AsyncGenerator, Iterable
from typing import assert_never

from user_agent.errors import ModelError
from user_agent.events import Usage
from user_agent.models.base import CallDelta, Chunk, ModelFacts, ModelRequest

Reply = str | Chunk | ModelError | list[Chunk | ModelError]
"""A whole text, one chunk, a failure, or pieces in order (a failure among them breaks the stream there)."""


def calls(*wanted: tuple[str, str], text: str = "") -> Chunk:
    """A reply that calls tools: pairs of name and arguments as JSON text."""
    return Chunk(
        text=text,
        calls=tuple(
            CallDelta(index=number, id=f"call_{number}", name=name, arguments=arguments)
            for number, (name, arguments) in enumerate(wanted)
        ),
        usage=Usage(input_tokens=10, output_tokens=5),
        finish="tool_calls",
    )


class ScriptedModel:
    """Plays its replies in order. `requests` holds every request; call `assert_complete()` at the end of a test."""

    def __init__(self, replies: Iterable[Reply], *, facts: ModelFacts | None = None) -> None:
        self._replies = list(replies)
        self._facts = facts or ModelFacts()
        self.requests: list[ModelRequest] = []

    @property
    def facts(self) -> ModelFacts:
        return self._facts

    async def stream(self, request: ModelRequest) -> AsyncGenerator[Chunk, None]:
        self.requests.append(request)
        if not self._replies:
            raise AssertionError("The model was asked once more than its script has replies.")
        for piece in _pieces(self._replies.pop(0)):
            if isinstance(piece, ModelError):
                raise piece
            yield piece

    def assert_complete(self) -> None:
        """Fail where the run ended before the script did."""
        assert not self._replies, f"{len(self._replies)} replies were never asked for."  # noqa: S101  a test's tool


def _pieces(reply: Reply) -> list[Chunk | ModelError]:
    match reply:
        case str():
            return [Chunk(text=reply, usage=Usage(input_tokens=10, output_tokens=5), finish="stop")]
        case Chunk() | ModelError():
            return [reply]
        case list():
            return reply
        case _:
            assert_never(reply)
