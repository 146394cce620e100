"""Which of an agent's tools a model is offered, where they are more than it should read at a time."""

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Annotated, cast

from pydantic import Field as Described
from pydantic import JsonValue

from user_agent.errors import ToolError
from user_agent.lexical.index import Document, Field, Index
from user_agent.memory.window import tools_chars
from user_agent.messages import Message, TextPart
from user_agent.tools.base import Tool
from user_agent.words import Language, Words

FIND_TOOLS = "find_tools"
FOUND_AT_ONCE = 5
"""How many tools a search of the model's brings."""
MAX_QUERY_CHARS = 2_000
"""How much of a message is searched for: what is asked stands at its beginning or at its end."""

FIELDS: Mapping[str, Field] = {
    "name": Field(2.0, length_matters=0.5),
    "description": Field(1.0),
    "label": Field(1.0),
    "parameters": Field(1.0),
    "meanings": Field(0.7),
    "choices": Field(0.5),
}
"""What of a tool is searched. The weights were found on one half of the measured questions (`bench/tools.py`)."""

_LABEL = Words("查找工具", "Find tools")
_SUMMARY = Words("在没有随消息提供的工具里查找", "Looks among the tools that were not offered with the message")


def index_of_tools(documents: Sequence[Document]) -> Index:
    return Index(documents, FIELDS, title="name")


def document(name: str, description: str, parameters: Mapping[str, JsonValue], label: str = "") -> Document:
    """What of a tool is searched, by field."""
    names, meanings, choices = list[str](), list[str](), list[str]()
    for key, schema in _properties(parameters):
        names.append(key)
        meanings.append(str(schema.get("description", "")))
        options = schema.get("enum")
        choices += [str(option) for option in options] if isinstance(options, list) else []
    return {
        "name": name,
        "description": description,
        "label": label,
        "parameters": " ".join(names),
        "meanings": " ".join(meanings),
        "choices": " ".join(choices),
    }


class ToolIndexes:
    """The indexes of the agents that were at work last, made once for the same tools, and lent to each turn."""

    def __init__(self, keep: int = 32) -> None:
        self._keep = keep
        self._made: dict[tuple[str, ...], tuple[list[Document], Index]] = {}
        self._making = asyncio.Lock()

    async def of(self, tools: Sequence[Tool]) -> Index:
        """The index of these tools, in their order."""
        async with self._making:
            return await asyncio.to_thread(self._of, tools)

    def _of(self, tools: Sequence[Tool]) -> Index:
        names = tuple(tool.name for tool in tools)
        documents = [_document_of(tool) for tool in tools]
        known, index = self._made.pop(names, (None, None))
        if index is None or known != documents:
            index = index_of_tools(documents)
        self._made[names] = (documents, index)
        for oldest in [*self._made][: -self._keep]:
            del self._made[oldest]
        return index


@dataclass(frozen=True, slots=True)
class Selection:
    """The tools of an agent that has more than `count`, or more than fit into `chars` as a model reads them."""

    tools: Mapping[str, Tool]
    count: int
    chars: int | None = None
    language: Language = "en"
    """The one in which the model reads of them."""
    indexes: ToolIndexes = field(default_factory=ToolIndexes)

    async def offered(self, messages: Sequence[Message]) -> dict[str, Tool]:
        """The tools for the next reply, in the agent's own order, and the tool that finds others.

        Those that the conversation has called come first, up to half of all, since what is asked next often says no
        more than "and tomorrow?"; then those nearest to the last message. What the model has found or called since then
        comes on top. Nothing but the messages decides, so that a turn that is taken up again goes on as it was.
        """
        asked = max((place for place, message in enumerate(messages) if message.role == "user"), default=0)
        used = islice((name for name in _called(messages[:asked]) if name in self.tools), (self.count + 1) // 2)
        near = await self._nearest(_said(messages), 2 * self.count)
        chosen = {*self._fitting((*used, *near, *self.tools)), *_called(messages[asked:])}
        for query in _searches(messages[asked:]):
            chosen.update(await self._nearest(query, FOUND_AT_ONCE))
        return {**{name: tool for name, tool in self.tools.items() if name in chosen}, FIND_TOOLS: self.finder}

    @property
    def finder(self) -> Tool:
        return Tool.from_function(self.find_tools, label=_LABEL, summary=_SUMMARY)

    async def find_tools(
        self,
        query: Annotated[
            str,
            Words(
                zh="工具应该做什么，用几个词说，最好用工具描述的语言",
                en="What the tool should do, in a few words, best in the language of the tools' descriptions",
            ),
            Described(min_length=1, max_length=300),
        ],
    ) -> dict[str, JsonValue]:
        """Find more of your tools. You see only those that seem to fit the last message; there are others. Search when
        none that you see does what is needed. What is found can be called from your next reply on.

        查找你的其他工具。你看到的只是看起来适合最后一条消息的那些，还有别的。看到的都做不了需要的事时，就用它查找；
        找到的工具从你的下一次回复起就能调用。
        """
        names = await self._nearest(query, FOUND_AT_ONCE)
        if not names:
            count = len(self.tools)
            raise ToolError(f"None of your {count} tools fits {query!r}. Say it in other words, or do without.")
        return {"callable_now": {name: _first_line(self.tools[name].description[self.language]) for name in names}}

    async def _nearest(self, text: str, limit: int) -> list[str]:
        names = [*self.tools]
        index = await self.indexes.of([*self.tools.values()])
        return [names[hit.place] for hit in await asyncio.to_thread(index.search, text, limit)]

    def _fitting(self, names: Iterable[str]) -> Iterator[str]:
        """The first `count` of them, without those for which there is no room; always one."""
        room = self.chars
        some = list(islice(dict.fromkeys(names), self.count if room is None else 2 * self.count))
        taken = 0
        for name in some:
            size = tools_chars([self.tools[name].schema_in(self.language)]) if room is not None else 0
            if taken < self.count and (room is None or size <= room or not taken):
                yield name
                taken += 1
                room = None if room is None else room - size


def _called(messages: Sequence[Message]) -> Iterator[str]:
    """The tools that were called, the last one first."""
    calls = (call.name for message in reversed(messages) for call in reversed(message.calls))
    return iter(dict.fromkeys(calls))


def _said(messages: Sequence[Message]) -> str:
    """What the person said last, without the files that are written into it."""
    for message in reversed(messages):
        if message.role == "user":
            said = next((part.text for part in message.parts if isinstance(part, TextPart)), "")
            half = MAX_QUERY_CHARS // 2
            return said if len(said) <= MAX_QUERY_CHARS else f"{said[:half]}\n{said[-half:]}"
    return ""


def _searches(messages: Sequence[Message]) -> Iterator[str]:
    """What the model has looked for."""
    calls = [call for message in messages for call in message.calls]
    return (str(call.arguments.get("query", ""))[:300] for call in calls if call.name == FIND_TOOLS)


def _properties(schema: Mapping[str, JsonValue], depth: int = 3) -> Iterator[tuple[str, dict[str, JsonValue]]]:
    """The parameters of a schema, and those inside them."""
    properties = schema.get("properties")
    for key, value in properties.items() if isinstance(properties, dict) else ():
        if isinstance(value, dict):
            yield key, value
            items = value.get("items")
            for inner in (value, items):
                if depth and isinstance(inner, dict):
                    yield from _properties(inner, depth - 1)
            if isinstance(items, dict) and "enum" in items:
                yield "", cast(dict[str, JsonValue], {"enum": items["enum"]})


def _document_of(tool: Tool) -> Document:
    """What it says to models and to people, in both languages, each thing once."""
    said = dict.fromkeys((tool.description.en, tool.description.zh))
    labels = [text for text in dict.fromkeys((tool.label.zh, tool.label.en)) if text not in (tool.name, *said)]
    summaries = dict.fromkeys((tool.summary.zh, tool.summary.en))
    told = [*said, *(text for text in summaries if not any(text in each for each in said))]
    found = document(tool.name, " ".join(told), tool.schema.parameters, " ".join(labels))
    meanings = " ".join((found["meanings"], *(words.zh for words in tool.meanings.values())))
    return {**found, "meanings": meanings}


def _first_line(text: str) -> str:
    return " ".join(text.split())[:200]
