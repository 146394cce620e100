"""The loop, through `Agent.run`: what it emits, what it tells the model, how it is limited and stopped."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

import pytest

from tests.loop import ADD, agent_of, finished_tools, run, told, tool_of
from user_agent.agent import Agent, Limits
from user_agent.dialects.function_calling import FunctionCalling
from user_agent.errors import BrokenStream
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
from user_agent.messages import Message, ToolCallPart, user_message
from user_agent.models.base import CallDelta, Chunk, ModelFacts, ModelRequest
from user_agent.models.scripted import Reply, ScriptedModel, calls
from user_agent.net import Http
from user_agent.tools.base import ToolContext
from user_agent.words import Language

# --- text ---


async def test_text_streams_and_the_run_ends_once() -> None:
    events, model = await run([[Chunk(text="Hel"), Chunk(text="lo", usage=Usage(input_tokens=3, output_tokens=2))]])
    assert events == [
        TextDelta(text="Hel"),
        TextDelta(text="lo"),
        RunFinished(text="Hello", usage=Usage(input_tokens=3, output_tokens=2), stop="answered"),
    ]
    assert model.requests[0].system == "You are a test."


async def test_thinking_is_told_apart_from_the_answer() -> None:
    events, _ = await run([[Chunk(reasoning="Hm."), Chunk(text="Yes.")]])
    assert events[:2] == [ReasoningDelta(text="Hm."), TextDelta(text="Yes.")]
    assert isinstance(events[-1], RunFinished) and events[-1].text == "Yes."


async def test_an_empty_reply_ends_the_run() -> None:
    events, _ = await run([[Chunk(finish="stop")]])
    assert events == [RunFinished(text="", usage=Usage(), stop="answered")]


async def test_a_model_that_fails_raises_after_what_it_said() -> None:
    model = ScriptedModel([[Chunk(text="Half a sen"), BrokenStream("cut")]])
    seen: list[Event] = []
    with pytest.raises(BrokenStream):
        async for event in agent_of(model).run([user_message("Hello")]):
            seen.append(event)
    assert seen == [TextDelta(text="Half a sen")]


# --- calls ---


async def test_a_call_is_run_and_its_result_goes_back_to_the_model() -> None:
    events, model = await run([calls(("add", '{"left": 2, "right": 3}'), text="Let me see."), "It is 5."], ADD)
    assert [event.type for event in events] == [
        "text_delta",
        "tool_drafting",
        "tool_started",
        "tool_finished",
        "text_delta",
        "run_finished",
    ]
    [finished] = finished_tools(events)
    assert (finished.output, finished.failed) == ("5", False)
    assert [result.output for result in told(model)] == ["5"]
    assert [message.role for message in model.requests[-1].messages] == ["user", "assistant", "tool"]
    assert isinstance(events[-1], RunFinished)
    assert events[-1].text == "It is 5."
    assert events[-1].usage == Usage(input_tokens=20, output_tokens=10)


async def test_tools_are_offered_by_schema_without_their_surroundings() -> None:
    async def look(place: str, context: ToolContext) -> str:
        """Look somewhere."""
        return f"{place} in {context.language}"

    events, model = await run([calls(("look", '{"place": "Rome"}')), "Done."], tool_of(look))
    [schema] = model.requests[0].tools
    assert (schema.name, schema.description) == ("look", "Look somewhere.")
    assert list(schema.parameters["properties"]) == ["place"]  # type: ignore[arg-type]
    assert finished_tools(events)[0].output == "Rome in en"


async def test_arguments_that_arrive_in_pieces_are_drafted_and_then_run() -> None:
    pieces: Reply = [
        Chunk(calls=(CallDelta(index=0, id="a", name="add", arguments='{"le'),)),
        Chunk(calls=(CallDelta(index=0, arguments='ft": 4}'),)),
    ]
    events, _ = await run([pieces, "Five."], ADD)
    drafts = [event for event in events if isinstance(event, ToolDrafting)]
    assert "".join(draft.arguments_text for draft in drafts) == '{"left": 4}'
    assert {(draft.id, draft.name) for draft in drafts} == {("a", "add")}
    assert finished_tools(events)[0].output == "5"


async def test_calls_of_one_reply_run_at_once() -> None:
    meeting = asyncio.Barrier(3)

    async def meet(number: int) -> int:
        """Wait until three are here."""
        await meeting.wait()
        return number

    wanted = [("meet", f'{{"number": {number}}}') for number in range(3)]
    events, model = await run([calls(*wanted), "All met."], tool_of(meet, timeout_s=5))
    assert all(not finished.failed for finished in finished_tools(events))
    assert {result.output for result in told(model)} == {"0", "1", "2"}


async def test_a_result_is_emitted_as_soon_as_it_is_there() -> None:
    release = asyncio.Event()

    async def slow() -> str:
        """Wait to be released."""
        await release.wait()
        return "slow"

    async def fast() -> str:
        """Answer at once."""
        return "fast"

    model = ScriptedModel([calls(("slow", "{}"), ("fast", "{}")), "Done."])
    order: list[str] = []
    async for event in agent_of(model, tool_of(slow, timeout_s=5), tool_of(fast)).run([user_message("Go")]):
        if isinstance(event, ToolFinished):
            order.append(event.output)
            release.set()
    assert order == ["fast", "slow"]


async def test_calls_with_the_same_id_are_told_apart() -> None:
    events, model = await run([calls(("add", '{"left": 1}')), calls(("add", '{"left": 10}')), "Done."], ADD)
    started = [event.id for event in events if isinstance(event, ToolStarted)]
    assert len(set(started)) == 2
    assert [(result.id, result.output) for result in told(model)] == [(started[0], "2"), (started[1], "11")]


async def test_calls_without_ids_get_their_own() -> None:
    no_ids = Chunk(
        calls=(CallDelta(0, name="add", arguments='{"left": 1}'), CallDelta(1, name="add", arguments='{"left": 2}'))
    )
    events, model = await run([no_ids, "Done."], ADD)
    assert sorted(finished.output for finished in finished_tools(events)) == ["2", "3"]
    assert len({result.id for result in told(model)}) == 2


async def test_calls_that_history_left_open_are_answered_before_the_model_is_asked() -> None:
    history = [
        user_message("Add 1 and 2"),
        Message(role="assistant", parts=(ToolCallPart(id="old", name="add", arguments={"left": 1, "right": 2}),)),
    ]
    events, model = await run(["Three."], ADD, messages=history)
    assert isinstance(events[0], ToolFinished) and (events[0].id, events[0].output) == ("old", "3")
    assert [result.id for result in told(model)] == ["old"]


async def test_the_callers_history_is_not_changed() -> None:
    history = [user_message("Hello")]
    await run([calls(("add", '{"left": 1}')), "Done."], ADD, messages=history)
    assert history == [user_message("Hello")]


# --- limits ---

WORDS: dict[Language, dict[str, str]] = {
    "en": {"step_limit": "all of its 2 steps", "time_limit": "its 0 seconds", "token_limit": "all of its 20 tokens"},
    "zh": {"step_limit": "用完了 2 步", "time_limit": "用满了 0 秒", "token_limit": "用完了 20 个 token"},
}


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(
    ("stop", "limits", "replies"),
    [
        ("step_limit", Limits(steps=2), 2),
        ("time_limit", Limits(seconds=0.0), 0),
        ("token_limit", Limits(tokens=20), 2),
    ],
    ids=["steps", "time", "tokens"],
)
async def test_a_limit_ends_the_run_with_a_sentence(
    language: Language, stop: str, limits: Limits, replies: int
) -> None:
    events, _ = await run([calls(("add", '{"left": 1}'))] * replies, ADD, limits=limits, language=language)
    assert isinstance(events[-1], RunFinished) and events[-1].stop == stop
    assert WORDS[language][stop] in events[-1].text
    assert len(finished_tools(events)) == replies
    assert isinstance(events[-2], TextDelta)


async def test_time_runs_out_for_tools_too() -> None:
    async def wait() -> None:
        """Wait for ever."""
        await asyncio.Event().wait()

    events, _ = await run([calls(("wait", "{}"))], tool_of(wait, timeout_s=60), limits=Limits(seconds=0.1))
    assert finished_tools(events)[0].failed
    assert isinstance(events[-1], RunFinished) and events[-1].stop == "time_limit"


@pytest.mark.parametrize(("language", "words"), [("en", "longer answers"), ("zh", "更长的回答")])
async def test_an_answer_that_was_cut_at_its_length_says_so(language: Language, words: str) -> None:
    events, _ = await run([[Chunk(text="Once upon a"), Chunk(finish="length")]], language=language)
    assert isinstance(events[-1], RunFinished) and events[-1].stop == "length_limit"
    told, sentence = events[-1].text.split("\n\n")
    assert told == "Once upon a"
    assert words in sentence


async def test_tokens_that_an_endpoint_does_not_count_are_estimated() -> None:
    long = Chunk(text="word " * 60), Chunk(calls=(CallDelta(0, id="a", name="add", arguments='{"left": 1}'),))
    events, _ = await run([[*long]], ADD, limits=Limits(tokens=100))
    assert isinstance(events[-1], RunFinished) and events[-1].stop == "token_limit"
    assert events[-1].usage == Usage()


# --- stopping ---


class Endless:
    """A tool that never ends and knows whether it was stopped."""

    def __init__(self) -> None:
        self.running = asyncio.Event()
        self.stopped = asyncio.Event()

    async def wait(self) -> None:
        """Wait for ever."""
        self.running.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.stopped.set()


async def test_a_consumer_that_is_cancelled_stops_the_tools_within_a_second() -> None:
    endless = Endless()
    model = ScriptedModel([calls(("wait", "{}"), ("wait", "{}"))])
    agent = agent_of(model, tool_of(endless.wait, name="wait", timeout_s=60))

    async def consume() -> None:
        async with aclosing(agent.run([user_message("Go")])) as events:
            async for _ in events:
                pass

    consumer = asyncio.create_task(consume())
    await endless.running.wait()
    consumer.cancel()
    async with asyncio.timeout(5):
        with pytest.raises(asyncio.CancelledError):
            await consumer
        await endless.stopped.wait()


async def test_a_consumer_that_leaves_between_results_stops_the_other_tools() -> None:
    endless = Endless()
    model = ScriptedModel([calls(("wait", "{}"), ("add", '{"left": 1}'))])
    agent = agent_of(model, tool_of(endless.wait, name="wait", timeout_s=60), ADD)
    async with asyncio.timeout(5):
        async with aclosing(agent.run([user_message("Go")])) as events:
            async for event in events:
                if isinstance(event, ToolFinished):
                    break
        await endless.stopped.wait()


class Babbling:
    """A model that never comes to an end."""

    facts = ModelFacts()

    def __init__(self, chunk: Chunk, pause_s: float = 0) -> None:
        self._chunk = chunk
        self._pause_s = pause_s

    async def stream(self, request: ModelRequest) -> AsyncGenerator[Chunk, None]:
        while True:
            yield self._chunk
            await asyncio.sleep(self._pause_s)


@pytest.mark.parametrize(
    ("model", "said"),
    [
        (Babbling(Chunk(text="and ")), "and and "),
        (Babbling(Chunk(usage=Usage(output_tokens=1))), "I stopped here"),
        (Babbling(Chunk(calls=(CallDelta(0, arguments="["),))), "I stopped here"),
        (Babbling(Chunk(text="and "), pause_s=60), "and \n\nI stopped here"),
    ],
    ids=["words", "counts", "nameless calls", "silence"],
)
async def test_a_reply_that_never_ends_is_cut_at_the_time_limit(model: Babbling, said: str) -> None:
    async with Http() as http:
        agent = Agent(model, FunctionCalling(), "system", ToolContext(http, language="en"), limits=Limits(seconds=0.05))
        async with asyncio.timeout(5):
            events = [event async for event in agent.run([user_message("Hello")])]
    assert isinstance(events[-1], RunFinished)
    assert events[-1].stop == "time_limit"
    assert events[-1].text.startswith(said)
