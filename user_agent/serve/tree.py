"""Which turns of a conversation are shown.

Turns form a tree: a question that is changed, or asked again, begins a turn beside the one it replaces. What is shown
leads from the conversation's head back to a first turn. Nothing that was said is lost by asking differently.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from user_agent.errors import NotFound


class TurnTree:
    """Every turn of one conversation, shown or not."""

    def __init__(self, parents: Mapping[str, str | None], failed: Collection[str]) -> None:
        """`parents` in the order in which the turns came; of `failed`, no answer came."""
        self._parents = parents
        self._failed = failed
        self._followers: dict[str | None, list[str]] = defaultdict(list)
        for turn, parent in parents.items():
            self._followers[parent].append(turn)

    def shown(self, head: str | None) -> list[str]:
        """The turns that lead to `head`, the first first."""
        turns: list[str] = []
        while head is not None:
            turns.append(head)
            head = self._parents[head]
        return turns[::-1]

    def versions(self, head: str | None) -> Mapping[str, Sequence[str]]:
        """For each turn that leads to `head` and has others beside it: all of them, in the order in which they came.

        An attempt that failed, and that nothing followed, is no version of anything.
        """
        found: dict[str, Sequence[str]] = {}
        for turn in reversed(self.shown(head)):
            beside = [other for other in self._followers[self._parents[turn]] if other == turn or not self._void(other)]
            if len(beside) > 1:
                found[turn] = beside
        return found

    def last_after(self, turn: str) -> str:
        """The end of the newest conversation that leads through the turn. Raises `NotFound`."""
        if turn not in self._parents:
            raise NotFound(f"The conversation has no turn {turn[:40]!r}.")
        while self._followers[turn]:
            turn = self._followers[turn][-1]
        return turn

    def _void(self, turn: str) -> bool:
        return turn in self._failed and not self._followers[turn]
