"""What a server asks the person during a call: told with its name, answered over the API, bounded however it asks."""

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.client import Answer, Client, ServerEvent, an_agent, text_of
from tests.conftest import Serve
from tests.fakes.mcp_server import FakeMcp, Json, asking
from tests.fakes.openai_replies import Call, Says
from tests.fakes.openai_server import FakeOpenAI
from tests.mcp import SHORT, connected
from tests.model_file import model_file
from tests.test_endpoints import two_people
from tests.test_mcp import added, pasted
from user_agent.mcp.open_calls import MAX_QUESTIONS
from user_agent.mcp.patience import Patience
from user_agent.questions import Question, Reply
from user_agent.tools.asking import Questions

FORM: Json = {
    "mode": "form",
    "message": "Which shelf do you mean?",
    "requestedSchema": {
        "type": "object",
        "properties": {
            "shelf": {"type": "string", "title": "Shelf", "enum": ["top", "bottom"], "enumNames": ["Top", "Bottom"]},
            "boxes": {"type": "integer", "minimum": 1, "maximum": 9, "default": 2},
        },
        "required": ["shelf"],
    },
}
PAGE: Json = {
    "mode": "url",
    "message": "Pay for the apples.",
    "url": "https://pay.example.com/cart?id=4711",
    "elicitationId": "e-1",
}
LOOK = Says(calls=(Call("shelf__look", '{"shelf": "a"}', "call_a"),))
Act = Callable[["Talk", str, dict[str, Any]], Awaitable[None]]


@pytest.fixture
async def server() -> AsyncGenerator[FakeMcp, None]:
    async with FakeMcp() as server:
        yield server


@dataclass(frozen=True)
class Talk:
    """A conversation with an agent that may look at the shelf."""

    client: Client
    path: str

    async def ask(self, act: Act) -> list[ServerEvent]:
        """Has it look, and does something about each question."""
        events: list[ServerEvent] = []
        async with aclosing(self.client.events("POST", f"{self.path}/messages", json={"text": "Look"})) as stream:
            async for event in stream:
                events.append(event)
                if event.type == "question_asked":
                    await act(self, events[0].data["turn"], event.data)
        return events

    async def answer(self, turn: str, question: str, action: str, content: Json | None = None) -> Answer:
        body = {"question": question, "action": action, **({"content": content} if content else {})}
        return await self.client.call("POST", f"/api/turns/{turn}/answers", json=body)


@pytest.fixture
async def model() -> AsyncGenerator[FakeOpenAI, None]:
    async with FakeOpenAI(LOOK, Says("So it is.")) as model:
        yield model


async def talk_of(client: Client, server: FakeMcp) -> Talk:
    agent = await an_agent(client)
    await added(client, agent, pasted(server), "look")
    return Talk(client, await client.conversation(agent.rpartition("/")[2]))


@pytest.fixture
async def talk(serve: Serve, server: FakeMcp, model: FakeOpenAI, tmp_path: Path) -> AsyncGenerator[Talk, None]:
    file = model_file(tmp_path, model.base_url)
    async with serve(MODEL_CONFIG_FILE=file, AGENTFABRIC_TRUSTED_ORIGINS=server.origin) as client:
        yield await talk_of(client, server)


def told(events: list[ServerEvent]) -> list[Json]:
    """What the server was answered, as it told in its result."""
    (output,) = (event.data["output"] for event in events if event.type == "tool_finished")
    answered: list[Json] = json.loads(output)
    return answered


def outcomes(events: list[ServerEvent]) -> list[str]:
    return [event.data["outcome"] for event in events if event.type == "question_closed"]


async def test_a_form_is_shown_with_who_asks_and_what_is_filled_in_goes_back(talk: Talk, server: FakeMcp) -> None:
    server.answers["tools/call"] = asking(server, FORM)
    seen: list[Json] = []

    async def fill_in(talk: Talk, turn: str, asked: Json) -> None:
        seen.append(asked)
        for wrong in ({}, {"shelf": "cellar"}, {"shelf": "top", "boxes": 10}, {"shelf": "top", "more": "x"}):
            answer = await talk.answer(turn, asked["id"], "accept", wrong)
            assert (answer.status, answer.body["code"]) == (400, "bad_request"), answer.body
        assert (await talk.answer(turn, asked["id"], "accept", {"shelf": "top", "boxes": 3})).status == 204
        again = await talk.answer(turn, asked["id"], "decline")
        assert (again.status, again.body["code"]) == (409, "not_waiting")

    events = await talk.ask(fill_in)
    question = seen[0]["question"]
    assert (seen[0]["call"], question["asker"], question["host"]) == ("call_a", "shelf", f"127.0.0.1:{server.port}")
    assert question["message"] == "Which shelf do you mean?" and question["url"] == ""
    shelf, boxes = question["fields"]
    assert (shelf["kind"], shelf["required"], shelf["title"]) == ("choice", True, "Shelf")
    assert shelf["options"] == [{"value": "top", "title": "Top"}, {"value": "bottom", "title": "Bottom"}]
    assert (boxes["kind"], boxes["default"], boxes["least"], boxes["most"]) == ("integer", 2, 1, 9)
    assert told(events) == [{"action": "accept", "content": {"shelf": "top", "boxes": 3}}]
    assert outcomes(events) == ["accept"] and text_of(events) == "So it is."


@pytest.mark.parametrize("action", ["decline", "cancel"])
async def test_a_question_may_be_refused_or_put_away(talk: Talk, server: FakeMcp, action: str) -> None:
    server.answers["tools/call"] = asking(server, FORM)

    async def refuse(talk: Talk, turn: str, asked: Json) -> None:
        assert (await talk.answer(turn, asked["id"], action, {"shelf": "top"})).status == 204

    events = await talk.ask(refuse)
    assert told(events) == [{"action": action}] and outcomes(events) == [action]


async def test_a_page_to_go_to_is_shown_whole_and_nothing_but_the_consent_goes_back(
    talk: Talk, server: FakeMcp
) -> None:
    server.answers["tools/call"] = asking(server, PAGE, {**PAGE, "url": "javascript:alert(1)"})
    seen: list[Json] = []

    async def agree(talk: Talk, turn: str, asked: Json) -> None:
        seen.append(asked["question"])
        assert (await talk.answer(turn, asked["id"], "accept")).status == 204

    agreed, refused = told(await talk.ask(agree))
    assert [(question["url"], question["fields"]) for question in seen] == [(PAGE["url"], [])]
    assert agreed == {"action": "accept"} and "Only web addresses" in refused["refused"]


def form(**properties: Any) -> Json:
    return {"message": "?", "requestedSchema": {"type": "object", "properties": properties}}


BAD: dict[str, Json] = {
    "huge": form(**{f"field_{number}": {"type": "string"} for number in range(5_000)}),
    "many choices": form(a={"type": "string", "enum": ["x"] * 10_000}),
    "nested": form(a={"type": "object", "properties": {"b": {"type": "object", "properties": {}}}}),
    "no kind": form(a={"type": "null"}),
    "no field": form(a="text"),
    "no name": form(**{"": {"type": "string"}}),
    "a password": form(a={"type": "string", "title": "Your password"}),
    "a key": form(api_key={"type": "string"}),
    "a password in Chinese": form(a={"type": "string", "title": "登录密码"}),
    "a hidden field": form(a={"type": "string", "format": "password"}),
}


async def test_what_is_no_plain_form_or_asks_for_a_secret_is_shown_to_nobody(talk: Talk, server: FakeMcp) -> None:
    server.answers["tools/call"] = asking(server, *BAD.values())

    async def never(talk: Talk, turn: str, asked: Json) -> None:
        raise AssertionError(asked)

    events = await talk.ask(never)
    assert [answer.keys() for answer in told(events)] == [{"refused"}] * len(BAD)


async def test_a_server_that_asks_again_and_again_is_not_shown_for_ever(talk: Talk, server: FakeMcp) -> None:
    server.answers["tools/call"] = asking(server, *([FORM] * 20))

    async def fill_in(talk: Talk, turn: str, asked: Json) -> None:
        assert (await talk.answer(turn, asked["id"], "accept", {"shelf": "top"})).status == 204

    events = await talk.ask(fill_in)
    assert outcomes(events) == ["accept"] * MAX_QUESTIONS
    assert [answer["action"] for answer in told(events)] == ["accept"] * 5 + ["cancel"] * 15


async def test_stop_ends_a_question_and_tells_the_server(talk: Talk, server: FakeMcp) -> None:
    server.answers["tools/call"] = asking(server, FORM)

    async def stop(talk: Talk, turn: str, asked: Json) -> None:
        # A person who comes back in the middle is shown the same question.
        async with aclosing(talk.client.events("GET", f"/api/turns/{turn}/events")) as events:
            async for event in events:
                if event.type == "question_asked":
                    assert event.data == asked
                    break
        assert (await talk.client.call("POST", f"{talk.path}/messages", json={"text": "?"})).status == 409
        assert (await talk.client.call("POST", f"/api/turns/{turn}/stop")).status == 204
        assert (await talk.answer(turn, asked["id"], "accept", {"shelf": "top"})).status == 409

    events = await talk.ask(stop)
    assert events[-1].data["stop"] == "stopped"
    async with asyncio.timeout(10):
        while "notifications/cancelled" not in server.methods:  # noqa: ASYNC110  the server tells nobody
            await asyncio.sleep(0.01)


async def test_a_question_is_of_the_person_who_is_asked_alone(
    serve: Serve, server: FakeMcp, model: FakeOpenAI, tmp_path: Path
) -> None:
    server.answers["tools/call"] = asking(server, FORM)
    names = {"MODEL_CONFIG_FILE": model_file(tmp_path, model.base_url), "AGENTFABRIC_TRUSTED_ORIGINS": server.origin}
    async with two_people(serve, **names) as (ann, bob):

        async def meddle(talk: Talk, turn: str, asked: Json) -> None:
            foreign = await Talk(bob, "").answer(turn, asked["id"], "accept", {"shelf": "top"})
            assert foreign.status == 404
            assert (await talk.answer(turn, asked["id"], "decline")).status == 204

        assert outcomes(await (await talk_of(ann, server)).ask(meddle)) == ["decline"]


# ---- time


async def answered_by(questions: list[Question], delay_s: float, question: Question) -> Reply:
    questions.append(question)
    await asyncio.sleep(delay_s)
    return Reply("accept", {"shelf": "top"})


async def test_the_time_that_a_person_takes_is_not_the_server_s(server: FakeMcp) -> None:
    server.answers["tools/call"] = asking(server, FORM)
    async with connected(server, Patience(connect_s=5, call_s=0.3)) as shelf:
        shelf.answer = lambda question: answered_by(shelf.asked, 0.6, question)
        finished = await shelf.call()
        assert not finished.failed, finished.output
        assert [question.asker for question in shelf.asked] == ["shelf"]


async def test_a_server_that_ends_the_call_ends_its_question(server: FakeMcp) -> None:
    server.answers["tools/call"] = asking(server, FORM)
    ended = asyncio.Event()
    async with connected(server, SHORT) as shelf:

        async def wait(question: Question) -> Reply:
            asyncio.get_running_loop().create_task(server.stop())
            try:
                await asyncio.Event().wait()
            finally:
                ended.set()
            raise AssertionError("Nothing sets it.")

        shelf.answer = wait
        finished = await shelf.call()
        assert finished.failed and "It may have been done or not" in finished.output
        assert ended.is_set()


async def test_nobody_who_looks_is_a_question_put_away() -> None:
    events: list[Any] = []
    reply = await Questions(patience_s=0.01).asked_by("call", events.append)(Question(message="?"))
    assert reply.action == "cancel" and [event.type for event in events] == ["question_asked", "question_closed"]
    assert events[1].outcome == "late"
