"""Questions to the person of one run, from the call that asks to the door where the answer comes in."""

import asyncio
import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress

from pydantic import JsonValue

from user_agent.errors import NotWaiting
from user_agent.events import QuestionAsked, QuestionClosed
from user_agent.questions import PUT_AWAY, Action, Outcome, Question, Reply

PATIENCE_S = 600.0
"""How long an answer is waited for: a call is open meanwhile, and somebody else's server holds it."""

Tell = Callable[[QuestionAsked | QuestionClosed], object]


class Questions:
    """What is being asked in one run. Answers come from another task than the run's, in the same process."""

    def __init__(self, patience_s: float = PATIENCE_S) -> None:
        self._patience_s = patience_s
        self._open: dict[str, tuple[Question, asyncio.Future[Reply]]] = {}

    def asked_by(self, call: str, tell: Tell) -> "Asker":
        """What one call of a tool asks with; `tell` is told of each question and of its end."""
        return Asker(self, call, tell)

    def answer(self, question_id: str, action: Action, content: Mapping[str, JsonValue]) -> None:
        """Raises `NotWaiting` where there is no such question any more, and `BadRequest` for what does not fit it."""
        question, waiting = self._open.get(question_id, (None, None))
        if question is None or waiting is None or waiting.done():
            raise NotWaiting("This question does not wait for an answer any more.")
        waiting.set_result(Reply(action, question.checked(content) if action == "accept" else {}))

    async def wait(self, call: str, question: Question, tell: Tell) -> Reply:
        """What the person does with it; put away where nobody does anything in time."""
        question_id = secrets.token_hex(8)
        loop = asyncio.get_running_loop()
        waiting: asyncio.Future[Reply] = loop.create_future()
        self._open[question_id] = (question, waiting)
        began, outcome = loop.time(), "over"
        tell(QuestionAsked(id=question_id, call=call, question=question))
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._patience_s):
                    reply = await waiting
                    outcome = reply.action
                    return reply
            outcome = "late"
            return PUT_AWAY
        finally:
            del self._open[question_id]
            tell(_closed(question_id, call, outcome, loop.time() - began))


class Asker:
    """Asks for one call."""

    def __init__(self, questions: Questions, call: str, tell: Tell) -> None:
        self._questions = questions
        self._call = call
        self._tell = tell

    async def __call__(self, question: Question) -> Reply:
        return await self._questions.wait(self._call, question, self._tell)


def _closed(question_id: str, call: str, outcome: Outcome, seconds: float) -> QuestionClosed:
    return QuestionClosed(id=question_id, call=call, outcome=outcome, seconds=round(seconds, 3))
