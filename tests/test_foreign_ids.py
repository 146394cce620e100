"""Two people on one server: no route gives one of them anything of the other's, whatever ids they send.

The routes are those that the running server describes, so a new one is tried without a word here. Only a new kind of id
has to be told: `Person.ids` says how somebody comes to one.
"""

import importlib
import itertools
import json
import pkgutil
import re
import sqlite3
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from fastapi.routing import APIRoute

import agentfabric.api
from tests.client import Answer, Client
from tests.conftest import Serve
from tests.fakes.openai_server import FakeOpenAI
from tests.fakes.openai_talents import Talents
from tests.knowing import settled
from tests.openapi import describing
from tests.pictures import png

TOKENS = {"AGENTFABRIC_TOKENS": "ann:the-token-of-ann,bob:the-token-of-bob"}
CANARY = "canary-of-ann"
FIXED = {"name": "AMAP_TOKEN", "number": "1", "field": "name"}
"""Parameters of paths that are no ids: they name something of one's own, or of what an id before them names."""

Body = Mapping[str, Any]


@dataclass(frozen=True)
class Route:
    method: str
    template: str
    body: dict[str, Any]
    """The schema of a JSON body; empty where there is none."""

    @property
    def parameters(self) -> list[str]:
        return re.findall(r"{(\w+)", self.template)

    def path(self, ids: Mapping[str, str]) -> str:
        return self.template.format(**ids)


@dataclass(frozen=True)
class Person:
    """Somebody with one of everything."""

    headers: dict[str, str]
    ids: dict[str, str]


@dataclass(frozen=True)
class World:
    client: Client
    home: Path
    routes: list[Route]
    ann: Person
    bob: Person

    def kept(self) -> list[str]:
        """Everything that the server keeps, as text."""
        with closing(sqlite3.connect(self.home / "agentfabric.db")) as database:
            return [*database.iterdump(), *sorted(file.name for file in (self.home / "blobs").iterdir())]

    def kept_of_ann(self) -> list[str]:
        """The rows that are ann's, or that name something of hers as what they belong to."""
        hers = {"ann", *self.ann.ids.values()}
        with closing(sqlite3.connect(self.home / "agentfabric.db")) as database:
            database.row_factory = sqlite3.Row
            tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            rows = [(table, dict(row)) for table in tables for row in database.execute(f"SELECT * FROM {table}")]
        return [
            f"{table} {row}"
            for table, row in rows
            if hers & {str(value) for name, value in row.items() if name in ("id", "owner") or name.endswith("_id")}
        ]


@pytest.fixture
async def world(serve: Serve, home: Path) -> AsyncGenerator[World, None]:
    async with (
        FakeOpenAI(fallback=Talents()) as model,
        serve(**TOKENS, AGENTFABRIC_TRUSTED_ORIGINS=model.base_url) as client,
    ):
        ann = await _person(client, "ann", CANARY, model.base_url)
        bob = await _person(client, "bob", "something", model.base_url)
        schema = await client.get("/openapi.json", headers=ann.headers)
        yield World(client, home, [*_routes(schema)], ann, bob)


async def test_a_path_with_an_id_of_somebody_else_is_nowhere(world: World) -> None:
    before = world.kept()
    tried = 0
    for route in world.routes:
        wanted = [name for name in route.parameters if name not in FIXED]
        unknown = set(wanted) - set(world.ann.ids)
        assert not unknown, f"{route.template}: say in `_person` how somebody comes to {unknown}"
        for owners in itertools.product((world.bob, world.ann), repeat=len(wanted)):
            if world.ann not in owners:
                continue
            ids = {name: owner.ids[name] for name, owner in zip(wanted, owners, strict=True)} | FIXED
            unlikely = {name: "0" * 24 if name.endswith("_id") else value for name, value in ids.items()}
            theirs = await _statuses(world, route, ids)
            assert 404 in theirs.values(), f"{route.method} {route.path(ids)}: {theirs}. Which body reaches the ids?"
            assert not [status for status in theirs.values() if status < 400], f"{route.method} {route.path(ids)}"
            assert theirs == await _statuses(world, route, unlikely), f"{route.template} tells what there is"
            tried += 1
    assert tried > 30
    assert world.kept() == before


async def test_an_id_of_somebody_else_in_a_body_brings_nothing_of_theirs(world: World) -> None:
    before = world.kept_of_ann()
    assert len(before) > 5
    for route in world.routes:
        own = world.bob.ids | FIXED
        for body in _bodies(route):
            for field, value in itertools.product(body.get("json", {}), world.ann.ids.values()):
                sent = [value] if isinstance(body["json"][field], list) else value
                changed = {"json": {**body["json"], field: sent}}
                answer = await _ask(world, route, own, changed)
                assert answer.status < 500, f"{route.method} {route.template} {changed}: {answer.body}"
                assert CANARY not in str(answer.body), f"{route.method} {route.template} {changed}"
    assert world.kept_of_ann() == before


async def test_what_is_shown_without_an_id_is_ones_own(world: World) -> None:
    shown = [route for route in world.routes if route.method == "GET" and not route.parameters]
    assert len(shown) > 4
    for route in shown:
        answer = await world.client.call("GET", route.template, headers=world.bob.headers)
        assert CANARY not in str(answer.body), route.template
        assert not [value for value in world.ann.ids.values() if len(value) > 8 and value in str(answer.body)]


async def test_a_session_opens_what_its_token_opens(world: World) -> None:
    """The cookie and the token are one lock, also where both come and disagree."""
    signed_in = await world.client.call("GET", "/?token=the-token-of-bob")
    cookie = {"Cookie": signed_in.headers["set-cookie"].split(";")[0]}
    for route in world.routes:
        if route.method != "GET":
            continue
        for person in (world.ann, world.bob):
            path = route.path(person.ids | FIXED)
            by_token, by_cookie, by_both = [
                (await world.client.call("GET", path, headers=headers)).status
                for headers in (world.bob.headers, cookie, {**cookie, **world.ann.headers})
            ]
            assert by_token == by_cookie, path
            assert (by_both == 404) is (person is world.bob and bool(route.parameters)), path


def test_every_route_with_an_id_is_described() -> None:
    for module in pkgutil.iter_modules(agentfabric.api.__path__):
        router = getattr(importlib.import_module(f"agentfabric.api.{module.name}"), "router", None)
        for route in router.routes if router else ():
            assert not isinstance(route, APIRoute) or "{" not in route.path or route.include_in_schema, route.path


async def _person(client: Client, user: str, mark: str, model_url: str) -> Person:
    headers = {"Authorization": f"Bearer the-token-of-{user}"}
    servers = {mark: {"url": f"{model_url}/mcp", "headers": {"X-Key": mark}}}
    config = {"name": mark, "instruction": mark, "prompt_recommend": [mark], "mcpServers": servers}
    agent = (await client.post("/api/agents", headers=headers, json={"config": config}))["id"]
    path = f"/api/agents/{agent}"
    conversation = (await client.post(f"{path}/conversations", headers=headers))["id"]
    asked = aiohttp.FormData()
    asked.add_field("text", mark)
    asked.add_field("files", png(1, 1), filename=f"{mark}.png")
    events = await client.collect("POST", f"{path}/conversations/{conversation}/messages", headers=headers, data=asked)
    shown = await client.get(f"{path}/conversations/{conversation}", headers=headers)
    message = shown["messages"][0]
    known = aiohttp.FormData()
    known.add_field("files", mark.encode(), filename=f"{mark}.txt")
    knowledge = (await client.post(f"{path}/knowledge", headers=headers, data=known))[0]["id"]
    await settled(client, agent, headers=headers)
    built = await client.collect("POST", f"{path}/builder", headers=headers, json={"text": f"Call it {mark} two"})
    changes = await client.get(f"{path}/changes", headers=headers)
    await client.call("PUT", "/api/secrets/AMAP_TOKEN", headers=headers, json={"value": mark})
    api = {"text": describing({"path": "/x", "operationId": "x"}), "operations": ["x"], "key": mark}
    await client.post(f"{path}/apis", headers=headers, json=api)
    await client.post(f"{path}/releases", headers=headers, json={"note": mark})
    place = {"target": "git", "options": {"url": "https://127.0.0.1:1"}}
    sent = await client.collect("POST", f"{path}/publications", headers=headers, json=place)
    ids = await _of_models(client, headers, mark, model_url) | {
        "agent_id": agent,
        "conversation_id": conversation,
        "turn_id": events[0].data["turn"],
        "turn": built[0].data["turn"],
        "change_id": changes[0]["id"],
        "key_id": (await client.post(f"{path}/keys", headers=headers, json={"label": mark}))["id"],
        "message_id": message["id"],
        "file_id": next(part["file"] for part in message["parts"] if part["type"] == "file"),
        "knowledge_id": knowledge,
        "fact_id": (await client.post(f"{path}/memory", headers=headers, json={"text": mark}))["id"],
        "publication_id": sent[0].data["publication"],
        "link_id": (await client.post(f"{path}/links", headers=headers, json={}))["id"],
        "server_id": (await client.get(f"{path}/mcp", headers=headers))[0]["id"],
        "api_id": (await client.get(f"{path}/apis", headers=headers))[0]["id"],
    }
    return Person(headers, {name: str(value) for name, value in ids.items()})


async def _of_models(client: Client, headers: dict[str, str], mark: str, model_url: str) -> dict[str, str]:
    """An endpoint of one's own with a model that was tried."""
    new = {"url": model_url, "key": mark, "name": mark, "models": [{"model": f"model-of-{mark[-3:]}"}]}
    endpoint = await client.post("/api/endpoints", headers=headers, json=new)
    model = endpoint["models"][0]
    trial = await client.collect("POST", "/api/trials", headers=headers, json={"model": model["key"]})
    return {
        "endpoint_id": endpoint["id"],
        "model_id": model["id"],
        "model_key": model["key"],
        "trial_id": trial[0].data["trial"],
    }


def _routes(schema: Body) -> Iterator[Route]:
    for template, methods in schema["paths"].items():
        for method, described in methods.items():
            content = described.get("requestBody", {}).get("content", {})
            body = content.get("application/json", {}).get("schema", {})
            if template.startswith("/api/"):
                yield Route(method.upper(), template, _resolved(body, schema))


def _bodies(route: Route) -> list[dict[str, Any]]:
    """Bodies of which a route takes one, so that only the ids can be wrong."""
    if route.method in ("GET", "DELETE"):
        return [{}]
    filled = {"json": {name: _sample(value) for name, value in route.body.get("properties", {}).items()}}
    return [filled, {"json": {"name": "x"}}, {"data": png(1, 1)}, {"files": b"text"}, {}]


def _sample(schema: Body) -> Any:
    """A value that fits a JSON schema, as small as possible."""
    choices = schema.get("anyOf") or schema.get("oneOf") or [schema]
    first = next((choice for choice in choices if choice.get("type") != "null"), {})
    if "enum" in first:
        return first["enum"][0]
    match first.get("type"):
        case "integer" | "number":
            return 1
        case "boolean":
            return True
        case "array":
            return [_sample(first["items"])] if "items" in first else []
        case "object":
            return {name: _sample(value) for name, value in first.get("properties", {}).items()}
        case _:
            return "2099-01-01T00:00:00Z" if first.get("format") == "date-time" else "x"


def _resolved(part: Any, schema: Body) -> Any:
    """A part of the description with its references put in."""
    if isinstance(part, dict):
        if "$ref" in part:
            found: Any = schema
            for step in str(part["$ref"]).removeprefix("#/").split("/"):
                found = found[step]
            return _resolved(found, schema)
        return {name: _resolved(value, schema) for name, value in part.items()}
    return [_resolved(value, schema) for value in part] if isinstance(part, list) else part


async def _statuses(world: World, route: Route, ids: Mapping[str, str]) -> dict[str, int]:
    """What bob is answered, by the body that he sent."""
    return {repr(body): (await _ask(world, route, ids, body)).status for body in _bodies(route)}


async def _ask(world: World, route: Route, ids: Mapping[str, str], body: Body) -> Answer:
    sent = dict(body)
    if "files" in sent:
        form = aiohttp.FormData()
        form.add_field("files", sent.pop("files"), filename="x.txt")
        sent["data"] = form
    headers = {**world.bob.headers, "If-Match": '"1"'}
    if "json" in sent:
        sent = {"data": json.dumps(sent["json"]).encode()}
        headers["Content-Type"] = "application/json"
    return await world.client.call(route.method, route.path(ids), headers=headers, **sent)
