"""What requests carry, read and checked in one place."""

from typing import Annotated, Any, cast

from fastapi import Depends, Request
from pydantic import BaseModel, ConfigDict
from starlette.datastructures import FormData, UploadFile

from agentfabric.service.studio import Studio
from agentfabric.service.uploads import Upload
from user_agent.config import Document, Language, parse_document
from user_agent.errors import BadRequest


def studio_of(request: Request) -> Studio:
    """The use cases, as the application holds them."""
    return cast(Studio, request.app.state.studio)


def user_of(request: Request) -> str:
    """The user that the door let in."""
    return cast(str, request.state.user)


MAX_FILES = 20
"""How many files, and how many fields, one form may have."""

TheStudio = Annotated[Studio, Depends(studio_of)]
TheUser = Annotated[str, Depends(user_of)]


class Said(BaseModel):
    """A message to the builder or to an agent. `language` is the one the page is in."""

    model_config = ConfigDict(extra="ignore")

    text: str = ""
    language: Language = "en"


FILES_FORM: dict[str, Any] = {
    "requestBody": {
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {"files": {"type": "array", "items": {"type": "string", "format": "binary"}}},
                }
            }
        }
    }
}
"""How the API's description shows a form with files."""


async def document_of(request: Request) -> Document:
    """The JSON object of a request's body; empty for an empty body. Raises `ConfigError`."""
    try:
        text = (await request.body()).decode()
    except UnicodeDecodeError as error:
        raise BadRequest("The body is not UTF-8.") from error
    return parse_document(text) if text.strip() else {}


async def message_of(request: Request) -> tuple[str, list[Upload]]:
    """Text and files of a message, from JSON or from a form."""
    if request.headers.get("content-type", "").startswith("multipart/form-data"):
        async with request.form(max_files=MAX_FILES, max_fields=MAX_FILES) as form:
            text = form.get("text", "")
            return (text if isinstance(text, str) else ""), await _uploads(form)
    said = await said_of(request)
    return said.text, []


async def said_of(request: Request) -> Said:
    """The message in a JSON body. Broken characters in it are mended later, not refused."""
    try:
        return Said.model_validate(await request.json())
    except ValueError as error:
        raise BadRequest('The body is JSON with a "text".') from error


async def files_of(request: Request) -> list[Upload]:
    """The files of a form, or the whole body as one nameless file."""
    if request.headers.get("content-type", "").startswith("multipart/form-data"):
        async with request.form(max_files=MAX_FILES, max_fields=MAX_FILES) as form:
            return await _uploads(form)
    media_type = request.headers.get("content-type", "application/octet-stream")
    return [Upload(name="file", media_type=media_type, data=await request.body())]


async def _uploads(form: FormData) -> list[Upload]:
    """Every file in a form, whatever its field is called: clients write `file`, `files` and `files[]`."""
    return [
        Upload(
            name=file.filename or "file",
            media_type=file.content_type or "application/octet-stream",
            data=await file.read(),
        )
        for _, file in form.multi_items()
        if isinstance(file, UploadFile)
    ]
