"""Real function calls, of the Berkeley leaderboard's data, through the adapter and the dialect over real HTTP."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.openai_replies import Call, Says
from tests.fakes.openai_server import FakeOpenAI
from user_agent.dialects.base import ReplyEnd
from user_agent.dialects.function_calling import FunctionCalling
from user_agent.messages import user_message
from user_agent.models.base import ModelRequest, ToolSchema
from user_agent.models.entry import ModelEntry
from user_agent.models.openai_compatible import OpenAICompatible
from user_agent.runtime import ModelClients

FOLDER = Path(os.environ.get("AGENTFABRIC_TEST_DATA", "../shared/data")) / "function_calls"

pytestmark = pytest.mark.skipif(
    not FOLDER.is_dir(), reason=f"{FOLDER} is not here; point AGENTFABRIC_TEST_DATA at the folder with the test data"
)


def _lines(name: str) -> Iterator[dict[str, Any]]:
    with (FOLDER / name).open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


@pytest.mark.parametrize("kind", ["simple_python", "multiple", "parallel"])
async def test_every_call_arrives_as_the_model_made_it(kind: str) -> None:
    answers = {item["id"]: item["ground_truth"] for item in _lines(f"{kind}.answers.jsonl")}
    read = 0
    async with FakeOpenAI() as server, ModelClients() as clients:
        entry = ModelEntry(type="openai", model="fake", api_base=server.base_url)
        model = OpenAICompatible(clients, entry)
        for number, case in enumerate(_lines(f"{kind}.jsonl")):
            made = [
                (name, {key: accepted[0] for key, accepted in arguments.items()})
                for truth in answers[case["id"]]
                for name, arguments in truth.items()
            ]
            calls = tuple(Call(name, json.dumps(arguments, ensure_ascii=number % 2 == 0)) for name, arguments in made)
            server.script(Says(calls=calls, pieces=1 + number % 7, indexes="none" if number % 5 == 0 else "true"))
            tools = [ToolSchema(tool["name"], tool["description"], tool["parameters"]) for tool in case["function"]]
            request = ModelRequest("system", [user_message(case["question"][0][0]["content"])], tools)
            end = [item async for item in FunctionCalling().reply(model, request)][-1]
            assert isinstance(end, ReplyEnd)
            assert [(call.name, call.arguments, call.problem) for call in end.calls] == [(*call, "") for call in made]
            offered = [tool["function"]["parameters"] for tool in server.last.body["tools"]]
            assert offered == [tool.parameters for tool in tools]
            read += len(made)
    assert read >= len(answers)
