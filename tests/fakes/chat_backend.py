"""A server for the chat component alone: its page, and the API's routes played from a script.

The script is a list of the product's own events, with gates that a test opens and cuts of every connection.
"""

import asyncio
import json
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import BodyPartReader, web

from agentfabric.headers import page_policy
from agentfabric.service.record import as_messages
from tests.fakes.http_fake import HttpFake
from user_agent.events import EventBase, KnowledgeUsed, RunFailed, RunFinished, Usage
from user_agent.messages import DataPart, FilePart, Message, user_message
from user_agent.serve.turns import Ending

STATIC = Path(__file__).parents[2] / "static"
PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>chat</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<style>html, body { height: 100%; margin: 0 } #host { height: 100% }</style></head>
<body class="af"><div id="host"></div>
<script type="module">
import { mountChat } from "/static/chat/chat.js";
window.events = [];
window.chat = mountChat(document.getElementById("host"), {
  prefix: "test",
  uploads: true,
  endpoints: {
    history: "/api/conversation",
    send: async () => "/api/conversation/messages",
    turn: (turn) => `/api/turns/${turn}`,
    file: (file) => `/api/files/${file}`,
    source: ({ file, passage }) => `/api/sources/${file}/${passage}`,
    teach: (file) => `/api/files/${file}/knowledge`,
    memory: "c1",
  },
  onEvent: (type, data) => window.events.push([type, data]),
  ...OPTIONS,
});
document.body.dataset.ready = "";
</script></body></html>"""


@dataclass(frozen=True)
class Cut:
    """Every open connection breaks off here; the turn goes on."""


@dataclass(frozen=True)
class Refusal:
    """The message is not taken, with this status and body; a body of text stands for a proxy's page."""

    status: int
    body: dict[str, Any] | str


Step = EventBase | asyncio.Event | Cut
Answer = Sequence[Step] | Refusal


@dataclass
class Received:
    """What a page sent."""

    text: str
    language: str
    files: dict[str, bytes]


@dataclass
class Turn:
    """One turn: its events so far, and whoever waits for the next."""

    id: str
    events: list[tuple[str, dict[str, Any]]] = field(default_factory=list[tuple[str, dict[str, Any]]])
    over: bool = False
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    news: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def emit(self, kind: str, data: dict[str, Any]) -> None:
        async with self.news:
            self.events.append((kind, data))
            self.over = kind in ("run_finished", "run_failed")
            self.news.notify_all()


class ChatBackend(HttpFake):
    """One conversation. `answers` are played in order, one per message; `options` reach `mountChat`."""

    def __init__(self) -> None:
        self.answers: deque[Answer] = deque()
        self.options: dict[str, Any] = {}
        self.received: list[Received] = []
        self.resumed_after: list[str] = []
        """The `Last-Event-ID` of every time a page came back to a turn; "" where it sent none."""
        self.learned: list[str] = []
        """The files that went into what the agent knows."""
        self.forgets = False
        """Whether of a turn that is over only the first and the last event are left."""
        self.messages: list[tuple[str, Message]] = []
        self.busy: str | None = None
        self._turns: dict[str, Turn] = {}
        self._files: dict[str, tuple[bytes, str]] = {}
        self._streams: set[asyncio.Transport] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def base_url(self) -> str:
        return self.origin

    def application(self) -> web.Application:
        app = web.Application(client_max_size=50 * 2**20)
        app.add_routes(
            [
                web.get("/", self._page),
                web.static("/static", STATIC),
                web.get("/api/conversation", self._history),
                web.post("/api/conversation/messages", self._message),
                web.get("/api/turns/{turn}/events", self._events),
                web.post("/api/turns/{turn}/stop", self._stop),
                web.get("/api/files/{file}", self._file),
                web.get("/api/sources/{file}/{passage}", self._source),
                web.post("/api/files/{file}/knowledge", self._learn),
            ]
        )
        return app

    async def _page(self, _: web.Request) -> web.Response:
        options = json.dumps(self.options).replace("<", "\\u003c")
        html = PAGE.replace("OPTIONS", options)
        headers = {"Content-Security-Policy": page_policy(html.encode())}
        return web.Response(text=html, content_type="text/html", headers=headers)

    async def _history(self, _: web.Request) -> web.Response:
        messages = [
            {"id": str(number), "turn": turn, **message.model_dump(mode="json")}
            for number, (turn, message) in enumerate(self.messages)
        ]
        moment = "2026-11-20T12:00:00Z"
        head = {"id": "c1", "title": "", "created": moment, "updated": moment, "busy": self.busy}
        turn = self.messages[-1][0] if self.messages else None
        return web.json_response({**head, "turn": turn, "messages": messages, "versions": {}})

    async def _message(self, request: web.Request) -> web.StreamResponse:
        message = await _read(request)
        self.received.append(message)
        answer: Answer = self.answers.popleft() if self.answers else ()
        if isinstance(answer, Refusal):
            if isinstance(answer.body, str):
                return web.Response(status=answer.status, text=answer.body, content_type="text/html")
            return web.json_response(answer.body, status=answer.status)
        turn = Turn(id=f"t{len(self._turns) + 1}")
        self._turns[turn.id] = turn
        self.busy = turn.id
        self.messages.append((turn.id, user_message(message.text, *self._keep(message.files))))
        task = asyncio.create_task(self._play(turn, answer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return await self._stream(request, turn, after=0)

    def keep(self, content: bytes, name: str, kind: str) -> FilePart:
        """A file of the conversation, as a message or a tool brings it."""
        file = f"f{len(self._files) + 1}"
        self._files[file] = (content, kind)
        return FilePart(file=file, name=name, media_type=kind, size_bytes=len(content))

    def _keep(self, files: dict[str, bytes]) -> list[FilePart]:
        return [
            self.keep(content, name, "image/png" if name.endswith(".png") else "text/plain")
            for name, content in files.items()
        ]

    async def _play(self, turn: Turn, answer: Sequence[Step]) -> None:
        events = list[EventBase]()
        await turn.emit("turn_started", {"turn": turn.id})
        for step in answer:
            if isinstance(step, Cut):
                for transport in self._streams:
                    transport.abort()
            elif isinstance(step, asyncio.Event):
                await _first(step, turn.stop)
            elif isinstance(step, (RunFailed, RunFinished)):
                break
            else:
                events.append(step)
                await turn.emit(str(getattr(step, "type", "")), step.model_dump(mode="json", exclude={"type"}))
            if turn.stop.is_set():
                break
        last = _last(answer, stopped=turn.stop.is_set())
        ending = Ending(state="finished", last=last, seq=len(turn.events) + 1)
        self.messages.extend((turn.id, message) for message in as_messages(events, ending))
        self.busy = None
        await turn.emit(last.type, last.model_dump(mode="json", exclude={"type"}))

    async def _events(self, request: web.Request) -> web.StreamResponse:
        turn = self._turns.get(request.match_info["turn"])
        if turn is None:
            return web.json_response({"code": "not_found", "message": "No such turn.", "params": {}}, status=404)
        after = request.headers.get("Last-Event-ID", "")
        self.resumed_after.append(after)
        return await self._stream(request, turn, after=int(after or 0))

    async def _stream(self, request: web.Request, turn: Turn, *, after: int) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
        await response.prepare(request)
        transport = request.transport
        assert transport is not None
        self._streams.add(transport)
        try:
            await response.write(b": beat\n\n")
            while True:
                async with turn.news:
                    await turn.news.wait_for(lambda seen=after: len(turn.events) > seen)
                for kind, data in turn.events[after:]:
                    after += 1
                    if self.forgets and turn.over and 1 < after < len(turn.events):
                        continue
                    await response.write(f"id: {after}\nevent: {kind}\ndata: {json.dumps(data)}\n\n".encode())
                if turn.over:
                    return response
        except ConnectionError:
            return response
        finally:
            self._streams.discard(transport)

    async def _stop(self, request: web.Request) -> web.Response:
        self._turns[request.match_info["turn"]].stop.set()
        return web.Response(status=204)

    async def _file(self, request: web.Request) -> web.Response:
        content, kind = self._files[request.match_info["file"]]
        return web.Response(body=content, content_type=kind)

    async def _learn(self, request: web.Request) -> web.Response:
        """Only a file that is there: the first time its agent takes none."""
        if request.match_info["file"] not in self._files:
            return web.json_response({"code": "not_found", "message": "No such file.", "params": {}}, status=404)
        self.learned.append(request.match_info["file"])
        if len(self.learned) == 1:
            body = {"code": "locked", "message": "It is locked.", "params": {"field": "knowledge"}}
            return web.json_response(body, status=409)
        return web.json_response({}, status=201)

    async def _source(self, request: web.Request) -> web.Response:
        """What stands around a passage that an answer was told of."""
        file, number = request.match_info["file"], int(request.match_info["passage"])
        used = [part.data for _, message in self.messages for part in message.parts if isinstance(part, DataPart)]
        hits = [hit for data in used for hit in KnowledgeUsed.model_validate(data).hits]
        [text] = {hit.text for hit in hits if (hit.file, hit.passage) == (file, number)}
        around = {number - 1: "What stands before.", number: text, number + 1: "What stands after."}
        passages = [{"number": number, "text": text} for number, text in around.items()]
        original = {"url": f"/api/files/{file}", "name": file, "media_type": "", "address": ""}
        return web.json_response({"passages": passages, "original": original})


def _last(answer: Sequence[Step], *, stopped: bool) -> RunFailed | RunFinished:
    """How a turn ends: as its script says, unless a person stopped it."""
    last = answer[-1] if answer else None
    if isinstance(last, (RunFailed, RunFinished)) and not stopped:
        return last
    return RunFinished(text="", usage=Usage(), stop="stopped" if stopped else "answered")


async def _read(request: web.Request) -> Received:
    if request.content_type == "application/json":
        body = await request.json()
        return Received(text=body["text"], language=body["language"], files={})
    texts: dict[str, str] = {}
    files: dict[str, bytes] = {}
    async for part in await request.multipart():
        assert isinstance(part, BodyPartReader)
        if part.name == "files":
            files[part.filename or ""] = bytes(await part.read())
        else:
            texts[part.name or ""] = await part.text()
    return Received(text=texts["text"], language=texts["language"], files=files)


async def _first(*events: asyncio.Event) -> None:
    """Waits until one of the events is set."""
    waiting = [asyncio.create_task(event.wait()) for event in events]
    try:
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in waiting:
            task.cancel()
