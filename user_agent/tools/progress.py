"""How far a call is, told so often that a person sees it move, and no oftener."""

import math
import time
from collections.abc import Callable

from user_agent.events import ToolProgress
from user_agent.storable import cleaned

EVERY_S = 0.3
MAX_TEXT_CHARS = 120


class Reporter:
    """Tells of one call. A tool may be anybody's: what comes too soon after the last word is dropped."""

    def __init__(self, call: str, tell: Callable[[ToolProgress], object]) -> None:
        self._call = call
        self._tell = tell
        self._told_at = -math.inf

    def __call__(self, share: float | None, text: str = "") -> None:
        now = time.monotonic()
        if now - self._told_at < EVERY_S:
            return
        self._told_at = now
        known = share if share is not None and math.isfinite(share) and 0 <= share <= 1 else None
        words = " ".join(cleaned(text).split())[:MAX_TEXT_CHARS]
        self._tell(ToolProgress(id=self._call, share=known, text=words))
