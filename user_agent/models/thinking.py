"""Thinking that a model writes into its answer between `<think>` and `</think>`, told apart from what it says.

Open models such as Qwen3 and DeepSeek-R1 think so wherever their server has no parser for it (vLLM without
`--reasoning-parser`, llama.cpp with `--reasoning-format none`).
"""

from typing import Literal

BEGIN, END = "<think>", "</think>"


class ThinkSplitter:
    """Feed it an answer's pieces in order. Marks may be cut anywhere; a mark that is not at the beginning is text."""

    def __init__(self) -> None:
        self._state: Literal["before", "thinking", "after", "saying"] = "before"
        self._held = ""

    def feed(self, text: str, *, last: bool = False) -> tuple[str, str]:
        """What this piece adds to the thinking, and to the answer. `last` lets go of what was held back for a mark."""
        if self._state == "saying" or not (text or last):
            return "", text
        text, self._held = self._held + text, ""
        thought = ""
        if self._state == "before":
            text = self._begin(text, last=last)
        if self._state == "thinking":
            thought, text = self._think(text, last=last)
        if self._state == "after":
            text = text.lstrip()
            self._state = "saying" if text else "after"
        return thought, text

    def _begin(self, text: str, *, last: bool) -> str:
        bare = text.lstrip()
        if bare.startswith(BEGIN):
            self._state = "thinking"
            return bare.removeprefix(BEGIN)
        if BEGIN.startswith(bare) and not last:
            self._held = text
            return ""
        self._state = "saying"
        return text

    def _think(self, text: str, *, last: bool) -> tuple[str, str]:
        thought, mark, said = text.partition(END)
        if mark:
            self._state = "after"
            return thought, said
        cut = 0 if last else next((size for size in range(len(END) - 1, 0, -1) if text.endswith(END[:size])), 0)
        self._held = text[len(text) - cut :]
        return text[: len(text) - cut], ""
