"""What a command has to say at its end."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import JsonValue

Status = Literal[0, 1, 2]
FOUND_SOMETHING: Status = 1
USAGE: Status = 2


@dataclass(frozen=True, slots=True)
class Outcome:
    """`data` is for scripts, and `lines` for people."""

    data: JsonValue
    lines: Sequence[str] = ()
    status: Status = 0
