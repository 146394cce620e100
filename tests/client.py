"""A client of the HTTP API, as an outside program would write one."""

import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import aiohttp


@dataclass(frozen=True)
class Answer:
    status: int
    body: Any
    headers: Mapping[str, str]


@dataclass(frozen=True)
class ServerEvent:
    seq: int
    type: str
    data: dict[str, Any]


class Refused(Exception):
    """A stream was asked for and something else came."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(f"{answer.status}: {answer.body}")
        self.answer = answer


class Client:
    """JSON requests and event streams against one base URL."""

    def __init__(self, base_url: str, headers: Mapping[str, str] | None = None) -> None:
        self.base_url = base_url
        # Shorter than the server's: no request goes into a connection that is just being closed.
        connector = aiohttp.TCPConnector(keepalive_timeout=2)
        self._session = aiohttp.ClientSession(
            headers=dict(headers or {}), cookie_jar=aiohttp.DummyCookieJar(), connector=connector
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session.close()

    async def call(self, method: str, path: str, **options: Any) -> Answer:
        """The answer to one request; JSON bodies are read, others stay bytes."""
        async with self._session.request(method, self.base_url + path, allow_redirects=False, **options) as response:
            body = await response.read()
            is_json = response.content_type == "application/json"
            return Answer(response.status, json.loads(body) if is_json and body else body, response.headers)

    async def get(self, path: str, **options: Any) -> Any:
        return await self._expect(200, "GET", path, **options)

    async def post(self, path: str, **options: Any) -> Any:
        return await self._expect(201, "POST", path, **options)

    async def _expect(self, status: int, method: str, path: str, **options: Any) -> Any:
        answer = await self.call(method, path, **options)
        assert answer.status == status, f"{method} {path}: {answer.status} {answer.body}"
        return answer.body

    async def events(self, method: str, path: str, **options: Any) -> AsyncGenerator[ServerEvent, None]:
        """The events of a stream as they come. Raises `Refused` where the answer is no stream."""
        async with self._session.request(method, self.base_url + path, **options) as response:
            if response.content_type != "text/event-stream":
                raise Refused(Answer(response.status, json.loads(await response.read()), response.headers))
            async for event in read_events(response.content):
                yield event

    async def collect(self, method: str, path: str, **options: Any) -> list[ServerEvent]:
        """All events of a stream."""
        async with aclosing(self.events(method, path, **options)) as events:
            return [event async for event in events]

    async def tell_builder(self, agent_id: str, text: str, language: str = "en") -> list[ServerEvent]:
        return await self.collect("POST", f"/api/agents/{agent_id}/builder", json={"text": text, "language": language})

    async def conversation(self, agent_id: str) -> str:
        """The path of a new conversation with the agent."""
        created = await self.post(f"/api/agents/{agent_id}/conversations")
        return f"/api/agents/{agent_id}/conversations/{created['id']}"

    async def say(self, conversation: str, text: str) -> list[ServerEvent]:
        return await self.collect("POST", f"{conversation}/messages", json={"text": text})


async def read_events(lines: AsyncIterator[bytes]) -> AsyncGenerator[ServerEvent, None]:
    """Server-sent events out of lines, each checked to have id, event and data."""
    fields: dict[str, str] = {}
    async for raw in lines:
        line = raw.decode().rstrip("\r\n")
        if line.startswith(":"):
            continue
        if line:
            name, _, value = line.partition(": ")
            fields[name] = value
        elif fields:
            yield ServerEvent(int(fields["id"]), fields["event"], json.loads(fields["data"]))
            fields = {}


def kinds(events: list[ServerEvent]) -> list[str]:
    """The types of events in order, runs of the same type written once."""
    return [event.type for number, event in enumerate(events) if not number or events[number - 1].type != event.type]


def text_of(events: list[ServerEvent]) -> str:
    return "".join(event.data["text"] for event in events if event.type == "text_delta")


async def an_agent(client: Client) -> str:
    """The path of a new agent."""
    agent: str = (await client.post("/api/agents"))["id"]
    return f"/api/agents/{agent}"
