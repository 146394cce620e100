"""What a command has to say at its end."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Self

from pydantic import JsonValue, TypeAdapter

from user_agent.errors import FabricError

Status = Literal[0, 1, 2]
FOUND_SOMETHING: Status = 1
USAGE: Status = 2


@dataclass(frozen=True, slots=True)
class Outcome:
    """`data` is for scripts, and `lines` for people; the problem of one that failed is for both."""

    data: JsonValue
    lines: Sequence[str] = ()
    status: Status = 0
    problem: str = ""

    @classmethod
    def failed(cls, error: FabricError, status: Status) -> Self:
        return cls({"code": error.code, "message": error.message}, (), status, error.message)


OUTCOMES = TypeAdapter(Outcome)
"""Between the processes."""
