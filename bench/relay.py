"""The bare limit: the same SDK between the same model and a stream of events, with nothing else.

`/` is a page that only appends what comes.

python -m bench.relay PORT MODEL_URL
"""

import sys
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import orjson
import uvicorn
from openai import AsyncOpenAI, DefaultAioHttpClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, StreamingResponse
from starlette.routing import Route


async def pieces(client: AsyncOpenAI, text: str) -> AsyncGenerator[bytes, None]:
    """The model's words as events, from the lines that the SDK gives. A call is answered by a constant."""
    messages: list[Any] = [{"role": "user", "content": text}]
    number = 0
    while messages[-1]["role"] != "assistant":
        call: dict[str, Any] = {}
        async with client.chat.completions.with_streaming_response.create(
            model="any", messages=messages, stream=True
        ) as response:
            async for line in response.iter_lines():
                if not line.startswith("data: ") or line == "data: [DONE]":
                    continue
                choices = orjson.loads(line[6:])["choices"]
                delta = choices[0]["delta"] if choices else {}
                if said := delta.get("content"):
                    number += 1
                    yield b"id: %d\nevent: text_delta\ndata: %s\n\n" % (number, orjson.dumps({"text": said}))
                call = delta.get("tool_calls", [call])[0]
        messages.append({"role": "assistant", **({"tool_calls": [call]} if call else {"content": ""})})
        if call:
            messages.append({"role": "tool", "tool_call_id": call["id"], "content": "42"})


async def typed(client: AsyncOpenAI, text: str) -> AsyncGenerator[bytes, None]:
    """The same, from the objects that the SDK makes of the lines."""
    number = 0
    stream = await client.chat.completions.create(
        model="any", messages=[{"role": "user", "content": text}], stream=True
    )
    async for chunk in stream:
        if chunk.choices and (said := chunk.choices[0].delta.content):
            number += 1
            yield b"id: %d\nevent: text_delta\ndata: %s\n\n" % (number, orjson.dumps({"text": said}))


def create(model_url: str) -> Starlette:
    """An application that relays a model's text, piece by piece: `/say` by its lines, `/typed` by the SDK's objects."""
    client = AsyncOpenAI(base_url=model_url, api_key="none", max_retries=0, http_client=DefaultAioHttpClient())

    async def say(request: Request) -> StreamingResponse:
        way = typed if request.url.path == "/typed" else pieces
        return StreamingResponse(way(client, (await request.json())["text"]), media_type="text/event-stream")

    async def healthz(_: Request) -> PlainTextResponse:
        return PlainTextResponse("ok")

    async def page(_: Request) -> FileResponse:
        return FileResponse(Path(__file__).with_name("bare_page.html"))

    relays = [Route(path, say, methods=["POST"]) for path in ("/say", "/typed")]
    return Starlette(routes=[*relays, Route("/healthz", healthz), Route("/", page)])


if __name__ == "__main__":
    uvicorn.run(create(sys.argv[2]), port=int(sys.argv[1]), log_level="error", access_log=False)
