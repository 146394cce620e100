"""Calls that fail go back to the model as a result it can act on: what `Agent.run` makes of them."""

import asyncio
import json

import pytest
from structlog.testing import capture_logs

from tests.loop import ADD, KEY, finished_tools, run, told, tool_of
from user_agent.errors import ToolError
from user_agent.models.scripted import calls


async def test_an_unknown_tool_is_reported_with_the_names_there_are() -> None:
    events, model = await run([calls(("ad", "{}")), "Sorry."], ADD)
    [finished] = finished_tools(events)
    assert finished.failed
    assert "'ad'" in finished.output and "add" in finished.output.split("The tools are:")[1]
    assert told(model)[0].failed


async def test_an_unknown_tool_without_any_tools_says_none() -> None:
    events, _ = await run([calls(("add", "{}")), "Sorry."])
    assert "none" in finished_tools(events)[0].output


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ('{"left": "three"}', "left"),
        ("{}", "left"),
        ('{"left": 1, "middle": 2}', "middle"),
        ('{"left": 1, "context": {}}', "context"),
        ('{"left": null}', "left"),
    ],
    ids=["wrong type", "missing", "unknown", "surroundings", "null"],
)
async def test_bad_arguments_name_the_field(arguments: str, field: str) -> None:
    events, model = await run([calls(("add", arguments)), "Sorry."], ADD)
    [finished] = finished_tools(events)
    assert finished.failed
    assert field in finished.output and "http" not in finished.output
    assert told(model)[0].output == finished.output


@pytest.mark.parametrize(
    "arguments",
    [
        '{"left": 1',
        "left=1",
        "[1]",
        '"1"',
        "[" * 5_000,
        '{"left": [' + "[" * 100 + "]" * 100 + "]}",
        '{"left": NaN}',
        '{"left": 1e999}',
        '{"left": ' + "1" * 5_000 + "}",
        '{"left": 18446744073709551616}',
        '{"left": "\\ud800"}',
        '{"left": "\\u0000"}',
    ],
    ids=lambda text: text[:24],
)
async def test_arguments_that_are_no_json_object_are_reported(arguments: str) -> None:
    events, _ = await run([calls(("add", arguments)), "Sorry."], ADD)
    [finished] = finished_tools(events)
    assert finished.failed
    assert "was not called" in finished.output and "one JSON object" in finished.output


async def test_a_call_without_arguments_is_an_empty_object() -> None:
    async def ping() -> str:
        """Answer."""
        return "pong"

    events, _ = await run([calls(("ping", "")), "Done."], tool_of(ping))
    assert finished_tools(events)[0].output == "pong"


async def test_a_tool_that_takes_too_long_is_stopped_and_reported() -> None:
    stopped = asyncio.Event()

    async def wait() -> None:
        """Wait for ever."""
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()

    events, _ = await run([calls(("wait", "{}")), "Sorry."], tool_of(wait, timeout_s=0.05))
    [finished] = finished_tools(events)
    assert finished.failed
    assert "0.05 seconds" in finished.output
    assert stopped.is_set()


async def test_a_tool_error_is_told_to_the_model_as_it_is() -> None:
    async def refuse() -> None:
        """Refuse."""
        raise ToolError("Only cities, please.")

    events, model = await run([calls(("refuse", "{}")), "Sorry."], tool_of(refuse))
    assert (finished_tools(events)[0].output, finished_tools(events)[0].failed) == ("Only cities, please.", True)
    assert told(model)[0].output == "Only cities, please."


@pytest.mark.parametrize(
    "message",
    [
        "[Errno 2] No such file or directory: '/root/.agentfabric/my secrets.db'",
        r"cannot open C:\Users\me\secrets.db",
        "cannot open file:/etc/secrets.db now",
        rf"\\server\share\secrets.db and {KEY}",
        f"401 for https://example.org/v3?key={KEY}",
        "401 for https://example.org/v3?key=sk-secret%2Fkey%2B123",
        "x" * 295 + KEY,
        "cannot open file:///etc/secrets.db",
    ],
    ids=[
        "quoted path",
        "Windows path",
        "path after a colon",
        "share and key",
        "key",
        "key in a URL",
        "key at the cut",
        "file URL",
    ],
)
async def test_a_crash_is_told_by_type_and_message_without_path_or_key(message: str) -> None:
    async def crash() -> None:
        """Crash."""
        raise OSError(message)

    with capture_logs() as logs:
        events, _ = await run([calls(("crash", "{}")), "Sorry."], tool_of(crash))
    assert [entry["event"] for entry in logs] == ["tool_crashed"]
    assert "sk-" not in repr(logs)
    [finished] = finished_tools(events)
    assert finished.failed
    assert finished.output.startswith("crash failed: OSError: ")
    assert not any(word in finished.output for word in ("secret", "Traceback", "/root", "/etc", "Users", "share"))
    assert "sk-" not in finished.output


async def test_a_crash_keeps_the_rest_of_its_message() -> None:
    async def crash() -> None:
        """Crash."""
        raise ValueError("3/4 of the rows at https://example.org/rows are odd")

    events, _ = await run([calls(("crash", "{}")), "Sorry."], tool_of(crash))
    assert finished_tools(events)[0].output == (
        "crash failed: ValueError: 3/4 of the rows at https://example.org/rows are odd"
    )


async def test_characters_that_cannot_be_stored_are_taken_out_of_a_result() -> None:
    async def spill() -> str:
        """Say what no database and no stream takes."""
        return "a\0b\ud800c"

    events, _ = await run([calls(("spill", "{}")), "Done."], tool_of(spill))
    assert finished_tools(events)[0].output == "ab\ufffdc"
    assert finished_tools(events)[0].model_dump_json()


async def test_one_failing_call_leaves_the_others_alone() -> None:
    events, _ = await run([calls(("add", '{"left": 1}'), ("nothing", "{}")), "Done."], ADD)
    assert {(finished.name, finished.failed) for finished in finished_tools(events)} == {
        ("add", False),
        ("nothing", True),
    }


async def test_a_huge_result_is_cut_and_says_so() -> None:
    async def flood() -> str:
        """Say far too much."""
        return "x" * 1_000_000

    events, _ = await run([calls(("flood", "{}")), "Done."], tool_of(flood))
    output = finished_tools(events)[0].output
    assert len(output) < 25_000
    assert "1,000,000 characters" in output


async def test_arguments_that_do_not_fit_are_told_in_short() -> None:
    wrong = json.dumps({f"field_{number}": number for number in range(3_000)})
    events, _ = await run([calls(("add", wrong)), "Sorry."], ADD)
    [finished] = finished_tools(events)
    assert finished.failed
    assert len(finished.output) <= 2_000
