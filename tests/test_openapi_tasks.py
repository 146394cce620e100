"""Operations that only begin a task: found in a description, confirmed by a person, and waited for until they ended."""

import asyncio
import json
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest

from tests.client import an_agent, text_of
from tests.conftest import Serve
from tests.fakes.hostile_server import Answerer, HostileServer, page
from tests.fakes.openai_replies import Call, Says
from tests.fakes.openai_server import FakeOpenAI
from tests.model_file import model_file
from tests.openapi import OWN_NETWORK, body, describing, parameter
from user_agent.events import ToolFinished
from user_agent.messages import ToolCallPart
from user_agent.net import Http
from user_agent.openapi.description import read_description
from user_agent.openapi.stored import Api, Wait
from user_agent.openapi.tools import operation_tool
from user_agent.tools.base import ToolContext
from user_agent.tools.calling import call_tool
from user_agent.vendors.pace import Pace

ID = {"type": "string"}
STATE = {"type": "string", "enum": ["PENDING", "RUNNING", "SUCCEEDED", "FAILED", "CANCELED"]}
DRAW = {
    "path": "/draw",
    "method": "post",
    "operationId": "draw",
    "requestBody": {**body("application/json", {"text": ID}), "X-DashScope-Async": "enable"},
}
LOOK = {"path": "/tasks/{task_id}", "operationId": "look", "parameters": [parameter("task_id", "path", required=True)]}
BEGUN = '{"output": {"task_id": "t/7", "task_status": "PENDING"}}'


def said(text: str, status: int = 200, headers: str = "") -> bytes:
    whole = page(text.encode(), media_type="application/json", headers=headers)
    return whole.replace(b"200 OK", b"%d Said" % status, 1)


def state(name: str, **more: Any) -> bytes:
    return said(json.dumps({"output": {"task_id": "t/7", "task_status": name, **more}}))


def in_turn(*answers: bytes) -> Answerer:
    """Each answer once, and the last one for ever."""
    left = list(answers)

    async def answer(writer: asyncio.StreamWriter) -> None:
        writer.write(left.pop(0) if len(left) > 1 else left[0])
        await writer.drain()

    return answer


def answering(properties: dict[str, Any], status: str = "200", **more: Any) -> dict[str, Any]:
    schema = {"type": "object", "properties": properties}
    return {status: {"description": "", "content": {"application/json": {"schema": schema}}, **more}}


@pytest.fixture
async def server() -> AsyncGenerator[HostileServer, None]:
    async with HostileServer() as server:
        server.answers["/draw"] = said(BEGUN)
        yield server


def the_wait(*operations: dict[str, Any]) -> Wait | None:
    return read_description(describing(*operations)).waits.get("draw")


def a_job(status: dict[str, Any], begun: dict[str, Any], look: str = "/draw/{id}") -> list[dict[str, Any]]:
    asked = parameter(look[look.index("{") + 1 : look.index("}")], "path", required=True)
    return [
        {"path": "/draw", "method": "post", "operationId": "draw", "responses": begun},
        {"path": look, "operationId": "look", "parameters": [asked], "responses": answering(status)},
    ]


def test_the_predecessors_pair_is_found_though_it_says_little_of_its_answers() -> None:
    wait = the_wait(DRAW, LOOK)
    assert wait is not None and wait.look.name == "look"
    assert (wait.argument, wait.id_at, wait.state_at) == ("task_id", "task_id", "task_status")
    assert {"succeeded"} < set(wait.done) and {"failed", "canceled", "unknown"} < set(wait.failed)


@pytest.mark.parametrize(
    ("operations", "id_at", "state_at", "done"),
    [
        (a_job({"status": STATE}, answering({"id": ID})), "id", "status", ("SUCCEEDED",)),
        (
            a_job(
                {"data": {"type": "object", "properties": {"state": STATE}}}, answering({"jobId": ID}), "/j/{job_id}"
            ),
            "jobId",
            "data.state",
            ("SUCCEEDED",),
        ),
        (
            a_job({"status": STATE}, answering({}, "202", headers={"Operation-Location": {}}), "/analyses/{id}"),
            "",
            "",
            (),
        ),
        (
            a_job({"status": STATE}, answering({}, "202", headers={"Operation-Location": {}}), "/operations/{id}"),
            "header:operation-location",
            "status",
            ("SUCCEEDED",),
        ),
        (
            a_job(
                {"done": {"type": "boolean"}},
                answering(
                    {"key": ID}, links={"l": {"operationId": "look", "parameters": {"k": "$response.body#/key"}}}
                ),
                "/elsewhere/{k}",
            ),
            "key",
            "done",
            ("true",),
        ),
    ],
    ids=["below it", "by the name of the id", "too little", "a header", "a link"],
)
def test_a_pair_is_found_by_what_the_description_tells(
    operations: list[dict[str, Any]], id_at: str, state_at: str, done: tuple[str, ...]
) -> None:
    wait = the_wait(*operations)
    assert (wait and (wait.id_at, wait.state_at, wait.done)) == ((id_at, state_at, done) if id_at else None)


@pytest.mark.parametrize("status", [ID, {"type": "string", "enum": ["open", "paid", "sent"]}])
def test_what_is_only_kept_is_no_task(status: dict[str, Any]) -> None:
    assert the_wait(*a_job({"id": ID, "status": status}, answering({"id": ID, "status": status}, "201"))) is None


async def test_a_task_is_confirmed_and_the_model_gets_its_result_with_one_call(
    serve: Serve, server: HostileServer, tmp_path: Path
) -> None:
    server.answers["/tasks/t%2F7"] = state("SUCCEEDED", url="https://x.example/cat.png")
    async with FakeOpenAI() as model:
        file = model_file(tmp_path, model.base_url)
        async with serve(MODEL_CONFIG_FILE=file, AGENTFABRIC_TRUSTED_ORIGINS=server.base_url) as client:
            text = describing(DRAW, LOOK, server=server.base_url)
            (guess,) = (await client.call("POST", "/api/openapi", json={"text": text})).body["waits"]
            agent = await an_agent(client)
            await client.post(f"{agent}/apis", json={"text": text, "operations": ["draw"], "waits": [guess]})
            (api,) = await client.get(f"{agent}/apis")
            assert api["waits"] == [guess] and [each["name"] for each in api["operations"]] == ["draw"]
            await client.call(
                "PATCH", f"{agent}/config", json={"policies": {f"openapi.{api['id']}.draw": "allow"}, "language": "en"}
            )
            model.script(Says(calls=(Call("draw", '{"body": {"text": "a cat"}}'),)), Says("Here it is."))
            events = await client.say(await client.conversation(agent.rpartition("/")[2]), "Draw a cat")
            assert text_of(events) == "Here it is."
            assert "cat.png" in json.dumps(model.requests[1].body["messages"][-1])
            offered = {tool["function"]["name"]: tool["function"] for tool in model.requests[0].body["tools"]}
            assert "look" not in offered and "waits until that ended" in offered["draw"]["description"]
    assert [each.data["text"] for each in events if each.type == "tool_progress"] == ["running · 0 s"]
    assert server.paths == ["/draw", "/tasks/t%2F7"] and server.asked[0].headers["x-dashscope-async"] == "enable"


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"operation": "look"}, "not among"),
        ({"look": "draw"}, "only reads"),
        ({"argument": "nothing"}, "takes no 'nothing'"),
        ({"done": []}, "no state ends"),
        ({"id_at": " "}, "id_at"),
    ],
)
async def test_a_wait_that_cannot_work_says_so(serve: Serve, changed: dict[str, Any], why: str) -> None:
    async with serve() as client:
        text = describing(DRAW, LOOK)
        (guess,) = (await client.call("POST", "/api/openapi", json={"text": text})).body["waits"]
        chosen = {"text": text, "operations": ["draw"], "waits": [{**guess, **changed}]}
        answer = await client.call("POST", f"{await an_agent(client)}/apis", json=chosen)
        assert answer.status == 422 and why in json.dumps(answer.body)


SOON = Pace(first_s=0.0, growth=1.0, longest_s=0.0, deadline_s=5.0)


async def drawn(server: HostileServer, *looks: bytes, pace: Pace = SOON, **changed: Any) -> ToolFinished:
    """What comes of the call that begins a task, whose looks are answered in turn."""
    if looks:
        server.answers["/tasks/t%2F7"] = in_turn(*looks)
    found = read_description(describing(DRAW, LOOK, server=server.base_url))
    wait = found.waits["draw"].model_copy(update=changed)
    api = Api(server=server.base_url, operations=found.operations[:1], waits={"draw": wait})
    tool = operation_tool("desk", api, api.operations[0], "draw")
    async with Http(policy=OWN_NETWORK) as http:
        context = ToolContext(http=http, language="en", pace=pace)
        call = ToolCallPart(id="1", name="draw", arguments={"body": {"text": "a cat"}})
        return await call_tool(call, {"draw": tool}, context, timeout_s=10)


LATER = said("{}", 404)
BUSY = said("{}", 429, "Retry-After: 0\r\n")


@pytest.mark.parametrize(
    "looks",
    [
        [state("RUNNING"), state("SUSPENDED"), state("Succeeded", url="u")],
        [LATER, LATER, state("RUNNING"), LATER, state("SUCCEEDED", url="u")],
        [BUSY] * 5 + [state("SUCCEEDED", url="u")],
        [said("{}", 502), said("no JSON"), state("DONE", url="u")],
    ],
    ids=["states", "not there yet", "too often", "broken for a moment"],
)
async def test_a_task_is_waited_for_through_what_passes(server: HostileServer, looks: list[bytes]) -> None:
    finished = await drawn(server, *looks)
    assert not finished.failed and '"url":"u"' in finished.output
    assert len(server.paths) == 1 + len(looks)


@pytest.mark.parametrize(
    ("looks", "told"),
    [
        ([state("FAILED", message="no cats")], "ended as 'FAILED'. It said: {\"output\""),
        ([state("CANCELED")], "ended as 'CANCELED'"),
        ([state("UNKNOWN")], "ended as 'UNKNOWN'"),
        ([state("RUNNING"), LATER], "began the task 't/7', but its result is not to be had. The API does not know"),
        ([said('{"output": {}}')], "have no state at 'task_status'. It said: {\"output\":{}}"),
        ([said('{"error": "boom"}', 500)], "was refused with status 500"),
        ([said("{}", 401)], "The key was not accepted"),
        ([said("{}", 429, "Retry-After: 90\r\n")], "did not end within 5 seconds"),
        ([state("RUNNING").replace(b"Content-Type", b"Retry-After: 90\r\nContent-Type")], "(its state is 'RUNNING')"),
    ],
)
async def test_every_other_end_is_a_sentence(server: HostileServer, looks: list[bytes], told: str) -> None:
    finished = await drawn(server, *looks)
    assert finished.failed and told in finished.output, finished.output
    assert len(server.paths) <= 5


async def test_a_task_without_end_ends_at_the_deadline_and_is_not_begun_again(server: HostileServer) -> None:
    finished = await drawn(server, state("WEAVING"), pace=Pace(first_s=0.01, longest_s=0.01, deadline_s=0.05))
    assert finished.failed and "'t/7'" in finished.output and "'WEAVING'" in finished.output
    assert "do not begin another" in finished.output and "Tell the person its id" in finished.output


@pytest.mark.parametrize("id_at", ["output.job", "nothing", "header:Location"])
async def test_an_answer_without_an_id_is_told(server: HostileServer, id_at: str) -> None:
    finished = await drawn(server, state("RUNNING"), id_at=id_at)
    assert finished.failed and f"no id at {id_at!r}" in finished.output and "t/7" in finished.output
    assert server.paths == ["/draw"]


@pytest.mark.parametrize("where", ["/tasks/t%2F7", "https://elsewhere.example/x/tasks/t%2F7?a=b", "/jobs/t%2F7"])
async def test_an_address_gives_the_id_and_is_not_followed(server: HostileServer, where: str) -> None:
    server.answers["/draw"] = said("", 202, f"Operation-Location: {where}\r\n")
    finished = await drawn(server, state("SUCCEEDED"), id_at="header:operation-location")
    expected = ["/draw", "/tasks/t%2F7"] if "/tasks/" in where else ["/draw"]
    assert (server.paths, finished.failed) == (expected, len(expected) == 1)


async def test_the_status_tells_where_no_state_does(server: HostileServer) -> None:
    finished = await drawn(server, said("{}", 202), said('{"cat": 1}'), state_at="")
    assert (finished.output, finished.failed) == ('{"cat":1}', False)


async def test_stopping_ends_the_looks(server: HostileServer) -> None:
    looked = asyncio.Event()

    async def look(writer: asyncio.StreamWriter) -> None:
        writer.write(state("RUNNING"))
        looked.set()

    server.answers["/tasks/t%2F7"] = look
    waiting = asyncio.create_task(drawn(server))
    await looked.wait()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting


def test_a_wait_that_could_write_is_no_wait() -> None:
    found = read_description(describing(DRAW, LOOK))
    entry = found.waits["draw"].model_dump(mode="json")
    kept = {
        "server": "https://x.example",
        "waits": {"a": entry, "b": {**entry, "look": found.operations[0].model_dump()}},
    }
    assert list(Api.model_validate(kept).waits) == ["a"]
