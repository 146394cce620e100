"""The agent as the official SDK serves it. Imported when the first client asks: it takes half a second."""

import base64
import logging
import secrets
from collections.abc import Sequence
from contextlib import aclosing
from typing import Any

import mcp_types as types
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.shared.exceptions import MCPError
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from user_agent.errors import FabricError, LimitReached
from user_agent.events import EventBase, ToolStarted
from user_agent.messages import user_message
from user_agent.serve.answer import Answer
from user_agent.serve.brief_talks import alone, keep, messages_of
from user_agent.serve.keyed import Opened
from user_agent.serve.reading import read_already, whole_body
from user_agent.serve.served import Profile
from user_agent.storable import cleaned
from user_agent.transcript import Transcript

ASK = "ask"
MAX_MESSAGE_CHARS = 100_000
MAX_BODY_BYTES = 4_000_000
RETRY_AFTER_S = "agentfabric/retry_after_s"
"""In the `_meta` of a result that tells of a limit."""
FILES = "agent-file:"
"""What addresses of files that tools made begin with."""

# It logs whole messages: what somebody asked an agent is nobody else's.
logging.getLogger("mcp").setLevel(logging.CRITICAL + 1)

Context = ServerRequestContext[Any, Any]


class Asked(BaseModel):
    """The arguments of the tool; its schema is made of this."""

    model_config = ConfigDict(extra="forbid", strict=True)

    message: str = Field(min_length=1, max_length=MAX_MESSAGE_CHARS, description="What to ask or tell the agent.")
    conversation: str | None = Field(
        default=None,
        max_length=100,
        description="The `conversation` of an earlier answer, to go on with it. Leave it out to begin a new one.",
    )


class Citation(BaseModel):
    number: int
    name: str
    text: str


class Told(BaseModel):
    """What the tool answers with, beside its text."""

    text: str
    conversation: str
    citations: list[Citation]


async def answer(opened: Opened, profile: Profile, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer one request. Raises `TooLarge` and `TooSlow`, which the SDK would take for defects of its own."""
    body = await whole_body(Request(scope, receive), MAX_BODY_BYTES)
    manager = StreamableHTTPSessionManager(_Agent(opened, profile).server(), stateless=True)
    async with manager.run():
        await manager.handle_request(scope, read_already(body, receive), send)


class _Agent:
    """One agent for one request."""

    def __init__(self, opened: Opened, profile: Profile) -> None:
        self._opened = opened
        self._profile = profile

    def server(self) -> Server[Any]:
        return Server(
            self._opened.names[0],
            version=self._profile.version,
            title=self._profile.name,
            description=self._profile.description,
            on_list_tools=self._tools,
            on_call_tool=self._call,
            on_list_prompts=self._prompts,
            on_get_prompt=self._prompt,
            on_read_resource=self._file,
        )

    async def _tools(self, context: Context, params: types.PaginatedRequestParams | None) -> types.ListToolsResult:
        about = f"{self._profile.name}: {self._profile.description}" if self._profile.description else ""
        tool = types.Tool(
            name=ASK,
            title=self._profile.name,
            description=about or self._profile.name,
            input_schema=Asked.model_json_schema(),
            output_schema=Told.model_json_schema(),
        )
        return types.ListToolsResult(tools=[tool])

    async def _call(self, context: Context, params: types.CallToolRequestParams) -> types.CallToolResult:
        if params.name != ASK:
            raise MCPError(types.INVALID_PARAMS, f"There is no tool {params.name[:100]!r}, only {ASK!r}.")
        try:
            asked = Asked.model_validate(params.arguments or {})
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(str(step) for step in first["loc"]) or "arguments"
            return _failed(f"{place!r}: {first['msg']}.")
        try:
            if asked.conversation is None:
                return await self._answer(context, self._opened, asked)
            async with alone(self._opened, asked.conversation, secrets.token_hex(8)) as opened:
                return await self._answer(context, opened, asked)
        except LimitReached as error:
            return _failed(error.message, {RETRY_AFTER_S: error.retry_after_s})
        except FabricError as error:
            return _failed(error.message)

    async def _answer(self, context: Context, opened: Opened, asked: Asked) -> types.CallToolResult:
        notes = opened.notes
        earlier = await messages_of(notes, asked.conversation) if asked.conversation else ()
        transcript = Transcript((*earlier, user_message(cleaned(asked.message))))
        answer = Answer(self._profile.language)
        beats = 0
        async with aclosing(opened.run(transcript.messages)) as batches:
            async for batch in batches:
                for event in batch:
                    transcript.add(event)
                    answer.add(event)
                beats += 1
                await context.session.report_progress(beats, message=self._doing(batch))
        talk = await keep(notes, asked.conversation, transcript.messages)
        told = Told(
            text=answer.text,
            conversation=talk,
            citations=[
                Citation(number=hit.number, name=hit.name, text=hit.text)
                for hit in answer.citations
                if hit.number is not None
            ],
        )
        links = [
            types.ResourceLink(
                type="resource_link",
                uri=f"{FILES}{file.file}",
                name=file.name,
                mime_type=file.media_type,
                size=file.size_bytes,
            )
            for file in answer.files
        ]
        return types.CallToolResult(
            content=[types.TextContent(type="text", text=answer.text), *links],
            structured_content=told.model_dump(mode="json"),
        )

    def _doing(self, batch: Sequence[EventBase]) -> str | None:
        """What people would call what the agent does now."""
        started = [event.name for event in batch if isinstance(event, ToolStarted)]
        titles = [self._profile.tool_titles.get(name, {}).get(self._profile.language, name) for name in started]
        return ", ".join(titles) or None

    async def _prompts(self, context: Context, params: types.PaginatedRequestParams | None) -> types.ListPromptsResult:
        return types.ListPromptsResult(
            prompts=[
                types.Prompt(name=f"suggestion-{number}", title=text, description=text)
                for number, text in enumerate(self._profile.suggestions, start=1)
            ]
        )

    async def _prompt(self, context: Context, params: types.GetPromptRequestParams) -> types.GetPromptResult:
        named = {f"suggestion-{number}": text for number, text in enumerate(self._profile.suggestions, start=1)}
        if params.name not in named:
            raise MCPError(types.INVALID_PARAMS, f"There is no prompt {params.name[:100]!r}.")
        said = types.TextContent(type="text", text=named[params.name])
        return types.GetPromptResult(messages=[types.PromptMessage(role="user", content=said)])

    async def _file(self, context: Context, params: types.ReadResourceRequestParams) -> types.ReadResourceResult:
        """A file that a tool made for this caller."""
        uri = str(params.uri)
        try:
            file = await self._opened.served.file(self._opened.caller, uri.removeprefix(FILES))
        except FabricError as error:
            raise MCPError(types.INVALID_PARAMS, error.message) from error
        blob = base64.b64encode(file.data).decode()
        contents = types.BlobResourceContents(uri=uri, mime_type=file.media_type, blob=blob)
        return types.ReadResourceResult(contents=[contents])


def _failed(why: str, about: dict[str, Any] | None = None) -> types.CallToolResult:
    return types.CallToolResult(content=[types.TextContent(type="text", text=why)], is_error=True, _meta=about)
