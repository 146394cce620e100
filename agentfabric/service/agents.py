"""What a person does with agents: make, bring, list, edit, duplicate, delete, and give them a face and files."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from agentfabric.importing import Adopted, Notice, adopt
from agentfabric.service.drafts import Editor
from agentfabric.service.models import Models
from agentfabric.service.uploads import Upload
from agentfabric.store.agents import AgentStore, AgentSummary, Edited, StoredAgent
from agentfabric.store.files import FileStore, StoredFile
from agentfabric.store.records import new_id
from agentfabric.store.secrets import SecretStore
from builder_core.avatar import monogram, reencode
from builder_core.draft import ConfigPatch
from user_agent.config import AgentConfig, Document
from user_agent.errors import ConfigError, NotFound

MAX_KNOWLEDGE_BYTES = 20_000_000


@dataclass(frozen=True, slots=True)
class Brought:
    """An agent whose configuration came from outside, and what was done to it on the way in."""

    agent: StoredAgent
    notices: tuple[Notice, ...]


@dataclass(frozen=True, slots=True)
class Agents:
    """The use cases of a person's agents. The first argument of each is the user; foreign ids are `NotFound`."""

    store: AgentStore
    files: FileStore
    secrets: SecretStore
    models: Models
    editor: Editor
    template: Document

    async def create(self, user: str, document: Document | None) -> Brought:
        """A new agent: empty and on the first ready model, or from a configuration. Raises `ConfigError`."""
        if document is None:
            empty = AgentConfig.from_document({**self.template, "model": await self.models.default(user)})
            return Brought(await self.store.create(user, empty, "user"), ())
        agent_id = new_id()
        adopted = adopt(document, agent_id)
        config = AgentConfig.from_document(adopted.document)
        await self._keep_secrets(user, adopted)
        agent = await self.store.create(user, config, "import", agent_id=agent_id)
        return await self._with_missing_files(user, agent, adopted)

    async def replace(self, user: str, agent_id: str, document: Document, expected_revision: int) -> Brought:
        """The whole configuration replaced. Raises `ConfigError`, and `Conflict` where somebody wrote meanwhile."""
        adopted = adopt(document, agent_id)
        config = AgentConfig.from_document(adopted.document)
        await self.store.get(user, agent_id)
        await self._keep_secrets(user, adopted)
        edited = await self.store.edit(
            user, agent_id, lambda _: config, author_of=lambda _: "api", expected_revision=expected_revision
        )
        return await self._with_missing_files(user, edited.agent, adopted)

    async def patch(self, user: str, agent_id: str, fields: Mapping[str, Any], revision: int | None) -> Edited:
        """The named fields set, from the form. Raises `ConfigError` naming the field."""
        try:
            patch = ConfigPatch.model_validate({**fields, "proposed": ()})
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            place = ".".join(str(step) for step in first["loc"])
            raise ConfigError(f"{place!r}: {first['msg']}.", field=place, reason=first["msg"]) from error
        return await self.editor.edit(user, agent_id, patch, author="form", expected_revision=revision)

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
        """A copy with files of its own. Conversations stay with the original."""
        original = await self.store.get(user, agent_id)
        copy = await self.store.create(user, original.config, "user")
        new_ids: dict[str, str] = {}
        for purpose in ("knowledge", "avatar"):
            for file in await self.files.list(user, agent_id, purpose):
                data = None if file.blob is None else await self.files.read(user, file.id)
                twin = await self.files.add(
                    user, purpose=purpose, name=file.name, media_type=file.media_type, data=data, agent_id=copy.id
                )
                new_ids[file.id] = twin.id
        suffix = " 副本" if original.config.language == "zh" else " copy"
        patch = ConfigPatch(
            name=(original.config.name + suffix)[:120] if original.config.name else "",
            knowledge=[new_ids.get(file, file) for file in original.config.knowledge],
            avatar=new_ids.get(original.config.avatar, original.config.avatar),
        )
        return (await self.editor.edit(user, copy.id, patch, author="user")).agent

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
        old = await self.files.list(user, agent_id, "avatar")
        file = await self.files.add(
            user, purpose="avatar", name="avatar.png", media_type="image/png", data=png, agent_id=agent_id
        )
        edited = await self.editor.edit(user, agent_id, ConfigPatch(avatar=file.id), author="form")
        for previous in old:
            await self.files.delete(user, previous.id)
        return edited

    async def remove_avatar(self, user: str, agent_id: str) -> Edited:
        """Back to the monogram."""
        edited = await self.editor.edit(user, agent_id, ConfigPatch(avatar=""), author="form")
        for previous in await self.files.list(user, agent_id, "avatar"):
            await self.files.delete(user, previous.id)
        return edited

    async def knowledge(self, user: str, agent_id: str) -> list[StoredFile]:
        """The knowledge files in the configuration's order."""
        agent = await self.store.get(user, agent_id)
        files = {file.id: file for file in await self.files.list(user, agent_id, "knowledge")}
        return [files[file] for file in agent.config.knowledge if file in files]

    async def add_knowledge(self, user: str, agent_id: str, upload: Upload) -> StoredFile:
        """A file more for the agent to know. Raises `TooLarge`."""
        await self.store.get(user, agent_id)
        upload.require_at_most(MAX_KNOWLEDGE_BYTES)
        file = await self.files.add(
            user,
            purpose="knowledge",
            name=upload.name,
            media_type=upload.media_type,
            data=upload.data,
            agent_id=agent_id,
        )
        await self.editor.rewrite(
            user, agent_id, lambda config: ConfigPatch(knowledge=[*config.knowledge, file.id]), author="form"
        )
        return file

    async def remove_knowledge(self, user: str, agent_id: str, file_id: str) -> None:
        agent = await self.store.get(user, agent_id)
        if file_id not in agent.config.knowledge:
            raise NotFound(f"The agent has no file {file_id!r}.")

        def without(config: AgentConfig) -> ConfigPatch:
            return ConfigPatch(knowledge=[file for file in config.knowledge if file != file_id])

        await self.editor.rewrite(user, agent_id, without, author="form")
        if any(file.id == file_id for file in await self.files.list(user, agent_id, "knowledge")):
            await self.files.delete(user, file_id)

    async def _keep_secrets(self, user: str, adopted: Adopted) -> None:
        for name, value in adopted.secrets.items():
            await self.secrets.set(user, name, value)

    async def _with_missing_files(self, user: str, agent: StoredAgent, adopted: Adopted) -> Brought:
        """Put file ids where an imported document named files of another machine. Their bytes did not come along."""
        if adopted.missing_files:
            ids: list[str] = []
            for file in adopted.missing_files:
                added = await self.files.add(
                    user, purpose=file.field, name=file.name, media_type="", data=None, agent_id=agent.id
                )
                ids.append(added.id)
            whole = AgentConfig.from_document(adopted.with_files(ids))
            edited = await self.store.edit(
                user, agent.id, lambda _: whole, author_of=lambda _: "import", expected_revision=agent.revision
            )
            agent = edited.agent
        return Brought(agent, tuple(adopted.notices))
