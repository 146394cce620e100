"""The models that there are: `model_config.json`, read entry by entry, so that one mistake costs one model."""

import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import JsonValue, ValidationError

from user_agent.models.entry import ModelEntry
from user_agent.words import Words


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in the file that a person should mend. `line` and `column` count from 1; 0 where there is no place."""

    file: str
    line: int
    message: Words
    """What is wrong and what to do about it."""
    column: int = 0
    entry: str = ""
    """The display key of the model that is left out; empty where it is the whole file."""


@dataclass(frozen=True, slots=True)
class Catalog:
    """The models by display key, in the file's order, and what is wrong with the file."""

    entries: Mapping[str, ModelEntry]
    problems: tuple[Problem, ...] = ()

    def default_model(self, ready: Collection[str]) -> ModelEntry | None:
        """The first of the ready display keys, in the file's order, that may be chosen by itself."""
        return next((entry for key, entry in self.entries.items() if key in ready and entry.default), None)


def load_catalog(path: Path) -> Catalog:
    """The models of a file. Never raises for what it holds: an unreadable file has no entries, and a problem."""
    file = str(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        return Catalog({}, (Problem(file, 0, _unreadable(error)),))
    except UnicodeDecodeError as error:
        return Catalog({}, (Problem(file, error.object.count(b"\n", 0, error.start) + 1, _NOT_UTF8),))
    try:
        document: JsonValue = json.loads(text)
    except json.JSONDecodeError as error:
        return Catalog({}, (Problem(file, error.lineno, _not_json(error), column=error.colno),))
    except RecursionError:
        return Catalog({}, (Problem(file, 0, _TOO_DEEP),))
    if not isinstance(document, dict):
        return Catalog({}, (Problem(file, 1, _NOT_AN_OBJECT),))
    return _read(file, text)


def _read(file: str, text: str) -> Catalog:
    entries: dict[str, ModelEntry] = {}
    problems: list[Problem] = []
    for member in _members(text, _skip(text, 0)):
        if member.key in entries:
            problems.append(Problem(file, _line(text, member.at), _stands_twice(member.key), entry=member.key))
        try:
            entry = ModelEntry.model_validate(member.value)
            entries[member.key] = entry.model_copy(update={"display_key": member.key})
        except ValidationError as error:
            problems.append(_left_out(file, text, member, error))
    return Catalog(entries, tuple(problems))


def _left_out(file: str, text: str, member: "_Member", error: ValidationError) -> Problem:
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    field = str(first["loc"][0]) if first["loc"] else ""
    at = member.at
    if isinstance(member.value, dict):
        at = next((inner.at for inner in _members(text, member.value_at) if inner.key == field), at)
    place = ".".join(str(step) for step in first["loc"])
    reason = f"{place}: {first['msg']}" if place else first["msg"].removeprefix("Value error, ")
    message = Words(
        zh=f"模型“{member.key}”未能载入（{reason}）。请改正这一处，其他模型照常可用。",
        en=f"The model {member.key!r} is left out ({reason}). Correct it here; the other models work.",
    )
    return Problem(file, _line(text, at), message, entry=member.key)


@dataclass(frozen=True, slots=True)
class _Member:
    """A key of a JSON object, its value, and where in the text both begin."""

    key: str
    at: int
    value: JsonValue
    value_at: int


_SPACE = re.compile(r"[ \t\r\n]*")
_DECODER = json.JSONDecoder()


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _members(text: str, start: int) -> Iterator[_Member]:
    """The members of the object that begins at `start`, in a text that is known to be JSON."""
    at = _skip(text, start + 1)
    while text[at] != "}":
        key, end = _DECODER.raw_decode(text, at)
        value_at = _skip(text, _skip(text, end) + 1)
        value, end = _DECODER.raw_decode(text, value_at)
        yield _Member(key, at, value, value_at)
        at = _skip(text, end)
        if text[at] == ",":
            at = _skip(text, at + 1)


def _line(text: str, at: int) -> int:
    return text.count("\n", 0, at) + 1


_NOT_UTF8 = Words(
    zh="文件不是 UTF-8 编码。请用 UTF-8 重新保存。",
    en="The file is not in UTF-8. Save it again in that encoding.",
)
_TOO_DEEP = Words(
    zh="文件嵌套得太深。请对照随附的 model_config.json 修改。",
    en="The file is nested too deeply. Compare it with the model_config.json that came with this program.",
)
_NOT_AN_OBJECT = Words(
    zh='文件应当是一个 JSON 对象：{"模型名": {"type": …, "model": …}}。',
    en='The file must be a JSON object: {"name of the model": {"type": …, "model": …}}.',
)


def _unreadable(error: OSError) -> Words:
    if isinstance(error, FileNotFoundError):
        return Words(
            zh="没有这个文件。请检查 MODEL_CONFIG_FILE，或恢复随附的 config/model_config.json。",
            en="There is no such file. Check MODEL_CONFIG_FILE, or restore the config/model_config.json that came "
            "with this program.",
        )
    reason = error.strerror or type(error).__name__
    return Words(
        zh=f"无法读取这个文件（{reason}）。请检查它的类型和权限。",
        en=f"The file cannot be read ({reason}). Check what it is and who may read it.",
    )


def _not_json(error: json.JSONDecodeError) -> Words:
    return Words(
        zh=f"第 {error.lineno} 行第 {error.colno} 列不是正确的 JSON（{error.msg}）。请检查那里的逗号、引号和括号。",
        en=f"Line {error.lineno}, column {error.colno} is not JSON ({error.msg}). "
        "Look for a comma, quote or bracket too many or too few there.",
    )


def _stands_twice(key: str) -> Words:
    return Words(
        zh=f"模型“{key}”出现了两次，以后一个为准。请给其中一个改名。",
        en=f"The model {key!r} stands twice; the later one counts. Rename one of them.",
    )
