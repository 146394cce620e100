"""Talks with the guide as an agent: what is said, the events of its answer, and the calls that each must lead to."""

from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime

from tests.fakes.weather_server import WeatherServer
from user_agent.agent import Agent
from user_agent.dialects.function_calling import FunctionCalling
from user_agent.events import Event, RunFinished, TextDelta, ToolStarted
from user_agent.messages import Message, TextPart, user_message
from user_agent.models.guide import Guide
from user_agent.net import Http
from user_agent.tools.base import Tool, ToolContext
from user_agent.tools.registry import TOOLS, find_tool
from user_agent.words import Language

ALL = tuple(TOOLS)
KEY = "amap-key-1234567890"
Call = tuple[str, dict[str, object]]
Calls = list[Call]


@dataclass(frozen=True)
class Case:
    """What is said, after `before`; the calls that it must lead to, and words that the answer must hold."""

    said: str
    calls: Calls
    says: str = ""
    tools: tuple[str, ...] = ALL
    before: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{' / '.join((*self.before, self.said))} {len(self.tools)}"


def weather(city: str, days: int | None = None) -> Call:
    return "weather", {"city": city} if days is None else {"city": city, "days": days}


def amap(location: str) -> Call:
    return "amap_weather", {"location": location}


def time(place: str = "") -> Call:
    return "current_time", {"place": place} if place else {}


def sum_of(expression: str) -> Call:
    return "calculator", {"expression": expression}


def renew(instance_id: str, period: int) -> Call:
    return "RenewInstance", {"instance_id": instance_id, "period": period}


async def talk(
    *said: str,
    vendors: WeatherServer | None = None,
    tools: Sequence[str | Tool] = ALL,
    language: Language = "zh",
    name: str = "",
    description: str = "",
) -> list[Event]:
    """The events of the answer to the last of the messages; the earlier ones were answered with something."""
    base_url = vendors.base_url if vendors else "http://127.0.0.1:9"
    offered = [found for tool in tools if (found := tool if isinstance(tool, Tool) else find_tool(tool))]
    history: list[Message] = []
    for text in said[:-1]:
        history += [user_message(text), Message(role="assistant", parts=(TextPart(text="…"),))]
    async with Http(trusted_origins=[base_url]) as http:
        context = ToolContext(
            http=http,
            language=language,
            secrets={"AMAP_TOKEN": KEY},
            base_urls={"OPEN_METEO_BASE_URL": base_url, "AMAP_BASE_URL": base_url},
            now=lambda: datetime(2026, 11, 20, 6, 5, tzinfo=UTC),
        )
        agent = Agent(
            model=Guide(language, name=name, description=description),
            dialect=FunctionCalling(),
            system="You are a friendly assistant.",
            context=context,
            tools={tool.name: tool for tool in offered},
            policies={tool.name: "allow" for tool in offered},
        )
        async with aclosing(agent.run([*history, user_message(said[-1])])) as events:
            return [event async for event in events]


def calls_of(events: Sequence[Event]) -> Calls:
    return [(event.name, dict(event.arguments)) for event in events if isinstance(event, ToolStarted)]


def text_of(events: Sequence[Event]) -> str:
    """The whole answer; the run must have ended in exactly one `RunFinished` that says the same."""
    text = "".join(event.text for event in events if isinstance(event, TextDelta))
    assert [event for event in events if isinstance(event, RunFinished)] == [events[-1]]
    assert isinstance(events[-1], RunFinished)
    assert (events[-1].text, events[-1].stop) == (text, "answered")
    return text
