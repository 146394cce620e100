"""What a picture should show, in whatever way its vendor wants to be asked."""

from dataclasses import dataclass
from typing import Literal

Shape = Literal["square", "portrait", "landscape"]


@dataclass(frozen=True, slots=True)
class Wish:
    """A picture that somebody wants. `avoid` is what should not be in it."""

    text: str
    shape: Shape = "square"
    avoid: str = ""

    @property
    def in_one_text(self) -> str:
        """The wish for a model that has no field for what to avoid."""
        return f"{self.text}\n\nAvoid: {self.avoid}" if self.avoid else self.text


@dataclass(frozen=True, slots=True)
class Pace:
    """How a task is waited for: asked about after `first_s`, then ever less often, and given up after `deadline_s`."""

    first_s: float = 1.0
    growth: float = 1.4
    longest_s: float = 5.0
    deadline_s: float = 170.0
