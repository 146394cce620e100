"""What requests carry, read and checked in one place."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Annotated, Any, TypeVar, cast

from fastapi import Depends, Request
from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.datastructures import FormData, UploadFile

from agentfabric.service.studio import Studio
from user_agent.config import Document, Language, cleaned, parse_document
from user_agent.errors import BadRequest, TooLarge
from user_agent.serve.uploads import Upload


async def studio_of(request: Request) -> Studio:
    """The use cases, as the application holds them."""
    # Asynchronous, as `user_of` is, so that FastAPI asks in place: plain functions go through a thread every time.
    return cast(Studio, request.app.state.studio)


async def user_of(request: Request) -> str:
    """The user that the door let in."""
    return cast(str, request.state.user)


MAX_TEXT_BODY_BYTES = 4_000_000
MAX_FILES = 20
"""How many files, and how many fields, one form may have."""

TheStudio = Annotated[Studio, Depends(studio_of)]
TheUser = Annotated[str, Depends(user_of)]


class Given(BaseModel):
    """A JSON body that FastAPI reads. What it does not know it refuses: a misspelt field would be lost unnoticed."""

    model_config = ConfigDict(extra="forbid")


class Said(BaseModel):
    """A message to the builder or to an agent. `language` is the one the page is in."""

    model_config = ConfigDict(extra="ignore")

    text: str = ""
    language: Language = "en"


class Asked(BaseModel):
    """A message to an agent. `instead_of` is the turn that it takes the place of; without a `text`, its words stay."""

    model_config = ConfigDict(extra="ignore")

    text: str | None = None
    instead_of: str | None = None


class ConversationChange(BaseModel):
    """What changes of a conversation: its `title`, or the version that is shown, by its `turn`."""

    model_config = ConfigDict(extra="ignore")

    title: str | None = None
    turn: str | None = None


Body = TypeVar("Body", bound=BaseModel)

Schema = dict[str, Any]
"""A JSON schema."""

FILES: Schema = {"type": "array", "items": {"type": "string", "format": "binary"}}


def described(**content: Schema) -> dict[str, Any]:
    """How the API describes a body that is read by hand: `json` and `form` are schemas of what may be sent."""
    types = {"json": "application/json", "form": "multipart/form-data"}
    return {"requestBody": {"content": {types[kind]: {"schema": schema} for kind, schema in content.items()}}}


def an_object(**properties: Schema) -> Schema:
    return {"type": "object", "properties": properties}


LANGUAGE: Schema = {"type": "string", "enum": ["zh", "en"]}
CONFIG: Schema = an_object(
    name={"type": "string"},
    description={"type": "string"},
    instruction={"type": "string"},
    prologue={"type": "string"},
    prompt_recommend={"type": "array", "items": {"type": "string"}},
    model={"type": "string"},
    language=LANGUAGE,
    memory={"type": "boolean"},
    generation=an_object(temperature={"type": "number"}, max_tokens={"type": "integer"}),
    retrieval=an_object(
        embedding={"type": "string"},
        reranker={"type": "string"},
        tags={"type": "array", "items": {"type": "string"}},
    ),
    knowledge={"type": "array", "items": {"type": "string"}},
    avatar={"type": "string"},
)
"""The fields of a configuration that have the same shape wherever they are written; `tools` has two."""


async def document_of(request: Request, *, required: bool = False) -> Document:
    """The JSON object of a request's body. Nothing at all counts as `{}`, unless it is required.

    Raises `ConfigError` and `BadRequest`.
    """
    try:
        text = (await _text_body(request)).decode()
    except UnicodeDecodeError as error:
        raise BadRequest("The body is not UTF-8.") from error
    # In a thread: a large one takes a while, and other streams go on meanwhile.
    return await asyncio.to_thread(parse_document, text) if required or text.strip() else {}


async def message_of(request: Request) -> tuple[Asked, list[Upload]]:
    """A message to an agent and its files, from JSON or from a form."""
    if _is_form(request):
        async with _form(request) as form:
            fields = {name: value for name in ("text", "instead_of") if isinstance(value := form.get(name), str)}
            return Asked(**fields), await _uploads(form)
    return await read_body(request, Asked, 'The body is JSON with a "text".'), []


async def said_of(request: Request) -> tuple[Said, list[Upload]]:
    """A message to the builder and its files, from JSON or from a form. Broken characters in it are mended later, not
    refused."""
    if _is_form(request):
        async with _form(request) as form:
            fields = {name: value for name in ("text", "language") if isinstance(value := form.get(name), str)}
            try:
                return Said.model_validate(fields), await _uploads(form)
            except ValidationError as error:
                raise BadRequest('The form has a "text", a "language" and files.') from error
    return await read_body(request, Said, 'The body is JSON with a "text".'), []


async def conversation_change_of(request: Request) -> ConversationChange:
    return await read_body(request, ConversationChange, 'The body is JSON with a "title" or a "turn".')


async def read_body(request: Request, kind: type[Body], wanted: str) -> Body:
    """A JSON body of that shape. Raises `BadRequest` with what was `wanted`, and `TooLarge`."""
    try:
        return kind.model_validate(json.loads(await _text_body(request)))
    except (ValueError, RecursionError) as error:
        raise BadRequest(wanted) from error


async def _text_body(request: Request) -> bytes:
    """The body of a request that carries words and no files. Raises `TooLarge`."""
    body = await request.body()
    if len(body) > MAX_TEXT_BODY_BYTES:
        limit = f"{MAX_TEXT_BODY_BYTES // 1_000_000} MB"
        raise TooLarge(f"The body is larger than {limit}. Send long texts as files.", limit=limit)
    return body


def _is_form(request: Request) -> bool:
    return request.headers.get("content-type", "").lower().startswith("multipart/form-data")


async def files_of(request: Request) -> list[Upload]:
    """The files of a form, or the whole body as one nameless file."""
    if _is_form(request):
        async with _form(request) as form:
            return await _uploads(form)
    media_type = request.headers.get("content-type", "application/octet-stream")
    return [Upload(name="file", media_type=media_type, data=await request.body())]


@asynccontextmanager
async def _form(request: Request) -> AsyncGenerator[FormData]:
    """The form in the body; its files go on the way out. Raises `BadRequest`."""
    try:
        form = await request.form(max_files=MAX_FILES, max_fields=MAX_FILES)
    except UnicodeError as error:  # the client names the encoding, and some decode nothing
        raise BadRequest("The form is in an encoding that cannot be read. Send it as UTF-8.") from error
    try:
        yield form
    finally:
        await form.close()


async def _uploads(form: FormData) -> list[Upload]:
    """Every file in a form, whatever its field is called: clients write `file`, `files` and `files[]`."""
    return [
        Upload(
            name=cleaned(file.filename or "file"),
            media_type=cleaned(file.content_type or "application/octet-stream"),
            data=await file.read(),
        )
        for _, file in form.multi_items()
        if isinstance(file, UploadFile)
    ]
