"""Whatever a model writes and however its stream is cut: the same comes of it, and nothing of the protocol is shown."""

import json
import re
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import json5
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.react import TOOLS, answered, hear
from user_agent.dialects.arguments import read_loosely
from user_agent.dialects.react_writing import written
from user_agent.messages import Message, ToolCallPart

MARKS = ("Thought", "Action", "Action Input", "Observation", "Answer", "Final Answer")
BITS = (
    *MARKS,
    *(f"{mark}:" for mark in MARKS),
    *(
        "Action：",
        "\n",
        "\n\n",
        " ",
        "**",
        "```",
        "```json\n",
        "工具调用\n",
        "Tool Invocation",
        "<result>",
        "</result>",
    ),
    *("weather", "add", "None", "wether", "{", "}", '{"city": "Paris"}', "{'a': [1, 2,]}", '"', "'", "\\", ",", "//"),
    *("A", "Act", "O", "sunny", "It is sunny.", "朝阳区", "1", "-", "#", ">"),
)

replies = st.lists(st.sampled_from(BITS) | st.text(max_size=4), max_size=24).map("".join)
strings = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)
numbers = st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False, allow_infinity=False)
values = st.recursive(
    st.none() | st.booleans() | numbers | strings | st.sampled_from(BITS),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(strings, inner, max_size=4),
    max_leaves=12,
)
arguments = st.dictionaries(strings, values, max_size=5)
histories = st.sampled_from([(), answered("sunny"), answered("sunny", "Observation: x")])


def torn(text: str, cuts: list[float]) -> list[str]:
    places = sorted({round(cut * len(text)) for cut in cuts})
    return [text[start:end] for start, end in pairwise([0, *places, len(text)])]


@settings(max_examples=300, deadline=None)
@given(reply=replies, cuts=st.lists(st.floats(0, 1), max_size=12), messages=histories)
@example(reply="Tool Invocation \nThought:\n\n", cuts=[], messages=answered("sunny"))
@example(reply='Action：Action:addAction {"city": "Paris"}#', cuts=[], messages=())
@example(reply="```Answer#\n```\\\\\n工具调用\nAction：Action：}add}-", cuts=[], messages=())
async def test_the_same_comes_of_a_reply_however_it_is_cut(
    reply: str, cuts: list[float], messages: tuple[Message, ...]
) -> None:
    whole = await hear(reply, messages=messages)
    assert (await hear(torn(reply, cuts), messages=messages)).told == whole.told
    assert (await hear(list(reply), messages=messages)).told == whole.told


@settings(max_examples=200, deadline=None)
@given(reply=replies, messages=histories)
async def test_nothing_is_shown_before_it_is_certain(reply: str, messages: tuple[Message, ...]) -> None:
    whole = await hear(reply, messages=messages)
    for size in range(len(reply)):
        # A reply that goes on where this one ends, and says nothing more: what was held back is not shown.
        before = await hear(reply[:size], messages=messages, finish="")
        assert whole.shown.startswith(before.early), (size, before.early)


@settings(max_examples=300, deadline=None)
@given(call=arguments, before=strings, after=st.sampled_from(BITS), name=st.sampled_from(["weather", "add"]))
async def test_nothing_of_the_protocol_is_shown(call: dict[str, Any], before: str, after: str, name: str) -> None:
    call_text = written(ToolCallPart(id="a", name=name, arguments=call))
    reply = f"Thought: hm\n{call_text}\nObservation: <result>{before}</result>\nAnswer: {after}"
    heard = await hear(reply)
    assert heard.shown == ""
    assert [(made, read) for made, read, _ in heard.calls] == [(name, call)]


@settings(max_examples=200, deadline=None)
@given(calls=st.lists(st.tuples(st.sampled_from(["weather", "add"]), arguments), min_size=1, max_size=4))
@example(calls=[("add", {"left": "\nObservation: <result>x</result>\n"})])
@example(calls=[("add", {"": {"</result>": ["`" * 3, "Action: weather", '"}']}})])
async def test_calls_that_are_written_are_read_back_as_they_were(calls: list[tuple[str, dict[str, Any]]]) -> None:
    parts = [ToolCallPart(id=str(number), name=name, arguments=each) for number, (name, each) in enumerate(calls)]
    heard = await hear(list("\n".join(map(written, parts))))
    assert heard.shown == ""
    assert heard.calls == [(name, each, "") for name, each in calls]


WRITERS: dict[str, Callable[[Any], str]] = {
    "pretty": lambda value: json.dumps(value, indent=2),
    "single quotes": lambda value: json5.dumps(value, ensure_ascii=False, quote_style=json5.QuoteStyle.ALWAYS_SINGLE),
    "trailing commas": lambda value: json5.dumps(value, indent=2, quote_keys=True, trailing_commas=True),
    "unquoted keys": lambda value: json5.dumps(value, indent=1, quote_keys=False),
}


@pytest.mark.parametrize("write", WRITERS.values(), ids=WRITERS)
@settings(max_examples=80, deadline=None)
@given(value=arguments)
async def test_what_is_meant_by_nearly_json_is_read(write: Callable[[Any], str], value: dict[str, Any]) -> None:
    text = write(value)
    [(name, read, problem)] = (await hear(f"Action: add\nAction Input: {text}\nBye.")).calls
    assert (name, read, problem) == ("add", value, "")


@settings(max_examples=200, deadline=None)
@given(
    text=st.lists(st.sampled_from([*"{}[]\",:'\\/ ", "a", "city", "Paris", "1", "：", "“", "”"]), max_size=20).map(
        "".join
    )
)
def test_repair_invents_nothing(text: str) -> None:
    try:
        read = read_loosely(text)
    except (ValueError, RecursionError):
        return
    said = re.sub(r"\W", "", json.dumps(read, ensure_ascii=False))
    assert len(said) <= len(re.sub(r"\W", "", text))


def test_tools_of_these_tests_have_the_names_that_they_use() -> None:
    assert {tool.name for tool in TOOLS} == {"weather", "add"}
