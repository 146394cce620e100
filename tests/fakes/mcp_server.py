"""An MCP server on real HTTP that answers as a test wrote down: well, late, wrong, or not at all.

It speaks the protocol of 2025-11-25 over streamable HTTP, each answer as JSON. `answers` replaces what it says to a
method: a result, or a function of the request that gives a response or a result of its own.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.fakes.http_fake import HttpFake

Json = dict[str, Any]
Answer = Json | Callable[[web.Request, Json], Awaitable[web.StreamResponse | Json]]

LOOK: Json = {
    "name": "look",
    "title": "Look it up",
    "description": "What is on the shelf.",
    "inputSchema": {"type": "object", "properties": {"shelf": {"type": "string"}}, "required": ["shelf"]},
    "annotations": {"readOnlyHint": True},
}
PUT: Json = {"name": "put", "description": "Put something there.", "inputSchema": {"type": "object", "properties": {}}}


@dataclass
class Asked:
    """One message as it came."""

    message: Json
    headers: Mapping[str, str]
    query: dict[str, str]

    @property
    def method(self) -> str:
        return str(self.message.get("method"))


@dataclass
class FakeMcp(HttpFake):
    tools: list[Json] = field(default_factory=lambda: [LOOK, PUT])
    prompts: list[Json] = field(default_factory=list[Json])
    """What it offers to be said; one without any does not speak of prompts at all."""
    resources: dict[str, Json] = field(default_factory=dict[str, Json])
    """Documents by their address, each as it is read."""
    answers: dict[str, Answer] = field(default_factory=dict[str, Answer])
    refused: int = 0
    """A status that every request is refused with."""
    issuer: str = ""
    """Where to sign in; empty for a server that is open to everybody."""
    accepted: set[str] = field(default_factory=set[str])
    """The tokens of those who are signed in."""
    described: Json = field(default_factory=dict[str, Any])
    """What it says otherwise of how it is protected."""
    asked: list[Asked] = field(default_factory=list[Asked])
    replied: dict[str, asyncio.Future[Json]] = field(default_factory=dict[str, asyncio.Future[Json]])
    """What it was answered when it asked something itself, by the id of the request."""

    hears_leaving = True

    @property
    def url(self) -> str:
        return f"{self.origin}/mcp"

    def application(self) -> web.Application:
        app = web.Application(client_max_size=20_000_000)
        app.router.add_route("*", "/mcp", self._answer)
        app.router.add_get("/.well-known/oauth-protected-resource/mcp", self._protected)
        return app

    def reset(self) -> None:
        """As it was in the beginning."""
        fresh = FakeMcp()
        self.tools, self.answers, self.refused, self.asked = fresh.tools, fresh.answers, fresh.refused, fresh.asked
        self.issuer, self.described, self.prompts = fresh.issuer, fresh.described, fresh.prompts
        self.resources = fresh.resources
        self.accepted.clear()

    @property
    def methods(self) -> list[str]:
        return [asked.method for asked in self.asked]

    def calls(self) -> list[Json]:
        return [asked.message["params"] for asked in self.asked if asked.method == "tools/call"]

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        if self.issuer and request.headers.get("Authorization", "").removeprefix("Bearer ") not in self.accepted:
            place = f"{self.origin}/.well-known/oauth-protected-resource/mcp"
            challenge = f'Bearer resource_metadata="{self.described.get("at", place)}", scope="shelf:read"'
            return web.Response(status=401, headers={"WWW-Authenticate": challenge})
        if request.method != "POST":
            return web.Response(status=405)
        message = json.loads(await request.read())
        if "method" not in message:
            self.replied.pop(message["id"]).set_result(message)
            return web.Response(status=202)
        self.asked.append(Asked(message, request.headers.copy(), dict(request.query)))
        if self.refused:
            return web.Response(status=self.refused)
        answer = self.answers.get(message["method"])
        if callable(answer):
            answer = await answer(request, message)
        if isinstance(answer, web.StreamResponse):
            return answer
        if "id" not in message:
            return web.Response(status=202)
        result = answer if answer is not None else self._usual(message)
        if result is None:
            return web.json_response(_error(message, -32601, "Method not found"))
        return web.json_response(reply(message, result))

    async def _protected(self, request: web.Request) -> web.Response:
        if not self.issuer:
            return web.Response(status=404)
        said = {"resource": self.url, "authorization_servers": [self.issuer], "scopes_supported": ["shelf:read"]}
        return web.json_response({**said, **self.described})

    def _usual(self, message: Json) -> Json | None:
        match message["method"]:
            case "initialize":
                return {
                    "protocolVersion": message["params"]["protocolVersion"],
                    "capabilities": {
                        "tools": {},
                        **({"prompts": {}} if self.prompts else {}),
                        **({"resources": {}} if self.resources else {}),
                    },
                    "serverInfo": {"name": "Shelf", "version": "1"},
                }
            case "tools/list":
                return {"tools": self.tools}
            case "tools/call":
                return {"content": [{"type": "text", "text": f"{message['params']['name']}: three apples"}]}
            case "resources/list":
                return {"resources": [{"uri": uri, "name": uri.rpartition("/")[2]} for uri in self.resources]}
            case "resources/read":
                content = self.resources.get(message["params"]["uri"])
                return {"contents": [{"uri": message["params"]["uri"], **content}]} if content else {"contents": []}
            case "prompts/list":
                return {"prompts": self.prompts}
            case "prompts/get":
                params = message["params"]
                said = ", ".join(f"{name}: {value}" for name, value in params.get("arguments", {}).items())
                text = f"Say {params['name']}.\n{said}".strip()
                return {"messages": [{"role": "user", "content": {"type": "text", "text": text}}]}
            case "ping":
                return {}
            case _:
                return None


def reply(message: Json, result: Json) -> Json:
    return {"jsonrpc": "2.0", "id": message["id"], "result": result}


def _error(message: Json, code: int, text: str) -> Json:
    return {"jsonrpc": "2.0", "id": message["id"], "error": {"code": code, "message": text}}


def asking(server: FakeMcp, *questions: Json) -> Callable[[web.Request, Json], Awaitable[web.StreamResponse]]:
    """Asks the person these questions one after the other, over the stream of a call's answer, and answers with what it
    was told."""

    async def answer(request: web.Request, message: Json) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)

        async def send(said: Json) -> None:
            await response.write(f"event: message\ndata: {json.dumps(said)}\n\n".encode())

        told: list[Json] = []
        for number, params in enumerate(questions, start=1):
            asked = f"ask-{message['id']}-{number}"
            replied_with = server.replied[asked] = asyncio.get_running_loop().create_future()
            await send({"jsonrpc": "2.0", "id": asked, "method": "elicitation/create", "params": params})
            replied = await replied_with
            told.append(replied.get("result") or {"refused": replied["error"]["message"]})
        await send(reply(message, {"content": [{"type": "text", "text": json.dumps(told)}]}))
        return response

    return answer


async def silence(request: web.Request, message: Json) -> web.StreamResponse:
    """Accepts the request and never answers."""
    await asyncio.Event().wait()
    raise AssertionError("Nothing sets it.")
