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

from builder_core.policies import policy_field, without_new_leaves
from user_agent.config import Document
from user_agent.errors import ConfigError

SECRET_REFERENCE = "$secret:"  # noqa: S105  the mark of a reference, not a secret
Place = tuple[str | int, ...]
"""The way to a value: keys of objects and positions in lists."""

_SECRET = re.compile(
    r"((api|app|auth|access|secret|private|signing|subscription|account)_?keys?(_?id|_?secret)?"
    r"|secrets?|passwords?|passwd|pwd|passphrase|token|authorization|cookie|credentials?|connection_?string)$"
)
_TEXT_TOKEN = re.compile(r"(bos|cls|eos|mask|max|min|next|pad|page|sep|special|start|stop|unk|end)_?tokens?$")
"""Settings of models and lists that are called tokens and are no secrets."""
_PLAIN_KEY = re.compile(r"(^|_)(key|ak|sk)$")
_RANDOM = re.compile(r"(?=.*[0-9])(?=.*[A-Za-z])[\w.-]{16,}")
"""What a key looks like that is called nothing but a key."""
_IN_LIST = re.compile(r"[\w.-]{8,}")
"""What a key in a list looks like: scopes and names of fields stand in lists of such names too."""
MAX_SECRETS = 100
"""How many keys one configuration may bring: each is stored, and opened whenever a model is asked."""
_MAX_SECRET_NAME_CHARS = 180
_QUERY = re.compile(r"(?P<before>[?&])(?P<name>[^=&#?]+)=(?P<value>[^&#]+)")
_LOGIN = re.compile(r"(?P<before>://[^/?#@:]*:)(?P<value>[^/?#@]+)@")
_WINDOWS_PATH = re.compile(r"[A-Za-z]:[\\/]|\\\\")


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing that was changed, for the person to know. `name` is the secret's name or the file's."""

    kind: Literal["secret_moved", "path_replaced", "asks_again"]
    field: str
    """The place in the configuration, such as `knowledge.0`."""
    name: str
    """Of a tool that was allowed to write unasked where the document comes from, and asks here: its id, or the key of
    the operation."""


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


NOBODY: Mapping[str, str] = {}


def adopt(document: Mapping[str, JsonValue], scope: str, *, allowed: Mapping[str, str] = NOBODY) -> Adopted:
    """Take keys and absolute paths out of a configuration. Doing it again to the result finds nothing more.

    Tools and operations of APIs do not come with a leave to write unasked, but for those in `allowed`, which the person
    here gave it to: keys of policies, each with what an operation's leave is for.

    A key is a text that is not empty under a name such as `apikey`, `AMAP_TOKEN` or `password`, at any depth, in a list
    of that name, or in the query of an address. Its secret is named `<scope>.<place>`; the scope, an agent's id, keeps
    one agent's secrets apart from another's. Paths (POSIX, Windows, `file:`) are looked for in `knowledge` and
    `avatar`. Raises `ConfigError` for too many keys.
    """
    secrets: dict[str, SecretStr] = {}
    files: dict[Place, MissingFile] = {}
    notices: list[Notice] = []

    def moved(where: str, text: str) -> str:
        if len(secrets) == MAX_SECRETS:
            reason = f"more than {MAX_SECRETS} keys"
            raise ConfigError(f"The configuration holds {reason}. Take some out.", field=where, reason=reason)
        name = f"{scope}.{where}"[:_MAX_SECRET_NAME_CHARS]
        while name in secrets:  # keys may have dots in them, or be cut
            name += "'"
        secrets[name] = SecretStr(text)
        notices.append(Notice("secret_moved", where, name))
        return SECRET_REFERENCE + name

    def replaced(place: Place, text: str) -> str:
        where = ".".join(str(step) for step in place)
        if _is_secret(_name_at(place), text) and (isinstance(place[-1], str) or _IN_LIST.fullmatch(text)):
            return moved(where, text)
        if text.lower().startswith(("http://", "https://")):
            return _address_without_keys(text, lambda value: moved(where, value))
        field = str(place[0])
        if (field == "avatar" or field == "knowledge") and (name := _name_of_absolute_path(text)) is not None:
            files[place] = MissingFile(field, name)
            notices.append(Notice("path_replaced", where, name))
            return name
        return text

    whole, asking = without_new_leaves(with_one_instruction(document), allowed)
    notices += (Notice("asks_again", policy_field(key), key) for key in asking)
    adopted = {key: _mapped(value, (key,), replaced) for key, value in whole.items()}
    return Adopted(adopted, secrets, tuple(files.values()), tuple(notices), tuple(files))


def without_secrets(value: JsonValue, name: str = "") -> JsonValue:
    """The value, which is called `name`, without the texts that `adopt` takes for keys."""
    match value:
        case str():
            return _address_without_keys(value, lambda _: "")
        case dict():
            kept = {key: item for key, item in value.items() if not (isinstance(item, str) and _is_secret(key, item))}
            return {key: without_secrets(item, key) for key, item in kept.items()}
        case list():
            kept = [item for item in value if not (isinstance(item, str) and _is_secret(name, item))]
            return [without_secrets(item, name) for item in kept]
        case _:
            return value


def with_one_instruction(document: Mapping[str, JsonValue]) -> Mapping[str, JsonValue]:
    """Earlier files may hold the instruction as a list of texts: joined as they were when it was read."""
    match document.get("instruction"):
        case [*parts] if all(isinstance(part, str) for part in parts):
            return {**document, "instruction": "；".join(map(str, parts))}
        case _:
            return document


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


def _name_at(place: Place) -> str:
    """What the value at a place is called: its key, or that of the list it stands in."""
    return next((step for step in reversed(place) if isinstance(step, str)), "")


def _is_secret(name: str, text: str) -> bool:
    if not text.strip() or text.startswith(SECRET_REFERENCE):
        return False
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9]+", "_", name).lower()
    if _PLAIN_KEY.search(words) and _RANDOM.fullmatch(text):
        return True
    return _SECRET.search(words) is not None and _TEXT_TOKEN.search(words) is None


def _address_without_keys(text: str, moved: Callable[[str], str]) -> str:
    """The address with the keys in its query, and the password before its host, replaced by what `moved` gives."""

    def query(found: re.Match[str]) -> str:
        name, value = found["name"], unquote(found["value"])
        secret = _is_secret(name, value) or _PLAIN_KEY.search(name.lower()) is not None
        return f"{found['before']}{name}={moved(value)}" if secret and SECRET_REFERENCE not in value else found[0]

    def login(found: re.Match[str]) -> str:
        return (
            f"{found['before']}{moved(unquote(found['value']))}@"
            if SECRET_REFERENCE not in found["value"]
            else found[0]
        )

    return _QUERY.sub(query, _LOGIN.sub(login, text))


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
