"""Events folded into messages, once, for everyone: the loop asks the model with them, the service stores them."""

from collections.abc import Sequence

from user_agent.events import EventBase, ReasoningDelta, TextDelta, ToolFinished, ToolStarted
from user_agent.messages import (
    Message,
    ReasoningPart,
    Role,
    TextPart,
    ToolCallPart,
    ToolResultPart,
)


class Transcript:
    """The conversation so far, growing with each event of a run.

    Text and thinking are gathered in lists and joined when somebody reads, so that a long answer costs its length once.
    """

    def __init__(self, history: Sequence[Message] = ()) -> None:
        self._done: list[Message] = list(history)
        self._start = len(self._done)
        self._role: Role = "assistant"
        self._parts: list[ToolCallPart | ToolResultPart | tuple[type, list[str]]] = []

    def add(self, event: EventBase) -> None:
        match event:
            case TextDelta():
                self._grow(TextPart, event.text)
            case ReasoningDelta():
                self._grow(ReasoningPart, event.text)
            case ToolStarted():
                self._turn_to("assistant")
                self._parts.append(ToolCallPart(id=event.id, name=event.name, arguments=event.arguments))
            case ToolFinished():
                self._turn_to("tool")
                self._parts.append(
                    ToolResultPart(
                        id=event.id,
                        name=event.name,
                        output=event.output,
                        failed=event.failed,
                        seconds=event.seconds,
                        files=event.files,
                        tables=event.tables,
                        refused=event.refused,
                        sources=event.sources,
                    )
                )
            case _:
                pass

    @property
    def messages(self) -> tuple[Message, ...]:
        """History and everything new."""
        return (*self._done, *self._open())

    @property
    def new(self) -> tuple[Message, ...]:
        """What the run has added so far, in order."""
        return (*self._done[self._start :], *self._open())

    @property
    def text(self) -> str:
        """The words of the answer: those of the last assistant message of this run."""
        return next((message.text for message in reversed(self.new) if message.role == "assistant"), "")

    @property
    def gap(self) -> str:
        """What stands between the words said last and others that follow them; nothing where something else came."""
        last = self.new[-1] if self.new else None
        return "\n\n" if last and last.role == "assistant" and last.text else ""

    @property
    def unanswered(self) -> tuple[ToolCallPart, ...]:
        """The calls at the end that have no result yet; none once a person has spoken after them."""
        answered: set[str] = set()
        for message in reversed(self.messages):
            if message.role == "user":
                break
            answered.update(result.id for result in message.results)
            if message.role == "assistant":
                return tuple(call for call in message.calls if call.id not in answered)
        return ()

    def _grow(self, kind: type, text: str) -> None:
        self._turn_to("assistant")
        last = self._parts[-1] if self._parts else None
        if isinstance(last, tuple) and last[0] is kind:
            last[1].append(text)
        else:
            self._parts.append((kind, [text]))

    def _turn_to(self, role: Role) -> None:
        if role != self._role:
            self._done.extend(self._open())
            self._parts = []
            self._role = role

    def _open(self) -> tuple[Message, ...]:
        if not self._parts:
            return ()
        parts = tuple(part[0](text="".join(part[1])) if isinstance(part, tuple) else part for part in self._parts)
        return (Message(role=self._role, parts=parts),)
