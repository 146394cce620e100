"""One run, folded for those who are told text: words in order, and beside them what was done and found."""

from dataclasses import dataclass

from pydantic import JsonValue

from user_agent.errors import ModelError
from user_agent.events import (
    EventBase,
    InputNeeded,
    KnowledgeUsed,
    RunFailed,
    RunFinished,
    StopReason,
    TextDelta,
    ToolFinished,
    ToolStarted,
    Usage,
)
from user_agent.knowledge.citing import cited
from user_agent.knowledge.hits import KnowledgeHit
from user_agent.messages import FilePart
from user_agent.words import Language, Words

_NEEDS_LEAVE = Words(
    zh="这一步（{names}）需要有人先同意，而这里没有人能同意，所以没有执行。",
    en="This step ({names}) needs a person's leave first. Nobody can give it here, so it was not taken.",
)
GAP = "\n\n"


@dataclass(frozen=True, slots=True)
class Step:
    """A call of a tool that ended."""

    id: str
    name: str
    arguments: dict[str, JsonValue]
    failed: bool
    seconds: float


class AnswerBroke(ModelError):
    """A run that ended in a failure, which was told as its last event."""


class Answer:
    """What a run has said so far. Add its events in order."""

    def __init__(self, language: Language) -> None:
        self._language: Language = language
        self._said: list[str] = []
        self._gap = False
        self._arguments: dict[str, dict[str, JsonValue]] = {}
        self._hits: list[KnowledgeHit] = []
        self.steps: list[Step] = []
        self.files: list[FilePart] = []
        self.waiting: InputNeeded | None = None
        self.usage = Usage()
        self.stop: StopReason | None = None
        """How it ended; None while it goes on."""

    def add(self, event: EventBase) -> str:
        """Take an event in, and return the words that it adds to the answer. Raises `AnswerBroke`."""
        match event:
            case TextDelta():
                return self._say(event.text)
            case ToolStarted():
                self._gap = bool(self._said)
                self._arguments[event.id] = event.arguments
            case ToolFinished():
                self._finished(event)
            case KnowledgeUsed():
                self._hits += event.hits
            case InputNeeded():
                self.waiting = event
                self._gap = bool(self._said)
                names = ", ".join(dict.fromkeys(call.name for call in event.calls))
                return self._say(_NEEDS_LEAVE[self._language].format(names=names))
            case RunFinished():
                self.usage, self.stop = event.usage, event.stop
            case RunFailed():
                raise AnswerBroke(event.message, **event.params)
            case _:
                pass
        return ""

    @property
    def text(self) -> str:
        return "".join(self._said)

    @property
    def citations(self) -> list[KnowledgeHit]:
        """The passages that the words cite, by number."""
        named = cited(self.text)
        found = {hit.number: hit for hit in self._hits if hit.number is not None}
        return [found[number] for number in sorted(named & found.keys())]

    def _say(self, text: str) -> str:
        if not text:
            return ""
        said = GAP + text if self._gap else text
        self._gap = False
        self._said.append(said)
        return said

    def _finished(self, event: ToolFinished) -> None:
        self._gap = bool(self._said)
        made = (*event.files, *(table.file for table in event.tables if table.file))
        self.files += [file for file in made if file not in self.files]
        self._hits += event.sources
        arguments = self._arguments.pop(event.id, {})
        self.steps.append(Step(event.id, event.name, arguments, event.failed, event.seconds))
