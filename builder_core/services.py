"""Services outside that a builder may propose to an agent. Whoever owns the draft looks at them and stores them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from pydantic import JsonValue

from builder_core.draft import Change
from user_agent.tools.selection import document, index_of_tools

Kind = Literal["openapi", "mcp"]
MOST_PROPOSED = 5
"""How many operations are proposed where nobody named them: every one costs tokens in every turn."""
FITTING = 0.35
"""How near to the best one another has to come to be proposed as well."""


@dataclass(frozen=True, slots=True)
class Where:
    """A service by its web address, or by a description that was pasted or attached."""

    kind: Kind
    url: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that a service can do. Its name is made of letters, digits, `_` and `-`; the rest others wrote."""

    name: str
    description: str
    arguments: Mapping[str, JsonValue]
    writes: bool
    tokens: int
    """About how many it adds to every turn."""
    gives_orders: bool = False
    """Whether what is said of it gives a model orders."""


@dataclass(frozen=True, slots=True)
class Service:
    """What a service offers."""

    where: Where
    host: str
    operations: tuple[Operation, ...]
    needs_key: bool


class Services(Protocol):
    """How a builder's turn gets at services, for the one agent that it edits."""

    async def look(self, where: Where) -> Service:
        """What is there. Raises `FabricError`."""
        ...

    async def propose(self, service: Service, names: Sequence[str]) -> Change:
        """Store these operations with the agent as a proposal: nothing of it is used until a person allows it.

        Raises `FabricError`.
        """
        ...


def fitting(operations: Sequence[Operation], purpose: str) -> list[Operation]:
    """The few operations that a purpose needs, best first; all of them where they are few. Empty where none fits."""
    if len(operations) <= MOST_PROPOSED:
        return list(operations)
    index = index_of_tools([document(each.name, each.description, each.arguments) for each in operations])
    hits = index.search(purpose, MOST_PROPOSED)
    return [operations[hit.place] for hit in hits if hit.score >= FITTING * hits[0].score]
