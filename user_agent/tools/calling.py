"""A call that a model asked for becomes a result that it can act on, whatever happens."""

import asyncio
import json
import re
import time
import traceback
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote, quote_plus

import structlog
from pydantic import BaseModel

from user_agent.deadline import Deadline
from user_agent.errors import FabricError, ToolError
from user_agent.events import ToolFinished
from user_agent.knowledge.hits import KnowledgeHit
from user_agent.messages import FilePart, TablePart, ToolCallPart
from user_agent.questions import Question, Reply
from user_agent.storable import cleaned
from user_agent.tools.base import Tool, ToolContext, ToolOutput
from user_agent.tools.context import Ask
from user_agent.tools.made import told_of
from user_agent.tools.table import Table, csv_name, csv_of, shown_table, table_text

MAX_OUTPUT_CHARS = 20_000
MAX_REASON_CHARS = 300
MAX_FAILURE_CHARS = 2_000
# A quoted path may hold spaces; a bare one ends at the first. Neither is the path of a web address.
_PATHS = (
    re.compile(r"""(?P<quote>['"])(?:[A-Za-z]:)?[\\/].*?(?P=quote)"""),
    re.compile(r"""\bfile:/+[^\s'"<>]+"""),
    re.compile(r"""(?<![\w./\\])(?:[A-Za-z]:)?(?:\\\\|[\\/])(?=[\w.~$-])[^\s'"<>]+"""),
)

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


REFUSED = (
    "The person did not allow this call, so it was not made. Do not make it again unless they ask for it: "
    "say what is left undone, or ask what they want instead."
)
"""What a model is told of a call that a person refused."""


async def call_tool(
    call: ToolCallPart,
    tools: Mapping[str, Tool],
    context: ToolContext,
    *,
    offered: Collection[str] | None = None,
    problem: str = "",
    refused: bool = False,
    timeout_s: float,
) -> ToolFinished:
    """The result of one call. A call that fails ends in a sentence for the model: no traceback, path or key.

    `offered` are the tools that the model was told of, where those are not all. `problem` is what is wrong with the
    call as it was written, empty where nothing is. One that is `refused` is not made.
    """
    started = time.monotonic()
    tool = tools.get(call.name)
    if refused:
        outcome = _Outcome(REFUSED, failed=True)
    elif tool is None:
        known = ", ".join(sorted(tools if offered is None else offered)) or "none"
        why = f" ({problem})" if problem else ""
        outcome = _Outcome(f"There is no tool named {call.name[:100]!r}{why}. The tools are: {known}.", failed=True)
    elif problem:
        reason = f"{call.name} was not called: {problem}. Write the arguments again as one JSON object."
        outcome = _Outcome(reason, failed=True)
    else:
        outcome = await _outcome(tool, call, context, min(timeout_s, tool.timeout_s))
    return ToolFinished(
        id=call.id,
        name=call.name,
        output=cleaned(outcome.text),
        failed=outcome.failed,
        seconds=round(time.monotonic() - started, 3),
        files=outcome.files,
        tables=outcome.tables,
        sources=outcome.sources,
        refused=refused,
    )


async def is_sound(call: ToolCallPart, tools: Mapping[str, Tool]) -> bool:
    """Whether there is such a tool and it takes these arguments. Nobody is asked about a call that cannot be made."""
    tool = tools.get(call.name)
    if tool is None:
        return False
    try:
        tool.checked(call.arguments)
        if tool.check is not None:
            await tool.check(call.arguments)
    except ToolError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class _Outcome:
    text: str
    failed: bool = False
    files: tuple[FilePart, ...] = ()
    tables: tuple[TablePart, ...] = ()
    sources: tuple[KnowledgeHit, ...] = ()


async def _outcome(tool: Tool, call: ToolCallPart, context: ToolContext, timeout_s: float) -> _Outcome:
    try:
        async with Deadline(timeout_s) as deadline:
            within = replace(context, ask=_off_the_clock(context.ask, deadline))
            return await _told(await tool.call(call.arguments, within), within)
    except FabricError as error:
        return _Outcome(error.message[:MAX_FAILURE_CHARS], failed=True)
    except TimeoutError:
        late = f"{tool.name} did not finish within {timeout_s:g} seconds. Ask for less, or do without it."
        return _Outcome(late, failed=True)
    except Exception as error:
        # One of the two places that catch everything: a tool may be anybody's, and the answer has to go on.
        reason = f"{type(error).__name__}: {_one_line(error, context)}"
        log.error("tool_crashed", tool=tool.name, reason=reason, where=_where(error))
        return _Outcome(f"{tool.name} failed: {reason}", failed=True)


def _off_the_clock(ask: Ask, deadline: Deadline) -> Ask:
    """Asks so that the time which the person takes is not the tool's."""

    async def asked(question: Question) -> Reply:
        with deadline.stopped():
            return await ask(question)

    return asked


async def _told(value: object, context: ToolContext) -> _Outcome:
    """What a tool's value is for the model, and what of it the person sees."""
    match value:
        case Table():
            return await _told(ToolOutput(tables=(value,)), context)
        case FilePart():
            return await _told(ToolOutput(files=(value,)), context)
        case ToolOutput():
            tables = tuple([await _kept(table, context) for table in value.tables])
            texts = [value.text or told_of(value.files, context.language)]
            texts += [table_text(table, context.language) for table in tables]
            text = cut("\n\n".join(filter(None, texts)))
            return _Outcome(text, files=value.files, tables=tables, sources=value.sources)
        case str():
            return _Outcome(cut(value))
        case BaseModel():
            return _Outcome(cut(value.model_dump_json(exclude_none=True)))
        case _:
            return _Outcome(cut(json.dumps(value, ensure_ascii=False, default=str)))


async def _kept(table: Table, context: ToolContext) -> TablePart:
    """The table as a page shows it, and all of it in a file where there is a place for one."""
    data = await asyncio.to_thread(csv_of, table)
    try:
        file = await context.keep(data, name=csv_name(table), media_type="text/csv")
    except ToolError:
        file = None
    return shown_table(table, file)


def cut(text: str) -> str:
    """The text cut to what a prompt can bear."""
    if len(text) <= MAX_OUTPUT_CHARS:
        return text
    return f"{text[:MAX_OUTPUT_CHARS]}\n[cut: {len(text):,} characters in all]"


def without_keys(text: str, keys: Iterable[str]) -> str:
    """The text with `[key]` in the place of each key, as it is, in an address or in JSON."""
    for key in filter(None, keys):
        for spelling in (key, quote(key, safe=""), quote_plus(key), json.dumps(key)[1:-1]):
            text = text.replace(spelling, "[key]")
    return text


def _where(error: Exception) -> str:
    """Where it was raised, for the log: places only, since a traceback's values and source lines may hold a key."""
    frames = [(frame.f_code, line) for frame, line in traceback.walk_tb(error.__traceback__)]
    return " > ".join(f"{Path(code.co_filename).name}:{line} {code.co_name}" for code, line in frames[-5:])


def _one_line(error: Exception, context: ToolContext) -> str:
    """The message of an error on one line, without keys and paths. Keys go first: a cut could leave half of one."""
    text = without_keys(" ".join(str(error).split()), context.secrets.values())
    for pattern in _PATHS:
        text = pattern.sub("[path]", text)
    return text[:MAX_REASON_CHARS] or "no message"
