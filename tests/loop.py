"""One run of the loop with a scripted model, and what it left behind."""

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import Field

from user_agent.agent import Agent, Limits
from user_agent.assembly import choose_dialect
from user_agent.events import Event, ToolFinished
from user_agent.messages import Message, ToolResultPart, user_message
from user_agent.models.base import ChatModel, ModelFacts
from user_agent.models.scripted import Reply, ScriptedModel
from user_agent.net import Http
from user_agent.tools.base import Tool, ToolContext, ToolFunction
from user_agent.words import Language, Words

KEY = "sk-secret/key+123"


def tool_of(function: ToolFunction, **options: Any) -> Tool:
    words = Words(zh="测试", en="Test")
    return Tool.from_function(function, label=words, summary=words, **options)


async def add(left: Annotated[int, Field(description="a number")], right: int = 1) -> int:
    """Add two numbers."""
    return left + right


ADD = tool_of(add)


def agent_of(model: ChatModel, *tools: Tool, limits: Limits | None = None, language: Language = "en") -> Agent:
    return Agent(
        model=model,
        dialect=choose_dialect(model, language),
        system="You are a test.",
        context=ToolContext(http=Http(), language=language, secrets={"SOME_KEY": KEY}),
        tools={tool.name: tool for tool in tools},
        limits=limits or Limits(),
    )


async def run(
    replies: Sequence[Reply],
    *tools: Tool,
    messages: Sequence[Message] = (user_message("Hello"),),
    limits: Limits | None = None,
    language: Language = "en",
    facts: ModelFacts | None = None,
) -> tuple[list[Event], ScriptedModel]:
    """The events of one run to its end, and the model with what it was asked."""
    model = ScriptedModel(replies, facts=facts)
    events = [event async for event in agent_of(model, *tools, limits=limits, language=language).run(messages)]
    model.assert_complete()
    return events, model


def finished_tools(events: Sequence[Event]) -> list[ToolFinished]:
    return [event for event in events if isinstance(event, ToolFinished)]


def told(model: ScriptedModel) -> list[ToolResultPart]:
    """The tool results that the model's last request carried."""
    return [result for message in model.requests[-1].messages for result in message.results]
