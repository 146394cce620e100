"""The builder, through `Builder.turn`: a model's calls become changes of a draft, and nothing else does."""

import json
from collections.abc import Sequence
from itertools import pairwise

import pytest

from builder_core.builder import Builder
from builder_core.events import ConfigChanged, ConfigDrafting
from builder_core.recommend import offers
from tests.fakes.draft import MemoryDraft
from user_agent.config import Document
from user_agent.errors import ModelError, Unavailable
from user_agent.events import EventBase, RunFinished, ToolDrafting, ToolFinished, ToolStarted
from user_agent.messages import Message, user_message
from user_agent.models.base import CallDelta, ChatModel, Chunk
from user_agent.models.scripted import ScriptedModel, calls
from user_agent.net import Http
from user_agent.tools.registry import all_tools

TRIP: Document = {
    "name": "Trip Planner",
    "description": "Plans trips.",
    "instruction": "Plan trips.\r\n  Two spaces stay.  ",
    "language": "en",
    "prologue": "Hi!",
    "prompt_recommend": ["Where to?"],
    "tools": {"weather": {"name": "weather", "use": True, "is_active": True}},
    "plugin_of_old": {"kept": [1, 2.5, None]},
}


async def take_turn(
    model: ChatModel | None,
    draft: MemoryDraft,
    *said: Message,
    secrets: dict[str, str] | None = None,
) -> list[EventBase]:
    """The events of one turn."""
    async with Http() as http:
        builder = Builder(
            model=model,
            http=http,
            catalogue=offers(all_tools(), secrets or {}),
            language="en",
        )
        return [event async for event in builder.turn(draft, said or (user_message("Change it."),))]


def changed(events: Sequence[EventBase]) -> list[ConfigChanged]:
    return [event for event in events if isinstance(event, ConfigChanged)]


def update(**arguments: object) -> Chunk:
    return calls(("update_agent", json.dumps(arguments)))


async def test_what_a_model_sets_is_stored_and_told_from_the_store() -> None:
    draft = MemoryDraft(TRIP)
    model = ScriptedModel([update(name="Wayfinder", description="Plans trips."), "Done."])
    events = await take_turn(model, draft)
    model.assert_complete()
    [told] = changed(events)
    assert [(item.field, item.before, item.after) for item in told.changes] == [("name", "Trip Planner", "Wayfinder")]
    assert told.config["name"] == "Wayfinder"
    assert told.revision == 2
    assert isinstance(events[-1], RunFinished)


async def test_fields_that_are_not_named_stay_byte_for_byte() -> None:
    draft = MemoryDraft(TRIP)
    before = draft.config.to_json()
    await take_turn(ScriptedModel([update(prologue="Ahoy!"), "Done."]), draft)
    assert draft.config.to_json() == before.replace('"Hi!"', '"Ahoy!"')


async def test_the_draft_fills_in_while_arguments_stream() -> None:
    pieces = ['{"name": "Way', 'finder", "prompt_rec', 'ommend": ["Where', ' to?"]}']
    reply: list[Chunk | ModelError] = [
        Chunk(calls=(CallDelta(index=0, id="a", name="update_agent", arguments=piece),)) for piece in pieces
    ]
    events = await take_turn(ScriptedModel([reply, "Done."]), MemoryDraft())
    assert [event.partial for event in events if isinstance(event, ConfigDrafting)] == [
        {"name": "Way"},
        {"name": "Wayfinder"},
        {"name": "Wayfinder", "prompt_recommend": ["Where"]},
        {"name": "Wayfinder", "prompt_recommend": ["Where to?"]},
    ]


async def test_a_long_draft_is_shown_as_it_grows_without_reading_it_anew_for_every_piece() -> None:
    text = json.dumps({"instruction": "word " * 500})
    reply: list[Chunk | ModelError] = [
        Chunk(calls=(CallDelta(index=0, id="a", name="update_agent", arguments=char),)) for char in text
    ]
    events = await take_turn(ScriptedModel([reply, "Done."]), MemoryDraft())
    partials = [event.partial for event in events if isinstance(event, ConfigDrafting)]
    shown = [len(str(partial["instruction"])) for partial in partials]
    assert sum(shown) < 45 * len(text)
    assert all(later - earlier <= max(13, (later + 20) / 39 + 1) for earlier, later in pairwise(shown))
    assert partials[-1] == {"instruction": "word " * 500}


@pytest.mark.parametrize(
    "arguments",
    ['{"name": 7}', "[1, 2", '{"colour": "red"}', '{"language": "e', '{"name": "\\ud800"}'],
    ids=["wrong type", "no object", "unknown field", "half a choice", "lone surrogate"],
)
async def test_what_does_not_fit_a_field_is_not_shown_as_a_draft(arguments: str) -> None:
    reply = Chunk(calls=(CallDelta(index=0, id="a", name="update_agent", arguments=arguments),))
    events = await take_turn(ScriptedModel([reply, "Sorry."]), MemoryDraft())
    assert not [event for event in events if isinstance(event, ConfigDrafting)]


async def test_a_model_that_claims_changes_without_a_call_is_contradicted() -> None:
    draft = MemoryDraft(TRIP)
    events = await take_turn(ScriptedModel(["I renamed your agent to Evil and enabled every tool!"]), draft)
    [told] = changed(events)
    assert (told.changes, told.config, told.revision) == ((), draft.config.document, 1)
    assert draft.config.document == TRIP
    assert isinstance(events[-1], RunFinished)
    assert events[-2] is told


async def test_a_call_that_stores_what_is_there_already_says_that_nothing_changed() -> None:
    model = ScriptedModel([update(name="Trip Planner"), "I renamed it!"])
    events = await take_turn(model, MemoryDraft(TRIP))
    [told] = changed(events)
    assert told.changes == ()
    assert "Nothing changed." in model.requests[1].messages[-1].results[0].output


async def test_a_patch_that_does_not_fit_goes_back_and_is_mended() -> None:
    draft = MemoryDraft(TRIP)
    model = ScriptedModel([update(name="x" * 121), update(name="Short"), "Done."])
    events = await take_turn(model, draft)
    refused, mended = [event for event in events if isinstance(event, ToolFinished)]
    assert refused.failed
    assert "name" in refused.output
    assert "120" in refused.output
    assert not mended.failed
    assert draft.config.name == "Short"
    assert len(changed(events)) == 1


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        ({"title": "x"}, "title"),
        ({"model": "attacker/gpt"}, "model"),
        ({"agent_id": "somebody-elses", "name": "x"}, "agent_id"),
        ({"language": "fr"}, "language"),
        ({"prompt_recommend": "one question"}, "prompt_recommend"),
        ({"instruction": "a\0b"}, "broken characters"),
        ({"proposed": ["name"]}, "instruction"),
        ({}, "name"),
    ],
    ids=["unknown field", "model", "agent id", "language", "no list", "NUL", "only proposed", "nothing"],
)
async def test_the_model_is_told_which_field_does_not_fit(arguments: dict[str, object], names: str) -> None:
    draft = MemoryDraft(TRIP)
    events = await take_turn(ScriptedModel([update(**arguments), "Sorry."]), draft)
    [finished] = [event for event in events if isinstance(event, ToolFinished)]
    assert finished.failed
    assert names in finished.output
    assert draft.patches == []


async def test_what_the_store_refuses_is_told_to_person_and_model() -> None:
    draft = MemoryDraft(TRIP, refuse=frozenset({"name"}))
    model = ScriptedModel([update(name="X"), "It did not work."])
    events = await take_turn(model, draft)
    [told] = changed(events)
    assert [(item.field, item.why) for item in told.refused] == [("name", "It is locked.")]
    assert "It is locked." in model.requests[1].messages[-1].results[0].output


async def test_proposed_fields_are_the_builders_and_the_others_the_persons() -> None:
    model = ScriptedModel([update(name="Max", prologue="Hello!", proposed=["prologue", "description"]), "Done."])
    [told] = changed(await take_turn(model, MemoryDraft()))
    assert {item.field: item.author for item in told.changes} == {"name": "user", "prologue": "builder"}


async def test_the_system_prompt_knows_the_draft_with_edits_by_hand_and_evaluates_nothing_in_it() -> None:
    by_hand = "Only I wrote this. {{7*7}} {% raw %}\n# The catalogue of tools\n${7*7}"
    model = ScriptedModel(["Fine."])
    await take_turn(model, MemoryDraft({**TRIP, "instruction": by_hand, "api_key": "canary-4711"}))
    system = model.requests[0].system
    assert json.dumps(by_hand) in system
    assert '"Trip Planner"' in system
    assert "49" not in system
    assert "canary-4711" not in system


async def test_the_system_prompt_names_the_tools_and_the_keys_they_wait_for() -> None:
    waiting, ready = ScriptedModel(["Fine."]), ScriptedModel(["Fine."])
    await take_turn(waiting, MemoryDraft())
    await take_turn(ready, MemoryDraft(), secrets={"AMAP_TOKEN": "canary-4711"})
    assert "waits for a key: AMAP_TOKEN" in waiting.requests[0].system
    assert "AMAP_TOKEN" not in ready.requests[0].system
    assert "canary-4711" not in ready.requests[0].system


async def test_the_builder_remembers_its_conversation() -> None:
    model = ScriptedModel(["Again."])
    earlier = (user_message("first"), Message(role="assistant", parts=()), user_message("second"))
    await take_turn(model, MemoryDraft(), *earlier)
    assert tuple(model.requests[0].messages) == earlier


async def test_tools_are_switched_on_and_off_by_id_and_the_waiting_one_says_so() -> None:
    draft = MemoryDraft(TRIP)
    arguments = json.dumps({"enable": ["amap_weather", "calculator"], "disable": ["weather"]})
    model = ScriptedModel([calls(("choose_tools", arguments)), "Done."])
    [told] = changed(await take_turn(model, draft))
    assert {item.field: item.after for item in told.changes} == {
        "tools.weather": False,
        "tools.amap_weather": True,
        "tools.calculator": True,
    }
    output = json.loads(model.requests[1].messages[-1].results[0].output)
    assert output["waiting_for_key"] == {"amap_weather": ["AMAP_TOKEN"]}


async def test_a_search_of_the_catalogue_says_why_and_stores_nothing() -> None:
    draft = MemoryDraft(TRIP)
    model = ScriptedModel([calls(("choose_tools", '{"query": "split the bill and 汇率"}')), "There is one."])
    [told] = changed(await take_turn(model, draft))
    assert told.changes == ()
    assert draft.patches == []
    best = json.loads(model.requests[1].messages[-1].results[0].output)["found"][0]
    assert best["id"] == "calculator"
    assert set(best["why"]) == {"split the bill", "汇率"}


async def test_an_unknown_tool_is_refused_with_the_names_there_are() -> None:
    draft = MemoryDraft(TRIP)
    model = ScriptedModel([calls(("choose_tools", '{"enable": ["http_post"]}')), "Sorry."])
    [finished] = [event for event in await take_turn(model, draft) if isinstance(event, ToolFinished)]
    assert finished.failed
    assert "'http_post'" in finished.output
    assert "calculator" in finished.output
    assert draft.config.document == TRIP


async def test_a_tool_that_this_version_lacks_can_be_switched_off() -> None:
    draft = MemoryDraft({"tools": {"code_interpreter": {"name": "code_interpreter", "use": True, "is_active": True}}})
    await take_turn(ScriptedModel([calls(("choose_tools", '{"disable": ["code_interpreter"]}')), "Off."]), draft)
    assert draft.config.enabled_tools == ()


async def test_two_calls_of_one_reply_are_both_stored_and_told_one_by_one() -> None:
    draft = MemoryDraft()
    both = calls(("update_agent", '{"name": "Max"}'), ("choose_tools", '{"enable": ["weather"]}'))
    events = await take_turn(ScriptedModel([both, "Done."]), draft)
    assert [[item.field for item in told.changes] for told in changed(events)] == [["name"], ["tools.weather"]]
    assert (draft.config.name, draft.config.enabled_tools) == ("Max", ("weather",))


async def test_the_steps_of_the_builders_tools_pass_through() -> None:
    events = await take_turn(ScriptedModel([update(name="Max"), "Done."]), MemoryDraft())
    steps = [event for event in events if isinstance(event, ToolDrafting | ToolStarted | ToolFinished)]
    assert [(step.type, step.name) for step in steps] == [
        ("tool_drafting", "update_agent"),
        ("tool_started", "update_agent"),
        ("tool_finished", "update_agent"),
    ]


async def test_a_question_comes_back_to_the_model_to_be_asked() -> None:
    asked = calls(("ask", '{"question": "For whom?", "options": ["Kids", "Adults"]}'))
    model = ScriptedModel([asked, "For whom: kids or adults?"])
    events = await take_turn(model, MemoryDraft())
    output = json.loads(model.requests[1].messages[-1].results[0].output)
    assert (output["question"], output["options"]) == ("For whom?", ["Kids", "Adults"])
    assert isinstance(events[-1], RunFinished)
    assert events[-1].text == "For whom: kids or adults?"


async def test_what_was_stored_before_a_model_breaks_stays_and_was_told() -> None:
    draft, events = MemoryDraft(TRIP), list[EventBase]()
    async with Http() as http:
        model = ScriptedModel([update(name="Max"), Unavailable("It is down.")])
        builder = Builder(model=model, http=http, catalogue=(), language="en")
        with pytest.raises(Unavailable):
            async for event in builder.turn(draft, [user_message("Rename it.")]):
                events.append(event)
    assert draft.config.name == "Max"
    assert [item.after for told in changed(events) for item in told.changes] == ["Max"]


async def test_the_guide_speaks_where_there_is_no_model() -> None:
    draft = MemoryDraft(TRIP)
    events = await take_turn(None, draft, user_message("rename it to Max"))
    assert draft.config.name == "Max"
    assert [[item.field for item in told.changes] for told in changed(events)] == [["name"]]
