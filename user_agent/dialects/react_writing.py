"""A request in words: the tools become a part of the prompt, earlier calls and their results a part of what was said.

The layout is the one that small models were tuned on (the data set `ms_agent_for_agentfabric`): its headings, its marks
and its order are kept to the letter, because such models call tools in it and in no other.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from pydantic import JsonValue

from user_agent.dialects.markers import MARK, RESULT, RESULT_END, STOP
from user_agent.messages import INTERRUPTED, FilePart, Message, TextPart, ToolCallPart, results_after
from user_agent.models.base import ModelRequest, ToolSchema
from user_agent.prompts import phrase, render
from user_agent.words import Language

_CHINESE = re.compile("[\u4e00-\u9fff]")
_MARKED_LINE = re.compile(f"^(?={MARK.pattern})", re.MULTILINE)
_FORGERY = re.compile(rf"</?result|<\||{_MARKED_LINE.pattern}", re.MULTILINE | re.IGNORECASE)


def in_words(request: ModelRequest, language: Language, knowledge: str) -> ModelRequest:
    """The same request for a model that reads and writes text alone."""
    sections = (as_material(knowledge), tools_section(request.tools, language), request.system)
    return replace(
        request,
        system="\n\n".join(section for section in sections if section),
        messages=tuple(_messages(request, _reminder(request.tools, language, knowledge))),
        tools=(),
        stop=(*request.stop, STOP) if request.tools else request.stop,
    )


def tools_section(tools: Sequence[ToolSchema], language: Language) -> str:
    """What the prompt says of the tools; nothing where there are none."""
    if not tools:
        return ""
    names = ",".join(tool.name for tool in tools)
    return render("tools", language, {"tools": [_described(tool) for tool in tools], "names": names})


def written(call: ToolCallPart) -> str:
    """A call as a model writes it."""
    return f"Action: {call.name}\nAction Input: {json.dumps(call.arguments, ensure_ascii=False)}"


def result_text(output: str) -> str:
    """A result as it may stand between its marks.

    One that holds marks itself is told as a JSON string, which loses nothing, and in which no line begins and no tag
    stands: what a web page says cannot pass for another result, for a call, or for the end of this one.
    """
    if _FORGERY.search(output) is None:
        return output
    return json.dumps(output, ensure_ascii=False).replace("<", "\\u003c")


def as_material(text: str) -> str:
    """Words that somebody wrote, with each line that looks like the protocol's made a quotation."""
    return _MARKED_LINE.sub("> ", text)


def _described(tool: ToolSchema) -> str:
    description = " ".join(tool.description.split())
    parameters = json.dumps(_slim(tool.parameters), ensure_ascii=False)
    kind, given = ("API。", "输入参数") if _CHINESE.search(description) else ("API. ", "Parameters")
    return f"{tool.name}: {tool.name} {kind}{description} {given}: {parameters} Format the arguments as a JSON object."


def _slim(schema: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """The schema without what small models have no use for: that an argument may be left out is told by `required`."""
    properties: dict[str, JsonValue] = {name: _plain(item) for name, item in _object(schema.get("properties")).items()}
    rest = {
        key: value
        for key, value in schema.items()
        if key not in ("type", "properties", "required", "additionalProperties")
    }
    required = schema.get("required")
    return {
        "type": schema.get("type", "object"),
        "properties": properties,
        "required": required if required is not None else [],
        **rest,
    }


def _plain(item: JsonValue) -> JsonValue:
    """One argument: `X | None = None` as `X`, its type and what it is in front."""
    fields = _object(item)
    choices = fields.get("anyOf")
    kinds = [choice for choice in choices if choice != {"type": "null"}] if isinstance(choices, list) else []
    if isinstance(choices, list) and len(kinds) == 1 < len(choices):
        kept = {
            key: value for key, value in fields.items() if key != "anyOf" and (key != "default" or value is not None)
        }
        fields = {**_object(kinds[0]), **kept}
    first = {key: fields[key] for key in ("type", "description") if key in fields}
    return {**first, **fields} if isinstance(item, dict) else item


def _object(value: JsonValue) -> dict[str, JsonValue]:
    return value if isinstance(value, dict) else {}


def _reminder(tools: Sequence[ToolSchema], language: Language, knowledge: str) -> str:
    """What stands before the question, as the tuned models know it."""
    if not tools and not knowledge:
        return ""
    return phrase(language, "reminder", names=",".join(tool.name for tool in tools), has_knowledge=bool(knowledge))


def _messages(request: ModelRequest, reminder: str) -> Iterator[Message]:
    asked = max((place for place, message in enumerate(request.messages) if message.role == "user"), default=-1)
    for place, message in enumerate(request.messages):
        match message.role:
            case "user":
                yield _with_quotes(message, before=reminder if place == asked else "")
            case "assistant":
                said = as_material(message.text.strip())
                text = "\n".join((*filter(None, [said]), *map(written, message.calls)))
                yield Message(role="assistant", parts=(TextPart(text=text),))
                if message.calls:
                    yield _observed(message.calls, request.messages[place + 1 :])
            case "tool":
                pass  # Each result went out right after its call.


def _with_quotes(message: Message, *, before: str) -> Message:
    parts: list[TextPart | FilePart] = []
    for part in message.parts:
        if isinstance(part, TextPart):
            parts.append(TextPart(text=before + as_material(part.text)))
            before = ""
        elif isinstance(part, FilePart):
            parts.append(part)
    if before:
        parts.insert(0, TextPart(text=before))
    return Message(role="user", parts=tuple(parts))


def _observed(calls: Sequence[ToolCallPart], following: Sequence[Message]) -> Message:
    """The results of these calls, in their order. They stand in the user's place: no other is left for them."""
    results = results_after(following)
    outputs = (results[call.id].output if call.id in results else INTERRUPTED for call in calls)
    lines = (f"Observation: {RESULT}{result_text(output)}{RESULT_END}" for output in outputs)
    return Message(role="user", parts=(TextPart(text="\n".join(lines)),))


def results_told(messages: Sequence[Message]) -> list[str]:
    """The results that the model has been told since the person spoke, as they were told."""
    told: list[str] = []
    for message in reversed(messages):
        if message.role == "user":
            break
        told += [result_text(result.output) for result in message.results]
    return told
