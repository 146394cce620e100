"""Events folded into messages, as the loop asks the model with them and the service stores them."""

import pytest

from user_agent.events import (
    Event,
    ReasoningDelta,
    RunFinished,
    TextDelta,
    ToolDrafting,
    ToolFinished,
    ToolStarted,
    Usage,
)
from user_agent.messages import (
    Message,
    ReasoningPart,
    TextPart,
    ToolCallPart,
    ToolResultPart,
    user_message,
)
from user_agent.transcript import Transcript


def started(call_id: str) -> ToolStarted:
    return ToolStarted(id=call_id, name="add", arguments={"left": 1})


def finished(call_id: str, *, failed: bool = False) -> ToolFinished:
    return ToolFinished(id=call_id, name="add", output="2", failed=failed, seconds=0.5)


def folded(*events: Event, history: tuple[Message, ...] = (user_message("Hello"),)) -> Transcript:
    transcript = Transcript(history)
    for event in events:
        transcript.add(event)
    return transcript


def test_pieces_of_text_become_one_part() -> None:
    transcript = folded(TextDelta(text="Hel"), TextDelta(text="lo"))
    assert transcript.new == (Message(role="assistant", parts=(TextPart(text="Hello"),)),)
    assert transcript.text == "Hello"


def test_thinking_and_text_keep_their_order() -> None:
    transcript = folded(
        ReasoningDelta(text="Hm"),
        ReasoningDelta(text="."),
        TextDelta(text="A"),
        ReasoningDelta(text="?"),
        TextDelta(text="B"),
    )
    [message] = transcript.new
    assert message.parts == (
        ReasoningPart(text="Hm."),
        TextPart(text="A"),
        ReasoningPart(text="?"),
        TextPart(text="B"),
    )
    assert transcript.text == "AB"


def test_calls_and_results_become_messages_of_their_roles() -> None:
    transcript = folded(
        TextDelta(text="Let me see."),
        started("a"),
        started("b"),
        finished("b", failed=True),
        finished("a"),
        TextDelta(text="Done."),
    )
    call, result = (
        ToolCallPart(id="a", name="add", arguments={"left": 1}),
        ToolResultPart(id="a", name="add", output="2", seconds=0.5),
    )
    assert transcript.new == (
        Message(role="assistant", parts=(TextPart(text="Let me see."), call, call.model_copy(update={"id": "b"}))),
        Message(role="tool", parts=(result.model_copy(update={"id": "b", "failed": True}), result)),
        Message(role="assistant", parts=(TextPart(text="Done."),)),
    )
    assert transcript.messages == (user_message("Hello"), *transcript.new)


def test_the_text_is_that_of_the_last_assistant_message() -> None:
    assert folded(TextDelta(text="First."), started("a"), finished("a"), TextDelta(text="Last.")).text == "Last."


def test_the_text_of_a_run_that_said_nothing_is_not_that_of_an_earlier_answer() -> None:
    history = (user_message("Hello"), Message(role="assistant", parts=(TextPart(text="Old."),)), user_message("And?"))
    assert folded(history=history).text == ""


def test_events_that_nobody_keeps_leave_no_trace() -> None:
    transcript = folded(
        ToolDrafting(id="a", name="add", arguments_text="{"), RunFinished(text="", usage=Usage(), stop="answered")
    )
    assert transcript.new == ()


def test_reading_while_it_grows_does_not_close_a_message() -> None:
    transcript = folded(TextDelta(text="Hel"))
    assert transcript.text == "Hel"
    transcript.add(TextDelta(text="lo"))
    assert [message.text for message in transcript.new] == ["Hello"]


@pytest.mark.parametrize(
    ("events", "open_calls"),
    [
        ((), []),
        ((TextDelta(text="Hi"),), []),
        ((started("a"), started("b")), ["a", "b"]),
        ((started("a"), started("b"), finished("b")), ["a"]),
        ((started("a"), finished("a")), []),
        ((started("a"), finished("a"), started("b")), ["b"]),
    ],
    ids=["nothing", "text", "two open", "one answered", "all answered", "next call"],
)
def test_calls_without_results_are_unanswered(events: tuple[Event, ...], open_calls: list[str]) -> None:
    assert [call.id for call in folded(*events).unanswered] == open_calls


def test_calls_that_history_left_open_are_unanswered() -> None:
    call = Message(role="assistant", parts=(ToolCallPart(id="old", name="add", arguments={}),))
    assert [call.id for call in folded(history=(user_message("Hello"), call)).unanswered] == ["old"]


def test_calls_are_dropped_once_a_person_has_spoken_after_them() -> None:
    call = Message(role="assistant", parts=(ToolCallPart(id="old", name="add", arguments={}),))
    assert folded(history=(user_message("Hello"), call, user_message("Never mind"))).unanswered == ()


def test_the_history_that_was_given_is_not_changed() -> None:
    history = [user_message("Hello")]
    transcript = Transcript(history)
    transcript.add(TextDelta(text="Hi"))
    transcript.add(started("a"))
    transcript.add(finished("a"))
    assert history == [user_message("Hello")]


def test_a_long_answer_in_small_pieces_is_whole() -> None:
    transcript = Transcript()
    for number in range(20_000):
        transcript.add(TextDelta(text=f"{number} "))
    assert transcript.text == "".join(f"{number} " for number in range(20_000))
