"""What an agent's run emits: one closed union, which the page draws, the API encodes and tests assert on."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from user_agent.knowledge.hits import KnowledgeHit
from user_agent.messages import FilePart, TablePart, ToolCallPart
from user_agent.questions import Outcome, Question
from user_agent.words import Words


class EventBase(BaseModel):
    model_config = ConfigDict(frozen=True)


class Usage(BaseModel):
    """Tokens as the endpoint counted them; zero where it did not say."""

    model_config = ConfigDict(frozen=True)

    input_tokens: int = 0
    output_tokens: int = 0

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(
            input_tokens=self.input_tokens + other.input_tokens,
            output_tokens=self.output_tokens + other.output_tokens,
        )


class KnowledgeFile(BaseModel):
    """What became of one knowledge file in a turn."""

    model_config = ConfigDict(frozen=True)

    file: str
    name: str
    state: Literal["searched", "waiting", "failed", "whole", "cut", "left_out", "not_read"]
    """Searched; not ready yet; or it could not be read. The others are those of turns from before files were searched:
    in the prompt whole, cut to the budget, left out for lack of room, or of a kind that was not read."""
    why: Words | None = None
    """Why it could not be read."""


class KnowledgeUsed(EventBase):
    """What was searched for a message, and what was found. `hits` are empty where nothing fits."""

    type: Literal["knowledge_used"] = "knowledge_used"
    files: tuple[KnowledgeFile, ...] = ()
    query: str = ""
    """As it was searched: a message that only goes on with the one before is completed by it."""
    hits: tuple[KnowledgeHit, ...] = ()
    engine: Literal["whole", "lexical", "hybrid"] | None = None
    """`whole`: all passages had room, and all were shown. None in turns from before files were searched."""
    problem: Words | None = None
    """Why a part of the search was not at work."""

    @property
    def is_told(self) -> bool:
        """Whether anything was searched at all, so that nothing found means something."""
        return any(file.state == "searched" for file in self.files)


class FileReading(EventBase):
    """A file of the message is still being read: `share` of it, from 0 to 1. Told while that takes long."""

    type: Literal["file_reading"] = "file_reading"
    file: str
    name: str
    share: float


class HistorySummarising(EventBase):
    """The first `turns` of the conversation no longer fit: a summary of them is being written."""

    type: Literal["history_summarising"] = "history_summarising"
    turns: int


class HistorySummarised(EventBase):
    """The model is shown `text` in the place of the first `turns` of the conversation, the last of which is `until`.

    Told once for each summary. `by` says who wrote it: the agent's model, or rules where that failed.
    """

    type: Literal["history_summarised"] = "history_summarised"
    turns: int
    until: str
    text: str
    by: Literal["model", "rules"]


class ToolsOffered(EventBase):
    """The agent has more tools than a model reads at a time: these are the ones that it is shown now, of `total`."""

    type: Literal["tools_offered"] = "tools_offered"
    tools: tuple[str, ...]
    total: int


class ModelWaiting(EventBase):
    """The model failed before its first word, in a way that passes: it is asked again after `seconds`.

    `code` is the failure's, as in `RunFailed`. Whatever comes next ends the waiting.
    """

    type: Literal["model_waiting"] = "model_waiting"
    seconds: float
    code: str


class ReasoningDelta(EventBase):
    type: Literal["reasoning_delta"] = "reasoning_delta"
    text: str


class TextDelta(EventBase):
    type: Literal["text_delta"] = "text_delta"
    text: str


class ToolDrafting(EventBase):
    """A call whose arguments are still being written. `arguments_text` is the next piece of their JSON."""

    type: Literal["tool_drafting"] = "tool_drafting"
    id: str
    name: str
    arguments_text: str


class ToolStarted(EventBase):
    type: Literal["tool_started"] = "tool_started"
    id: str
    name: str
    arguments: dict[str, JsonValue]


class ToolProgress(EventBase):
    """How far a call is that takes long: `share` is between 0 and 1, None where nobody knows; `text` is the tool's."""

    type: Literal["tool_progress"] = "tool_progress"
    id: str
    share: float | None = None
    text: str = ""


class QuestionAsked(EventBase):
    """The other side of the tool that `call` runs asks the person something. The call is open until they answer."""

    type: Literal["question_asked"] = "question_asked"
    id: str
    call: str
    question: Question


class QuestionClosed(EventBase):
    """The question waits no more; `seconds` is how long it did."""

    type: Literal["question_closed"] = "question_closed"
    id: str
    call: str
    outcome: Outcome
    seconds: float


class ToolFinished(EventBase):
    """`output` is what the model reads; `failed` says that it is the reason why the call did not work, `refused` that
    a person did not allow it. `files` and `tables` are what the tool made for the person, kept already."""

    type: Literal["tool_finished"] = "tool_finished"
    id: str
    name: str
    output: str
    failed: bool
    seconds: float
    files: tuple[FilePart, ...] = ()
    tables: tuple[TablePart, ...] = ()
    refused: bool = False
    sources: tuple[KnowledgeHit, ...] = ()
    """What it found that an answer can cite."""


class InputNeeded(EventBase):
    """The run ends before these calls are made: a person has to allow each of them, or refuse it."""

    type: Literal["input_needed"] = "input_needed"
    calls: tuple[ToolCallPart, ...]


Decision = Literal["allow", "refuse"]
"""What a person says to a call that waits for them."""

StopReason = Literal["answered", "input_needed", "length_limit", "step_limit", "time_limit", "token_limit", "stopped"]
"""`input_needed`: it goes on when a person has decided. `length_limit`: the model's answer was cut at the longest that
it may be."""


class MemoryChanged(EventBase):
    """The agent noted a fact about the person, or struck one out. `id` is the fact's."""

    type: Literal["memory_changed"] = "memory_changed"
    change: Literal["remembered", "forgotten"]
    id: str
    text: str


class RunFinished(EventBase):
    type: Literal["run_finished"] = "run_finished"
    text: str
    usage: Usage
    stop: StopReason


class RunFailed(EventBase):
    """`code` and `params` are for translation; `incident` finds the log entry of a defect."""

    type: Literal["run_failed"] = "run_failed"
    code: str
    message: str
    params: dict[str, str | int | float] = {}
    incident: str = ""


Event = Annotated[
    FileReading
    | KnowledgeUsed
    | HistorySummarising
    | HistorySummarised
    | ToolsOffered
    | ModelWaiting
    | ReasoningDelta
    | TextDelta
    | ToolDrafting
    | ToolStarted
    | ToolProgress
    | QuestionAsked
    | QuestionClosed
    | ToolFinished
    | InputNeeded
    | MemoryChanged
    | RunFinished
    | RunFailed,
    Field(discriminator="type"),
]
