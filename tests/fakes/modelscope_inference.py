"""ModelScope's inference route on real HTTP: each model with the `Data` that it is documented to answer with."""

from typing import Any, Literal

from aiohttp import web

from tests.fakes.dashscope_images import Asked, Json
from tests.fakes.dashscope_media import a_sound
from tests.fakes.http_fake import HttpFake

Answering = Literal[
    "accepted", "wrong_key", "too_fast", "used_up", "no_model", "invalid", "failed", "error_500", "html", "empty", "odd"
]
_ERRORS: dict[Answering, tuple[int, Json]] = {
    "wrong_key": (401, {"Code": 401, "Message": "Authentication failed, token {key} is invalid.", "Success": False}),
    "too_fast": (429, {"Code": 429, "Message": "Too many requests.", "Success": False}),
    "used_up": (429, {"Code": 429, "Message": "You have exceeded today's quota.", "Success": False}),
    "no_model": (404, {"Code": 404, "Message": "The model is not deployed.", "Success": False}),
    "invalid": (400, {"Code": 400, "Message": "input is too long", "Success": False}),
    # Accepted, and failed all the same: the envelope says so.
    "failed": (200, {"Code": 10990101007, "Message": "inference failed", "Success": False, "Data": None}),
    "error_500": (500, {"Code": 500, "Message": "internal error", "Success": False}),
    "empty": (200, {"Code": 200, "Message": "success", "Success": True, "Data": None}),
    "odd": (200, {"Code": 200, "Message": "success", "Success": True, "Data": {"output": 7}}),
}
SPANS = [{"type": "dis", "start": 0, "end": 2, "span": "肺炎"}, {"type": "sym", "start": 3, "end": 5, "span": "咳嗽"}]
GIF = (
    b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
)


class InferenceServer(HttpFake):
    """One port of 127.0.0.1. `requests` holds what was asked; `result` is what lies at the address of a result."""

    def __init__(self) -> None:
        self.requests: list[Asked] = []
        self.answering: Answering = "accepted"
        self.result: bytes = a_sound()

    @property
    def base_url(self) -> str:
        """What `MODELSCOPE_INFERENCE_BASE_URL` is set to."""
        return f"{self.url}/api-inference/v1/models"

    @property
    def url(self) -> str:
        return self.origin

    def application(self) -> web.Application:
        app = web.Application()
        app.router.add_post("/api-inference/v1/models/damo/{model}", self._infer)
        app.router.add_get("/results/{name}", self._result)
        return app

    async def _infer(self, request: web.Request) -> web.Response:
        body = await request.json()
        self.requests.append(Asked(request.method, request.path, dict(request.headers), body))
        key = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if self.answering == "html":
            return web.Response(text="<html>It works!</html>", content_type="text/html")
        if self.answering in _ERRORS:
            status, error = _ERRORS[self.answering]
            return web.json_response({**error, "Message": error["Message"].replace("{key}", key)}, status=status)
        data = self._data(request.match_info["model"], body)
        if data is None:
            return web.json_response({"Code": 404, "Message": "No such model.", "Success": False}, status=404)
        return web.json_response({"Code": 200, "Data": data, "Message": "success", "RequestId": "r-1", "Success": True})

    def _data(self, model: str, body: Json) -> Any:
        text = body["input"]
        match model:
            case "mgeo_geographic_elements_tagging_chinese_base":
                return {"output": [{"type": "prov", "span": "浙江省"}, {"type": "city", "span": "杭州市"}]}
            case "nlp_raner_named-entity-recognition_chinese-base-cmeee":
                return {"output": [*SPANS, {"type": "dis", "start": 8, "end": 10, "span": "感冒"}]}
            case "nlp_structbert_siamese-uie_chinese-base":
                kinds = list(body["parameters"]["schema"])
                return {"output": [[{"type": kind, "span": f"{kind}甲", "offset": [0, 2]}] for kind in kinds]}
            case "nlp_csanmt_translation_en2zh" | "nlp_csanmt_translation_zh2en":
                return {"translation": f"<{text}>"}
            case "speech_sambert-hifigan_tts_zh-cn_16k":
                return {"output_wav": f"{self.url}/results/a.wav?Signature=only-for-you"}
            case "text-to-video-synthesis":
                return {"output_video": f"{self.url}/results/a.mp4?Signature=only-for-you"} if text["text"] else None
            case _:
                return None

    async def _result(self, request: web.Request) -> web.Response:
        self.requests.append(Asked(request.method, request.path, dict(request.headers)))
        return web.Response(body=self.result, content_type="application/octet-stream")
