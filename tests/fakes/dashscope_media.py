"""DashScope's other services for tools on real HTTP: pictures that are looked at and changed, speech, storage.

What goes wrong goes wrong as with `ImageServer`: `creating`, `ending` and `link` say how.
"""

import io
import math
import struct
import wave
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from aiohttp import web

from tests.fakes.dashscope_images import ImageServer, Json, task_error, task_output

Storing = Literal["accepted", "refused", "no_policy", "loopback", "redirect"]
"""What becomes of a file that is put into the temporary storage."""


def a_sound(seconds: float = 0.3) -> bytes:
    """A tone as WAV."""
    out, rate = io.BytesIO(), 8_000
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        steps = range(int(rate * seconds))
        file.writeframes(b"".join(struct.pack("<h", int(9_000 * math.sin(step / 3))) for step in steps))
    return out.getvalue()


@dataclass(frozen=True)
class Service:
    """One documented service: whether it makes tasks, and what it finds wrong with a request."""

    task: bool
    wrong: Callable[[Json], str]


def _looked_at(body: Json) -> str:
    *pictures, question = body["input"]["messages"][-1]["content"]
    if not pictures or not all(item["image"].startswith("data:image/") for item in pictures):
        return "The provided URL does not appear to be valid."
    return "" if question["text"] else "text is required"


def _edited(body: Json) -> str:
    return _looked_at(body) or ("" if body["parameters"]["n"] == 1 else "n is wrong")


def _restyled(body: Json) -> str:
    if not body["input"]["image_url"].startswith("oss://"):
        return "image_url must be a URL"
    return "" if body["input"]["style_index"] in range(10) else "style_index is out of range"


def _enhanced(body: Json) -> str:
    wanted = body["input"]
    if wanted["function"] != "super_resolution" or not wanted["prompt"]:
        return "function is not supported"
    if not wanted["base_image_url"].startswith("data:image/"):
        return "base_image_url is wrong"
    return "" if body["parameters"]["upscale_factor"] in range(1, 5) else "upscale_factor must be in 1-4"


def _lettered(body: Json) -> str:
    wanted = body["input"]
    if not 0 < len(wanted["text"]["text_content"]) <= 6:
        return "text_content must have at most 6 characters"
    if wanted["text"]["output_image_ratio"] not in ("1:1", "16:9", "9:16"):
        return "output_image_ratio is wrong"
    return "" if wanted["texture_style"] in ("material", "scene", "lighting") else "texture_style is wrong"


def _spoken(body: Json) -> str:
    return "" if set(body["input"]) == {"text", "voice", "format", "sample_rate"} else "input is wrong"


def _heard(body: Json) -> str:
    files = body["input"]["file_urls"]
    return "" if len(files) == 1 and files[0].startswith("oss://") else "file_urls is wrong"


SERVICES: dict[tuple[str, str], Service] = {
    ("/services/aigc/multimodal-generation/generation", "qwen3.6-plus"): Service(False, _looked_at),
    ("/services/aigc/image-generation/generation", "wan2.7-image"): Service(True, _edited),
    ("/services/aigc/image-generation/generation", "wanx-style-repaint-v1"): Service(True, _restyled),
    ("/services/aigc/image2image/image-synthesis", "wanx2.1-imageedit"): Service(True, _enhanced),
    ("/services/aigc/wordart/texture", "wordart-texture"): Service(True, _lettered),
    ("/services/audio/tts/SpeechSynthesizer", "cosyvoice-v3-flash"): Service(False, _spoken),
    ("/services/audio/asr/transcription", "paraformer-v2"): Service(True, _heard),
}


class MediaServer(ImageServer):
    """`answer` is what a model that looks says, `sound` what one that speaks makes, `heard` what one that listens
    writes down."""

    def __init__(self, *, port: int = 0, running: int = 1) -> None:
        super().__init__(port=port, running=running)
        self.answer = "A hill under the sun."
        self.heard = "Hello, this is a test."
        self.sound = a_sound()
        self.storing: Storing = "accepted"
        self.stored: dict[str, bytes] = {}
        """The files in the temporary storage by their `oss://` address."""
        self._for_model: dict[str, str] = {}

    def _add_routes(self, app: web.Application) -> None:
        app.router.add_get("/api/v1/uploads", self._policy)
        app.router.add_post("/bucket", self._store)

    async def _create(self, request: web.Request) -> web.Response:
        if refused := self._refused(request):
            return refused
        body: Json = await request.json()
        path, model = request.path.removeprefix("/api/v1"), body["model"]
        if path.endswith("/image-generation/generation") and "image" not in str(body["input"]):
            return await super()._create(request)
        service = SERVICES.get((path, model))
        if service is None:
            return task_error(404, "ModelNotFound", f"Model {model} can not be found.")
        if service.task != (request.headers.get("X-DashScope-Async") == "enable"):
            return task_error(403, "AccessDenied", "current user api does not support synchronous calls.")
        if wrong := service.wrong(body) or self._unknown_file(request, body):
            return task_error(400, "InvalidParameter", wrong)
        if not service.task:
            return self._at_once(path)
        task = f"task-{next(self._numbers)}"
        self._models[task] = path
        return web.json_response({"request_id": "r-1", "output": {"task_id": task, "task_status": "PENDING"}})

    def _at_once(self, path: str) -> web.Response:
        if "/tts/" in path:
            audio = {"data": "", "url": self._address(), "id": "audio-1", "expires_at": 1_790_000_000}
            output: Json = {"finish_reason": "stop", "audio": {} if self.ending == "nothing" else audio}
            return web.json_response({"request_id": "r-1", "output": output, "usage": {"characters": 9}})
        content = [] if self.ending == "nothing" else [{"text": self.answer}]
        message = {"role": "assistant", "content": content}
        output = {"choices": [{"finish_reason": "stop", "message": message}]}
        return web.json_response({"request_id": "r-1", "output": output, "usage": {"input_tokens": 9}})

    def _done(self, task: str) -> web.Response:
        path = self._models[task]
        if "image-generation" in path:
            result: Json = {"results": [{"url": self._address()}]} if self._restyles(task) else self._choices()
        elif "/asr/" in path:
            item = {"file_url": "oss://…", "transcription_url": self._address(), "subtask_status": "SUCCEEDED"}
            result = {"results": [item], "task_metrics": {"TOTAL": 1, "SUCCEEDED": 1, "FAILED": 0}}
        else:
            result = {"results": [{"url": self._address()}]}
        return task_output(task, "SUCCEEDED", **result)

    def _restyles(self, task: str) -> bool:
        return any(body.get("model") == "wanx-style-repaint-v1" for body in self.tasks)

    async def _result(self, request: web.Request) -> web.StreamResponse:
        asked = [asked.path for asked in self.requests if "/services/" in asked.path]
        if self.link != "picture" or "/services/audio/" not in asked[-1]:
            return await super()._result(request)
        if asked[-1].endswith("transcription"):
            text = {"file_url": "oss://…", "transcripts": [{"channel_id": 0, "text": self.heard, "sentences": []}]}
            return web.json_response(text)
        return web.Response(body=self.sound, content_type="application/octet-stream")

    async def _policy(self, request: web.Request) -> web.Response:
        if refused := self._refused(request):
            return refused
        if self.storing == "no_policy":
            return web.json_response({"request_id": "r-5", "data": {}})
        model = request.query["model"]
        folder = f"dashscope-instant/1/2026-11-27/{next(self._numbers)}"
        self._for_model[folder] = model
        data = {
            "policy": "cG9saWN5",
            "signature": "c2lnbmF0dXJl",
            "upload_dir": folder,
            "upload_host": self._bucket(),
            "expire_in_seconds": 300,
            "max_file_size_mb": 100,
            "capacity_limit_mb": 999_999_999,
            "oss_access_key_id": "LTAI-canary",
            "x_oss_object_acl": "private",
            "x_oss_forbid_overwrite": "true",
        }
        return web.json_response({"request_id": "r-5", "data": data})

    def _bucket(self) -> str:
        if self.storing == "loopback":
            return self.url.replace("127.0.0.1", "localhost") + "/bucket"
        return f"{self.url}/bucket"

    async def _store(self, request: web.Request) -> web.Response:
        if self.storing == "redirect":
            return web.Response(status=307, headers={"Location": f"{self.url}/admin"})
        form: Any = await request.post()
        signed = ("OSSAccessKeyId", "Signature", "policy", "x-oss-object-acl", "x-oss-forbid-overwrite")
        if self.storing == "refused" or not all(form.get(name) for name in signed):
            wrong = "<Error><Code>AccessDenied</Code></Error>"
            return web.Response(status=403, text=wrong, content_type="application/xml")
        self.stored[f"oss://{form['key']}"] = form["file"].file.read()
        return web.Response(status=int(form["success_action_status"]))

    def _unknown_file(self, request: web.Request, body: Json) -> str:
        """What is wrong with the files of the storage that a request names; they belong to one model."""
        wanted = body["input"]
        named = [wanted.get("image_url", ""), *wanted.get("file_urls", [])]
        for address in (name for name in named if str(name).startswith("oss://")):
            if request.headers.get("X-DashScope-OssResourceResolve") != "enable":
                return "oss:// is not a valid URL"
            folder = address.removeprefix("oss://").rpartition("/")[0]
            if address not in self.stored or self._for_model.get(folder) != body["model"]:
                return "the file is not to be had"
        return ""
