"""What a person does with agents: make, bring, list, edit, duplicate, delete, and give them a face and files."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from agentfabric.importing import Notice
from agentfabric.service.arriving import Arrived, arrived_of
from agentfabric.service.arriving_secrets import keeping_secrets
from agentfabric.service.bases import require_bases
from agentfabric.service.drafts import Editor
from agentfabric.service.keyring import Keyring
from agentfabric.service.models import Models
from agentfabric.service.uploads import kept
from agentfabric.store.agents import AgentStore, AgentSummary, Edited, StoredAgent, require_revision
from agentfabric.store.base import new_id
from agentfabric.store.files import FileStore, StoredFile
from agentfabric.store.secrets import SecretStore
from agentfabric.store.writing import Source
from builder_core.avatar import monogram, reencode
from builder_core.draft import LOCKED, Author, ConfigPatch, Refusal, proposed_services, services_but
from builder_core.policies import leaves_in
from user_agent.config import AgentConfig, Document
from user_agent.errors import ConfigError, FabricError, Locked, NotFound
from user_agent.serve.uploads import Upload
from user_agent.words import Language

MAX_KNOWLEDGE_BYTES = 50_000_000


@dataclass(frozen=True, slots=True)
class Brought:
    """An agent whose configuration came from outside, and what was done to it on the way in."""

    agent: StoredAgent
    notices: tuple[Notice, ...]
    refused: tuple[Refusal, ...] = ()
    """What was locked, and so stayed as it was."""


@dataclass(frozen=True, slots=True)
class Agents:
    """The use cases of a person's agents. The first argument of each is the user; foreign ids are `NotFound`."""

    store: AgentStore
    files: FileStore
    secrets: SecretStore
    models: Models
    keyring: Keyring
    editor: Editor
    template: Document

    async def create(
        self, user: str, document: Document | None, *, language: Language | None = None, start: Document | None = None
    ) -> Brought:
        """A new agent: empty and on the first ready model, or from a configuration. Raises `ConfigError`.

        An empty one may `start` with the fields of a template.
        """
        if document is None:
            model = await self.models.default(user)
            begun = {**self.template, **({"language": language} if language else {}), **(start or {}), "model": model}
            ticked = [tools for tools in (self.template.get("tools"), begun.get("tools")) if isinstance(tools, dict)]
            begun["tools"] = {tool: entry for tools in ticked for tool, entry in tools.items()}
            return Brought(await self.store.create(user, AgentConfig.from_document(begun), "default"), ())
        agent_id = new_id()
        return await self.bring(user, agent_id, await asyncio.to_thread(arrived_of, document, agent_id))

    async def bring(self, user: str, agent_id: str, arrived: Arrived) -> Brought:
        """A new agent under this id, of what came from outside for it: all of it is stored, or nothing."""
        async with (
            keeping_secrets(self.secrets, user, arrived),
            self.files.arriving(user, agent_id, arrived.files) as also,
        ):
            agent = await self.store.create(user, arrived.config, "import", agent_id=agent_id, also=also)
        return Brought(agent, arrived.notices)

    async def replace(self, user: str, agent_id: str, document: Document, expected_revision: int) -> Brought:
        """The whole configuration replaced. Raises `ConfigError`, and `Conflict` where somebody wrote meanwhile."""
        stored = await self.store.get(user, agent_id)
        arrived = await asyncio.to_thread(arrived_of, document, agent_id, allowed=leaves_in(stored.config))
        return await self.renew(user, agent_id, arrived, expected_revision, author="api")

    async def renew(
        self, user: str, agent_id: str, arrived: Arrived, expected_revision: int, *, author: Author
    ) -> Brought:
        """The agent as what came from outside says, with the files of that: all of it is stored, or nothing.

        Raises `Conflict` where somebody wrote meanwhile.
        """
        require_revision(await self.store.get(user, agent_id), expected_revision)
        async with (
            keeping_secrets(self.secrets, user, arrived),
            self.files.arriving(user, agent_id, arrived.files) as also,
        ):
            edited = await self.store.edit(
                user,
                agent_id,
                lambda _: arrived.config,
                author_of=lambda _: author,
                expected_revision=expected_revision,
                also=also,
            )
        return Brought(edited.agent, arrived.notices, edited.change.refused)

    async def patch(self, user: str, agent_id: str, fields: Mapping[str, Any], revision: int | None) -> Edited:
        """The named fields set, from the form. Raises `ConfigError` naming the field.

        `base` among them has what each field was when the person began: raises `FieldConflict` where it is no longer.
        """
        patch = _patch({**{field: value for field, value in fields.items() if field != "base"}, "proposed": ()})

        def based(config: AgentConfig) -> ConfigPatch:
            require_bases(config, patch, fields.get("base"))
            return patch

        return await self.editor.rewrite(user, agent_id, based, author="form", expected_revision=revision)

    async def get(self, user: str, agent_id: str) -> StoredAgent:
        return await self.store.get(user, agent_id)

    async def all(self, user: str) -> Sequence[AgentSummary]:
        return await self.store.list(user)

    async def delete(self, user: str, agent_id: str) -> None:
        """Put away; `undelete` brings it back."""
        await self.store.delete(user, agent_id)

    async def undelete(self, user: str, agent_id: str) -> StoredAgent:
        await self.store.undelete(user, agent_id)
        return await self.store.get(user, agent_id)

    async def duplicate(self, user: str, agent_id: str) -> StoredAgent:
        """A copy with files of its own. Conversations, locks and the past stay with the original."""
        original = await self.store.get(user, agent_id)
        # The copy has none of the changes that the marks come from, so there is nothing to accept or to take back, but
        # for services: what is only proposed works once somebody has allowed it, so that is proposed anew.
        marks = {field: mark.model_copy(update={"change": "", "turn": None}) for field, mark in original.marks.items()}
        waiting = proposed_services(original.config)
        held = original.config.replaced(services_but(original.config, waiting)) if waiting else original.config
        kept = {field: mark for field, mark in marks.items() if field not in waiting}
        copy = await self.store.create(user, held, "form", marks=kept)
        await self._propose_again(user, copy.id, original, waiting)
        new_ids: dict[str, str] = {}
        named = {original.config.avatar, *original.config.knowledge}
        for purpose in ("knowledge", "avatar"):
            for file in await self.files.list(user, agent_id, purpose):
                if file.id not in named:
                    continue
                data = None if file.blob is None else await self.files.read(user, file.id)
                twin = await self.files.add(
                    user,
                    purpose=purpose,
                    name=file.name,
                    media_type=file.media_type,
                    data=data,
                    agent_id=copy.id,
                    source=file.source,
                    tags=file.tags,
                )
                new_ids[file.id] = twin.id
        suffix = " 副本" if original.config.language == "zh" else " copy"
        patch = ConfigPatch(
            name=(original.config.name + suffix)[:120] if original.config.name else None,
            knowledge=[new_ids.get(file, file) for file in original.config.knowledge] or None,
            avatar=new_ids.get(original.config.avatar),
        )
        return (await self.editor.edit(user, copy.id, patch, author="form")).agent

    async def _propose_again(self, user: str, copy_id: str, original: StoredAgent, waiting: Sequence[str]) -> None:
        """Propose to the copy too what was only proposed: by a change of its own, which a person decides on."""
        for at, field in enumerate(waiting, start=1):
            services = services_but(original.config, waiting[at:])
            mark = original.marks.get(field)
            await self.store.edit(
                user,
                copy_id,
                lambda config, services=services: config.replaced(services),
                author_of=lambda changed, field=field: "builder" if changed == field else "form",
                source=Source(said=mark.said if mark else ""),
            )

    async def avatar(self, user: str, agent_id: str) -> bytes:
        """A PNG: the picture that was uploaded, else a monogram drawn from the name."""
        agent = await self.store.get(user, agent_id)
        pictures = {file.id: file for file in await self.files.list(user, agent_id, "avatar")}
        if agent.config.avatar in pictures and pictures[agent.config.avatar].blob is not None:
            return await self.files.read(user, agent.config.avatar)
        return await asyncio.to_thread(monogram, agent.config.name, agent_id)

    async def set_avatar(self, user: str, agent_id: str, data: bytes) -> Edited:
        """An uploaded picture, encoded anew. Raises `UnsupportedFile`, `TooLarge`."""
        await self.store.get(user, agent_id)
        png = await asyncio.to_thread(reencode, data)
        file = await self.files.add(
            user, purpose="avatar", name="avatar.png", media_type="image/png", data=png, agent_id=agent_id
        )
        return await self._show(user, agent_id, file.id)

    async def remove_avatar(self, user: str, agent_id: str) -> Edited:
        """Back to the monogram."""
        return await self._show(user, agent_id, "")

    async def _show(self, user: str, agent_id: str, avatar: str) -> Edited:
        """Set the picture. The one that it replaces is kept: versions show it."""
        return await self.editor.edit(user, agent_id, ConfigPatch(avatar=avatar), author="form")

    async def add_knowledge(self, user: str, agent_id: str, uploads: Sequence[Upload]) -> list[StoredFile]:
        """More files for the agent to know: all of them, or none.

        Raises `TooLarge`, `ConfigError` for too many, and `Locked`.
        """
        await self.store.get(user, agent_id)
        for upload in uploads:
            upload.require_at_most(MAX_KNOWLEDGE_BYTES)
        files = [await kept(upload, self.files, user, "knowledge", agent_id) for upload in uploads]
        await self.know(user, agent_id, files)
        return files

    async def know(self, user: str, agent_id: str, files: Sequence[StoredFile]) -> None:
        """Name files in the configuration that were kept for it. Where it takes none, they are forgotten.

        Raises `ConfigError` for too many, and `Locked`.
        """

        def with_files(config: AgentConfig) -> ConfigPatch:
            return _patch({"knowledge": [*config.knowledge, *(file.id for file in files)]})

        try:
            require_unlocked(await self.editor.rewrite(user, agent_id, with_files, author="form"), "knowledge")
        except FabricError:
            await self._discard(user, [file.id for file in files])
            raise

    async def replace_knowledge(self, user: str, agent_id: str, file_id: str) -> StoredFile:
        """A twin of a file, in its place in the configuration. Raises `Locked`."""
        old = await self.files.get(user, file_id)
        twin = await self.files.add(
            user,
            purpose="knowledge",
            name=old.name,
            media_type=old.media_type,
            data=None if old.blob is None else await self.files.read(user, file_id),
            agent_id=agent_id,
            source=old.source,
            tags=old.tags,
        )

        def with_twin(config: AgentConfig) -> ConfigPatch:
            return ConfigPatch(knowledge=[twin.id if file == file_id else file for file in config.knowledge])

        try:
            require_unlocked(await self.editor.rewrite(user, agent_id, with_twin, author="form"), "knowledge")
        except FabricError:
            await self._discard(user, [twin.id])
            raise
        return twin

    async def remove_knowledge(self, user: str, agent_id: str, file_id: str) -> None:
        """The agent knows the file no more. Its bytes are kept: versions name it. Raises `Locked`."""
        agent = await self.store.get(user, agent_id)
        if file_id not in agent.config.knowledge:
            raise NotFound(f"The agent has no file {file_id!r}.")

        def without(config: AgentConfig) -> ConfigPatch:
            return ConfigPatch(knowledge=[file for file in config.knowledge if file != file_id])

        require_unlocked(await self.editor.rewrite(user, agent_id, without, author="form"), "knowledge")

    async def _discard(self, user: str, files: Sequence[str]) -> None:
        """Forget files that no configuration came to name."""
        for file in files:
            await self.files.delete(user, file)


def require_unlocked(edited: Edited, field: str) -> None:
    """For a door whose answer has no room for refusals."""
    if any(refusal.field == field and refusal.why == LOCKED for refusal in edited.change.refused):
        raise Locked(f"{field!r} is locked. Unlock it in the draft first.", field=field)


def _patch(fields: Mapping[str, Any]) -> ConfigPatch:
    """The fields as a patch. Raises `ConfigError` naming the one that does not fit."""
    try:
        return ConfigPatch.model_validate(fields)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(step) for step in first["loc"])
        raise ConfigError(f"{place!r}: {first['msg']}.", field=place, reason=first["msg"]) from error
