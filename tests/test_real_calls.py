"""Real function calls, of the Berkeley leaderboard's data, through the adapter and both dialects over real HTTP."""

import json
import os
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.fakes.openai_replies import Call, Says
from tests.fakes.openai_server import FakeOpenAI
from user_agent.dialects.base import Dialect, ReplyEnd
from user_agent.dialects.function_calling import FunctionCalling
from user_agent.dialects.react import ReAct
from user_agent.events import TextDelta
from user_agent.messages import user_message
from user_agent.models.base import ChatModel, Chunk, ModelFacts, ModelRequest, ToolSchema
from user_agent.models.entry import ModelEntry
from user_agent.models.openai_compatible import OpenAICompatible
from user_agent.models.scripted import ScriptedModel
from user_agent.runtime import ModelClients

FOLDER = Path(os.environ.get("AGENTFABRIC_TEST_DATA", "../shared/data")) / "function_calls"
KINDS = {"simple_python": (400, 400), "multiple": (200, 200), "parallel": (200, 540)}
"""How many questions there are of each kind, and how many calls answer them."""

TEXT_ONLY = ModelFacts(function_calling=False)

pytestmark = pytest.mark.skipif(
    not FOLDER.is_dir(), reason=f"{FOLDER} is not here; point AGENTFABRIC_TEST_DATA at the folder with the test data"
)


@dataclass(frozen=True)
class Case:
    """A question with its tools, and the calls that answer it: pairs of name and arguments."""

    question: str
    tools: tuple[ToolSchema, ...]
    calls: tuple[tuple[str, dict[str, Any]], ...]

    @property
    def request(self) -> ModelRequest:
        return ModelRequest("system", [user_message(self.question)], self.tools)


def _lines(name: str) -> Iterator[dict[str, Any]]:
    with (FOLDER / name).open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def cases(kind: str) -> Iterator[Case]:
    answers = {item["id"]: item["ground_truth"] for item in _lines(f"{kind}.answers.jsonl")}
    for case in _lines(f"{kind}.jsonl"):
        yield Case(
            question=case["question"][0][0]["content"],
            tools=tuple(ToolSchema(tool["name"], tool["description"], tool["parameters"]) for tool in case["function"]),
            calls=tuple(
                (name, {key: accepted[0] for key, accepted in arguments.items()})
                for truth in answers[case["id"]]
                for name, arguments in truth.items()
            ),
        )


@asynccontextmanager
async def asked(*, function_calling: bool) -> AsyncGenerator[tuple[FakeOpenAI, OpenAICompatible], None]:
    async with FakeOpenAI() as server, ModelClients() as clients:
        entry = ModelEntry(type="openai", model="fake", api_base=server.base_url, is_function_call=function_calling)
        yield server, OpenAICompatible(clients, entry)


async def read(dialect: Dialect, model: ChatModel, case: Case) -> tuple[str, ReplyEnd]:
    """What of the reply was shown, and its end."""
    readings = [item async for item in dialect.reply(model, case.request)]
    end = readings[-1]
    assert isinstance(end, ReplyEnd)
    return "".join(item.text for item in readings if isinstance(item, TextDelta)), end


def assert_right(end: ReplyEnd, case: Case) -> None:
    assert [(call.name, call.arguments, call.problem) for call in end.calls] == [(*call, "") for call in case.calls]


@pytest.mark.parametrize("kind", KINDS)
async def test_every_call_arrives_as_the_model_made_it(kind: str) -> None:
    questions = made = 0
    async with asked(function_calling=True) as (server, model):
        for number, case in enumerate(cases(kind)):
            wanted = tuple(
                Call(name, json.dumps(arguments, ensure_ascii=number % 2 == 0)) for name, arguments in case.calls
            )
            server.script(Says(calls=wanted, pieces=1 + number % 7, indexes="none" if number % 5 == 0 else "true"))
            _, end = await read(FunctionCalling(), model, case)
            assert_right(end, case)
            offered = [tool["function"]["parameters"] for tool in server.last.body["tools"]]
            assert offered == [tool.parameters for tool in case.tools]
            questions, made = questions + 1, made + len(end.calls)
    assert (questions, made) == KINDS[kind]


@pytest.mark.parametrize("kind", KINDS)
async def test_every_call_comes_back_from_the_text_of_a_model_that_calls_no_functions(kind: str) -> None:
    chance, questions, made = Random(kind), 0, 0
    async with asked(function_calling=False) as (server, model):
        for case in cases(kind):
            text, dialect = told(case, chance), ReAct(chance.choice(("zh", "en")))
            server.script(Says(text, pieces=chance.choice((1, 2, 7, 40, 10_000))))
            in_pieces = ScriptedModel([[Chunk(text=piece) for piece in torn(text, chance)]], facts=TEXT_ONLY)
            for asked_model in (model, in_pieces):
                shown, end = await read(dialect, asked_model, case)
                assert_right(end, case)
                assert shown in ("", "Let me look.")
            prompt = server.last.body["messages"][0]["content"]
            assert all(f"\n{tool.name}: {tool.name} API" in prompt for tool in case.tools)
            assert "tools" not in server.last.body
            questions, made = questions + 1, made + len(end.calls)
    assert (questions, made) == KINDS[kind]


def torn(text: str, chance: Random) -> list[str]:
    """The text cut anywhere."""
    cuts = sorted(chance.choices(range(len(text) + 1), k=chance.randrange(1, 30)))
    return [text[start:end] for start, end in pairwise([0, *cuts, len(text)])]


def told(case: Case, chance: Random) -> str:
    """The calls in one of the ways in which models write them down."""
    before = chance.choice(("", "Let me look.\n", "Thought: I need a tool.\n", "工具调用\n", "Tool Invocation\n"))
    after = chance.choice(("", "\n", "\nObservation: <result>made up</result>\nAnswer: 42", "\nAnswer: made up"))
    colon, gap = chance.choice((":", "：", ": ")), chance.choice(("\n", "\n\n"))
    blocks = (f"Action{colon}{name}\nAction Input{colon}{_json(arguments, chance)}" for name, arguments in case.calls)
    return before + gap.join(blocks) + after


def _json(arguments: dict[str, Any], chance: Random) -> str:
    compact = json.dumps(arguments, ensure_ascii=chance.random() < 0.5)
    pretty = json.dumps(arguments, indent=2, ensure_ascii=False)
    trailing = pretty.replace("\n}", ",\n}") if arguments else pretty
    return chance.choice((compact, pretty, f"\n```json\n{pretty}\n```", f"```\n{compact}\n```", trailing))
