"""What agents know of the person: shown to that person, changed by them, and lent to their agent for a turn."""

from collections.abc import Sequence
from dataclasses import dataclass

from agentfabric.store.facts import FactStore, StoredFact
from user_agent.errors import BadRequest, NotFound, TooLarge
from user_agent.events import MemoryChanged
from user_agent.memory.facts import MAX_FACT_CHARS, Fact, Person, one_line


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
class Facts:
    """The use cases. The first argument of each is the user; foreign ids are `NotFound`."""

    store: FactStore

    async def person(self, owner: str, agent_id: str, *, about: str) -> Person:
        """What the owner's agent knows of whoever speaks with it, and how it notes more, for one turn."""
        known = [Fact(fact.id, fact.text) for fact in await self.store.list(owner, agent_id, about=about)]
        return Person(AgentNotebook(self.store, owner, agent_id, about), known)

    async def list(self, user: str, agent_id: str) -> Sequence[StoredFact]:
        """In the order in which they were noted."""
        return await self.store.list(user, agent_id)

    async def add(self, user: str, agent_id: str, text: str) -> StoredFact:
        """Raises `BadRequest` for an empty text, `TooLarge` for one that is too long, and where there are too many."""
        kept = await self.store.add(user, agent_id, _sound(text))
        if kept is None:
            raise TooLarge("There are too many facts. Delete some that no longer matter.", limit="100")
        return kept

    async def change(self, user: str, agent_id: str, fact_id: str, text: str) -> StoredFact:
        """Raises `BadRequest` and `TooLarge` as `add` does."""
        return await self.store.change(user, agent_id, fact_id, _sound(text))

    async def delete(self, user: str, agent_id: str, fact_id: str) -> None:
        """Raises `NotFound` where there is none."""
        if not await self.store.delete(user, agent_id, fact_id):
            raise NotFound(f"There is no fact {fact_id[:40]!r}.")

    async def forget(self, owner: str, agent_id: str, *, about: str) -> None:
        """The owner's agent knows nothing any more of somebody else who spoke with it."""
        await self.store.clear(owner, agent_id, about=about)

    async def clear(self, user: str, agent_id: str) -> None:
        await self.store.clear(user, agent_id)


def changes_told(person: Person | None) -> list[MemoryChanged]:
    """What the turn did to the facts since this was last asked, as the page is told of it."""
    changes = person.take_changes() if person else []
    return [MemoryChanged(change=item.change, id=item.fact.id, text=item.fact.text) for item in changes]


def _sound(text: str) -> str:
    if len(text) > MAX_FACT_CHARS:
        raise TooLarge(
            f"A fact has at most {MAX_FACT_CHARS} characters. Shorten it, or write several.",
            limit=str(MAX_FACT_CHARS),
        )
    told = one_line(text)
    if not told:
        raise BadRequest("The fact is empty. Write at least one word.")
    return told
