"""The draft of a builder turn, over the store."""

from collections.abc import Callable

from agentfabric.service.editing import apply_patch
from agentfabric.store.agents import AgentStore, Edited
from agentfabric.store.files import FileStore
from builder_core.draft import Author, Change, ConfigPatch, Refusal
from user_agent.config import AgentConfig

PURPOSES = ("knowledge", "avatar")
"""What the files are for that a configuration may name."""


class Editor:
    """Writes patches to stored agents: the one way in which a field of an agent changes."""

    def __init__(self, agents: AgentStore, files: FileStore, models: frozenset[str]) -> None:
        self._agents = agents
        self._files = files
        self._models = models

    async def edit(
        self, user: str, agent_id: str, patch: ConfigPatch, *, author: Author, expected_revision: int | None = None
    ) -> Edited:
        """Store a patch. Raises `NotFound`, `ConfigError`, and `Conflict` where the revision differs."""
        return await self.rewrite(user, agent_id, lambda _: patch, author=author, expected_revision=expected_revision)

    async def rewrite(
        self,
        user: str,
        agent_id: str,
        patch_of: Callable[[AgentConfig], ConfigPatch],
        *,
        author: Author,
        expected_revision: int | None = None,
    ) -> Edited:
        """Store the patch that follows from the stored configuration, both in one transaction.

        `author` set the fields, but for those in the patch's `proposed`, which the builder set.
        """
        stored = [file for purpose in PURPOSES for file in await self._files.list(user, agent_id, purpose)]
        ids = {file.id for file in stored}
        patch, refused = ConfigPatch(), tuple[Refusal, ...]()

        def change(config: AgentConfig) -> AgentConfig:
            nonlocal patch, refused
            patch = patch_of(config)
            patched = apply_patch(config, patch, files=ids, models=self._models)
            refused = patched.refused
            return patched.config

        def author_of(field: str, /) -> Author:
            return "builder" if field in patch.proposed else author

        edited = await self._agents.edit(
            user, agent_id, change, author_of=author_of, expected_revision=expected_revision
        )
        return Edited(edited.agent, edited.change.model_copy(update={"refused": refused}))


class StoredDraft:
    """One agent of one user, as a builder turn sees it. Implements `builder_core.draft.Draft`."""

    def __init__(self, editor: Editor, agents: AgentStore, user: str, agent_id: str) -> None:
        self._editor = editor
        self._agents = agents
        self._user = user
        self._agent_id = agent_id

    async def current(self) -> AgentConfig:
        return (await self._agents.get(self._user, self._agent_id)).config

    async def apply(self, patch: ConfigPatch) -> Change:
        return (await self._editor.edit(self._user, self._agent_id, patch, author="user")).change
