"""A ModelScope hub over real HTTP, as far as studios are made, committed to, deployed and watched through
`modelscope-hub`: the shapes are those of its published OpenAPI description, and of what its SDK reads and sends."""

import asyncio
import base64
import hashlib
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import yaml
from aiohttp import web

from tests.fakes.http_fake import HttpFake

TOKEN, READ_TOKEN = "ms-the-token-that-may-write", "ms-the-token-that-may-read"
OWNER, TEAM = "ann", "team"
RUNNING = {"status": "Running", "created_at": "2026-11-02T10:00:00Z"}
BUILDING = {"status": "Building", "created_at": "2026-11-02T10:00:00Z"}
ACTION = {"action", "path", "type", "size", "sha256", "content", "encoding"}

Json = dict[str, Any]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Repository:
    """A studio: its files by path, what was committed and deployed, and what its settings hold."""

    visibility: str
    sdk: str
    files: dict[str, bytes]
    title: str = ""
    log: list[str] = field(default_factory=lambda: ["initial commit"])
    secrets: dict[str, str] = field(default_factory=dict[str, str])
    variables: dict[str, str] = field(default_factory=dict[str, str])
    runtimes: list[Json] = field(default_factory=lambda: [{"status": "Initialized"}])
    """What looks at it are answered with, one after the other, the last one for ever."""
    up: dict[str, bytes] = field(default_factory=dict[str, bytes])
    """The files that were deployed last."""


class Storage(HttpFake):
    """Where the hub says that large files go: another server, which takes signatures and no tokens."""

    def __init__(self) -> None:
        self.stored: dict[str, bytes] = {}
        self.status = 200
        self.stores, self.go = asyncio.Event(), asyncio.Event()
        """Set once a file has come, which is stored when `go` is set, as it is unless a test clears it."""
        self.go.set()

    def application(self) -> web.Application:
        app = web.Application(client_max_size=50_000_000)
        app.add_routes([web.put("/{oid}", self._store)])
        return app

    async def _store(self, request: web.Request) -> web.Response:
        data = await request.read()
        if "Authorization" in request.headers or "Cookie" in request.headers:
            return web.Response(status=400, text="a token was sent along")
        assert request.query["Signature"] == "abc" and "Content-Type" not in request.headers, "it would not be signed"
        if self.status != 200:
            return web.Response(status=self.status, text="<Error><Code>AccessDenied</Code></Error>")
        self.stores.set()
        await self.go.wait()
        assert hashlib.sha256(data).hexdigest() == request.match_info["oid"]
        self.stored[request.match_info["oid"]] = data
        return web.Response()


class ModelScope(HttpFake):
    """`runtimes` is what a deployment goes through. `refuses` gives a part of a path the answer that whoever asks for
    it gets; `cuts` is a part where the connection ends when the request has come, `hangs` one where no answer comes."""

    hears_leaving = True

    def __init__(self, storage: Storage) -> None:
        self.storage = storage
        self.studios: dict[str, Repository] = {}
        self.runtimes: list[Json] = [BUILDING, RUNNING]
        self.logs = ["Step 1", "Step 2"]
        self.refuses: dict[str, web.Response] = {}
        self.cuts = ""
        self.hangs = ""
        self.asked: list[tuple[str, str]] = []
        """What was asked: method and path."""
        self.agents: set[str] = set()
        """How whoever asks calls itself."""

    def application(self) -> web.Application:
        app = web.Application(client_max_size=50_000_000, middlewares=[self._guard])
        studio, git = "/openapi/v1/studios/{owner}/{name}", "/api/v1/repos/studios/{owner}/{name}"
        app.add_routes(
            [
                web.get("/openapi/v1/users/me", self._me),
                web.post("/openapi/v1/studios", self._create),
                web.get(studio, self._info),
                web.patch(f"{studio}/settings", self._settings),
                web.get(f"{studio}/secrets", self._secrets),
                web.post(f"{studio}/secrets", self._add_secret),
                web.put(f"{studio}/secrets", self._put_secret),
                web.get(f"{studio}/variables", self._variables),
                web.post(f"{studio}/deploy", self._deploy),
                web.get(f"{studio}/logs/{{kind}}", self._logs),
                web.get("/api/v1/studios/{owner}/{name}/repo/files", self._files),
                web.post(f"{git}/info/lfs/objects/batch", self._batch),
                web.post(f"{git}/commit/master", self._commit),
            ]
        )
        return app

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        self.asked.append((request.method, request.path))
        self.agents.add(request.headers["User-Agent"])
        for part, answer in self.refuses.items():
            if part in request.path:
                return web.Response(status=answer.status, body=answer.body, headers=answer.headers)
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if given not in (TOKEN, READ_TOKEN):
            return error(401, "InvalidAuthentication", "Invalid authentication, please check your Authorization header")
        assert request.cookies["m_session_id"] == given
        if request.method != "GET" and given == READ_TOKEN:
            return error(403, "OperationNotAllowed", "Operation not allowed: the token may only read")
        if self.hangs and self.hangs in request.path:
            await asyncio.Event().wait()
        if self.cuts and self.cuts in request.path:
            await request.read()
            assert request.transport is not None
            request.transport.close()
            return web.Response()
        return await handler(request)

    def _studio(self, request: web.Request) -> Repository:
        try:
            return self.studios[f"{request.match_info['owner']}/{request.match_info['name']}"]
        except KeyError:
            refusal = error(404, "ResourceNotFound", "Resource not found: studio")
            raise web.HTTPNotFound(text=refusal.text, content_type="application/json") from None

    async def _me(self, request: web.Request) -> web.Response:
        return fine({"username": OWNER, "nickname": "Ann", "email": "ann@example.com"})

    async def _create(self, request: web.Request) -> web.Response:
        wish = await request.json()
        owner, name = wish["owner"], f"{wish['owner']}/{wish['repo_name']}"
        assert wish["private"] == (wish["visibility"] == "private") and wish["sdk_type"] in ("docker", "gradio")
        if owner not in (OWNER, TEAM):
            return error(403, "OperationNotAllowed", "Operation not allowed: you don't own this namespace")
        if name in self.studios or wish["repo_name"] == "hidden":
            return error(409, "DuplicateEntity", "Duplicate entity: studio already exists")
        fresh = {".gitattributes": b"*.bin filter=lfs -text\n", "README.md": b"---\n---\n", ".gitignore": b"*.log\n"}
        self.studios[name] = Repository(wish["visibility"], wish["sdk_type"], fresh, wish["display_name"])
        return fine(
            {"id": name, "repo_name": wish["repo_name"], "owner": owner, "url": f"{self.origin}/studios/{name}"}
        )

    async def _info(self, request: web.Request) -> web.Response:
        studio = self._studio(request)
        runtime = studio.runtimes.pop(0) if len(studio.runtimes) > 1 else studio.runtimes[0]
        told = {"visibility": studio.visibility, "sdk_type": studio.sdk, "host": "https://ann-max.ms.show"}
        return fine({**told, "hardware": "platform/2v-cpu-16g-mem", "runtime": runtime})

    async def _settings(self, request: web.Request) -> web.Response:
        studio, wish = self._studio(request), await request.json()
        assert wish.keys() == {"sdk_type"}
        studio.sdk = wish["sdk_type"]
        return fine({"sdk_type": studio.sdk})

    async def _secrets(self, request: web.Request) -> web.Response:
        return fine({"secrets": [{"key": key} for key in self._studio(request).secrets]})

    async def _variables(self, request: web.Request) -> web.Response:
        return fine({"variables": [{"key": key, "value": "x"} for key in self._studio(request).variables]})

    async def _add_secret(self, request: web.Request) -> web.Response:
        studio, wish = self._studio(request), await request.json()
        if wish["key"] in studio.secrets:
            return error(409, "DuplicateEntity", "Duplicate entity: secret already exists")
        studio.secrets[wish["key"]] = wish["value"]
        return web.json_response({"success": True, "message": "success", "request_id": "1"})

    async def _put_secret(self, request: web.Request) -> web.Response:
        studio, wish = self._studio(request), await request.json()
        assert wish["key"] in studio.secrets
        studio.secrets[wish["key"]] = wish["value"]
        return web.json_response({"success": True, "message": "success", "request_id": "1"})

    async def _deploy(self, request: web.Request) -> web.Response:
        studio = self._studio(request)
        assert not await request.read()
        if found := faults(studio):
            self.logs = found
            studio.runtimes = [{"status": "BuildFailed", "error_message": found[0], "created_at": "2026-11-02"}]
        else:
            studio.runtimes = [*self.runtimes]
            studio.up = {**studio.files}
        return fine(studio.runtimes[0])

    async def _logs(self, request: web.Request) -> web.Response:
        self._studio(request)
        page, size = int(request.query["page_num"]), int(request.query["page_size"])
        pages = max(1, -(-len(self.logs) // size))
        told = {"page_num": page, "page_size": size, "total_count": len(self.logs), "total_page_num": pages}
        return fine({"logs": self.logs[(page - 1) * size : page * size], **told})

    async def _files(self, request: web.Request) -> web.Response:
        assert (request.query["Revision"], request.query["Recursive"]) == ("master", "True")
        files = self._studio(request).files
        folders = {path.rpartition("/")[0] for path in files} - {""}
        entries: list[Json] = [{"Path": path, "Type": "tree"} for path in folders]
        for path, data in files.items():
            told = {"Path": path, "Name": path.rpartition("/")[2], "Type": "blob", "Size": len(data)}
            entries.append({**told, "Sha256": hashlib.sha256(data).hexdigest()})
        return legacy({"Files": entries})

    async def _batch(self, request: web.Request) -> web.Response:
        wish = await request.json()
        assert wish["operation"] == "upload" and 0 < len(wish["objects"]) <= 64
        objects: list[Json] = [{"oid": each["oid"], "size": each["size"]} for each in wish["objects"]]
        for each in objects:
            if each["oid"] not in self.storage.stored:
                each["actions"] = {"upload": {"href": f"{self.storage.origin}/{each['oid']}?Signature=abc"}}
        return legacy({"objects": objects})

    async def _commit(self, request: web.Request) -> web.Response:
        studio, wish = self._studio(request), await request.json()
        assert 0 < len(wish["actions"]) <= 2_000
        files = {**studio.files}
        for action in wish["actions"]:
            assert action.keys() == ACTION
            path = action["path"]
            match action["action"], action["type"]:
                case "delete", _:
                    del files[path]
                case "create", "lfs":
                    assert not path.endswith(("README.md", "Dockerfile", ".py")), "the hub, or a build, reads it"
                    files[path] = self.storage.stored[action["sha256"]]
                case "create", "normal":
                    assert action["encoding"] == "base64"
                    files[path] = base64.b64decode(action["content"])
                case other:
                    return web.json_response({"Code": 10010205001, "Message": f"odd {other}", "Success": False})
            assert action["action"] == "delete" or len(files[path]) == action["size"]
        studio.files = files
        studio.log.append(wish["commit_message"])
        return legacy({"CommitId": "1" * 40})


def fine(data: object) -> web.Response:
    """How the hub answers."""
    return web.json_response({"success": True, "data": data, "request_id": "1"})


def legacy(data: object) -> web.Response:
    """How the older half of its API does."""
    return web.json_response({"Code": 200, "Data": data, "Message": "success", "RequestId": "1", "Success": True})


def error(status: int, code: str, sentence: str) -> web.Response:
    """How it refuses."""
    told = {"success": False, "code": code, "message": sentence, "request_id": "1"}
    return web.json_response(told, status=status)


def faults(studio: Repository) -> list[str]:
    """What keeps a studio from being built, by ModelScope's documentation of studios and of their cards."""
    files: Mapping[str, bytes] = studio.files
    found = re.match(r"---\n(.*?)\n---\n", files.get("README.md", b"").decode(), re.DOTALL)
    card = cast(Json, yaml.safe_load(found[1]) if found else {})
    entry = card.get("deployspec", {}).get("entry_file", "app.py")
    lists = {name: card.get(name, []) for name in ("domain", "tags", "models", "datasets")}
    rules = {
        "README.md has no YAML at its head": bool(found),
        "the card's lists are lists of words": all(
            isinstance(value, list) and all(isinstance(each, str) for each in cast(list[object], value))
            for value in lists.values()
        ),
        f"the entry {entry!r} is missing": entry in files,
        "a docker studio has no Dockerfile": studio.sdk != "docker" or "Dockerfile" in files,
        "it does not serve 7860": studio.sdk != "docker" or b"EXPOSE 7860" in files.get("Dockerfile", b""),
        "requirements.txt is missing": "requirements.txt" in files,
    }
    return [fault for fault, kept in rules.items() if not kept]
