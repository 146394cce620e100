"""Calls that a person allows first, through `Agent.run` and `RolePlay`: what waits, what is made, what is told."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal

import pytest
from pydantic import JsonValue

from tests.loop import ADD, KEY, agent_of, finished_tools, told, tool_of
from user_agent import RolePlay, tool
from user_agent.events import Decision, Event, InputNeeded, RunFinished, ToolFinished
from user_agent.messages import Message, ToolCallPart, user_message
from user_agent.models.base import ModelFacts
from user_agent.models.scripted import Reply, ScriptedModel, calls
from user_agent.policies import ToolPolicy
from user_agent.tools.base import Tool, ToolContext
from user_agent.tools.calling import REFUSED
from user_agent.transcript import Transcript
from user_agent.words import Words


class Desk:
    """A tool that writes: it remembers what it was told to send."""

    def __init__(self) -> None:
        self.sent: list[str] = []

    @property
    def tool(self) -> Tool:
        return tool_of(self.send, effect="writes")

    async def send(self, text: str) -> str:
        """Send a text."""
        self.sent.append(text)
        return f"sent {text}"


async def run(
    model: ScriptedModel,
    *tools: Tool,
    messages: Sequence[Message] = (user_message("Hello"),),
    decisions: Mapping[str, Decision] | None = None,
) -> tuple[list[Event], tuple[Message, ...]]:
    """The events of one run, and the conversation after it."""
    transcript = Transcript(messages)
    events = [event async for event in agent_of(model, *tools).run(messages, decisions=decisions)]
    for event in events:
        transcript.add(event)
    return events, transcript.messages


def read_by(model: ScriptedModel) -> str:
    """All that the model's last request said, in whatever way results are told to it."""
    messages = model.requests[-1].messages
    return "\n".join([*(message.text for message in messages), *(result.output for result in told(model))])


def asked_in(events: Sequence[Event]) -> tuple[ToolCallPart, ...]:
    [needed] = [event for event in events if isinstance(event, InputNeeded)]
    return needed.calls


SEND = calls(("send", '{"text": "hi"}'), text="I will send it.")
REACT_SEND = 'Thought: I send it.\nAction: send\nAction Input: {"text": "hi"}\n'
DIALECTS = pytest.mark.parametrize(
    ("facts", "send", "answer"),
    [
        pytest.param(ModelFacts(), SEND, "Sent.", id="function-calling"),
        pytest.param(ModelFacts(function_calling=False), REACT_SEND, "Answer: Sent.", id="react"),
    ],
)


@DIALECTS
async def test_a_call_that_writes_waits_and_is_made_as_shown(facts: ModelFacts, send: Reply, answer: str) -> None:
    desk, model = Desk(), ScriptedModel([send, answer], facts=facts)
    events, messages = await run(model, desk.tool)
    [call] = asked_in(events)
    assert (call.name, call.arguments) == ("send", {"text": "hi"})
    assert [event.type for event in events[-3:]] == ["tool_started", "input_needed", "run_finished"]
    assert isinstance(events[-1], RunFinished) and events[-1].stop == "input_needed"
    assert desk.sent == []
    events, _ = await run(model, desk.tool, messages=messages, decisions={call.id: "allow"})
    assert desk.sent == ["hi"]
    assert [event.type for event in events] == ["tool_finished", "text_delta", "run_finished"]
    assert isinstance(events[-1], RunFinished) and (events[-1].text, events[-1].stop) == ("Sent.", "answered")
    assert "sent hi" in read_by(model)
    model.assert_complete()


@DIALECTS
async def test_a_refused_call_is_not_made_and_the_model_is_told(facts: ModelFacts, send: Reply, answer: str) -> None:
    desk, model = Desk(), ScriptedModel([send, answer], facts=facts)
    events, messages = await run(model, desk.tool)
    events, _ = await run(model, desk.tool, messages=messages, decisions={asked_in(events)[0].id: "refuse"})
    assert desk.sent == []
    [finished] = finished_tools(events)
    assert (finished.refused, finished.failed, finished.output) == (True, True, REFUSED)
    assert REFUSED in read_by(model)
    model.assert_complete()


async def test_calls_that_only_read_are_made_before_the_run_waits() -> None:
    desk, model = Desk(), ScriptedModel([calls(("send", '{"text": "hi"}'), ("add", '{"left": 2}')), "Done."])
    events, messages = await run(model, desk.tool, ADD)
    assert [finished.name for finished in finished_tools(events)] == ["add"]
    assert [call.name for call in asked_in(events)] == ["send"]
    events, _ = await run(model, desk.tool, ADD, messages=messages, decisions={"call_0": "allow"})
    assert [finished.name for finished in finished_tools(events)] == ["send"]
    assert {result.output for result in told(model)} == {"sent hi", "3"}


async def test_calls_that_nobody_decided_on_wait_on_and_the_model_is_not_asked() -> None:
    desk, model = Desk(), ScriptedModel([calls(("send", '{"text": "a"}'), ("send", '{"text": "b"}')), "Done."])
    _, messages = await run(model, desk.tool)
    events, messages = await run(model, desk.tool, messages=messages, decisions={"call_0": "allow"})
    assert (desk.sent, [call.id for call in asked_in(events)]) == (["a"], ["call_1"])
    assert len(model.requests) == 1
    events, _ = await run(model, desk.tool, messages=messages, decisions={"call_1": "refuse"})
    assert desk.sent == ["a"]
    assert [result.id for result in told(model)] == ["call_0", "call_1"]


async def test_a_decision_is_for_the_call_that_waited_and_for_no_later_one() -> None:
    desk, model = Desk(), ScriptedModel([SEND, calls(("send", '{"text": "more"}')), "Done."])
    events, messages = await run(model, desk.tool)
    first = asked_in(events)[0].id
    # Every id that a model could give its next call is allowed: it is asked about all the same.
    everything: dict[str, Decision] = {first: "allow", **{f"call_{number}": "allow" for number in range(5)}}
    events, _ = await run(model, desk.tool, messages=messages, decisions=everything)
    assert (desk.sent, [call.arguments for call in asked_in(events)]) == (["hi"], [{"text": "more"}])


@pytest.mark.parametrize(
    "wanted",
    [("send", '{"text": 1, "to": "me"}'), ("send", '{"text": '), ("sendd", '{"text": "hi"}')],
    ids=["arguments", "json", "name"],
)
async def test_nobody_is_asked_about_a_call_that_cannot_be_made(wanted: tuple[str, str]) -> None:
    desk, model = Desk(), ScriptedModel([calls(wanted), "Sorry."])
    events, _ = await run(model, desk.tool)
    assert not [event for event in events if isinstance(event, InputNeeded)]
    assert [(finished.failed, finished.refused) for finished in finished_tools(events)] == [(True, False)]
    assert desk.sent == []


async def test_a_tool_that_checks_its_arguments_itself_asks_too() -> None:
    called: list[Mapping[str, JsonValue]] = []

    async def call(arguments: Mapping[str, JsonValue], context: ToolContext) -> str:
        called.append(arguments)
        return "done"

    words = Words(zh="测试", en="Test")
    described = Tool.from_schema(
        call, name="post", description="Post.", parameters={}, label=words, summary=words, effect="writes"
    )
    model = ScriptedModel([calls(("post", '{"text": "hi"}')), "Done."])
    events, messages = await run(model, described)
    assert ([asked.name for asked in asked_in(events)], called) == (["post"], [])
    await run(model, described, messages=messages, decisions={"call_0": "allow"})
    assert called == [{"text": "hi"}]


class Drawer:
    """A tool that reads or writes, by what it is asked for."""

    def __init__(self) -> None:
        self.done: list[str] = []

    @property
    def tool(self) -> Tool:
        return tool_of(self.drawer, effect=lambda arguments: "reads" if arguments["what"] == "look" else "writes")

    async def drawer(self, what: Literal["look", "empty"] = "look") -> str:
        """Look into the drawer, or empty it."""
        self.done.append(what)
        return what


@pytest.mark.parametrize(
    ("policy", "asked"),
    [(None, ["empty"]), ("ask_writes", ["empty"]), ("ask", ["look", "empty"]), ("allow", [])],
)
async def test_whether_a_call_waits_is_decided_by_its_arguments(policy: ToolPolicy | None, asked: list[str]) -> None:
    drawer = Drawer()
    model = ScriptedModel([calls(("drawer", "{}"), ("drawer", '{"what": "empty"}')), "Done."])
    agent = replace(agent_of(model, drawer.tool), policies={"drawer": policy} if policy else {})
    events = [event async for event in agent.run([user_message("Hello")])]
    waiting = [event for event in events if isinstance(event, InputNeeded)]
    assert [call.arguments.get("what", "look") for event in waiting for call in event.calls] == asked
    assert drawer.done == [what for what in ("look", "empty") if what not in asked]


async def test_a_tool_that_went_meanwhile_is_not_called() -> None:
    desk, model = Desk(), ScriptedModel([SEND, "Gone."])
    _, messages = await run(model, desk.tool)
    events, _ = await run(model, ADD, messages=messages, decisions={"call_0": "allow"})
    assert desk.sent == []
    assert "There is no tool named 'send'" in finished_tools(events)[0].output


# --- as a library ---


def posts() -> tuple[Tool, list[str]]:
    posted: list[str] = []

    @tool(effect="writes")
    def post(text: str) -> str:
        """Post a text."""
        posted.append(text)
        return "posted"

    return post, posted


POST = calls(("post", '{"text": "hi"}'))


@pytest.mark.parametrize("answer", [True, False])
@pytest.mark.parametrize("slowly", [True, False], ids=["async", "plain"])
async def test_a_function_is_asked_before_a_call_that_writes(answer: bool, slowly: bool) -> None:
    post, posted = posts()
    asked: list[ToolCallPart] = []

    def allow(call: ToolCallPart) -> bool:
        asked.append(call)
        return answer

    async def allow_slowly(call: ToolCallPart) -> bool:
        return allow(call)

    model = ScriptedModel([POST, "Done."])
    bot = RolePlay(llm=model, function_list=[post], allow=allow_slowly if slowly else allow)
    events = [event async for event in bot.run("Post it")]
    assert [(call.name, call.arguments) for call in asked] == [("post", {"text": "hi"})]
    assert posted == (["hi"] if answer else [])
    assert [event.type for event in events].count("run_finished") == 1
    assert isinstance(events[-1], RunFinished)
    assert (events[-1].stop, events[-1].text) == ("answered", "Done.")
    assert events[-1].usage.input_tokens == 20  # of both runs


async def test_without_such_a_function_the_run_ends_and_goes_on_with_what_was_decided() -> None:
    post, posted = posts()
    bot = RolePlay(llm=ScriptedModel([POST, "Done."]), function_list=[post], environ={"SOME_KEY": KEY})
    talk = Transcript([user_message("Post it")])
    events: list[Event] = []
    async for event in bot.run(talk.messages):
        talk.add(event)
        events.append(event)
    [call] = asked_in(events)
    assert posted == []
    answer = [event async for event in bot.run(talk.messages, decisions={call.id: "allow"})]
    assert posted == ["hi"]
    assert isinstance(answer[0], ToolFinished)
    assert isinstance(answer[-1], RunFinished) and answer[-1].text == "Done."
