"""What requests carry, read and checked in one place."""

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Field, JsonValue
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request

from user_agent.errors import BadRequest, FabricError, TooLarge, TooManyFiles
from user_agent.questions import Action
from user_agent.serve.reading import whole_body
from user_agent.serve.uploads import Upload
from user_agent.storable import cleaned

MAX_TEXT_BODY_BYTES = 4_000_000
MAX_FILES = 20
"""How many files, and how many fields, one form may have."""
MAX_FIELD_BYTES = 1_000_000


class Given(BaseModel):
    """A JSON body. What it does not know it refuses: a misspelt field would be lost unnoticed."""

    model_config = ConfigDict(extra="forbid")


class Answered(Given):
    """What a person does with a question: fill in (`accept`), refuse (`decline`), or put it away (`cancel`)."""

    question: Annotated[str, Field(max_length=100)]
    action: Action
    content: dict[str, JsonValue] = Field(default={}, max_length=100)


class FactText(BaseModel):
    text: str
    """A sentence about the person, of at most 300 characters."""


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


async def message_of(request: Request) -> tuple[Asked, list[Upload]]:
    """A message to an agent and its files, from JSON or from a form."""
    if is_form(request):
        async with form_of(request) as form:
            fields = {name: value for name in ("text", "instead_of") if isinstance(value := form.get(name), str)}
            return Asked(**fields), await uploads_of(form)
    return await read_body(request, Asked, 'The body is JSON with a "text".'), []


async def conversation_change_of(request: Request) -> ConversationChange:
    return await read_body(request, ConversationChange, 'The body is JSON with a "title" or a "turn".')


async def read_body(request: Request, kind: type[Body], wanted: str) -> Body:
    """A JSON body of that shape. Raises `BadRequest` with what was `wanted`, and `TooLarge`."""
    try:
        return kind.model_validate(json.loads(await text_body(request)))
    except (ValueError, RecursionError) as error:
        raise BadRequest(wanted) from error


async def text_body(request: Request) -> bytes:
    """The body of a request that carries words and no files. Raises `TooLarge`."""
    try:
        return await whole_body(request, MAX_TEXT_BODY_BYTES)
    except TooLarge as error:
        limit = f"{MAX_TEXT_BODY_BYTES // 1_000_000} MB"
        raise TooLarge(f"The body is larger than {limit}. Send long texts as files.", limit=limit) from error


def is_form(request: Request) -> bool:
    return request.headers.get("content-type", "").lower().startswith("multipart/form-data")


@asynccontextmanager
async def form_of(request: Request) -> AsyncGenerator[FormData]:
    """The form in the body; its files go on the way out. Raises `BadRequest`, `TooManyFiles` and `TooLarge`."""
    try:
        form = await request.form(max_files=MAX_FILES, max_fields=MAX_FILES, max_part_size=MAX_FIELD_BYTES)
    except UnicodeError as error:  # the client names the encoding, and some decode nothing
        raise BadRequest("The form is in an encoding that cannot be read. Send it as UTF-8.") from error
    except HTTPException as error:
        raise _refused(str(error.detail)) from error
    try:
        yield form
    finally:
        await form.close()


def _refused(why: str) -> FabricError:
    """What is wrong with a form, in words that have a cure; Starlette's own, which tell it alone, say which it is."""
    if why.startswith("Too many"):
        message = f"A request takes {MAX_FILES} files. Send them {MAX_FILES} at a time, or pack them into one zip."
        return TooManyFiles(message, limit=MAX_FILES)
    if why.startswith("Part exceeded"):
        message = f"A field of the form is larger than {MAX_FIELD_BYTES // 1_000_000} MB. Send long texts as files."
        return TooLarge(message, limit=f"{MAX_FIELD_BYTES // 1_000_000} MB")
    return BadRequest(f"The form cannot be read: {why} Send it as multipart/form-data.")


async def uploads_of(form: FormData) -> list[Upload]:
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


def bare(key: str) -> str | None:
    """A message's key without the quotes that the header's draft standard asks for; None for none."""
    return key.strip().strip('"') or None
