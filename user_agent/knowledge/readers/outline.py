"""The path of headings at a place in a document."""

from dataclasses import dataclass, field

from user_agent.knowledge.readers.source import MAX_HEADING_CHARS


@dataclass(slots=True)
class Outline:
    """Where one is, while a document is read from top to bottom."""

    _open: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])

    @property
    def path(self) -> tuple[str, ...]:
        return tuple(words for _, words in self._open)

    def enter(self, level: int, words: str) -> tuple[str, ...]:
        """A heading begins: it ends those of its level and below. The path with it."""
        while self._open and self._open[-1][0] >= level:
            self._open.pop()
        self._open.append((level, " ".join(words.split())[:MAX_HEADING_CHARS]))
        return self.path
