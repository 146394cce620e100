"""How much of a conversation a model is shown, for any conversation and any room."""

from collections.abc import Sequence

from hypothesis import example, given, settings
from hypothesis import strategies as st

from user_agent.memory.tokens import Room, Size, estimate_tokens
from user_agent.memory.window import size_of, window
from user_agent.messages import FilePart, Message, TextPart, ToolCallPart, ToolResultPart, results_after, user_message

texts = st.text(max_size=30) | st.sampled_from(
    ["杭州今天的天气怎么样？" * 3, "def f(x):\n    return x\n" * 4, "😀" * 9]
)
files = st.builds(
    FilePart,
    file=st.just("f"),
    name=st.sampled_from(["notes.md", "photo.png"]),
    media_type=st.just("application/octet-stream"),
    size_bytes=st.integers(0, 500),
)


@st.composite
def turns(draw: st.DrawFn) -> tuple[Message, ...]:
    """A question, what was called for it and what came of it, and the answer; as a loop writes it."""
    said = [user_message(draw(texts), *draw(st.lists(files, max_size=1)))]
    for step in range(draw(st.integers(0, 2))):
        calls = [
            ToolCallPart(id=f"{step}.{number}", name="look", arguments={"at": draw(texts)})
            for number in range(draw(st.integers(1, 2)))
        ]
        said.append(Message(role="assistant", parts=tuple(calls)))
        said += [
            Message(role="tool", parts=(ToolResultPart(id=call.id, name="look", output=draw(texts)),)) for call in calls
        ]
    return (*said, Message(role="assistant", parts=(TextPart(text=draw(texts)),)))


histories = st.lists(turns(), min_size=1, max_size=6)
rooms = st.builds(Room, chars=st.none() | st.integers(0, 900), tokens=st.none() | st.integers(0, 400))


def total(messages: Sequence[Message]) -> Size:
    return sum(map(size_of, messages), Size())


@settings(max_examples=150, deadline=None)
@given(history=histories, room=rooms)
@example(history=[(user_message("a"),), (user_message("b" * 100),)], room=Room(tokens=9))
def test_window_is_the_most_whole_turns_at_the_end_that_fit(history: list[tuple[Message, ...]], room: Room) -> None:
    messages = [message for turn in history for message in turn]
    shown = window(messages, room)
    ends = [tuple(message for turn in history[start:] for message in turn) for start in range(len(history))]
    kept = ends.index(shown)
    assert kept == len(history) - 1 or room.holds(total(shown))
    assert kept == 0 or not room.holds(total(ends[kept - 1])), "one more turn would have fitted"
    for place, message in enumerate(shown):
        assert {call.id for call in message.calls} <= results_after(shown[place + 1 :]).keys()


@settings(max_examples=100, deadline=None)
@given(texts, texts)
def test_estimate_grows_with_the_text_as_its_parts_do(one: str, other: str) -> None:
    both, apart = estimate_tokens(one + other), estimate_tokens(one) + estimate_tokens(other)
    assert apart - 1 <= both <= apart
    assert estimate_tokens("") == 0


def test_estimate_is_safe_and_not_wasteful_for_each_script() -> None:
    """What Qwen's vocabulary makes of them (`bench/estimate.py`)."""
    counted = {
        "西湖位于浙江省杭州市西部，是中国著名的风景名胜区。": 13,
        "The quick brown fox jumps over the lazy dog, and nobody knows why.": 15,
        "for place, message in enumerate(shown):\n    assert message.calls == []\n": 15,
        '{"city": "Paris", "days": [1, 2, 3]}': 18,
    }
    for text, tokens in counted.items():
        assert tokens * 0.9 <= estimate_tokens(text) <= tokens * 2.1, (text, estimate_tokens(text))


def test_a_chinese_character_takes_more_of_the_room_than_a_latin_letter() -> None:
    english, chinese = [[user_message(letter * 100), user_message("?")] for letter in "a湖"]
    room = Room(tokens=60)
    assert len(window(english, room)) == 2
    assert len(window(chinese, room)) == 1
