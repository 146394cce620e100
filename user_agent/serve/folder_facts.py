"""What the agent of a bundle noted of its visitors: in memory, as long as a conversation of theirs is there."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field

from user_agent.errors import NotFound
from user_agent.memory.facts import Fact, Person, sound, too_many
from user_agent.serve.talks import Talks

MAX_FACTS = 100
"""Of one visitor."""


@dataclass(slots=True)
class VisitorFacts:
    """The facts about each visitor, and about nobody else."""

    talks: Talks
    _noted: dict[str, dict[str, str]] = field(default_factory=dict[str, dict[str, str]], init=False)
    """Texts by id, by visitor."""

    def of(self, visitor: str) -> "Noted":
        return Noted(self, visitor)

    def person(self, visitor: str) -> Person:
        """What is known of a visitor, and how the agent notes more, for one turn."""
        return Person(_Notebook(self, visitor), self.known(visitor))

    def known(self, visitor: str) -> list[Fact]:
        """In the order in which they were noted."""
        self.forget_gone()
        return [Fact(fact, text) for fact, text in self._noted.get(visitor, {}).items()]

    def add(self, visitor: str, text: str) -> Fact | None:
        """The fact as it is kept, which may have been there already; None where there are too many.

        Raises `NotFound` for a visitor without a conversation: it would be gone at once.
        """
        if visitor not in self.talks.visitors:
            raise NotFound("There is no conversation of yours here to go on from.")
        facts = self._noted.setdefault(visitor, {})
        same = next((fact for fact in self.known(visitor) if fact.text.casefold() == text.casefold()), None)
        if same is not None or len(facts) >= MAX_FACTS:
            return same
        fact = Fact(secrets.token_hex(8), text)
        facts[fact.id] = text
        return fact

    def remove(self, visitor: str, fact: str) -> bool:
        return self._noted.get(visitor, {}).pop(fact, None) is not None

    def clear(self, visitor: str) -> None:
        self._noted.pop(visitor, None)

    def forget_gone(self) -> None:
        """Nothing is known any more of those whose conversations are gone."""
        for visitor in self._noted.keys() - self.talks.visitors:
            del self._noted[visitor]


@dataclass(frozen=True, slots=True)
class Noted:
    """What is known of one visitor, as `Remembered` has it."""

    facts: VisitorFacts
    visitor: str

    async def list(self) -> Sequence[Fact]:
        return self.facts.known(self.visitor)

    async def add(self, text: str) -> Fact:
        kept = self.facts.add(self.visitor, sound(text))
        if kept is None:
            raise too_many(MAX_FACTS)
        return kept

    async def delete(self, fact: str) -> None:
        if not self.facts.remove(self.visitor, fact):
            raise NotFound(f"There is no fact {fact[:40]!r}.")

    async def clear(self) -> None:
        self.facts.clear(self.visitor)


@dataclass(frozen=True, slots=True)
class _Notebook:
    """The `Notebook` about one visitor."""

    facts: VisitorFacts
    visitor: str

    async def add(self, text: str) -> Fact | None:
        return self.facts.add(self.visitor, text)

    async def remove(self, fact: str) -> bool:
        return self.facts.remove(self.visitor, fact)
