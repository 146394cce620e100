"""What a tool of an MCP server answered, for the model to read and for the person to keep."""

import asyncio
import base64
import binascii
import json
import re
from typing import TYPE_CHECKING, Literal
from urllib.parse import unquote

from user_agent.errors import ToolError
from user_agent.mcp.endpoint import Endpoint
from user_agent.messages import FilePart
from user_agent.storable import cleaned
from user_agent.tools.base import ToolContext, ToolOutput
from user_agent.tools.calling import without_keys
from user_agent.tools.made import told_of
from user_agent.vendors.results import checked_picture, kept_bytes

if TYPE_CHECKING:
    from mcp_types import CallToolResult, ContentBlock

MAX_FILES = 10
MAX_TEXT_CHARS = 200_000
MAX_FILE_BYTES = 10_000_000
_ESCAPES = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b.|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
"""What moves a terminal's cursor and is no text."""


async def output_of(tool: str, result: "CallToolResult", endpoint: Endpoint, context: ToolContext) -> ToolOutput:
    """The texts of a result, and its pictures and sounds as files. Raises `ToolError` where it tells of an error."""
    texts: list[str] = []
    files: list[FilePart] = []
    for block in result.content:
        await _take(block, texts, files, context)
    structured = result.structured_content
    if structured is not None and not any(_same(text, structured) for text in texts):
        texts.append(json.dumps(structured, ensure_ascii=False, separators=(",", ":"), default=str))
    whole = "\n\n".join(text for text in texts if text)
    text = _ESCAPES.sub("", cleaned(without_keys(whole, endpoint.secrets))).strip()
    if result.is_error:
        raise ToolError(f"{tool} says: {text}" if text else f"{tool} failed and does not say why.")
    return ToolOutput(text or ("" if files else "It answered, and said nothing."), tuple(files))


async def _take(block: "ContentBlock", texts: list[str], files: list[FilePart], context: ToolContext) -> None:
    match block.type:
        case "text":
            texts.append(block.text)
        case "image":
            await _keep("picture", block.data, texts, files, context)
        case "audio":
            await _keep("sound", block.data, texts, files, context)
        case "resource_link":
            texts.append(f"{block.title or block.name}: {block.uri} {block.description or ''}".strip())
        case "resource":
            resource = block.resource
            if resource_text := getattr(resource, "text", ""):
                texts.append(f"{resource.uri}\n{resource_text}")
            elif (resource.mime_type or "").startswith("image/"):
                await _keep("picture", getattr(resource, "blob", ""), texts, files, context)
            elif (resource.mime_type or "").startswith("audio/"):
                await _keep("sound", getattr(resource, "blob", ""), texts, files, context)
            else:
                name = str(resource.uri).rstrip("/").rpartition("/")[2]
                await _keep("file", getattr(resource, "blob", ""), texts, files, context, name=name)


async def _keep(
    what: Literal["picture", "sound", "file"],
    data: str,
    texts: list[str],
    files: list[FilePart],
    context: ToolContext,
    *,
    name: str = "",
) -> None:
    """Keep what came in base64 as a file of the conversation; what is no such thing is told to the model."""
    if len(files) == MAX_FILES or len(data) > MAX_FILE_BYTES:
        texts.append(f"[a {what} that was too much to keep]")
        return
    try:
        raw = await asyncio.to_thread(base64.b64decode, data, validate=True)
        if what == "picture":
            picture = await checked_picture(raw, context)
            ending = picture.media_type.removeprefix("image/")
            file = await context.keep(picture.data, name=f"picture.{ending}", media_type=picture.media_type)
        elif what == "file":
            # Of no kind that a browser would open by itself, whatever the server says.
            file = await context.keep(raw, name=_file_name(name), media_type="application/octet-stream")
        else:
            file = await kept_bytes(raw, context, medium="audio", name="sound", alt="")
    except (binascii.Error, ToolError):
        texts.append(f"[a {what} that cannot be read]")
        return
    files.append(file)
    texts.append(told_of([file], context.language))


def _file_name(name: str) -> str:
    """The last part of an address as a name for a file."""
    return re.sub(r"[^\w.-]+", "_", cleaned(unquote(name)).partition("?")[0]).strip("._")[:80] or "file"


def _same(text: str, structured: object) -> bool:
    """Whether a text says what the structured part does: servers send both, for clients that read one of them."""
    try:
        return len(text) < MAX_TEXT_CHARS and bool(json.loads(text) == structured)
    except (ValueError, RecursionError):
        return False
