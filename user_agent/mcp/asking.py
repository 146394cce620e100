"""What a server asks the person during a call (elicitation): a form of a few plain fields, or a page to go to.

What comes is a stranger's: it is read into a `Question` of bounded size, or refused with a sentence for the server.
"""

import re
from collections.abc import Mapping
from typing import cast

from pydantic import JsonValue

from user_agent.errors import BadRequest
from user_agent.openapi.references import short
from user_agent.questions import LARGEST_NUMBER, FieldKind, Option, Question, QuestionField, TextFormat
from user_agent.storable import cleaned
from user_agent.urls import NotAnUrl, web_address

MAX_FIELDS = 20
MAX_OPTIONS = 100
MAX_MESSAGE_CHARS = 2_000
MAX_LINE_CHARS = 200
MAX_DESCRIPTION_CHARS = 500
_KINDS: dict[str, FieldKind] = {
    "string": "text",
    "number": "number",
    "integer": "integer",
    "boolean": "yes_no",
    "array": "choices",
}
_FORMATS: dict[str, TextFormat] = {"email": "email", "uri": "uri", "date": "date", "date-time": "date-time"}
_SECRET = re.compile(
    r"pass[ _-]?(?:word|wd|phrase|code)|api[ _-]?key|secret|credential|private[ _-]?key|access[ _-]?token|bearer|"
    r"card[ _-]?number|\bcvv\b|密码|口令|密钥|私钥|验证码|卡号",
    re.IGNORECASE,
)
"""What names something that a server must not ask for in a form: the protocol leaves that to pages of its own."""


class NotAskable(ValueError):
    """A question that no person is shown. Its text is for the server."""


def form_of(message: str, schema: Mapping[str, JsonValue]) -> Question:
    """The form that a server wants to be filled in. Raises `NotAskable`."""
    properties = schema.get("properties")
    if not isinstance(properties, dict) or len(properties) > MAX_FIELDS:
        raise NotAskable(f"A form has up to {MAX_FIELDS} fields.")
    required = schema.get("required")
    names = set(required) if isinstance(required, list) else set[JsonValue]()
    fields = tuple(_field(name, node, required=name in names) for name, node in properties.items())
    return Question(message=_said(message), fields=fields)


def page_of(message: str, url: str) -> Question:
    """The page that a server wants the person to go to. Raises `NotAskable`."""
    try:
        address = web_address(url)
    except NotAnUrl as error:
        raise NotAskable("Only web addresses are shown to people.") from error
    if len(url) > MAX_MESSAGE_CHARS:
        raise NotAskable("The address is too long to be looked at.")
    return Question(message=_said(message), url=str(address))


def _said(message: str) -> str:
    return cleaned(message).strip()[:MAX_MESSAGE_CHARS]


def _field(name: str, node: JsonValue, *, required: bool) -> QuestionField:
    if not isinstance(node, dict) or not 0 < len(name) <= MAX_LINE_CHARS:
        raise NotAskable("A field of a form is described by an object and has a short name.")
    kind = _KINDS.get(str(node.get("type")))
    options = _options(node if kind != "choices" else node.get("items"))
    if kind is None or (kind == "choices" and not options):
        raise NotAskable(f"The field {name[:60]!r} is no text, number, yes or no, or choice: forms have nothing else.")
    if kind == "text" and options:
        kind = "choice"
    title, description = _line(node.get("title")), _line(node.get("description"), MAX_DESCRIPTION_CHARS)
    if node.get("format") == "password" or _SECRET.search(f"{name} {title}"):
        raise NotAskable(f"The field {name[:60]!r} asks for a secret. A form must not: use the URL mode for it.")
    least, most = _bounds(kind, node)
    field = QuestionField(
        name=name,
        title=title,
        description=description,
        kind=kind,
        format=_FORMATS.get(str(node.get("format")), "") if kind == "text" else "",
        required=required,
        options=options,
        least=least,
        most=most,
    )
    return field.model_copy(update={"default": _default(field, node.get("default"))})


def _options(node: JsonValue) -> tuple[Option, ...]:
    """The choices of a field, in one of the forms that the protocol has had."""
    match node:
        case {"enum": [*values]}:
            names = node.get("enumNames")
            titles = names if isinstance(names, list) and len(names) == len(values) else values
        case {"oneOf": [*choices]} | {"anyOf": [*choices]}:
            values = [choice.get("const") if isinstance(choice, dict) else None for choice in choices]
            titles = [choice.get("title") if isinstance(choice, dict) else None for choice in choices]
        case _:
            return ()
    if len(values) > MAX_OPTIONS or not all(
        isinstance(value, str) and len(value) <= MAX_LINE_CHARS for value in values
    ):
        raise NotAskable(f"A choice has up to {MAX_OPTIONS} short texts.")
    texts = cast("list[str]", values)
    return tuple(Option(value=text, title=_line(title) or text) for text, title in zip(texts, titles, strict=True))


def _bounds(kind: FieldKind, node: Mapping[str, JsonValue]) -> tuple[float | None, float | None]:
    names = {"text": ("minLength", "maxLength"), "choices": ("minItems", "maxItems")}.get(kind, ("minimum", "maximum"))
    least, most = (node.get(name) for name in names)
    return _number(least), _number(most)


def _number(value: JsonValue) -> float | None:
    return float(value) if isinstance(value, int | float) and abs(value) < LARGEST_NUMBER else None


def _default(field: QuestionField, value: JsonValue) -> JsonValue:
    """What stands in the field before anybody wrote, if it is an answer."""
    try:
        return None if value is None else field.checked(value)
    except BadRequest:
        return None


def _line(value: JsonValue, chars: int = MAX_LINE_CHARS) -> str:
    return short(cleaned(value), chars) if isinstance(value, str) else ""
