"""What has to change in a configuration from outside before it is stored: keys and paths go, all else stays.

A key's value becomes the text `$secret:<name>`, a reference to the secret of that name. A path becomes a file id.
References that came in a file are kept as they are: whoever resolves one must check that it is of its agent's scope.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath, PureWindowsPath
from typing import Literal
from urllib.parse import unquote, urlsplit

from pydantic import JsonValue, SecretStr

from user_agent.config import Document
from user_agent.errors import ConfigError

SECRET_REFERENCE = "$secret:"  # noqa: S105  the mark of a reference, not a secret
Place = tuple[str | int, ...]
"""The way to a value: keys of objects and positions in lists."""

_SECRET = re.compile(
    r"(api_?keys?|(access|secret|private|signing)_?key(_?id|_?secret)?|secret|password|passwd|token|authorization"
    r"|credentials?)$"
)
_TEXT_TOKEN = re.compile(r"(bos|cls|eos|mask|max|min|next|pad|page|sep|special|start|stop|unk|end)_?tokens?$")
"""Settings of models and lists that are called tokens and are no secrets."""
MAX_SECRETS = 100
"""How many keys one configuration may bring: each is stored, and opened whenever a model is asked."""
_MAX_SECRET_NAME_CHARS = 180
_WINDOWS_PATH = re.compile(r"[A-Za-z]:[\\/]|\\\\")


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing that was changed, for the person to know. `name` is the secret's name or the file's."""

    kind: Literal["secret_moved", "path_replaced"]
    field: str
    """The place in the configuration, such as `knowledge.0`."""
    name: str


@dataclass(frozen=True, slots=True)
class MissingFile:
    """A file that the configuration named by its path on another machine. Its bytes did not come along."""

    field: Literal["avatar", "knowledge"]
    name: str
    """The last part of the path."""


@dataclass(frozen=True, slots=True)
class Adopted:
    """A configuration as it can be stored, and what was taken out of it."""

    document: Document
    """Without keys; the names of missing files stand where their paths stood. Store `with_files` instead."""
    secrets: Mapping[str, SecretStr]
    missing_files: Sequence[MissingFile]
    notices: Sequence[Notice]
    _file_places: Sequence[Place]

    def with_files(self, ids: Sequence[str]) -> Document:
        """The document with file ids in it, one for each of `missing_files`, in their order."""
        found = dict(zip(self._file_places, ids, strict=True))
        return {
            key: _mapped(value, (key,), lambda place, text: found.get(place, text))
            for key, value in self.document.items()
        }


def adopt(document: Mapping[str, JsonValue], scope: str) -> Adopted:
    """Take keys and absolute paths out of a configuration. Doing it again to the result finds nothing more.

    A key is a text that is not empty under a name such as `apikey`, `AMAP_TOKEN` or `password`, at any depth. Its
    secret is named `<scope>.<place>`; the scope, an agent's id, keeps one agent's secrets apart from another's. Paths
    (POSIX, Windows, `file:`) are looked for in `knowledge` and `avatar`. Raises `ConfigError` for too many keys.
    """
    secrets: dict[str, SecretStr] = {}
    files: dict[Place, MissingFile] = {}
    notices: list[Notice] = []

    def replaced(place: Place, text: str) -> str:
        where = ".".join(str(step) for step in place)
        if _is_secret(place, text):
            if len(secrets) == MAX_SECRETS:
                reason = f"more than {MAX_SECRETS} keys"
                raise ConfigError(f"The configuration holds {reason}. Take some out.", field=where, reason=reason)
            name = f"{scope}.{where}"[:_MAX_SECRET_NAME_CHARS]
            while name in secrets:  # keys may have dots in them, or be cut
                name += "'"
            secrets[name] = SecretStr(text)
            notices.append(Notice("secret_moved", where, name))
            return SECRET_REFERENCE + name
        field = str(place[0])
        if (field == "avatar" or field == "knowledge") and (name := _name_of_absolute_path(text)) is not None:
            files[place] = MissingFile(field, name)
            notices.append(Notice("path_replaced", where, name))
            return name
        return text

    adopted = {key: _mapped(value, (key,), replaced) for key, value in document.items()}
    return Adopted(adopted, secrets, tuple(files.values()), tuple(notices), tuple(files))


def _mapped(value: JsonValue, place: Place, change: Callable[[Place, str], str]) -> JsonValue:
    """The value with `change` applied to every text in it."""
    match value:
        case str():
            return change(place, value)
        case dict():
            return {key: _mapped(item, (*place, key), change) for key, item in value.items()}
        case list():
            return [_mapped(item, (*place, number), change) for number, item in enumerate(value)]
        case _:
            return value


def _is_secret(place: Place, text: str) -> bool:
    key = place[-1]
    if not isinstance(key, str) or not text.strip() or text.startswith(SECRET_REFERENCE):
        return False
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9]+", "_", key).lower()
    return _SECRET.search(words) is not None and _TEXT_TOKEN.search(words) is None


def _name_of_absolute_path(text: str) -> str | None:
    """The last part of an absolute path, None for text that is none."""
    if text[:5].lower() == "file:":
        text = unquote(urlsplit(text).path)
        text = text[1:] if _WINDOWS_PATH.match(text[1:]) else text
    if _WINDOWS_PATH.match(text):
        return PureWindowsPath(text).name or "file"
    if text.startswith(("/", "~/")):
        return PurePosixPath(text).name or "file"
    return None
