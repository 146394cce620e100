"""Agents as bundles: what is live, else the draft, with all that it uses and no secret."""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

from agentfabric.publish.bundle import Bundled, KnowledgeFile, bundle_of, required_variables
from agentfabric.publish.importer.archive import kept_out
from agentfabric.publish.manifest import Signer
from agentfabric.service.agents import Agents
from agentfabric.service.carried_models import CarriedModels, Vectors
from agentfabric.service.knowledge import Knowledge
from agentfabric.service.releases import Releases
from agentfabric.store.readings import KnownFile
from agentfabric.store.releases import WholeRelease
from user_agent.config import AgentConfig
from user_agent.errors import Conflict, NotFound
from user_agent.knowledge.index import Carried
from user_agent.tools.catalog import ToolCatalog
from user_agent.words import Words

AT_ONCE = 2
_TRIES = 5
_ABSENT = Words("文件的内容没有一起导入。", "Its content never came along.")


@dataclass(frozen=True, slots=True)
class Bundle:
    """A zip, and the name that it is kept under."""

    name: str
    data: bytes
    note: str
    """Of the release that it is of; empty for the draft."""
    envs: tuple[str, ...]
    """The names of the keys that it cannot do without."""
    asked_for: tuple[str, ...]
    """Those of all keys that it has a use for."""
    stays_out: Words | None = None
    """Why no import takes it back, where that is so."""


@dataclass(frozen=True, slots=True)
class Bundles:
    """The use cases. The first argument of each is the user; foreign ids are `NotFound`."""

    agents: Agents
    releases: Releases
    knowledge: Knowledge
    models: CarriedModels
    tools: ToolCatalog
    signer: Signer
    _places: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    async def of(self, user: str, agent_id: str) -> Bundle:
        """The release that is live, else the agent as it is now: all of it as it was at one moment. Raises `TooLarge`,
        and `Conflict` where it changes all the time. A few are packed at a time: each is in memory whole."""
        async with self._places:
            return await self._made(user, agent_id)

    async def _made(self, user: str, agent_id: str) -> Bundle:
        release, packed = await self._of_one_moment(user, agent_id)
        data = await asyncio.to_thread(bundle_of, packed, self.signer)
        variables = required_variables(packed)
        envs = tuple(variable.name for variable in variables if variable.required)
        asked_for = tuple(variable.name for variable in variables)
        note = release.release.note if release else ""
        stays_out = await asyncio.to_thread(kept_out, data)
        return Bundle(f"{packed.config.name or 'agent'}.zip", data, note, envs, asked_for, stays_out)

    async def _of_one_moment(self, user: str, agent_id: str) -> tuple[WholeRelease | None, Bundled]:
        """What goes into a bundle stands in files, an index and several tables: it is read until none of it changed
        meanwhile."""
        for left in reversed(range(_TRIES)):
            moment = await self._moment(user, agent_id)
            try:
                packed = await self._packed(user, agent_id, moment)
            except NotFound:  # as of a file that was there a moment ago
                if not left:
                    raise
                continue
            if moment.is_still(await self._moment(user, agent_id)):
                return moment.release, packed
        raise Conflict("The agent changes while it is packed. Wait until nobody edits it, then try again.")

    async def _moment(self, user: str, agent_id: str) -> "_Moment":
        release = await self.releases.live(user, agent_id)
        if release is None:
            agent = await self.agents.get(user, agent_id)
            return _Moment(None, agent.config, agent.revision, await self.knowledge.all(user, agent_id))
        return _Moment(release, release.config, 0, await self.knowledge.released(user, agent_id))

    async def _packed(self, user: str, agent_id: str, moment: "_Moment") -> Bundled:
        """What of the agent goes into its bundle."""
        config, known = moment.config, moment.known
        if moment.release is None:
            picture = await self.agents.avatar(user, agent_id)
        else:
            picture = await self.releases.avatar(user, config, agent_id)
        taken = await self.models.of(user, config, knows=bool(known))
        return Bundled(
            config=config,
            picture=picture,
            model=taken.answering,
            models=taken.entries,
            tools=self.tools,
            knowledge=await self._files(user, agent_id, known, taken.vectors),
        )

    async def _files(
        self, user: str, agent_id: str, known: Sequence[KnownFile], vectors: Vectors | None
    ) -> list[KnowledgeFile]:
        carried = await self.knowledge.carried(user, agent_id) if known else dict[str, Sequence[Carried]]()
        files: list[KnowledgeFile] = []
        for file in known:
            there = not file.missing and file.state != "failed"
            files.append(
                KnowledgeFile(
                    id=file.id,
                    name=file.name,
                    tags=file.tags,
                    reason=None if there or file.is_found else file.reason or _ABSENT,
                    data=await self._data(user, file),
                    carried=_with(carried.get(file.id, ()), vectors) if file.is_found else (),
                )
            )
        return files

    async def _data(self, user: str, file: KnownFile) -> bytes | None:
        stored = await self.knowledge.files.get(user, file.id)
        return await self.knowledge.files.read(user, file.id) if stored.blob is not None else None


@dataclass(frozen=True, slots=True)
class _Moment:
    """What an agent was made of."""

    release: WholeRelease | None
    config: AgentConfig
    revision: int
    """Of the draft; 0 for a release, which never changes."""
    known: Sequence[KnownFile]

    def is_still(self, later: "_Moment") -> bool:
        """Whether nothing of it is another one. A file that was found for the first time since then goes along without
        its passages, and is the same."""
        found = {file.id for file in self.known if file.is_found}
        facts = [
            (each.release and each.release.release.id, each.revision, [_fact(file, found) for file in each.known])
            for each in (self, later)
        ]
        return facts[0] == facts[1]


def _fact(file: KnownFile, found: Collection[str]) -> tuple[object, ...]:
    return file.id, file.name, file.tags, file.missing, file.digest if file.id in found else ""


def _with(carried: Sequence[Carried], vectors: Vectors | None) -> list[Carried]:
    """The passages with the vectors of that model alone: others are of no use where they go."""
    name = vectors.name if vectors else ""
    return [replace(each, vectors={name: each.vectors[name]} if name in each.vectors else {}) for each in carried]
