"""A long turn: what tools said makes room for what they say next, and a model is never asked more than it can read."""

from collections.abc import AsyncGenerator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.loop import agent_of, finished_tools, tool_of
from tests.test_memory_window import histories, total
from user_agent.errors import ContextTooLong
from user_agent.events import RunFinished
from user_agent.memory.results import BEGINNING_CHARS, fitted
from user_agent.memory.tokens import Room
from user_agent.messages import Message, results_after, user_message
from user_agent.models.base import Chunk, ModelFacts, ModelRequest
from user_agent.models.scripted import ScriptedModel, calls
from user_agent.words import Language

CONTEXT = 4_000
PAGE = "Page {number}: " + "the geese fly south in October, and the ducks stay. " * 60
"""About a quarter of the context."""


class Strict(ScriptedModel):
    """Refuses what has more tokens than its context."""

    async def stream(self, request: ModelRequest) -> AsyncGenerator[Chunk, None]:
        if total(request.messages).tokens > CONTEXT:
            raise ContextTooLong("The prompt is too long.")
        async for chunk in super().stream(request):
            yield chunk


async def read(number: int) -> str:
    """Read a page."""
    return PAGE.format(number=number) * (6 if number == 8 else 1)


@pytest.mark.parametrize(("language", "note"), [("en", "made room"), ("zh", "让出空间")])
async def test_old_results_make_room_for_new_ones_and_say_so(language: Language, note: str) -> None:
    replies = [calls(("read", f'{{"number": {number}}}')) for number in range(9)]
    model = Strict([*replies, "South."], facts=ModelFacts(context_length=CONTEXT))
    agent = agent_of(model, tool_of(read), language=language)
    events = [event async for event in agent.run([user_message("Where do geese go?")])]
    finished = events[-1]
    assert isinstance(finished, RunFinished) and finished.text == "South."
    for request in model.requests:
        for place, message in enumerate(request.messages):
            assert {call.id for call in message.calls} <= results_after(request.messages[place + 1 :]).keys()
    shown = [result.output for message in model.requests[-1].messages for result in message.results]
    assert [text.startswith(f"Page {number}:") for number, text in enumerate(shown)] == [True] * 9
    # The last alone is longer than the model can read: it gives way as far as it must, the others first.
    assert all(note in text and len(text) < BEGINNING_CHARS + 150 for text in shown[:8])
    assert note in shown[8] and len(shown[8]) > 1_000
    before = [result.output for message in model.requests[2].messages for result in message.results]
    assert before == [PAGE.format(number=number) for number in range(2)]
    # What is kept and shown to the person is whole.
    assert [len(event.output) for event in finished_tools(events)][:8] == [len(PAGE.format(number=0))] * 8


@settings(max_examples=60, deadline=None)
@given(history=histories, tokens=st.none() | st.integers(0, 400))
def test_only_results_are_cut_and_only_where_there_is_no_room(
    history: list[tuple[Message, ...]], tokens: int | None
) -> None:
    messages, room = [message for turn in history for message in turn], Room(tokens=tokens)
    shown = fitted(messages, room, "en")
    assert [message.role for message in shown] == [message.role for message in messages]
    assert [(message.text, message.calls) for message in shown] == [(one.text, one.calls) for one in messages]
    if room.holds(total(messages)):
        assert [*shown] == messages
