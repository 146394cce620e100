"""A draft in memory, for tests of the builder: it compares before and after as the store does."""

from builder_core.draft import Author, Change, ConfigPatch, Refusal, differences
from user_agent.config import AgentConfig, Document


class MemoryDraft:
    """Implements `builder_core.draft.Draft`. `refuse` names fields that it will not store."""

    def __init__(self, document: Document | None = None, *, refuse: frozenset[str] = frozenset()) -> None:
        self.config = AgentConfig.from_document(document or {})
        self.revision = 1
        self.patches: list[ConfigPatch] = []
        self._refuse = refuse

    async def current(self) -> AgentConfig:
        return self.config

    async def apply(self, patch: ConfigPatch) -> Change:
        fields = patch.fields
        refused = tuple(Refusal(field=name, why="It is locked.") for name in fields if name in self._refuse)
        wanted = {name: value for name, value in fields.items() if name not in self._refuse}
        if patch.tools is not None:
            entries = {name: entry.model_dump() for name, entry in self.config.tools.items()}
            entries.update(
                {name: {**entries.get(name, {"name": name}), "use": use} for name, use in patch.tools.items()}
            )
            wanted["tools"] = entries

        def author_of(field: str, /) -> Author:
            return "builder" if field in patch.proposed else "user"

        changed = self.config.replaced(wanted)
        found = differences(self.config, changed, author_of)
        if found:
            self.config, self.revision = changed, self.revision + 1
        if fields:
            self.patches.append(patch)
        return Change(revision=self.revision, changes=found, refused=refused)
