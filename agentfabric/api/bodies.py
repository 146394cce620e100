"""What requests carry, read and checked in one place."""

import asyncio
from typing import Annotated, Any, cast

from fastapi import Depends, Request
from pydantic import BaseModel, ConfigDict, ValidationError

from agentfabric.service.imports import Parcel
from agentfabric.service.studio import Studio
from user_agent.config import Document, parse_document
from user_agent.errors import BadRequest
from user_agent.serve.bodies import form_of, is_form, read_body, text_body, uploads_of
from user_agent.serve.uploads import Upload
from user_agent.words import Language


async def studio_of(request: Request) -> Studio:
    """The use cases, as the application holds them."""
    # Asynchronous, as `user_of` is, so that FastAPI asks in place: plain functions go through a thread every time.
    return cast(Studio, request.app.state.studio)


async def user_of(request: Request) -> str:
    """The user that the door let in."""
    return cast(str, request.state.user)


TheStudio = Annotated[Studio, Depends(studio_of)]
TheUser = Annotated[str, Depends(user_of)]


class Said(BaseModel):
    """A message to the builder or to an agent. `language` is the one the page is in."""

    model_config = ConfigDict(extra="ignore")

    text: str = ""
    language: Language = "en"


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
        budget={"type": "integer"},
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
        text = (await text_body(request)).decode()
    except UnicodeDecodeError as error:
        raise BadRequest("The body is not UTF-8.") from error
    # In a thread: a large one takes a while, and other streams go on meanwhile.
    return await asyncio.to_thread(parse_document, text) if required or text.strip() else {}


async def said_of(request: Request) -> tuple[Said, list[Upload]]:
    """A message to the builder and its files, from JSON or from a form. Broken characters in it are mended later, not
    refused."""
    if is_form(request):
        async with form_of(request) as form:
            fields = {name: value for name in ("text", "language") if isinstance(value := form.get(name), str)}
            try:
                return Said.model_validate(fields), await uploads_of(form)
            except ValidationError as error:
                raise BadRequest('The form has a "text", a "language" and files.') from error
    return await read_body(request, Said, 'The body is JSON with a "text".'), []


async def parcel_of(request: Request, number: int) -> Parcel:
    """A file from outside, or the address of one. Raises `BadRequest` where there is neither."""
    if is_form(request):
        files = await files_of(request)
        if not files:
            raise BadRequest("There is no file in the form.")
        return Parcel(data=files[0].data, number=number)
    url = (await document_of(request)).get("url")
    if not isinstance(url, str) or not url.strip():
        raise BadRequest('Send a file as a form, or its address as {"url": "https://…"}.')
    return Parcel(url=url.strip(), number=number)


async def files_of(request: Request) -> list[Upload]:
    """The files of a form, or the whole body as one nameless file."""
    if is_form(request):
        async with form_of(request) as form:
            return await uploads_of(form)
    media_type = request.headers.get("content-type", "application/octet-stream")
    return [Upload(name="file", media_type=media_type, data=await request.body())]
