"""Agents from outside: looked at first, with what becomes of everything; stored when a person has seen that."""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from agentfabric.importing import NOBODY, Notice
from agentfabric.publish.importer.archive import MAX_PACKED_BYTES
from agentfabric.publish.importer.incoming import Incoming, IncomingFile, Note, Origin, Signature, Unreadable
from agentfabric.publish.importer.reading import read_incoming
from agentfabric.service.agents import Agents, Brought
from agentfabric.service.arriving import Arrived, arrived_of
from agentfabric.service.comparing import Difference, told
from agentfabric.service.import_fitting import Fitting
from agentfabric.service.knowledge import Knowledge
from agentfabric.store.agents import StoredAgent, require_revision
from agentfabric.store.base import new_id
from builder_core.policies import leaves_in
from user_agent.config import AgentConfig
from user_agent.errors import AddressUnusable, Conflict, ImportRefused
from user_agent.net import Http
from user_agent.urls import NotAnUrl, web_address
from user_agent.words import Language

DOWNLOAD_TIMEOUT_S = 60.0
_NOBODY = AgentConfig.from_document({})
_CHANGED = "What is at that address changed since you looked at it. Look at it again."


@dataclass(frozen=True, slots=True)
class Parcel:
    """What a person brings: the bytes of a file, or the address that has them. `number` chooses one of several."""

    data: bytes = b""
    url: str = ""
    number: int = 1


@dataclass(frozen=True, slots=True)
class Looked:
    """What an import would do. Nothing is stored."""

    digest: str
    """Of the file that was looked at: taking it needs this, so that nothing else is taken."""
    origin: Origin
    config: AgentConfig
    notes: tuple[Note, ...]
    notices: tuple[Notice, ...]
    differences: tuple[Difference, ...]
    """From the agent as it is to what it would be; from nothing, for a new one."""
    files: tuple[IncomingFile, ...]
    choices: tuple[str, ...]
    signature: Signature | None
    revision: int | None
    """Of the agent that it would change; None for a new one."""


@dataclass(frozen=True, slots=True)
class _Prepared:
    digest: str
    incoming: Incoming
    arrived: Arrived
    files: tuple[IncomingFile, ...]
    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True)
class Imports:
    """The use cases of importing. The first argument of each is the user; foreign ids are `NotFound`."""

    agents: Agents
    knowledge: Knowledge
    fitting: Fitting
    http: Http

    async def look(self, user: str, parcel: Parcel, agent_id: str | None, language: Language) -> Looked:
        """What a file would make: a new agent, or of the agent that is named. Nothing is stored.

        Raises `ImportRefused`, `FetchFailed` in `language`, `ConfigError`.
        """
        before = await self.agents.get(user, agent_id) if agent_id else None
        prepared = await self._prepared(user, parcel, before, "new" if before is None else before.id, language)
        names = {file.id: file.name for file in prepared.arrived.files}
        if before is not None:
            names |= {file.id: file.name for file in await self.agents.files.list(user, before.id, "knowledge")}
        old = before.config if before else _NOBODY
        differences = await asyncio.to_thread(told, old, prepared.arrived.config, names)
        return Looked(
            digest=prepared.digest,
            origin=prepared.incoming.origin,
            config=prepared.arrived.config,
            notes=prepared.notes,
            notices=prepared.arrived.notices,
            differences=tuple(differences),
            files=prepared.files,
            choices=prepared.incoming.choices,
            signature=prepared.incoming.signature,
            revision=before.revision if before else None,
        )

    async def take(
        self,
        user: str,
        parcel: Parcel,
        digest: str,
        language: Language,
        *,
        agent_id: str | None = None,
        revision: int | None = None,
    ) -> Brought:
        """Store what was looked at: all of it, or nothing.

        Raises as `look` does, and `Conflict` where the file is another one than `digest` says, or where the agent is
        not at `revision` any more.
        """
        before = await self.agents.get(user, agent_id) if agent_id else None
        if before is not None:
            require_revision(before, before.revision if revision is None else revision)
        target = before.id if before else new_id()
        prepared = await self._prepared(user, parcel, before, target, language)
        if digest and prepared.digest != digest:
            raise Conflict(_CHANGED)
        if before is None:
            brought = await self.agents.bring(user, target, prepared.arrived)
        else:
            brought = await self.agents.renew(user, target, prepared.arrived, before.revision, author="import")
        await self.knowledge.settle(user, target)
        return brought

    async def _prepared(
        self, user: str, parcel: Parcel, before: StoredAgent | None, target: str, language: Language
    ) -> _Prepared:
        data = parcel.data
        if parcel.url:
            try:
                web_address(parcel.url)
            except NotAnUrl as error:
                reason = error.words[language]
                raise AddressUnusable(f"This address cannot be used: {reason}.", reason=reason) from error
            fetched = await self.http.fetch(
                parcel.url, max_bytes=MAX_PACKED_BYTES, total_timeout_s=DOWNLOAD_TIMEOUT_S, language=language
            )
            data = fetched.body
        try:
            incoming = await asyncio.to_thread(read_incoming, data, parcel.number)
        except Unreadable as error:
            reason = error.words[language]
            raise ImportRefused(f"This cannot be imported: {reason}.", reason=reason) from error
        fitted = await self.fitting.fit(user, incoming, before, language)
        allowed = leaves_in(before.config) if before else NOBODY
        arrived = await asyncio.to_thread(arrived_of, fitted.document, target, fitted.files, allowed=allowed)
        digest = hashlib.sha256(data).hexdigest()
        return _Prepared(digest, incoming, arrived, fitted.files, fitted.notes)


def kept_first(notes: Sequence[Note]) -> list[Note]:
    """The notes as a report has them: what was kept, what is different, what stayed behind."""
    order = ("kept", "changed", "lost")
    return sorted(notes, key=lambda note: order.index(note.kind))
