"""Calls of imported operations: the request as it goes over the wire, what comes back, and what never goes anywhere."""

import asyncio
import json
import time
from collections.abc import AsyncGenerator
from typing import Any

import pytest

from tests.fakes.hostile_server import HostileServer, endless_body, page
from tests.openapi import OWN_NETWORK, asked, body, describing, parameter
from user_agent.assembly import usable_tools
from user_agent.config import AgentConfig
from user_agent.net import Http
from user_agent.openapi.description import read_description
from user_agent.openapi.sending import key_name
from user_agent.openapi.stored import Api, Auth
from user_agent.openapi.tools import operation_tool
from user_agent.tools.base import ToolContext

KEY = "canary-key-4711"
OK = page(b'{"ok": true}', media_type="application/json")


@pytest.fixture
async def server() -> AsyncGenerator[HostileServer, None]:
    async with HostileServer() as server:
        server.fallback = OK
        yield server


LIST = {"type": "array", "items": {"type": "string"}}
OBJECT = {"type": "object", "properties": {"a": {"type": "integer"}, "b": {"type": "string"}}}


@pytest.mark.parametrize(
    ("described", "value", "target"),
    [
        (parameter("q"), "a b&c=d", "/x?q=a%20b%26c%3Dd"),
        (parameter("q", schema=LIST), ["a", "b"], "/x?q=a&q=b"),
        (parameter("q", schema=LIST, explode=False), ["a", "b"], "/x?q=a%2Cb"),
        (parameter("q", schema=LIST, style="pipeDelimited", explode=False), ["a", "b"], "/x?q=a%7Cb"),
        (parameter("q", schema=LIST, style="spaceDelimited", explode=False), ["a", "b"], "/x?q=a%20b"),
        (parameter("q", schema=OBJECT), {"a": 1, "b": "x"}, "/x?a=1&b=x"),
        (parameter("q", schema=OBJECT, style="deepObject"), {"a": 1, "b": "x"}, "/x?q[a]=1&q[b]=x"),
        (parameter("q", schema={"type": "boolean"}), True, "/x?q=true"),
        (parameter("page[size]", schema={"type": "integer"}), 5, "/x?page[size]=5"),
    ],
)
async def test_query_parameters_are_written_in_their_style(
    server: HostileServer, described: dict[str, Any], value: Any, target: str
) -> None:
    argument = "page_size" if described["name"] == "page[size]" else "q"
    finished = await asked({"path": "/x", "parameters": [described]}, {argument: value}, server.base_url)
    assert (finished.output, finished.failed) == ('{"ok":true}', False)
    assert server.paths == [target]


@pytest.mark.parametrize(
    ("more", "value", "target"),
    [
        ({}, "a/b c?", "/x/a%2Fb%20c%3F/y"),
        ({"schema": LIST}, ["a", "b"], "/x/a,b/y"),
        ({"schema": LIST, "style": "label"}, ["a", "b"], "/x/.a.b/y"),
        ({"schema": LIST, "style": "matrix"}, ["a", "b"], "/x/;id=a%2Cb/y"),
        ({"schema": OBJECT, "explode": True}, {"a": 1, "b": "x"}, "/x/a=1,b=x/y"),
    ],
)
async def test_path_parameters_are_one_step_of_the_path(
    server: HostileServer, more: dict[str, Any], value: Any, target: str
) -> None:
    operation = {
        "path": "/x/{id}/y",
        "parameters": [{"name": "id", "in": "path", "schema": {"type": "string"}, **more}],
    }
    await asked(operation, {"id": value}, server.base_url + "/")
    assert server.paths == [target]


@pytest.mark.parametrize("value", ["..", ".", ""])
async def test_a_path_parameter_never_leads_elsewhere(server: HostileServer, value: str) -> None:
    operation = {"path": "/x/{id}/y", "parameters": [parameter("id", "path")]}
    finished = await asked(operation, {"id": value}, server.base_url)
    assert finished.failed and "Give another value" in finished.output
    assert server.asked == []


async def test_headers_and_cookies_are_sent_and_cannot_be_broken_out_of(server: HostileServer) -> None:
    operation = {
        "path": "/x",
        "operationId": "x",
        "parameters": [parameter("X-Trace", "header"), parameter("sid", "cookie")],
    }
    await asked(operation, {"X-Trace": "t1", "sid": "a;b"}, server.base_url)
    assert (server.asked[0].headers["x-trace"], server.asked[0].headers["cookie"]) == ("t1", "sid=a%3Bb")
    finished = await asked(operation, {"X-Trace": "t\r\nX-Evil: 1"}, server.base_url)
    assert finished.failed and len(server.asked) == 1


FIELDS = {"name": {"type": "string"}, "tags": LIST, "at": OBJECT}
VALUE = {"name": "a b", "tags": ["x", "y"], "at": {"a": 1}}


@pytest.mark.parametrize(
    ("described", "sent"),
    [
        (body("application/json", FIELDS), b'{"name":"a b","tags":["x","y"],"at":{"a":1}}'),
        (body("application/x-www-form-urlencoded", FIELDS), b"name=a%20b&tags=x&tags=y&at=%7B%22a%22%3A1%7D"),
        (
            body("application/x-www-form-urlencoded", FIELDS, encoding={"at": {"style": "deepObject"}}),
            b"name=a%20b&tags=x&tags=y&at[a]=1",
        ),
    ],
    ids=["json", "form", "deep form"],
)
async def test_bodies_are_written_in_their_encoding(
    server: HostileServer, described: dict[str, Any], sent: bytes
) -> None:
    await asked({"path": "/x", "method": "post", "requestBody": described}, {"body": VALUE}, server.base_url)
    assert server.asked[0].body == sent
    assert server.asked[0].headers["content-type"] == next(iter(described["content"]))


DEEP = {"input": {"type": "object", "properties": {"text": OBJECT}}, "n": {"type": "integer"}}


@pytest.mark.parametrize(
    "arguments",
    [
        {"input.text.a": 1, "input.text.b": "x", "n": 2},
        {"body.input.text.a": 1, "body.input.text.b": "x", "body.n": 2},
        {"body": {"input.text.a": 1, "n": 2}, "input.text.b": "x"},
        {"body": {"input": {"text": {"a": 1}}, "n": 2, "input.text.b": "x"}},
    ],
    ids=["dotted", "with the body", "mixed", "within"],
)
async def test_dotted_names_are_taken_as_the_objects_they_stand_for(
    server: HostileServer, arguments: dict[str, Any]
) -> None:
    operation = {"path": "/x", "method": "post", "requestBody": body("application/json", DEEP)}
    finished = await asked(operation, arguments, server.base_url)
    assert not finished.failed, finished.output
    assert json.loads(server.asked[0].body) == {"input": {"text": {"a": 1, "b": "x"}}, "n": 2}


async def test_a_dotted_name_that_the_body_does_not_have_is_told(server: HostileServer) -> None:
    operation = {"path": "/x", "method": "post", "requestBody": body("application/json", DEEP)}
    finished = await asked(operation, {"output.text": 1}, server.base_url)
    assert finished.failed and "output.text" in finished.output and server.asked == []


async def test_a_name_of_thousands_of_steps_is_one_name(server: HostileServer) -> None:
    operation = {"path": "/x", "method": "post", "requestBody": body("application/json", DEEP)}
    name = f"input{'.a' * 5_000}"
    for arguments in ({name: 1}, {"body": {name: 1}}):
        assert not (await asked(operation, arguments, server.base_url)).failed
    assert [json.loads(each.body) for each in server.asked] == [{name: 1}, {name: 1}]


async def test_a_multipart_form_carries_its_file(server: HostileServer) -> None:
    fields = {"note": {"type": "string"}, "file": {"type": "string", "format": "binary"}}
    operation = {"path": "/x", "method": "post", "requestBody": body("multipart/form-data", fields)}
    await asked(operation, {"body": {"note": "hi", "file": "one,two"}}, server.base_url)
    got = server.asked[0]
    boundary = got.headers["content-type"].partition("boundary=")[2]
    assert got.body.count(f"--{boundary}".encode()) == 3
    assert b'name="note"\r\n\r\nhi\r\n' in got.body
    assert b'name="file"; filename="file.txt"\r\ncontent-type: text/plain; charset=utf-8\r\n\r\none,two' in got.body


@pytest.mark.parametrize(
    ("auth", "key", "header", "target"),
    [
        (Auth(kind="bearer"), KEY, ("authorization", f"Bearer {KEY}"), "/x"),
        (Auth(kind="basic"), "anna:pass", ("authorization", "Basic YW5uYTpwYXNz"), "/x"),
        (Auth(kind="api_key", name="X-Key"), KEY, ("x-key", KEY), "/x"),
        (Auth(kind="api_key", place="query", name="k"), KEY, ("accept", "application/json"), f"/x?k={KEY}"),
        (Auth(kind="api_key", place="cookie", name="k"), KEY, ("cookie", f"k={KEY}"), "/x"),
    ],
    ids=["bearer", "basic", "header", "query", "cookie"],
)
async def test_the_key_goes_where_the_description_says(
    server: HostileServer, auth: Auth, key: str, header: tuple[str, str], target: str
) -> None:
    await asked({"path": "/x"}, {}, server.base_url, auth=auth, key=key)
    assert server.asked[0].headers[header[0]] == header[1]
    assert server.paths == [target]


async def test_a_key_that_an_answer_repeats_is_not_shown_to_the_model(server: HostileServer) -> None:
    server.fallback = page(f'{{"you sent": "Bearer {KEY}"}}'.encode(), media_type="application/json")
    finished = await asked({"path": "/x"}, {}, server.base_url, auth=Auth(kind="bearer"), key=KEY)
    assert "[key]" in finished.output and KEY not in finished.output


async def test_a_redirect_to_another_origin_gets_no_key(server: HostileServer) -> None:
    async with HostileServer() as other:
        other.fallback = OK
        server.redirects("/x", f"{other.base_url}/y")
        await asked({"path": "/x"}, {}, server.base_url, auth=Auth(kind="api_key", name="X-Key"), key=KEY)
        assert len(other.asked) == 1 and KEY not in str(other.asked[0])


async def test_an_operation_on_another_server_gets_no_key(server: HostileServer) -> None:
    async with HostileServer() as other:
        other.fallback = OK
        operation = {"path": "/x", "servers": [{"url": other.base_url}]}
        await asked(operation, {}, server.base_url, auth=Auth(kind="bearer"), key=KEY)
        assert "authorization" not in other.asked[0].headers and server.asked == []


async def test_arguments_that_do_not_fit_are_told_before_anything_is_asked(server: HostileServer) -> None:
    operation = {"path": "/x", "parameters": [parameter("n", schema={"type": "integer"}, required=True)]}
    for arguments, told in (({}, "'n' is a required"), ({"n": "five"}, "n: 'five'"), ({"n": 1, "m": 2}, "'m' was")):
        finished = await asked(operation, arguments, server.base_url)
        assert finished.failed and told in finished.output
    assert server.asked == []


NAMES = {"type": "string", "enum": [f"name {number}" for number in range(3_000)]}


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        (
            {"anyOf": [{"type": "array", "items": NAMES}, {"type": "array", "items": {"type": "null"}}]},
            ["none"] * 5_000,
        ),
        ({"type": "array", "uniqueItems": True, "items": {}}, [{"at": number} for number in range(5_000)]),
    ],
)
async def test_arguments_beyond_all_bounds_keep_nobody_waiting(
    server: HostileServer, schema: dict[str, Any], value: list[Any]
) -> None:
    operation = {"path": "/x", "method": "post", "requestBody": body("application/json", {"items": schema})}
    started = time.monotonic()
    await asked(operation, {"body": {"items": value}}, server.base_url)
    assert time.monotonic() - started < 4


@pytest.mark.parametrize(("status", "cure"), [(401, "key was not accepted"), (404, "Check the ids"), (503, "for now")])
async def test_a_refusal_is_a_sentence_with_what_the_api_said(server: HostileServer, status: int, cure: str) -> None:
    said = b'{"message": "no such thing"}'
    server.fallback = page(said, media_type="application/json").replace(b" 200 ", f" {status} ".encode(), 1)
    finished = await asked({"path": "/x", "operationId": "look"}, {}, server.base_url)
    assert finished.failed
    assert f"status {status}" in finished.output and cure in finished.output and "no such thing" in finished.output


async def test_odd_answers_are_bounded_and_clean(server: HostileServer) -> None:
    server.fallback = page(b"\x1b[31mred\x1b[0m\x00\xff" + b"x" * 100_000)
    finished = await asked({"path": "/x"}, {}, server.base_url)
    assert finished.output.startswith("red\ufffdxxx") and "[cut: " in finished.output[-60:]
    server.fallback = page(b"[" * 1_000_000, media_type="application/json")
    assert (await asked({"path": "/x"}, {}, server.base_url)).output.startswith("[[[")
    server.fallback = page(b"\x89PNG", media_type="image/png")
    assert "4 bytes of image/png" in (await asked({"path": "/x"}, {}, server.base_url)).output
    server.fallback = endless_body
    finished = await asked({"path": "/x"}, {}, server.base_url)
    assert finished.failed and "2,000,000 bytes" in finished.output


@pytest.mark.parametrize("host", ["169.254.169.254", "100.100.100.200", "127.0.0.1:9", "[::ffff:a9fe:a9fe]"])
async def test_a_server_on_no_public_address_is_refused_when_it_is_called(host: str) -> None:
    api = Api(server=f"http://{host}", operations=read_description(describing({"path": "/x"})).operations)
    tool = operation_tool("shop", api, api.operations[0], "x")
    async with Http() as http:
        with pytest.raises(Exception, match="not on the public internet"):
            await tool.call({}, ToolContext(http=http, language="en"))


async def test_calls_at_once_keep_their_own_path_and_key(server: HostileServer) -> None:
    operation = {"path": "/{name}", "parameters": [parameter("name", "path")]}
    operations = read_description(describing(operation)).operations
    api = Api(server=server.base_url, auth=Auth(kind="bearer"), operations=operations)
    tool = operation_tool("shop", api, api.operations[0], "x")
    async with Http(policy=OWN_NETWORK) as http:

        async def call(name: str) -> None:
            await tool.call({"name": name}, ToolContext(http=http, secrets={key_name("shop", api): f"key-of-{name}"}))

        await asyncio.gather(*(call(f"user{number}") for number in range(100)))
    assert {(each.target, each.headers["authorization"]) for each in server.asked} == {
        (f"/user{number}", f"Bearer key-of-user{number}") for number in range(100)
    }


def config_with(*apis: Api) -> AgentConfig:
    stored = {f"api{number}": api.model_dump(mode="json", exclude_defaults=True) for number, api in enumerate(apis)}
    return AgentConfig.from_json(json.dumps({"tools": {"calculator": {"use": True}}, "openapi": stored}))


async def test_tools_of_the_same_name_stay_apart_and_none_replaces_a_built_in_one() -> None:
    text = describing({"path": "/c", "operationId": "calculator"}, {"path": "/f", "operationId": "find"})
    api = Api(server="https://api.example.com", operations=read_description(text).operations)
    async with Http() as http:
        tools = usable_tools(config_with(api, api), ToolContext(http=http))
    assert list(tools) == ["calculator", "calculator_2", "find", "calculator_3", "find_2"]
    assert tools["calculator"].sends.en == ""


async def test_operations_without_their_key_are_not_offered() -> None:
    text = describing({"path": "/a", "operationId": "look"}, {"path": "/a", "method": "post", "operationId": "change"})
    operations = read_description(text).operations
    free = Api(server="https://api.example.com", operations=operations)
    locked = Api(server="https://locked.example.com", auth=Auth(kind="bearer"), operations=operations)
    async with Http() as http:
        assert list(usable_tools(config_with(free), ToolContext(http=http))) == ["calculator", "look", "change"]
        assert list(usable_tools(config_with(locked), ToolContext(http=http))) == ["calculator"]
        secrets = {key_name("api0", locked): KEY}
        opened = usable_tools(config_with(locked), ToolContext(http=http, secrets=secrets))
        assert list(opened) == ["calculator", "look", "change"]


async def test_a_schema_from_anywhere_fetches_nothing_and_runs_no_pattern(server: HostileServer) -> None:
    operation = read_description(describing({"path": "/x", "parameters": [parameter("q")]})).operations[0]
    evil = {"type": "object", "properties": {"q": {"$ref": f"{server.base_url}/schema"}}}
    slow = {"type": "object", "properties": {"q": {"type": "string", "pattern": "^(a+)+$"}}}
    for schema in (evil, slow):
        changed = operation.model_copy(update={"arguments": schema})
        api = Api(server=server.base_url, operations=(changed,))
        async with Http(policy=OWN_NETWORK) as http:
            tool = operation_tool("shop", api, changed, "x")
            async with asyncio.timeout(5):
                await tool.call({"q": "a" * 40 + "!"}, ToolContext(http=http))
    assert [target.partition("?")[0] for target in server.paths] == ["/x", "/x"]
