"""What a model without function calls writes, read back: calls, answers, thinking, and what models get wrong."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field, replace

import pytest

from tests.react import TOOLS, WEATHER, answered, hear
from user_agent.dialects.base import ReplyEnd
from user_agent.dialects.react import ReAct
from user_agent.models.base import Chunk, ModelRequest
from user_agent.models.scripted import ScriptedModel

CALL = 'Action: weather\nAction Input: {"city": "Paris"}'
PARIS = ("weather", {"city": "Paris"}, "")


@dataclass(frozen=True)
class Case:
    """A reply and what is to come of it."""

    reply: str
    shown: str = ""
    thought: str = ""
    calls: list[tuple[str, dict[str, object], str]] = field(default_factory=list[tuple[str, dict[str, object], str]])


WRITTEN = {
    "plain": Case('Action: weather\nAction Input: {"city": "Paris"}', calls=[PARIS]),
    "text before": Case(f"Let me look.\n\n{CALL}", "Let me look.", calls=[PARIS]),
    "text after": Case('Action: weather\nAction Input: {"city": "Paris"}\nOne moment.', "One moment.", calls=[PARIS]),
    "text around": Case(
        'Let me look.\nAction: weather\nAction Input: {"city": "Paris"}\n\nOne moment.',
        "Let me look.\n\nOne moment.",
        calls=[PARIS],
    ),
    "words of the prompt": Case(f"好的。\n工具调用\n{CALL}", "好的。", calls=[PARIS]),
    "words of the prompt, en": Case('Tool Invocation\nAction: weather\nAction Input: {"city": "Paris"}', calls=[PARIS]),
    "full-width colons": Case('Action：weather\nAction Input：{"city"： "Paris"}', calls=[PARIS]),
    "bold": Case('**Action:** weather\n**Action Input:** {"city": "Paris"}', calls=[PARIS]),
    "heading": Case('### Action: `weather`\n### Action Input: {"city": "Paris"}', calls=[PARIS]),
    "numbered": Case(
        'Action 1: weather\nAction Input 1: {"city": "Paris"}\nAction 2: add\nAction Input 2: {"left": 2}',
        calls=[PARIS, ("add", {"left": 2}, "")],
    ),
    "several": Case(
        'Action: weather\nAction Input: {"city": "Paris"}\n\nAction: add\nAction Input: {"left": 2}\n',
        calls=[PARIS, ("add", {"left": 2}, "")],
    ),
    "several with thoughts": Case(
        f'Thought: One.\n{CALL}\nThought: Two.\nAction: add\nAction Input: {{"left": 2}}',
        thought="One.Two.",
        calls=[PARIS, ("add", {"left": 2}, "")],
    ),
    "pretty": Case('Action: weather\nAction Input:\n{\n  "city": "Paris"\n}\n', calls=[PARIS]),
    "nested": Case(
        'Action: weather\nAction Input: {"city": {"name": "}]\\"", "near": [{"x": [1, 2]}, {}]}}\nBye.',
        "Bye.",
        calls=[("weather", {"city": {"name": '}]"', "near": [{"x": [1, 2]}, {}]}}, "")],
    ),
    "fenced arguments": Case(
        'Action: weather\nAction Input:\n```json\n{"city": "Paris"}\n```\nOk', "Ok", calls=[PARIS]
    ),
    "fenced call": Case('```\nAction: weather\nAction Input: {"city": "Paris"}\n```\n', calls=[PARIS]),
    "fenced twice": Case('```text\nAction: weather\nAction Input: ```json\n{"city": "Paris"}\n```\n```', calls=[PARIS]),
    "fence without mark": Case('Action: weather\n```json\n{"city": "Paris"}\n```', calls=[PARIS]),
    "one line": Case('Action: weather, Action Input: {"city": "Paris"}', calls=[PARIS]),
    "without the second mark": Case('Action: weather {"city": "Paris"}', calls=[PARIS]),
    "within a line": Case(f"I look it up. {CALL}", "I look it up.", calls=[PARIS]),
    "within a line, zh": Case('我来查询Action: weather\nAction Input: {"city": "Paris"}', "我来查询", calls=[PARIS]),
    "the prompt's word after the name": Case('Action: weather API\nAction Input: {"city": "Paris"}', calls=[PARIS]),
    "single quotes": Case("Action: weather\nAction Input: {'city': 'Paris',}", calls=[PARIS]),
    "unquoted and commented": Case('Action: weather\nAction Input: {city: "Paris", // }\n}', calls=[PARIS]),
    "curly quotes": Case("Action: weather\nAction Input: {“city”: “Paris”}", calls=[PARIS]),
    "python": Case(
        "Action: weather\nAction Input: {'city': 'Paris', 'now': True, 'day': None}",
        calls=[("weather", {"city": "Paris", "now": True, "day": None}, "")],
    ),
    "lines in a text": Case(
        'Action: weather\nAction Input: {"city": "Paris\nAnswer: yes"}',
        calls=[("weather", {"city": "Paris\nAnswer: yes"}, "")],
    ),
    "missing bracket": Case('Action: weather\nAction Input: {"city": "Paris"\nObservation: sunny', calls=[PARIS]),
    "no arguments": Case("Action: weather\nAction Input:\n", calls=[("weather", {}, "")]),
    "none as arguments": Case("Action: weather\nAction Input: None", calls=[("weather", {}, "")]),
    "no second mark": Case("Action: weather\n", calls=[("weather", {}, "")]),
    "nothing to call": Case("Action: None\nAction Input: None\nAnswer: Hello!", "Hello!"),
    "unknown tool": Case("Action: wether\nAction Input: {}", calls=[("wether", {}, "")]),
    "unknown tool of several words": Case("Action: look up\nAction Input: {}", calls=[("look up", {}, "")]),
    "no name": Case("Action Input: {}", calls=[("", {}, "")]),
    "answer": Case("Answer: It is sunny.", "It is sunny."),
    "final answer": Case("Thought: I now know. Final Answer: It is sunny.", "It is sunny.", "I now know. "),
    "answer in lines": Case("Answer:\n\n1. Sun\n2. Rain\n", "1. Sun\n2. Rain"),
    "missing answer mark": Case("It is sunny.\n\n  Bring a hat.  \n", "It is sunny.\n\n  Bring a hat."),
    "missing answer mark after a thought": Case("Thought: Hm.\nIt is sunny.", "It is sunny.", "Hm.\nIt is sunny."),
    "nothing but a thought": Case("Thought: It is sunny.", "It is sunny.", "It is sunny."),
    "thought and paragraph": Case("Thought: Hm,\nwell.\n\nIt is sunny.", "It is sunny.", "Hm,\nwell."),
    "answer to a quiz": Case("Question: 1+1?\nAnswer: 2", "Question: 1+1?\nAnswer: 2"),
    "action in prose": Case("Action: Drink water.\nAction: Rest, dear.\n", "Action: Drink water.\nAction: Rest, dear."),
    "tool's name in prose": Case("Action: add salt.\nNow Action: add oil", "Action: add salt.\nNow Action: add oil"),
    "tool's name and a bracket": Case("Action: weather(Paris)\nAction Input: {}", calls=[("weather", {}, "")]),
    "within a line, in one": Case('Ok. Action: weather Action Input: {"city": "Paris"}', "Ok.", calls=[PARIS]),
    "words that hold marks": Case("Transaction: 1. Action: no.\nReaction", "Transaction: 1. Action: no.\nReaction"),
    "code": Case("```python\nAction = 1\n```\n\nDone: Action.", "```python\nAction = 1\n```\n\nDone: Action."),
    "code, then a call": Case(
        '```\nx\n```\nAction: weather\nAction Input: {"city": "Paris"}', "```\nx\n```", calls=[PARIS]
    ),
    "beginning of a mark": Case("A", "A"),
    "empty": Case(""),
}


@pytest.mark.parametrize("case", WRITTEN.values(), ids=WRITTEN)
async def test_reply_is_understood(case: Case) -> None:
    heard = await hear(case.reply)
    assert (heard.shown, heard.thought, heard.calls) == (case.shown, case.thought, case.calls)


@pytest.mark.parametrize("case", WRITTEN.values(), ids=WRITTEN)
async def test_reply_is_understood_the_same_one_character_at_a_time(case: Case) -> None:
    assert (await hear(list(case.reply))).told == (await hear(case.reply)).told


INVENTED = {
    "observation": "Observation: <result>snow</result>\nAnswer: It snows.",
    "observation within the line": " Observation: <result>snow</result> It snows.",
    "bare result": "<result>snow</result>\nIt snows.",
    "answer": "Answer: It snows.",
    "final answer": "Thought: I see.\nFinal Answer: It snows.",
    "observation and another call": 'Observation: snow\nAction: add\nAction Input: {"left": 1}',
    "full-width": "**Observation**：<result>snow</result>\nIt snows.",
}


@pytest.mark.parametrize("tail", INVENTED.values(), ids=INVENTED)
async def test_what_a_model_makes_up_after_its_call_is_neither_shown_nor_believed(tail: str) -> None:
    heard = await hear(f'I look.\nAction: weather\nAction Input: {{"city": "Paris"}}\n{tail}')
    assert (heard.shown, heard.calls) == ("I look.", [PARIS])
    assert "snow" not in str(heard.told)


async def test_result_that_is_made_up_within_arguments_ends_them() -> None:
    heard = await hear('Action: weather\nAction Input: {"city": "Paris\nObservation: <result>snow</result>"}')
    [(name, arguments, problem)] = heard.calls
    assert (name, arguments) == ("weather", {})
    assert "end in the middle" in problem
    assert "snow" not in str(heard.told)


@pytest.mark.parametrize("mark", ["", "I look it up.\n"])
async def test_result_without_a_call_is_sent_back_to_the_model(mark: str) -> None:
    heard = await hear(f"{mark}Observation: <result>snow</result>\nAnswer: It snows.")
    assert heard.shown == mark.strip()
    [(name, _, problem)] = heard.calls
    assert (name, bool(problem)) == ("Observation", True)


@pytest.mark.parametrize(
    "repeated", ["<result>sunny, 25 °C</result>", "sunny, 25 °C", "<result>sunny, 25 °C"], ids=["tags", "bare", "open"]
)
async def test_result_that_a_model_repeats_is_passed_over(repeated: str) -> None:
    heard = await hear(f"Observation: {repeated}\nAnswer: It is sunny.", messages=answered("sunny, 25 °C and\nmore"))
    assert (heard.shown, heard.calls) == ("It is sunny.", [])


async def test_result_that_only_seems_to_be_repeated_is_not_believed() -> None:
    heard = await hear("Observation: <result>snow</result>\nAnswer: It snows.", messages=answered("sunny"))
    assert (heard.shown, [name for name, _, _ in heard.calls]) == ("", ["Observation"])


async def test_answer_to_a_result_may_begin_with_other_words() -> None:
    heard = await hear("I have it.\nAnswer: Sunny.\nAnswer: is a word.", messages=answered("sunny"))
    assert heard.shown == "I have it.\n\nSunny.\nAnswer: is a word."


MALFORMED = {
    "no json": ("Paris", "not JSON"),
    "list": ("[1, 2]", "not a JSON object"),
    "words in brackets": ("{city Paris}", "not JSON"),
    "text lost in a repair": ("{'city': 'Pa''ris'}", "not JSON"),
    "number beyond any": ('{"city": 1e999}', "finite"),
    "too deep": ('{"city": ' + "[" * 3_000 + "]" * 3_000 + "}", "too deep"),
    "cut": ('{"city": "Par', "end in the middle"),
}


@pytest.mark.parametrize(("arguments", "problem"), MALFORMED.values(), ids=MALFORMED)
async def test_arguments_that_cannot_be_read_come_with_the_problem(arguments: str, problem: str) -> None:
    [(name, read, told)] = (await hear(f"Action: weather\nAction Input: {arguments}")).calls
    assert (name, read) == ("weather", {})
    assert problem in told


async def test_call_that_is_cut_at_the_longest_reply_is_not_made() -> None:
    [(_, arguments, problem)] = (await hear('Action: weather\nAction Input: {"city": ["Paris"', finish="length")).calls
    assert arguments == {}
    assert problem


async def test_half_a_mark_at_the_end_of_a_reply_that_was_cut_is_not_shown() -> None:
    assert (await hear("It is sunny.\nActio", finish="length")).shown == "It is sunny."


async def test_arguments_are_told_while_they_stream() -> None:
    pieces = ["Action: wea", 'ther\nAction Input: {"ci', 'ty": "Par', 'is"}\n']
    heard = await hear(pieces)
    assert heard.drafts == {heard.end.calls[0].id: '{"city": "Paris"}'}


async def test_line_that_is_too_long_for_a_name_is_shown_before_it_ends() -> None:
    line = "Action: " + "drink some water, " * 20
    assert (await hear(list(line))).early.startswith("Action: drink some water")


@pytest.mark.parametrize("name", ["查天气", "_own", "spotify.play", "look up"])
async def test_tool_of_any_name_is_called(name: str) -> None:
    tool = replace(WEATHER, name=name)
    [(called, arguments, _)] = (await hear(f"Action: **{name}**\nAction Input: {{}}", tools=[tool])).calls
    assert (called, arguments) == (name, {})


async def test_ids_are_not_those_of_earlier_calls() -> None:
    heard = await hear('Action: add\nAction Input: {"left": 1}', messages=answered("sunny", "dry"))
    assert heard.end.calls[0].id not in {"call_1", "call_2"}


class MakesThingsUp(ScriptedModel):
    """Calls a tool and goes on without end; `closed` says that its stream was closed."""

    closed = False

    async def stream(self, request: ModelRequest) -> AsyncGenerator[Chunk, None]:
        try:
            yield Chunk(text=f"{CALL}\n")
            while True:
                yield Chunk(text="Observation: <result>snow</result>\n")
        finally:
            self.closed = True


async def test_stream_ends_where_the_model_begins_to_make_things_up() -> None:
    model = MakesThingsUp([])
    readings = [item async for item in ReAct("en").reply(model, ModelRequest("", (), TOOLS))]
    assert model.closed
    assert isinstance(readings[-1], ReplyEnd)
    assert [(call.name, call.problem) for call in readings[-1].calls] == [("weather", "")]


async def test_marks_are_words_for_an_agent_without_tools() -> None:
    text = "Action: weather\nAction Input: {}\nObservation: x"
    assert (await hear(text, tools=())).shown == text


async def test_marks_count_for_an_agent_that_lost_its_tools_in_the_middle() -> None:
    heard = await hear("Action: weather\nAction Input: {}", messages=answered("sunny"), tools=())
    assert (heard.shown, [name for name, _, _ in heard.calls]) == ("", ["weather"])


REPEATED = ("A ", "a\n", "Action: ", "Thought: ", "Action: add\nAction Input: {}\n", "Action: add\nAction Input: x ")


@pytest.mark.parametrize("words", REPEATED, ids=repr)
async def test_a_model_that_repeats_itself_in_one_piece_holds_nobody_up(words: str) -> None:
    """Small models do so without an end, and some servers send the whole as one piece."""
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    reply = words * (50_000 // len(words))
    waiting = asyncio.create_task(others())
    whole = await hear(reply)
    waiting.cancel()
    assert turns >= 40
    assert (await hear([reply[start : start + 777] for start in range(0, len(reply), 777)])).told == whole.told


async def test_arguments_that_are_no_json_and_never_end_are_not_kept_for_ever() -> None:
    heard = await hear("Action: weather\nAction Input: " + "x" * 300_000)
    [(name, _, problem)] = heard.calls
    assert (name, problem) == ("weather", "its arguments end in the middle")
