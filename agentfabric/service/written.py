"""A conversation as a text to keep: as Markdown for people, as JSON for programs."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, assert_never

from agentfabric.store.conversations import Shown
from user_agent.events import KnowledgeUsed
from user_agent.knowledge.citing import cited
from user_agent.knowledge.hits import KnowledgeHit
from user_agent.messages import DataPart, FilePart, ReasoningPart, TextPart, ToolCallPart, ToolResultPart
from user_agent.serve.conversations import StoredMessage
from user_agent.words import Language, Words

Form = Literal["markdown", "json"]

SHORT_CHARS = 160
"""How much of what a tool was given, and of what it said, stands in its line."""

_PERSON, _AGENT = Words("用户", "User"), Words("智能体", "Assistant")
_CALLED = Words("调用 {name}", "Called {name}")
_CALLED_WITH = Words("调用 {name}，参数 {given}", "Called {name} with {given}")
_SAID, _SAID_NOTHING = Words("{call}：{output}", "{call}: {output}"), Words("{call}", "{call}")
_FAILED_CALL = Words("{call}，失败：{output}", "{call}, which failed: {output}")
_REFUSED = Words("{call}，未获允许", "{call}, which was not allowed")
_OPEN = Words("{call}，没有结果", "{call}, without a result")
_FILE = Words("文件：{name}（{size}）", "File: {name} ({size})")
_FAILED = Words("回答失败：{reason}", "The answer failed: {reason}")
_STOPPED, _ENDED = Words("回答被停止。", "The answer was stopped."), Words("回答提前结束。", "The answer ended early.")

_FENCE = re.compile(r"( {0,3})(`{3,}(?!.*`)|~{3,})(.*)")
_MARKS = re.compile(r"([\\`*_\[\]<>])")


@dataclass(frozen=True, slots=True)
class Written:
    """What is shown of a conversation with the agent of that name. Files are named, not embedded."""

    agent: str
    shown: Shown

    def as_text(self, form: Form, language: Language) -> str:
        return self._as_json() if form == "json" else self._as_markdown(language)

    def _as_json(self) -> str:
        """All that is shown of it, as the API tells it, each message with the time at which its turn began."""
        head, started = self.shown.conversation, self.shown.started
        document: dict[str, Any] = {  # Any: JSON
            "id": head.id,
            "agent": self.agent,
            "title": head.title,
            "created": head.created.isoformat(),
            "updated": head.updated.isoformat(),
            "messages": [
                {
                    "id": item.id,
                    "turn": item.turn,
                    "time": started[item.turn].isoformat(),
                    **item.message.model_dump(mode="json"),
                }
                for item in self.shown.messages
            ],
        }
        return f"{json.dumps(document, ensure_ascii=False, indent=2)}\n"

    def _as_markdown(self, language: Language) -> str:
        """Who said what, and when; of calls and files a line each."""
        head = self.shown.conversation
        agent = _MARKS.sub(r"\\\1", " ".join(self.agent.split())) or _AGENT[language]
        title = _MARKS.sub(r"\\\1", head.title) or agent
        page = _Page(agent, language, [f"# {title}", f"{agent} · {_moment(head.created)} – {_moment(head.updated)}"])
        for item in self.shown.messages:
            page.add(item, self.shown.started[item.turn])
        page.end_answer()
        return "\n\n".join(page.blocks) + "\n"


class _Page:
    """The Markdown of a conversation, which grows by its messages."""

    def __init__(self, agent: str, language: Language, blocks: list[str]) -> None:
        self.blocks = blocks
        self._agent = agent
        self._language: Language = language
        self._answering = False
        self._calls: dict[str, ToolCallPart] = {}
        """Those whose result has not come yet: it may come in a later turn, when somebody allowed the call."""
        self._answer = ""
        self._sources: dict[int, KnowledgeHit] = {}

    def add(self, item: StoredMessage, began: datetime) -> None:
        if item.message.role == "user":
            self._ask(item, began)
        else:
            self._go_on(item)

    def end_answer(self) -> None:
        """What is left to say of the answer: its calls that came to nothing, and what it cites."""
        for call in self._calls.values():
            self._tell(_OPEN[self._language].format(call=self._call(call)))
        for number in sorted(cited(self._answer) & self._sources.keys()):
            self._tell(f"\\[{number}\\] {_code(self._sources[number].name)}")
        self._calls, self._answer, self._sources = {}, "", {}
        self._answering = False

    def _ask(self, item: StoredMessage, began: datetime) -> None:
        said = [part.text for part in item.message.parts if isinstance(part, TextPart) and part.text.strip()]
        files = [part for part in item.message.parts if isinstance(part, FilePart)]
        if not said and not files:
            return  # a decision on calls: the answer goes on with what became of them
        self.end_answer()
        self.blocks.append(f"## {_PERSON[self._language]} · {_moment(began)}")
        # As a quote: what a person wrote is no Markdown, and ends nowhere but where it does.
        self.blocks += ["\n".join(f"> {line}".rstrip() for line in text.strip().splitlines()) for text in said]
        self.blocks += [f"- {line}" for line in self._named(files)]

    def _go_on(self, item: StoredMessage) -> None:
        for part in item.message.parts:
            match part:
                case TextPart():
                    if part.text.strip():
                        self._begin_answer()
                        self.blocks.append(_closed(part.text.strip()))
                        self._answer += part.text
                case FilePart():
                    self._tell(*self._named([part]))
                case ToolCallPart():
                    self._calls[part.id] = part
                case ToolResultPart():
                    self._tell_result(part)
                case DataPart():
                    self._note(part)
                case ReasoningPart():
                    pass
                case _:
                    assert_never(part)

    def _tell_result(self, result: ToolResultPart) -> None:
        call = self._calls.pop(result.id, ToolCallPart(id=result.id, name=result.name, arguments={}))
        words = _outcome(result)[self._language]
        self._tell(words.format(call=self._call(call), output=_code(result.output)))
        self._tell(*self._named([*result.files, *(table.file for table in result.tables if table.file)]))
        self._cite(result.sources)

    def _note(self, part: DataPart) -> None:
        match part.kind, part.data:
            case "failed", {"message": str(reason)}:
                self._tell(_FAILED[self._language].format(reason=_MARKS.sub(r"\\\1", reason)))
            case "ended", {"stop": stop}:
                self._tell((_STOPPED if stop == "stopped" else _ENDED)[self._language])
            case "knowledge", data:
                self._cite(KnowledgeUsed.model_validate(data).hits)
            case _:
                pass

    def _cite(self, hits: Sequence[KnowledgeHit]) -> None:
        self._sources |= {hit.number: hit for hit in hits if hit.number is not None}

    def _call(self, call: ToolCallPart) -> str:
        name = _code(call.name)
        if not call.arguments:
            return _CALLED[self._language].format(name=name)
        given = _code(json.dumps(call.arguments, ensure_ascii=False))
        return _CALLED_WITH[self._language].format(name=name, given=given)

    def _named(self, files: Sequence[FilePart]) -> list[str]:
        words = _FILE[self._language]
        return [words.format(name=_code(file.name), size=_size(file.size_bytes)) for file in files]

    def _tell(self, *lines: str) -> None:
        if lines:
            self._begin_answer()
            self.blocks.extend(f"- {line}" for line in lines)

    def _begin_answer(self) -> None:
        if not self._answering:
            self.blocks.append(f"## {self._agent}")
            self._answering = True


def _outcome(result: ToolResultPart) -> Words:
    if result.refused:
        return _REFUSED
    if result.failed:
        return _FAILED_CALL
    return _SAID if result.output.strip() else _SAID_NOTHING


def _closed(text: str) -> str:
    """The Markdown with the block of code ended that it may have been cut off in: what follows is no part of it."""
    indent = fence = ""
    for line in text.splitlines():
        if (match := _FENCE.match(line)) is None:
            continue
        if not fence:
            indent, fence = match[1], match[2]
        elif match[2].startswith(fence) and not match[3].strip():
            fence = ""
    return f"{text}\n{indent}{fence}" if fence else text


def _code(text: str) -> str:
    """The text in one line, cut to a length, that no reader of Markdown takes for more than a text."""
    line = " ".join(text.replace("`", "'").split()) or "…"
    return f"`{line[:SHORT_CHARS]}…`" if len(line) > SHORT_CHARS else f"`{line}`"


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def _size(size_bytes: int) -> str:
    return f"{size_bytes} B" if size_bytes < 1_000 else f"{size_bytes / 1_000:,.1f} KB"
