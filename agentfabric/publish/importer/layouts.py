"""Zips of AgentFabric: those of the predecessor in both of its layouts, and what lies in a `config` folder of ours."""

import json
import posixpath
from collections.abc import Iterator, Sequence, Set

from pydantic import JsonValue, ValidationError

from agentfabric.publish.importer.archive import Archive
from agentfabric.publish.importer.incoming import Incoming, IncomingFile, Note, Unreadable
from user_agent.config import Document, parse_document
from user_agent.errors import ConfigError
from user_agent.serve.folder_knowledge import FILES, KNOWN, CarriedFile
from user_agent.words import Words

CONFIG = "builder_config.json"
PLUGIN = "openapi_plugin_config.json"
_FOLDERS = ("config/local_user", "config", "")
"""Where the configuration is, the oldest layout first: newer ones have the application's own files in `config`."""
_MAX_KNOWN_BYTES = 4_000_000
_MAX_TAGS, _MAX_TAG_CHARS = 20, 60
_DEFAULT_AVATAR = "custom_bot_avatar.png"
_OF_THE_APPLICATION = ("model_config.json", "tool_config.json")
_MAX_NAME_CHARS = 80


def read_archive(archive: Archive) -> Incoming:
    """The agent in a zip. Raises `Unreadable` where there is none, `ConfigError` where it cannot be read."""
    folder = next((folder for folder in _FOLDERS if _in(folder, CONFIG) in archive.names), None)
    if folder is None:
        raise Unreadable(
            f"里面没有 {CONFIG}（应在 config/ 里）", f"there is no {CONFIG} in it, where config/ should have one"
        )
    document = document_in(archive.read(_in(folder, CONFIG)))
    plugins = plugins_in(document)
    files = [*_knowledge(archive, folder, document), *_avatar(archive, folder, document)]
    if _in(folder, PLUGIN) in archive.names:
        plugins = (archive.read(_in(folder, PLUGIN)).decode("utf-8", "replace"), *plugins)
    plain = {key: value for key, value in document.items() if key not in ("knowledge", "avatar")}
    taken = {place for file in files for place in _places(folder, file.name)}
    notes = (*_told(files), *_beside(archive, folder, {_in(folder, CONFIG), _in(folder, PLUGIN), *taken}))
    return Incoming("archive", plain, tuple(files), plugins, notes)


def document_in(data: bytes) -> Document:
    """The JSON object in the bytes of a configuration file. Raises `ConfigError`."""
    try:
        return parse_document(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise ConfigError("The file is not UTF-8.", field="config", reason="not UTF-8") from error


def plugins_in(document: Document) -> tuple[str, ...]:
    """The descriptions that the predecessor's server kept in a configuration. One that has APIs was read before."""
    entries = document.get("openAPIConfigs")
    if not isinstance(entries, list) or document.get("openapi"):
        return ()
    schemas = [entry["schema"] for entry in entries if isinstance(entry, dict) and entry.get("schema")]
    return tuple(schema if isinstance(schema, str) else json.dumps(schema, ensure_ascii=False) for schema in schemas)


def _knowledge(archive: Archive, folder: str, document: Document) -> Iterator[IncomingFile]:
    """The files that the agent knows, by the last part of the paths that the configuration has."""
    named = document.get("knowledge")
    carried = _carried(archive, folder)
    for name in dict.fromkeys(last_part(entry) for entry in (named if isinstance(named, list) else ())):
        if name:
            told = carried.get(name, CarriedFile(file=name, name=name))
            tags = tuple(tag[:_MAX_TAG_CHARS] for tag in told.tags[:_MAX_TAGS])
            yield IncomingFile("knowledge", told.name, _found(archive, folder, name), tags)


def _carried(archive: Archive, folder: str) -> dict[str, CarriedFile]:
    """What a bundle of ours says of its files, by their names in it; nothing in any other zip."""
    place = _in(folder, KNOWN)
    data = archive.read(place) if place in archive.names else b""
    try:
        return {file.file: file for file in FILES.validate_json(data)} if 0 < len(data) <= _MAX_KNOWN_BYTES else {}
    except ValidationError:
        return {}


def _avatar(archive: Archive, folder: str, document: Document) -> Iterator[IncomingFile]:
    name = last_part(document.get("avatar"))
    data = _found(archive, folder, name) if name else None
    # Where the name is the one that every agent of the predecessor has, nobody misses the picture.
    if name and (data is not None or name != _DEFAULT_AVATAR):
        yield IncomingFile("avatar", name, data)


def _found(archive: Archive, folder: str, name: str) -> bytes | None:
    return next((archive.read(place) for place in _places(folder, name) if place in archive.names), None)


def _places(folder: str, name: str) -> Sequence[str]:
    """Where a file that the configuration names may be."""
    return tuple(dict.fromkeys((_in(folder, name), _in("config", name))))


def _beside(archive: Archive, folder: str, taken: Set[str]) -> Iterator[Note]:
    """Files that nothing takes: those that lie with the agent's own, and the application that was packed around it."""
    left = [name for name in archive.names if name not in taken]
    own = [name for name in left if posixpath.dirname(name) == folder and last_part(name) not in _OF_THE_APPLICATION]
    if own and folder:
        named = tuple(last_part(name)[:_MAX_NAME_CHARS] for name in own)
        yield Note("lost", "", Words("配置里没有提到的文件", "files that it does not name"), named)
    around = dict.fromkeys(name.partition("/")[0][:_MAX_NAME_CHARS] for name in left if name not in own or not folder)
    if around:
        yield Note("lost", "", Words("一起打包的应用程序", "the application packed around it"), tuple(around))


def _told(files: Sequence[IncomingFile]) -> Iterator[Note]:
    for file in files:
        if file.data is None:
            missing = Words(
                f"“{file.name}”不在压缩包里，请之后再添加", f"{file.name!r} is not in the zip: add it later"
            )
            yield Note("lost", file.purpose, missing)


def last_part(entry: JsonValue) -> str:
    """The last part of a path of any machine. It is a name to look for, and leads nowhere."""
    text = entry.replace("\\", "/") if isinstance(entry, str) else ""
    return posixpath.basename(text.rstrip("/"))


def _in(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name
