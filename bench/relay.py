"""The bare limit: the same SDK between the same model and a stream of events, with nothing else.

`/` is a page that only appends what comes.

python -m bench.relay PORT MODEL_URL
"""

import sys
from collections.abc import AsyncGenerator
from pathlib import Path

import orjson
import uvicorn
from openai import AsyncOpenAI, DefaultAioHttpClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, StreamingResponse
from starlette.routing import Route


def create(model_url: str) -> Starlette:
    """An application whose one route relays a model's text, piece by piece."""
    client = AsyncOpenAI(base_url=model_url, api_key="none", max_retries=0, http_client=DefaultAioHttpClient())

    async def pieces(text: str) -> AsyncGenerator[bytes, None]:
        number = 0
        async with client.chat.completions.with_streaming_response.create(
            model="any", messages=[{"role": "user", "content": text}], stream=True
        ) as response:
            async for line in response.iter_lines():
                if not line.startswith("data: ") or line == "data: [DONE]":
                    continue
                choices = orjson.loads(line[6:])["choices"]
                if choices and (said := choices[0]["delta"].get("content")):
                    number += 1
                    data = orjson.dumps({"text": said})
                    yield b"id: %d\nevent: text_delta\ndata: %s\n\n" % (number, data)

    async def say(request: Request) -> StreamingResponse:
        return StreamingResponse(pieces((await request.json())["text"]), media_type="text/event-stream")

    async def healthz(_: Request) -> PlainTextResponse:
        return PlainTextResponse("ok")

    async def page(_: Request) -> FileResponse:
        return FileResponse(Path(__file__).with_name("bare_page.html"))

    return Starlette(routes=[Route("/say", say, methods=["POST"]), Route("/healthz", healthz), Route("/", page)])


if __name__ == "__main__":
    uvicorn.run(create(sys.argv[2]), port=int(sys.argv[1]), log_level="error", access_log=False)
