"""A conversation as the chat completions route of an OpenAI-compatible endpoint wants it."""

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from user_agent.messages import (
    INTERRUPTED,
    AnyPart,
    FilePart,
    Message,
    ReasoningPart,
    TextPart,
    ToolCallPart,
    ToolResultPart,
    results_after,
)
from user_agent.models.base import FileContent, ModelRequest, ToolSchema
from user_agent.models.entry import ModelEntry
from user_agent.storable import cleaned

Body = dict[str, Any]
"""JSON that goes out: its shape is the endpoint's."""


def request_body(entry: ModelEntry, request: ModelRequest) -> Body:
    """The body of the request. What the entry says goes with every request; what the request says goes before it."""
    body: Body = {"model": entry.model, "messages": wire_messages(entry, request), "stream": entry.support_stream}
    if entry.support_stream and entry.stream_usage:
        body["stream_options"] = {"include_usage": True}
    if request.tools:
        body["tools"] = [wire_tool(schema) for schema in request.tools]
    return {**body, **settings(entry, request), **entry.extra_body}


def settings(entry: ModelEntry, request: ModelRequest) -> Body:
    """How the model is to answer: what the entry says, with what the request says before it."""
    usual = entry.generate_cfg
    known: Body = {
        "temperature": usual.temperature if request.temperature is None else request.temperature,
        "top_p": usual.top_p,
        "seed": usual.seed,
        "stop": list(dict.fromkeys((*usual.stop, *request.stop))) or None,
        "max_tokens": usual.max_tokens if request.max_tokens is None else request.max_tokens,
    }
    sent = {name: value for name, value in known.items() if value is not None and name not in entry.omit_parameters}
    if "max_tokens" in sent:
        sent[entry.max_tokens_field] = sent.pop("max_tokens")
    return {**usual.more, **sent}


def wire_tool(schema: ToolSchema) -> Body:
    """A tool as endpoints want it."""
    return {
        "type": "function",
        "function": {"name": schema.name, "description": schema.description, "parameters": schema.parameters},
    }


def wire_messages(entry: ModelEntry, request: ModelRequest) -> list[Body]:
    """The conversation, its system prompt first."""
    wire: list[Body] = []
    if request.system.strip():
        wire.append({"role": "system", "content": _sendable(request.system)})
    for position, message in enumerate(request.messages):
        match message.role:
            case "user":
                _add(wire, "user", _user_content(message, request.files if entry.facts.vision else {}))
            case "assistant" if message.calls:
                wire.extend(_called(entry, message, results_after(request.messages[position + 1 :])))
            case "assistant":
                _add(wire, "assistant", message.text.strip())
            case "tool":
                pass  # Each result went out right after its call.
    return wire


def _add(wire: list[Body], role: str, content: str | list[Body]) -> None:
    """Append what was said. Nothing is left out, and what the same side said twice is joined: templates of many models
    accept strictly alternating turns only."""
    if not content:
        return
    if isinstance(content, str):
        content = _sendable(content)
    last = wire[-1] if wire else {}
    if last.get("role") == role and "tool_calls" not in last:
        last["content"] = _joined(last["content"], content)
    else:
        wire.append({"role": role, "content": content})


def _joined(before: str | list[Body], after: str | list[Body]) -> str | list[Body]:
    if isinstance(before, str) and isinstance(after, str):
        return f"{before}\n\n{after}"
    return [*_as_items(before), *_as_items(after)]


def _as_items(content: str | list[Body]) -> list[Body]:
    return [{"type": "text", "text": content}] if isinstance(content, str) else content


def _user_content(message: Message, visible: Mapping[str, FileContent]) -> str | list[Body]:
    items = list(_items(message.parts, visible))
    if any(item["type"] == "image_url" for item in items):
        return items
    return "\n".join(item["text"] for item in items)


def _items(parts: Sequence[AnyPart], visible: Mapping[str, FileContent]) -> Iterator[Body]:
    for part in parts:
        match part:
            case TextPart() if part.text.strip():
                yield {"type": "text", "text": _sendable(part.text)}
            case FilePart() if part.media_type.startswith("image/") and part.file in visible:
                yield {"type": "image_url", "image_url": {"url": _data_url(visible[part.file])}}
            case FilePart():
                yield {"type": "text", "text": _sendable(_file_note(part))}
            case _:
                pass


def _data_url(file: FileContent) -> str:
    return f"data:{file.media_type};base64,{base64.b64encode(file.data).decode('ascii')}"


def _file_note(file: FilePart) -> str:
    """One line, whatever the name: a line of its own could pass for somebody's words."""
    return f"[Attached file: {' '.join(file.name.split())[:200]} ({file.media_type})]"


def _called(entry: ModelEntry, message: Message, results: Mapping[str, ToolResultPart]) -> Iterator[Body]:
    """An answer that calls tools, and after it one result for every call, as endpoints demand."""
    said: Body = {
        "role": "assistant",
        "content": _sendable(message.text),
        "tool_calls": [
            {
                "id": call.id,
                "type": "function",
                "function": {"name": call.name, "arguments": _sendable(_arguments(call))},
            }
            for call in message.calls
        ],
    }
    if entry.send_reasoning:
        # Even an empty one: DeepSeek refuses calls without the field (api-docs.deepseek.com/guides/thinking_mode).
        thought = "".join(part.text for part in message.parts if isinstance(part, ReasoningPart))
        said["reasoning_content"] = _sendable(thought)
    yield said
    for call in message.calls:
        result = results.get(call.id)
        output = result.output if result else INTERRUPTED
        yield {"role": "tool", "tool_call_id": call.id, "content": _sendable(output)}


def _arguments(call: ToolCallPart) -> str:
    return json.dumps(call.arguments, ensure_ascii=False)


def _sendable(text: str) -> str:
    """Text that can be encoded: models write lone surrogates, and UTF-8 has none."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return cleaned(text)
    return text
