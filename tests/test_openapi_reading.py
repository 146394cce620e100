"""Descriptions of APIs, real ones and hostile ones, read into operations."""

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest

from tests.openapi import body, describing, parameter
from user_agent.openapi.description import Description, read_description
from user_agent.openapi.references import Unusable

FOLDER = Path(os.environ.get("AGENTFABRIC_TEST_DATA", "../shared/data")) / "openapi"


def schema_of(description: Description, name: str) -> dict[str, Any]:
    return dict(next(operation for operation in description.operations if operation.name == name).arguments)


def refusal(text: str) -> str:
    with pytest.raises(Unusable) as caught:
        read_description(text)
    return caught.value.words.en


@pytest.mark.skipif(not FOLDER.is_dir(), reason=f"{FOLDER} is not here; point AGENTFABRIC_TEST_DATA at the test data")
def test_published_descriptions_import_whole() -> None:
    read = {file.name: read_description(file.read_text(encoding="utf-8")) for file in sorted(FOLDER.iterdir())}
    assert len(read) == 46
    assert {name: found.left_out for name, found in read.items() if found.left_out} == {}
    assert sum(len(found.operations) for found in read.values()) == 542
    # Seven describe only what the vendor sends by itself: there is nothing to call, and they say how many messages.
    assert [found.webhooks > 0 for found in read.values() if not found.operations] == [True] * 7
    names = [[operation.name for operation in found.operations] for found in read.values()]
    assert all(len(set(each)) == len(each) for each in names)


@pytest.mark.skipif(not FOLDER.is_dir(), reason=f"{FOLDER} is not here; point AGENTFABRIC_TEST_DATA at the test data")
def test_a_real_description_says_what_an_operation_takes() -> None:
    text = (FOLDER / "twilio-oai__twilio_verify_v2.yaml").read_text(encoding="utf-8")
    description = read_description(text)
    operation = next(each for each in description.operations if each.name == "CreateVerification")
    assert (operation.method, operation.path) == ("POST", "/v2/Services/{ServiceSid}/Verifications")
    assert operation.body is not None and operation.body.encoding == "form"
    assert operation.arguments["required"] == ["ServiceSid"] or "body" in operation.arguments["required"]
    fields = schema_of(description, "CreateVerification")["properties"]["body"]
    assert {"To", "Channel"} <= set(fields["properties"]) and fields["required"] == ["To", "Channel"]
    assert description.auths[0].kind == "basic"


def test_nesting_arrays_enums_and_references_are_written_out() -> None:
    line = {
        "type": "object",
        "required": ["sku"],
        "properties": {"sku": {"type": "string"}, "count": {"type": "integer"}},
    }
    order = {
        "type": "object",
        "required": ["lines", "id"],
        "properties": {
            "id": {"type": "string", "readOnly": True},
            "state": {"type": "string", "enum": ["new", "paid"], "nullable": True},
            "lines": {"type": "array", "items": {"$ref": "#/components/schemas/Line"}},
        },
    }
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Order"}}}
    text = describing(
        {
            "path": "/orders",
            "method": "post",
            "operationId": "order",
            "requestBody": {"required": True, "content": content},
        },
        components={"schemas": {"Line": line, "Order": order}},
    )
    assert schema_of(read_description(text), "order") == {
        "type": "object",
        "properties": {
            "body": {
                "type": "object",
                "properties": {
                    "state": {"type": ["string", "null"], "enum": ["new", "paid", None]},
                    "lines": {"type": "array", "items": line},
                },
                "required": ["lines"],
            }
        },
        "required": ["body"],
        "additionalProperties": False,
    }


def test_swagger_2_is_read_with_its_form_and_its_key() -> None:
    document = {
        "swagger": "2.0",
        "info": {"title": "Old"},
        "host": "old.example.com",
        "basePath": "/v1",
        "schemes": ["http", "https"],
        "securityDefinitions": {"key": {"type": "apiKey", "in": "query", "name": "k"}, "user": {"type": "basic"}},
        "paths": {
            "/pets/{id}": {
                "parameters": [{"name": "id", "in": "path", "required": True, "type": "integer"}],
                "get": {"parameters": [{"name": "tag", "in": "query", "type": "array", "items": {"type": "string"}}]},
                "post": {"parameters": [{"name": "photo", "in": "formData", "type": "file", "required": True}]},
            }
        },
    }
    description = read_description(json.dumps(document))
    assert description.servers == ("https://old.example.com/v1", "http://old.example.com/v1")
    assert [auth.kind for auth in description.auths] == ["api_key", "basic"]
    get, post = description.operations
    assert (get.name, get.parameters[1].explode) == ("get_pets_id", False)
    assert post.body is not None and (post.body.encoding, post.body.files) == ("multipart", ("photo",))


def test_the_predecessors_plugin_file_is_read_with_its_key() -> None:
    plugin = {
        "schema": json.loads(describing({"path": "/a", "operationId": "a"})),
        "auth": {"type": "API Key", "apikey": "canary-4711", "apikey_type": "Bearer"},
        "privacy_policy": "https://example.com/privacy",
    }
    description = read_description(json.dumps(plugin))
    assert [operation.name for operation in description.operations] == ["a"]
    assert description.auths[0].kind == "bearer"
    assert description.key is not None and description.key.get_secret_value() == "canary-4711"
    assert "canary" not in repr(description)


def test_an_operation_that_cannot_be_imported_is_named_and_the_others_are_there() -> None:
    text = describing(
        {"path": "/good", "operationId": "good"},
        {"path": "/raw", "method": "put", "requestBody": {"content": {"application/octet-stream": {}}}},
        {"path": "/lost/{id}"},
    )
    description = read_description(text)
    assert [operation.name for operation in description.operations] == ["good"]
    why = {each.operation: each.why.en for each in description.left_out}
    assert "application/octet-stream" in why["PUT /raw"] and "{id}" in why["GET /lost/{id}"]


@pytest.mark.parametrize("reference", ["http://127.0.0.1:9/x", "file:///etc/passwd", "other.yaml#/a"])
def test_a_reference_to_another_place_is_not_followed_and_its_line_is_named(reference: str) -> None:
    text = (
        "openapi: 3.0.0\ninfo: {title: T}\npaths:\n  /a:\n    get:\n      parameters:\n"
        f"      - {{name: q, in: query, schema: {{$ref: '{reference}'}}}}\n  /b:\n    get: {{operationId: b}}\n"
    )
    description = read_description(text)
    assert [operation.name for operation in description.operations] == ["b"]
    (left,) = description.left_out
    assert (left.operation, left.line) == ("GET /a", 7) and reference in left.why.en


def test_schemas_that_contain_themselves_end() -> None:
    node = {
        "type": "object",
        "properties": {"child": {"$ref": "#/components/schemas/Node"}, "name": {"type": "string"}},
    }
    text = describing(
        {
            "path": "/a",
            "operationId": "a",
            "parameters": [parameter("n", schema={"$ref": "#/components/schemas/Node"})],
        },
        {
            "path": "/c",
            "operationId": "c",
            "parameters": [parameter("n", schema={"$ref": "#/components/schemas/Loop"})],
        },
        components={"schemas": {"Node": node, "Loop": {"$ref": "#/components/schemas/Loop"}}},
    )
    description = read_description(text)
    assert schema_of(description, "a")["properties"]["n"]["properties"]["child"] == {"type": "object"}
    assert [each.operation for each in description.left_out] == ["GET /c"]


def test_schemas_that_multiply_are_bounded() -> None:
    schemas: dict[str, Any] = {"S0": {"type": "string"}}
    for level in range(1, 12):
        each = {"$ref": f"#/components/schemas/S{level - 1}"}
        schemas[f"S{level}"] = {
            "type": "object",
            "properties": {f"p{number}": each for number in range(9)},
            "allOf": [each] * 9,
        }
    text = describing(
        {
            "path": "/a",
            "operationId": "a",
            "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/S11"}}}},
        },
        components={"schemas": schemas},
    )
    started = time.monotonic()
    assert len(json.dumps(schema_of(read_description(text), "a"))) < 1_000_000
    assert time.monotonic() - started < 5


LONG = "x" * 400_000


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string", "enum": [LONG]},
        {"type": "string", "enum": [str(number) for number in range(60_000)]},
        {"type": "string", "default": LONG},
        {"type": "object", "const": {LONG: 1}},
        {"type": [LONG]},
        {"properties": {LONG: {"type": "string"}}},
    ],
    ids=["text", "many", "default", "const", "type", "name"],
)
def test_what_is_long_is_not_written_out_again_for_every_operation(schema: dict[str, Any]) -> None:
    shared = parameter("q", schema={"$ref": "#/components/schemas/Long"})
    paths = [{"path": f"/{number}", "parameters": [shared]} for number in range(200)]
    description = read_description(describing(*paths, components={"schemas": {"Long": schema}}))
    assert len(description.operations) == 200
    assert sum(operation.tokens for operation in description.operations) < 1_000_000


def test_bombs_of_aliases_and_of_merge_keys_are_refused_soon() -> None:
    levels = "".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]\n" for n in range(1, 11))
    merging = "".join(f"m{n}: &m{n} {{<<: [{', '.join([f'*m{n - 1}'] * 9)}]}}\n" for n in range(1, 11))
    started = time.monotonic()
    assert "more than 400,000 values" in refusal(f"openapi: 3.0.0\nl0: &l0 lol\n{levels}")
    assert "more than 400,000 values" in refusal(f"openapi: 3.0.0\nm0: &m0 {{a: 1}}\n{merging}")
    assert time.monotonic() - started < 10


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a: !!python/object/apply:os.getenv [HOME]", "line 1"),
        ('{"openapi": "3.0.0", "a": ' + "[" * 200 + "]" * 200 + "}", "nested more than 80"),
        ("[" * 100_000, "line 1"),
        ("x" * 3_000_001, "larger than 3 MB"),
        ("just words", "no object"),
        ('{"openapi": "3.0.0",', "line 1, column 21"),
        ('{"a": 1}', "neither"),
        ('{"openapi": "4.0.0"}', "OpenAPI 4.0.0"),
        ('{"swagger": "1.2"}', "Swagger 1.2"),
        ("a: &a [*a]", "nested more than 80"),
    ],
    ids=["python tag", "deep", "very deep", "large", "no object", "broken", "another document", "v4", "v1", "endless"],
)
def test_what_is_no_description_says_why(text: str, why: str) -> None:
    assert why in refusal(text)


def test_too_many_operations_are_refused() -> None:
    paths = {f"/p{number}": {"get": {}} for number in range(20_000)}
    assert "more than 3,000 operations" in refusal(json.dumps({"openapi": "3.0.0", "paths": paths}))


def test_yaml_words_stay_words() -> None:
    text = "openapi: 3.0.0\ninfo: {title: 2026-11-20}\npaths:\n  /a:\n    get:\n      operationId: a\n" + (
        "      parameters:\n      - {name: q, in: query, schema: {type: string, enum: [no, on, 12:30, 010]}}\n"
    )
    description = read_description(text)
    assert description.title == "2026-11-20"
    assert schema_of(description, "a")["properties"]["q"]["enum"] == ["no", "on", "12:30", "010"]


def test_servers_are_addresses_with_their_variables_filled_in() -> None:
    document = {
        "openapi": "3.0.0",
        "servers": [
            {
                "url": "{scheme}://{region}.example.com/v2",
                "variables": {"scheme": {"default": "https"}, "region": {"default": "eu"}},
            },
            {"url": "https://{unknown}.example.com"},
            {"url": "file:///etc/passwd"},
            {"url": "https://user:secret@example.com"},
        ],
        "paths": {},
    }
    assert read_description(json.dumps(document)).servers == ("https://eu.example.com/v2",)
    relative = {"openapi": "3.0.0", "servers": [{"url": "/api"}], "paths": {}}
    from_there = read_description(json.dumps(relative), source="https://docs.example.com/v1/openapi.json")
    assert from_there.servers == ("https://docs.example.com/api",)
    assert read_description(json.dumps(relative)).servers == ()


def test_bodies_are_described_by_how_they_are_written() -> None:
    kinds = {"application/vnd.shop+json": "json", "application/x-www-form-urlencoded": "form", "text/csv": "text"}
    for media_type, encoding in kinds.items():
        operation = {"path": "/a", "method": "post", "requestBody": body(media_type, {"x": {"type": "string"}})}
        found = read_description(describing(operation)).operations[0].body
        assert found is not None and found.encoding == encoding
