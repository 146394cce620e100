"""Questions that the other side of a tool asks the person while a call is open, and their answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from pydantic import BaseModel, ConfigDict, JsonValue

from user_agent.errors import BadRequest

Action = Literal["accept", "decline", "cancel"]
"""What a person does with a question: answer it, refuse to, or put it away."""
Outcome = Literal["accept", "decline", "cancel", "late", "over"]
"""What became of one: `late` is one that nobody answered in time, `over` one whose call ended before."""
FieldKind = Literal["text", "number", "integer", "choice", "choices", "yes_no"]
TextFormat = Literal["", "email", "uri", "date", "date-time"]
MAX_ANSWER_CHARS = 10_000
"""How long a text may be that a person answers with."""
LARGEST_NUMBER = 1e300

_FROZEN = ConfigDict(frozen=True)


class Option(BaseModel):
    """One of several answers: `value` is sent, `title` is shown."""

    model_config = _FROZEN

    value: str
    title: str


class QuestionField(BaseModel):
    """One field of a form."""

    model_config = _FROZEN

    name: str
    title: str = ""
    description: str = ""
    kind: FieldKind = "text"
    format: TextFormat = ""
    required: bool = False
    default: JsonValue = None
    options: tuple[Option, ...] = ()
    least: float | None = None
    """The smallest number, the fewest letters, or the fewest choices."""
    most: float | None = None

    def checked(self, given: JsonValue) -> JsonValue:
        """The answer as it is sent. Raises `BadRequest` that says what does not fit."""
        match self.kind, given:
            case "text", str() as text if len(text) <= MAX_ANSWER_CHARS and self._holds(len(text)):
                return text
            case "yes_no", bool():
                return given
            case "number", int() | float() as number if self._counts(number):
                return number
            case "integer", int() | float() as number if self._counts(number) and number == int(number):
                return int(number)
            case "choice", str() as text if self._offers(text):
                return text
            case "choices", [*chosen] if all(map(self._offers, chosen)) and self._holds(len(chosen)):
                return chosen
            case _:
                name = (self.title or self.name)[:60]
                raise BadRequest(f"{name!r} does not take that answer. Look at what it asks for.")

    def _counts(self, number: float) -> bool:
        return not isinstance(number, bool) and abs(number) < LARGEST_NUMBER and self._holds(number)

    def _holds(self, size: float) -> bool:
        return (self.least is None or size >= self.least) and (self.most is None or size <= self.most)

    def _offers(self, given: JsonValue) -> bool:
        return any(option.value == given for option in self.options)


class Question(BaseModel):
    """A form to fill in, or, with a `url`, a page to go to. All of it was written by `asker`, who is nobody of ours."""

    model_config = _FROZEN

    asker: str = ""
    """What the person calls who asks."""
    host: str = ""
    """Where that is."""
    message: str = ""
    fields: tuple[QuestionField, ...] = ()
    url: str = ""

    def checked(self, content: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
        """What was filled in, as it is sent. Raises `BadRequest` where something does not fit or is missing."""
        by_name = {one.name: one for one in self.fields}
        if unknown := next((name for name in content if name not in by_name), None):
            raise BadRequest(f"Nothing was asked under the name {unknown[:60]!r}.")
        given = {name: value for name, value in content.items() if value is not None}
        if missing := next((one for one in self.fields if one.required and one.name not in given), None):
            raise BadRequest(f"{(missing.title or missing.name)[:60]!r} has to be filled in.")
        return {name: by_name[name].checked(value) for name, value in given.items()}


@dataclass(frozen=True, slots=True)
class Reply:
    """What a person did with a question; `content` is what they filled in."""

    action: Action
    content: Mapping[str, JsonValue] = field(default_factory=dict[str, JsonValue])


PUT_AWAY = Reply("cancel")
