"""How long a vendor's task is waited for."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pace:
    """How a task is waited for: asked about after `first_s`, then ever less often, and given up after `deadline_s`."""

    first_s: float = 1.0
    growth: float = 1.4
    longest_s: float = 5.0
    deadline_s: float = 170.0
