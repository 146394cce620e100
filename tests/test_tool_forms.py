"""Everything that may stand in a `function_list`: names, functions, classes, LangChain's tools and dicts of these."""

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar

import pytest
from langchain_core.tools import BaseTool, StructuredTool, ToolException
from langchain_core.tools import Tool as SimpleTool
from langchain_core.tools import tool as langchain_tool
from pydantic import Field

from tests.fakes.dashscope_images import a_picture
from tests.fakes.hostile_server import HostileServer, page
from tests.loop import finished_tools
from user_agent import RolePlay, ToolContext, ToolOutput, tool
from user_agent.errors import ConfigError
from user_agent.events import Event, InputNeeded, ToolFinished
from user_agent.models.scripted import ScriptedModel, calls
from user_agent.words import Words

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Ran:
    """What one call of one tool came to, and what the model was told of it."""

    events: list[Event]
    model: ScriptedModel

    @property
    def finished(self) -> ToolFinished:
        [finished] = finished_tools(self.events)
        return finished

    @property
    def schema(self) -> Mapping[str, Any]:
        return self.model.requests[0].tools[0].parameters


async def ran(given: object, name: str, arguments: object, **options: Any) -> Ran:
    """An agent with what is given as its `function_list`, whose model calls that tool once."""
    model = ScriptedModel([calls((name, json.dumps(arguments))), "Done."])
    bot = RolePlay(llm=model, function_list=[given], language="en", **options)
    events = [event async for event in bot.run("Go on")]
    return Ran(events, model)


# --- classes ---


class Renew:
    """As the predecessor's users wrote them."""

    name = "renew"
    description = "Renew an instance. 续费一台实例。"
    parameters: ClassVar[Any] = [
        {"name": "instance_id", "type": "string", "description": "Its id", "required": True},
        {"name": "period", "schema": {"type": "int"}, "description": "Months", "required": False, "enum": [1, 12]},
        {"name": "input.note", "type": "str"},
    ]

    def call(self, params: str, **kwargs: object) -> str:
        return json.dumps([json.loads(params), sorted(kwargs)])


async def test_a_class_of_the_predecessor_is_called_with_json_text() -> None:
    done = await ran(Renew, "renew", {"instance_id": "i-1", "period": 12})
    assert not done.finished.failed
    assert json.loads(done.finished.output) == [{"instance_id": "i-1", "period": 12}, ["context"]]
    assert done.schema == {
        "type": "object",
        "properties": {
            "instance_id": {"type": "string", "description": "Its id"},
            "period": {"type": "integer", "description": "Months", "enum": [1, 12]},
            "input.note": {"type": "string"},
        },
        "required": ["instance_id"],
    }


@pytest.mark.parametrize(
    ("arguments", "told"),
    [({}, "'instance_id' is a required property"), ({"instance_id": "i", "period": 3}, "period: 3 is not one of")],
    ids=["missing", "not a choice"],
)
async def test_arguments_that_do_not_fit_go_back_to_the_model(arguments: dict[str, object], told: str) -> None:
    finished = (await ran(Renew(), "renew", arguments)).finished
    assert finished.failed
    assert told in finished.output


class Asks:
    """With a schema, an async `call` that takes a dict, settings at its making, and all that it may say of itself."""

    name = "asks"
    description = "Ask.\n\n提问。"
    parameters: ClassVar[Any] = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
    secrets = ("DASHSCOPE_API_KEY", "SHOP_KEY")
    effect = "writes"
    timeout_s = 3
    label = Words(zh="提问", en="Ask away")

    def __init__(self, cfg: dict[str, object]) -> None:
        self.cfg = cfg

    async def call(
        self, params: dict[str, Any], context: ToolContext, dashscope_api_key: str = "", shop_key: str = ""
    ) -> ToolOutput:
        assert self.cfg == {}
        return ToolOutput(f"{params['city']} {context.language} {dashscope_api_key} {shop_key}")


KEYS = {"DASHSCOPE_API_KEY": "sk-1", "SHOP_KEY": "sk-2", "OTHER_KEY": "sk-3"}


async def test_a_class_gets_a_dict_its_surroundings_and_its_keys_where_it_asks_for_them() -> None:
    done = await ran(Asks, "asks", {"city": "Paris"}, environ=KEYS, allow=lambda call: True)
    assert done.finished.output == "Paris en sk-1 sk-2"


async def test_a_class_that_says_that_it_writes_asks_first() -> None:
    done = await ran(Asks, "asks", {"city": "Paris"}, environ=KEYS)
    assert [event.calls[0].name for event in done.events if isinstance(event, InputNeeded)] == ["asks"]


async def test_a_class_that_waits_for_its_key_says_which() -> None:
    with pytest.raises(ConfigError, match="asks needs SHOP_KEY"):
        await ran(Asks, "asks", {}, environ={"DASHSCOPE_API_KEY": "sk-1"})


async def test_only_the_keys_that_a_class_names_reach_it() -> None:
    class Greedy(Renew):
        secrets = ("SHOP_KEY",)

        def call(self, params: str, **kwargs: object) -> str:
            return json.dumps(sorted(kwargs))

    done = await ran(Greedy, "renew", {"instance_id": "i"}, environ=KEYS)
    assert json.loads(done.finished.output) == ["context", "shop_key"]


async def test_a_picture_that_a_class_answers_with_by_its_address_is_fetched_and_kept(tmp_path: Path) -> None:
    async with HostileServer() as server:
        url = server.base_url
        server.answers["/p.png"] = page(a_picture(), media_type="image/png")

        class Draws(Renew):
            def call(self, params: str, **kwargs: object) -> str:
                return f"Look: ![IMAGEGEN]({url}/p.png) and ![IMAGEGEN](/etc/passwd)"

        environ = {"PICTURES_BASE_URL": url}
        done = await ran(Draws, "renew", {"instance_id": "i"}, environ=environ, output_folder=tmp_path)
    assert not done.finished.failed, done.finished.output
    assert [file.name for file in done.finished.files] == ["picture.png"]
    assert done.finished.output.startswith("Look: The picture is ready (number picture.png)")
    assert url not in done.finished.output
    assert [path.name for path in tmp_path.iterdir()] == ["picture.png"]


# --- LangChain ---


@langchain_tool
def add(a: int, b: Annotated[int, Field(description="The second")] = 1) -> int:
    """Add two numbers."""
    return a + b


@langchain_tool
async def wait(a: int) -> str:
    """Wait."""
    raise ToolException(f"not {a}")


class Shell(BaseTool):
    name: str = "shell"
    description: str = "Run a command."

    def _run(self, command: str) -> list[dict[str, str]]:
        return [{"type": "text", "text": f"$ {command}"}, {"type": "text", "text": "done"}]


SAY = SimpleTool(name="say", func=lambda text: f"said {text}", description="Say it")
WHOLE: dict[str, Any] = {"type": "object", "properties": {"x": {"type": "integer"}}, "required": ["x"]}
TWICE = StructuredTool.from_function(lambda x: x * 2, name="twice", description="Double", args_schema=WHOLE)
ALLOWED = {"allow": lambda call: True}


@pytest.mark.parametrize(
    ("given", "name", "arguments", "output"),
    [
        (add, "add", {"a": 1, "b": 2}, "3"),
        ({"sum": add}, "sum", {"a": 1}, "2"),
        ({"terminal": Shell()}, "terminal", {"command": "ls"}, "$ ls\ndone"),
        (SAY, "say", {"__arg1": "hi"}, "said hi"),
        (TWICE, "twice", {"x": 4}, "8"),
    ],
    ids=["bare", "named", "as in the seeds", "one text", "json schema"],
)
async def test_a_langchain_tool_is_called(given: object, name: str, arguments: dict[str, object], output: str) -> None:
    done = await ran(given, name, arguments, **ALLOWED)
    assert (done.finished.failed, done.finished.output) == (False, output)


async def test_the_model_reads_what_a_langchain_tool_says() -> None:
    done = await ran(add, "add", {"a": 1}, **ALLOWED)
    [schema] = done.model.requests[0].tools
    assert schema.description == "Add two numbers."
    properties = schema.parameters["properties"]
    assert isinstance(properties, dict)
    assert set(properties) == {"a", "b"}
    assert schema.parameters["required"] == ["a"]
    assert "The second" in json.dumps(properties)


@pytest.mark.parametrize(
    ("given", "name", "arguments", "told"),
    [(wait, "wait", {"a": 7}, "not 7"), (add, "add", {"a": "x"}, "The arguments of 'add' do not fit. a: ")],
    ids=["exception", "arguments"],
)
async def test_a_langchain_tool_that_fails_tells_the_model_why(
    given: object, name: str, arguments: dict[str, object], told: str
) -> None:
    finished = (await ran(given, name, arguments, **ALLOWED)).finished
    assert finished.failed
    assert told in finished.output


async def test_a_langchain_tool_asks_first_unless_it_is_said_to_read_only() -> None:
    asked = await ran(add, "add", {"a": 1})
    assert [type(event) for event in asked.events if isinstance(event, InputNeeded)] == [InputNeeded]
    reads = add.model_copy(update={"metadata": {"effect": "reads"}})
    assert (await ran(reads, "add", {"a": 1})).finished.output == "2"


def test_langchain_is_not_loaded_for_those_who_bring_none_of_it() -> None:
    code = (
        "import sys; from user_agent import RolePlay, tool; from user_agent.models.scripted import ScriptedModel;"
        "RolePlay(llm=ScriptedModel(['Hi']), function_list=['calculator']).run_sync('Hi');"
        "assert not [name for name in sys.modules if name.startswith('langchain')]"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


# --- dicts, and what is no tool ---


@tool
async def units(context: ToolContext) -> dict[str, dict[str, str]]:
    """What was set."""
    return {name: dict(options) for name, options in context.options.items()}


async def test_a_name_with_settings_is_that_tool_with_its_options() -> None:
    model = ScriptedModel([calls(("units", "{}")), "Done."])
    bot = RolePlay(
        llm=model, function_list=[units, {"calculator": {"places": 3}, "weather": {}}, {"current_time": True}]
    )
    [finished] = finished_tools([event async for event in bot.run("Go on")])
    assert json.loads(finished.output) == {"calculator": {"places": "3"}}
    assert [schema.name for schema in model.requests[0].tools] == ["units", "calculator", "weather", "current_time"]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (7, "7 is no tool"),
        (object(), "is no tool"),
        ({"calculator": {"places": [3]}}, "'places' is not"),
        (type("Nameless", (), {"name": "a b", "description": "x", "call": lambda self, params: ""}), "'a b'"),
        (type("Silent", (), {"name": "a", "description": "", "call": lambda self, params: ""}), "needs a description"),
        (type("Odd", (Renew,), {"parameters": ["x"]}), "JSON schema, or a list"),
        (type("Odder", (Renew,), {"effect": "destroys"}), "'reads' or 'writes'"),
    ],
)
async def test_what_is_no_tool_says_why(given: object, told: str) -> None:
    with pytest.raises(TypeError, match=told):
        await ran(given, "x", {})


async def test_a_dict_of_an_unknown_name_says_which_there_are() -> None:
    with pytest.raises(ConfigError, match="there is no tool 'phantom'"):
        await ran({"phantom": {}}, "phantom", {})
