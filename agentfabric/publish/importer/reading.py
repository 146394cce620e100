"""One reader for whatever file a person brings: what it is, is told by what stands in it, never by its name."""

from collections.abc import Callable
from dataclasses import replace

from pydantic import JsonValue

from agentfabric.publish.importer import dify, gpt, librechat, lobechat, openwebui
from agentfabric.publish.importer.archive import Archive, is_archive, open_archive
from agentfabric.publish.importer.incoming import Incoming, Signature, Unreadable
from agentfabric.publish.importer.layouts import document_in, plugins_in, read_archive
from agentfabric.publish.importer.mapping import mapping
from agentfabric.publish.manifest import checked
from user_agent.config import Document, parse_document
from user_agent.openapi.loading import load
from user_agent.openapi.references import Unusable

FINGERPRINT_CHARS = 16
MAX_EXPORT_BYTES = 20_000_000
"""How large a file that is no zip may be: exports of many agents have pictures and conversations in them."""
_PRODUCTS: tuple[tuple[Callable[[JsonValue], list[str]], Callable[[JsonValue, int, list[str]], Incoming]], ...] = (
    (openwebui.names_in, openwebui.read_openwebui),
    (lobechat.names_in, lobechat.read_lobechat),
    (gpt.names_in, gpt.read_gpt),
    (librechat.names_in, librechat.read_librechat),
)
"""How each product's agents are known, and how one of them is read: the first that knows some reads it."""
_OUR_FIELDS = frozenset(
    {"instruction", "prologue", "prompt_recommend", "tools", "mcpServers", "openapi", "description", "name"}
)


def read_incoming(data: bytes, number: int = 1) -> Incoming:
    """The agent in a file; of several, the one with this number. It takes a while: call it in a thread.

    Raises `Unreadable` for what is no export that is known here, and `ConfigError` for one that cannot be read.
    """
    if is_archive(data):
        return _zip(open_archive(data))
    text = _text(data)
    if text[:1] not in ("{", "["):
        return _yaml(text)
    if text[:1] == "[":
        return _listed(_list(text), number)
    document = _object(text)
    found = _foreign(document, number)
    if found is not None:
        return found
    if not _OUR_FIELDS & document.keys():
        raise Unreadable("里面没有这里认识的智能体", "it holds no agent of a kind that is known here")
    ours = document_in(data)
    return Incoming("config", ours, descriptions=plugins_in(ours))


def _zip(archive: Archive) -> Incoming:
    """The agent in a zip. One of our bundles has to be what its manifest says: raises `BundleDamaged`."""
    bundle = checked(archive.names, archive.read, archive.digest)
    incoming = read_archive(archive)
    if bundle is None:
        return incoming
    signer = bundle.signer
    # Its manifest says what is around the agent: the runtime that serves it, which every bundle has.
    notes = tuple(note for note in incoming.notes if note.field)
    signature = Signature(signer[:FINGERPRINT_CHARS]) if signer else None
    return replace(incoming, origin="bundle", notes=notes, signature=signature)


def _foreign(value: JsonValue, number: int) -> Incoming | None:
    """An agent of another product; of an export that holds several, the one with this number."""
    document = mapping(value)
    if dify.is_dify(document):
        return dify.read_dify(document)
    for names_in, read in _PRODUCTS:
        names = names_in(value)
        if names and not 1 <= number <= len(names):
            raise Unreadable(f"里面只有 {len(names)} 个智能体", f"it holds {len(names)} agents")
        if names:
            return read(value, number, names)
    return None


def _listed(value: JsonValue, number: int) -> Incoming:
    found = _foreign(value, number)
    if found is None:
        raise Unreadable("里面没有这里认识的智能体", "it holds no agent of a kind that is known here")
    return found


def _text(data: bytes) -> str:
    if len(data) > MAX_EXPORT_BYTES:
        megabytes = MAX_EXPORT_BYTES // 1_000_000
        raise Unreadable(f"它超过了 {megabytes} MB", f"it is larger than {megabytes} MB")
    try:
        text = data.decode("utf-8-sig").strip()
    except UnicodeDecodeError as error:
        raise Unreadable("它既不是文本也不是压缩包", "it is neither text nor a zip") from error
    if not text:
        raise Unreadable("它是空的", "it is empty")
    return text


def _yaml(text: str) -> Incoming:
    try:
        document = load(text)
    except Unusable as error:
        raise Unreadable(error.words.zh, error.words.en) from error
    if not dify.is_dify(document):
        raise Unreadable("里面没有这里认识的智能体", "it holds no agent of a kind that is known here")
    return dify.read_dify(document)


def _object(text: str) -> Document:
    return parse_document(text, max_bytes=MAX_EXPORT_BYTES)


def _list(text: str) -> JsonValue:
    return parse_document(f'{{"all":{text}}}', max_bytes=MAX_EXPORT_BYTES + 10)["all"]
