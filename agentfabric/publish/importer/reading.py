"""One reader for whatever file a person brings: what it is, is told by what stands in it, never by its name."""

from dataclasses import replace

from pydantic import JsonValue

from agentfabric.publish.importer import dify, gpt, librechat, lobechat, openwebui
from agentfabric.publish.importer.archive import Archive, is_archive, open_archive
from agentfabric.publish.importer.incoming import Incoming, Signature, Unreadable
from agentfabric.publish.importer.layouts import document_in, plugins_in, read_archive
from agentfabric.publish.manifest import MANIFEST, SIGNATURE, checked
from user_agent.config import Document, parse_document
from user_agent.openapi.loading import load
from user_agent.openapi.references import Unusable

FINGERPRINT_CHARS = 16
MAX_EXPORT_BYTES = 20_000_000
"""How large a file that is no zip may be: exports of many agents have pictures and conversations in them."""
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
    incoming = read_archive(archive)
    if MANIFEST not in archive.names and SIGNATURE not in archive.names:
        return incoming
    bundle = checked({name: archive.read(name) for name in archive.names})
    signer = bundle.signer if bundle else None
    return replace(incoming, origin="bundle", signature=Signature(signer[:FINGERPRINT_CHARS]) if signer else None)


def _foreign(document: Document, number: int) -> Incoming | None:
    if dify.is_dify(document):
        return dify.read_dify(document)
    if gpt.is_gpt(document):
        return gpt.read_gpt(document)
    return _of_many(document, number)


def _of_many(value: JsonValue, number: int) -> Incoming | None:
    """One agent of an export that may hold several."""
    if models := openwebui.models_in(value):
        names = [str(model.get("name", "?")) for model in models]
        return openwebui.read_openwebui(_chosen(models, number), names)
    if agents := lobechat.agents_in(value):
        return lobechat.read_lobechat(_chosen(agents, number), [lobechat.title_of(agent) for agent in agents])
    if agents := librechat.agents_in(value):
        return librechat.read_librechat(_chosen(agents, number), [librechat.title_of(agent) for agent in agents])
    return None


def _listed(value: JsonValue, number: int) -> Incoming:
    found = _of_many(value, number)
    if found is None:
        raise Unreadable("里面没有这里认识的智能体", "it holds no agent of a kind that is known here")
    return found


def _chosen(agents: list[Document], number: int) -> Document:
    if not 1 <= number <= len(agents):
        raise Unreadable(f"里面只有 {len(agents)} 个智能体", f"it holds {len(agents)} agents")
    return agents[number - 1]


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
