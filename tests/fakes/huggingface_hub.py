"""A Hugging Face hub over real HTTP, as far as Spaces are made, committed to and watched through `huggingface_hub`."""

import asyncio
import base64
import hashlib
import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, cast

import yaml
from aiohttp import web

from tests.fakes.http_fake import HttpFake

TOKEN, READ_TOKEN = "hf_the-token-that-may-write", "hf_the-token-that-may-read"
OWNER, TEAM = "ann", "team"
COLORS = {"red", "yellow", "green", "blue", "indigo", "purple", "pink", "gray"}
RUNNING = {"stage": "RUNNING", "hardware": {"current": "cpu-basic", "requested": "cpu-basic"}, "gcTimeout": 172800}
BUILDING = {"stage": "BUILDING", "hardware": {"current": None, "requested": "cpu-basic"}, "gcTimeout": 172800}

Json = dict[str, Any]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Repository:
    """A Space: its files by path, what was committed, and what its settings hold."""

    visibility: str
    files: dict[str, bytes]
    large: dict[str, str] = field(default_factory=dict[str, str])
    """The SHA-256 of those of its files that are kept as large ones."""
    log: list[str] = field(default_factory=lambda: ["initial commit"])
    secrets: list[str] = field(default_factory=list[str])
    variables: list[str] = field(default_factory=list[str])

    @property
    def sha(self) -> str:
        return hashlib.sha1(repr(self.log).encode(), usedforsecurity=False).hexdigest()


class Hub(HttpFake):
    """`stages` are what looks at a Space's runtime are answered with, one after the other, the last one for ever.

    `refuses` gives a part of a path the answer that whoever asks for it gets; `cuts` a part where the connection ends
    when the request has come.
    """

    def __init__(self) -> None:
        self.spaces: dict[str, Repository] = {}
        self.stages: list[Json] = [RUNNING]
        self.refuses: dict[str, web.Response] = {}
        self.cuts = ""
        self.others_write = False
        """Whether somebody else commits while files are sent."""
        self.asked: list[tuple[str, str]] = []
        """What was asked: method and path."""
        self.tokens: set[str] = set()
        self.stored: dict[str, bytes] = {}
        """Large files, by their SHA-256."""
        self.stores, self.go = asyncio.Event(), asyncio.Event()
        """Set once a large file has come, which is stored when `go` is set, as it is unless a test clears it."""
        self.go.set()

    def application(self) -> web.Application:
        app = web.Application(client_max_size=50_000_000, middlewares=[self._guard])
        space, git = "/api/spaces/{owner}/{name}", "/spaces/{owner}/{name}.git"
        app.add_routes(
            [
                web.get("/api/whoami-v2", self._whoami),
                web.post("/api/repos/create", self._create),
                web.post("/api/validate-yaml", self._validate),
                web.get(space, self._info),
                web.get(f"{space}/revision/{{revision}}", self._info),
                web.get(f"{space}/runtime", self._runtime),
                web.get(f"{space}/secrets", self._secrets),
                web.get(f"{space}/variables", self._variables),
                web.post(f"{space}/preupload/main", self._preupload),
                web.post(f"{space}/commit/main", self._commit),
                web.post(f"{git}/info/lfs/objects/batch", self._batch),
                web.put("/storage/{oid}", self._store),
            ]
        )
        return app

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        self.asked.append((request.method, request.path))
        for part, answer in self.refuses.items():
            if part in request.path:
                return web.Response(status=answer.status, body=answer.body, headers=answer.headers)
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        if request.path.startswith("/storage/"):
            assert not given, "storage is no part of the hub, and takes a signature"
            return await handler(request)
        self.tokens.add(given)
        if given not in (TOKEN, READ_TOKEN):
            return error(401, "Invalid credentials in Authorization header")
        if request.method == "POST" and given == READ_TOKEN:
            return error(403, "You have read access but not the required permissions for this operation")
        if self.cuts and self.cuts in request.path:
            await request.read()
            assert request.transport is not None
            request.transport.close()
            return web.Response()
        return await handler(request)

    async def _whoami(self, request: web.Request) -> web.Response:
        role = "write" if request.headers["authorization"].endswith(TOKEN) else "read"
        auth = {"type": "access_token", "accessToken": {"displayName": "studio", "role": role}}
        orgs = [{"type": "org", "name": TEAM, "roleInOrg": "write"}]
        return web.json_response({"type": "user", "id": "5f", "name": OWNER, "orgs": orgs, "auth": auth})

    async def _create(self, request: web.Request) -> web.Response:
        wish = await request.json()
        assert (wish["type"], wish["sdk"]) == ("space", "docker")
        owner = wish["organization"] or OWNER
        if owner not in (OWNER, TEAM):
            return error(403, f"You don't have the rights to create a space under the namespace {owner!r}")
        name, url = f"{owner}/{wish['name']}", f"{self.origin}/spaces/{owner}/{wish['name']}"
        if name in self.spaces:
            return web.json_response({"error": "You already created this space repo", "url": url}, status=409)
        fresh = {".gitattributes": b"*.bin filter=lfs -text\n", "README.md": b"---\nsdk: docker\n---\n"}
        self.spaces[name] = Repository(wish.get("visibility", "public"), fresh)
        return web.json_response({"url": url, "name": name, "id": "65"})

    async def _validate(self, request: web.Request) -> web.Response:
        given = await request.json()
        assert given["repoType"] == "space"
        errors = [{"message": each} for each in faults(given["content"])]
        return web.json_response({"errors": errors, "warnings": []}, status=400 if errors else 200)

    def _space(self, request: web.Request) -> Repository:
        try:
            return self.spaces[f"{request.match_info['owner']}/{request.match_info['name']}"]
        except KeyError:
            body = json.dumps({"error": "Repository not found"})
            raise web.HTTPNotFound(text=body, headers={"X-Error-Code": "RepoNotFound"}) from None

    async def _info(self, request: web.Request) -> web.Response:
        space = self._space(request)
        name = f"{request.match_info['owner']}/{request.match_info['name']}"
        files = [{"rfilename": path} for path in sorted(space.files)]
        told = {"_id": "65", "id": name, "sha": space.sha, "sdk": "docker", "siblings": files}
        return web.json_response({**told, "private": space.visibility == "private", "likes": 0, "tags": []})

    async def _runtime(self, request: web.Request) -> web.Response:
        self._space(request)
        return web.json_response(self.stages.pop(0) if len(self.stages) > 1 else self.stages[0])

    async def _secrets(self, request: web.Request) -> web.Response:
        told = {"updatedAt": "2026-11-01T10:00:00.000Z"}
        return web.json_response({key: {"key": key, **told} for key in self._space(request).secrets})

    async def _variables(self, request: web.Request) -> web.Response:
        return web.json_response({key: {"key": key, "value": "x"} for key in self._space(request).variables})

    async def _preupload(self, request: web.Request) -> web.Response:
        space, files = self._space(request), (await request.json())["files"]
        assert len(files) <= 256
        if self.others_write:
            space.log.append("another's")
        return web.json_response({"files": [self._mode(space, file) for file in files], "commitOid": space.sha})

    def _mode(self, space: Repository, file: Json) -> Json:
        sample = base64.b64decode(file["sample"])
        large = file["size"] > 10_000_000 or b"\0" in sample
        told: Json = {"path": file["path"], "uploadMode": "lfs" if large else "regular", "shouldIgnore": False}
        if file["path"] in space.large:
            told["oid"] = space.large[file["path"]]
        elif file["path"] in space.files:
            data = space.files[file["path"]]
            told["oid"] = hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()
        return told

    async def _batch(self, request: web.Request) -> web.Response:
        wish = await request.json()
        assert wish["operation"] == "upload" and "basic" in wish["transfers"] and wish["hash_algo"] == "sha256"
        objects = [{"oid": each["oid"], "size": each["size"]} for each in wish["objects"]]
        for each in objects:
            if each["oid"] not in self.stored:
                each["actions"] = {"upload": {"href": f"{self.origin}/storage/{each['oid']}?X-Amz-Signature=abc"}}
        body = json.dumps({"transfer": "basic", "objects": objects})
        return web.Response(text=body, content_type="application/vnd.git-lfs+json")

    async def _store(self, request: web.Request) -> web.Response:
        data = await request.read()
        self.stores.set()
        await self.go.wait()
        assert hashlib.sha256(data).hexdigest() == request.match_info["oid"]
        self.stored[request.match_info["oid"]] = data
        return web.Response(headers={"ETag": '"1"'})

    async def _commit(self, request: web.Request) -> web.Response:
        assert request.content_type == "application/x-ndjson"
        space = self._space(request)
        header, *lines = [json.loads(line) for line in (await request.text()).splitlines()]
        assert header["key"] == "header"
        if header["value"].get("parentCommit", space.sha) != space.sha:
            return error(412, "A commit has happened since. Please refresh and try again.")
        files, large = {**space.files}, {**space.large}
        for line in lines:
            value = line["value"]
            large.pop(value["path"], None)
            match line["key"]:
                case "file":
                    files[value["path"]] = base64.b64decode(value["content"])
                case "lfsFile":
                    files[value["path"]] = self.stored[value["oid"]]
                    large[value["path"]] = value["oid"]
                case "deletedFile":
                    del files[value["path"]]
                case other:
                    return error(400, f"Unknown operation {other}")
        space.files, space.large = files, large
        space.log.append(header["value"]["summary"])
        url = f"{self.origin}/spaces/{request.match_info['owner']}/{request.match_info['name']}/commit/{space.sha}"
        return web.json_response({"success": True, "commitOid": space.sha, "commitUrl": url, "hookOutput": ""})


def error(status: int, sentence: str) -> web.Response:
    """How the hub refuses."""
    return web.json_response({"error": sentence}, status=status, headers={"X-Error-Message": sentence})


def faults(readme: str) -> list[str]:
    """What the hub has against a Space's front matter, by its reference of the configuration of Spaces."""
    found = re.match(r"---\n(.*?)\n---\n", readme, re.DOTALL)
    card = cast(Json, yaml.safe_load(found[1]) if found else {})
    rules = {
        '"sdk" must be one of [gradio, docker, static]': card.get("sdk") in ("gradio", "docker", "static"),
        '"title" is not allowed to be empty': bool(card.get("title")),
        '"emoji" must be an emoji': not card.get("emoji", "💬").isascii(),
        '"colorFrom" must be a color': card.get("colorFrom") in COLORS,
        '"colorTo" must be a color': card.get("colorTo") in COLORS,
        '"app_port" must be a port': isinstance(card.get("app_port"), int),
        '"pinned" must be a boolean': isinstance(card.get("pinned"), bool),
        '"short_description" is not allowed to be empty': card.get("short_description", "x") != "",
        '"short_description" length must be less than or equal to 60 characters long': (
            len(card.get("short_description", "").encode("utf-16-le")) <= 120
        ),
        '"tags" must be an array of strings': all(isinstance(tag, str) for tag in card.get("tags", [])),
    }
    return [fault for fault, fine in rules.items() if not fine]
