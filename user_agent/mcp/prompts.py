"""Prompts of MCP servers: texts that a stranger wrote, for a person to look at before they say them."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from user_agent.openapi.references import short
from user_agent.storable import cleaned

if TYPE_CHECKING:
    from mcp.client.client import Client
    from mcp_types import ContentBlock, Prompt

MAX_PROMPTS = 200
MAX_PAGES = 10
MAX_ARGUMENTS = 20
MAX_TEXT_CHARS = 20_000


@dataclass(frozen=True, slots=True)
class PromptArgument:
    """Something that a prompt is filled in with."""

    name: str
    description: str
    required: bool


@dataclass(frozen=True, slots=True)
class McpPrompt:
    """A text that a server offers."""

    name: str
    title: str
    description: str
    arguments: tuple[PromptArgument, ...] = ()


@dataclass(frozen=True, slots=True)
class PromptText:
    """A prompt filled in. `left_out` counts what of it a person cannot say: pictures, sounds, and answers to it."""

    text: str
    left_out: int = 0


async def read_prompts(client: "Client") -> tuple[McpPrompt, ...]:
    """What a server offers, as far as anybody would read. Raises what the SDK raises."""
    found: dict[str, McpPrompt] = {}
    if client.server_capabilities.prompts is not None:
        async for prompt in _listed(client):
            if len(found) == MAX_PROMPTS:
                break
            if 0 < len(prompt.name) <= 200 and len(prompt.arguments or ()) <= MAX_ARGUMENTS:
                found.setdefault(prompt.name, _read(prompt))
    return tuple(found.values())


async def read_prompt(client: "Client", name: str, arguments: Mapping[str, str]) -> PromptText:
    """The prompt, filled in. Raises what the SDK raises."""
    prompt = await client.get_prompt(name, dict(arguments))
    texts = [_text(message.content) if message.role == "user" else "" for message in prompt.messages]
    said = cleaned("\n\n".join(text for text in texts if text)).strip()
    return PromptText(said[:MAX_TEXT_CHARS], sum(not text for text in texts) + (len(said) > MAX_TEXT_CHARS))


async def _listed(client: "Client") -> "AsyncIterator[Prompt]":
    cursor: str | None = None
    for _ in range(MAX_PAGES):
        page = await client.list_prompts(cursor=cursor, cache_mode="bypass")
        for prompt in page.prompts:
            yield prompt
        cursor = page.next_cursor
        if not cursor:
            return


def _read(prompt: "Prompt") -> McpPrompt:
    arguments = tuple(
        PromptArgument(argument.name, _line(argument.description), bool(argument.required))
        for argument in prompt.arguments or ()
        if 0 < len(argument.name) <= 200
    )
    return McpPrompt(prompt.name, _line(prompt.title), _line(prompt.description), arguments)


def _text(content: "ContentBlock") -> str:
    match content.type:
        case "text":
            return content.text
        case "resource":
            return str(getattr(content.resource, "text", ""))
        case _:
            return ""


def _line(text: str | None) -> str:
    return short(cleaned(text or ""), 500)
