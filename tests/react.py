"""A reply in the text protocol, read through the dialect's own door."""

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from tests.loop import ADD
from user_agent.dialects.base import Call, ReplyEnd
from user_agent.dialects.react import ReAct
from user_agent.events import ReasoningDelta, TextDelta, ToolDrafting
from user_agent.messages import Message, TextPart, ToolCallPart, ToolResultPart, user_message
from user_agent.models.base import Chunk, ModelFacts, ModelRequest, ToolSchema
from user_agent.models.scripted import ScriptedModel
from user_agent.words import Language

TEXT_ONLY = ModelFacts(function_calling=False)
CITY: dict[str, JsonValue] = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
WEATHER = ToolSchema(name="weather", description="Weather of a city.", parameters=CITY)
TOOLS = (WEATHER, ADD.schema)
OVER = "[nothing more comes]"
"""What the model is made to think after its last word, to see what was there by then."""
ASKED = (user_message("Weather in Paris?"),)


def answered(*results: str) -> tuple[Message, ...]:
    """A question whose calls have these results."""
    ids = [f"call_{number}" for number in range(1, len(results) + 1)]
    calls = tuple(ToolCallPart(id=call, name="weather", arguments={"city": "Paris"}) for call in ids)
    parts = (ToolResultPart(id=call, name="weather", output=output) for call, output in zip(ids, results, strict=True))
    return (
        *ASKED,
        Message(role="assistant", parts=calls),
        *(Message(role="tool", parts=(part,)) for part in parts),
    )


def said(text: str) -> Message:
    return Message(role="assistant", parts=(TextPart(text=text),))


@dataclass(frozen=True)
class Heard:
    """What came of a reply. `drafts` are the arguments that streamed, by call; `asked` is what the model was asked.

    `early` is what of `shown` was there before the reply was known to be over.
    """

    shown: str
    early: str
    thought: str
    drafts: dict[str, str]
    end: ReplyEnd
    asked: ModelRequest

    @property
    def calls(self) -> list[tuple[str, dict[str, object], str]]:
        return [(call.name, dict(call.arguments), call.problem) for call in self.end.calls]

    @property
    def told(self) -> tuple[str, str, dict[str, str], tuple[Call, ...]]:
        """All that does not depend on how the reply was cut."""
        return self.shown, self.thought, self.drafts, self.end.calls


async def hear(
    reply: str | Sequence[str],
    *,
    messages: Sequence[Message] = ASKED,
    tools: Sequence[ToolSchema] = TOOLS,
    finish: str = "stop",
    language: Language = "en",
    knowledge: str = "",
    system: str = "Be brief.",
) -> Heard:
    """Have a model reply with this text, or with these pieces of it."""
    pieces = [reply] if isinstance(reply, str) else reply
    script = [*(Chunk(text=piece) for piece in pieces), Chunk(reasoning=OVER), Chunk(finish=finish)]
    model = ScriptedModel([script], facts=TEXT_ONLY)
    shown, thought, drafts = list[str](), list[str](), dict[str, str]()
    early, end = None, None
    async for item in ReAct(language, knowledge).reply(model, ModelRequest(system, messages, tools)):
        assert end is None, "something came after the end"
        match item:
            case TextDelta():
                shown.append(item.text)
            case ReasoningDelta() if item.text == OVER:
                early = "".join(shown)
            case ReasoningDelta():
                thought.append(item.text)
            case ToolDrafting():
                drafts[item.id] = drafts.get(item.id, "") + item.arguments_text
            case ReplyEnd():
                end = item
    assert end is not None
    whole = "".join(shown)
    return Heard(whole, whole if early is None else early, "".join(thought), drafts, end, model.requests[0])
