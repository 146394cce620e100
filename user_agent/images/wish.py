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
