"""A draft in memory, for tests of the builder: it compares before and after as the store does."""

from collections.abc import Collection
from datetime import UTC, datetime

from builder_core.draft import (
    CLASHES,
    Author,
    AuthorOf,
    Change,
    Clash,
    ConfigPatch,
    PastChange,
    Refusal,
    differences,
)
from builder_core.reverting import Clashing, reverted
from user_agent.config import AgentConfig, Document


class MemoryDraft:
    """Implements `builder_core.draft.Draft`. `refuse` names fields that it will not store."""

    def __init__(self, document: Document | None = None, *, refuse: frozenset[str] = frozenset()) -> None:
        self.config = AgentConfig.from_document(document or {})
        self.revision = 1
        self.patches: list[ConfigPatch] = []
        self.history: list[PastChange] = []
        self.said = ""
        self._refuse = refuse

    async def current(self) -> AgentConfig:
        return self.config

    async def locks(self) -> frozenset[str]:
        return self._refuse

    async def past(self) -> list[PastChange]:
        return [change for change in reversed(self.history) if not change.undone]

    async def undo(self, changes: Collection[str]) -> Change:
        document, done, refused = dict(self.config.document), set[str](), list[Refusal]()
        for change in [change for change in reversed(self.history) if change.id in changes]:
            try:
                document[change.field] = reverted(change.before, change.after, document.get(change.field))
                done.add(change.id)
            except Clashing as clash:
                told = Clash(wanted=clash.wanted, current=document.get(change.field))
                refused.append(Refusal(field=change.field, why=CLASHES, clash=told))
        self.history = [
            change.model_copy(update={"undone": True}) if change.id in done else change for change in self.history
        ]
        changed = AgentConfig.from_document(document)
        return self._stored(changed, lambda _: "undo", tuple(refused))

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

        if fields:
            self.patches.append(patch)
        return self._stored(self.config.replaced(wanted), author_of, refused)

    def _stored(self, changed: AgentConfig, author_of: AuthorOf, refused: tuple[Refusal, ...]) -> Change:
        found = tuple(
            change.model_copy(update={"id": f"{self.revision}.{change.field}"})
            for change in differences(self.config, changed, author_of)
        )
        if found:
            self.config, self.revision = changed, self.revision + 1
            self.history += [
                PastChange(
                    **change.model_dump(), revision=self.revision, at=datetime.now(UTC), turn="turn", said=self.said
                )
                for change in found
            ]
        return Change(revision=self.revision, changes=found, refused=refused)
