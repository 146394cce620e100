"""An agent with more tools than a model should read: which of them it is offered, and how it finds the others."""

import asyncio
import json
from collections.abc import Sequence

import pytest

from tests.loop import finished_tools, told
from user_agent.agent import Limits
from user_agent.events import Event, ToolsOffered
from user_agent.messages import Message, TextPart, ToolCallPart, ToolResultPart, user_message
from user_agent.models.base import ModelFacts, ModelRequest
from user_agent.models.scripted import Reply, ScriptedModel, calls
from user_agent.role_play import RolePlay
from user_agent.tools.base import Tool
from user_agent.tools.own import tool
from user_agent.tools.selection import ToolIndexes

TEXT_ONLY = ModelFacts(function_calling=False)
DESCRIPTIONS = {
    "ship_parcel": "Send a parcel to an address and print its label.",
    "track_parcel": "Tell where a parcel is now.",
    "convert_money": "Convert an amount from one currency to another.",
    "book_table": "Reserve a table in a restaurant.",
    "water_plants": "Open the valve of the garden for some minutes.",
    "play_song": "Play a song by its title.",
    "查询余额": "查询银行账户的余额。",
}


def tool_named(name: str, description: str) -> Tool:
    async def function(what: str = "") -> str:
        return f"{name} did {what}".strip()

    function.__doc__ = description
    return tool(name=name)(function)


TOOLS = [tool_named(f"chore_{number}", f"Does chore number {number} of the house.") for number in range(40)]
TOOLS[20:20] = [tool_named(name, description) for name, description in DESCRIPTIONS.items()]


async def answered(
    replies: Sequence[Reply],
    said: str | Sequence[Message],
    tools: Sequence[Tool] = TOOLS,
    limits: Limits = Limits(),  # noqa: B008  a frozen value
    facts: ModelFacts | None = None,
) -> tuple[list[Event], ScriptedModel]:
    model = ScriptedModel(replies, facts=facts)
    agent = RolePlay(model, function_list=tools, language="en", limits=limits)
    events = [event async for event in agent.run(said)]
    model.assert_complete()
    return events, model


def offered(request: ModelRequest) -> list[str]:
    return [each.name for each in request.tools]


async def test_twelve_tools_are_all_offered() -> None:
    events, model = await answered(["Hello."], "Send a parcel", TOOLS[15:27])
    assert offered(model.requests[0]) == [each.name for each in TOOLS[15:27]]
    assert not [event for event in events if isinstance(event, ToolsOffered)]


async def test_of_more_tools_those_that_fit_the_message_are_offered_and_told() -> None:
    events, model = await answered(["Done."], "I'd like to have this package shipped: the parcel goes to Rome")
    names = offered(model.requests[0])
    assert len(names) == 13 and names[-1] == "find_tools"
    assert {"ship_parcel", "track_parcel"} <= set(names)
    [event] = [event for event in events if isinstance(event, ToolsOffered)]
    assert (event.tools, event.total) == (tuple(names[:-1]), len(TOOLS))


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ("How much is 500 dollars in yen?", "convert_money"),
        ("watering the plant please", "water_plants"),
        ("帮我查一下余额", "查询余额"),
        ("請問我的餘額是多少", "查询余额"),
    ],
    ids=["the kind of what is named", "another form of the word", "Chinese", "traditional Chinese"],
)
async def test_the_nearest_three_are_a_setting(said: str, wanted: str) -> None:
    _, model = await answered(["Done."], said, limits=Limits(tools=3))
    names = offered(model.requests[0])
    assert wanted in names
    assert len(names) == 4


async def test_a_budget_of_tokens_leaves_tools_out_too() -> None:
    long = [tool_named(name, f"{text} {'Very long. ' * 100}") for name, text in DESCRIPTIONS.items()]
    _, model = await answered(["Done."], "Play a song", long, limits=Limits(tool_tokens=1_000))
    assert "play_song" in offered(model.requests[0])
    assert len(offered(model.requests[0])) == 3


async def test_one_tool_is_offered_however_long_it_is() -> None:
    _, model = await answered(["Done."], "Play a song", limits=Limits(tool_tokens=1))
    assert offered(model.requests[0]) == ["play_song", "find_tools"]


async def test_a_tool_that_the_model_finds_can_be_called_in_the_same_turn() -> None:
    replies: list[Reply] = [
        calls(("find_tools", '{"query": "reserve a table"}')),
        calls(("book_table", '{"what": "for two"}')),
        "Booked.",
    ]
    events, model = await answered(replies, "Chore 3, please", limits=Limits(tools=3))
    before, after, later = (offered(request) for request in model.requests)
    assert "book_table" not in before
    assert "book_table" in after and after[-1] == "find_tools"
    assert set(before) < set(after) and set(after) <= set(later)
    found, booked = finished_tools(events)
    assert "book_table" in json.loads(found.output)["callable_now"]
    assert (booked.output, booked.failed) == ("book_table did for two", False)
    shown = [event.tools for event in events if isinstance(event, ToolsOffered)]
    assert [("book_table" in tools) for tools in shown] == [False, True]


async def test_models_without_function_calls_find_tools_too() -> None:
    replies: list[Reply] = [
        'Action: find_tools\nAction Input: {"query": "reserve a table"}\n',
        'Action: book_table\nAction Input: {"what": "for two"}\n',
        "Answer: Booked.",
    ]
    events, model = await answered(replies, "Chore 3, please", limits=Limits(tools=3), facts=TEXT_ONLY)
    assert "book_table:" not in model.requests[0].system
    assert "book_table:" in model.requests[1].system
    assert finished_tools(events)[1].output == "book_table did for two"


async def test_a_search_that_finds_nothing_says_so() -> None:
    events, _ = await answered([calls(("find_tools", '{"query": "qqq"}')), "Sorry."], "Chore 3")
    [found] = finished_tools(events)
    assert found.failed and "None of your 47 tools fits 'qqq'" in found.output


async def test_a_tool_that_was_called_stays_for_what_is_asked_next() -> None:
    conversation = [
        user_message("Where is parcel 17?"),
        Message(role="assistant", parts=(ToolCallPart(id="1", name="track_parcel", arguments={}),)),
        Message(role="tool", parts=(ToolResultPart(id="1", name="track_parcel", output="In Rome."),)),
        Message(role="assistant", parts=(TextPart(text="In Rome."),)),
        user_message("And chore number 18?"),
    ]
    _, model = await answered(["Milan."], conversation, limits=Limits(tools=3))
    assert {"track_parcel", "chore_18"} <= set(offered(model.requests[0]))
    assert len(model.requests[0].tools) == 4


async def test_an_unknown_tool_is_answered_with_the_offered_ones_alone() -> None:
    events, model = await answered([calls(("nothing", "{}")), "Sorry."], "Play a song", limits=Limits(tools=3))
    [failed] = finished_tools(events)
    assert failed.output.endswith(f"The tools are: {', '.join(sorted(offered(model.requests[0])))}.")
    assert told(model)[0].failed


async def test_the_same_tools_are_indexed_once_and_changed_ones_anew() -> None:
    indexes = ToolIndexes()
    first, second = await asyncio.gather(indexes.of(TOOLS), indexes.of([*TOOLS]))
    assert first is second
    changed = [*TOOLS[:-1], tool_named(TOOLS[-1].name, "Feeds the cat.")]
    assert await indexes.of(changed) is not first
    assert [hit.place for hit in (await indexes.of(changed)).search("feed the cats", 1)] == [len(TOOLS) - 1]
