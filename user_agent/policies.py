"""Whether a person is asked before each call: for a tool by its id, for an operation of an imported API by its key."""

import re
from dataclasses import dataclass
from typing import Literal, get_args

ToolPolicy = Literal["ask", "ask_writes", "allow"]
"""Whether a person is asked before each call, before those that change something, or has allowed them all."""
POLICIES: tuple[object, ...] = get_args(ToolPolicy)

OTHER_METHOD_HEADERS = frozenset(("x-http-method", "x-http-method-override", "x-method-override"))
"""Headers, in lower case, that make a request that reads into one that writes."""

_OPERATION = re.compile(r"openapi\.(?P<api>[A-Za-z0-9_-]{1,32})\.(?P<operation>[A-Za-z0-9_-]{1,64})")


@dataclass(frozen=True, slots=True)
class OperationPlace:
    """Which operation of which API of an agent."""

    api: str
    """The id under which the configuration keeps the API."""
    operation: str

    @property
    def key(self) -> str:
        return f"openapi.{self.api}.{self.operation}"


def operation_at(key: str) -> OperationPlace | None:
    """The operation of that key; None for the id of a tool."""
    found = _OPERATION.fullmatch(key)
    return OperationPlace(found["api"], found["operation"]) if found else None
