"""The protocol of OpenAI's clients: `/models`, `/chat/completions`, and the files that tools made for an answer."""

import secrets
from collections.abc import AsyncGenerator
from contextlib import aclosing
from urllib.parse import quote

import structlog
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from user_agent.errors import FabricError, NotFound
from user_agent.events import EventBase, Usage
from user_agent.serve.answer import Answer, Step
from user_agent.serve.failures import gone
from user_agent.serve.keyed import Keys, Opened
from user_agent.serve.openai.answering import Finish, Reply, data, finish_of
from user_agent.serve.openai.asking import ChatRequest, read_request
from user_agent.serve.openai.conversation import conversation_of
from user_agent.serve.openai.cutting import Cutter
from user_agent.serve.openai.refusing import Refused, refusal_of
from user_agent.serve.reading import client_of, key_in, require_no_foreign_page, unless_gone, whole_body

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

MAX_BODY_BYTES = 40_000_000
"""Pictures in base64 included."""
BEAT = b": beat\n\n"
DONE = b"data: [DONE]\n\n"


def openai_app(keys: Keys) -> Starlette:
    """The application to mount under `/v1`."""
    door = _Door(keys)
    return Starlette(
        routes=[
            Route("/models", door.models, methods=["GET"]),
            Route("/models/{name:path}", door.model, methods=["GET"]),
            Route("/chat/completions", door.chat, methods=["POST"]),
            Route("/files/{file}/content", door.file, methods=["GET"]),
        ],
        exception_handlers={
            Refused: _refused,
            FabricError: _failed,
            HTTPException: _nothing_there,
            ClientDisconnect: gone,
            Exception: _broken,
        },
    )


class _Door:
    def __init__(self, keys: Keys) -> None:
        self._keys = keys

    async def models(self, request: Request) -> Response:
        opened = await self._opened(request)
        return JSONResponse({"object": "list", "data": [_model(opened)]})

    async def model(self, request: Request) -> Response:
        opened = await self._opened(request)
        _require_name(opened, request.path_params["name"])
        return JSONResponse(_model(opened))

    async def chat(self, request: Request) -> Response:
        opened = await self._opened(request)
        asked = read_request(await whole_body(request, MAX_BODY_BYTES))
        _require_name(opened, asked.model)
        language = (await opened.served.profile()).language
        said = await conversation_of(asked, language, self._keys.http)
        batches = opened.run(said.messages, said.files)
        here = str(request.url.replace(path=request.scope["root_path"], query=""))
        reply = Reply.to_now(secrets.token_hex(12), opened.names[0], here)
        if asked.stream:
            # What refuses at once, a limit say, is told by the status of the answer; a stream has none any more.
            first = await unless_gone(request.receive, anext(batches, None))
            pieces = _Pieces(reply, asked, Answer(language)).stream(first, batches)
            return StreamingResponse(
                pieces,
                media_type="text/event-stream",
                headers={"cache-control": "no-store", "x-accel-buffering": "no"},
            )
        whole = await unless_gone(request.receive, _whole(reply, asked, Answer(language), batches))
        return Response(whole, media_type="application/json", headers={"cache-control": "no-store"})

    async def file(self, request: Request) -> Response:
        opened = await self._opened(request)
        try:
            file = await opened.served.file(opened.caller, request.path_params["file"])
        except NotFound as error:
            raise Refused("There is no such file for this key.", status=404, code="file_not_found") from error
        disposition = f"attachment; filename*=UTF-8''{quote(file.name, safe='')}"
        return Response(file.data, media_type=file.media_type, headers={"content-disposition": disposition})

    async def _opened(self, request: Request) -> Opened:
        require_no_foreign_page(request)
        return await self._keys.opened(key_in(request.headers), "openai", client_of(request))


def _require_name(opened: Opened, name: str) -> None:
    if name not in opened.names:
        raise Refused(
            f"There is no model {name[:100]!r} for this key. It opens {opened.names[0]!r}.",
            status=404,
            code="model_not_found",
            param="model",
        )


def _model(opened: Opened) -> dict[str, object]:
    return {"id": opened.names[0], "object": "model", "created": 0, "owned_by": "agentfabric"}


async def _whole(
    reply: Reply, asked: ChatRequest, answer: Answer, batches: AsyncGenerator[list[EventBase], None]
) -> bytes:
    cutter = Cutter(asked.stops, asked.longest)
    said: list[str] = []
    async with aclosing(batches):
        async for batch in batches:
            said += [cutter.take(answer.add(event)) for event in batch]
            if cutter.finish:
                break
    said.append(cutter.rest())
    return reply.whole("".join(said), _finish(cutter, answer), answer, _usage(cutter, answer))


class _Pieces:
    """One answer as a stream."""

    def __init__(self, reply: Reply, asked: ChatRequest, answer: Answer) -> None:
        self._reply = reply
        self._usage = asked.include_usage
        self._answer = answer
        self._cutter = Cutter(asked.stops, asked.longest)
        self._steps_told = 0

    async def stream(
        self, first: list[EventBase] | None, batches: AsyncGenerator[list[EventBase], None]
    ) -> AsyncGenerator[bytes, None]:
        yield self._reply.chunk({"role": "assistant", "content": ""}, with_usage=self._usage)
        try:
            async with aclosing(batches):
                batch = first
                while batch is not None and not self._cutter.finish:
                    yield self._piece(batch) or BEAT
                    batch = await anext(batches, None)
        except FabricError as error:
            yield data(refusal_of(error).body)
            return
        if rest := self._cutter.rest():
            yield self._words(rest)
        finish = _finish(self._cutter, self._answer)
        yield self._reply.last(finish, self._answer, with_usage=self._usage)
        if self._usage:
            yield self._reply.counted(_usage(self._cutter, self._answer))
        yield DONE

    def _piece(self, batch: list[EventBase]) -> bytes:
        pieces: list[bytes] = []
        words: list[str] = []
        for event in batch:
            words.append(self._cutter.take(self._answer.add(event)))
            if len(self._answer.steps) > self._steps_told:
                pieces += [*self._said(words), self._reply.steps(self._new_steps(), with_usage=self._usage)]
                words = []
            if self._cutter.finish:
                break
        return b"".join((*pieces, *self._said(words)))

    def _said(self, words: list[str]) -> list[bytes]:
        text = "".join(words)
        return [self._words(text)] if text else []

    def _words(self, text: str) -> bytes:
        return self._reply.chunk({"content": text}, with_usage=self._usage)

    def _new_steps(self) -> list[Step]:
        new = self._answer.steps[self._steps_told :]
        self._steps_told = len(self._answer.steps)
        return new


def _finish(cutter: Cutter, answer: Answer) -> Finish:
    return cutter.finish or finish_of(answer.stop)


def _usage(cutter: Cutter, answer: Answer) -> Usage:
    """As the endpoint counted; where it did not, or the answer was cut here, an estimate of what was shown."""
    return Usage(output_tokens=cutter.tokens) if answer.usage == Usage() else answer.usage


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refused)  # noqa: S101  registered for it
    return error.response


async def _failed(request: Request, error: Exception) -> Response:
    assert isinstance(error, FabricError)  # noqa: S101  registered for it
    return refusal_of(error).response


async def _nothing_there(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101  registered for it
    message = f"There is no {request.method} {request.url.path[:200]} here: /v1/models and /v1/chat/completions are."
    return Refused(message, status=error.status_code, code="unknown_url", headers=error.headers).response


async def _broken(request: Request, error: Exception) -> Response:
    incident = secrets.token_hex(4)
    log.error("request_failed", incident=incident, path=request.url.path, exc_info=error)
    return refusal_of(FabricError(f"Something went wrong here. The log has it under incident {incident}.")).response
