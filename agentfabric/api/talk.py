"""Talking with the builder and with an agent; turns, their events and their end; the files of messages."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated

from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.responses import StreamingResponse

from agentfabric.api.bodies import FILES, LANGUAGE, Said, TheStudio, TheUser, an_object, described, files_of, said_of
from agentfabric.api.originals import handed_out
from user_agent.errors import BadRequest
from user_agent.events import EventBase
from user_agent.serve.bodies import Answered, Asked, bare, message_of
from user_agent.serve.decisions import Decided
from user_agent.serve.sse import seen_of, stream
from user_agent.serve.turns import Envelope

router = APIRouter(prefix="/api", tags=["conversations"])

MessageKey = Annotated[
    str,
    Header(
        max_length=200,
        description="The client's own name for the message. Sent again under it, the message begins no second turn: "
        "the answer is the stream of the first one.",
    ),
]


@router.post(
    "/agents/{agent_id}/builder",
    response_class=StreamingResponse,
    openapi_extra=described(
        json=Said.model_json_schema(), form=an_object(text={"type": "string"}, language=LANGUAGE, files=FILES)
    ),
)
async def say_to_builder(
    agent_id: str, request: Request, studio: TheStudio, user: TheUser, idempotency_key: MessageKey = ""
) -> StreamingResponse:
    """Tell the builder what the agent should be. The answer streams; the draft changes as it goes.

    Files are descriptions of services: of an API, or the JSON of MCP servers. 415 `nothing_to_connect` for others.
    """
    said, uploads = await said_of(request)
    key = bare(idempotency_key)
    turn = await studio.chat.say_to_builder(user, agent_id, said.text, said.language, key, uploads)
    return stream(await studio.chat.answer(user, turn))


@router.post(
    "/agents/{agent_id}/conversations/{conversation_id}/messages",
    response_class=StreamingResponse,
    openapi_extra=described(
        json=Asked.model_json_schema(),
        form=an_object(text={"type": "string"}, instead_of={"type": "string"}, files=FILES),
    ),
)
async def say(
    agent_id: str,
    conversation_id: str,
    request: Request,
    studio: TheStudio,
    user: TheUser,
    idempotency_key: MessageKey = "",
) -> StreamingResponse:
    """Talk to the agent as it is configured now. The answer streams. 409 while it is still answering.

    With `instead_of`, the id of a turn, the question takes the place of that one (edit), or without a `text` asks the
    same again (retry). What was there, with all that followed, stays as another version.
    """
    asked, uploads = await message_of(request)
    key = bare(idempotency_key)
    turn = await studio.chat.say(user, agent_id, conversation_id, asked.text, uploads, asked.instead_of, key)
    return stream(await studio.chat.answer(user, turn))


@router.post(
    "/agents/{agent_id}/reading",
    response_class=StreamingResponse,
    openapi_extra=described(form=an_object(files=FILES)),
)
async def read_ahead(agent_id: str, request: Request, studio: TheStudio, user: TheUser) -> StreamingResponse:
    """Have a file read that is about to be sent with a message. `file_reading` tells how far that is, from 0 to 1, and
    the last event, `file_read`, `why` it cannot be, or null. Nothing is kept but what was read; who leaves ends it."""
    uploads = await files_of(request)
    if len(uploads) != 1:
        raise BadRequest("Send one file.")
    return stream(_numbered(await studio.knowledge.ahead(user, agent_id, uploads[0])))


async def _numbered(events: AsyncGenerator[EventBase, None]) -> AsyncGenerator[list[Envelope], None]:
    async with aclosing(events):
        number = 0
        async for event in events:
            number += 1
            yield [Envelope(number, event)]


@router.post("/agents/{agent_id}/conversations/{conversation_id}/decisions", response_class=StreamingResponse)
async def decide(
    agent_id: str,
    conversation_id: str,
    decided: Decided,
    studio: TheStudio,
    user: TheUser,
    idempotency_key: MessageKey = "",
) -> StreamingResponse:
    """Allow or refuse calls that wait: the last turn ended in `input_needed`, which names them. The rest streams.

    What is allowed is made exactly as it was shown. Calls that are not named wait on. 409 `not_waiting` where somebody
    has decided already, or the conversation went on.
    """
    turn = await studio.chat.decide(user, agent_id, conversation_id, decided, bare(idempotency_key))
    return stream(await studio.chat.answer(user, turn))


@router.get("/turns/{turn_id}/events", response_class=StreamingResponse)
async def turn_events(
    turn_id: str,
    studio: TheStudio,
    user: TheUser,
    last_event_id: Annotated[str, Header()] = "",
    after: Annotated[int, Query(ge=0)] = 0,
) -> StreamingResponse:
    """The events of a turn after `Last-Event-ID`, and the ones to come. A client that lost its stream goes on here."""
    return stream(await studio.chat.events(user, turn_id, seen_of(last_event_id, after)))


@router.post("/turns/{turn_id}/stop", status_code=204)
async def stop_turn(turn_id: str, studio: TheStudio, user: TheUser) -> None:
    """End a turn, its model and its tools. What was said so far stays."""
    await studio.chat.stop(user, turn_id)


@router.post("/turns/{turn_id}/answers", status_code=204)
async def answer_question(turn_id: str, answered: Answered, studio: TheStudio, user: TheUser) -> None:
    """Answer what somebody asks while a call is open (`question_asked`). 409 `not_waiting` where it waits no more.

    `content` holds the fields of the form by their names, with `accept` alone; it goes to whoever asked, and nowhere
    else.
    """
    await studio.answers.answer(user, turn_id, answered.question, answered.action, answered.content)


@router.get("/files/{file_id}", response_class=Response)
async def get_file(
    file_id: str, studio: TheStudio, user: TheUser, byte_range: Annotated[str, Header(alias="range")] = ""
) -> Response:
    """A file of a conversation: one that came with a message, or one that a tool made. Parts are to be had by range."""
    file = await studio.conversations.file(user, file_id)
    return handed_out(studio.originals, user, await studio.originals.of(user, file), byte_range)
