"""JSON files that people edit: read member by member, so that one mistake costs one entry, and told with its line."""

import contextlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import JsonValue, ValidationError
from pydantic_core import PydanticCustomError

from user_agent.config import AgentConfig
from user_agent.errors import ConfigError
from user_agent.storable import check_values, cleaned
from user_agent.words import Words


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in a file that a person should mend. `line` and `column` count from 1; 0 where there is no place."""

    file: str
    line: int
    message: Words
    """What is wrong and what to do about it."""
    column: int = 0
    entry: str = ""
    """The key of the entry that is left out; empty where it is the whole file."""


def read_agent_file(path: Path) -> AgentConfig:
    """The configuration of one agent in a file. Blocking. Raises `ConfigError` naming the file."""
    try:
        return AgentConfig.from_json(path.read_text("utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or "it is not UTF-8"
        raise ConfigError(f"{str(path)!r} cannot be read: {reason}.", field="config", reason=reason) from error
    except ConfigError as error:
        message = f"{str(path)!r} cannot be used. {error.message}"
        raise ConfigError(message, field=error.field, reason=error.reason) from error


def told(words: Words) -> PydanticCustomError:
    """A reason for a validator to raise that is told in the reader's language."""
    return PydanticCustomError("told", "{en}", {"en": words.en, "zh": words.zh})


@dataclass(frozen=True, slots=True)
class Member:
    """A key of a JSON object, its value, and where in the text both begin."""

    key: str
    at: int
    value: JsonValue
    value_at: int


@dataclass(frozen=True, slots=True)
class ConfigFile:
    """A file's members in order. A file that cannot be read has none, and a problem."""

    path: str
    text: str
    members: Sequence[Member] = ()
    problems: tuple[Problem, ...] = ()

    def line(self, at: int) -> int:
        """The line of a position in the text, counted from 1."""
        return self.text.count("\n", 0, at) + 1

    def left_out(self, member: Member, error: ValidationError) -> Problem:
        """Why a member cannot be used, at the line of the field that is wrong."""
        first = error.errors(include_url=False, include_input=False)[0]
        field = str(first["loc"][0]) if first["loc"] else ""
        at = member.at
        if isinstance(member.value, dict):
            at = next((inner.at for inner in _members(self.text, member.value_at) if inner.key == field), at)
        place = ".".join(str(step) for step in first["loc"])
        if first["type"] == "told":
            reason = Words(**first.get("ctx", {}))
        else:
            plain = f"{place}: {first['msg']}" if place else first["msg"].removeprefix("Value error, ")
            reason = Words(plain, plain)
        message = Words(
            zh=f"“{member.key}”未能载入（{reason.zh}）。请改正这一处，其余条目照常可用。",
            en=f"{member.key!r} is left out ({reason.en}). Correct it here; the other entries work.",
        )
        return Problem(self.path, self.line(at), message, entry=member.key)


def read_config_file(path: Path, variable: str) -> ConfigFile:
    """The members of the JSON object in a file, to which the environment's `variable` may point.

    Never raises for what the file holds. A key that stands twice is a problem.
    """
    file = str(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        return _unusable(file, 0, _unreadable(error, variable))
    except UnicodeDecodeError as error:
        return _unusable(file, error.object.count(b"\n", 0, error.start) + 1, _NOT_UTF8)
    problems: list[Problem] = []
    try:
        document: JsonValue = json.loads(text)
        if not isinstance(document, dict):
            return _unusable(file, 1, _NOT_AN_OBJECT)
    except json.JSONDecodeError as error:
        problems.append(Problem(file, error.lineno, _not_json(error), column=error.colno))
    except ValueError:  # Python reads whole numbers of at most 4,300 digits
        problems.append(Problem(file, 0, _TOO_MANY_DIGITS))
    except RecursionError:
        return _unusable(file, 0, _TOO_DEEP)
    members: list[Member] = []
    seen: set[str] = set()
    for member in _readable(text):
        line = text.count("\n", 0, member.at) + 1
        if not _is_keepable(member):
            problems.append(Problem(file, line, _UNKEEPABLE, entry=cleaned(member.key)))
            continue
        if member.key in seen:
            problems.append(Problem(file, line, _stands_twice(member.key), entry=member.key))
        seen.add(member.key)
        members.append(member)
    return ConfigFile(file, text, tuple(members), tuple(problems))


def _unusable(file: str, line: int, message: Words) -> ConfigFile:
    return ConfigFile(file, "", (), (Problem(file, line, message),))


_SPACE = re.compile(r"[ \t\r\n]*")
_DECODER = json.JSONDecoder()


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _readable(text: str) -> Iterator[Member]:
    """The members of the object in a text, up to the first place that is not JSON."""
    start = _skip(text, 0)
    if text[start : start + 1] == "{":
        with contextlib.suppress(ValueError, IndexError, RecursionError):
            yield from _members(text, start)


def _is_keepable(member: Member) -> bool:
    try:
        check_values({member.key: member.value})
    except ConfigError:
        return False
    return True


def _members(text: str, start: int) -> Iterator[Member]:
    """The members of the object that begins at `start`. Raises `ValueError` or `IndexError` where it is not JSON."""
    at = _skip(text, start + 1)
    while text[at] != "}":
        key, end = _DECODER.raw_decode(text, at)
        if not isinstance(key, str):
            raise ValueError("a key is a text")
        value_at = _skip(text, _skip(text, end) + 1)
        value, end = _DECODER.raw_decode(text, value_at)
        yield Member(key, at, value, value_at)
        at = _skip(text, end)
        if text[at] == ",":
            at = _skip(text, at + 1)
        elif text[at] != "}":
            raise ValueError("a comma is missing")


_NOT_UTF8 = Words(
    zh="文件不是 UTF-8 编码。请用 UTF-8 重新保存。",
    en="The file is not in UTF-8. Save it again in that encoding.",
)
_TOO_DEEP = Words(
    zh="文件嵌套得太深。请对照随附的同名文件修改。",
    en="The file is nested too deeply. Compare it with the one of that name that came with this program.",
)
_TOO_MANY_DIGITS = Words(
    zh="文件里有一个位数过多的数字，它前面的条目照常可用。请改正它。",
    en="The file holds a number with too many digits. The entries before it work. Correct it.",
)
_UNKEEPABLE = Words(
    zh="这一项含有无法保存的字符或数值，未能载入。请改正这一处，其余条目照常可用。",
    en="This entry holds characters or numbers that cannot be kept, and is left out. Correct it here; the others work.",
)
_NOT_AN_OBJECT = Words(
    zh='文件应当是一个 JSON 对象：{"名称": {…}}。',
    en='The file must be a JSON object: {"name": {…}}.',
)


def _unreadable(error: OSError, variable: str) -> Words:
    if isinstance(error, FileNotFoundError):
        return Words(
            zh=f"没有这个文件。请检查 {variable}，或恢复随附的文件。",
            en=f"There is no such file. Check {variable}, or restore the file that came with this program.",
        )
    reason = error.strerror or type(error).__name__
    return Words(
        zh=f"无法读取这个文件（{reason}）。请检查它的类型和权限。",
        en=f"The file cannot be read ({reason}). Check what it is and who may read it.",
    )


def _not_json(error: json.JSONDecodeError) -> Words:
    return Words(
        zh=f"第 {error.lineno} 行第 {error.colno} 列不是正确的 JSON（{error.msg}）。请检查那里的逗号、引号和括号；"
        "在它前面的条目照常可用。",
        en=f"Line {error.lineno}, column {error.colno} is not JSON ({error.msg}). "
        "Look for a comma, quote or bracket too many or too few there. The entries before it work.",
    )


def _stands_twice(key: str) -> Words:
    return Words(
        zh=f"“{key}”出现了两次，以后一个为准。请给其中一个改名。",
        en=f"{key!r} stands twice; the later one counts. Rename one of them.",
    )
