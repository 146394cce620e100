"""DashScope's text-to-image tasks on real HTTP, with the fields of its documentation; and OpenAI's images route.

In tests: `async with ImageServer() as server`. By hand: `python -m tests.fakes.dashscope_images --port N`.
"""

import argparse
import asyncio
import base64
import io
import itertools
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Literal

from aiohttp import web
from PIL import Image, ImageDraw

from tests.fakes.http_fake import HttpFake
from tests.pictures import png_that_claims

Json = dict[str, Any]

Creating = Literal[
    "accepted", "wrong_key", "no_access", "no_quota", "too_fast", "content", "no_model", "invalid", "error_500", "html"
]
"""What becomes of the request that makes a task."""
Ending = Literal["SUCCEEDED", "FAILED", "CONTENT", "CANCELED", "UNKNOWN", "never", "partly", "nothing", "odd_shape"]
"""How a task ends, after `running` looks at it: `partly` succeeds without a picture, `nothing` without a result."""
Link = Literal["picture", "missing", "html", "too_big", "loopback", "redirect", "svg", "slow", "bomb", "cut", "jpeg"]
"""What is at the address of a finished picture."""

_WIDE = {"1024*1024", "720*1280", "1280*720", "1280*1280", "960*1696", "1696*960"}
_QWEN = {"1328*1328", "1664*928", "928*1664", "1472*1104", "1104*1472"}
TASK_ROUTES = {
    "/services/aigc/image-generation/generation": ("wan2.6-t2i", "wan2.7-image", "wan2.7-image-pro"),
    "/services/aigc/text2image/image-synthesis": ("qwen-image", "qwen-image-plus", "wan2.5-t2i-preview"),
}
WHOLE_ROUTE = "/services/aigc/multimodal-generation/generation"
WHOLE_MODELS = ("qwen-image-2.0", "qwen-image-2.0-pro", "qwen-image-max", "wan2.6-t2i", "wan2.7-image")
_ERRORS: dict[Creating, tuple[int, str, str]] = {
    "wrong_key": (401, "InvalidApiKey", "Invalid API-key provided: {key}"),
    "no_access": (403, "AccessDenied.Unpurchased", "Access to model denied."),
    "no_quota": (400, "Arrearage", "Access denied, please make sure your account is in good standing."),
    "too_fast": (429, "Throttling.RateQuota", "Requests rate limit exceeded, please try again later."),
    "content": (400, "DataInspectionFailed", "Input data may contain inappropriate content."),
    "no_model": (404, "ModelNotFound", "Model can not be found."),
    "invalid": (400, "InvalidParameter", "size must be in 512-2048"),
    "error_500": (500, "InternalError.Algo", "An internal error has occured during execution."),
}


def a_picture(kind: str = "PNG", size: tuple[int, int] = (320, 240)) -> bytes:
    """A landscape, in so far as a sun over a hill is one; it says in its metadata where it was made."""
    image = Image.linear_gradient("L").resize(size).convert("RGB")
    draw = ImageDraw.Draw(image)
    width, height = size
    draw.rectangle((0, 0, width, height * 2 // 3), fill=(116, 178, 226))
    draw.ellipse((width * 5 // 8, height // 8, width * 7 // 8, height // 8 + width // 4), fill=(250, 204, 84))
    draw.polygon([(0, height), (width * 2 // 5, height // 3), (width, height)], fill=(86, 140, 92))
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "made at a secret place"
    image.save(out, format=kind, exif=exif)
    return out.getvalue()


@dataclass
class Asked:
    """A request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: Json = field(default_factory=dict[str, Any])


class ImageServer(HttpFake):
    """Both vendors on one port of 127.0.0.1. `requests` holds everything that was asked."""

    def __init__(self, *, port: int = 0, running: int = 1) -> None:
        self.requests: list[Asked] = []
        self.creating: Creating = "accepted"
        self.ending: Ending = "SUCCEEDED"
        self.link: Link = "picture"
        self.as_link = False
        """Whether the OpenAI route answers with an address in place of the bytes."""
        self.running = running
        """How often a task is asked about before it ends."""
        self.hiccups = 0
        """How many of the next looks at a task fail, every other one by a torn connection."""
        self.waiting = 1
        """How many looks at a task see it wait for its turn."""
        self.picture = a_picture()
        self.polled = asyncio.Event()
        """Set when a task is asked about."""
        self._looks: dict[str, int] = {}
        self._numbers = itertools.count(1)
        self._models: dict[str, str] = {}
        self.port = port
        self._closing = asyncio.Event()

    @property
    def base_url(self) -> str:
        """What `DASHSCOPE_BASE_URL` is set to."""
        return f"{self.url}/api/v1"

    @property
    def openai_base_url(self) -> str:
        """What `OPENAI_IMAGES_BASE_URL` is set to."""
        return f"{self.url}/v1"

    @property
    def url(self) -> str:
        return self.origin

    def application(self) -> web.Application:
        app = web.Application(middlewares=[self._record])
        app.router.add_post("/api/v1/services/{area}/{group}/{function}", self._create)
        app.router.add_get("/api/v1/tasks/{task}", self._task)
        app.router.add_post("/api/v1/tasks/{task}/cancel", self._cancel)
        app.router.add_get("/results/{name}", self._result)
        app.router.add_post("/v1/images/generations", self._openai)
        app.router.add_get("/admin", self._admin)
        self._add_routes(app)
        return app

    async def stop(self) -> None:
        self._closing.set()
        await super().stop()

    def _add_routes(self, app: web.Application) -> None:
        """For a server that speaks more of the vendor."""

    def reset(self) -> None:
        """Everything works, and nobody has asked yet."""
        self.requests.clear()
        self.creating, self.ending, self.link = "accepted", "SUCCEEDED", "picture"
        self.as_link, self.hiccups, self.waiting = False, 0, 1
        self.polled.clear()

    @property
    def tasks(self) -> list[Json]:
        """The bodies of the requests that made a picture, in order."""
        return [asked.body for asked in self.requests if asked.method == "POST" and asked.body]

    @property
    def withdrawn(self) -> list[str]:
        """The tasks that were asked to be cancelled."""
        return [asked.path.split("/")[-2] for asked in self.requests if asked.path.endswith("/cancel")]

    def asked(self, start: str) -> list[Asked]:
        return [asked for asked in self.requests if asked.path.startswith(start)]

    @web.middleware
    async def _record(self, request: web.Request, handler: Any) -> web.StreamResponse:
        body: Json = await request.json() if request.content_type == "application/json" else {}
        self.requests.append(Asked(request.method, request.path, dict(request.headers), body))
        return await handler(request)

    async def _create(self, request: web.Request) -> web.Response:
        if refused := self._refused(request):
            return refused
        body: Json = await request.json()
        path, model = request.path.removeprefix("/api/v1"), body["model"]
        is_task = request.headers.get("X-DashScope-Async") == "enable"
        if path == WHOLE_ROUTE and not is_task and model in WHOLE_MODELS:
            return web.json_response({"request_id": "r-1", "output": self._choices(), "usage": {"image_count": 1}})
        if not is_task or model not in TASK_ROUTES.get(path, ()):
            return task_error(403, "AccessDenied", "current user api does not support synchronous calls.")
        if wrong := _invalid(path, body):
            return task_error(400, "InvalidParameter", wrong)
        task = f"task-{next(self._numbers)}"
        self._models[task] = path
        return web.json_response({"request_id": "r-1", "output": {"task_id": task, "task_status": "PENDING"}})

    async def _cancel(self, request: web.Request) -> web.Response:
        if self._looks.get(request.match_info["task"], 0) <= self.waiting:
            return web.json_response({"request_id": "r-4"})
        told = "Failed to cancel the task, please confirm if the task is in PENDING status."
        return task_error(400, "UnsupportedOperation", told)

    async def _task(self, request: web.Request) -> web.Response:
        task = request.match_info["task"]
        self.polled.set()
        if self.hiccups:
            return self._hiccup(request)
        looks = self._looks[task] = self._looks.get(task, 0) + 1
        if self.ending == "odd_shape":
            return web.json_response({"output": [["?"]]})
        if task not in self._models or self.ending == "UNKNOWN":
            return task_output(task, "UNKNOWN")
        if self.ending == "never" or looks <= self.running:
            return task_output(task, "PENDING" if looks <= self.waiting else "RUNNING")
        return self._ended(task)

    def _hiccup(self, request: web.Request) -> web.Response:
        self.hiccups -= 1
        if self.hiccups % 2 == 0 and request.transport is not None:
            request.transport.close()
        return task_error(429, "Throttling", "Requests throttling triggered.")

    def _ended(self, task: str) -> web.Response:
        match self.ending:
            case "FAILED":
                return task_output(task, "FAILED", code="InternalError.Timeout", message="The task timed out.")
            case "CONTENT":
                told = "Output data may contain inappropriate content."
                return task_output(task, "FAILED", code="DataInspectionFailed", message=told)
            case "CANCELED":
                return task_output(task, "CANCELED")
            case "partly":
                failed = {"code": "InternalError.FileUpload", "message": "the file could not be stored"}
                return task_output(task, "SUCCEEDED", results=[failed])
            case "nothing":
                return task_output(task, "SUCCEEDED", results=[])
            case _:
                return self._done(task)

    def _done(self, task: str) -> web.Response:
        if "text2image" in self._models[task]:
            return task_output(task, "SUCCEEDED", results=[{"orig_prompt": "…", "url": self._address()}])
        return task_output(task, "SUCCEEDED", **self._choices())

    def _choices(self) -> Json:
        content = [{"image": self._address(), "type": "image"}]
        return {"choices": [{"finish_reason": "stop", "message": {"role": "assistant", "content": content}}]}

    def _address(self) -> str:
        if self.link == "loopback":
            return self.url.replace("127.0.0.1", "localhost") + "/admin"
        return f"{self.url}/results/picture.png?Expires=1790000000&Signature=only-for-you"

    async def _result(self, request: web.Request) -> web.StreamResponse:
        match self.link:
            case "missing":
                return web.Response(status=404, text="<Error><Code>NoSuchKey</Code></Error>", content_type="text/xml")
            case "html":
                return web.Response(text="<html><script>alert(1)</script></html>", content_type="image/png")
            case "too_big":
                return web.Response(body=self.picture + b"\0" * 21_000_000, content_type="image/png")
            case "redirect":
                elsewhere = self.url.replace("127.0.0.1", "localhost")
                return web.Response(status=302, headers={"Location": f"{elsewhere}/admin"})
            case "svg":
                drawing = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
                return web.Response(text=drawing, content_type="image/svg+xml")
            case "slow":
                await self._closing.wait()
                return web.Response()
            case "bomb":
                return web.Response(body=png_that_claims(100_000, 100_000), content_type="image/png")
            case "cut":
                return web.Response(body=self.picture[: len(self.picture) // 2], content_type="image/png")
            case "jpeg":
                return web.Response(body=a_picture("JPEG"), content_type="image/png")
            case _:
                return web.Response(body=self.picture + b"<script>alert(1)</script>", content_type="image/png")

    async def _admin(self, request: web.Request) -> web.Response:
        return web.Response(body=self.picture, content_type="image/png")

    async def _openai(self, request: web.Request) -> web.Response:
        key = request.headers.get("Authorization", "").removeprefix("Bearer ")
        wrong: dict[Creating, tuple[int, str, str]] = {
            "wrong_key": (401, "invalid_api_key", f"Incorrect API key provided: {key}."),
            "no_quota": (429, "insufficient_quota", "You exceeded your current quota."),
            "too_fast": (429, "rate_limit_exceeded", "Rate limit reached."),
            "content": (400, "moderation_blocked", "Your request was rejected by the safety system."),
            "no_model": (404, "model_not_found", "The model does not exist."),
            "error_500": (500, "server_error", "The server had an error."),
        }
        if self.creating in wrong:
            status, code, message = wrong[self.creating]
            error = {"message": message, "type": "image_generation_user_error", "param": None, "code": code}
            return web.json_response({"error": error}, status=status)
        item = {"url": self._address()} if self.as_link else {"b64_json": base64.b64encode(self.picture).decode()}
        return web.json_response({"created": 1_790_000_000, "data": [item]})

    def _refused(self, request: web.Request) -> web.Response | None:
        if self.creating == "html":
            return web.Response(text="<html>It works!</html>", content_type="text/html")
        key = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if self.creating not in _ERRORS:
            return None if key else task_error(401, "InvalidApiKey", "No API-key provided.")
        status, code, message = _ERRORS[self.creating]
        return task_error(status, code, message.format(key=key))


def _invalid(path: str, body: Json) -> str:
    """What the real service would find wrong with a request, empty where it would take it."""
    wanted, size = body["input"], body["parameters"]["size"]
    if "text2image" in path:
        if set(wanted) - {"prompt", "negative_prompt"} or not wanted.get("prompt"):
            return "prompt is required"
        return "" if size in (_QWEN if body["model"].startswith("qwen") else _WIDE) else f"size {size} is not supported"
    content = wanted["messages"][0]["content"]
    if [sorted(item) for item in content] != [["text"]]:
        return "content must hold one text"
    if body["model"].startswith("wan2.7") and "negative_prompt" in body["parameters"]:
        return "negative_prompt is not supported"
    return "" if size in _WIDE else f"size {size} is not supported"


def task_output(task: str, status: str, **more: Any) -> web.Response:
    return web.json_response({"request_id": "r-2", "output": {"task_id": task, "task_status": status, **more}})


def task_error(status: int, code: str, message: str) -> web.Response:
    return web.json_response({"code": code, "message": message, "request_id": "r-3"}, status=status)


async def _serve(port: int) -> None:
    async with ImageServer(port=port, running=3) as server:
        print(f"{server.base_url} (DASHSCOPE_BASE_URL), {server.openai_base_url} (OPENAI_IMAGES_BASE_URL)", flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8766)
    with suppress(KeyboardInterrupt):
        asyncio.run(_serve(parser.parse_args().port))
