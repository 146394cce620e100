"""The draft of a builder turn, over the store."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Set

from pydantic import JsonValue

from agentfabric.service.editing import apply_patch
from agentfabric.store.agents import AgentStore, Edited
from agentfabric.store.files import FileStore
from agentfabric.store.history import HistoryStore
from agentfabric.store.writing import BY_HAND, Source
from builder_core.draft import OVERTAKEN, SERVICES, Author, Change, ConfigPatch, PastChange, Refusal
from builder_core.events import ConfigChanged
from builder_core.policies import POLICY
from user_agent.config import AgentConfig, Document
from user_agent.tools.base import Tool

PURPOSES = ("knowledge", "avatar")
"""What the files are for that a configuration may name."""


class Editor:
    """Writes patches to stored agents: the one way in which a field of an agent changes."""

    def __init__(
        self,
        agents: AgentStore,
        files: FileStore,
        models: Callable[[str], Awaitable[Set[str]]],
        tools: Mapping[str, Tool],
    ) -> None:
        """`models` gives the keys of the models that a user may choose, `tools` are those that an agent can have."""
        self._agents = agents
        self._files = files
        self._models = models
        self._tools = tools

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
        source: Source = BY_HAND,
        expected_revision: int | None = None,
    ) -> Edited:
        """Store the patch that follows from the stored configuration, both in one transaction.

        `author` set the fields, but for those in the patch's `proposed`, which the builder set.
        """
        stored = [file for purpose in PURPOSES for file in await self._files.list(user, agent_id, purpose)]
        ids = {file.id for file in stored}
        models = await self._models(user)
        patch, refused = ConfigPatch(), tuple[Refusal, ...]()

        def change(config: AgentConfig) -> AgentConfig:
            nonlocal patch, refused
            patch = patch_of(config)
            patched = apply_patch(config, patch, files=ids, models=models, tools=self._tools)
            refused = patched.refused
            return patched.config

        def author_of(field: str, /) -> Author:
            return "builder" if field in patch.proposed else author

        edited = await self._agents.edit(
            user, agent_id, change, author_of=author_of, source=source, expected_revision=expected_revision
        )
        return Edited(edited.agent, edited.change.model_copy(update={"refused": (*edited.change.refused, *refused)}))


class StoredDraft:
    """One agent of one user, as a builder turn sees it. Implements `builder_core.draft.Draft`.

    `source` is the turn, and the message that it answers.
    """

    def __init__(
        self, editor: Editor, agents: AgentStore, history: HistoryStore, user: str, agent_id: str, source: Source
    ) -> None:
        self._editor = editor
        self._agents = agents
        self._history = history
        self._user = user
        self._agent_id = agent_id
        self._source = source
        self._known: Document | None = None

    async def current(self) -> AgentConfig:
        config = (await self._agents.get(self._user, self._agent_id)).config
        if self._known is None:
            self._known = dict(config.document)
        return config

    async def locks(self) -> frozenset[str]:
        return frozenset((await self._agents.get(self._user, self._agent_id)).locks)

    async def past(self) -> list[PastChange]:
        changes = await self._history.changes(self._user, self._agent_id)
        # What a tool may do unasked is the person's to say, with a click: a builder neither sets it nor takes it back.
        # So is whether a service is used: one that was taken away does not come back with it.
        return [
            change
            for change in changes
            if not change.undone and not change.field.endswith(POLICY) and not _brings_back_a_service(change)
        ]

    async def undo(self, changes: Collection[str]) -> Change:
        edited = await self._history.undo(self._user, self._agent_id, changes, source=self._source)
        document = edited.agent.config.document
        if self._known is not None:
            touched = {change.field.split(".", 1)[0] for change in edited.change.changes}
            self._known |= {field: document.get(field) for field in touched}
        return edited.change

    async def apply(self, patch: ConfigPatch) -> Change:
        """As the protocol says. A field that somebody else set since the turn began is refused, once: it is the newer
        word, and whoever is told of it may still decide to set the field."""
        overtaken: set[str] = set()

        def fitting(config: AgentConfig) -> ConfigPatch:
            overtaken.update(self._overtaken(config, patch))
            return patch.model_copy(update=dict.fromkeys(overtaken))

        edited = await self._editor.rewrite(self._user, self._agent_id, fitting, author="user", source=self._source)
        document = edited.agent.config.document
        if self._known is not None:
            self._known |= {field: document.get(field) for field in patch.fields}
        refused = tuple(Refusal(field=field, why=OVERTAKEN) for field in sorted(overtaken))
        return edited.change.model_copy(update={"refused": (*edited.change.refused, *refused)})

    def _overtaken(self, config: AgentConfig, patch: ConfigPatch) -> set[str]:
        known = self._known
        if known is None:
            return set()
        return {field for field in patch.fields if _named(config.document, field, patch) != _named(known, field, patch)}


def _brings_back_a_service(change: PastChange) -> bool:
    return (
        change.field.partition(".")[0] in SERVICES
        and isinstance(change.before, dict)
        and not change.before.get("proposed")
    )


def _named(document: Document, field: str, patch: ConfigPatch) -> JsonValue:
    """What a document holds where the patch would write: of the tools, those that it names."""
    value = document.get(field)
    if field == "tools" and isinstance(value, dict):
        return {tool: value.get(tool) for tool in patch.tools or ()}
    return value


def is_redrawn(event: ConfigChanged) -> bool:
    """Whether a change gave the agent another picture: a monogram follows the name."""
    shown_by = {"avatar"} if event.config.get("avatar") else {"avatar", "name"}
    return any(change.field in shown_by for change in event.changes)
