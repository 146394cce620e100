"""The model of the measurements: every token is the time at which it is sent. `python -m bench.pacer PORT`.

What a person said last is how it answers: `200 at 50` is so many tokens, so many a second, and with `after 2 calls` the
calculator is called twice before, one call at a time. `tool` calls it, and says how long it took until it was asked
again; `what are you` repeats the end of the system prompt.
"""

import asyncio
import json
import re
import sys
import time
from typing import Any

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
_PACE = re.compile(r"(\d+) at (\d+)(?: after (\d+) calls)?")


def event(delta: dict[str, Any], finish: str | None = None) -> bytes:
    """One event of a streamed reply, as a piece of a chunked body."""
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    data = f"data: {json.dumps({'id': 'chatcmpl-1', 'object': 'chat.completion.chunk', 'choices': [choice]})}\n\n"
    return f"{len(data):x}\r\n{data}\r\n".encode()


END = b"e\r\ndata: [DONE]\n\n\r\n0\r\n\r\n"


async def answer(writer: asyncio.StreamWriter, messages: list[dict[str, Any]]) -> None:
    writer.write(HEAD)
    at = max((place for place, message in enumerate(messages) if message["role"] == "user"), default=0)
    said, called = messages[at]["content"], sum(message["role"] == "tool" for message in messages[at:])
    paced = _PACE.search(said)
    if said == "what are you":
        writer.write(event({"content": messages[0]["content"]}) + event({}, "stop"))
    elif called < (1 if said == "tool" else int(paced[3] or 0) if paced else 0):
        function = {"name": "calculator", "arguments": '{"expression": "6*7"}'}
        call = {"index": 0, "id": f"call_{time.time():.6f}", "type": "function", "function": function}
        writer.write(event({"tool_calls": [call]}) + event({}, "tool_calls"))
    elif said == "tool":
        since = float(messages[-1]["tool_call_id"].removeprefix("call_"))
        writer.write(event({"content": f"{time.time() - since:.6f}"}) + event({}, "stop"))
    else:
        await _tokens(writer, *((int(paced[1]), int(paced[2])) if paced else (1, 1_000)))
        writer.write(event({}, "stop"))
    writer.write(END)
    await writer.drain()


async def _tokens(writer: asyncio.StreamWriter, count: int, rate: int) -> None:
    due = time.monotonic()
    for _ in range(count):
        due += 1 / rate
        await asyncio.sleep(due - time.monotonic())
        writer.write(event({"content": f"{time.time():.6f} "}))
        await writer.drain()


async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
            size = re.search(r"content-length: (\d+)", head)
            body = await reader.readexactly(int(size[1])) if size else b""
            if head.startswith("post"):
                await answer(writer, json.loads(body)["messages"])
            else:
                writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


async def serve(port: int) -> None:
    server = await asyncio.start_server(connected, "127.0.0.1", port, backlog=2_000)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
