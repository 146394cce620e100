"""Servers that list their models in the many ways of vendors and local servers, and remember who asked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.fakes.http_fake import HttpFake


@dataclass(frozen=True)
class Asked:
    path: str
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Refusal:
    """A status with a body of JSON."""

    status: int
    body: Any


@dataclass
class ModelLists(HttpFake):
    """`answers` by path: JSON, a status, a `Refusal`, an address to redirect to, or a page. Every other path is 404."""

    answers: Mapping[str, Any]
    needs_key: str = ""
    asked: list[Asked] = field(default_factory=list[Asked])

    def application(self) -> web.Application:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._answer)
        return app

    async def _answer(self, request: web.Request) -> web.Response:
        self.asked.append(Asked(request.path, dict(request.headers)))
        if self.needs_key and request.headers.get("Authorization") != f"Bearer {self.needs_key}":
            return web.json_response({"error": {"message": "Incorrect API key."}}, status=401)
        answer = self.answers.get(request.path, 404)
        match answer:
            case int():
                return web.json_response({"error": "no"}, status=answer)
            case Refusal():
                return web.json_response(answer.body, status=answer.status)
            case str() if answer.startswith("http"):
                return web.Response(status=307, headers={"Location": answer})
            case str():
                return web.Response(text=answer, content_type="text/html")
            case _:
                return web.json_response(answer)


def openai_list(*models: str, owner: str = "acme", **more: Any) -> Any:
    """A list as OpenAI writes it."""
    items = [{"id": model, "object": "model", "owned_by": owner, **more} for model in models]
    return {"object": "list", "data": items}
