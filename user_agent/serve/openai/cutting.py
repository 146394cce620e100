"""Where a caller wants an answer to end: before a text of theirs, or after so many tokens."""

from typing import Literal

from user_agent.memory.tokens import estimate_tokens

_BLOCK_CHARS = 2_000
"""Of what has been said, no more than that is counted anew at each piece."""


class Cutter:
    """Lets an answer through until it has to end. Tokens are counted by estimate, rather too many than too few."""

    def __init__(self, stops: tuple[str, ...] = (), max_tokens: int | None = None) -> None:
        self._stops = stops
        self._max_tokens = max_tokens
        self._held = ""
        self._settled = 0
        self._open = ""
        self.finish: Literal["stop", "length"] | None = None
        """Why nothing more comes; None while it does."""

    def take(self, text: str) -> str:
        """What of the answer can be shown now. The beginning of what may become a stop is held back."""
        if self.finish:
            return ""
        text = self._held + text
        at = min((found for stop in self._stops if (found := text.find(stop)) >= 0), default=-1)
        if at >= 0:
            self._held = ""
            shown = self._fitting(text[:at])
            self.finish = self.finish or "stop"
            return shown
        held = max((_overlap(text, stop) for stop in self._stops), default=0)
        self._held = text[len(text) - held :]
        return self._fitting(text[: len(text) - held])

    def rest(self) -> str:
        """What was held back, at the end of the answer."""
        held, self._held = self._held, ""
        return "" if self.finish else self._fitting(held)

    @property
    def tokens(self) -> int:
        """How many were shown."""
        return self._settled + estimate_tokens(self._open)

    def _fitting(self, text: str) -> str:
        if self._max_tokens is None or self._settled + estimate_tokens(self._open + text) <= self._max_tokens:
            self._open += text
            if len(self._open) > _BLOCK_CHARS:
                self._settled, self._open = self.tokens, ""
            return text
        self.finish = "length"
        least, most = 0, len(text)
        while least < most:
            middle = (least + most + 1) // 2
            if self._settled + estimate_tokens(self._open + text[:middle]) <= self._max_tokens:
                least = middle
            else:
                most = middle - 1
        self._open += text[:least]
        return text[:least]


def _overlap(text: str, stop: str) -> int:
    """How many characters at the end of the text may be the beginning of the stop."""
    for length in range(min(len(stop) - 1, len(text)), 0, -1):
        if text.endswith(stop[:length]):
            return length
    return 0
