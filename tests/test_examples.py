"""The examples, run as a reader would run them, against fakes on real HTTP."""

import asyncio
import io
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image

from tests.fakes.dashscope_images import ImageServer
from tests.fakes.openai_replies import UNAUTHORIZED, Call, Says
from tests.fakes.openai_server import FakeOpenAI
from tests.fakes.weather_server import WeatherServer
from tests.foreign_mcp import SCRIPTS
from tests.sandbox import ENVIRONMENT, require_sandbox

ROOT = Path(__file__).parents[1]
EXAMPLES = sorted(path.stem for path in (ROOT / "examples").glob("*.py"))
PICTURE = Says(calls=(Call("image_gen", '{"text": "朝阳区城市风光", "resolution": "1024*1024"}'),))
WEATHER = Says(calls=(Call("amap_weather", '{"location": "朝阳区"}'),))


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str


async def ran(name: str, tmp_path: Path, *arguments: str, **environment: str) -> Ran:
    """An example, run in a process of its own that reaches nothing beyond this machine."""
    names = {
        **os.environ,
        "PYTHONPATH": str(ROOT / "tests" / "offline"),
        "REACHED_FILE": str(tmp_path / "reached"),
        "PYTHONWARNINGS": "error",
        "PYTHONUTF8": "1",
        **environment,
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", f"examples.{name}", *arguments,
        cwd=ROOT, env=names, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, err = await process.communicate()
    assert not (tmp_path / "reached").exists()
    return Ran(process.returncode or 0, out.decode(), err.decode())


@pytest.mark.parametrize("name", ["quick_start", "quick_start_sync"])
async def test_quick_start_looks_up_the_weather_and_answers(name: str, tmp_path: Path) -> None:
    answer = Says("朝阳区今天多云，零下 3 度，画也画好了。")
    async with WeatherServer() as weather, ImageServer() as images, FakeOpenAI(WEATHER, PICTURE, answer) as model:
        done = await ran(
            name,
            tmp_path,
            LLM_BASE_URL=model.base_url,
            AMAP_TOKEN="amap-key",
            AMAP_BASE_URL=weather.base_url,
            DASHSCOPE_API_KEY="sk-canary-4f1b",
            DASHSCOPE_BASE_URL=images.base_url,
            OUTPUT_FOLDER=str(tmp_path / "drawn"),
        )
        model.assert_complete()
    assert done.code == 0, done.err
    assert answer.text in done.out
    assert [tool["function"]["name"] for tool in model.requests[0].body["tools"]] == ["amap_weather", "image_gen"]
    assert model.requests[0].body["model"] == "qwen3.6-plus"
    assert "你扮演一个天气预报助手" in model.requests[0].body["messages"][0]["content"]
    result = model.requests[1].body["messages"][-1]
    assert result["role"] == "tool"
    assert "朝阳区的天气是多云" in result["content"]
    assert [path.name for path in (tmp_path / "drawn").iterdir()] == ["picture.png"]
    assert Image.open(io.BytesIO((tmp_path / "drawn" / "picture.png").read_bytes())).size == (320, 240)
    assert "amap-key" not in done.out + done.err
    assert "canary" not in done.out + done.err


async def test_own_tool_is_called_with_what_the_model_wrote(tmp_path: Path) -> None:
    call = Call("renew_instance", '{"instance_id": "i-rj90a7e840y5cde", "period": 22}')
    async with FakeOpenAI(Says(calls=(call,)), Says("已续费 22 个月。")) as model:
        done = await ran("own_tool", tmp_path, LLM_BASE_URL=model.base_url)
        model.assert_complete()
    assert done.code == 0, done.err
    assert done.out.rstrip().endswith("已续费 22 个月。")
    schema = model.requests[0].body["tools"][0]["function"]
    assert schema["description"].startswith("Renew an ECS instance.")
    assert schema["parameters"]["properties"]["period"]["minimum"] == 1
    assert "续费时长 22 个月" in model.requests[1].body["messages"][-1]["content"]


async def test_own_tools_make_a_table_a_file_and_throw_dice(tmp_path: Path) -> None:
    wanted = (Call("sales_report", '{"least": 1000000}'), Call("dice", '{"count": 2}'))
    async with FakeOpenAI(Says(calls=wanted), Says("杭州和深圳。")) as model:
        done = await ran("own_tools", tmp_path, LLM_BASE_URL=model.base_url, OUTPUT_FOLDER=str(tmp_path / "made"))
        model.assert_complete()
    assert done.code == 0, done.err
    assert done.out.rstrip().endswith("杭州和深圳。")
    assert sorted(path.name for path in (tmp_path / "made").iterdir()) == ["report.txt", "table.csv"]
    assert (tmp_path / "made" / "table.csv").read_text("utf-8-sig").splitlines()[1:] == [
        "杭州,1250300.5",
        "深圳,1604120.25",
    ]
    report, thrown = (message["content"] for message in model.requests[1].body["messages"][-2:])
    assert "深圳,1604120.25" in report and "report.txt" in report
    assert 2 <= json.loads(thrown)["sum"] <= 12
    schema = model.requests[0].body["tools"][0]["function"]
    assert schema["description"] == "列出各城市的销售额：一张表和一份报告。"
    assert schema["parameters"]["properties"]["least"]["description"] == "只列出不低于这个数的城市"


async def test_conversation_remembers_what_was_said(tmp_path: Path) -> None:
    call = Call("calculator", '{"expression": "17 * 23"}')
    async with FakeOpenAI(Says(calls=(call,)), Says("391"), Says("195.5")) as model:
        done = await ran("conversation", tmp_path, LLM_BASE_URL=model.base_url)
        model.assert_complete()
    assert done.code == 0, done.err
    assert done.out == "> What is 17 * 23?\n391\n> And half of that?\n195.5\n"
    roles = [message["role"] for message in model.requests[-1].body["messages"]]
    assert roles == ["system", "user", "assistant", "tool", "assistant", "user"]


async def test_code_and_an_mcp_server_stay_open_from_one_message_to_the_next(tmp_path: Path) -> None:
    require_sandbox()
    first = Says(calls=(Call("code_interpreter", '{"code": "x = 6 * 7\\nprint(x)"}'),))
    asked = Call("time__get_current_time", '{"timezone": "Asia/Shanghai"}')
    second = Says(calls=(asked, Call("code_interpreter", '{"code": "print(x + 1)"}')))
    async with FakeOpenAI(first, Says("42."), second, Says("It is late, and 43.")) as model:
        done = await ran(
            "code_and_servers",
            tmp_path,
            LLM_BASE_URL=model.base_url,
            DASHSCOPE_API_KEY="sk-1",
            SANDBOX=str(ENVIRONMENT),
            OUTPUT_FOLDER=str(tmp_path / "output"),
            PATH=f"{SCRIPTS}:{os.environ['PATH']}",
        )
        model.assert_complete()
    assert done.code == 0, done.err
    assert done.out.splitlines()[1::2] == ["42.", "It is late, and 43."]
    offered = {tool["function"]["name"] for tool in model.requests[0].body["tools"]}
    assert offered == {"code_interpreter", "time__get_current_time", "time__convert_time"}
    assert "42" in model.requests[1].body["messages"][-1]["content"]
    told = {message["content"] for message in model.requests[3].body["messages"][-2:]}  # as each was there
    assert "43" in told and any("Asia/Shanghai" in each for each in told)


async def test_scripted_model_needs_nothing(tmp_path: Path) -> None:
    done = await ran("scripted", tmp_path)
    assert done.code == 0, done.err
    assert done.out == "The agent called add(17, 25) and answered: That is 42.\n"


@pytest.mark.parametrize(
    ("name", "environment", "said"),
    [
        pytest.param(
            "quick_start_sync",
            {},
            "amap_weather needs AMAP_TOKEN: set it in the environment (get one at https://",
            id="no tool key",
        ),
        pytest.param("own_tool", {"AMAP_TOKEN": "k"}, "Set DASHSCOPE_API_KEY in the environment", id="no model key"),
    ],
)
async def test_missing_key_is_told_by_its_name(
    tmp_path: Path, name: str, environment: dict[str, str], said: str
) -> None:
    done = await ran(name, tmp_path, **environment)
    assert done.code == 1
    assert said in done.err


async def test_key_goes_to_the_model_and_into_no_traceback(tmp_path: Path) -> None:
    async with FakeOpenAI(UNAUTHORIZED) as model:
        done = await ran("own_tool", tmp_path, LLM_BASE_URL=model.base_url, DASHSCOPE_API_KEY="sk-canary-4f1b")
    assert done.code == 1
    assert "user_agent.errors.models.AuthFailed" in done.err
    assert "canary" not in done.out + done.err + json.dumps([recorded.headers for recorded in model.requests])


def test_every_example_is_run_and_listed() -> None:
    source, listed = Path(__file__).read_text("utf-8"), (ROOT / "examples" / "README.md").read_text("utf-8")
    assert [name for name in EXAMPLES if f'"{name}"' not in source or f"`{name}.py`" not in listed] == []
