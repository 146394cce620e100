"""What agents know of the person: shown to that person, changed by them, and lent to their agent for a turn."""

from collections.abc import Sequence
from dataclasses import dataclass

from agentfabric.store.facts import MAX_FACTS, FactStore, StoredFact
from user_agent.errors import NotFound
from user_agent.memory.facts import Fact, Person, sound, too_many


@dataclass(frozen=True, slots=True)
class AgentNotebook:
    """The `Notebook` of one agent about one person."""

    store: FactStore
    owner: str
    agent_id: str
    about: str

    async def add(self, text: str) -> Fact | None:
        kept = await self.store.add(self.owner, self.agent_id, text, about=self.about)
        return kept and Fact(kept.id, kept.text)

    async def remove(self, fact: str) -> bool:
        return await self.store.delete(self.owner, self.agent_id, fact, about=self.about)


@dataclass(frozen=True, slots=True)
class FactsOfVisitor:
    """What an agent knows of somebody else who speaks with it, as `Remembered` has it."""

    notebook: AgentNotebook

    async def list(self) -> Sequence[Fact]:
        where = self.notebook
        known = await where.store.list(where.owner, where.agent_id, about=where.about)
        return [Fact(fact.id, fact.text) for fact in known]

    async def add(self, text: str) -> Fact:
        kept = await self.notebook.add(sound(text))
        if kept is None:
            raise too_many(MAX_FACTS)
        return kept

    async def delete(self, fact: str) -> None:
        if not await self.notebook.remove(fact):
            raise NotFound(f"There is no fact {fact[:40]!r}.")

    async def clear(self) -> None:
        where = self.notebook
        await where.store.clear(where.owner, where.agent_id, about=where.about)


@dataclass(frozen=True, slots=True)
class Facts:
    """The use cases. The first argument of each is the user; foreign ids are `NotFound`."""

    store: FactStore

    async def person(self, owner: str, agent_id: str, *, about: str) -> Person:
        """What the owner's agent knows of whoever speaks with it, and how it notes more, for one turn."""
        of_visitor = self.of_visitor(owner, agent_id, about=about)
        return Person(of_visitor.notebook, await of_visitor.list())

    def of_visitor(self, owner: str, agent_id: str, *, about: str) -> FactsOfVisitor:
        """What the owner's agent knows of whoever speaks with it, for them to see and to erase."""
        return FactsOfVisitor(AgentNotebook(self.store, owner, agent_id, about))

    async def list(self, user: str, agent_id: str) -> Sequence[StoredFact]:
        """In the order in which they were noted."""
        return await self.store.list(user, agent_id)

    async def add(self, user: str, agent_id: str, text: str) -> StoredFact:
        """Raises `BadRequest` for an empty text, `TooLarge` for one that is too long, and where there are too many."""
        kept = await self.store.add(user, agent_id, sound(text))
        if kept is None:
            raise too_many(MAX_FACTS)
        return kept

    async def change(self, user: str, agent_id: str, fact_id: str, text: str) -> StoredFact:
        """Raises `BadRequest` and `TooLarge` as `add` does."""
        return await self.store.change(user, agent_id, fact_id, sound(text))

    async def delete(self, user: str, agent_id: str, fact_id: str) -> None:
        """Raises `NotFound` where there is none."""
        if not await self.store.delete(user, agent_id, fact_id):
            raise NotFound(f"There is no fact {fact_id[:40]!r}.")

    async def forget(self, owner: str, agent_id: str, *, about: str) -> None:
        """The owner's agent knows nothing any more of somebody else who spoke with it."""
        await self.store.clear(owner, agent_id, about=about)

    async def clear(self, user: str, agent_id: str) -> None:
        await self.store.clear(user, agent_id)
