"""The floor: a relay on plain sockets, which understands nothing but where an event ends.

python -m bench.sockets PORT MODEL_PORT
"""

import asyncio
import re
import sys

ASK = b"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
_TEXT = re.compile(rb'"text": ?"([^"]*)"')
_SAID = re.compile(rb'"content": "([^"]*)"')


async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, model: int) -> None:
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    size = re.search(rb"content-length: (\d+)", head)
    asked = _TEXT.search(await reader.readexactly(int(size[1]))) if size else None
    writer.write(HEAD)
    if asked is not None:
        model_reader, model_writer = await asyncio.open_connection("127.0.0.1", model)
        body = b'{"stream": true, "messages": [{"role": "user", "content": "%s"}]}' % asked[1]
        model_writer.write(ASK % (len(body), body))
        while b"[DONE]" not in (line := await model_reader.readline()) and line:
            if said := _SAID.search(line):
                writer.write(b'event: text_delta\ndata: {"text":"%s"}\n\n' % said[1])
                await writer.drain()
        model_writer.close()
    writer.close()


async def serve(port: int, model: int) -> None:
    server = await asyncio.start_server(lambda reader, writer: relay(reader, writer, model), "127.0.0.1", port)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), int(sys.argv[2])))
