"""The package as a library: `RolePlay`, `@tool`, `run_sync()`, and how light they are to import."""

import subprocess
import sys
from pathlib import Path
from typing import Annotated

import pytest
from pydantic import Field

import user_agent
from tests.loop import finished_tools
from user_agent import RolePlay, ToolContext, tool
from user_agent.errors import ConfigError, NoKey
from user_agent.events import Event, RunFinished, TextDelta
from user_agent.models.scripted import ScriptedModel, calls
from user_agent.tools.attached import attached
from user_agent.tools.base import ToolOutput

ROOT = Path(__file__).parents[1]
KEY = "sk-secret/key+123"


def test_run_sync_gives_the_answer_and_shows_what_happens() -> None:
    seen: list[Event] = []
    answer = RolePlay(llm=ScriptedModel(["Hello."]), name="Ann").run_sync("Hi", on_event=seen.append)
    assert (answer.text, answer.stop) == ("Hello.", "answered")
    assert [type(event) for event in seen] == [TextDelta, RunFinished]


async def test_run_sync_says_why_not_where_an_event_loop_runs() -> None:
    model = ScriptedModel(["Hello."])
    with pytest.raises(RuntimeError, match=r"async for event in agent\.run"):
        RolePlay(llm=model).run_sync("Hi")
    assert model.requests == []


async def test_role_and_tools_reach_the_model() -> None:
    model = ScriptedModel(["Hello."])
    bot = RolePlay(llm=model, function_list=["calculator"], instruction="Be brief.", name="Ann", language="en")
    assert [event async for event in bot.run("Hi")]
    assert "You are Ann." in model.requests[0].system
    assert "Be brief." in model.requests[0].system
    assert [schema.name for schema in model.requests[0].tools] == ["calculator"]


@tool(secrets=["SHOP_API_KEY"], timeout_s=5)
async def order(item: Annotated[str, Field(description="What to order")], surroundings: ToolContext) -> str:
    """Order something.

    Say what was ordered.
    """
    return f"{item} with {surroundings.secrets['SHOP_API_KEY'][:2]}"


def double(number: int, times: int = 1) -> int:
    """Double a number."""
    return number * 2**times


async def test_own_functions_are_called_with_their_arguments_and_secrets() -> None:
    wanted = calls(("order", '{"item": "tea"}'), ("double", '{"number": 21}'), ("double", '{"number": "many"}'))
    model = ScriptedModel([wanted, "Done."])
    bot = RolePlay(llm=model, function_list=[order, double], environ={"SHOP_API_KEY": KEY, "OTHER_API_KEY": "x"})
    finished = {event.id: event for event in finished_tools([event async for event in bot.run("Order tea")])}
    assert [(finished[f"call_{number}"].output, finished[f"call_{number}"].failed) for number in range(2)] == [
        ("tea with sk", False),
        ("42", False),
    ]
    assert finished["call_2"].failed
    assert "number" in finished["call_2"].output
    schema = model.requests[0].tools[0]
    assert schema.description == "Order something.\n\nSay what was ordered."
    assert schema.parameters["properties"] == {"item": {"description": "What to order", "type": "string"}}


def test_tool_tells_what_it_lacks_where_it_is_made() -> None:
    def bare(number: int) -> int:
        return number

    def untyped(number) -> int:  # type: ignore[no-untyped-def]
        """Do something."""
        return number

    def rest(*numbers: int) -> int:
        """Add."""
        return sum(numbers)

    for function, said in (
        (bare, "needs a docstring"),
        (untyped, "has a name and a type"),
        (rest, "a name and a type"),
    ):
        with pytest.raises(TypeError, match=said):
            tool(function)


async def test_tool_that_is_not_there_or_waits_for_its_key_is_told_before_the_model_is_asked() -> None:
    model = ScriptedModel(["Hello."])
    for wanted, said in (("nonesuch", "there is no tool 'nonesuch'"), (order, "order needs SHOP_API_KEY")):
        with pytest.raises(ConfigError, match=said):
            _ = [event async for event in RolePlay(llm=model, function_list=[wanted]).run("Hi")]
    assert model.requests == []


async def test_model_without_its_key_is_told_with_its_variable() -> None:
    bot = RolePlay(llm={"model": "qwen-x", "model_server": "dashscope"}, environ={"OPENAI_API_KEY": KEY})
    with pytest.raises(NoKey, match="Set DASHSCOPE_API_KEY"):
        _ = [event async for event in bot.run("Hi")]


@tool
async def read_addresses(surroundings: ToolContext) -> list[str]:
    """Say which addresses there are."""
    return sorted(surroundings.base_urls.values())


async def test_what_other_programs_call_an_address_stands_in_no_way() -> None:
    others = {
        "SITE_BASE_URL": "/app",
        "OLD_BASE_URL": "localhost:8080",
        "NO_BASE_URL": "",
        "CI_BASE_URL": "http://u@x/",
    }
    model = ScriptedModel([calls(("read_addresses", "{}")), "Done."])
    bot = RolePlay(llm=model, function_list=[read_addresses], environ={"SHOP_BASE_URL": "http://127.0.0.1:9", **others})
    [finished] = finished_tools([event async for event in bot.run("Which?")])
    assert finished.output == '["http://127.0.0.1:9"]'


def test_nothing_of_the_environment_is_shown() -> None:
    assert KEY not in repr(RolePlay(llm=ScriptedModel([]), environ={"SHOP_API_KEY": KEY}))


def test_names_of_the_package_are_those_it_lists() -> None:
    assert {name: getattr(user_agent, name).__name__ for name in user_agent.__all__} == {
        "RolePlay": "RolePlay",
        "Table": "Table",
        "ToolContext": "ToolContext",
        "ToolOutput": "ToolOutput",
        "tool": "tool",
    }
    with pytest.raises(AttributeError, match="nonesuch"):
        _ = user_agent.nonesuch


def test_package_is_light_until_something_is_asked_for() -> None:
    code = (
        "import sys, user_agent;"
        "loaded = {name for name in sys.modules if name.startswith('user_agent.')};"
        "assert not loaded, loaded;"
        "from user_agent import RolePlay, tool;"
        "heavy = {'openai', 'dashscope', 'gradio', 'fastapi', 'sqlalchemy', 'httpx'} & set(sys.modules);"
        "assert not heavy, heavy"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@tool
async def write(name: str, context: ToolContext) -> ToolOutput:
    """Write a file."""
    return ToolOutput("Written.", (await context.keep(b"made", name=name, media_type="text/plain"),))


async def test_what_a_tool_makes_is_kept_in_the_folder_and_nowhere_else(tmp_path: Path) -> None:
    wanted = [calls(("write", '{"name": "../a.txt"}')), calls(("write", '{"name": "a.txt"}')), "Done."]
    bot = RolePlay(llm=ScriptedModel(wanted), function_list=[write], output_folder=tmp_path / "made")
    finished = finished_tools([event async for event in bot.run("Write twice")])
    assert [[file.file for file in event.files] for event in finished] == [
        ["a.txt"],
        ["a-2.txt"],
    ]
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["a-2.txt", "a.txt", "made"]


async def test_tool_without_a_folder_says_that_there_is_none() -> None:
    model = ScriptedModel([calls(("write", '{"name": "a.txt"}')), "Done."])
    finished = finished_tools([event async for event in RolePlay(llm=model, function_list=[write]).run("Write")])
    assert finished[0].failed
    assert "no place here to keep it" in finished[0].output


@tool
async def read(name: str, context: ToolContext) -> str:
    """Read a picture's bytes."""
    return (await attached(name, context, kind="image")).data.decode()


async def test_a_tool_finds_the_files_of_the_folder_and_no_other(tmp_path: Path) -> None:
    folder = tmp_path / "made"
    (folder / "deeper").mkdir(parents=True)
    for path in (folder / "a.png", folder / "deeper" / "b.png", tmp_path / "c.png"):
        path.write_text(path.name)
    (folder / "d.png").symlink_to(tmp_path / "c.png")
    names = ("", "a.png", "b.png", "../c.png", "d.png")
    wanted = [calls(("read", f'{{"name": "{name}"}}')) for name in names]
    bot = RolePlay(llm=ScriptedModel([*wanted, "Done."]), function_list=[read], output_folder=folder, language="en")
    finished = finished_tools([event async for event in bot.run("Read them")])
    assert [event.output for event in finished[:2]] == ["a.png", "a.png"]
    assert [event.failed for event in finished] == [False, False, True, True, True]
    assert "There are: a.png." in finished[-1].output


async def test_a_tool_without_a_folder_finds_no_files() -> None:
    model = ScriptedModel([calls(("read", '{"name": "a.png"}')), "Done."])
    bot = RolePlay(llm=model, function_list=[read], language="en")
    [finished] = finished_tools([event async for event in bot.run("Read it")])
    assert finished.failed and "no picture in this conversation" in finished.output
