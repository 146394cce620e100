"""A configuration from outside, and the files that came with it, as they can be stored."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from agentfabric.importing import NOBODY, Adopted, Notice, adopt
from agentfabric.publish.importer.incoming import IncomingFile
from agentfabric.store.base import new_id
from agentfabric.store.files import NewFile
from builder_core.avatar import reencode
from user_agent.config import AgentConfig, Document
from user_agent.mcp.pasted import FIELD, Pasted, without_secrets


@dataclass(frozen=True, slots=True)
class Arrived:
    """What came from outside, checked: the configuration names its files by ids that nobody has yet."""

    adopted: Adopted
    config: AgentConfig
    files: tuple[NewFile, ...]
    servers: tuple[Pasted, ...]
    """MCP servers with what stood in their headers and addresses."""

    @property
    def notices(self) -> tuple[Notice, ...]:
        named = (Notice("secret_moved", f"{FIELD}.{server.name}", server.name) for server in self.servers)
        return (*self.adopted.notices, *named)


def arrived_of(
    document: Document,
    agent_id: str,
    files: Sequence[IncomingFile] = (),
    *,
    allowed: Mapping[str, str] = NOBODY,
) -> Arrived:
    """A document and files for this agent. A large one takes a while: call it in a thread.

    `files` take the place of what the document has in `knowledge` and `avatar`. Raises `ConfigError`, and
    `UnsupportedFile` and `TooLarge` for a picture that cannot be used.
    """
    plain = without_secrets(document)
    adopted = adopt(plain.document, agent_id, allowed=allowed)
    missing = [NewFile(new_id(), file.field, file.name, "", None) for file in adopted.missing_files]
    came = [_kept(file) for file in files]
    whole = adopted.with_files([file.id for file in missing])
    knowledge = list[JsonValue]([file.id for file in came if file.purpose == "knowledge"])
    avatar = next((file.id for file in came if file.purpose == "avatar"), None)
    if knowledge:
        whole["knowledge"] = knowledge
    if avatar is not None:
        whole["avatar"] = avatar
    return Arrived(adopted, AgentConfig.from_document(whole), (*missing, *came), plain.servers)


def _kept(file: IncomingFile) -> NewFile:
    if file.purpose == "avatar" and file.data is not None:
        return NewFile(new_id(), "avatar", "avatar.png", "image/png", reencode(file.data))
    return NewFile(new_id(), file.purpose, file.name, "", file.data, file.tags)
