"""Asking the adapter for OpenAI-compatible endpoints, with a fake one behind it."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from tests.fakes.openai_replies import Reply
from tests.fakes.openai_server import FakeOpenAI
from user_agent.messages import user_message
from user_agent.models.base import Chunk, ModelRequest, ToolSchema
from user_agent.models.entry import ModelEntry
from user_agent.models.openai_compatible import OpenAICompatible
from user_agent.runtime import ModelClients

WEATHER = ToolSchema(
    "weather", "The weather in a city.", {"type": "object", "properties": {"city": {"type": "string"}}}
)


def entry_for(server: FakeOpenAI, **fields: Any) -> ModelEntry:
    return ModelEntry.model_validate({"type": "openai", "model": "fake-1", "api_base": server.base_url, **fields})


@asynccontextmanager
async def endpoint(*replies: Reply) -> AsyncGenerator[tuple[FakeOpenAI, ModelClients]]:
    async with FakeOpenAI(*replies) as server, ModelClients() as clients:
        yield server, clients


def asking(text: str = "Hi", *, tools: Sequence[ToolSchema] = (), **more: Any) -> ModelRequest:
    return ModelRequest(system="Be brief.", messages=[user_message(text)], tools=tools, **more)


async def answered(reply: Reply, request: ModelRequest | None = None, **fields: Any) -> list[Chunk]:
    """The chunks of one reply."""
    async with endpoint(reply) as (server, clients):
        model = OpenAICompatible(clients, entry_for(server, **fields))
        return [chunk async for chunk in model.stream(request or asking())]


def text_of(chunks: Sequence[Chunk]) -> str:
    return "".join(chunk.text for chunk in chunks)
