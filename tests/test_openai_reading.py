"""What an OpenAI-compatible endpoint answers, read into chunks: pieces, calls, thinking, and what servers get wrong."""

import json
from collections.abc import Sequence
from contextlib import aclosing
from typing import Any

import pytest

from tests.asking import WEATHER, answered, asking, endpoint, entry_for, text_of
from tests.fakes.openai_replies import Call, Ending, Indexes, Raw, Says
from user_agent.dialects.base import ReplyEnd
from user_agent.dialects.function_calling import FunctionCalling
from user_agent.events import ReasoningDelta, TextDelta, Usage
from user_agent.models.base import CallDelta, Chunk
from user_agent.models.openai_compatible import OpenAICompatible
from user_agent.models.reading import ReplyReader, Reported
from user_agent.models.scripted import ScriptedModel


def calls_of(chunks: Sequence[Chunk]) -> list[tuple[str, str, str]]:
    """Each call's id, name and whole arguments."""
    calls: dict[int, tuple[str, str, str]] = {}
    for delta in (delta for chunk in chunks for delta in chunk.calls):
        call_id, name, arguments = calls.get(delta.index, ("", "", ""))
        calls[delta.index] = (call_id or delta.id, name or delta.name, arguments + delta.arguments)
    return [calls[index] for index in sorted(calls)]


async def test_text_comes_in_pieces_with_usage_and_reason_for_ending() -> None:
    chunks = await answered(Says("你好，世界！", pieces=6))
    assert text_of(chunks) == "你好，世界！"
    assert 1 <= len([chunk for chunk in chunks if chunk.text]) <= 6
    assert [chunk.usage for chunk in chunks if chunk.usage] == [Usage(input_tokens=12, output_tokens=7)]
    assert [chunk.finish for chunk in chunks if chunk.finish] == ["stop"]


async def test_first_piece_is_there_before_the_last_is_sent() -> None:
    async with endpoint(Says("early", pieces=1, ending="silent")) as (server, clients):
        model = OpenAICompatible(clients, entry_for(server))
        async with aclosing(model.stream(asking())) as chunks:
            assert (await anext(chunks)).text == "early"


async def test_line_separators_within_the_text_survive() -> None:
    text = "a\u2028b\x0b\x85c"
    assert text_of(await answered(Says(text, pieces=1))) == text


def test_characters_that_packets_cut_in_two_survive() -> None:
    stream = 'data: {"choices": [{"delta": {"content": "朝阳𠮷"}}]}\n\ndata: [DONE]\n\n'.encode()
    reader = ReplyReader()
    chunks = [chunk for byte in stream for chunk in reader.feed(bytes([byte]))]
    assert text_of(chunks) == "朝阳𠮷"
    assert reader.done


def _events(*deltas: dict[str, Any]) -> bytes:
    return b"".join(b"data: " + json.dumps({"choices": [{"delta": delta}]}).encode() + b"\n\n" for delta in deltas)


def test_words_that_come_together_are_one_chunk_and_stay_apart_from_thoughts_and_calls() -> None:
    call = {"tool_calls": [{"index": 0, "id": "a", "function": {"name": "weather", "arguments": "{}"}}]}
    said: list[dict[str, Any]] = [
        {"reasoning_content": "H"},
        {"reasoning_content": "m"},
        {"content": "It "},
        {"content": "rains"},
        call,
        {"content": "!"},
    ]
    chunks = [*ReplyReader().feed(_events(*said))]
    assert [(chunk.reasoning, chunk.text, len(chunk.calls)) for chunk in chunks] == [
        ("Hm", "", 0),
        ("", "It rains", 0),
        ("", "", 1),
        ("", "!", 0),
    ]
    alone = ReplyReader()
    assert [chunk.text for delta in said[2:4] for chunk in alone.feed(_events(delta))] == ["It ", "rains"]


def test_words_before_an_error_in_the_same_packet_are_not_lost() -> None:
    heard: list[str] = []
    with pytest.raises(Reported):
        for chunk in ReplyReader().feed(_events({"content": "one "}, {"content": "two"}) + b'{"error": "busy"}\n'):
            heard.append(chunk.text)
    assert heard == ["one two"]


@pytest.mark.parametrize("field", ["reasoning_content", "reasoning"])
async def test_thinking_is_told_apart_from_the_answer(field: Any) -> None:
    chunks = await answered(Says("42", reasoning="Let me think.", reasoning_field=field))
    assert "".join(chunk.reasoning for chunk in chunks) == "Let me think."
    assert text_of(chunks) == "42"


@pytest.mark.parametrize("indexes", ["true", "none", "zero"])
async def test_parallel_calls_in_pieces_are_told_apart_however_they_are_numbered(indexes: Indexes) -> None:
    wanted = (Call("weather", '{"city": "杭州"}', id="a"), Call("weather", '{"city": "Paris"}', id="b"))
    chunks = await answered(Says(calls=wanted, indexes=indexes, pieces=4), asking(tools=[WEATHER]))
    assert calls_of(chunks) == [("a", "weather", '{"city": "杭州"}'), ("b", "weather", '{"city": "Paris"}')]
    assert [chunk.finish for chunk in chunks if chunk.finish] == ["tool_calls"]


async def test_calls_without_ids_and_numbers_are_told_apart_by_their_names() -> None:
    event = '{"choices": [{"delta": {"tool_calls": [{"function": {"name": "%s", "arguments": {"n": %d}}}]}}]}'
    body = "".join(f"data: {event % call}\n\n" for call in (("one", 1), ("two", 2))) + "data: [DONE]\n\n"
    assert calls_of(await answered(Raw(body))) == [("", "one", '{"n":1}'), ("", "two", '{"n":2}')]


async def test_dialect_makes_calls_of_the_pieces() -> None:
    says = Says("Let me see.", reasoning="Hm.", calls=(Call("weather", '{"city": "Paris"}'),), pieces=5)
    async with endpoint(says) as (server, clients):
        model = OpenAICompatible(clients, entry_for(server))
        readings = [reading async for reading in FunctionCalling().reply(model, asking(tools=[WEATHER]))]
    assert "".join(item.text for item in readings if isinstance(item, TextDelta)) == "Let me see."
    assert "".join(item.text for item in readings if isinstance(item, ReasoningDelta)) == "Hm."
    end = readings[-1]
    assert isinstance(end, ReplyEnd)
    assert [(call.name, call.arguments) for call in end.calls] == [("weather", {"city": "Paris"})]


async def test_model_that_does_not_stream_answers_in_one_piece() -> None:
    says = Says("Done.", reasoning="Hm.", calls=(Call("weather", '{"city": "Paris"}', id="a"),))
    (chunk,) = await answered(says, support_stream=False)
    assert (chunk.text, chunk.reasoning, chunk.finish) == ("Done.", "Hm.", "tool_calls")
    assert chunk.usage == Usage(input_tokens=12, output_tokens=7)
    assert calls_of([chunk]) == [("a", "weather", '{"city": "Paris"}')]


async def test_endpoint_that_answers_in_one_piece_although_asked_to_stream_is_understood() -> None:
    assert text_of(await answered(Says("All at once.", in_one_piece=True))) == "All at once."


async def test_endpoint_that_streams_although_not_asked_to_is_understood() -> None:
    assert text_of(await answered(_said('"piece "', '"by piece"'), support_stream=False)) == "piece by piece"


@pytest.mark.parametrize("ending", ["no_done", "no_finish", "kept_open"])
async def test_whole_answer_is_accepted_however_the_stream_ends(ending: Ending) -> None:
    assert text_of(await answered(Says("Whole.", ending=ending), silence_timeout_s=1.5)) == "Whole."


async def test_heartbeats_and_other_lines_of_the_protocol_are_passed_over() -> None:
    event = 'event: message\r\nid: 1\r\ndata:{"choices":[{"delta":{"content":"ok"}}]}\r\n\r\n'
    assert text_of(await answered(Raw(f": wait\r\n\r\n{event}data: [DONE]\r\n\r\n"))) == "ok"


async def test_answer_in_parts_is_joined() -> None:
    body = 'data: {"choices": [{"delta": {"content": [{"type": "text", "text": "in "}, {"text": "parts"}]}}]}\n\n'
    assert text_of(await answered(Raw(body + "data: [DONE]\n\n"))) == "in parts"


def _said(*contents: str, finish: str = "stop") -> Raw:
    """A stream of these pieces of text, each as JSON has it."""
    events = [f'{{"choices": [{{"delta": {{"content": {content}}}}}]}}' for content in contents]
    events.append(f'{{"choices": [{{"delta": {{}}, "finish_reason": "{finish}"}}]}}')
    return Raw("".join(f"data: {event}\n\n" for event in events))


@pytest.mark.parametrize(
    ("text", "thought", "said"),
    [
        ("<think>Hm, 6 times 7.</think>\n\n42", "Hm, 6 times 7.", "42"),
        ("\n<think>\n\n</think>\n\n42", "\n\n", "42"),
        ("<think>It never ended", "It never ended", ""),
        ("<think>1 < 2 </thin", "1 < 2 </thin", ""),
        ("Use <think> and </think>.", "", "Use <think> and </think>."),
        ("<thi", "", "<thi"),
        ("<b>bold</b>", "", "<b>bold</b>"),
        ("  indented", "", "  indented"),
    ],
    ids=["thought", "no thought", "endless", "half a mark", "in the middle", "prefix", "another tag", "spaces"],
)
@pytest.mark.parametrize("size", [1, 3, 100])
async def test_thinking_within_the_text_is_told_apart(text: str, thought: str, said: str, size: int) -> None:
    pieces = [json.dumps(text[start : start + size]) for start in range(0, len(text), size)]
    chunks = await answered(_said(*pieces))
    assert ("".join(chunk.reasoning for chunk in chunks), text_of(chunks)) == (thought, said)


async def test_thinking_within_an_answer_in_one_piece_is_told_apart() -> None:
    [chunk] = await answered(Says("<think>Hm.</think>\n42"), support_stream=False)
    assert (chunk.reasoning, chunk.text) == ("Hm.", "42")


@pytest.mark.parametrize(
    ("content", "text"),
    [(r'"ok \ud83d"', "ok \ufffd"), ('"ok", "logprob": NaN', "ok")],
    ids=["half an emoji", "NaN"],
)
async def test_what_a_strict_reader_refuses_is_mended(content: str, text: str) -> None:
    assert text_of(await answered(_said(content))) == text


async def test_a_mark_of_byte_order_is_passed_over() -> None:
    assert text_of(await answered(Raw("\ufeff" + _said('"ok"').body))) == "ok"


async def test_a_name_that_comes_in_pieces_is_put_together() -> None:
    pieces = [
        Chunk(calls=(CallDelta(0, id="a", name=name, arguments=part),))
        for name, part in (("calc", "{"), ("ulator", "}"))
    ]
    readings = [reading async for reading in FunctionCalling().reply(ScriptedModel([pieces]), asking())]
    assert isinstance(readings[-1], ReplyEnd)
    assert [call.name for call in readings[-1].calls] == ["calculator"]
