"""What a reader hands out, with what it holds back until it is clear that it is to be shown."""

from collections.abc import Sequence

from user_agent.dialects.base import Reading
from user_agent.events import ReasoningDelta, TextDelta, ToolDrafting

MAX_GAP_CHARS = 1_000


class Output:
    """Readings in order. White space waits for something to stand behind it, and the head of a call for the call."""

    def __init__(self) -> None:
        self.said = False
        self._readings: list[Reading] = []
        self._thoughts: list[str] = []
        self._gap: str = ""
        self._heads: str = ""
        self._heads_before: str = ""
        self._gap_before: str = ""
        """What stood before the last mark, like the heads."""
        self.in_code = False
        """Whether a block of code is open in what was shown."""

    def taken(self) -> list[Reading]:
        """What is to be handed out now."""
        readings, self._readings = self._readings, []
        return readings

    def show(self, text: str) -> None:
        text = self._gap + text if self.said else text.lstrip()
        shown = text.rstrip()
        self._gap = text[len(shown) :][:MAX_GAP_CHARS]
        if shown:
            self.said = True
            self._add(TextDelta(text=shown))

    def white(self, text: str) -> None:
        self._gap = (self._gap + text)[:MAX_GAP_CHARS]

    def hold(self, head: str) -> None:
        """Keep a line that is not shown if a call follows it."""
        self._heads += self._gap + head
        self._gap = ""

    def release(self) -> None:
        """No call follows."""
        if self._heads:
            text = self._heads + self._gap
            self._heads = self._gap = ""
            self.in_code = self.in_code != ("```" in text)
            self.show(text)

    def mark(self) -> None:
        """A mark stands here: what was held for it goes, and what follows it stands apart from what was said."""
        self._heads_before, self._gap_before = self._heads, self._gap
        self._heads, self._gap = "", "\n\n" if self.said else ""

    def unmark(self) -> None:
        """The last mark was none."""
        self._heads, self._gap = self._heads_before, self._gap_before

    def think(self, text: str) -> None:
        if text:
            self._thoughts.append(text)
            self._add(ReasoningDelta(text=text))

    def draft(self, call_id: str, name: str, piece: str) -> None:
        self._add(ToolDrafting(id=call_id, name=name, arguments_text=piece))

    def show_thoughts(self) -> None:
        """Show what was thought, for a model that was so busy with thinking aloud that it did not mark its answer."""
        first, _, rest = "".join(self._thoughts).strip().partition("\n")
        self.show(rest.strip() or first)

    def _add(self, reading: Reading) -> None:
        """Pieces of one thing go out as one."""
        match self._readings[-1] if self._readings else None, reading:
            case (TextDelta() as last, TextDelta()) | (ReasoningDelta() as last, ReasoningDelta()):
                self._readings[-1] = last.model_copy(update={"text": last.text + reading.text})
            case ToolDrafting() as last, ToolDrafting() if last.id == reading.id:
                joined = last.arguments_text + reading.arguments_text
                self._readings[-1] = last.model_copy(update={"arguments_text": joined})
            case _:
                self._readings.append(reading)


def is_echo(written: str, results: Sequence[str]) -> bool:
    """Whether a text repeats the beginning of a result that there really is."""
    begins = "".join(written.split())[:40]
    return any("".join(result.split()).startswith(begins) for result in results)
