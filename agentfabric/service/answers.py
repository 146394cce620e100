"""What people answer to questions that are asked while a call is open."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from weakref import WeakValueDictionary

from pydantic import JsonValue

from agentfabric.store.conversations import ConversationStore
from user_agent.errors import NotWaiting
from user_agent.questions import Action
from user_agent.tools.asking import Questions


def _none() -> "WeakValueDictionary[str, Questions]":
    return WeakValueDictionary()


@dataclass(frozen=True, slots=True)
class Answers:
    """The questions of the turns of this process. The first argument of each use case is the user."""

    conversations: ConversationStore
    open: "WeakValueDictionary[str, Questions]" = field(default_factory=_none)
    """By turn, for as long as the turn runs."""

    def begin(self, turn_id: str) -> Questions:
        """What a turn asks its questions with."""
        questions = self.open[turn_id] = Questions()
        return questions

    async def answer(
        self, user: str, turn_id: str, question_id: str, action: Action, content: Mapping[str, JsonValue]
    ) -> None:
        """Answer a question of a turn that runs. Raises `NotFound`, `NotWaiting`, and `BadRequest`."""
        await self.conversations.turn(user, turn_id)
        questions = self.open.get(turn_id)
        if questions is None:
            raise NotWaiting("This answer is over, and so is what it asked.")
        questions.answer(question_id, action, content)
